"""The tables rules are asked of: one of people, the others long, one row a fact; and how to make them from facts in hand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pyarrow as pa

from crosslift.domain.condition import FIGURES, LISTS, MOMENTS, SHARES, WORDS, Hold, Needs, number_of, property_text
from crosslift.domain.membership import PersonFacts
from crosslift.learn.customers.segment_columns import PROPERTY

Lazy = nw.LazyFrame[Any]
Row = tuple[object, ...]

PERSON = "person_id"

_TEXT, _NUMBER, _WHOLE = pa.string(), pa.float64(), pa.int64()

LONG: Mapping[str, Mapping[str, pa.DataType]] = {
    "traits": {"name": _TEXT, "value": _TEXT, "number": _NUMBER},
    "shares": {"of": _TEXT, "name": _TEXT, "share": _NUMBER},
    "lists": {"column": _TEXT, "text": _TEXT},
    "revisits": {"category": _TEXT, "n_visits": _WHOLE},
    "usage": {"meter": _TEXT, "share": _NUMBER},
    "possessions": {"how": _TEXT, "product_id": _TEXT},
    "consents": {"purpose": _TEXT, "channel": _TEXT, "is_granted": pa.bool_()},
    "events": {"name": _TEXT, "at": _WHOLE, "product_id": _TEXT, "category": _TEXT},
}
"""The columns of each long table beside `person_id`.

`traits.number` is `condition.number_of` the value; `shares.of` is category, brand or price_band; `possessions.how` is holds or
owns; `consents` has the newest word on each purpose and channel; events have a column `property:<name>` for each property
that a rule looks at, `condition.property_text` of its value.
"""


@dataclass(frozen=True, slots=True)
class People:
    """Lazy frames of one engine, together; those no rule asks (`condition.needs`) may be left out.

    `profiles` has one row a person: `person_id` and the columns asked, figures and instants as numbers, null where unknown.
    Only these people are judged. For the others see `LONG`.
    """

    profiles: Lazy
    traits: Lazy | None = None
    shares: Lazy | None = None
    lists: Lazy | None = None
    revisits: Lazy | None = None
    usage: Lazy | None = None
    possessions: Lazy | None = None
    consents: Lazy | None = None
    events: Lazy | None = None


def people_of(
    facts: Iterable[PersonFacts], needed: Needs, lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Lazy]]
) -> People:
    """Put people whose facts are in memory into frames, with only the columns and rows that are needed.

    Parameters
    ----------
    facts : iterable of PersonFacts
        Each person once.
    needed : Needs
        `condition.needs` of the rules that will be asked.
    lazies : callable
        `Frames.lazies` of the engine.
    """
    return People(**lazies(tables_of(facts, needed)))


def tables_of(facts: Iterable[PersonFacts], needed: Needs) -> dict[str, pa.Table]:
    """Write facts as the tables of `People`."""
    known = list(facts)
    schema = pa.schema([(PERSON, _TEXT), *((name, type_of(name)) for name in sorted(needed.columns & SCALAR))])
    profiles = [[getattr(person.profile, name) for person in known] for name in schema.names]
    tables = {"profiles": pa.table([*map(pa.array, profiles, schema.types)], schema=schema)}
    for name, rows in _ROWS.items():
        if name not in asked_tables(needed):
            continue
        columns = {PERSON: _TEXT, **LONG[name]}
        if name == "events":
            columns |= {PROPERTY + key: _TEXT for key in sorted(needed.properties)}
        found = [(person.profile.person_id, *row) for person in known for row in rows(person, needed)]
        tables[name] = pa.table(
            [pa.array([row[place] for row in found], kind) for place, kind in enumerate(columns.values())], [*columns]
        )
    return tables


SCALAR = frozenset([*FIGURES, *WORDS, *MOMENTS])
"""Columns that stand beside the person."""


def type_of(column: str) -> pa.DataType:
    """Give the type of a column that stands beside the person: figures are doubles, instants whole numbers."""
    return _NUMBER if column in FIGURES else _WHOLE if column in MOMENTS else _TEXT


def asked_tables(needed: Needs) -> set[str]:
    """Name the long tables that some rules ask."""
    wanted = {
        "traits": needed.traits,
        "shares": needed.columns & set(SHARES.values()),
        "lists": needed.columns & set(LISTS),
        "revisits": needed.columns & {"returning_intent"},
        "usage": needed.has_usage,
        "possessions": needed.possessions,
        "consents": needed.has_consents,
        "events": needed.events,
    }
    return {name for name, is_wanted in wanted.items() if is_wanted}


def _traits(person: PersonFacts, needed: Needs) -> Iterator[Row]:
    for name, value in person.profile.traits.items():
        if name in needed.traits:
            yield name, value, number_of(value)


def _shares(person: PersonFacts, needed: Needs) -> Iterator[Row]:
    for of, column in SHARES.items():
        if column in needed.columns:
            yield from ((of, name, share) for name, share in getattr(person.profile, column).items())


def _lists(person: PersonFacts, needed: Needs) -> Iterator[Row]:
    for column in LISTS:
        if column in needed.columns:
            yield from ((column, text) for text in getattr(person.profile, column))


def _possessions(person: PersonFacts, needed: Needs) -> Iterator[Row]:
    for how, products in ((Hold.HOLDS, person.holdings), (Hold.OWNS, person.owned)):
        if how in needed.possessions:
            yield from ((how.value, product) for product in sorted(products))


def _events(person: PersonFacts, needed: Needs) -> Iterator[Row]:
    names = sorted(needed.properties)
    for event in person.events:
        if event.name in needed.events:
            yield *event[:4], *(property_text(event.properties.get(name)) for name in names)


_ROWS: Mapping[str, Callable[[PersonFacts, Needs], Iterator[Row]]] = {
    "traits": _traits,
    "shares": _shares,
    "lists": _lists,
    "revisits": lambda person, _: ((v.category, v.n_visits) for v in person.profile.returning_intent),
    "usage": lambda person, _: iter(person.usage.items()),
    "possessions": _possessions,
    "consents": lambda person, _: ((*on, is_granted) for on, is_granted in person.consents.items()),
    "events": _events,
}
