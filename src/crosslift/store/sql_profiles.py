"""Profiles, segments and fitted models."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.profile import PROFILE_COLUMNS, Kind
from crosslift.domain.profile_codes import Unknown
from crosslift.store.engine import Connection, upsert
from crosslift.store.ports import Row
from crosslift.store.sql_people import marks

JSON = frozenset(
    name for name, column in PROFILE_COLUMNS.items() if column.kind not in (Kind.NUMBER, Kind.INSTANT, Kind.TEXT)
)
"""Columns whose text is JSON."""
_NAMES = tuple(PROFILE_COLUMNS)
_INSERT = f"insert into profiles ({', '.join(_NAMES)}) values ({marks(_NAMES)})"
_REASONS = "unknown_texts"
"""The model that lists what `unknown` says, JSON texts: a third of a profile, and the same for thousands of people."""
_CODES = frozenset(Unknown)
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


def save_span(c: Connection, span: Span) -> None:
    """Put some profiles in place of all there were of that span."""
    ends = (span.since,) if span.before is None else (span.since, span.before)
    c.execute("delete from profiles where person_id >= ?" + " and person_id < ?" * (len(ends) - 1), ends)
    c.executemany(_INSERT, _tuples(_with_places(c, span.rows)))


def save_profiles(c: Connection, rows: pa.Table, people: Sequence[str]) -> None:
    """Put the profiles of some people in place; who has no row any more has no profile."""
    c.executemany("delete from profiles where person_id = ?", [(person,) for person in people])
    c.executemany(_INSERT, _tuples(_with_places(c, rows.select(list(_NAMES)))))


def profile(c: Connection, person_id: str) -> dict[str, Any] | None:
    """Give a person's profile as plain values, None where nothing was learned yet."""
    row = c.execute(f"select {', '.join(_NAMES)} from profiles where person_id = ?", (person_id,)).fetchone()
    if row is None:
        return None
    found = dict(zip(_NAMES, row, strict=True))
    if (said := found["unknown"]) is not None and not said.startswith("{"):
        found["unknown"] = _reasons(c)[int(said)]
    return {
        name: msgspec.json.decode(value) if name in JSON and value is not None else value
        for name, value in found.items()
    }


def _with_places(c: Connection, rows: pa.Table) -> pa.Table:
    """Write of why figures are missing the place in the list of all such texts; it only grows, so that no place moves.

    A text with a reason that is no code of ours stands as it is: of those there could be any number.
    """
    said = rows.column("unknown").combine_chunks()
    texts = said if pa.types.is_dictionary(said.type) else said.dictionary_encode()
    known = _reasons(c)
    places = {text: place for place, text in enumerate(known)}
    words = texts.dictionary.to_pylist()
    for text in words:
        if text not in places and _CODES.issuperset(msgspec.json.decode(text).values()):
            places[text] = len(places)
    if len(places) > len(known):
        upsert(c, "customer_models", {"name": _REASONS, "as_of": 0, "body": msgspec.json.encode([*places]).decode()})
    short = pa.array([str(places.get(text, text)) for text in words], pa.string())
    column = pa.DictionaryArray.from_arrays(texts.indices, short)
    return rows.set_column(rows.column_names.index("unknown"), "unknown", column)


def _reasons(c: Connection) -> list[str]:
    row = c.execute("select body from customer_models where name = ?", (_REASONS,)).fetchone()
    return _read(row[0]) if row else []


@lru_cache(4)
def _read(body: str) -> list[str]:
    texts: list[str] = msgspec.json.decode(body)
    return texts


def save_members(c: Connection, members: Mapping[str, Sequence[str]], as_of: int) -> None:
    """Put the members of all segments in place of the earlier ones."""
    c.execute("delete from segment_members")
    rows = ((person, segment, as_of) for segment, people in members.items() for person in people)
    c.executemany("insert into segment_members (person_id, segment_id, as_of) values (?, ?, ?)", rows)


def segments_of(c: Connection, person_id: str) -> frozenset[str]:
    """Name the segments a person was in when they were last evaluated in bulk."""
    rows = c.execute("select segment_id from segment_members where person_id = ?", (person_id,))
    return frozenset(row[0] for row in rows)


def save_segment(c: Connection, row: Mapping[str, Any]) -> int:
    """Add the next version of a segment; returns its number."""
    found = c.execute("select max(version) from segments where segment_id = ?", (row["segment_id"],)).fetchone()
    version = (found[0] or 0) + 1
    given = {**row, "version": version}
    c.execute(f"insert into segments ({', '.join(given)}) values ({marks(list(given))})", tuple(given.values()))
    return version


def segments(c: Connection) -> list[dict[str, Any]]:
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
