import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.chance import expected_pairs, kappa
from crosslift.stats.margins import fit_margins
from crosslift.stats.shuffle import swap_shuffle


def zipf_shop(n_baskets=4_000, n_items=150, mean=9, seed=1):
    """Baskets of very different sizes, in which a few items are common."""
    chance = np.random.default_rng(seed)
    odds = np.cumsum(1 / np.arange(1, n_items + 1.0))
    baskets = [
        np.unique(np.searchsorted(odds / odds[-1], chance.random(size)))
        for size in np.maximum(chance.poisson(chance.gamma(0.7, mean / 0.7, n_baskets)), 1)
    ]
    return np.concatenate(baskets), np.cumsum([0, *map(len, baskets)]), n_items


def shuffled_mean(items, offsets, n_items, shuffles=12):
    met = np.zeros((n_items, n_items))
    for seed in range(shuffles):
        held = np.zeros((offsets.size - 1, n_items))
        held[
            np.repeat(np.arange(offsets.size - 1), np.diff(offsets)), swap_shuffle(items, offsets, n_items, seed=seed)
        ] = 1
        met += held.T @ held
    return met / shuffles


def test_the_fit_is_the_mean_of_shuffles_where_kappa_is_not():
    items, offsets, n_items = zipf_shop()
    counts, sizes = np.bincount(items, minlength=n_items), np.diff(offsets)
    first, second = np.array(np.triu_indices(n_items, 1))
    drawn = shuffled_mean(items, offsets, n_items)[first, second]
    fitted = fit_margins(counts, sizes).expected(first, second)
    by_kappa = expected_pairs(counts[first], counts[second], sizes.size, kappa(sizes))
    common = np.maximum(counts[first], counts[second]) > 0.2 * sizes.size
    assert common.sum() > 500
    for name, pairs in (("common", common & (drawn > 30)), ("rare", ~common & (drawn > 30))):
        told = [drawn[pairs].sum() / way[pairs].sum() for way in (fitted, by_kappa)]
        print(f"{name}: {pairs.sum()} pairs, shuffles / fit {told[0]:.4f}, shuffles / kappa {told[1]:.3f}")
        assert told[0] == pytest.approx(1, abs=0.01)
        assert abs(told[1] - 1) > 0.05


def test_the_margins_come_out_as_they_are():
    items, offsets, n_items = zipf_shop(800, 60)
    counts, sizes = np.bincount(items, minlength=n_items), np.diff(offsets)
    fit = fit_margins(counts, sizes)
    several = sizes > 1
    p = np.outer(fit.size_odds, fit.item_odds)
    p = p / (1 + p)
    assert p.sum(axis=1) == pytest.approx(np.unique(sizes[several]), rel=1e-4)
    ones = np.bincount(items[np.repeat(~several, sizes)], minlength=n_items)
    assert (fit.n_baskets @ p).sum() == pytest.approx(counts.sum() - ones.sum(), rel=1e-4)


def test_where_nothing_is_common_the_fit_is_kappa():
    chance = np.random.default_rng(3)
    sizes = chance.integers(1, 8, 3_000)
    items = np.concatenate([chance.choice(2_000, size, replace=False) for size in sizes])
    counts, (first, second) = np.bincount(items, minlength=2_000), chance.integers(0, 2_000, (2, 500))
    one = fit_margins(counts, sizes).expected(first, second)
    assert one == pytest.approx(expected_pairs(counts[first], counts[second], 3_000, kappa(sizes)), rel=0.01)


def test_the_series_meets_the_full_sum_where_one_gives_way_to_the_other():
    items, offsets, n_items = zipf_shop(2_000, 400, mean=6)
    fit = fit_margins(np.bincount(items, minlength=n_items), np.diff(offsets))
    first, second = np.array(np.triu_indices(n_items, 1))
    near = np.maximum(fit.item_odds[first], fit.item_odds[second]) * fit.size_odds.max()
    chosen = np.flatnonzero((near > 0.05) & (near < 0.1))
    assert len(chosen) > 100
    full = fit._in_full(fit.item_odds[first[chosen]], fit.item_odds[second[chosen]])
    assert fit.expected(first[chosen], second[chosen]) == pytest.approx(full, rel=0.011)


def test_an_item_in_every_basket_and_a_basket_of_everything_can_be_fitted():
    counts, sizes = [4, 2, 2], [3, 3, 1, 1]
    assert fit_margins(counts, sizes).expected(np.array([0]), np.array([1])) == pytest.approx([2], abs=0.5)


def test_what_was_not_sold_meets_nobody():
    assert fit_margins([2, 2, 0], [2, 2]).expected(np.array([0, 1]), np.array([2, 2])).tolist() == [0, 0]
    assert fit_margins([0, 0], [0]).expected(np.array([0]), np.array([1])).tolist() == [0]
    assert fit_margins([1, 1], [1, 1]).expected(np.array([0]), np.array([1])).tolist() == [0]


def test_counts_of_other_lines_are_refused():
    with pytest.raises(BadInput, match="items count 3 lines, baskets 4"):
        fit_margins([2, 1], [2, 2])
