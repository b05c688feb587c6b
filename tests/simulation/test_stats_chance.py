"""On baskets that chance filled nothing is found; planted pairs are. All seeded."""

from itertools import pairwise

import numpy as np
import pytest

from crosslift.stats import chance
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import count_pairs
from crosslift.stats.shuffle import swap_shuffle

N_ITEMS, N_BASKETS = 300, 4_000


@pytest.fixture(scope="module")
def by_chance():
    """Log-normal sizes and long-tailed items, mixed until only the margins are left."""
    random = np.random.default_rng(20261122)
    sizes = np.clip(np.rint(random.lognormal(1.9, 0.9, N_BASKETS)).astype(int), 1, 100)
    popularity = 1 / (np.arange(N_ITEMS) + 10.0)
    chances = popularity / popularity.sum()
    items = np.concatenate([random.choice(N_ITEMS, size, replace=False, p=chances) for size in sizes])
    offsets = np.cumsum([0, *sizes])
    assert chance.kappa(sizes) > 1.5
    return [(swap_shuffle(items, offsets, N_ITEMS, seed=seed), offsets) for seed in range(10)]


def q_values(items, offsets, factor=None):
    pairs = count_pairs(items, offsets, N_ITEMS, min_count=3)
    counts = np.bincount(items, minlength=N_ITEMS)
    factor = chance.kappa(np.diff(offsets)) if factor is None else factor
    expected = chance.expected_pairs(counts[pairs.first], counts[pairs.second], offsets.size - 1, factor)
    tail = chance.poisson_tail(pairs.n_both, expected)
    return pairs, adjust(tail, "bh", n_tests=N_ITEMS * (N_ITEMS - 1) // 2)


def test_chance_alone_yields_no_pair(by_chance):
    assert [int((q_values(*baskets)[1] <= 0.05).sum()) for baskets in by_chance] == [0] * 10


def test_chance_that_ignores_basket_sizes_is_fooled_every_time(by_chance):
    assert all((q_values(*baskets, factor=1.0)[1] <= 0.05).sum() > 100 for baskets in by_chance)


def test_planted_pairs_are_found_among_chance(by_chance):
    """Ten pairs of new items, each in 40 baskets where about 0.6 would be by chance."""
    items, offsets = by_chance[0]
    random = np.random.default_rng(7)
    baskets = [items[low:high] for low, high in pairwise(offsets)]
    planted = {(int(a), int(b)) for a, b in np.sort(random.choice(np.arange(100, N_ITEMS), (10, 2), replace=False))}
    for a, b in planted:
        for basket in random.choice(N_BASKETS, 40, replace=False):
            baskets[basket] = np.union1d(baskets[basket], [a, b])
    pairs, q = q_values(np.concatenate(baskets), np.cumsum([0, *map(len, baskets)]))
    called = {(int(a), int(b)) for a, b in zip(pairs.first[q <= 0.05], pairs.second[q <= 0.05], strict=True)}
    assert planted <= called
    assert len(called - planted) <= 1


def test_power_is_how_often_a_true_lift_is_found():
    random = np.random.default_rng(3)
    for expected, lift in ((0.5, 6.0), (4.0, 2.0), (60.0, 1.3)):
        met = random.poisson(expected * lift, 20_000)
        found = (chance.poisson_tail(met, expected) <= 0.01).mean()
        assert found == pytest.approx(float(chance.power(expected, lift, 0.01)), abs=0.015)
