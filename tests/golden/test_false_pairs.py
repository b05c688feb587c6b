"""Where chance alone filled the baskets, the size-aware test must find nothing (DESIGN 4, SCIENCE 0.7)."""

import numpy as np
import pytest

from crosslift.stats.association import fisher_upper_tail
from crosslift.stats.chance import expected_pairs, kappa, poisson_tail
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import count_pairs
from crosslift.stats.shuffle import swap_shuffle

pytestmark = pytest.mark.data


def found(baskets, items, *, min_count=3, textbook=False):
    """Pairs called real at q <= .05, over all possible pairs; those below `min_count` have p = 1."""
    n_items, n_baskets = len(baskets.names), baskets.offsets.size - 1
    pairs = count_pairs(items, baskets.offsets, n_items, min_count=min_count)
    a, b = baskets.counts[pairs.first], baskets.counts[pairs.second]
    if textbook:
        p = fisher_upper_tail(pairs.n_both, a, b, n_baskets)
    else:
        p = poisson_tail(pairs.n_both, expected_pairs(a, b, n_baskets, kappa(np.diff(baskets.offsets))))
    return int((adjust(p, "bh", n_tests=n_items * (n_items - 1) // 2) <= 0.05).sum())


def false_pairs(baskets, seeds):
    return [found(baskets, swap_shuffle(baskets.items, baskets.offsets, len(baskets.names), seed=s)) for s in seeds]


def test_real_baskets_hold_tens_of_thousands_of_pairs(online_retail):
    pairs, factor = found(online_retail, online_retail.items), kappa(np.diff(online_retail.offsets))
    print(f"real pairs in baskets of 2 to 100: {pairs:,}; kappa {factor:.4f}")
    assert pairs == 37_498
    assert factor == pytest.approx(1.686388, abs=1e-6)


def test_real_pairs_equal_the_published_count(online_retail_to_100):
    """SCIENCE 0.7: kappa 1.815 and 33,980 pairs; baskets of one counted, pairs in at least five baskets."""
    assert kappa(np.diff(online_retail_to_100.offsets)) == pytest.approx(1.815, abs=5e-4)
    assert found(online_retail_to_100, online_retail_to_100.items, min_count=5) == 33_980


def test_at_most_one_of_five_shuffles_yields_a_pair(online_retail):
    outcomes = false_pairs(online_retail, range(5))
    print("false pairs in 5 shuffles:", outcomes)
    assert sum(pairs > 0 for pairs in outcomes) <= 1


@pytest.mark.long
def test_at_most_four_of_twenty_shuffles_yield_a_pair(online_retail):
    outcomes = false_pairs(online_retail, range(100, 120))
    print("false pairs in 20 shuffles:", outcomes)
    assert sum(pairs > 0 for pairs in outcomes) <= 4


@pytest.mark.long
def test_the_textbook_test_is_fooled_by_the_same_shuffle(online_retail_to_100):
    """Why chance must be size-aware: SCIENCE 0.7 has 20,236 on its shuffle, 102,803 on the real baskets."""
    baskets = online_retail_to_100
    assert found(baskets, baskets.items, min_count=5, textbook=True) == 102_803
    shuffled = swap_shuffle(baskets.items, baskets.offsets, len(baskets.names), seed=0)
    pairs = found(baskets, shuffled, min_count=5, textbook=True)
    print(f"textbook false pairs: {pairs:,}")
    assert pairs > 10_000
