"""Relations for people: every figure beside a recount of the orders, told once, best first."""

import json

import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage, NotFound
from crosslift.shop import relating


@pytest.fixture(scope="module")
def hub_orders(little):
    """A hub in 100 of 420 orders: 60 of the 80 with `often`, all 8 with `rare`, which the raw lift flatters."""
    return little.orders(
        *[["hub", "often"]] * 60, *[["hub", "rare"]] * 8, *[["hub"]] * 32, *[["often"]] * 20,
        *[[f"n{i % 20}"] for i in range(300)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(little, hub_orders):
    return little.learned(hub_orders, learn_narrow_items=0, learn_narrow_share=1.0)


@pytest.fixture(scope="module")
def known(little, found):
    links = (
        little.link(found, "sequence", ("hub", "n1"), lag_median=30.0, strength=3, n_both=12),
        little.link(
            found, "substitute", ("n1", "n2"), ("n2", "n1"), ("n3", "n4"), texts={"basis": "viewed", "shared": []}
        ),
        little.link(found, "upgrade", ("n1", "n2"), ("n2", "n1"), texts={"basis": "tier"}, delta_price=np.nan),
    )
    return little.with_links(found, *links)


def test_a_pairs_figures_are_a_recount_of_the_orders(little, hub_orders, known):
    ones, twos = little.recount(hub_orders)
    rows = relating.relations_of(known, "hub", ["complement"])
    assert [row["product"] for row in rows] == ["often", "rare"]
    for row in rows:
        n_a, n_b, n_both = ones["hub"], ones[row["product"]], little.both(twos, "hub", row["product"])
        assert (row["n_a"], row["n_b"], row["n_both"], row["n_baskets"]) == (n_a, n_b, n_both, len(hub_orders))
        assert row["raw_expected"] == pytest.approx(n_a * n_b / len(hub_orders), abs=1e-4)
        assert row["raw_lift"] == pytest.approx(n_both * len(hub_orders) / (n_a * n_b), abs=1e-4)
        assert row["confidence_from"] == pytest.approx(n_both / n_a, abs=1e-4)
        assert row["confidence_to"] == pytest.approx(n_both / n_b, abs=1e-4)
        assert row["lift"] == pytest.approx(n_both / row["expected"], rel=1e-3)
        assert row["lift_low"] < row["lift"] < row["lift_high"]


def test_raw_figures_put_a_rare_pair_first_the_corrected_ones_a_sure_one(known):
    corrected = relating.relations_of(known, "hub", ["complement"])
    raw = relating.relations_of(known, "hub", ["complement"], raw=True)
    assert [row["product"] for row in corrected] == ["often", "rare"]
    assert [row["product"] for row in raw] == ["rare", "often"]
    assert [row["product"] for row in relating.strongest(known, 2)["complement"]] == ["often", "rare"]
    assert [row["product"] for row in relating.strongest(known, 2, raw=True)["complement"]] == ["rare", "often"]


def test_both_ends_show_one_evidence_seen_from_their_side(known):
    (there,) = (row for row in relating.relations_of(known, "hub", ["complement"]) if row["product"] == "rare")
    (back,) = relating.relations_of(known, "rare", ["complement"])
    assert (there["n_a"], there["n_b"]) == (back["n_b"], back["n_a"])
    assert (there["confidence_from"], there["confidence_to"]) == (back["confidence_to"], back["confidence_from"])
    assert there["pair"] == back["pair"]


def test_months_and_markets_are_named_where_they_are_not_all(little, found):
    known = little.with_links(found, pair_months=np.array([0b100000000011, -1], dtype=np.int16))
    known.pair_markets = [{"markets": ["JP", "KR"]}, {"seasons": {"AU": [6, 7, 8]}}]
    rows = {
        row["pair"]: row
        for product in ("often", "rare")
        for row in relating.relations_of(known, product, ["complement"])
    }
    assert (rows[0]["months"], rows[0]["markets"], rows[0]["seasons"]) == ("Jan Feb Dec", "JP, KR", {})
    assert (rows[1]["months"], rows[1]["markets"], rows[1]["seasons"]) == ("all", "all", {"AU": "Jun Jul Aug"})


def test_other_kinds_come_with_every_column_strength_in_words_and_not_knowing_as_none(known):
    (later,) = relating.relations_of(known, "hub", ["sequence"])
    assert (later["product"], later["lag_median"], later["strength"], later["n_both"]) == ("n1", 30, "strong", 12)
    (step,) = relating.relations_of(known, "n1", ["upgrade"])
    assert step["delta_price"] is None
    assert {row["kind"] for row in relating.relations_of(known, "n1")} >= {"substitute", "upgrade"}


def test_what_holds_both_ways_is_told_once_what_has_a_direction_twice(known):
    strongest = relating.strongest(known, 5)
    assert [(row["from"], row["product"]) for row in strongest["substitute"]] == [("n1", "n2"), ("n3", "n4")]
    assert [(row["from"], row["product"]) for row in strongest["upgrade"]] == [("n1", "n2"), ("n2", "n1")]
    assert len(relating.strongest(known, 1)["substitute"]) == 1
    assert "held" not in strongest


def test_a_category_pair_is_told_once_for_all_its_products(little, found):
    texts = {"from_category": "tea", "to_category": "cups"}
    links = little.link(found, "category_companion", ("n1", "n5"), ("n2", "n6"), ("n3", "n5"), texts=texts)
    assert len(relating.strongest(little.with_links(found, links), 5)["category_companion"]) == 1


def test_an_unknown_product_is_named(known):
    with pytest.raises(NotFound, match=r"no product ghost in snapshot s1"):
        relating.relations_of(known, "ghost")


def test_products_without_companions_say_why_the_most_bought_first(little):
    made = little.orders(*[["a", "b"]] * 40, *[["c"]] * 50, *[["d"]] * 2, *[["e"]] * 60)
    known = little.knowledge(made, little.products({"product_id": "new"}))
    rows = relating.without_companions(known, 3)
    assert [row["product"] for row in rows] == ["e", "c", "d", "new"]
    assert rows[0]["why"] == "no product is bought with it more often than chance explains"
    assert rows[2]["why"] == "too early to say: 2 orders, a pair needs 3 together"
    assert rows[3]["why"].startswith("not sold yet")


def test_groups_hold_each_of_their_products_the_most_bought_first(little, found):
    names = list(found.texts["products"])
    group_of = np.full(len(names), -1, dtype=np.int32)
    for place, members in enumerate((["rare", "hub", "often"], ["n1", "n2", "n3", "n4"])):
        group_of[[names.index(name) for name in members]] = place
    known = little.with_links(found, group_of=group_of)
    known.groups = ("tea", "noise")
    rows = relating.groups(known)
    assert [(row["name"], row["n_products"]) for row in rows] == [("noise", 4), ("tea", 3)]
    assert rows[1]["products"] == ["hub", "often", "rare"]


def test_a_table_keeps_numbers_and_writes_what_is_nested_or_mixed_as_json():
    rows = [{"n": 1, "x": 1, "m": "02", "s": [{"a": "컵"}]}, {"n": 2, "x": 0.5, "m": 2, "s": None, "late": "yes"}]
    table = relating.as_table(rows)
    assert str(table.schema.field("n").type) == "int64"
    assert table.column("x").to_pylist() == [1.0, 0.5]
    assert [json.loads(text) for text in table.column("m").to_pylist()] == ["02", 2]
    assert json.loads(table.column("s")[0].as_py()) == [{"a": "컵"}]
    assert table.column("s")[1].as_py() is None
    assert table.column("late").to_pylist() == [None, "yes"]


# the shop's own door ---------------------------------------------------------------------------------------------


def test_the_shop_gives_relations_as_a_table(shop, pantry, little):
    ones, twos = little.recount(pantry.orders)
    table = shop.relations("P00", ["complement"])
    assert table.column("product").to_pylist() == ["P01"]
    assert table.column("n_both").to_pylist() == [little.both(twos, "P00", "P01")]
    assert table.column("n_a").to_pylist() == [ones["P00"]]


def test_the_report_of_the_snapshot_in_force(shop):
    report = shop.learning_report()
    assert report["snapshot_id"] == shop.knowledge.snapshot_id
    assert report["kinds"]["complement"] == report["n_relations"] == 3
    assert report["precedence"][0] == "ban"
    assert 0 < report["p_threshold"] < 0.05
    assert set(report["proposals"]) == {"apart_categories", "fit_rules", "refused_bundles"}


def test_before_a_second_snapshot_nothing_can_be_compared(shop):
    assert (shop.changes().num_rows, shop.stability().num_rows, shop.offers_affected().num_rows) == (0, 0, 0)
    with pytest.raises(NotFound, match="no snapshot 1999 to compare with; there are 2026"):
        shop.changes("1999")


def test_gaps_list_who_holds_one_and_lacks_the_other(little, tmp_path):
    """40 hold plan and care, 10 the plan alone, 5 care alone; 120 something else."""
    units = [["plan", "care"]] * 40 + [["plan"]] * 10 + [["care"]] * 5 + [["other"]] * 120
    rows = [
        {"subscription_id": f"s{unit}-{name}", "customer_id": f"c{unit:03}", "product_id": name, "status": "active",
         "started_at": "2026-01-01T00:00:00Z"}
        for unit, names in enumerate(units) for name in names
    ]  # fmt: skip
    made = little.orders(*[["a", "b"]] * 30, *[["c"]] * 30)
    with little.stocked(tmp_path / "home", made, more={"subscriptions": rows}) as shop:
        table = shop.gaps("plan", "care")
        assert sorted(table.column("customer_id").to_pylist()) == [f"c{unit:03}" for unit in range(40, 50)]
        assert set(table.column("lift").to_pylist()) == {shop.relations("plan", ["held"]).column("lift")[0].as_py()}
        with pytest.raises(BadInput, match="not known to be held together"):
            shop.gaps("plan", "other")


def test_a_pair_of_one_product_is_no_pair(shop):
    with pytest.raises(BadUsage, match="P00 and P00 are one product"):
        shop.why_not_related("P00", "P00")
