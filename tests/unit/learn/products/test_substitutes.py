import numpy as np
import pytest

from crosslift.learn.products import covisits, substitutes
from crosslift.learn.products.fitting import FitRule

FOUR = ("red", "blue", "cup", "jar")


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


def find(shop, views, rules=()):
    return substitutes.find_substitutes(
        shop.catalog, shop.counted, shop.pairs, shop.expected_of, views, shop.settings, rules
    )


@pytest.fixture
def kettles(typed):
    """Two kettles, never bought together; cups and jars are bought with either."""

    def kettles(**facts):
        products = {name: typed.product(category="kettles") for name in ("blue", "red")}
        products["red"]["attributes"] |= facts
        products |= {name: typed.product(category="table") for name in ("cup", "jar")}
        orders = [["red", "cup"]] * 30 + [["blue", "jar"]] * 30 + [["red", "jar"]] * 30 + [["blue", "cup"]] * 30
        return typed.shop(products, orders)

    return kettles


def side_by_side(typed, n=20):
    return typed.views(*[["red", "blue"]] * n, *[["cup"]] * 60, *[["jar"]] * 60)


def test_looked_at_together_and_never_bought_together(typed, kettles):
    found = kettles().rows(find(kettles(), side_by_side(typed)))
    assert set(found) == {("red", "blue"), ("blue", "red")}
    row = found["red", "blue"]
    # 140 visits, 160 views: kappa = 140 · 20 · 2 · 1 / 160²; each kettle in 20 visits
    assert row["expected_viewed"] == pytest.approx(140 * 40 / 160**2 * 20 * 20 / 140)
    assert (row["n_viewed_both"], row["n_both"], row["basis"]) == (20, 0, "viewed")
    assert row["lift_viewed"] == pytest.approx(20 / row["expected_viewed"])


def test_bought_together_is_no_substitute_however_often_looked_at(typed):
    products = {name: typed.product(category="kettles") for name in FOUR}
    shop = typed.shop(products, [["red", "blue"]] * 30 + [["cup"]] * 60 + [["jar"]] * 60)
    assert len(find(shop, side_by_side(typed))) == 0


def test_two_shelves_hold_no_substitutes(typed, kettles):
    seen = typed.views(*[["red", "cup"]] * 20, *[["blue"]] * 60, *[["jar"]] * 60)
    assert len(find(kettles(), seen)) == 0


def test_one_visitor_who_returns_is_no_crowd(typed, kettles):
    visits = [["red", "blue"]] * 20 + [["cup"]] * 60 + [["jar"]] * 60
    people = ["anonymous:same"] * 20 + [f"anonymous:{n}" for n in range(120)]
    assert len(find(kettles(), typed.views(*visits, people=people))) == 0


def test_without_views_the_need_must_be_the_same_and_the_sales_must_tell(typed):
    def shop(need, other_need, n):
        products = {name: typed.product(category="kettles") for name in FOUR}
        for name, one in (("red", need), ("blue", other_need)):
            products[name]["attributes"]["need"] = one
        orders = [["red", "cup"]] * n + [["blue", "jar"]] * n + [["red", "jar"]] * n + [["blue", "cup"]] * n
        return typed.shop(products, orders)

    found = shop("boil", "boil", 40)
    rows = found.rows(find(found, typed.NO_VIEWS))
    assert {row["basis"] for row in rows.values()} == {"alike"}
    assert ("red", "blue") in rows
    assert len(find(shop("boil", "pour", 40), typed.NO_VIEWS)) == 0
    assert len(find(shop("boil", "boil", 2), typed.NO_VIEWS)) == 0  # two baskets each tell nothing


def test_a_need_of_another_name_outweighs_looks(typed):
    products = {name: typed.product(category="kettles", need=name) for name in ("red", "blue")}
    products |= {name: typed.product(category="table") for name in ("cup", "jar")}
    shop = typed.shop(products, [["red", "cup"]] * 60 + [["blue", "jar"]] * 60)
    assert len(find(shop, side_by_side(typed))) == 0


def test_what_must_agree_must_agree(typed, kettles):
    shop = kettles(voltage=110)
    shop.catalog.attributes[shop.catalog.index["blue"]]["voltage"] = 220
    assert len(find(shop, side_by_side(typed))) == 0
    shop = kettles(size_mm=58)
    shop.catalog.attributes[shop.catalog.index["blue"]]["size_mm"] = 54
    rule = FitRule("size_mm", "machines", "kettles", 9, 0, 1.0, 9.0, 5.0, 0.5, 0.0)
    assert len(find(shop, side_by_side(typed))) == 2
    assert len(find(shop, side_by_side(typed), [rule])) == 0


def test_nothing_is_known_without_categories_or_products(typed):
    bare = typed.shop({name: typed.product(category=None) for name in FOUR}, [["red", "cup"], ["blue"]])
    assert len(find(bare, side_by_side(typed))) == 0
    empty = find(typed.shop({}), typed.NO_VIEWS)
    assert (len(empty), tuple(empty.columns)) == (0, substitutes.COLUMNS)


def test_shuffled_views_and_baskets_show_nothing(typed):
    chance = np.random.default_rng(11)
    names = [f"p{n:02}" for n in range(30)]
    weights = 1.0 / np.arange(1, 31)

    def some(n):
        return [chance.choice(names, 3, replace=False, p=weights / weights.sum()).tolist() for _ in range(n)]

    shop = typed.shop({name: typed.product(title="the same", need="one") for name in names}, some(1500))
    assert len(find(shop, typed.views(*some(1500)))) == 0


def test_a_visit_ends_after_half_an_hour_and_a_crawler_is_none(typed, kettles):
    shop = kettles()
    minute = covisits.MINUTE
    seen = typed.NO_VIEWS.from_pydict(
        {
            "identity": ["a", "a", "a", "b", "b"],
            "product_id": ["red", "blue", "cup", "red", "unknown"],
            "at": [0, 30 * minute, 61 * minute, 0, 1],
        }
    )
    visits = covisits.count_visits(seen, shop.catalog, shop.settings)
    assert (visits.n_visits, visits.n_viewed.sum(), len(visits.pairs)) == (3, 4, 1)
    few = type(shop.settings).load({"learn.max_basket_items": 2})
    wide = typed.views(["red", "blue", "cup"], ["red", "jar"])
    assert covisits.count_visits(wide, shop.catalog, few).n_visits == 1
