from dataclasses import replace

import numpy as np
import pytest

from crosslift.learn.products import apart, apart_groups
from crosslift.learn.products.fitting import FitRule

RULE = FitRule("size_mm", "jars", "filters", 9, 0, 1.0, 9.0, 5.0, 0.5, 0.0)


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


@pytest.fixture(scope="module")
def sizes(typed):
    """Six filters of each of two sizes that never mix, each too seldom sold to tell, with a jar that everybody takes."""

    def sizes(n=14, customers=None, attribute="size_mm", category="filters"):
        products = {
            f"{one}{k}": typed.product(5, category, title="paper filter", **{attribute: size})
            for one, size in (("s", 51), ("t", 58))
            for k in range(6)
        }
        products["jar"] = typed.product(9, "jars", title="jar", **{attribute: 51})
        orders = [[f"{one}{k}", "jar"] for k in range(6) for one in "st" for _ in range(n)]
        return typed.shop(products, orders, customers)

    return sizes


def find(shop, rules=(RULE,)):
    return apart_groups.find_apart_groups(shop.counted, shop.catalog, shop.settings, rules)


def test_thin_pairs_are_told_by_their_groups(sizes):
    shop = sizes()
    pairs, groups = apart.find_apart(
        shop.counted, shop.pairs, shop.expected_of, shop.catalog, shop.settings, rules=[RULE]
    )
    assert len(pairs) == 0
    (one,) = groups
    assert (one.category, one.other_category, one.attribute) == ("filters", "filters", "size_mm")
    assert (one.value, one.other_value, one.n_both, one.lift) == ("51", "58", 0, 0)
    assert one.expected > 9.5
    assert one.lift_high <= 0.4
    assert one.q_value <= 0.05


def test_without_a_rule_they_are_bought_instead_of_each_other(sizes):
    assert find(sizes(), rules=()) == []


def test_facts_of_the_environment_make_groups_without_a_rule(sizes):
    assert [one.attribute for one in find(sizes(attribute="voltage"), rules=())] == ["voltage"]


def test_what_a_rule_says_of_two_categories_is_not_said_again(typed):
    products = {
        f"{one}{k}": typed.product(5, category, title=one * 3, size_mm=size)
        for one, category, size in (("f", "filters", 51), ("j", "jars", 58))
        for k in range(6)
    } | {"cup": typed.product(1, "cups", title="cup")}
    orders = [[f"{one}{k}", "cup"] for k in range(6) for one in "fj" for _ in range(14)]
    shop = typed.shop(products, orders)
    assert [(one.category, one.other_category, one.attribute) for one in find(shop)] == [("filters", "jars", None)]


def test_parts_of_categories_that_stay_apart_are_not_told_beside_them(typed):
    products = {f"{one}{k}": typed.product(5, one, title=one * 3, voltage=volts)
                for one, volts in (("f", 110), ("g", 230)) for k in range(6)}  # fmt: skip
    products["cup"] = typed.product(1, "cups", title="cup")
    orders = [[f"{one}{k}", "cup"] for k in range(6) for one in "fg" for _ in range(14)]
    assert [one.attribute for one in find(typed.shop(products, orders), rules=())] == [None]


def test_products_of_several_values_belong_to_no_single_one(sizes):
    shop = sizes()
    for k in range(6):
        shop.catalog.attributes[shop.catalog.index[f"t{k}"]]["size_mm"] = [51, 58]
    assert find(shop) == []


def test_one_mega_buyer_keeps_no_groups_apart(sizes):
    who = [0 if (place // 14) % 2 == 0 else place for place in range(168)]
    assert len(find(sizes())) == 1
    assert find(sizes(customers=who)) == []


def test_what_is_sold_in_unlike_markets_is_not_apart(sizes):
    shop = sizes(n=100)
    in_market = np.array([(place // 100) % 2 for place in range(1200)], dtype=np.int64)
    assert len(find(shop)) == 1
    divided = replace(shop.counted, strata=in_market)
    assert apart_groups.find_apart_groups(divided, shop.catalog, shop.settings, [RULE]) == []


def test_nothing_is_proposed_without_categories_or_orders(typed, sizes):
    assert find(sizes(category=None), rules=()) == []
    assert find(typed.shop({"a": typed.product()})) == []
    assert find(typed.shop({})) == []
