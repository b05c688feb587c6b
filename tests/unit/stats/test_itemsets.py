from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.errors import BadInput
from crosslift.stats.itemsets import frequent_itemsets, rules

MEALS = [{0, 1}, {0, 1, 2}, {0, 1, 2}, {1}, {3}]
shops = st.lists(st.sets(st.integers(0, 6)), max_size=140)  # more baskets than bits in a word, some of them empty


def found_in(baskets, least, max_size=None, n_items=7):
    items = np.array([item for basket in baskets for item in sorted(basket)], np.int64)
    return frequent_itemsets(items, np.cumsum([0, *map(len, baskets)]), n_items, least, max_size)


def told(found):
    return {
        tuple(row): count
        for rows, counts in zip(found.rows, found.counts, strict=True)
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True)
    }


def by_hand(baskets, least, most=7):
    counts = {
        wanted: sum(set(wanted) <= basket for basket in baskets)
        for size in range(1, most + 1)
        for wanted in combinations(range(7), size)
    }
    return {wanted: n for wanted, n in counts.items() if n >= least}


@settings(max_examples=60, deadline=None)
@given(shops, st.integers(1, 12), st.sampled_from([None, 1, 2, 3]))
def test_every_frequent_set_is_found_with_its_count(baskets, least, max_size):
    found = found_in(baskets, least, max_size)
    assert told(found) == by_hand(baskets, least, max_size or 7)
    assert len(found) == len(told(found))
    assert all(rows.tolist() == sorted(rows.tolist()) for rows in found.rows)


@settings(max_examples=40, deadline=None)
@given(shops, st.integers(1, 12))
def test_sets_are_found_again_by_their_items(baskets, least):
    found = found_in(baskets, least)
    for size in (1, 2, 3):
        wanted = np.array(list(combinations(range(7), size)))
        places = found.find(wanted)
        for row, place in zip(wanted.tolist(), places.tolist(), strict=True):
            if place < 0:
                assert tuple(row) not in told(found)
            else:
                assert found.rows[size - 1][place].tolist() == row


@settings(max_examples=40, deadline=None)
@given(shops.filter(len), st.integers(1, 8), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_rules_equal_their_definition(baskets, least, min_confidence):
    n = len(baskets)
    counts = by_hand(baskets, least)
    expected = {}
    for wanted, count in counts.items():
        for right in wanted:
            left = tuple(item for item in wanted if item != right)
            n_left = counts[left] if left else n
            if count / n_left >= min_confidence:
                expected[left, right] = (count, count / n, count / n_left, count / n_left / (counts[right,] / n))
    found = rules(found_in(baskets, least), min_confidence, n, with_empty_left_side=True)
    columns = zip(found.rhs, found.count, found.support, found.confidence, found.lift, strict=True)
    said = {(tuple(found.left_side(i)), int(right)): tuple(rest) for i, (right, *rest) in enumerate(columns)}
    assert said.keys() == expected.keys()
    for rule, values in said.items():
        assert values == pytest.approx(expected[rule])
    without = rules(found_in(baskets, least), min_confidence, n)
    assert len(without) == sum(bool(left) for left, _ in expected)


def test_rules_come_by_size_then_left_then_right_side():
    found = rules(found_in(MEALS, 2), 0.0, 5)
    assert [(found.left_side(i), int(found.rhs[i])) for i in range(len(found))] == [
        ([0], 1), ([0], 2), ([1], 0), ([1], 2), ([2], 0), ([2], 1), ([0, 1], 2), ([0, 2], 1), ([1, 2], 0),
    ]  # fmt: skip
    assert found.take(found.confidence == 1).left_side(0) == [0]


def test_nothing_frequent_gives_nothing():
    found = found_in(MEALS, 6)
    assert (len(found), len(rules(found, 0.5, 5)), found.find(np.array([[0, 1]])).tolist()) == (0, 0, [-1])
    assert len(found_in([], 1)) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: found_in(MEALS, 0), "both start at 1"),
        (lambda: found_in(MEALS, 1, 0), "both start at 1"),
        (lambda: found_in(MEALS, 1, n_items=3), "item id 3"),
        (lambda: frequent_itemsets([0, 0], [0, 2], 1, 1), "an item twice"),
        (lambda: rules(found_in(MEALS, 1), 1.5, 5), "min_confidence 1.5"),
        (lambda: rules(found_in(MEALS, 1), 0.5, 3), "an item is in 4 of 3 baskets"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(BadInput, match=message):
        call()
