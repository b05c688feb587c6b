"""Facts from every channel, as rows: one builder, driven by what each dataset says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crosslift.collect import faults
from crosslift.collect.fields import Schema
from crosslift.collect.rows import Builder, Columns, Fault, Tables, as_json, attributes_of, content_hash, getter
from crosslift.collect.schemas_agents import AGENTS, CONFIRMATIONS
from crosslift.collect.schemas_costs import CAMPAIGN_COSTS, EXCHANGE_RATES, PAYMENTS_FAILED
from crosslift.collect.schemas_people import ACCOUNT_MEMBERS, ACCOUNTS, ACTIVITIES, CASES, FEEDBACK
from crosslift.collect.schemas_trials import ASSIGNMENTS, LOGGED_CHOICES
from crosslift.collect.voice import judge
from crosslift.collect.voice_cases import SOURCE, as_columns, cases_in, gravest
from crosslift.domain.account import role_of
from crosslift.domain.agent import ConfirmationAnswer, listed
from crosslift.domain.experiment import UnitKind
from crosslift.settings import Settings
from crosslift.store.keys import KEYS

Cell = Callable[[Any], Any]
VOICE = ("sentiment", "sentiment_confidence", "topics")


@dataclass(frozen=True, slots=True)
class Fact:
    """How rows of one dataset are made.

    Attributes
    ----------
    checks : tuple of Check
        What is looked at beyond single cells.
    written : mapping of str to callable
        Canonical columns whose values are written in one form, such as roles; also what stands for an empty part of a key.
    more : tuple of str
        Columns that follow from the others and are no part of the content: they may be computed anew.
    derive : callable, optional
        Gives the values of `more` for typed columns.
    """

    schema: Schema
    checks: tuple[faults.Check, ...] = ()
    written: Mapping[str, Cell] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    derive: Callable[[faults.Cells], list[tuple[Any, ...]]] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns a row fills."""
        return (*(one.stored_as for one in self.schema.fields), *self.more, "row_hash")


def voice(cells: faults.Cells) -> list[tuple[Any, ...]]:
    """Judge what customers said: sentiment, how sure that is, topics as JSON."""
    rows = zip(*(cells[name] for name in ("text", "answer", "language", "rating", "scale")), strict=True)
    judged = [judge(text or answer, language, rating, scale) for text, answer, language, rating, scale in rows]
    return [(one.sentiment, one.confidence, as_json(one.topics)) for one in judged]


def _or_blank(text: str | None) -> str:
    return text or ""


def _licences(cell: str | None) -> str:
    """Write licences in one form, whether they came as a list or as one text."""
    try:
        names = msgspec.json.decode(cell or "[]", type=list[str])
    except (msgspec.DecodeError, RecursionError):
        names = [cell or ""]
    return as_json(listed(";".join(names)))


FACTS: Mapping[str, Fact] = {one.schema.dataset: one for one in (
    Fact(ACCOUNTS, (faults.not_itself("account_id", "parent_id"),)),
    Fact(ACCOUNT_MEMBERS, (faults.in_order("since", "until"),), {"role": role_of}),
    Fact(ACTIVITIES, (faults.somebody("whom it was with"),)),
    Fact(CASES, (
        faults.somebody("whose case it is"), faults.in_order("opened_at", "closed_at"), faults.with_currency("cost"),
    )),
    Fact(FEEDBACK, (faults.within_scale, faults.says_something), more=VOICE, derive=voice),
    Fact(PAYMENTS_FAILED),
    Fact(CAMPAIGN_COSTS, (faults.in_order("from", "until"),), {"channel": _or_blank, "market": _or_blank}),
    Fact(EXCHANGE_RATES, (faults.above_zero("rate"),)),
    Fact(AGENTS, written={"licences": _licences, "active": lambda flag: flag is not False}),
    Fact(CONFIRMATIONS, (
        faults.one_of(("order_id", "subscription_id", "decision_id"), "say what was confirmed"),
        faults.needs("line_id", "order_id"), faults.json_object("content"), faults.proven,
    ), {"answer": lambda answer: answer or ConfirmationAnswer.YES.value}),
    Fact(ASSIGNMENTS, written={"unit_kind": lambda kind: kind or UnitKind.CUSTOMER.value}),
    Fact(LOGGED_CHOICES, (
        faults.above_zero("probability"), faults.in_order("at", "outcome_at"), faults.needs("outcome_at", "outcome"),
        faults.json_object("context"),
    )),
)}  # fmt: skip
"""By dataset; keys and which of two versions stands are in `store/keys.py`."""


class FactRows(Builder):
    """Rows of a dataset that `FACTS` describes."""

    def __init__(self, fact: Fact, source: str, place: str = "row {}") -> None:
        super().__init__(source, place)
        self.fact = fact
        key = KEYS[fact.schema.dataset]
        apart = {*key.columns, *key.times, *fact.more, "row_hash"}
        self._content = [name for name in fact.columns if name not in apart]

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Look at the cells of each row together."""
        return faults.found(self.fact.checks, columns, first_row)

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn typed columns into rows; extra columns are kept as attributes."""
        n = len(next(iter(columns.values())))
        get = getter(columns, n)
        typed = {one.name: get(one.name) for one in self.fact.schema.fields}
        typed["attributes"] = attributes_of(columns, extras, n)
        for name, write in self.fact.written.items():
            typed[name] = [write(cell) for cell in typed[name]]
        cells = {one.stored_as: typed[one.name] for one in self.fact.schema.fields}
        hashes = [content_hash(content) for content in zip(*(cells[name] for name in self._content), strict=True)]
        more = self.fact.derive(typed) if self.fact.derive else [()] * n
        rows = [
            (*row, *extra, digest)
            for row, extra, digest in zip(zip(*cells.values(), strict=True), more, hashes, strict=True)
        ]
        self.named.update(product for product in typed.get("product_id", ()) if product is not None)
        return [(self.fact.schema.dataset, self.fact.columns, rows)]


def opened_cases(tables: Tables, settings: Settings, now: int, *, is_response: bool = False) -> Tables:
    """Give the cases that bad answers among some rows open, as rows of their dataset; the same answer opens one case.

    They carry no `updated_at`: whatever the service desk says of a case stands, and an answer sent again reopens none.

    Parameters
    ----------
    tables : list of (table, columns, rows)
        As builders give them; other rows than feedback are passed over.
    now : int
        When they came in, microseconds UTC.
    is_response : bool
        Whether all are what one person said at one moment: the gravest opens the one case then.
    """
    answers = [(columns, rows) for table, columns, rows in tables if table == "feedback"]
    found = [case for columns, rows in answers for case in cases_in(columns, rows, settings, now)]
    worst = gravest(found)
    if is_response and worst is not None:
        found = [worst]
    columns = {name: column for name, column in as_columns(found).items() if name != "updated_at"}
    return FactRows(FACTS["cases"], SOURCE).build(columns, {}) if found else []
