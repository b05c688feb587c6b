"""Why two products are no relation: figures recounted by hand, and a verdict that is the learning run's own."""

import math

import numpy as np
import pytest

from crosslift.learn import why_not
from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements

THRESHOLD = 1e-4
COMPUTED = {"learn_max_basket_items": 5, "learn_narrow_items": 0, "learn_narrow_share": 1.0}
"""Chance by the formula, which can be redone on paper."""


@pytest.fixture(scope="module")
def baskets(little):
    """Tea in 12, honey in 8, both in 5, of these 4 by one buyer; 30 baskets of nothing else; one order of six products."""
    made = [
        *(little.Order(("tea", "honey"), "often") for _ in range(4)),
        little.Order(("tea", "honey"), "once"),
        *(little.Order(("tea",), f"t{i}") for i in range(7)),
        *(little.Order(("honey", "jam"), f"h{i}") for i in range(3)),
        *(little.Order(("bread",), f"b{i}") for i in range(30)),
        little.Order(("tea", "jam", "bread", "salt", "oil", "rare"), "wholesale"),
    ]
    return from_lines(little.lines(made))


@pytest.fixture(scope="module")
def weigh(little, baskets):
    def weigh(a, b, **knobs):
        return why_not.weigh(baskets, a, b, little.settings(**{**COMPUTED, **knobs}))

    return weigh


def codes(little, weighed, threshold=THRESHOLD, **knobs):
    return [one.code for one in why_not.obstacles(weighed, little.settings(**knobs), threshold)]


def test_counts_are_a_recount_of_the_orders(weigh):
    pair = weigh("tea", "honey")
    assert (pair.n_a, pair.n_b, pair.n_both, pair.n_baskets) == (12, 8, 5, 45)
    assert (pair.n_customers, pair.n_effective, pair.n_too_large) == (2, 4, 1)


def test_raw_lift_is_the_textbooks_and_the_corrected_one_knows_basket_sizes(weigh):
    pair = weigh("tea", "honey")
    assert pair.raw_expected == pytest.approx(12 * 8 / 45)
    assert pair.raw_lift == pytest.approx(5 / (12 * 8 / 45))
    kappa = 45 * (8 * 2) / (8 * 2 + 37) ** 2  # eight baskets of two, 37 of one
    assert pair.expected == pytest.approx(kappa * 12 * 8 / 45)
    assert pair.lift == pytest.approx(5 / pair.expected)
    assert pair.lift_low < pair.lift < pair.lift_high


def test_the_order_of_the_two_changes_nothing_but_their_places(weigh):
    one, other = weigh("tea", "honey"), weigh("honey", "tea")
    assert (one.n_a, one.n_b) == (other.n_b, other.n_a)
    assert (one.expected, one.lift, one.p_value) == (other.expected, other.lift, other.p_value)


def test_a_product_of_no_order_was_never_sold(little, weigh):
    pair = weigh("tea", "pot")
    assert (pair.n_b, pair.n_both) == (0, 0)
    assert all(math.isnan(figure) for figure in (pair.expected, pair.lift, pair.lift_low, pair.p_value, pair.raw_lift))
    (obstacle,) = why_not.obstacles(pair, little.settings(), THRESHOLD)
    assert obstacle.code == "never_sold"
    assert obstacle.words == (
        "the second product was never sold in an order that counts; 1 orders with one of them hold more than "
        "learn.max_basket_items = 100 products"
    )


def test_a_product_sold_only_in_large_orders_does_not_count_as_sold(little, weigh):
    pair = weigh("rare", "salt")
    assert codes(little, pair) == ["never_sold"]
    assert "neither of the two" in why_not.obstacles(pair, little.settings(), THRESHOLD)[0].words


def test_two_products_that_never_met(little, weigh):
    pair = weigh("tea", "bread")
    assert (pair.n_both, pair.lift, pair.p_value) == (0, 0.0, 1.0)
    found = why_not.obstacles(pair, little.settings(), THRESHOLD)
    assert found[0].words == "never together; learn.min_baskets asks for 3 before a pair is tested"


@pytest.mark.parametrize(
    ("knobs", "expected"),
    [
        ({"learn_min_baskets": 6}, "too_few_together"),
        ({"learn_min_customers": 3}, "too_few_customers"),
        ({"learn_min_customers": 2, "learn_min_lift": 50.0}, "too_little_lift"),
        ({"learn_min_customers": 2}, "not_sure"),
    ],
)
def test_the_first_obstacle_is_the_first_bar_missed(little, weigh, knobs, expected):
    assert codes(little, weigh("tea", "honey"), 1e-9, **knobs)[0] == expected


def test_one_mega_buyers_habit_is_told_apart_from_too_little_lift(little, weigh):
    pair = weigh("tea", "honey")
    between = (pair.n_effective / pair.expected + pair.lift) / 2
    found = why_not.obstacles(pair, little.settings(learn_min_customers=2, learn_min_lift=between), 1.0)
    assert [one.code for one in found] == ["habit_of_few"]
    assert "4 are left" in found[0].words


def test_a_pair_that_passes_every_bar_meets_no_obstacle(little, weigh):
    assert codes(little, weigh("tea", "honey"), 1.0, learn_min_customers=2) == []


def test_where_no_pair_passed_none_is_sure(little, weigh):
    found = why_not.obstacles(weigh("tea", "honey"), little.settings(learn_min_customers=2), None)
    assert [one.code for one in found] == ["not_sure"]
    assert "no pair of this shop is sure enough" in found[0].words


@pytest.fixture(scope="module", params=[0, 500], ids=["wide", "narrow"])
def judged(request, little):
    """A seeded shop's tested pairs, as the run judges them, with shuffled and with computed chance."""
    settings = little.settings(learn_narrow_items=request.param, learn_narrow_draws=20)
    baskets = from_lines(little.lines(little.pantry(500, 14, seed=3).orders))
    with little.no_jit():
        counted, pairs = complements.count(baskets, settings)
        return settings, baskets, complements.find_complements(counted, pairs, settings)


def test_the_verdict_is_the_runs_own_for_every_pair(little, judged):
    settings, baskets, found = judged
    threshold = why_not.p_threshold(found, settings)
    assert 0 < found.n_relations < len(found.first)
    rows = np.flatnonzero(found.is_relation).tolist() + np.flatnonzero(~found.is_relation)[::12].tolist()
    for row in rows:
        ends = (baskets.products[int(end[row])] for end in (found.first, found.second))
        with little.no_jit():
            pair = why_not.weigh(baskets, *ends, settings)
        assert pair.expected == found.expected[row]
        assert (pair.n_both, pair.n_customers, pair.n_effective) == (
            found.n_both[row], found.n_customers[row], found.n_effective[row],
        )  # fmt: skip
        assert (not why_not.obstacles(pair, settings, threshold)) == found.is_relation[row]


def test_the_threshold_parts_the_q_values(judged):
    settings, _, found = judged
    from crosslift.stats.chance import poisson_tail

    p_values = poisson_tail(found.n_effective, found.expected)
    assert (
        (p_values <= why_not.p_threshold(found, settings)) == (found.q_value <= settings["learn.max_q_value"])
    ).all()


def test_without_any_sure_pair_there_is_no_threshold(little):
    baskets = from_lines(little.lines(little.orders(["a", "b"], ["a"], ["b"], ["c"])))
    settings = little.settings(learn_min_baskets=1)
    counted, pairs = complements.count(baskets, settings)
    assert why_not.p_threshold(complements.find_complements(counted, pairs, settings), settings) is None
