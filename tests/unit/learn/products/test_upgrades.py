import numpy as np
import pytest

from crosslift.learn.products import upgrades
from crosslift.learn.products.fitting import FitRule


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


def find(shop, seen, rules=()):
    return upgrades.find_upgrades(shop.catalog, shop.counted, shop.pairs, shop.expected_of, seen, shop.settings, rules)


@pytest.fixture
def steps(typed):
    """Find the steps up of a catalog without sales, as {(from, to): row}."""

    def steps(rules=(), orders=(), **products):
        shop = typed.shop(products, orders)
        return shop.rows(find(shop, typed.NO_VIEWS, rules))

    return steps


def test_a_ladder_in_order_with_what_each_step_costs_and_gives(typed):
    products = {
        "air": typed.product(900, "computers/laptops", memory_gb=8, weight_kg=1.2, tier=1),
        "mid": typed.product(1200, "computers/laptops", memory_gb=16, weight_kg=1.2, tier=2, touch=True),
        "pro": typed.product(2000, "computers/laptops", memory_gb=32, weight_kg=1.6, tier=3, touch=True),
    }
    shop = typed.shop(products)
    found = find(shop, typed.NO_VIEWS)
    rows = shop.rows(found)
    assert set(rows) == {("air", "mid"), ("mid", "pro"), ("air", "pro")}
    row = rows["air", "mid"]
    assert (row["delta_price"], row["price_from"], row["price_to"]) == (300, 900, 1200)
    assert (row["tier_from"], row["tier_to"], row["basis"], row["currency"]) == (1, 2, "tier", "USD")
    assert row["benefits"] == [
        {"attribute": "memory_gb", "from": 8, "to": 16},
        {"attribute": "touch", "from": None, "to": True},
    ]
    assert rows["air", "mid"]["score"] > 0.5 >= rows["air", "pro"]["score"]  # the next rung before the one after
    assert upgrades.ladders(shop.catalog, found) == [[0, 1, 2]]


def test_a_higher_tier_at_a_lower_price_is_no_step_up(typed, steps):
    assert steps(a=typed.product(900, tier=1), b=typed.product(800, tier=2)) == {}
    assert steps(a=typed.product(900, tier=2), b=typed.product(1200, tier=2)) == {}
    assert steps(a=typed.product(None, tier=1), b=typed.product(1200, tier=2)) == {}


@pytest.mark.parametrize(("price", "holds"), [(11, False), (12, True), (40, True), (41, False)])
def test_without_tiers_the_price_must_be_sane_and_something_better(typed, steps, price, holds):
    def one(price, **facts):
        return typed.product(price, title="Glass server, 600 ml", **facts)

    assert bool(steps(a=one(10, volume=3), b=one(price, volume=6))) is holds
    assert steps(a=one(10, volume=6), b=one(price, volume=3)) == {}
    assert steps(a=one(10, color="red"), b=one(price, color="blue")) == {}


def test_a_facts_change_is_told_but_is_no_benefit_alone(typed, steps):
    told = steps(
        a=typed.product(10, title="Kettle", material="steel", volume=1),
        b=typed.product(20, title="Kettle", material="copper", volume=2),
    )["a", "b"]["benefits"]
    assert [one["attribute"] for one in told] == ["volume", "material"]


def test_mains_and_fit_must_agree(typed, steps):
    def kettle(price, tier, **facts):
        return typed.product(price, "kettles", tier=tier, **facts)

    assert steps(a=kettle(10, 1, voltage=110), b=kettle(20, 2, voltage=220)) == {}
    assert steps(a=kettle(10, 1, voltage=220), b=kettle(20, 2, voltage="220"))
    depends = FitRule("size_mm", "machines", "kettles", 9, 0, 1.0, 9.0, 5.0, 0.5, 0.0)
    leads = FitRule("size_mm", "kettles", "lids", 9, 0, 1.0, 9.0, 5.0, 0.5, 0.0)
    sizes = {"a": kettle(10, 1, size_mm=54), "b": kettle(20, 2, size_mm=58)}
    assert steps(rules=[depends], **sizes) == {}
    assert steps(rules=[leads], **sizes)  # who steps up from a machine buys new lids


def test_what_is_bought_along_does_not_replace(typed, steps):
    products = {"a": typed.product(10, tier=1), "b": typed.product(20, tier=2)}
    products |= {name: typed.product(1, "other") for name in ("c", "d")}
    apart = [["a", "c"], ["b", "d"]] * 20
    assert ("a", "b") in steps(orders=apart, **products)
    assert steps(orders=[["a", "b"], ["c", "d"]] * 20, **products) == {}


def test_another_shelf_of_the_family_needs_the_same_need_or_switchers(typed, steps):
    hand = typed.product(90, "grinders/hand", tier=1, title="Hand grinder")
    electric = typed.product(150, "grinders/electric", tier=2, title="Electric grinder")
    assert steps(a=hand, b=electric) == {}
    named = {
        key: {**one, "attributes": {**one["attributes"], "need": "grind"}}
        for key, one in [("a", hand), ("b", electric)]
    }
    assert steps(**named)
    # 30 people buy the one and a week later the other; 200 buy beans twice
    orders = [[name] for _ in range(30) for name in ("a", "b")] + [["beans"]] * 400
    customers = [n // 2 for n in range(60)] + [100 + n // 2 for n in range(400)]
    hours = [24 * 7 * (n % 2) for n in range(460)]
    shop = typed.shop({"a": hand, "b": electric, "beans": typed.product(5, "beans")}, orders, customers, hours)
    row = shop.rows(find(shop, typed.NO_VIEWS))["a", "b"]
    assert row["n_switched"] == 30
    back = typed.shop(
        {"a": hand, "b": electric, "beans": typed.product(5, "beans")}, orders, customers, [168 - n for n in hours]
    )
    assert len(find(back, typed.NO_VIEWS)) == 0  # the other way round is no step up


def test_needs_of_different_names_never_mix(typed, steps):
    assert steps(a=typed.product(10, tier=1, need="boil"), b=typed.product(20, tier=2, need="pour")) == {}


def test_nothing_is_known_without_prices_categories_or_products(typed, steps):
    assert steps() == {}
    assert steps(a=typed.product(10, None, tier=1), b=typed.product(20, None, tier=2)) == {}
    shop = typed.shop({"a": typed.product(10, tier=1), "b": typed.product(20, tier=2)})
    shop.catalog.currencies[0] = "EUR"
    assert len(find(shop, typed.NO_VIEWS)) == 0
    assert upgrades.ladders(shop.catalog, find(shop, typed.NO_VIEWS)) == []


def test_rungs_order_scores(typed):
    products = {f"p{n}": typed.product(10 * 1.5**n, tier=n) for n in range(5)}
    shop = typed.shop(products)
    found = find(shop, typed.NO_VIEWS)
    mine = found.of(0)
    assert mine.targets.tolist() == [1, 2, 3, 4]
    assert np.all(np.diff(mine.scores) < 0)
