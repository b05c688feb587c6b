"""Profiles, segments and fitted models in SQLite."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.domain.profile import PROFILE_COLUMNS, Kind
from crosslift.store.ports import Row
from crosslift.store.sqlite_people import marks

JSON = frozenset(
    name for name, column in PROFILE_COLUMNS.items() if column.kind not in (Kind.NUMBER, Kind.INSTANT, Kind.TEXT)
)
"""Columns whose text is JSON."""
_NAMES = tuple(PROFILE_COLUMNS)
_CHUNK = 20_000


def save_profiles(c: sqlite3.Connection, rows: pa.Table, people: Sequence[str] | None) -> None:
    """Put profiles in place: everybody's for None, else those of some people; who has no row any more has no profile.

    Rows: the columns of `PROFILE_COLUMNS`, lists and mappings as JSON text.
    """
    if people is None:
        c.execute("delete from profiles")
    else:
        c.executemany("delete from profiles where person_id = ?", [(person,) for person in people])
    insert = f"insert into profiles ({', '.join(_NAMES)}) values ({marks(_NAMES)})"
    for batch in _batches(rows):
        c.executemany(insert, batch)


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


def _batches(rows: pa.Table) -> Iterator[list[Row]]:
    """Give rows as tuples, some at a time: a million profiles are never all Python objects at once."""
    for batch in rows.select(list(_NAMES)).to_batches(_CHUNK):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
