import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.crowd import Said, headings_of


def entries(said):
    named = zip(said.person.tolist(), said.name.tolist(), said.value.tolist(), strict=True)
    return [(person, said.names[name], value) for person, name, value in named]


def test_objects_are_taken_apart_person_by_person_also_where_texts_repeat():
    texts = ['{"a":0.75,"b":0.25}', None, '{"b":1}', "{}", '{"a":0.75,"b":0.25}']
    said = Said.of_objects(pa.chunked_array([texts[:2], texts[2:]]))
    assert entries(said) == [(0, "a", 0.75), (0, "b", 0.25), (2, "b", 1.0), (4, "a", 0.75), (4, "b", 0.25)]
    assert said.summed(5).tolist() == [1, 0, 1, 0, 1]


def test_lists_and_visits_give_their_names():
    assert entries(Said.of_lists(pa.chunked_array([['["x","y","x"]', "[]", '["y"]']]))) == [
        (0, "x", 1.0), (0, "y", 1.0), (2, "y", 1.0),
    ]  # fmt: skip
    assert entries(Said.of_visits(pa.chunked_array([["[]", '[["Tea",2,5],["Pots",3,9]]']]))) == [
        (1, "Tea", 1.0), (1, "Pots", 1.0),
    ]  # fmt: skip


def test_texts_rows_and_places_give_one_entry_each():
    assert entries(Said.of_texts(pa.chunked_array([["b", None, "a"]]))) == [(0, "b", 1.0), (2, "a", 1.0)]
    assert entries(Said.of_places(np.array([1, -1], np.int32), pa.array(["x", "y"]))) == [(0, "y", 1.0)]
    rows = pa.table({"person_id": ["p2", "gone", "p1", "p2", "p2"], "text": ["b", "a", "a", "a", "b"]})
    assert entries(Said.of_rows(rows, pa.array(["p1", "p2"]))) == [(0, "a", 1.0), (1, "a", 1.0), (1, "b", 1.0)]


def test_nobody_has_nothing_to_say():
    empty = pa.chunked_array([[]], pa.string())
    for said in (Said.of_objects(empty), Said.of_lists(empty), Said.of_texts(empty)):
        assert (entries(said), said.summed(0).tolist()) == ([], [])


def test_entries_of_some_people_keep_their_numbers():
    said = Said.of_lists(pa.chunked_array([['["x"]', '["y"]', '["x","z"]']]))
    assert entries(said.among(np.array([False, True, True]))) == [(1, "y", 1.0), (2, "x", 1.0), (2, "z", 1.0)]


def test_figures_are_nan_where_unknown(crowd):
    some = crowd({"person_id": "b", "aov": None}, {"person_id": "a", "aov": 3.0, "market": "KR"})
    assert (some.ids.to_pylist(), len(some)) == (["a", "b"], 2)
    assert some.figures["aov"][0] == 3
    assert np.isnan(some.figures["aov"][1])
    assert entries(some.market) == [(0, "KR", 1.0)]


@pytest.mark.parametrize(("path", "heading"), [("Tea/Green", "Tea"), (" Tea /x", "Tea"), ("Tea", "Tea"), ("/x", "/x")])
def test_a_heading_is_the_first_step_of_the_path(path, heading):
    assert headings_of([path]) == [heading]
