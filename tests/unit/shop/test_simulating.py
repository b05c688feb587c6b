"""A draft tried on recorded decisions: nothing changes where it changes nothing, and what it changes is said and counted."""

from dataclasses import replace

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.domain.policy import HELPFUL
from crosslift.domain.pressure import Cap, PressureLimits
from crosslift.domain.rule import Gate, Rule
from crosslift.errors import BadInput, BadUsage

NO_CAPS = replace(HELPFUL, pressure=PressureLimits())
NONE = replace(
    HELPFUL, rules=(Rule("no-offers", Gate.SUITABLE, "not_now", "mina", "We are moving house."),), offers_sets=False
)


def popups(shop, clock, n, *, hours=1, who="c1"):
    """Interrupt somebody so many times, as their attention allows; each that offers is really shown."""
    made = []
    for _ in range(n):
        decision = shop.decide("popup", ["P00"], customer=who, dwell_seconds=60)
        if decision.offers:
            shown = Response(f"x{decision.decision_id}", decision.decision_id, Action.EXPOSURE, clock())
            shop.respond([shown])
        made.append(decision)
        clock.move(hours=hours)
    return made


def test_the_policy_of_then_changes_nothing(own_shop, clock):
    for name in ("P00", "P02", "P04"):
        own_shop.decide("cart", [name])
        own_shop.decide("product", product=name, customer="c1")
    popups(own_shop, clock, 3)
    found = own_shop.simulate(HELPFUL)
    assert (found["n_decisions"], found["n_tried"], found["n_replayed"], found["share"]) == (9, 9, 9, 1.0)
    assert found["not_replayed"] == {}
    assert found["n_read_today"] == 0
    assert found["recorded"] == found["draft"]
    assert found["recorded"]["n_with_offer"] == 7
    assert found["recorded"]["contacts"] == {"web": 1}
    assert found["decisions"] == {"gained": 0, "lost": 0, "other_offers": 0}
    assert found["people"] == {"gained": 0, "lost": 0, "kept": 1}
    assert not any(row["change"] for row in (*found["blocked"], *found["no_offer"]))


def test_the_record_stands_where_catalog_and_prices_have_changed(own_shop):
    own_shop.decide("cart", ["P00"])
    own_shop.patch_products([{"product_id": "P01", "stock": 0}, {"product_id": "P02", "price": None}])
    found = own_shop.simulate(HELPFUL)
    assert (found["decisions"], found["n_read_today"]) == ({"gained": 0, "lost": 0, "other_offers": 0}, 0)
    assert found["recorded"] == found["draft"]


def test_what_the_record_does_not_hold_is_read_as_it_is_today_and_said(own_shop):
    """Relevance asked no prices, money does; where they were read already, none is read today."""
    money = replace(HELPFUL, value=replace(HELPFUL.value, objectives={"*": "margin"}))
    own_shop.decide("cart", ["P00"], k=1)
    found = own_shop.simulate(money)
    assert (found["n_read_today"], found["read_today"]) == (1, {"prices": 1})
    assert found["decisions"] == {"gained": 0, "lost": 0, "other_offers": 0}
    assert own_shop.simulate(replace(HELPFUL, default_offers=1))["n_read_today"] == 0


def test_a_draft_that_offers_nothing_loses_everybody(own_shop, clock):
    own_shop.decide("cart", ["P00"], customer="c2")
    popups(own_shop, clock, 1)
    found = own_shop.simulate(NONE)
    assert found["people"] == {"gained": 0, "lost": 2, "kept": 0}
    assert found["decisions"] == {"gained": 0, "lost": 2, "other_offers": 0}
    assert found["draft"]["contacts"] == {}
    assert [one["placement"] for one in found["by_placement"]] == ["cart", "popup"]
    assert all(one["decisions"]["lost"] == 1 for one in found["by_placement"])


def test_contacts_of_the_draft_are_counted_in_the_order_of_time(own_shop, clock):
    """Four tries on one day: a cap of one let one through, none lets all, and a cap of two lets exactly two."""
    recorded = popups(own_shop, clock, 4)
    assert [bool(one.offers) for one in recorded] == [True, False, False, False]
    free = own_shop.simulate(NO_CAPS)
    assert (free["recorded"]["n_contacts"], free["draft"]["n_contacts"]) == (1, 4)
    assert free["decisions"]["gained"] == 3
    assert free["people"] == {"gained": 0, "lost": 0, "kept": 1}
    assert {row["code"]: row["change"] for row in free["no_offer"]} == {"capped": -3}
    two = own_shop.simulate(replace(HELPFUL, pressure=PressureLimits(caps=(Cap(2, 1.0, ("web",)),))))
    assert two["draft"]["contacts"] == {"web": 2}
    assert two["decisions"]["gained"] == 1


def test_what_the_draft_shows_tires_as_anything_shown_does(own_shop, clock):
    """Three glances without a click pause a product: a draft without caps shows it three times, and no fourth."""
    popups(own_shop, clock, 5)
    tiring = replace(HELPFUL, pressure=replace(HELPFUL.pressure, caps=()), candidates=("complement",))
    found = own_shop.simulate(tiring)
    assert (found["recorded"]["n_contacts"], found["draft"]["n_contacts"]) == (1, 3)
    assert {row["code"]: row["draft"] for row in found["blocked"]}["cooling_down"] == 2


def test_contacts_from_before_the_days_tried_count(own_shop, clock):
    popups(own_shop, clock, 1, hours=30)
    popups(own_shop, clock, 1)
    within = own_shop.simulate(replace(HELPFUL, pressure=PressureLimits(caps=(Cap(1, 7.0),))), days=1)
    assert (within["n_tried"], within["draft"]["n_contacts"], within["decisions"]["lost"]) == (1, 0, 1)


def test_a_rule_asks_people_as_they_are_today(own_shop, little, tmp_path):
    rows = [{"customer_id": "c1", "purpose": "personalization", "channel": "*", "status": "granted", "source": "test",
             "at": "2026-01-01T00:00:00Z"}]  # fmt: skip
    own_shop.collect(little.write(tmp_path / "consents.csv", rows))
    for who in ("c1", "c2", None):
        own_shop.decide("cart", ["P00"], customer=who)
    draft = """
        name = "helpful"
        extends = "helpful"
        [[rules]]
        id = "not-regulars"
        gate = "suitable"
        code = "regular"
        owner = "mina"
        reason = "Regulars are left alone."
        who = "orders >= 1"
        """
    found = own_shop.simulate(draft)
    assert (found["decisions"]["lost"], found["people"]["lost"], found["read_today"]) == (1, 1, {"person": 1})
    assert {row["code"]: row["recorded"] for row in found["blocked"]}["regular"] == 0
    assert found["blocked"][0]["code"] == "regular"
    assert found["blocked"][0]["change"] > 0


def test_value_is_added_up_where_it_is_known(own_shop):
    own_shop.decide("cart", ["P00"], k=1)
    plain = own_shop.simulate(HELPFUL)["draft"]["value"]
    assert plain["priority"]["amounts"] == plain["expected_margin"]["amounts"] == []
    assert "money" in plain["priority"]["not_estimable"]
    money = replace(HELPFUL, value=replace(HELPFUL.value, objectives={"*": "margin"}))
    value = own_shop.simulate(money)["draft"]["value"]
    assert value["priority"]["amounts"][0]["currency"] == "USD"
    assert float(value["priority"]["amounts"][0]["amount"]) > 0
    assert value["margin_if_all_accepted"]["n"] == 1


def test_what_cannot_be_made_again_is_counted_by_why(own_shop, clock):
    own_shop.decide("cart", ["P00"])
    own_shop.policies.stop("mina", "a test")
    own_shop.decide("cart", ["P00"])
    own_shop.policies.resume("mina", "a test")
    clock.move(days=own_shop.settings["decide.blob_days"] - 1)
    own_shop.decide("cart", ["P02"])
    clock.move(days=2)
    found = own_shop.simulate(HELPFUL, days=3650)
    assert (found["n_tried"], found["n_replayed"], found["not_replayed"]) == (3, 1, {"inputs_gone": 2})
    own_shop.policies.stop("mina", "a test")
    own_shop.decide("cart", ["P00"])
    assert own_shop.simulate(HELPFUL, days=1)["not_replayed"] == {"shop_was_stopped": 1}


def test_of_a_long_log_the_newest_are_tried(own_shop, clock):
    for name in ("P00", "P02", "P04", "P06"):
        own_shop.decide("cart", [name])
        clock.move(minutes=1)
    found = own_shop.simulate(NONE, most=1)
    assert (found["n_decisions"], found["n_tried"], found["share"]) == (4, 1, 0.25)
    assert found == own_shop.simulate(NONE, most=1)


def test_whose_decisions_are_tried(own_shop):
    own_shop.decide("cart", ["P00"])
    own_shop.decide("cart", ["P00"], policy="relevance")
    own = replace(HELPFUL, name="our-shop")
    found = own_shop.simulate(own)
    assert (found["policy"], found["instead_of"], found["n_decisions"]) == ("our-shop", ["helpful"], 1)
    with pytest.raises(BadUsage, match="decided nothing in that time; there are helpful"):
        own_shop.simulate(own, instead_of="our-shop")


def test_a_log_of_nothing(own_shop):
    found = own_shop.simulate(HELPFUL)
    assert (found["n_decisions"], found["share"], found["by_placement"]) == (0, None, [])


def test_nothing_is_recorded(own_shop, clock):
    popups(own_shop, clock, 2)
    before = [own_shop.records.table(name, ("decision_id",)).num_rows for name in ("decisions", "contacts")]
    own_shop.simulate(NO_CAPS)
    after = [own_shop.records.table(name, ("decision_id",)).num_rows for name in ("decisions", "contacts")]
    assert before == after == [2, 1]


def test_a_faulty_draft_is_refused(own_shop):
    with pytest.raises(BadInput, match="line 2"):
        own_shop.simulate('name = "x"\nnonsense = 1')
    with pytest.raises(BadUsage, match="1 or more"):
        own_shop.simulate(HELPFUL, days=0)


def test_a_cap_over_accounts_is_tried_with_what_all_of_an_account_were_asked(own_shop, clock):
    """Two of one company and a stranger, a pop-up each: under one for each company the second of it would not have come."""
    own_shop.put_facts("account_members", [
        {"account_id": "acme", "customer_id": name, "role": "user"} for name in ("c1", "c2")
    ])  # fmt: skip
    for who in ("c1", "c2", "c3"):
        popups(own_shop, clock, 1, who=who)
    one = replace(HELPFUL, pressure=PressureLimits(caps=(Cap(1, 7.0, unit="account"),)))
    found = own_shop.simulate(one)
    assert (found["recorded"]["n_with_offer"], found["draft"]["n_with_offer"]) == (3, 2)
    assert found["decisions"]["lost"] == 1
    assert {row["code"]: row["draft"] for row in found["no_offer"]} == {"capped": 1}
    alone = replace(HELPFUL, pressure=PressureLimits(caps=(Cap(1, 7.0),)))
    assert own_shop.simulate(alone)["draft"]["n_with_offer"] == 3
