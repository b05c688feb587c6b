"""What met only while it was promoted is no relation; what a promotion made stronger, or was launched last week, is."""

import numpy as np
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements, promotions

DAYS = 60
SALE = (20, 21)
"""The days of the promotion, counted back from now."""


def hours(day, number):
    """Give a time on a day, none of them at midnight UTC."""
    return 24 * day + number % 11


def trade(little, per_day=10, days=DAYS):
    """Two of thirty products in each order, drawn at random, every day; every order of its own customer."""
    rng = np.random.default_rng(5)
    names = [f"n{i:02}" for i in range(30)]
    return [
        little.Order(tuple(rng.choice(names, 2, replace=False)), f"n{day}-{i}", hours(day, i))
        for day in range(days) for i in range(per_day)
    ]  # fmt: skip


def together(little, on, each, *products):
    """Some orders of the same products on each of some days."""
    return [little.Order(products, f"{products}{day}-{i}", hours(day, i)) for day in on for i in range(each)]


def alone(little, *products, each=1, on=range(DAYS)):
    return [one for product in products for one in together(little, on, each, product)]


@pytest.fixture
def is_related(little):
    """Tell whether the learning run calls tea and honey a relation."""

    def is_related(made, **knobs):
        settings = little.settings(**knobs)
        baskets = from_lines(little.lines(made))
        found = complements.find_complements(*complements.count(baskets, settings), settings)
        places = sorted((baskets.products.index("tea"), baskets.products.index("honey")))
        pair = np.flatnonzero((found.first == places[0]) & (found.second == places[1]))
        assert len(pair)
        assert found.q_value[pair[0]] <= 0.05  # by chance over the whole time it is one
        return bool(found.is_relation[pair[0]])

    return is_related


def test_thirty_orders_on_two_days_are_a_promotion_over_two_months_a_relation(little, is_related):
    rest = trade(little) + alone(little, "tea", "honey")
    assert not is_related(rest + together(little, SALE, 15, "tea", "honey"))
    assert is_related(rest + together(little, range(0, DAYS, 2), 1, "tea", "honey"))


def test_a_promotion_does_not_end_what_is_a_relation_without_it(little, is_related):
    rest = trade(little) + alone(little, "tea", "honey")
    before = together(little, range(0, DAYS, 4), 1, "tea", "honey")
    assert is_related(rest + before + together(little, SALE, 40, "tea", "honey"))


def test_a_product_launched_this_week_has_no_other_days_to_speak_of(little, is_related):
    launched = together(little, (0, 1), 8, "tea", "honey") + alone(little, "tea", each=2, on=(0, 1))
    assert is_related(trade(little) + alone(little, "honey") + launched)


def test_a_few_sales_on_other_days_prove_nothing(little, is_related):
    sale = together(little, SALE, 15, "tea", "honey")
    assert is_related(trade(little) + alone(little, "tea", "honey", on=range(5)) + sale)


def test_a_weekend_of_the_shop_on_three_days_of_utc_is_one_promotion(little, is_related):
    rest = trade(little) + alone(little, "tea", "honey")
    assert not is_related(rest + together(little, (20, 21, 22), 10, "tea", "honey"))


def test_one_buyer_on_one_day_crowds_nothing(little, is_related):
    rest = trade(little) + alone(little, "tea", "honey") + together(little, range(0, DAYS, 3), 1, "tea", "honey")
    mega = [little.Order(("tea", "honey"), "mega", hours(20, i)) for i in range(25)]
    assert is_related(rest + mega)


def test_a_shop_of_one_day_and_one_of_three_meetings_prove_nothing(little, is_related):
    assert is_related(together(little, (0,), 10, "tea", "honey") + alone(little, "cup", each=40, on=(0,)))
    thin = together(little, SALE, 2, "tea", "honey")[:3]
    assert is_related([*trade(little, per_day=8), *alone(little, "tea", "honey", on=(1, 2)), *thin])


def test_pairs_are_judged_alike_one_by_one_and_in_pieces(little, monkeypatch):
    settings = little.settings()
    made = trade(little, 20) + alone(little, "tea", "honey", "jam") + together(little, SALE, 12, "tea", "honey", "jam")
    baskets = from_lines(little.lines(made + together(little, range(0, DAYS, 3), 1, "tea", "n03")))
    counted, pairs = complements.count(baskets, settings)
    found = complements.find_complements(counted, pairs, settings)
    asked = found.first, found.second, found.n_customers, found.expected

    def marks(places):
        return promotions.find_promoted(counted, *(column[places] for column in asked), settings, cap=3)

    whole = marks(np.arange(len(found.first)))
    assert 0 < whole.sum() < len(whole)
    assert [bool(marks(np.array([place]))[0]) for place in range(len(whole))] == whole.tolist()
    monkeypatch.setattr(promotions, "BASKETS_AT_ONCE", 100)
    np.testing.assert_array_equal(marks(np.arange(len(found.first))), whole)


def test_no_pairs_no_marks(little):
    counted = from_lines(little.lines(little.orders(["tea"], ["honey"])))
    none = np.zeros(0, dtype=np.int32)
    marks = promotions.find_promoted(counted, none, none, none, np.zeros(0), little.settings(), cap=3)
    assert marks.tolist() == []
