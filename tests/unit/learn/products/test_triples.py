from itertools import combinations

import numpy as np
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.products import triples
from crosslift.learn.products.triples import Sets, find_triples
from crosslift.settings import Settings


def baskets_of(orders, customers=None, strata=None, n_items=None):
    items = np.array([item for order in orders for item in sorted(order)], np.int32)
    offsets = np.cumsum([0, *map(len, orders)]).astype(np.int64)
    number = np.arange(len(orders))
    who = number if customers is None else np.array(customers)
    where = np.full(len(orders), -1) if strata is None else np.array(strata)
    n = int(items.max()) + 1 if n_items is None else n_items
    return Baskets([f"p{i}" for i in range(n)], items, offsets, number, who, number >= 0, where)


def every_pair(counted):
    """All pairs as if they were complements, so that only the test of the whole decides."""
    held = [set(counted.items[a:b].tolist()) for a, b in zip(counted.offsets, counted.offsets[1:], strict=False)]
    pairs = np.array(list(combinations(range(counted.n_items), 2)), np.int64)
    n_both = np.array([sum({a, b} <= order for order in held) for a, b in pairs.tolist()])
    return Sets(pairs, n_both, n_both, np.ones(len(pairs)), np.zeros(len(pairs)))


def find(counted, **knobs):
    known = {name.replace("_", ".", 1): value for name, value in knobs.items()}
    return find_triples(counted, every_pair(counted), np.ones(counted.n_items), Settings.load(known, environment={}))


ALL = {"learn_max_q_value": 1.0, "learn_min_lift": 0.0, "learn_min_baskets": 1, "learn_min_customers": 1}


def random_orders(seed, n, n_items=8):
    chance = np.random.default_rng(seed)
    weights = chance.dirichlet(np.ones(n_items))
    sizes = np.minimum(1 + chance.poisson(chance.gamma(1.0, 2.0, n)), n_items)
    return [set(chance.choice(n_items, size, replace=False, p=weights).tolist()) for size in sizes]


@pytest.mark.parametrize("seed", range(3))
def test_counts_and_chance_equal_their_definition(seed, monkeypatch):
    monkeypatch.setattr(triples, "MIN_STRATUM", 50)
    orders = random_orders(seed, 160)
    customers, strata = (np.arange(160) % 23).tolist(), (np.arange(160) % 2).tolist()
    found = find(baskets_of(orders, customers, strata, 8), **ALL)
    assert len(found.members) > 20
    lines = [sum(len(o) for o, s in zip(orders, strata, strict=True) if s == stratum) for stratum in (0, 1)]
    for row, wanted in enumerate(found.members.tolist()):
        whole = [number for number, order in enumerate(orders) if set(wanted) <= order]
        assert (found.n_both[row], found.n_customers[row]) == (len(whole), len({customers[n] for n in whole}))
        ways = []
        for third in wanted:
            pair = set(wanted) - {third}
            ways.append(sum(
                (len(order) - 2) * sum(third in o for o, t in zip(orders, strata, strict=True) if t == s) / lines[s]
                for order, s in zip(orders, strata, strict=True) if pair <= order
            ))  # fmt: skip
        assert found.expected[row] == pytest.approx(max(ways))


@pytest.mark.parametrize("seed", range(6))
def test_orders_of_very_different_size_hold_no_triple_by_chance(seed):
    orders = random_orders(100 + seed, 3000, n_items=30)
    assert len(find(baskets_of(orders, n_items=30)).members) == 0


def meals(n, customers=None):
    noise = [{i} for i in range(6) for _ in range(80)]
    who = None if customers is None else [*range(len(noise)), *(1000 + i % customers for i in range(n))]
    return baskets_of([*noise, *[{0, 1, 2}] * n], who)


def test_a_planted_triple_is_found_alone():
    assert find(meals(30)).members.tolist() == [[0, 1, 2]]


def test_one_mega_buyer_makes_no_triple():
    assert len(find(meals(30, customers=1)).members) == 0
    assert len(find(meals(30, customers=2)).members) == 0
    assert find(meals(30, customers=30)).n_customers.tolist() == [30]


def test_without_three_pairs_that_meet_there_is_no_triple():
    pair = Sets(np.array([[0, 1]]), np.array([9]), np.array([9]), np.ones(1), np.zeros(1))
    found = find_triples(meals(30), pair, np.ones(6), Settings.load({}, environment={}))
    assert found.members.shape == (0, 3)
