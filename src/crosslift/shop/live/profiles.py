"""Everybody's profiles as last learned, and over them what came since; JSON columns are taken apart whole columns at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.condition import LISTS, SHARES, Needs, number_of
from crosslift.domain.profile import Profile
from crosslift.domain.trait import is_sensitive
from crosslift.learn.customers.people import NOBODY, Numbers, encoded
from crosslift.learn.customers.segment_tables import PERSON, SCALAR, type_of
from crosslift.learn.customers.traits import Traits
from crosslift.learn.customers.voice import Voice
from crosslift.shop.live import rows as live_rows
from crosslift.shop.live.everybody import Everybody
from crosslift.store.ports import Records

BLANK = Profile("", 0)
"""Of somebody nobody has learned about: what stands where nothing is known."""
_OPEN_CASES = "open_cases"
_NO_GOALS = "[]"


def stored_profiles(records: Records, needed: Needs) -> pa.Table:
    """Read the columns of profiles that some rules need, with the person of each."""
    more = {"traits", "provenance"} if needed.traits else set()
    columns = (needed.columns | more) - live_rows.LIVE.keys() - {_OPEN_CASES}
    return records.table("profiles", [PERSON, *sorted(columns)])


@dataclass(frozen=True)
class Profiles:
    """Columns of everybody's profile.

    Parameters
    ----------
    stored : pa.Table
        As `stored_profiles` gives them.
    """

    records: Records
    stored: pa.Table
    everybody: Everybody
    needed: Needs
    now: int
    sensitive: frozenset[str]

    def table(self) -> pa.Table:
        """Give one row a person: the figures, words and instants that rules ask."""
        live, columns = self._live(), {PERSON: self.everybody.ids}
        for name in sorted(self.needed.columns & SCALAR):
            column, blank = live.get(name), getattr(BLANK, name)
            column = self._stored(name) if column is None else column
            columns[name] = (column if blank is None else pc.fill_null(column, blank)).cast(type_of(name))
        return pa.table(columns)

    def shares(self) -> pa.Table:
        """Give shares of spend."""
        tables = []
        for of, column in SHARES.items():
            if column in self.needed.columns:
                person, found = _taken_apart(self._stored(column), dict[str, float])
                named = {"of": _repeated(of, person), "name": _names(found), "share": _values(found)}
                tables.append(self.everybody.long(person, named))
        return pa.concat_tables(tables)

    def lists(self) -> pa.Table:
        """Give what stands in lists; goals that a customer record names now stand in place of those learned."""
        tables = []
        for column in LISTS:
            if column in self.needed.columns:
                person, found = _taken_apart(self._goals() if column == "goals" else self._stored(column), list[str])
                tables.append(self.everybody.long(person, {"column": _repeated(column, person), "text": _names(found)}))
        return pa.concat_tables(tables)

    def revisits(self) -> pa.Table:
        """Give visits to categories after a purchase."""
        person, found = _taken_apart(self._stored("returning_intent"), list[tuple[str, int, int]])
        visits = list(chain.from_iterable(found))
        columns = {
            "category": pa.array([visit[0] for visit in visits], pa.string()),
            "n_visits": pa.array([visit[1] for visit in visits], pa.int64()),
        }
        return self.everybody.long(person, columns)

    def traits(self) -> pa.Table:
        """Give the traits rules ask, none of them sensitive: the newest word on each."""
        tables = [self._trait(name) for name in sorted(self.needed.traits) if not is_sensitive(name, self.sensitive)]
        return pa.concat_tables(tables or [self._trait("")])

    def _trait(self, name: str) -> pa.Table:
        learned, origin = (_said_of(self._stored(column), name) for column in ("traits", "provenance"))
        newer = _said_of(self._told.traits, name)
        is_called = pc.fill_null(pc.starts_with(origin, live_rows.CALLS), False)
        value = pc.if_else(pc.and_(pc.is_valid(newer), pc.invert(is_called)), newer, learned)
        index, texts = encoded(pa.chunked_array([value]))
        numbers = pa.array([number_of(text) for text in texts.to_pylist()], pa.float64())
        number = numbers.take(pa.array(index, mask=index < 0))
        person = np.where(index < 0, NOBODY, np.arange(len(self.everybody))).astype(np.int32)
        return self.everybody.long(person, {"name": _repeated(name, person), "value": value, "number": number})

    def _goals(self) -> pa.Array:
        newer = self._told.goals
        return pc.if_else(pc.equal(newer, _NO_GOALS), self._stored("goals"), newer)

    def _live(self) -> dict[str, pa.Array]:
        """Give the figures that newer rows decide."""
        found: dict[str, pa.Array] = {}
        if self.needed.columns & live_rows.LIVE.keys():
            said = self.records.table("feedback", live_rows.SAID, live_rows.IS_NEWS, (self.now,))
            voice = Voice.of(said, self.everybody.customers(said.column("customer_id")), len(self.everybody))
            found |= {column: pa.array(getattr(voice, name)) for column, name in live_rows.LIVE.items()}
        if _OPEN_CASES in self.needed.columns:
            open_ones = self.records.table("cases", live_rows.CASES, live_rows.IS_OPEN)
            _, person = self.everybody.reached(open_ones, owns_first=True)
            found[_OPEN_CASES] = pa.array(np.bincount(person, minlength=len(self.everybody)))
        return found

    @cached_property
    def _told(self) -> Traits:
        """Traits and goals as learning reads them, of the customer records as they stand now."""
        rows = self.records.table("customers", live_rows.TOLD)
        whose = self.everybody.customers(rows.column("customer_id"))
        return Traits.of(rows, whose, live_rows.NO_CALLS, self.sensitive, len(self.everybody))

    @cached_property
    def _place(self) -> pa.Array:
        """The row of each person in `stored`, null where nothing was learned."""
        return pc.index_in(self.everybody.ids, value_set=self.stored.column(PERSON).combine_chunks())

    def _stored(self, column: str) -> pa.Array:
        return self.stored.column(column).combine_chunks().take(self._place)


def _taken_apart(texts: pa.Array, kind: Any) -> tuple[Numbers, list[Any]]:
    """Decode JSON texts, null for none: the row of each entry within, and what each text holds."""
    rows = np.flatnonzero(np.asarray(pc.is_valid(texts)))
    joined = ",".join(texts.drop_null().to_pylist())
    found: list[Any] = msgspec.json.decode(f"[{joined}]", type=list[kind])
    return np.repeat(rows.astype(np.int32), np.fromiter(map(len, found), np.int64, len(found))), found


def _names(found: Sequence[Any]) -> pa.Array:
    return pa.array(list(chain.from_iterable(found)), pa.string())


def _values(found: Sequence[dict[str, float]]) -> pa.Array:
    return pa.array(list(chain.from_iterable(one.values() for one in found)), pa.float64())


def _repeated(text: str, rows: npt.NDArray[Any]) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), len(rows))


def _said_of(objects: pa.Array, name: str) -> pa.Array:
    """Give the text each JSON object holds under a name, each different object read once."""
    index, texts = encoded(pa.chunked_array([objects]))
    said = [msgspec.json.decode(text, type=dict[str, str]).get(name) for text in texts.to_pylist()]
    return pa.array(said, pa.string()).take(pa.array(index, mask=index < 0))
