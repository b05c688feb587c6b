import numpy as np
import pytest

from crosslift.learn.baskets import Baskets
from crosslift.learn.customers.markets import PatternKind, TooEarly, find_market_patterns
from crosslift.learn.products.conditions import Markets
from crosslift.settings import Settings

SETTINGS = Settings.load({}, environment={})
NAMES = ["Coats", "Hats", "Scarves", "Socks", "Umbrellas"]
COATS, HATS, SCARVES, SOCKS, UMBRELLAS = range(5)


def report(*orders, names=NAMES, markets=("EU", "SEA")):
    """Ask of orders given as (how many, market or None, categories); every order is of a customer of its own."""
    made = [(place, held) for n, place, held in orders for _ in range(n)]
    n = len(made)
    items = np.concatenate([sorted(held) for _, held in made]).astype(np.int32)
    none = np.full(n, -1)
    baskets = Baskets(
        names, items, np.cumsum([0, *(len(held) for _, held in made)]), np.arange(n), np.arange(n), none >= 0, none
    )
    place = np.array([-1 if name is None else markets.index(name) for name, _ in made])
    return find_market_patterns(baskets, np.arange(len(names)), names, Markets(place, list(markets)), SETTINGS)


def apart(market, n=100):
    """Every category alone, and every pair as often as any other."""
    alone = [(3 * n, market, [one]) for one in range(4)]
    return [*alone, *((n // 2, market, [one, other]) for one in range(4) for other in range(one))]


def test_a_pair_that_meets_in_one_market_only_is_told_there_with_its_support():
    found = report(*apart("EU"), (200, "EU", [COATS, SCARVES]), *apart("SEA"))
    (one,) = (one for one in found.patterns if {one.category, one.other_category} == {"Coats", "Scarves"})
    assert (one.market, one.kind, one.n_both, one.n_customers) == ("EU", PatternKind.STRONGER, 250, 250)
    assert one.support == 250 / 1700
    assert one.confidence == 250 / 650
    assert one.lift_low < one.lift < one.lift_high
    assert one.elsewhere_low < one.lift_elsewhere < one.elsewhere_high < one.lift_low
    assert one.q_value < 0.001
    assert found.n_tests == 6


def test_the_category_in_more_baskets_comes_first():
    found = report(*apart("EU"), (200, "EU", [COATS, SCARVES]), (90, "EU", [SCARVES]), *apart("SEA"))
    assert [(one.category, one.other_category) for one in found.patterns] == [("Scarves", "Coats")]


def test_markets_that_are_alike_differ_in_nothing():
    found = report(*apart("EU"), *apart("SEA", 200))
    assert found.patterns == ()
    assert found.n_tests == 6


def test_what_only_one_market_sells_is_told_as_such():
    rain = [(300, "SEA", [UMBRELLAS]), (150, "SEA", [UMBRELLAS, SOCKS])]
    found = report(*apart("EU"), *apart("SEA"), *rain)
    (one,) = found.patterns
    assert (one.market, one.kind) == ("SEA", PatternKind.ONLY_HERE)
    assert {one.category, one.other_category} == {"Umbrellas", "Socks"}
    assert one.lift_elsewhere is None
    assert one.lift_low > 1


def test_of_three_markets_those_where_a_pair_is_weaker_are_told_too():
    three = ("EU", "SEA", "US")
    orders = [*apart("EU"), *apart("SEA"), *apart("US"), (200, "EU", [COATS, SCARVES]), (200, "US", [COATS, SCARVES])]
    found = report(*orders, markets=three)
    kinds = {
        one.market: one.kind for one in found.patterns if {one.category, one.other_category} == {"Coats", "Scarves"}
    }
    assert kinds == {"EU": PatternKind.STRONGER, "US": PatternKind.STRONGER, "SEA": PatternKind.WEAKER}


def test_one_market_or_too_few_baskets_is_too_early_to_say():
    found = report(*apart("EU"), (9, "SEA", [COATS, SCARVES]), (2000, None, [COATS, SCARVES]))
    assert found.patterns == ()
    assert [(one.market, one.why) for one in found.too_early] == [
        ("SEA", TooEarly.FEW_BASKETS), (None, TooEarly.ONE_MARKET),
    ]  # fmt: skip
    assert found.too_early[0].evidence == {"n_baskets": 9, "needed": 500}
    assert found.too_early[1].evidence == {"n_markets": 1}


def test_what_looks_different_and_may_be_chance_is_named_as_that():
    found = report(*apart("EU"), (35, "EU", [COATS, SCARVES]), *apart("SEA"))
    assert found.patterns == ()
    (one,) = found.too_early
    assert (one.market, one.why) == ("EU", TooEarly.MAY_BE_CHANCE)
    assert {one.evidence["category"], one.evidence["other_category"]} == {"Coats", "Scarves"}
    assert one.evidence["q_value"] > 0.05


def test_pairs_that_hardly_meet_anywhere_are_counted():
    found = report(*apart("EU"), *apart("SEA"), (2, "EU", [UMBRELLAS, COATS]), (2, "SEA", [UMBRELLAS, SOCKS]))
    assert {(one.market, one.evidence["n_pairs"]) for one in found.too_early if one.why is TooEarly.FEW_MEETINGS} == {
        ("EU", 1), ("SEA", 1),
    }  # fmt: skip


def test_products_without_a_category_are_left_out():
    baskets = Baskets(
        ["a", "b"], np.tile(np.array([0, 1], np.int32), 1200), np.arange(0, 2401, 2), np.arange(1200), np.arange(1200),
        np.ones(1200, bool), np.zeros(1200, np.int64),
    )  # fmt: skip
    markets = Markets(np.arange(1200) % 2, ["EU", "SEA"])
    found = find_market_patterns(baskets, np.array([0, -1]), ["Coats"], markets, SETTINGS)
    assert (found.patterns, found.n_tests) == ((), 0)


def test_no_baskets_are_no_markets():
    nothing = np.zeros(0, np.int64)
    baskets = Baskets([], nothing.astype(np.int32), np.zeros(1, np.int64), nothing, nothing, nothing > 0, nothing)
    found = find_market_patterns(baskets, nothing, [], Markets(nothing, []), SETTINGS)
    assert found.patterns == ()
    assert found.too_early[0].evidence == {"n_markets": pytest.approx(0)}
