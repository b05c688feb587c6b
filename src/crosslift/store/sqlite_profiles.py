"""Profiles, segments and fitted models in SQLite."""

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.profile import PROFILE_COLUMNS, Kind
from crosslift.store.ports import Row
from crosslift.store.sqlite_people import marks

JSON = frozenset(
    name for name, column in PROFILE_COLUMNS.items() if column.kind not in (Kind.NUMBER, Kind.INSTANT, Kind.TEXT)
)
"""Columns whose text is JSON."""
_NAMES = tuple(PROFILE_COLUMNS)
_INSERT = f"insert into profiles ({', '.join(_NAMES)}) values ({marks(_NAMES)})"
SPAN = 25_000
"""Profiles put in place by one transaction: what it changes stays in the memory of the connection until it is written once."""


@dataclass(frozen=True, slots=True)
class Span:
    """The profiles of everybody from one person id on, and before another one; None where they are the last."""

    rows: pa.Table
    since: str
    before: str | None


def spans(rows: pa.Table) -> Iterator[Span]:
    """Cut the profiles of everybody into spans that leave nobody out.

    Rows: the columns of `PROFILE_COLUMNS`, lists and mappings as JSON text.
    """
    given = rows.select(list(_NAMES))
    ids = given.column("person_id").combine_chunks()
    is_ordered = bool(np.asarray(pc.less(ids.slice(0, max(len(ids) - 1, 0)), ids.slice(1))).all())
    ordered = given if is_ordered else given.sort_by("person_id")
    starts = range(0, max(len(ids), 1), SPAN)
    ends = ["", *ordered.column("person_id").take(pa.array(starts[1:], pa.int64())).to_pylist(), None]
    for start, (since, before) in zip(starts, pairwise(ends), strict=True):
        yield Span(ordered.slice(start, SPAN), since or "", before)


def save_span(c: sqlite3.Connection, span: Span) -> None:
    """Put some profiles in place of all there were of that span."""
    ends = (span.since,) if span.before is None else (span.since, span.before)
    c.execute("delete from profiles where person_id >= ?" + " and person_id < ?" * (len(ends) - 1), ends)
    c.executemany(_INSERT, _tuples(span.rows))


def save_profiles(c: sqlite3.Connection, rows: pa.Table, people: Sequence[str]) -> None:
    """Put the profiles of some people in place; who has no row any more has no profile."""
    c.executemany("delete from profiles where person_id = ?", [(person,) for person in people])
    c.executemany(_INSERT, _tuples(rows.select(list(_NAMES))))


def profile(c: sqlite3.Connection, person_id: str) -> dict[str, Any] | None:
    """Give a person's profile as plain values, None where nothing was learned yet."""
    row = c.execute(f"select {', '.join(_NAMES)} from profiles where person_id = ?", (person_id,)).fetchone()
    if row is None:
        return None
    return {
        name: msgspec.json.decode(value) if name in JSON and value is not None else value
        for name, value in zip(_NAMES, row, strict=True)
    }


def save_members(c: sqlite3.Connection, members: Mapping[str, Sequence[str]], as_of: int) -> None:
    """Put the members of all segments in place of the earlier ones."""
    c.execute("delete from segment_members")
    rows = ((person, segment, as_of) for segment, people in members.items() for person in people)
    c.executemany("insert into segment_members (person_id, segment_id, as_of) values (?, ?, ?)", rows)


def segments_of(c: sqlite3.Connection, person_id: str) -> frozenset[str]:
    """Name the segments a person was in when they were last evaluated in bulk."""
    rows = c.execute("select segment_id from segment_members where person_id = ?", (person_id,))
    return frozenset(row[0] for row in rows)


def save_segment(c: sqlite3.Connection, row: Mapping[str, Any]) -> int:
    """Add the next version of a segment; returns its number."""
    found = c.execute("select max(version) from segments where segment_id = ?", (row["segment_id"],)).fetchone()
    version = (found[0] or 0) + 1
    given = {**row, "version": version}
    c.execute(f"insert into segments ({', '.join(given)}) values ({marks(list(given))})", tuple(given.values()))
    return version


def segments(c: sqlite3.Connection) -> list[dict[str, Any]]:
    """Give the newest version of every segment, by id."""
    rows = c.execute(
        "select s.* from segments s join (select segment_id, max(version) as version from segments group by 1) n "
        "on n.segment_id = s.segment_id and n.version = s.version order by s.segment_id"
    )
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _tuples(rows: pa.Table) -> Iterator[Row]:
    for batch in rows.to_batches():
        yield from zip(*(_values(column) for column in batch.columns), strict=True)


def _values(column: pa.Array) -> list[Any]:
    """Give a column as Python has it, a text that many share made once, and nan for null.

    SQLite keeps a nan as null, and the driver hands it over much sooner than a None.
    """
    if pa.types.is_floating(column.type):
        return list(column.to_numpy(zero_copy_only=False).tolist())
    if pa.types.is_dictionary(column.type):
        words = [*column.dictionary.to_pylist(), math.nan]
        return [words[place] for place in pc.fill_null(column.indices, len(words) - 1).to_pylist()]
    values = column.to_pylist()
    return [math.nan if value is None else value for value in values] if column.null_count else list(values)
