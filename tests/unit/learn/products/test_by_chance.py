import numpy as np
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.by_chance import expected_counts, is_narrow, pooled_strata
from crosslift.stats.chance import expected_pairs, kappa
from crosslift.stats.margins import fit_margins


def a_table(n_baskets, n_items, seed=1, size=6, common=0.0):
    """Baskets of 1 to `size` products; product 0 in a share of its own."""
    chance = np.random.default_rng(seed)
    made = []
    for _ in range(n_baskets):
        held = chance.choice(np.arange(1, n_items), chance.integers(1, size + 1), replace=False)
        made.append(np.append(held, 0) if chance.random() < common else held)
    offsets = np.cumsum([0, *map(len, made)])
    none = np.zeros(n_baskets, dtype=np.int64)
    return Baskets(
        [f"p{i:04}" for i in range(n_items)], np.concatenate(made).astype(np.int32), offsets, none,
        np.arange(n_baskets), none.astype(bool), none - 1,
    )  # fmt: skip


def some_pairs(n_items, n=300):
    first = np.random.default_rng(2).integers(0, n_items - 1, n).astype(np.int32)
    return first, np.minimum(first + 1, n_items - 1).astype(np.int32)


def test_narrow_counts_products_that_were_sold(little):
    table = a_table(50, 20)
    wide = Baskets(
        [f"p{i:04}" for i in range(900)],
        table.items,
        table.offsets,
        table.at,
        table.customers,
        table.known,
        table.strata,
    )
    assert is_narrow(wide, little.settings())
    assert not is_narrow(wide, little.settings(learn_narrow_items=15))


def test_a_wide_table_is_kappas(little):
    table, pairs = a_table(2_000, 700), some_pairs(700)
    counts = table.item_counts()
    expected = expected_pairs(counts[pairs[0]], counts[pairs[1]], 2_000, kappa(table.sizes))
    assert expected_counts(table, *pairs, little.settings()) == pytest.approx(expected)


def test_a_wide_table_with_a_common_product_is_fitted_for_all_its_pairs(little):
    table, pairs = a_table(2_000, 700, common=0.6), some_pairs(700)
    pairs[0][:3] = 0
    fitted = fit_margins(table.item_counts(), table.sizes).expected(*pairs)
    assert expected_counts(table, *pairs, little.settings()) == pytest.approx(fitted)
    counts = table.item_counts()
    by_kappa = expected_pairs(counts[pairs[0]], counts[pairs[1]], 2_000, kappa(table.sizes))
    assert expected_counts(table, *pairs, little.settings(learn_narrow_share=0.7)) == pytest.approx(by_kappa)


def test_a_part_of_a_long_narrow_table_says_the_same_of_the_whole(little):
    table = a_table(6_000, 30, common=0.5)
    pairs = np.array(np.triu_indices(30, 1), dtype=np.int32)
    whole = expected_counts(table, *pairs, little.settings())
    part = expected_counts(table, *pairs, little.settings(), max_lines=len(table.items) // 4)
    assert part.sum() / whole.sum() == pytest.approx(1, abs=0.01)
    assert np.abs(part / whole - 1).max() < 0.1


def test_one_seed_is_one_answer(little):
    table, pairs = a_table(200, 20), some_pairs(20, 40)
    one, two, other = (expected_counts(table, *pairs, little.settings(), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_strata_are_numbered_without_holes():
    assert pooled_strata(np.array([5, 5, 3, 3]), 2).tolist() == [1, 1, 0, 0]
    assert pooled_strata(np.array([5, 5, 3, -1, -1, -1]), 2).tolist() == [1, 1, 0, 0, 0, 0]
    assert pooled_strata(np.zeros(0, dtype=np.int64), 2).tolist() == []
