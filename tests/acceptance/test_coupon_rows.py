"""Coupons for those who come back, none for those who cost more than they bring; a budget, a floor, one on an order."""

import pytest

THANKS = {
    "campaign_id": "thanks", "kind": "percent_off", "titles": {"en": "Thank you", "ko": "감사", "ja": "感謝"}, "value": "0.1",
    "most": "5", "budget": "12", "ends_at": "2027-01-01T00:00:00Z", "audience": "orders >= 3",
    "tiers": [{"condition": "orders >= 10", "value": "0.2"}], "margin_floor": "0.3", "author": "mina", "reason": "come back",
}  # fmt: skip
COUPON = {
    "offer_id": "thanks", "kind": "coupon", "title_en": "Thank you", "is_free": True, "beside": "tea", "cost": "5",
    "currency": "USD", "author": "mina", "reason": "come back",
}  # fmt: skip
COSTLY = ("returner", "caller", "defaulter")


@pytest.fixture(scope="module")
def home(load_script, little, tmp_path_factory):
    """The shop of the profiles, with a campaign and an offer that proposes it; everybody allowed to be known."""
    profiles = load_script("tests/acceptance/test_profile_rows.py")
    making = profiles.home.__wrapped__(little, tmp_path_factory)
    shop = next(making)
    shop.coupons.put(THANKS)
    shop.offers.put(COUPON)
    shop.consents.record([
        {"customer_id": who, "purpose": purpose, "channel": "*", "status": "granted", "source": "form", "at": "2026-10-01"}
        for who in ("loyal", "away", "once", *COSTLY) for purpose in ("marketing", "personalization")
    ])  # fmt: skip
    yield shop
    next(making, None)


def proposed(shop, who):
    return [offer.product_id for offer in shop.decide("cart", ["tea"], customer=who).offers]


def test_example_38_a_repeat_buyer_is_given_a_personal_coupon(home):
    """Fifteen orders: a fifth off, by a code of their own that holds for nobody else; one order gives none."""
    told = home.coupons.issue("thanks", "loyal")
    assert (told["value"], told["refusal"]) == ("0.2", None)
    tea = [{"product": "tea", "quantity": 2, "unit_price": "10"}]
    assert home.coupons.redeem(told["code"], "o-38", lines=tea, customer="away")["refusal"] == "other_person"
    assert home.coupons.redeem(told["code"], "o-38", lines=tea, customer="loyal")["discount"] == "4.00"
    assert home.coupons.issue("thanks", "runner")["refusal"] == "not_for_person"


@pytest.mark.parametrize("who", COSTLY)
def test_example_39_no_incentive_for_whoever_costs_more_than_they_bring(home, who):
    """Neither proposed in a decision, as it is to the loyal, nor given on request; the sentence tells nobody their class."""
    assert "thanks" in proposed(home, "loyal")
    assert "thanks" not in proposed(home, who)
    told = home.coupons.issue("thanks", who)
    assert (told["refusal"], told["code"]) == ("not_for_class", None)
    assert told["why"] == "No coupons are given here."


@pytest.mark.parametrize("who", COSTLY)
def test_u07_decides_no_paid_incentive_and_the_reason_is_logged(home, who):
    """Held back by a code of its own, in the trace and in the record; what costs us no discount stays offered."""
    tasting = {"offer_id": "tasting", "kind": "service", "title_en": "A tasting", "benefit_en": "taste before you buy",
               "price": "5", "currency": "USD", "beside": "tea", "author": "mina", "reason": "asked for"}  # fmt: skip
    home.offers.put(tasting)
    decision = home.decide("cart", ["tea"], customer=who, k=9, with_trace=True)
    home.offers.withdraw("tasting", "mina", "over")
    assert "tasting" in [offer.product_id for offer in decision.offers]
    assert {one.product_id: one.dropped for one in decision.trace.candidates}["thanks"] == "no_incentive"
    assert home.decision(decision.decision_id)["dropped"]["no_incentive"] == 1
    again = home.replay(decision.decision_id)
    assert (again.is_equal, again.decision.trace) == (True, decision.trace)


def test_j11_codes_are_personal_single_use_and_the_budget_is_capped(home):
    """Twelve dollars, at most five a code: two codes are promised, the third is not; what was given back can be given."""
    home.coupons.put({**THANKS, "campaign_id": "capped", "audience": "orders >= 1", "tiers": []})
    codes = [home.coupons.issue("capped", who)["code"] for who in ("loyal", "away")]
    assert home.coupons.issue("capped", "once")["refusal"] == "budget_spent"
    assert home.coupons.redeem(codes[0], "o-1", cart_value=100, customer="loyal")["discount"] == "5.00"
    assert home.coupons.redeem(codes[0], "o-1", cart_value=100, customer="loyal")["is_new"] is False
    assert home.coupons.redeem(codes[0], "o-2", cart_value=100, customer="loyal")["refusal"] == "used_up"
    assert home.coupons.redeem(codes[1], "o-3", cart_value=10, customer="away")["discount"] == "1.00"
    assert home.coupons.issue("capped", "once")["is_new"]
    report = home.coupons.report("capped")
    assert [report[name] for name in ("discount", "reserved", "left")] == ["6.00", "5.00", "1.00"]


def test_d22_coupon_floor_and_stacking(home):
    """Coffee at 12 costs 5: half off leaves a sixth, less than the floor; two coupons on an order where both allow it."""
    base = {**THANKS, "audience": "", "tiers": [], "budget": "90"}
    for name, other, share in (("one", "two", "0.1"), ("two", "one", "0.1"), ("half", "one", "0.5")):
        stacking = {"campaign_id": name, "code": f"CODE{name.upper()}", "stacks_with": [other], "value": share}
        home.coupons.put({**base, **stacking, "most": "9"})
    coffee = [{"product": "coffee", "quantity": 1, "unit_price": "12"}]
    assert home.coupons.redeem("CODEHALF", "o-4", lines=coffee)["refusal"] == "below_margin"
    assert home.coupons.redeem("CODEONE", "o-5", lines=coffee)["discount"] == "1.20"
    assert home.coupons.redeem("CODEHALF", "o-5", lines=coffee)["refusal"] == "does_not_stack"
    assert home.coupons.redeem("CODETWO", "o-5", lines=coffee)["discount"] == "1.20"
