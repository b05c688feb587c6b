"""Of what is proposed as never together, at most one in twenty meets more often than `MAX_LIFT` of chance.

The share of false ones is asked for at the border, where the claim is hardest (pairs that meet exactly at `MAX_LIFT`), and in
shops where nothing stays apart at all: what people buy is independent, or two kinds of people lean away from each other so
that half of all pairs meet .8 as often as chance.
"""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products import complements
from crosslift.learn.products.apart import find_apart
from crosslift.learn.products.by_chance import Chance
from crosslift.learn.products.seldom import MAX_LIFT, MIN_EXPECTED
from crosslift.settings import Settings
from crosslift.stats.multiplicity import adjust
from crosslift.stats.scarcity import scarcity

LEVEL, ROUNDS = 0.05, 1_000
SHOPS, N_ITEMS, N_ORDERS = 40, 40, 5_000
NAMES = [f"p{item:02}" for item in range(N_ITEMS)]
ROWS = {
    "product_id": NAMES,
    "title": [f"{'vqzjxk'[item % 6] * 3}{item}" for item in range(N_ITEMS)],
    "category": [f"c{item % 5}" for item in range(N_ITEMS)],
}
CATALOG = catalog_of(NAMES, pa.table(ROWS))
SETTINGS = Settings.load({"learn.narrow_draws": 20}, environment={})
APART = {(0, 3), (1, 4), (2, 6)}


def false_shares(lifts, random, expected):
    """Give the share of false ones in each of many draws, and how many of the true ones were found."""
    shares, found = [], 0
    is_false = lifts >= MAX_LIFT
    for _ in range(ROUNDS):
        _, q_value = scarcity(random.poisson(lifts * expected), expected, MAX_LIFT, LEVEL)
        named = q_value <= LEVEL
        shares.append((named & is_false).sum() / max(named.sum(), 1))
        found += int((named & ~is_false).sum())
    return np.array(shares), found / max(ROUNDS * int((~is_false).sum()), 1)


@pytest.mark.parametrize(
    ("n_apart", "n_border", "n_beyond"), [(0, 200, 0), (0, 40, 160), (20, 180, 0), (20, 20, 160), (3, 0, 2_000)]
)
def test_at_most_one_in_twenty_is_false_also_at_the_border(n_apart, n_border, n_beyond):
    random = np.random.default_rng([n_apart, n_border, n_beyond])
    lifts = np.concatenate([np.full(n_apart, 0.02), np.full(n_border, MAX_LIFT), random.uniform(0.4, 1.5, n_beyond)])
    expected = np.exp(random.uniform(np.log(MIN_EXPECTED / 2), np.log(60), lifts.size))
    shares, found = false_shares(lifts, random, expected)
    error = shares.std() / np.sqrt(ROUNDS)
    print(
        f"{n_apart} apart, {n_border} at the border, {n_beyond} beyond: false {shares.mean():.4f} ± {error:.4f}, "
        f"found {found:.3f}"
    )
    assert shares.mean() <= LEVEL + 3 * error


def test_more_is_found_than_by_paying_for_all_pairs_that_never_could_be():
    random = np.random.default_rng(12)
    lifts = np.concatenate([np.full(20, 0.0), random.uniform(0.4, 1.5, 3_000)])
    expected = np.exp(random.uniform(np.log(MIN_EXPECTED), np.log(60), lifts.size))
    n_met = random.poisson(lifts * expected)
    _, q_value = scarcity(n_met, expected, MAX_LIFT, LEVEL)
    plain = np.exp(-MAX_LIFT * expected[:20])  # P(none) at the border, for the pairs that never met
    paid_for_all = adjust(np.concatenate([plain, np.ones(3_000)]), "bh")[:20]
    assert (q_value[:20] <= LEVEL).sum() >= (paid_for_all <= LEVEL).sum() + 3


def shop(seed, leaning, apart=frozenset()):
    """Draw baskets: each of one of two kinds of people, who take the products of their half (1 + leaning) times as often."""
    random = np.random.default_rng([seed, 7])
    weights = 1.0 / np.arange(6, 6 + N_ITEMS)
    half = np.where(np.arange(N_ITEMS) % 2 == 0, leaning, -leaning)
    rows = []
    for kind in random.choice([-1, 1], N_ORDERS):
        p = weights * (1 + kind * half)
        size = 1 + random.poisson(random.gamma(1.5, 1.0))
        rows.append(set(random.choice(N_ITEMS, min(size, 12), replace=False, p=p / p.sum()).tolist()))
    for row in rows:
        for first, second in apart:
            if first in row and second in row:
                row.discard(first if random.random() < 0.5 else second)
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    items = np.array([item for row in rows for item in sorted(row)], dtype=np.int32)
    who, nowhere = np.arange(N_ORDERS), np.full(N_ORDERS, -1)
    return Baskets(NAMES, items, offsets, who, who, nowhere < 0, nowhere)


def proposed(baskets):
    """Name what is proposed: pairs of products, and how many pairs of groups."""
    counted, pairs = complements.count(baskets, SETTINGS)
    expected = Chance(counted, SETTINGS).expected
    links, groups = find_apart(counted, pairs, expected, CATALOG, SETTINGS)
    ends = zip(links.sources.tolist(), links.targets.tolist(), strict=True)
    return {(min(pair), max(pair)) for pair in ends}, len(groups)


@pytest.mark.long
@pytest.mark.parametrize("leaning", [0.0, np.sqrt(0.2)])
def test_in_shops_where_nothing_stays_apart_hardly_anything_is_proposed(leaning):
    told = [proposed(shop(seed, leaning)) for seed in range(SHOPS)]
    with_any = sum(bool(pairs) or n_groups > 0 for pairs, n_groups in told)
    print(f"half of all pairs at lift {1 - leaning**2:.2f}: proposals in {with_any} of {SHOPS} shops")
    assert with_any <= LEVEL * SHOPS


@pytest.mark.long
@pytest.mark.parametrize("leaning", [0.0, np.sqrt(0.2)])
def test_what_stays_apart_is_found_and_hardly_anything_else(leaning):
    told = [proposed(shop(seed, leaning, APART))[0] for seed in range(SHOPS)]
    shares = [len(pairs - APART) / max(len(pairs), 1) for pairs in told]
    found = sum(len(pairs & APART) for pairs in told) / (SHOPS * len(APART))
    n_named, n_false = sum(map(len, told)), sum(len(pairs - APART) for pairs in told)
    print(f"lift {1 - leaning**2:.2f}: {n_named} proposed, {n_false} false ({np.mean(shares):.3f}), found {found:.3f}")
    assert np.mean(shares) <= LEVEL
    assert found >= 0.9
