"""What all exports share: rows that follow, variants without their product, findings."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources.known import SOURCES, find
from crosslift.collect.sources.source import Export, Followed, Renamed, Source, first_filled, with_parents

ROWS = st.lists(
    st.tuples(st.sampled_from(["1", "2", "3", ""]), st.sampled_from(["", "x", "y"])), min_size=1, max_size=12
)


def columns(rows):
    return {
        "key": pa.array([row[0] for row in rows], pa.string()),
        "value": pa.array([row[1] for row in rows], pa.string()),
    }


def followed(rows, cuts):
    one = Followed("key", ["value", "absent"])
    edges = [0, *sorted(cuts), len(rows)]
    found = []
    for start, end in pairwise(edges):
        found += one.filled(columns(rows[start:end]))["value"].to_pylist()
    return found


@given(ROWS, st.data())
def test_where_batches_are_cut_makes_no_difference(rows, data):
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=4))
    assert followed(rows, cuts) == followed(rows, [])


def test_only_the_first_row_of_a_key_speaks_for_the_rows_that_follow():
    rows = [("1", "a"), ("1", ""), ("1", "b"), ("2", ""), ("2", "c"), ("1", "d"), ("", "")]
    assert followed(rows, []) == ["a", "a", "a", "", "", "d", "d"]


def test_the_product_of_variants_is_put_before_them_once():
    given = {"product_id": ["B", "R", "T", "G"], "parent_id": ["M", "M", None, "M"], "title": ["mb", "mr", "t", "mg"],
             "parent_title": ["m", "m", "t", "m"], "stock": ["1", "2", "3", "4"]}  # fmt: skip
    renamed = Renamed({name: pa.array(cells, pa.string()) for name, cells in given.items()}, np.array([5, 6, 8, 9]))
    seen = set()
    found = with_parents(renamed, seen)
    assert {name: column.to_pylist() for name, column in found.columns.items()} == {
        "product_id": ["M", "B", "R", "T", "G"], "parent_id": [None, "M", "M", None, "M"],
        "title": ["m", "mb", "mr", "t", "mg"], "stock": [None, "1", "2", "3", "4"],
    }  # fmt: skip
    assert found.origin.tolist() == [5, 5, 6, 8, 9]
    assert seen == {"M"}
    assert with_parents(renamed, seen).columns["product_id"].to_pylist() == ["B", "R", "T", "G"]


def test_the_first_cell_that_says_something_counts():
    found = first_filled(pa.array(["", " ", None, "a"]), pa.array(["x", None, "", "b"]))
    assert found.to_pylist() == ["x", None, None, "a"]


def test_a_source_is_recognized_by_its_signature_and_what_it_needs():
    source = Source("S", ORDERS, frozenset({"No"}), {"order_id": ("No",), "ordered_at": ("Day", "Time")}, Export,
                    needed=frozenset({"ordered_at"}))  # fmt: skip
    assert source.format == "S orders"
    assert source.find_mapping(["Time", "No", "x"]) == {"order_id": "No", "ordered_at": "Time"}
    assert source.find_mapping(["Time", "Day", "No"]) == {"order_id": "No", "ordered_at": "Day"}
    assert source.find_mapping(["No"]) is None
    assert source.find_mapping(["Day"]) is None


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.format)
def test_known_exports_are_told_apart_by_their_headers(source):
    first = {names[0] for names in source.names.values()}
    found, names = find([*source.signature, *first])
    assert found is source
    assert names.keys() == source.names.keys()
    assert set(source.names) <= set(source.schema.names)
    assert {name for name in source.schema.required if name != "currency"} <= set(source.names)
    for lacking in source.signature:
        rest = [name for name in (*source.signature, *first) if name != lacking]
        assert (find(rest) or (None,))[0] is not source
