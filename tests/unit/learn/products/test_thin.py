import numpy as np
import pytest

from crosslift.learn.products import thin
from crosslift.learn.products.thin import Met, look_up, reference_pairs, shrink
from crosslift.stats.pairs import count_pairs


def test_the_reference_is_all_pairs_of_sold_products():
    first, second = reference_pairs(np.array([3, 0, 2, 1]), seed=1)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (0, 3), (2, 3)]


def test_of_too_many_pairs_a_seeded_part_is_taken(monkeypatch):
    monkeypatch.setattr(thin, "MOST_PAIRS", 50)
    one, two, other = (reference_pairs(np.ones(40, dtype=np.int64), seed) for seed in (1, 1, 2))
    assert 30 < len(one[0]) <= 50
    assert (one[0] < one[1]).all()
    assert np.array_equal(one, two)
    assert not np.array_equal(one[0][:20], other[0][:20])


def test_pairs_are_looked_up_met_or_not():
    pairs = count_pairs([0, 2, 0, 2, 1, 2], [0, 2, 4, 6], 4)
    first, second = np.array([0, 0, 1, 2], dtype=np.int32), np.array([1, 2, 2, 3], dtype=np.int32)
    assert look_up(pairs, first, second).tolist() == [0, 2, 1, 0]
    assert look_up(count_pairs([], [0], 4), first, second).tolist() == [0, 0, 0, 0]


def a_shop(lift_within=6.0, seed=3, n=40):
    """Two shelves; pairs across them or on one of them meet by chance, pairs of tea and cups more."""
    chance = np.random.default_rng(seed)
    categories = ["kitchen/tea"] * (n // 2) + ["kitchen/cups"] * (n // 2)
    first, second = np.array(np.triu_indices(n, 1), dtype=np.int32)
    across = (first < n // 2) & (second >= n // 2)
    expected = chance.gamma(2, 0.2, len(first)) + 0.05
    met = chance.poisson(expected * np.where(across, lift_within, 1.0))
    return categories, Met(first, second, met, expected)


def test_pairs_of_categories_that_go_together_are_believed_sooner():
    categories, known = a_shop()
    first, second = np.array([0, 0], dtype=np.int32), np.array([1, 30], dtype=np.int32)
    met, expected = np.array([2, 2]), np.array([0.4, 0.4])
    lift, low = shrink(first, second, met, expected, known, categories)
    plain, _ = shrink(first, second, met, expected, known, None)
    assert lift[1] == pytest.approx(6, rel=0.25)
    assert lift[0] == pytest.approx(1.2, rel=0.5)
    assert lift[0] < plain[0] == plain[1] < lift[1]
    assert (low < lift).all()


def test_much_data_speaks_for_itself():
    categories, known = a_shop()
    first, second = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    lift, low = shrink(first, second, np.array([3_000]), np.array([500.0]), known, categories)
    assert lift == pytest.approx([6], rel=0.15)
    assert low < lift


def test_a_product_without_a_category_takes_what_the_shop_has():
    categories, known = a_shop()
    categories = [None, *categories[1:]]
    first, second = np.array([0, 2], dtype=np.int32), np.array([30, 30], dtype=np.int32)
    lift, _ = shrink(first, second, np.array([2, 2]), np.array([0.4, 0.4]), known, categories)
    assert lift[0] < lift[1]


def test_paths_are_followed_level_by_level():
    categories = ["a/b/c", "a/b", "a", None, "", "z/b"]
    assert thin._category_numbers(categories, 1).tolist() == [1, 1, 1, 0, 0, 2]
    assert thin._category_numbers(categories, 2).tolist() == [1, 1, 0, 0, 0, 2]
    assert thin._category_numbers(categories, 3).tolist() == [1, 0, 0, 0, 0, 0]


def test_nothing_known_is_no_number():
    empty = np.zeros(0, dtype=np.int32)
    known = Met(empty, empty, empty.astype(np.int64), empty.astype(np.float64))
    one = np.array([0], dtype=np.int32)
    lift, low = shrink(one, one + 1, np.array([3]), np.array([1.0]), known, None)
    assert np.isnan([lift, low]).all()
