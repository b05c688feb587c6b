"""Over seeded shops: planted differences between markets are found with support and interval, and shuffled markets have none."""

import numpy as np
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.customers.markets import PatternKind, find_market_patterns
from crosslift.learn.products.conditions import Markets
from crosslift.settings import Settings

SETTINGS = Settings.load({}, environment={})
NAMES = [
    "Bags",
    "Belts",
    "Coats",
    "Dresses",
    "Gloves",
    "Hats",
    "Jackets",
    "Scarves",
    "Shirts",
    "Shoes",
    "Socks",
    "Sunglasses",
]
COATS, JACKETS, SCARVES, SUNGLASSES = (NAMES.index(name) for name in ("Coats", "Jackets", "Scarves", "Sunglasses"))
PER_CATEGORY = 4


def a_shop(seed, n_orders=6_000, markets=("EU", "SEA"), with_pairs=True, n_customers=2_500):
    """Orders of customers who live in one market and keep to their own taste; popularity differs between markets."""
    chance = np.random.default_rng(seed)
    home = chance.integers(0, len(markets), n_customers)
    popularity = chance.dirichlet(np.full(len(NAMES), 3.0), len(markets))
    taste = chance.gamma(0.5, 1.0, (n_customers, len(NAMES)))
    activity = chance.lognormal(0, 1, n_customers)
    customers = chance.choice(n_customers, n_orders, p=activity / activity.sum())
    made = []
    for customer in customers.tolist():
        likes = popularity[home[customer]] * taste[customer] + 1e-9
        n_held = min(1 + chance.poisson(chance.gamma(1, 1.2)), 8)
        held = set(chance.choice(len(NAMES), n_held, replace=False, p=likes / likes.sum()).tolist())
        if with_pairs:
            for anchor, attached, place in ((COATS, SCARVES, "EU"), (JACKETS, SUNGLASSES, "SEA")):
                if markets[home[customer]] == place and anchor in held and chance.random() < 0.4:
                    held.add(attached)
        made.append(sorted(category * PER_CATEGORY + int(chance.integers(PER_CATEGORY)) for category in held))
    none = np.full(n_orders, -1)
    products = [f"{name} {n}" for name in NAMES for n in range(PER_CATEGORY)]
    baskets = Baskets(
        products, np.concatenate(made).astype(np.int32), np.cumsum([0, *map(len, made)]), np.arange(n_orders),
        customers.astype(np.int64), none >= 0, none,
    )  # fmt: skip
    return baskets, np.repeat(np.arange(len(NAMES)), PER_CATEGORY), Markets(home[customers], list(markets))


def report(baskets, shelf, markets):
    return find_market_patterns(baskets, shelf, NAMES, markets, SETTINGS)


def test_european_coats_go_with_scarves_and_southern_jackets_with_sunglasses():
    for seed in range(3):
        baskets, shelf, markets = a_shop(seed)
        found = report(baskets, shelf, markets)
        told = {(one.market, one.category, one.other_category): one for one in found.patterns}
        told |= {(one.market, one.other_category, one.category): one for one in found.patterns}
        for key in (("EU", "Coats", "Scarves"), ("SEA", "Jackets", "Sunglasses")):
            one = told[key]
            print(f"{key}: {one.support:.1%} of baskets, lift {one.lift:.2f} ({one.lift_low:.2f} to {one.lift_high:.2f}), "
                  f"elsewhere {one.lift_elsewhere:.2f}, q {one.q_value:.1e}")  # fmt: skip
            assert one.kind is PatternKind.STRONGER
            assert one.n_customers >= 20
            assert one.lift_low > 1.2
            assert one.lift_low > one.lift_elsewhere
            assert one.lift_low <= one.lift <= one.lift_high
            number = markets.names.index(one.market)
            mine = baskets.take(markets.numbers == number)
            of_line = shelf[mine.items]
            basket = np.repeat(np.arange(mine.n_baskets), mine.sizes)
            both = set(basket[of_line == NAMES.index(key[1])]) & set(basket[of_line == NAMES.index(key[2])])
            assert one.n_both == len(both)
            assert one.support == pytest.approx(len(both) / mine.n_baskets)


def test_shuffled_markets_have_no_patterns():
    """Market labels dealt anew to customers, the planted pairs and everybody's taste kept."""
    n_false = n_tests = n_shops = 0
    for seed in range(14):
        baskets, shelf, _ = a_shop(100 + seed, 3_000)
        chance = np.random.default_rng(seed)
        dealt = chance.integers(0, 3, int(baskets.customers.max()) + 1)[baskets.customers]
        found = report(baskets, shelf, Markets(dealt, ["a", "b", "c"]))
        n_false += len(found.patterns)
        n_shops += bool(found.patterns)
        n_tests += found.n_tests
    print(f"{n_false} false patterns of {n_tests} differences tested, in {n_shops} of 14 shops")
    assert n_tests > 1_000
    assert n_shops <= 2


def test_markets_that_only_differ_in_taste_and_size_have_hardly_any_patterns():
    n_shops = 0
    for seed in range(10):
        found = report(*a_shop(200 + seed, 3_000, with_pairs=False))
        n_shops += bool(found.patterns)
    print(f"{n_shops} of 10 shops with a pattern where only popularity differs")
    assert n_shops <= 2


def test_a_difference_among_three_markets_is_told_of_the_one():
    baskets, shelf, markets = a_shop(7, 9_000, ("EU", "SEA", "US"))
    found = report(baskets, shelf, markets)
    stronger = {(one.market, frozenset((one.category, one.other_category))) for one in found.patterns
                if one.kind is PatternKind.STRONGER}  # fmt: skip
    assert stronger == {("EU", frozenset(("Coats", "Scarves"))), ("SEA", frozenset(("Jackets", "Sunglasses")))}
