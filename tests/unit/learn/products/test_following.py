import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crosslift.learn.products.following import acts_of, beyond_chance, follow, numbered
from crosslift.settings import Settings

acts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=12)


@given(acts, acts, st.integers(0, 20))
def test_an_act_is_followed_by_all_of_the_same_person_within_the_time(first, second, within):
    who, at = (np.array([act[side] for act in first], np.int64) for side in (0, 1))
    by, then = (np.array([act[side] for act in second], np.int64) for side in (0, 1))
    found = set(zip(*(places.tolist() for places in follow(who, at, by, then, within)), strict=True))
    assert found == {
        (i, j) for i, (p, t) in enumerate(first) for j, (q, u) in enumerate(second) if p == q and t <= u <= t + within
    }


def test_people_are_numbered_alike_in_both_tables():
    one, other = numbered(pa.chunked_array([["b", "a"]]), pa.chunked_array([["a", "c", "b"]]))
    assert (one.tolist(), other.tolist()) == ([1, 0], [0, 2, 1])
    empty = pa.chunked_array([pa.array([], pa.string())])
    assert [len(numbers) for numbers in numbered(empty, empty)] == [0, 0]


def test_acts_of_nobody_or_of_products_nobody_numbers_are_left_out():
    table = pa.table({"customer_id": ["c1", None, "c2"], "product_id": ["tea", "tea", "gone"], "ordered_at": [5, 6, 7]})
    found = acts_of(table, "customer_id", "ordered_at", {"cup": 0, "tea": 1}, "customer:")
    assert found.to_pylist() == [{"identity": "customer:c1", "item": 1, "at": 5}]


def test_a_worked_example_of_chance():
    # 24 people after key 0 take item 0; 36 after key 1 take item 1, three of them item 0 as well: 63 acts, 27 of item 0
    people = np.array([*range(24), *range(30, 66), *range(30, 33)])
    keys = np.array([0] * 24 + [1] * 39)
    items = np.array([0] * 24 + [1] * 36 + [0] * 3)
    settings = Settings.load({}, environment={})
    found = beyond_chance(people, keys, items, np.array([0.1, 0.9]), 2, 4, settings)
    expected = 24 * 27 / 63
    assert (found.keys.tolist(), found.items.tolist(), found.n_people.tolist()) == ([0], [0], [24])
    assert found.expected == pytest.approx([expected])
    assert found.lift == pytest.approx([24 / expected])
    # key 1 holds more than half of all acts, so it is compared with the shop: of 39 acts 35.1 by chance, 36 are no surprise
    assert found.q_value == pytest.approx([stats.poisson.sf(23, expected) * 4])


def test_one_person_who_repeats_counts_once():
    settings = Settings.load({"learn.min_customers": 2}, environment={})
    people, keys, items = np.zeros(50, int), np.zeros(50, int), np.zeros(50, int)
    assert len(beyond_chance(people, keys, items, np.array([0.01]), 1, 1, settings).keys) == 0
