import pyarrow as pa

from crosslift.learn.customers.attributes import columns_of


def opened(*texts, **more):
    return columns_of(pa.chunked_array([pa.array(texts, pa.string())]), **more).to_pydict()


def test_numbers_in_every_row_that_has_them_are_numbers():
    assert opened('{"age": "34", "plan": "9a"}', '{"age": 51, "plan": "12"}') == {
        "age": [34.0, 51.0],
        "plan": ["9a", "12"],
    }


def test_truths_are_numbers_and_what_is_not_finite_is_missing():
    assert opened('{"a": true, "b": "inf"}', '{"a": false, "b": "2"}') == {"a": [1.0, 0.0], "b": [None, 2.0]}


def test_names_of_most_rows_come_first_and_equals_by_name():
    texts = ['{"rare": "x", "b": "y"}', '{"b": "y", "a": "z"}', '{"b": "y", "a": "z"}', '{"b": "y", "a": "z"}']
    assert list(opened(*texts, most=2)) == ["a", "b"]
    assert list(opened('{"b": "1", "a": "2"}', most=1)) == ["a"]


def test_a_sensitive_name_is_left_out_at_any_depth():
    text = '{"health": "well", "about": {"religion": "none", "age": 4}, "about.religion": "none", "deep": {"health.score": 3}}'
    assert opened(text, sensitive=frozenset({"health", "religion"})) == {"about.age": [4.0]}


def test_rows_without_an_object_are_missing():
    assert opened(None, "[1, 2]", "{}", '{"a": "x", "b": [1], "c": ""}') == {"a": [None, None, None, "x"]}
    assert opened(None, "{}") == {}
