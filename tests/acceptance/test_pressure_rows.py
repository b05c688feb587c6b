"""Attention is taken once and counted once: contact limits, pauses after a no, one budget over all channels."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, NoOffer, Request, Response


@pytest.fixture
def ask(shop, clock):
    """Decide beside P00 for a customer who allowed e-mail; gives the decision."""
    shop.consents.record([
        {"customer_id": who, "purpose": "marketing", "channel": "*", "status": "granted", "source": "form", "at": "2026-10-01"}
        for who in ("c1", "c2")
    ])  # fmt: skip

    def ask(placement, customer="c1", with_trace=False, **given):
        asked = Request(placement, clock(), customer, cart=("P00",), dwell_seconds=30.0, **given)
        return shop.decide_requests([asked], with_trace=with_trace)[0]

    return ask


@pytest.fixture
def tell(shop, clock):
    """Report what became of a decision."""

    def tell(decision, action, product="P01"):
        named = f"{decision.decision_id} {action}"
        return shop.respond([Response(named, decision.decision_id, Action(action), clock(), product)])

    return tell


def offered(decision):
    return [offer.product_id for offer in decision.offers]


# D08: contact limits per person, channel and period; quiet hours by local time


def test_d08_a_third_mail_within_a_week_is_refused_and_the_week_is_exact(ask, tell, clock):
    began = clock()
    for _ in range(2):
        mail = ask("email")
        assert offered(mail) == ["P01"]
        tell(mail, "click")
        clock.move(days=1)
    third = ask("email")
    assert (third.offers, third.no_offer) == ((), NoOffer.CAPPED)
    assert offered(ask("email", "c2")) == ["P01"]
    clock.now = began + timedelta(days=7) - timedelta(microseconds=1)
    assert ask("email").no_offer is NoOffer.CAPPED
    clock.move(microseconds=1)
    assert offered(ask("email")) == ["P01"]


def test_d08_the_clock_is_the_customers_own(shop, ask, clock):
    shop.put_facts("customers", [
        {"customer_id": "c1", "traits": '{"timezone": "America/Los_Angeles"}'},
        {"customer_id": "c2", "traits": '{"timezone": "Asia/Seoul"}'},
    ])  # fmt: skip
    assert clock().hour == 12  # 04:00 in Los Angeles, 21:00 in Seoul
    assert ask("email").no_offer is ask("email", "c2").no_offer is NoOffer.QUIET_HOURS
    assert offered(ask("cart")) == offered(ask("cart", "c2")) == ["P01"]
    clock.move(hours=4)  # 08:00, 01:00
    assert offered(ask("email")) == ["P01"]
    assert ask("email", "c2").no_offer is NoOffer.QUIET_HOURS
    clock.move(hours=7)  # 15:00, 08:00
    assert offered(ask("email", "c2")) == ["P01"]


def test_d08_one_interruption_a_day_however_often_the_page_is_loaded(ask, tell, clock):
    first, second = ask("popup"), ask("popup")
    assert (offered(first), second.no_offer) == (["P01"], NoOffer.CAPPED)
    tell(first, "exposure")
    clock.move(hours=23)
    assert ask("popup").no_offer is NoOffer.CAPPED
    clock.move(hours=1)
    assert offered(ask("popup")) == ["P01"]


# D09: a pause after outcomes


def test_d09_three_impressions_without_a_click_pause_the_product_for_ten_days(ask, tell, clock):
    for _ in range(3):
        shown = ask("product")
        assert offered(shown) == ["P01"]
        tell(shown, "exposure")
        clock.move(hours=6)
    clock.move(hours=-6)
    for placement in ("product", "cart", "popup"):
        assert ask(placement).dropped == {"cooling_down": 1}
    clock.move(days=10, microseconds=-1)
    assert offered(ask("product")) == []
    clock.move(microseconds=1)
    assert offered(ask("product")) == ["P01"]


def test_d09_a_no_pauses_the_product_in_every_channel_and_a_mute_for_good(shop, ask, tell, clock):
    tell(ask("desk"), "decline")
    for placement in ("cart", "popup", "desk", "email"):
        assert offered(ask(placement)) == []
    clock.move(days=90)
    muted = ask("cart")
    assert offered(muted) == ["P01"]
    tell(muted, "mute")
    clock.move(days=3_000)
    assert offered(ask("cart")) == []
    assert shop.peace.unmute("c1", product="P01") == 1
    assert offered(ask("cart")) == ["P01"]


def test_d09_a_complaint_stops_offers_until_it_is_solved_and_two_weeks_longer(shop, ask, clock):
    case = {"case_id": "k1", "customer_id": "c1", "opened_at": clock().isoformat(), "status": "open"}
    shop.put_facts("cases", [case])
    assert ask("cart").no_offer is NoOffer.SOLVE_FIRST
    clock.move(days=2)
    solved = {"status": "solved", "closed_at": clock().isoformat(), "updated_at": clock().isoformat()}
    shop.put_facts("cases", [{**case, **solved}])
    assert ask("cart").no_offer is NoOffer.COOLING_DOWN
    clock.move(days=14)
    assert offered(ask("cart")) == ["P01"]


def test_d09_what_was_given_back_is_not_offered_for_half_a_year(shop, ask, clock):
    bought = {"order_id": "r1", "ordered_at": "2026-10-20", "customer_id": "c1", "product_id": "P01", "quantity": 1}
    shop.put_facts("orders", [{**bought, "unit_price": "4.50", "currency": "USD"}])
    shop.put_facts(
        "returns", [{"order_id": "r1", "product_id": "P01", "quantity": 1, "returned_at": clock().isoformat()}]
    )
    clock.move(days=179)
    assert ask("cart").dropped == {"cooling_down": 1}
    clock.move(days=1)
    assert offered(ask("cart")) == ["P01"]


# D10: one budget over all channels


def test_d10_popup_mail_and_agent_share_one_budget_of_four_a_week(shop, ask, tell, clock):
    began = clock()
    for placement in ("popup", "email", "desk", "popup"):
        made = ask(placement)
        assert offered(made) == ["P01"]
        tell(made, "click")
        clock.move(days=1)
    for placement in ("popup", "email", "desk"):
        assert ask(placement).no_offer is NoOffer.CAPPED
    assert offered(ask("cart")) == ["P01"]
    assert offered(ask("popup", "c2")) == ["P01"]
    found = shop.peace.of("c1")
    assert sorted(one["channel"] for one in found["contacts"]) == ["desk", "email", "web", "web"]
    clock.now = began + timedelta(days=7)
    assert offered(ask("desk")) == ["P01"]


def test_d10_the_budget_is_the_persons_whichever_name_they_come_by(shop, ask, tell, clock):
    tell(ask("popup", None, anonymous_id="b1"), "exposure")
    shop.customers.identify("c1", {"anonymous": "b1"})
    assert ask("popup").no_offer is NoOffer.CAPPED
    shop.customers.split("customer:c1", "anonymous:b1", "mina", "lent")
    assert offered(ask("popup")) == ["P01"]
    assert ask("popup", None, anonymous_id="b1").no_offer is NoOffer.CAPPED


def test_d10_what_was_refused_can_be_explained_and_made_again(shop, ask):
    ask("popup")
    refused = ask("popup", with_trace=True)
    assert [(one.product_id, one.dropped) for one in refused.trace.candidates] == [("P01", "capped")]
    again = shop.replay(refused.decision_id)
    assert again.is_equal
    assert again.decision.dropped == {"capped": 1}
    assert len(shop.records.decision(refused.decision_id)[1]) <= 4096
