"""Rows M10 and J04: what could be earned and is not, and the journey people walked, found in what the shop has seen."""

import shutil
from datetime import timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput

BY = {"author": "mina", "reason": "to find out"}
N = 40
STRICT = """
name = "helpful"
extends = "helpful"

[[rules]]
id = "nothing-in-carts"
gate = "suitable"
code = "not_in_carts"
owner = "mina"
reason = "Carts are sacred."
when.placements = ["cart"]
"""


def track(shop, *events):
    """Collect (name, who, message id, hours ago, properties)."""
    at = shop.clock()
    shop.collect_events(msgspec.convert([
        {"type": "track", "event": name, "userId": who, "messageId": key, "properties": more,
         "timestamp": (at - timedelta(hours=hours)).isoformat()}
        for name, who, key, hours, more in events
    ], list[Message]))  # fmt: skip


def sell(shop, rows):
    at = (shop.clock() - timedelta(minutes=5)).isoformat()
    shop.put_facts("orders", [
        {"line_id": "1", "quantity": 1, "currency": "USD", "unit_price": "10", "ordered_at": at, **row} for row in rows
    ])  # fmt: skip


@pytest.fixture(scope="module")
def served(little, pantry_home, tmp_path_factory):
    """One shop for all of these; what some add to it the others do not look at."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(pantry_home, home)
    clock = little.Clock()
    with little.no_jit(), little.open_shop(home, clock) as shop:
        yield shop, sold(shop, clock)


@pytest.fixture(scope="module")
def found(served):
    shop, _ = served
    return shop.opportunities.found()


def sold(shop, clock):
    """Offer P01 in carts, have it clicked and bought; then let a rule stop everything; some search for what is not there."""
    clock.now += timedelta(hours=1)
    names = [f"c{number}" for number in range(N)]
    at = clock().isoformat()
    shop.consents.record([
        {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "t", "at": at}
        for name in [*names, *(f"late{number}" for number in range(N))]
    ])  # fmt: skip
    made = {name: shop.decide("cart", ["P00"], customer=name) for name in names}
    made = {name: one for name, one in made.items() if one.offers}
    assert len(made) >= N // 2
    clock.now += timedelta(hours=1)
    shop.respond([
        Response(f"r-{name}", one.decision_id, Action.CLICK, clock() - timedelta(minutes=30), one.offers[0].product_id)
        for name, one in made.items()
    ])  # fmt: skip
    sell(
        shop,
        [
            {"order_id": f"b-{name}", "customer_id": name, "product_id": one.offers[0].product_id}
            for name, one in made.items()
        ],
    )
    shop.policies.publish("helpful", shop.policies.draft(STRICT, **BY)["version"], "mina")
    for number in range(N):
        shop.decide("cart", ["P00"], customer=f"late{number}")
    track(
        shop,
        *(("Products Searched", f"s{i}", f"s{i}", 1, {"query": "Left handed mug", "results": 0}) for i in range(5)),
        *(("Products Searched", name, f"q-{name}", 1, {"query": "kettle", "results": 9}) for name in made),
        ("Products Searched", "s9", "s9", 1, {"query": "jane doe 555 1234", "results": 0}),
        *(("Product Viewed", name, f"v-{name}", 3, {"product_id": "P00"}) for name in names),
        *(("Product Viewed", f"s{i}", f"v-s{i}", 2, {"product_id": "P00"}) for i in range(5)),
    )
    clock.now += timedelta(hours=1)
    return made


def test_m10_products_without_companions_are_sized_by_what_companions_brought_comparable_ones(found, pantry):
    rows = found["lists"]["no_companion"]
    with_companions = {name for pair in pantry.pairs for name in pair}
    assert rows
    assert not with_companions & {row["subject"] for row in rows}
    assert [row["value"]["value"] for row in rows] == sorted((row["value"]["value"] for row in rows), reverse=True)
    each = {round(row["value"]["value"] / row["facts"]["orders"], 6) for row in rows}
    assert len(each) == 1  # six products with companions are too few for categories: one worth an order for all
    assert all(row["value"]["low"] <= row["value"]["value"] <= row["value"]["high"] for row in rows)
    assert rows[0]["basis"] == "companions that came along with comparable products, offered or not"


def test_m10_a_product_whose_companions_nobody_was_offered_is_told_and_one_that_led_to_offers_is_not(found):
    rows = {row["subject"]: row for row in found["lists"]["not_offered"]}
    assert "P00" not in rows  # its offers name it
    assert rows["P02"]["facts"]["n_companions"] >= 1


def test_m10_a_rule_that_leaves_people_without_offers_is_told_with_what_that_cost(served, found):
    shop, made = served
    [row] = [row for row in found["lists"]["rule"] if row["facts"]["rule"] == "nothing-in-carts"]
    assert (row["subject"], row["title"], row["facts"]["owner"]) == (
        "helpful: not_in_carts",
        "Carts are sacred.",
        "mina",
    )
    assert (row["facts"]["empty"], row["facts"]["decisions"], row["facts"]["protects"]) == (N, N, False)
    sold = sum(line["margin"] for line in shop.credited.lines(0, int(shop.clock().timestamp() * 1e6)).to_pylist())
    assert row["value"]["value"] == pytest.approx(N * sold / len(made))
    assert row["value"]["low"] <= row["value"]["value"] <= row["value"]["high"]


def test_m10_a_group_that_gets_fewer_offers_than_everybody_is_named(served):
    shop, _ = served
    club = [f"c{number}" for number in range(N, 260)]
    shop.put_facts("customers", [{"customer_id": name, "club": "yes"} for name in club])
    shop.segments.put("club", {"en": "Club"}, 'trait("club") is "yes"', "mina", "to see who is left out")
    shop.segments.evaluate()
    rows = {row["subject"]: row for row in shop.opportunities.found()["lists"]["underserved"]}
    row = rows["segment:club"]
    assert row["facts"]["reached"] / row["facts"]["people"] == row["facts"]["share"] < row["facts"]["share_of_all"]
    assert row["value"]["value"] > 0
    assert not {f"customer:{name}" for name in club} & rows.keys()  # groups, never a person


def test_m10_companions_run_out_with_what_they_are_bought_with(served):
    shop, _ = served
    shop.patch_products([{"product_id": "P01", "stock": 2}])
    rows = {row["subject"]: row for row in shop.opportunities.found(weeks=8)["lists"]["restock"]}
    facts = rows["P01"]["facts"]
    assert (facts["with"], facts["stock"]) == ("P00", 2)
    assert facts["along_low"] <= facts["along"] <= facts["along_high"]
    assert facts["along_a_week"] == pytest.approx(facts["along"] * facts["with_a_week"])
    assert facts["demand"] == pytest.approx(8 * facts["sold_a_week"])
    assert facts["reorder"] >= facts["demand"] - 2
    assert rows["P01"]["value"]["value"] > 0


def test_m10_searches_without_a_result_are_told_in_words_only_where_several_people_used_them(found):
    rows = found["lists"]["search"]
    assert [(row["subject"], row["facts"]["missed"]) for row in rows] == [("left handed mug", 5), ("", 1)]
    assert "jane" not in msgspec.json.encode(rows).decode()
    assert rows[0]["value"]["value"] == pytest.approx(5 * rows[1]["value"]["value"])


def test_m10_what_is_needed_and_cannot_be_sold_is_told(served):
    shop, _ = served
    shop.put_links(
        [{"from_id": "P06", "to_id": "P07", "kind": "required", "reason": "does not run without", "author": "mina"}]
    )
    shop.patch_products([{"product_id": "P07", "stock": 0}])
    [row] = shop.opportunities.found()["lists"]["required"]
    assert (row["subject"], row["facts"]["needs"]) == ("P06", ["P07"])


def test_m10_what_cannot_be_said_is_said(shop):
    with pytest.raises(BadInput, match="ends"):
        shop.opportunities.found(shop.clock(), shop.clock())
    with pytest.raises(BadInput, match="at least 1"):
        shop.opportunities.found(weeks=0)
    nothing = shop.opportunities.found()
    assert (nothing["lists"]["rule"], nothing["lists"]["underserved"], nothing["lists"]["search"]) == ([], [], [])


def test_j04_data_maps_touchpoints_with_drop_offs_and_moments(served):
    shop, made = served
    found = shop.journeys.map()
    rows = {(row["name"], row["channel"]): row for row in found["touchpoints"]}
    viewed = rows["Product Viewed", ""]
    assert (viewed["stage"], viewed["people"], viewed["volume"]) == ("consider", N + 5, N + 5)
    assert (viewed["went_on"], viewed["dropped"]) == (len(made), N + 5 - len(made))
    assert viewed["offered"] == len(made)
    assert viewed["moment"] == "natural"
    assert max(row["score"] or 0 for row in found["touchpoints"]) == 100
    assert found["stages"]["consider"] == N + 5
    order = [row["stage"] for row in found["touchpoints"]]
    assert order == sorted(order, key=list(found["stages"]).index)


def test_j04_data_a_pain_is_no_moment_for_an_offer(served):
    shop, made = served
    at = (shop.clock() - timedelta(hours=1)).isoformat()
    shop.put_facts("cases", [
        {"case_id": f"k-{name}", "customer_id": name, "opened_at": at, "status": "open"} for name in made
    ])  # fmt: skip
    shop.put_facts("feedback", [
        {"feedback_id": f"f-{name}", "customer_id": name, "at": at, "kind": "review", "rating": 5, "scale": 5} for name in made
    ])  # fmt: skip
    rows = {row["name"]: row for row in shop.journeys.map()["touchpoints"]}
    assert (rows["case opened"]["moment"], rows["case opened"]["score"]) == ("pain", None)
    assert (rows["good review"]["moment"], rows["good review"]["people"]) == ("natural", len(made))
