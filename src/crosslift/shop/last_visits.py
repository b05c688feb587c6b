"""Rows of visits that are alike put into one: the last of them."""

import pyarrow as pa
import pyarrow.compute as pc

VISIT = ("slice", "unit", "name")


def latest(visits: pa.Table) -> pa.Table:
    """Give the last instant of each slice, unit and name: of texts that repeat, numbers are compared."""
    coded = {name: pc.dictionary_encode(visits[name]).combine_chunks() for name in VISIT}
    numbers = pa.table({**{name: column.indices for name, column in coded.items()}, "at": visits["at"]})
    last = numbers.group_by([*VISIT]).aggregate([("at", "max")])
    texts = {name: pc.take(coded[name].dictionary, last[name]) for name in VISIT}
    return pa.table({**{name: texts[name] for name in ("slice", "unit")}, "at": last["at_max"], "name": texts["name"]})
