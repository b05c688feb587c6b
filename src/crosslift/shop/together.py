"""Long tables in pieces: parts put together to a size at which looking names up pays, and rows that are alike put into one."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

AT_ONCE = 4_000_000
"""Rows that are worked on at once."""
VISIT = ("slice", "unit", "name")


def together(parts: Iterable[pa.Table], at_least: int) -> Iterator[pa.Table]:
    """Give the rows of many parts in fewer, each but the last of so many rows or more."""
    held: list[pa.Table] = []
    for part in parts:
        held.append(part)
        if sum(one.num_rows for one in held) >= at_least:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def latest(visits: pa.Table) -> pa.Table:
    """Give the last instant of each slice, unit and name: of texts that repeat, numbers are compared."""
    coded = {name: pc.dictionary_encode(visits[name]).combine_chunks() for name in VISIT}
    numbers = pa.table({**{name: column.indices for name, column in coded.items()}, "at": visits["at"]})
    last = numbers.group_by([*VISIT]).aggregate([("at", "max")])
    texts = {name: pc.take(coded[name].dictionary, last[name]) for name in VISIT}
    return pa.table({**{name: texts[name] for name in ("slice", "unit")}, "at": last["at_max"], "name": texts["name"]})
