"""What every plugin owes, and what of ours is of its kind owes alike: a suite a kind, to be run by whoever writes one.

Derive a class, give its fixtures, and run pytest: docs/plugins.md shows one. Where ours cannot keep a case it says so and why.
"""
# ruff: noqa: D102 - a test's name is its sentence

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pytest

from crosslift.collect.checking import Problems, read_cells
from crosslift.collect.recognition import Options, Recognized, look
from crosslift.collect.sources import known
from crosslift.collect.sources.source import Source
from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.domain.plugin import Notice, Proposal, Question
from crosslift.measure.metrics import Measurer
from crosslift.settings import Settings
from crosslift.wording import ethics
from crosslift.wording.messages import LANGUAGES

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOTICE = Notice(
    "job.failed-7", "job.failed", NOW,
    {"shop": "tea", "job": "learn", "run_id": 7, "state": "failed", "why": "no orders", "problems": ()},
)  # fmt: skip


class SourceContract:
    """Cases for a source of files; `source` is it, `sample` a file of the system it reads."""

    def test_its_sample_is_recognized_as_its_own(self, source: Source, sample: Path) -> None:
        assert opened(source, sample).format == source.format

    def test_a_file_with_canonical_columns_is_none_of_its_own(self, source: Source) -> None:
        assert source.find_mapping(["order_id", "product_id", "title", "customer_id", "email"]) is None

    def test_its_rows_have_the_columns_of_their_dataset_and_every_cell_can_be_read(
        self, source: Source, sample: Path
    ) -> None:
        known_as, problems = opened(source, sample), Problems(sample)
        for batch in known_as.table.batches():
            columns = known_as.renamer.rename(batch.select(known_as.table.columns)).columns
            assert set(source.schema.required) <= set(columns)
            assert len({len(column) for column in columns.values()}) == 1
            read_cells(source.schema, columns, settings(), problems, 1)
        assert problems.samples == [], problems.samples

    def test_the_same_file_is_read_the_same_again(self, source: Source, sample: Path) -> None:
        assert renamed(source, sample) == renamed(source, sample)


def settings() -> Settings:
    """Give the defaults, whatever the environment says."""
    return Settings.load({"shop.currency": "KRW"}, environment={})


def opened(source: Source, sample: Path) -> Recognized:
    """Open a file as a shop with this source does."""
    more = () if source in known.SOURCES else (source,)
    return look(sample, settings(), Options(accept=True, sources=more))


def renamed(source: Source, sample: Path) -> list[dict[str, list[str | None]]]:
    """Give the rows of a file."""
    one = opened(source, sample)
    batches = (one.renamer.rename(batch.select(one.table.columns)) for batch in one.table.batches())
    return [{name: column.to_pylist() for name, column in batch.columns.items()} for batch in batches]


class Proposing(Protocol):
    """Whatever names products."""

    def propose(self, question: Question) -> Sequence[Proposal]:
        """Name them."""


class CandidatesContract:
    """Cases for a candidate source; `source` is it, `question` one it has an answer to."""

    highest = 1.0
    """Of a score."""

    def test_it_names_products_each_once_with_scores_and_plain_facts(
        self, source: Proposing, question: Question
    ) -> None:
        found = source.propose(question)
        assert len(found) > 0
        names = [one.product_id for one in found]
        assert len(set(names)) == len(names)
        assert all(isinstance(name, str) and name for name in names)
        assert all(math.isfinite(one.score) and 0 < one.score <= self.highest for one in found)
        assert all(isinstance(value, str | int | float | bool) for one in found for value in one.facts.values())

    def test_the_same_question_has_the_same_answer(self, source: Proposing, question: Question) -> None:
        assert list(source.propose(question)) == list(source.propose(question))

    def test_a_question_about_nothing_is_answered_too(self, source: Proposing) -> None:
        assert isinstance(source.propose(Question("home", "web", NOW, "en")), Sequence)


class Judging(Protocol):
    """Whatever stops products."""

    def judge(self, question: Question, product_ids: Sequence[str]) -> object:
        """Name those it stops."""


class GateContract:
    """Cases for a gate; `gate` is it, `question` and `product_ids` are such that it stops some and not all."""

    def test_it_stops_some_of_what_it_is_asked_about_and_nothing_else(
        self, gate: Judging, question: Question, product_ids: Sequence[str]
    ) -> None:
        assert set() < stopped(gate, question, product_ids) < set(product_ids)

    def test_the_same_question_has_the_same_answer_in_any_order(
        self, gate: Judging, question: Question, product_ids: Sequence[str]
    ) -> None:
        first = stopped(gate, question, product_ids)
        assert stopped(gate, question, product_ids) == first
        assert stopped(gate, question, tuple(reversed(product_ids))) == first

    def test_each_product_is_judged_by_itself(
        self, gate: Judging, question: Question, product_ids: Sequence[str]
    ) -> None:
        alone = set[str]().union(*(stopped(gate, question, (name,)) for name in product_ids))
        assert alone == stopped(gate, question, product_ids)

    def test_nothing_is_stopped_where_nothing_is_asked(self, gate: Judging, question: Question) -> None:
        assert stopped(gate, question, ()) == set()


def stopped(gate: Judging, question: Question, product_ids: Sequence[str]) -> set[str]:
    """Ask a gate."""
    found = gate.judge(question, product_ids)
    assert isinstance(found, set | frozenset | list | tuple)
    return set(found)


class Sending(Protocol):
    """Whatever carries notices."""

    def send(self, notice: Notice) -> None:
        """Hand one on."""


class ChannelContract:
    """Cases for a channel; `channel` is it, `arrived` gives what came out of it as text, `broken` is one whose end is gone."""

    def test_a_notice_arrives_with_what_it_says(self, channel: Sending, arrived: Callable[[], list[str]]) -> None:
        channel.send(NOTICE)
        (text,) = arrived()
        assert "learn" in text
        assert "no orders" in text

    def test_sent_once_more_it_can_be_told_to_be_the_same(
        self, channel: Sending, arrived: Callable[[], list[str]]
    ) -> None:
        channel.send(NOTICE)
        channel.send(NOTICE)
        assert len(set(arrived())) == 1

    def test_what_does_not_arrive_is_said(self, broken: Sending) -> None:
        with pytest.raises(Exception, match=r"\S"):
            broken.send(NOTICE)


class MetricContract:
    """Cases for a figure; `measurer` is it, `lines` are order lines enough for it."""

    def test_it_says_what_it_means_in_full(self, measurer: Measurer) -> None:
        metric = measurer.metric
        said = (metric.title, metric.unit, metric.formula, metric.window, metric.source, metric.weakness)
        assert all(text.strip() for text in said)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)

    def test_its_value_lies_in_its_interval_and_rests_on_something(self, measurer: Measurer, lines: pa.Table) -> None:
        found = measurer.measure(lines)
        assert isinstance(found, Estimate)
        assert found.low <= found.value <= found.high
        assert (found.n > 0, bool(found.unit)) == (True, True)

    def test_no_lines_are_not_estimable_and_say_why(self, measurer: Measurer, lines: pa.Table) -> None:
        found = measurer.measure(lines.slice(0, 0))
        assert isinstance(found, NotEstimable)
        assert found.why.strip()

    def test_the_order_of_lines_is_nothing(self, measurer: Measurer, lines: pa.Table) -> None:
        mixed = lines.take(pa.array(np.random.default_rng(1).permutation(lines.num_rows)))
        first, again = measurer.measure(lines), measurer.measure(mixed)
        assert isinstance(first, Estimate)
        assert isinstance(again, Estimate)
        assert again.value == pytest.approx(first.value)


class Telling(Protocol):
    """Whatever says why."""

    def tell(self, proposal: Proposal) -> object:
        """Give a sentence a language."""


class ReasonContract:
    """Cases for reasons; `voice` is it, `proposals` are such that it can speak of each."""

    def test_it_speaks_in_every_language_without_pressing(self, voice: Telling, proposals: Sequence[Proposal]) -> None:
        for one in proposals:
            told = sentences(voice, one)
            assert told.keys() == set(LANGUAGES)
            for language, text in told.items():
                assert 0 < len(text.strip()) <= 300
                assert ethics.of_text(text, language, "sentence") == []

    def test_every_figure_it_says_stands_in_the_facts(self, voice: Telling, proposals: Sequence[Proposal]) -> None:
        for one in proposals:
            known = set(re.findall(r"\d+", repr(one.facts)))
            for text in sentences(voice, one).values():
                assert set(re.findall(r"\d+", text.replace(",", ""))) <= known

    def test_without_facts_it_says_nothing(self, voice: Telling) -> None:
        assert sentences(voice, Proposal("T-40", 0.5)) == {}


def sentences(voice: Telling, proposal: Proposal) -> dict[str, str]:
    """Ask for the sentences of a proposal."""
    told = voice.tell(proposal)
    assert isinstance(told, dict)
    return told
