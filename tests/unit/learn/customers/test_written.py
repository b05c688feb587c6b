import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.learn.customers import written


@given(
    st.lists(
        st.lists(st.tuples(st.text(max_size=5), st.floats(0, 1)), max_size=3, unique_by=lambda one: one[0]), max_size=5
    )
)
def test_objects_read_back_as_what_they_were(people):
    rows = [(person, name, share) for person, given_ in enumerate(people) for name, share in given_]
    names, values = pa.array([row[1] for row in rows], pa.string()), np.array([row[2] for row in rows], float)
    texts = written.objects(
        np.array([row[0] for row in rows], int), written.quoted(names), written.shares(values), len(people)
    )
    expected = [{name: round(share * 10_000) / 10_000 for name, share in one} for one in people]
    assert [json.loads(text) for text in texts.to_pylist()] == expected


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_numbers_are_json_and_no_further_off_than_their_digits(values):
    for value, text in zip(values, written.numbers(np.array(values), 2).to_pylist(), strict=True):
        assert json.loads(text) == pytest.approx(value, abs=0.00501, rel=1e-12)


def test_no_number_is_minus_nothing():
    assert written.numbers(np.array([-0.001, 0.0]), 2).to_pylist() == ["0", "0"]


def test_evidence_holds_what_is_known_in_the_order_of_its_codes():
    columns = [(np.array([1.0, np.nan, 3.0]), 0), (np.array([0.25, np.nan, np.nan]), 2)]
    assert written.pairs(("first", "second"), columns).to_pylist() == [
        '[["first",1],["second",0.25]]',
        "[]",
        '[["first",3]]',
    ]


def test_texts_and_entries_make_one_object_for_everybody_each_different_one_once():
    texts = {"a": pa.array(['"x', None, None, None], pa.string()), "b": pa.array(["y", "z", None, None], pa.string())}
    found = written.merged(texts, pa.array(['"c":"d","e":"f"', None, None, None], pa.string()))
    assert [json.loads(text) for text in found.to_pylist()] == [
        {"a": '"x', "b": "y", "c": "d", "e": "f"},
        {"b": "z"},
        {},
        {},
    ]
    assert len(found.dictionary) == 3


def test_nobody_gets_nothing():
    assert written.lists(np.zeros(0, int), pa.array([], pa.string()), 0).to_pylist() == []
    assert written.lists(np.zeros(0, int), pa.array([], pa.string()), 2).to_pylist() == ["[]", "[]"]
