"""Relations in pieces are those of the plain definition, to the last pair and number."""

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats import relate as module
from crosslift.stats.chance import StrataCounts, lift_interval, poisson_tail
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import count_pairs
from crosslift.stats.relate import Bounds, relate, relate_counts


@pytest.fixture(scope="module")
def shop():
    """4,000 baskets of 300 products, every third with a planted pair, 900 customers, 3 markets of unlike taste."""
    chance = np.random.default_rng(8)
    strata = chance.integers(0, 3, 4_000)
    baskets = []
    for market in strata:
        held = chance.choice(300, 2 + chance.poisson(3), p=popularity(market)).tolist()
        if chance.random() < 0.3:
            planted = 2 * chance.integers(0, 40)
            held += [planted, planted + 1]
        baskets.append(np.unique(held))
    offsets = np.cumsum([0, *map(len, baskets)])
    return np.concatenate(baskets).astype(np.int32), offsets, chance.integers(0, 900, 4_000), strata


def popularity(market):
    share = 1 / (1 + (np.arange(300) + 100 * market) % 300)
    return share / share.sum()


def by_definition(shop, bounds, strata):
    items, offsets, customers, _ = shop
    pairs = count_pairs(
        items, offsets, 300, groups=customers, cap_per_group=bounds.cap_per_group, min_count=bounds.min_count
    )
    baskets = StrataCounts.of(items, offsets, 300, strata)
    expected = baskets.expected(pairs.first, pairs.second)
    q_value = adjust(poisson_tail(pairs.n_effective, expected), "bh", n_tests=300 * 299 // 2)
    holds = (
        (q_value <= bounds.max_q_value)
        & (pairs.n_effective >= bounds.min_lift * expected)
        & (pairs.n_groups >= bounds.min_groups)
        & (np.round(np.round(expected, 4), 1) < pairs.n_both)
    )
    low, high = lift_interval(pairs.n_both, expected)
    return pairs, holds, expected, q_value, low, high


@pytest.mark.parametrize("in_strata", [True, False])
@pytest.mark.parametrize(
    "bounds", [Bounds(), Bounds(5, 4, 1, 0.01, 1.5, 7), Bounds(1, 1, 3, 1.0, 0.5), Bounds(2, 1, 2, 0.0)]
)
def test_relations_are_those_of_the_definition(shop, bounds, in_strata, monkeypatch):
    monkeypatch.setattr(module, "PAIRS_PER_PIECE", 1_000)
    monkeypatch.setattr(module, "LINES_PER_PIECE", 777)
    items, offsets, customers, strata = shop
    pairs, holds, expected, q_value, low, high = by_definition(shop, bounds, strata if in_strata else strata * 0)
    found = relate(items, offsets, 300, customers, strata=strata if in_strata else None, bounds=bounds)
    assert (found.n_counted, found.n_tests) == (len(pairs), 300 * 299 // 2)
    assert len(found) == holds.sum()
    assert bounds.max_q_value == 0 or len(found) >= 25
    for name in ("first", "second", "n_both", "n_groups", "n_effective"):
        np.testing.assert_array_equal(getattr(found, name), getattr(pairs, name)[holds])
    for name, wanted in (("expected", expected), ("q_value", q_value), ("lift_low", low), ("lift_high", high)):
        np.testing.assert_allclose(getattr(found, name), wanted[holds], rtol=1e-12)
    np.testing.assert_allclose(found.lift, (pairs.n_both / expected)[holds], rtol=1e-12)
    counts = np.bincount(items, minlength=300)
    np.testing.assert_allclose(found.confidence_forth * counts[found.first], found.n_both)
    np.testing.assert_allclose(found.confidence_back * counts[found.second], found.n_both)


def test_the_strongest_point_at_relations(shop):
    items, offsets, customers, _ = shop
    found = relate(items, offsets, 300, customers, bounds=Bounds(n_strongest=2))
    kept = found.strongest
    assert np.diff(kept.offsets).max() == 2
    for item in range(300):
        mine = np.flatnonzero((found.first == item) | (found.second == item))
        best = mine[np.argsort(-found.lift_low[mine].astype(np.float32), kind="stable")[:2]]
        assert kept.pairs[kept.offsets[item] : kept.offsets[item + 1]].tolist() == best.tolist()


def test_planted_pairs_are_found_and_few_others(shop):
    items, offsets, customers, strata = shop
    found = relate(items, offsets, 300, customers, strata=strata)
    named = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert sum((2 * n, 2 * n + 1) in named for n in range(40)) >= 35
    assert len(named) <= 45


def test_one_customer_makes_no_relation():
    items = np.array([0, 1] * 60 + [2, 3] * 60, np.int32)
    found = relate(items, np.arange(0, 241, 2), 40, np.array([7] * 60 + list(range(100, 160))))
    assert (found.first.tolist(), found.second.tolist()) == ([2], [3])


def test_nothing_and_wrong_strata_are_refused():
    none = np.empty(0, np.int32)
    with pytest.raises(BadInput, match="no basket holds an item"):
        relate(none, np.zeros(1, np.int64), 5, none)
    with pytest.raises(BadInput, match="number one from 0 for each"):
        relate(np.array([0, 1]), np.array([0, 2]), 2, np.array([1]), strata=np.array([0, 1]))
    pairs = count_pairs([0, 1], [0, 2], 2)
    with pytest.raises(BadInput, match="count them with cap_per_group"):
        relate_counts(pairs, StrataCounts.of([0, 1], [0, 2], 2, [0]), Bounds())
