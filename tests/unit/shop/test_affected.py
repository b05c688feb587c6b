"""Whose offers a new snapshot changes: held to the decisions the shop itself makes under each of the two."""

import pytest

from crosslift.shop import affected


@pytest.fixture
def refitted(little, tmp_path, clock):
    """A shop where tea brought honey; then 120 orders came in which tea brings jam, and it learned again."""
    begun = little.orders(*[["tea", "honey"]] * 60, *[["cup", "tray"]] * 60, *[[f"n{i % 9}"] for i in range(120)])
    catalog = [{"product_id": name, "title": name.title(), "price": "4.00", "currency": "USD"}
               for name in ("tea", "honey", "jam", "cup", "tray", *(f"n{i}" for i in range(9)))]  # fmt: skip
    shop = little.stocked(tmp_path / "home", begun, catalog, clock)
    later = [little.Order(("tea", "jam"), f"late{i}", 0.1) for i in range(120)]
    rows = [{**row, "order_id": f"late-{row['order_id']}"} for row in little.order_rows(later)]
    with little.no_jit():
        shop.collect(little.write(tmp_path / "later.csv", rows))
        clock.move(days=1)
        shop.learn(force=True)
    with shop:
        yield shop


def test_what_changed_is_what_decisions_under_both_snapshots_say(refitted, little):
    shop, old = refitted, refitted.earlier()
    rows, asked = affected.offers_affected(old, shop.knowledge, shop.records, shop.clock(), "en")
    new_id, lists = shop.knowledge.snapshot_id, {}
    assert asked == len(shop.knowledge.products)
    for snapshot_id in (old.snapshot_id, new_id):
        shop.rollback(snapshot_id)
        lists[snapshot_id] = {
            name: [offer.product_id for offer in shop.decide("cart", [name]).offers] for name in old.products
        }
    changed = {name for name in old.products if lists[old.snapshot_id][name] != lists[new_id][name]}
    assert {row["product"] for row in rows} == changed
    assert "tea" in changed
    for row in rows:
        assert (row["before"], row["after"]) == (lists[old.snapshot_id][row["product"]], lists[new_id][row["product"]])
        assert set(row["came"]) == set(row["after"]) - set(row["before"])
        assert set(row["went"]) == set(row["before"]) - set(row["after"])


def test_tea_now_brings_jam(refitted):
    rows = {row["product"]: row for row in refitted.offers_affected().to_pylist()}
    assert "jam" in rows["tea"]["came"]


def test_asking_records_no_decision_and_moves_no_snapshot(refitted):
    before = refitted.records.table("decisions", ["decision_id"]).num_rows, refitted.knowledge.snapshot_id
    refitted.offers_affected()
    assert (refitted.records.table("decisions", ["decision_id"]).num_rows, refitted.knowledge.snapshot_id) == before


def test_only_the_most_bought_are_asked_about(refitted):
    old = refitted.earlier()
    rows, asked = affected.offers_affected(old, refitted.knowledge, refitted.records, refitted.clock(), "en", most=1)
    assert asked == 1
    assert [row["product"] for row in rows] == ["tea"]


def test_live_values_of_now_hold_for_both_sides(refitted):
    refitted.patch_products([{"product_id": "jam", "stock": 0}])
    rows = {row["product"]: row for row in refitted.offers_affected().to_pylist()}
    assert all("jam" not in row["before"] + row["after"] for row in rows.values())


def test_a_snapshot_named_is_compared_with_and_the_one_before_by_default(refitted):
    old = refitted.earlier()
    assert refitted.offers_affected(old.snapshot_id).equals(refitted.offers_affected())
    assert refitted.offers_affected(refitted.knowledge.snapshot_id).num_rows == 0
    assert {row["product"] for row in refitted.changes().to_pylist() if row["kind"] == "complement"} >= {"tea"}
