import numpy as np
import pytest

from crosslift.learn.products import coldstart, compatibility


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


def test_a_product_nobody_bought_is_like_others_and_says_in_what(typed):
    titles = {"ko": "원추형 드리퍼", "en": "Cone dripper"}
    products = {
        "old": typed.product(20, "pour/drippers", {**titles, "": "Cone dripper 02"}, brand="Moru", material="glass"),
        "new": typed.product(22, "pour/drippers", {**titles, "": "Cone dripper 03"}, brand="Moru", material="Glass"),
        "mill": typed.product(90, "grinders", "Electric grinder", brand="Baram"),
    }
    shop = typed.shop(products)
    rows = shop.rows(coldstart.find_alike(shop.catalog, shop.settings))
    assert set(rows) == {("old", "new"), ("new", "old")}
    row = rows["new", "old"]
    assert row["shared"] == [{"attribute": "brand", "value": "Moru"}, {"attribute": "material", "value": "Glass"}]
    assert {"dripper", "cone", "드리퍼"} <= set(row["words"])
    assert 0.5 < row["score"] <= row["similarity"] <= 1


def test_nearer_prices_go_first(typed):
    products = {name: typed.product(price, title="Stone mug") for name, price in [("a", 10), ("b", 11), ("c", 100)]}
    products["d"] = typed.product(None, title="Stone mug")
    shop = typed.shop(products)
    found = coldstart.find_alike(shop.catalog, shop.settings).of(0)
    assert [shop.name(item) for item in found.targets] == ["b", "d", "c"]


def test_alike_without_categories_or_facts_or_products(typed):
    shop = typed.shop({name: typed.product(None, None, "茶こし 大") for name in "ab"})
    assert shop.linked(coldstart.find_alike(shop.catalog, shop.settings)) == {("a", "b"), ("b", "a")}
    assert len(coldstart.find_alike(typed.shop({}).catalog, shop.settings)) == 0


def test_the_same_style_names_what_is_shared(typed):
    products = {
        "pot": typed.product(brand="Moru", color="Red", volume=3),
        "cup": typed.product(brand="moru", color=["blue", "red"], volume=3),
        "jar": typed.product(brand="Kumo"),
    }
    shop = typed.shop(products)
    cup, jar, pot = range(3)
    assert [one["attribute"] for one in coldstart.same_style(shop.catalog, pot, cup)] == ["brand", "color"]
    assert coldstart.same_style(shop.catalog, pot, jar) == []


@pytest.fixture
def sized(typed):
    """Pots go with lids of their size; cups are bought alone. One pot and one lid are new."""
    products = {f"pot-{size}": typed.product(20, "pots", f"Pot {size}", size_mm=size) for size in (16, 18, 20)}
    products |= {f"lid-{size}": typed.product(9, "lids", f"Lid {size}", size_mm=size) for size in (16, 18, 20)}
    products |= {"cup": typed.product(5, "cups", "Cup")}
    products["pot-new"] = typed.product(25, "pots", "Pot new", size_mm=18)
    products["lid-new"] = typed.product(10, "lids", "Lid new", size_mm=18)
    orders = []
    for size in (16, 18, 20):
        orders += (
            [[f"pot-{size}", f"lid-{size}"]] * 60 + [["cup"]] * 60 + [["cup", f"pot-{size}"], ["cup", f"lid-{size}"]]
        )
        orders += [[f"pot-{size}", f"lid-{other}"] for other in (16, 18, 20) if other != size]
    return typed.shop(products, orders)


def fitted(shop, links):
    return compatibility.find_compatibility(
        shop.catalog, shop.counted, shop.pairs, shop.expected_of, links, shop.settings
    )


def test_a_new_product_gets_companions_and_becomes_one(typed, sized):
    rows = sized.rows(coldstart.find_category_companions(sized.catalog, sized.counted, sized.settings))
    assert {("pot-new", "lid-16"), ("pot-16", "lid-new"), ("lid-20", "pot-new")} <= set(rows)
    assert not any("cup" in pair for pair in rows)
    row = rows["pot-new", "lid-16"]
    assert (row["from_category"], row["to_category"]) == ("pots", "lids")
    assert (row["n_both"], row["n_a"]) == (3 * 60 + 6, 3 * 60 + 6 + 3)
    assert row["lift"] == pytest.approx(row["n_both"] / row["expected"])
    assert row["lift"] > 1.2


def test_companions_respect_what_fits(typed, sized):
    known = fitted(sized, typed.links())
    assert [rule.attribute for rule in known.rules] == ["size_mm"]
    linked = sized.linked(coldstart.find_category_companions(sized.catalog, sized.counted, sized.settings, known))
    assert {target for source, target in linked if source == "pot-new"} == {"lid-18", "lid-new"}
    assert {target for source, target in linked if source == "pot-16"} == {"lid-16"}


def test_companions_leave_out_what_is_excluded_or_in_the_box(typed, sized):
    known = fitted(
        sized,
        typed.links(
            {"from_id": "pot-18", "to_id": "lid-18", "kind": "included"},
            {"from_id": "pot-16", "to_id": "lid-16", "kind": "excludes"},
        ),
    )
    linked = sized.linked(coldstart.find_category_companions(sized.catalog, sized.counted, sized.settings, known))
    assert {target for source, target in linked if source == "pot-18"} == {"lid-new"}
    assert not any(source == "pot-16" for source, _ in linked)


def test_who_has_relations_of_its_own_gets_new_products_only(sized):
    own = sized.counted.item_counts() > 0
    linked = sized.linked(coldstart.find_category_companions(sized.catalog, sized.counted, sized.settings, has_own=own))
    assert {target for source, target in linked if source == "pot-16"} == {"lid-new"}
    assert ("pot-new", "lid-16") in linked


def test_shelves_that_meet_by_chance_are_no_companions(typed):
    chance = np.random.default_rng(9)
    names = [f"p{n:02}" for n in range(40)]
    products = {name: typed.product(5, f"shelf-{n % 10}") for n, name in enumerate(names)}
    orders = [chance.choice(names, chance.integers(1, 8), replace=False).tolist() for _ in range(2000)]
    shop = typed.shop(products, orders)
    assert len(coldstart.find_category_companions(shop.catalog, shop.counted, shop.settings)) == 0


def test_companions_without_categories_or_orders(typed):
    bare = typed.shop({name: typed.product(category=None) for name in "ab"}, [["a", "b"]] * 30)
    for shop in (bare, typed.shop({}), typed.shop({"a": typed.product()})):
        found = coldstart.find_category_companions(shop.catalog, shop.counted, shop.settings)
        assert (len(found), tuple(found.columns)) == (0, coldstart.COMPANION_COLUMNS)
