from math import exp, factorial

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.material import Material
from crosslift.learn.products import by_chance, complements

KAPPA = {"learn_narrow_items": 0, "learn_narrow_share": 1.0}
"""Settings under which the arithmetic of a few baskets can be done by hand."""


@pytest.fixture
def find(little):
    """Count and test the pairs of some orders."""

    def find(made, **knobs):
        known = little.settings(**knobs)
        return complements.find_complements(*complements.count(from_lines(little.lines(made)), known), known)

    return find


def pair(found, products, a, b):
    """Give the place of a pair among those tested."""
    places = sorted((products.index(a), products.index(b)))
    return int(np.flatnonzero((found.first == places[0]) & (found.second == places[1]))[0])


def poisson_tail(least, mean):
    return 1 - sum(exp(-mean) * mean**k / factorial(k) for k in range(least))


def test_a_worked_example(little, find):
    # 10 orders: 4 of tea and honey, 2 of tea, 2 of honey, 2 of cup. Sizes: 4 of two, 6 of one.
    found = find(little.orders(*[["tea", "honey"]] * 4, *[["tea"]] * 2, *[["honey"]] * 2, *[["cup"]] * 2), **KAPPA)
    kappa = 10 * (4 * 2 * 1) / (4 * 2 + 6) ** 2
    expected = kappa * 6 * 6 / 10
    assert found.kappa == pytest.approx(kappa)
    assert (found.n_both.tolist(), found.n_customers.tolist(), found.n_baskets) == ([4], [4], 10)
    assert found.expected == pytest.approx([expected])
    assert found.lift == pytest.approx([4 / expected])
    assert found.n_tests == 3  # of three products, pairs that never met included
    assert found.q_value == pytest.approx([poisson_tail(4, expected) * 3 / 1])
    assert found.lift_low[0] < 4 / expected < found.lift_high[0]
    assert found.n_relations == 0  # P(X ≥ 4) is .06: four orders are no evidence yet


def test_ten_times_the_orders_make_the_same_pair_a_relation(little, find):
    few = [["tea", "honey"]] * 4 + [["tea"]] * 2 + [["honey"]] * 2 + [["cup"]] * 2
    found = find(little.orders(*few * 10), **KAPPA)
    assert (found.n_both.tolist(), found.is_relation.tolist()) == ([40], [True])
    assert complements.STRENGTHS[found.strength[0]] == "clear"


def test_in_a_narrow_shop_chance_is_the_mean_of_what_shuffles_can_fill(little, find):
    # a, b and c are sold twice each, in two orders of two and two of one. The orders of two hold the same pair in 3 ways
    # (singles: 1 way), different pairs in 6 (singles: 2 ways): 15 fillings; a and b meet twice in 1 of them, once in 8.
    found = find(little.orders(["a", "b"], ["a", "b"], ["c"], ["c"]), learn_min_baskets=1, learn_narrow_draws=4000)
    assert found.expected == pytest.approx([(1 * 2 + 8 * 1) / 15], abs=0.03)


def test_unequal_baskets_raise_what_chance_alone_brings(little, find):
    # each of 9 wholesale orders of 12 brings every pair together; the textbook n_a·n_b/N would call that a relation
    names = [f"p{i:02}" for i in range(12)]
    made = little.orders(*[names] * 9, *([n] for n in names * 18))
    found = find(made, **KAPPA)
    n_baskets, lines = 9 + 12 * 18, 9 * 12 + 12 * 18
    assert found.kappa == pytest.approx(n_baskets * 9 * 12 * 11 / lines**2)
    assert found.kappa > 2
    assert found.expected == pytest.approx(found.kappa * 27 * 27 / n_baskets)
    assert found.n_relations == 0
    # shuffled, an order of all 12 can only stay what it is
    assert find(made).expected == pytest.approx((100 * 9 + 1) / 101)


def test_products_nobody_bought_are_no_tests(little):
    made = little.orders(*[["tea", "honey"]] * 4, ["cup"])
    longer = from_lines(little.lines(made)).among(["broom", "cup", "honey", "pan", "tea"])
    found = complements.find_complements(*complements.count(longer, little.settings()), little.settings())
    assert (found.n_tests, found.first.tolist(), found.second.tolist()) == (3, [2], [4])


def test_a_shop_without_orders_has_no_complements(little):
    known = little.settings()
    found = complements.find_complements(*complements.count(from_lines(little.lines([])), known), known)
    assert (found.n_relations, found.n_tests, len(found.shrunk_lift)) == (0, 0, 0)


def test_a_pair_is_tested_only_from_the_least_baskets_on(little, find):
    made = little.orders(*[["tea", "honey"]] * 2, *[["cup", "tray"]] * 3)
    assert find(made).n_both.tolist() == [3]
    assert find(made, learn_min_baskets=2).n_both.tolist() == [3, 2]


def test_one_mega_buyer_makes_no_relation(little, find):
    chance = np.random.default_rng(3)
    noise = [chance.choice([f"n{i:02}" for i in range(40)], 2, replace=False).tolist() for _ in range(600)]
    ours = [little.Order(("tea", "honey"), "mega", number) for number in range(60)]
    found = find([*little.orders(*noise), *ours])
    names = sorted({*(name for basket in noise for name in basket), "tea", "honey"})
    at = pair(found, names, "tea", "honey")
    assert (found.n_both[at], found.n_customers[at], found.n_effective[at]) == (60, 1, 3)
    assert not found.is_relation[at]


def test_the_cap_holds_for_each_customer_not_on_average(little, find):
    # 3 times the customers would be 12 baskets, but 3 of the 4 bought once: the mega-buyer's 57 count as 3
    ours = [little.Order(("tea", "honey"), "mega", number) for number in range(57)]
    found = find([*ours, *little.orders(*[["tea", "honey"]] * 3, ["cup"])])
    assert (found.n_both.tolist(), found.n_customers.tolist(), found.n_effective.tolist()) == ([60], [4], [6])


def test_a_wholesale_order_spreads_its_say(little, find):
    found = find(little.orders(["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]), learn_min_baskets=1)
    at = pair(found, list("abcde"), "a", "b")
    assert found.weight[at] == 1 / 1 + 1 / 2 + 1 / 4


def test_orders_in_which_both_came_back_are_counted(little):
    known = little.settings()
    lines = little.lines(little.orders(*[["lamp", "bulb"]] * 5, *[["lamp", "shade"]] * 5))
    returns = Material(lines, little.products()).returns
    told = [
        ("o0", "lamp"),
        ("o0", "bulb"),
        ("o1", "lamp"),
        ("o2", "bulb"),
        ("o2", "lamp"),
        ("o2", "gone"),
        ("o5", "shade"),
    ]
    back = [{"source": "canonical", "order_id": order, "product_id": name, "quantity": 1} for order, name in told]
    material = Material(lines, little.products(), pa.Table.from_pylist(back, returns.schema))
    counted = complements.count(from_lines(lines), known)
    found = complements.find_complements(*counted, known, material=material)
    bulb, lamp, shade = range(3)
    assert (found.first.tolist(), found.second.tolist()) == ([bulb, lamp], [lamp, shade])
    assert found.n_returned_together.tolist() == [2, 0]
    untold = complements.find_complements(*counted, known, material=Material(lines, little.products()))
    assert untold.n_returned_together.tolist() == [-1, -1]


def test_sixty_customers_who_do_the_same_make_one(little, find):
    chance = np.random.default_rng(3)
    noise = [chance.choice([f"n{i:02}" for i in range(40)], 2, replace=False).tolist() for _ in range(600)]
    found = find(little.orders(*noise, *[["tea", "honey"]] * 60))
    names = sorted({*(name for basket in noise for name in basket), "tea", "honey"})
    assert found.is_relation[pair(found, names, "tea", "honey")]
    assert found.n_relations == 1


def test_what_goes_with_everything_is_nobodys_complement(little, find):
    # wrapped at a constant rate an order, in a shop whose basket sizes differ (kappa ≥ 1.1, as in both real sets)
    chance = np.random.default_rng(5)
    names = [f"n{i:02}" for i in range(60)]
    made = [
        sorted({*chance.choice(names, 1 + chance.poisson(chance.gamma(0.8, 4)), replace=False).tolist(),
                *(["wrap"] * (chance.random() < 0.2))})
        for _ in range(2000)
    ]  # fmt: skip
    found = find(little.orders(*made))
    assert found.kappa >= 1.1
    wrap = [*names, "wrap"].index("wrap")
    partners = ((found.first == wrap) | (found.second == wrap)) & (found.expected >= 30)
    assert partners.sum() > 30
    assert np.median(found.lift[partners]) <= 1.1
    assert not found.is_relation[(found.first == wrap) | (found.second == wrap)].any()


def test_a_market_or_channel_large_enough_has_a_chance_of_its_own(little, monkeypatch):
    monkeypatch.setattr(by_chance, "MIN_STRATUM", 4)
    made = [
        *(little.Order(("ice", "cone"), market="south") for _ in range(2)),
        *(little.Order(("ice",), market="south") for _ in range(2)),
        *(little.Order(("wine", "glass"), channel="till") for _ in range(3)),
        little.Order(("wine",), channel="till"),
    ]
    baskets = from_lines(little.lines(made))
    cone, glass, ice, wine = range(4)
    first, second = np.array([cone, glass, ice]), np.array([ice, wine, wine])
    expected = by_chance.expected_counts(baskets, first, second, little.settings(**KAPPA))
    south = 4 * (2 * 2) / (2 * 2 + 2) ** 2  # N · Σ s(s−1) / (Σ s)²
    till = 4 * (3 * 2) / (3 * 2 + 1) ** 2
    assert expected == pytest.approx([south * 2 * 4 / 4, till * 3 * 4 / 4, 0])
    drawn = by_chance.expected_counts(baskets, first, second, little.settings())
    assert drawn == pytest.approx([201 / 101, 301 / 101, 1 / 101])  # each market can only be filled as it is


def test_small_markets_are_pooled_with_orders_that_name_none(little):
    named = [little.Order(("a", "b"), market="KR"), little.Order(("a",), market="JP"), little.Order(("b", "c"))]
    plain = [little.Order(order.products) for order in named]
    first, second = np.array([0, 1]), np.array([1, 2])
    together = [
        by_chance.expected_counts(from_lines(little.lines(made)), first, second, little.settings(**KAPPA)).tolist()
        for made in (named, plain)
    ]
    assert together[0] == together[1] == pytest.approx([3 * 4 / 25 * 4 / 3, 3 * 4 / 25 * 2 / 3])


def test_two_large_markets_that_sell_other_things_make_no_pair(little, find):
    # each market takes its own dozen at random; over both, products of one market meet far more than chance
    chance = np.random.default_rng(11)
    made = []
    for market in ("south", "north"):
        names = [f"{market} {i}" for i in range(12)]
        made += [
            little.Order(tuple(sorted(chance.choice(names, chance.integers(1, 4), replace=False))), market=market)
            for _ in range(900)
        ]
    assert find(made).n_relations == 0
    assert find([little.Order(order.products) for order in made]).n_relations > 50


def test_larger_baskets_than_the_setting_are_not_counted(little):
    made = little.orders(["a", "b", "c"], ["a", "b"])
    counted, pairs = complements.count(from_lines(little.lines(made)), little.settings(learn_max_basket_items=2))
    assert counted.n_baskets == 1
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.n_both.tolist()) == ([0], [1], [1])


@pytest.mark.parametrize(
    ("n_both", "n_customers", "low", "word"),
    [(9, 9, 9.0, "early"), (10, 10, 1.0, "fair"), (20, 20, 1.19, "fair"), (20, 20, 1.2, "clear"),
     (49, 49, 2.0, "clear"), (50, 19, 2.0, "clear"), (50, 20, 1.49, "clear"), (50, 20, 1.5, "strong")],
)  # fmt: skip
def test_words_for_how_sure_we_are(n_both, n_customers, low, word):
    strength = complements.strengths(np.array([low]), np.array([n_both]), np.array([n_customers]))
    assert complements.STRENGTHS[strength[0]] == word


def test_nothing_is_a_complement_that_meets_no_more_than_by_chance(little, find):
    # even a merchant who asks for everything gets no pair whose sentence could not be said
    chance = np.random.default_rng(1)
    names = [f"n{i}" for i in range(6)]
    made = little.orders(*(chance.choice(names, 2, replace=False).tolist() for _ in range(400)))
    found = find(made, learn_min_lift=0.0, learn_max_q_value=1.0)
    assert found.n_relations > 0
    assert (np.round(found.expected, 1) < found.n_both)[found.is_relation].all()
