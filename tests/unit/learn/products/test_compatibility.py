import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.learn.products import compatibility
from crosslift.learn.products.fitting import Judge

SIZES = ("s1", "s2", "s3")


@pytest.fixture(scope="module")
def typed(load_script):
    return load_script("tests/unit/learn/products/typed.py")


@pytest.fixture
def find(typed):
    def find(shop, *rows):
        return compatibility.find_compatibility(
            shop.catalog, shop.counted, shop.pairs, shop.expected_of, typed.links(*rows), shop.settings
        )

    return find


@pytest.fixture
def drippers(typed):
    """Drippers (dear) and filters (cheap) of three sizes, one filter never sold; `share` of dripper orders take one."""

    def drippers(share=0.5, wrong=0.02, seed=3, n=1500):
        chance = np.random.default_rng(seed)
        products = {f"drip-{size}": typed.product(20, "pour/drippers", filter_size=size) for size in SIZES}
        products |= {f"filt-{size}": typed.product(5, "pour/filters", filter_size=size) for size in SIZES}
        products |= {f"cup-{n}": typed.product(9, "cups") for n in range(8)}
        products["filt-new"] = typed.product(6, "pour/filters", filter_size="S2")
        orders = []
        for number in range(n):
            size, other = chance.choice(SIZES, 2, replace=False)
            order = [f"cup-{chance.integers(8)}", f"cup-{chance.integers(8)}"]
            order += [f"drip-{size}"] if number % 3 == 0 else [f"filt-{size}"] if number % 7 == 0 else []
            if number % 3 == 0 and chance.random() < share:
                order.append(f"filt-{other if chance.random() < wrong else size}")
            orders.append(order)
        return typed.shop(products, orders)

    return drippers


def test_a_rule_is_learned_from_what_goes_home_together(drippers, find):
    shop = drippers()
    found = find(shop)
    (rule,) = found.rules
    assert (rule.attribute, rule.category, rule.other_category) == ("filter_size", "pour/drippers", "pour/filters")
    assert rule.lift_equal_low >= 2
    assert rule.lift_unequal_high < 1
    fits, excludes = shop.linked(found.fits), shop.linked(found.excludes)
    assert ("drip-s2", "filt-s2") in fits
    assert ("filt-s2", "drip-s2") in fits
    assert ("drip-s2", "filt-new") in fits  # never sold, and written in other letters
    assert ("drip-s1", "filt-new") in excludes
    assert not fits & excludes
    row = shop.rows(found.excludes)["drip-s1", "filt-s2"]
    assert (row["basis"], row["attribute"], row["value"], row["other_value"]) == ("mined", "filter_size", "s1", "s2")


def test_where_sizes_do_not_matter_no_rule_is_learned(drippers, find):
    found = find(drippers(wrong=2 / 3))
    assert found.rules == ()
    assert (len(found.fits), len(found.excludes), len(found.required)) == (0, 0, 0)


def test_one_value_alone_is_no_rule(typed, find):
    products = {
        name: typed.product(9, "cups" if name < "c" else "lids", count=10 if name in "ac" else 1) for name in "abcd"
    }
    products["x"] = typed.product(1, "other")
    shop = typed.shop(products, [["a", "c"]] * 60 + [["b", "x"]] * 60 + [["d", "x"]] * 60)
    assert find(shop).rules == ()


def test_a_need_is_mined_where_nearly_every_buyer_holds_what_fits(drippers, find):
    assert len(find(drippers(share=0.6)).required) == 0
    shop = drippers(share=0.97)
    rows = shop.rows(find(shop).required)
    assert {pair for pair in rows if pair[0] == "drip-s1"} == {("drip-s1", "filt-s1")}
    row = rows["drip-s1", "filt-s1"]
    assert (row["basis"], row["attribute"], row["value"]) == ("mined", "filter_size", "s1")
    assert 0.8 < row["n_both"] / row["n_a"] <= 1


def test_the_judge_speaks_for_pairs_nobody_listed(drippers, find):
    shop = drippers()
    judge = Judge.of(shop.catalog, find(shop).rules)
    at = shop.catalog.index
    first = np.array([at["drip-s1"], at["filt-s1"], at["drip-s1"], at["cup-1"]], np.int32)
    second = np.array([at["filt-s1"], at["drip-s3"], at["drip-s2"], at["filt-s1"]], np.int32)
    assert judge.ask(first, second).tolist() == [1, -1, 0, 0]


def test_a_catalog_can_say_what_is_needed_what_fits_and_what_is_in_the_box(typed, find):
    need = {"category": "pour/filters", "match": "filter_size"}
    products = {
        "drip": typed.product(20, "pour/drippers", filter_size="s1", requires=need),
        "filt-1": typed.product(5, "pour/filters/paper", filter_size="S1"),
        "filt-2": typed.product(5, "pour/filters/paper", filter_size="s2"),
        "phone-a": typed.product(900, "phones"),
        "phone-b": typed.product(900, "phones", includes='["cable"]'),
        "case": typed.product(20, "cases", fits=["phone-a", "gone"]),
        "cable": typed.product(9, "cables"),
        "printer": typed.product(90, "printers", requires=["cable", {"category": "paper"}]),
        "paper": typed.product(4, "paper"),
    }
    shop = typed.shop(products)
    found = find(shop)
    assert shop.linked(found.required) == {("drip", "filt-1"), ("printer", "cable"), ("printer", "paper")}
    assert {pair for pair in shop.linked(found.fits) if pair[0] in ("case", "drip")} == {
        ("case", "phone-a"),
        ("drip", "filt-1"),
    }
    excludes = shop.linked(found.excludes)
    assert ("drip", "filt-2") in excludes
    assert ("phone-b", "case") in excludes
    assert shop.linked(found.included) == {("phone-b", "cable")}
    row = shop.rows(found.required)["drip", "filt-1"]
    assert (row["basis"], row["attribute"], row["value"]) == ("rule", "filter_size", "s1")
    assert np.isnan(row["n_both"])
    assert np.isnan(row["n_a"])


def test_attributes_may_have_two_names(typed, find):
    need = {"category": "cases", "match": {"model": "for_model"}}
    products = {
        "phone": typed.product(900, "phones", model="A1", requires=need),
        "case-a": typed.product(20, "cases", for_model=["a1", "a2"]),
        "case-b": typed.product(20, "cases", for_model="b1"),
    }
    shop = typed.shop(products)
    assert shop.linked(find(shop).required) == {("phone", "case-a")}


def test_what_is_curated_outweighs_what_is_learned(drippers, find):
    shop = drippers()
    row = {"from_id": "drip-s1", "to_id": "filt-s2", "kind": "fits", "reason": "trim it"}
    found = find(shop, row)
    assert ("filt-s2", "drip-s1") in shop.linked(found.fits)
    assert ("drip-s1", "filt-s2") not in shop.linked(found.excludes)
    told = shop.rows(found.fits)["drip-s1", "filt-s2"]
    assert (told["basis"], told["reason"]) == ("curated", "trim it")
    banned = find(shop, {**row, "to_id": "filt-s1", "action": "ban"})
    assert ("drip-s1", "filt-s1") not in shop.linked(banned.fits)
    expired = find(shop, {**row, "expires_at": 1})
    assert ("drip-s1", "filt-s2") in shop.linked(expired.excludes)


def test_curated_rows_stand_for_categories_and_for_all(typed, find):
    products = {
        name: typed.product(9, category) for name, category in [("a", "x/y"), ("b", "x"), ("c", "xy"), ("d", "z")]
    }
    shop = typed.shop(products)
    found = find(
        shop,
        {"from_id": "category:x", "to_id": "d", "kind": "required"},
        {"from_id": "*", "to_id": "c", "kind": "excludes"},
        {"from_id": "d", "to_id": "nobody knows", "kind": "fits"},
        {"from_id": "a", "to_id": "b", "kind": "complement"},
    )
    assert shop.linked(found.required) == {("a", "d"), ("b", "d")}
    assert shop.linked(found.excludes) == {(x, "c") for x in "abd"} | {("c", x) for x in "abd"}


def test_a_row_for_too_many_pairs_is_refused(typed, find, monkeypatch):
    monkeypatch.setattr(compatibility, "MOST_EXPANDED", 3)
    shop = typed.shop({name: typed.product() for name in "ab"})
    with pytest.raises(BadInput, match=r"'\*'.*4 pairs.*narrower"):
        find(shop, {"from_id": "*", "to_id": "*", "kind": "fits"})


def test_what_is_in_the_box_is_not_needed(typed, find):
    shop = typed.shop({"a": typed.product(includes=["b"], requires="b"), "b": typed.product()})
    assert shop.linked(find(shop).included) == {("a", "b")}
    assert len(find(shop).required) == 0


def test_nothing_is_known_without_attributes_or_products(typed, find):
    for shop in (typed.shop({}), typed.shop({name: typed.product(category=None) for name in "ab"}, [["a", "b"]] * 20)):
        found = find(shop)
        assert found.rules == ()
        assert [len(one) for one in (found.required, found.fits, found.excludes, found.included)] == [0, 0, 0, 0]
