"""What plugins answer is looked at before anybody rests on it."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pyarrow as pa
import pytest

from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources.source import Renamed, Source
from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.domain.plugin import Kind, Notice, Proposal, Question
from crosslift.errors import BadInput, TryAgain
from crosslift.measure.metrics import AOV
from crosslift.settings import Settings
from crosslift.shop import answers
from crosslift.shop.installed import Loaded
from crosslift.shop.isolation import Limits, Wall

QUESTION = Question("cart", "web", datetime(2026, 11, 1, tzinfo=UTC), "en")
LONG = 10.0


def wall():
    return Wall("p", Limits(100, 60.0, 100, 2), lambda _why: None, time.monotonic)


def loaded(kind, **parts):
    return Loaded(kind, "p", "1.0", "package", SimpleNamespace(**parts))


def proposed(found, told=None):
    """Ask a source that names this, and a reason that says this of everything."""
    around = wall()
    voice = None if told is None else (loaded(Kind.REASON, tell=lambda _proposal: told), around)
    one = loaded(Kind.CANDIDATES, propose=lambda _question: found)
    return answers.proposed(one, around, QUESTION, LONG, voice), around.n_failed["answer"]


def test_each_product_is_kept_once_with_its_first_score():
    found, n_wrong = proposed([Proposal("a", 0.5), Proposal("b", 1), Proposal("a", 0.9)])
    assert [(one.product_id, one.score) for one in found] == [("a", 0.5), ("b", 1.0)]
    assert n_wrong == 0


@pytest.mark.parametrize(
    "found",
    [
        None, ["P07"], [Proposal("", 0.5)], [Proposal("a", 0.0)], [Proposal("a", 1.1)], [Proposal("a", float("nan"))],
        [Proposal("a", True)], [Proposal("a", 0.5, {"why": ["list"]})], [Proposal("a", 0.5, {"why": "x" * 2_001})],
        [Proposal(str(n), 0.5) for n in range(201)],
    ],
)  # fmt: skip
def test_what_no_proposal_can_be_is_a_failure_and_names_nothing(found):
    assert proposed(found) == ([], 1)


@pytest.mark.parametrize(
    "told",
    [
        "Good.",
        {"fr": "Bon."},
        {"en": ""},
        {"en": "x" * 301},
        {"en": 7},
        {"en": "Only 2 left, hurry!"},
        {"ko": "마감 임박!"},
    ],
)
def test_a_sentence_that_cannot_be_or_presses_leaves_the_plain_one(told):
    [found], n_wrong = proposed([Proposal("a", 0.5)], told)
    assert (found.told, n_wrong) == ({}, 1)


def test_sentences_are_kept_by_language():
    [found], n_wrong = proposed([Proposal("a", 0.5)], {"en": " Good for tea. ", "ko": "차에 어울려요."})
    assert (found.told, n_wrong) == ({"en": "Good for tea.", "ko": "차에 어울려요."}, 0)


def test_a_gate_that_names_what_it_was_not_asked_about_gave_no_answer():
    keeper = answers.Gatekeeper("p", loaded(Kind.GATE, judge=lambda _question, _ids: ["b"]), wall(), LONG)
    assert keeper.judge(QUESTION, ["a"]) is None
    assert keeper.judge(QUESTION, ["a", "b"]) == {"b"}


@pytest.mark.parametrize(
    "figure", [0.5, None, Estimate(3.0, 1.0, 2.0, 10, "rate"), Estimate(float("nan"), 0, 1, 10, "rate")]
)
def test_a_figure_that_cannot_be_is_not_estimable_and_says_why(figure):
    found = answers.figure_of(
        loaded(Kind.METRIC, metric=AOV, measure=lambda _lines: figure), wall(), LONG, pa.table({})
    )
    assert isinstance(found.figure, NotEstimable)
    assert found.figure.why.startswith("the plugin p 1.0 did not answer: it")


def source(rename):
    renamer = SimpleNamespace(rename=rename, findings=list)
    made = Source("Till", SCHEMAS["orders"], frozenset({"Bon"}), {}, lambda *_: renamer)
    [one] = answers.sources_of(loaded(Kind.SOURCE, sources=(made,)), wall(), LONG)
    return one.renamer(one, {}, Settings.load({}, environment={}))


def test_a_source_that_fails_refuses_the_file_and_is_named():
    def breaks(_batch):
        raise KeyError("Artikel")

    for rename in (
        breaks,
        lambda _batch: {"order_id": ["1"]},
        lambda _batch: Renamed({"a": pa.array([1]), "b": pa.array([1, 2])}),
    ):
        with pytest.raises(
            BadInput, match=r"the plugin p 1\.0 could not read it .*nothing of it is kept.*crosslift plugins off p"
        ):
            source(rename).rename(None)


def test_what_a_source_says_of_a_file_is_its_word():
    def refuses(_batch):
        raise BadInput("row 3: no such article")

    with pytest.raises(BadInput, match=r"^row 3: no such article$"):
        source(refuses).rename(None)


def test_a_notice_that_does_not_arrive_is_tried_again():
    def breaks(_notice):
        raise OSError("no route")

    with pytest.raises(TryAgain, match="the channel p did not take it: OSError"):
        answers.sent(loaded(Kind.CHANNEL, send=breaks), wall(), LONG, Notice("n", "job.failed", QUESTION.at, {}))
