import numpy as np
import pytest

from crosslift.learn.catalog import Catalog
from crosslift.learn.products.groups import Lack, find_groups, without_companions
from crosslift.settings import Settings

SHOP = [
    # id, category, title, Korean title
    ("beans", "coffee/beans", "Beans", "원두"), ("dripper", "coffee/pour-over", "Dripper", "드리퍼"),
    ("filter", "coffee/filters", "Filters", "필터"), ("honey", "tea/sweet", "Honey", "꿀"),
    ("kettle", "kettles", "Kettle", "주전자"),
    ("pot", "tea/pots", "Teapot", "찻주전자"), ("rack", None, "Rack", "선반"), ("tea", "tea/leaves", "Tea", "차"),
]  # fmt: skip
PLACE = {row[0]: number for number, row in enumerate(SHOP)}
EDGES = [
    ("beans", "dripper", 1.0), ("dripper", "filter", 3.0), ("beans", "filter", 1.0), ("dripper", "kettle", 0.2),
    ("honey", "tea", 2.0), ("pot", "tea", 2.0), ("kettle", "pot", 0.1),
]  # fmt: skip


def catalog(**attributes):
    n = len(SHOP)
    nothing, unknown = [None] * n, np.full(n, np.nan)
    kinds = ["shipping" if attributes.get(row[0]) == "shipping" else "goods" for row in SHOP]
    given = [value if isinstance(value := attributes.get(row[0], {}), dict) else {} for row in SHOP]
    titles = [{"": row[2], "ko": row[3]} for row in SHOP]
    return Catalog(
        [row[0] for row in SHOP],
        titles,
        [row[1] for row in SHOP],
        nothing,
        nothing,
        kinds,
        unknown,
        unknown,
        unknown,
        given,
    )


def ends(edges=EDGES):
    return (
        np.array([PLACE[a] for a, _, _ in edges], np.int32), np.array([PLACE[b] for _, b, _ in edges], np.int32),
        np.array([w for _, _, w in edges]),
    )  # fmt: skip


def told(groups):
    return [{SHOP[item][0] for item in members} for members in groups.members]


def test_what_is_bought_to_go_together_is_a_group():
    groups = find_groups(catalog(), *ends())
    assert told(groups) == [{"beans", "dripper", "filter", "kettle"}, {"honey", "pot", "tea"}]
    assert groups.group_of.tolist() == [0, 0, 0, 1, 0, 1, -1, 1]
    assert [SHOP[members[0]][0] for members in groups.members] == ["dripper", "tea"]  # most companions first
    assert groups.is_merchants == [False, False]


def test_a_group_is_named_by_its_shelves_and_its_best_connected_product_in_each_language():
    groups = find_groups(catalog(), *ends())
    assert groups.names == [
        {"": "beans, filters · Dripper", "ko": "beans, filters · 드리퍼"}, {"": "leaves, pots · Tea", "ko": "leaves, pots · 차"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["leaves, pots · Tea", " Leaves,  pots · TEA "])
def test_the_merchant_moves_a_product_to_a_suggested_group(name):
    groups = find_groups(catalog(kettle={"group": name}, rack={"group": name}), *ends())
    assert told(groups) == [{"honey", "pot", "tea", "kettle", "rack"}, {"beans", "dripper", "filter"}]
    assert groups.is_merchants == [True, False]


def test_the_merchant_makes_a_group_of_its_own():
    groups = find_groups(catalog(kettle={"group": "Hot water"}), *ends())
    assert told(groups)[2] == {"kettle"}
    assert (groups.names[2], groups.is_merchants[2]) == ({"": "Hot water"}, True)


def test_a_suggested_group_that_loses_all_but_one_is_none():
    moved = {name: {"group": "Tea time"} for name in ("tea", "pot")}
    groups = find_groups(catalog(**moved), *ends())
    assert told(groups) == [{"beans", "dripper", "filter", "kettle"}, {"tea", "pot"}]
    assert groups.group_of[PLACE["honey"]] == -1


def test_groups_of_one_name_stay_two():
    edges = [("beans", "dripper", 1.0), ("honey", "tea", 1.0)]
    shop = catalog()
    alike = Catalog(
        shop.products, [{"": "Same"}] * 8, [None] * 8, *(getattr(shop, name) for name in (
            "brands", "currencies", "kinds", "prices", "costs", "stock", "attributes")),
    )  # fmt: skip
    assert told(find_groups(alike, *ends(edges))) == [{"beans", "dripper"}, {"honey", "tea"}]


def test_no_relations_make_no_groups():
    groups = find_groups(catalog(), *ends([]))
    assert (groups.group_of.tolist(), groups.names, groups.members) == ([-1] * 8, [], [])


def test_products_without_a_companion_are_listed_with_the_reason():
    settings = Settings.load({}, environment={})
    first, second, _ = ends([("honey", "tea", 1.0)])
    counts = np.array([0, 2, 3, 40, 50, 0, 60, 70])
    found = without_companions(catalog(rack="shipping"), first, second, counts, settings)
    assert [(one.product_id, one.n_baskets, one.why) for one in found] == [
        ("kettle", 50, Lack.TESTED_NONE), ("filter", 3, Lack.TESTED_NONE), ("dripper", 2, Lack.TOO_FEW_SALES),
        ("beans", 0, Lack.NOT_SOLD), ("pot", 0, Lack.NOT_SOLD),
    ]  # fmt: skip
