"""The offer library of a shop: versions, refusals, and what the very next decision makes of them."""

import pytest

from crosslift.domain.decision import Request
from crosslift.errors import BadInput, NotFound

BY = {"author": "mina", "reason": "asked for"}
VISIT = {"offer_id": "visit", "kind": "service", "title_en": "Setup visit", "benefit_en": ["brews on day one"], "price": "30",
         "currency": "USD", "beside": ["P00"]}  # fmt: skip


def offered(shop, product="P00", **asked):
    decision = shop.decide("product", product=product, k=12, **asked)
    return {offer.product_id: offer for offer in decision.offers}


def test_an_offer_is_new_then_the_same_then_a_next_version(own_shop):
    first = own_shop.offers.put(VISIT, **BY)
    assert first["offers"] == [{"offer_id": "visit", "version": 1, "outcome": "new", "active": True}]
    assert own_shop.offers.put([VISIT], "jun", "again")["same"] == 1
    changed = own_shop.offers.put({**VISIT, "price": "35", "author": "jun", "reason": "dearer parts"})
    assert (changed["replaced"], changed["offers"][0]["version"]) == (1, 2)
    assert [(one["version"], one["author"], one["lines"][0]["price"]) for one in own_shop.offers.history("visit")] == [
        (1, "mina", "30"), (2, "jun", "35")
    ]  # fmt: skip
    assert own_shop.offers.get("visit", 1).prices[0].amount.amount == 30


def test_what_is_listed_can_be_put_again_and_changes_nothing(own_shop):
    own_shop.offers.put([VISIT, {**VISIT, "offer_id": "other", "kind": "advice", "goals": ["calm"]}], **BY)
    assert own_shop.offers.put(own_shop.offers.list())["same"] == 2


def test_an_offer_taken_back_stays_in_its_history_and_may_return(own_shop):
    own_shop.offers.put(VISIT, **BY)
    assert "visit" in offered(own_shop)
    assert own_shop.offers.withdraw("visit", "mina", "nobody can come")["version"] == 2
    assert "visit" not in offered(own_shop)
    assert own_shop.offers.withdraw("visit", "mina", "twice")["outcome"] == "same"
    assert [one["offer_id"] for one in own_shop.offers.list(is_active=True)] == []
    assert own_shop.offers.show("visit")["active"] is False
    assert own_shop.offers.put(VISIT, **BY)["offers"][0]["version"] == 3
    assert "visit" in offered(own_shop)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({**VISIT, "offer_id": "P01"}, "'P01' is the id of a product; sell that with product_id, or choose another id"),
        ({**VISIT, "product_id": "P99"}, "nobody knows the product 'P99'; collect it first"),
        ({**VISIT, "step_of": "basic"}, "nobody knows 'basic'; name a product or an offer that is there"),
        ({**VISIT, "period": "month"}, "its total is missing"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_the_call_is_kept(own_shop, written, why):
    good = {**VISIT, "offer_id": "good"}
    with pytest.raises(BadInput, match=why):
        own_shop.offers.put([good, written], **BY)
    assert own_shop.offers.list() == []


def test_somebody_has_to_say_who_and_why(own_shop):
    with pytest.raises(BadInput, match=r"offers\[0\], author: its author is missing"):
        own_shop.offers.put(VISIT)
    with pytest.raises(BadInput, match=r"offers\[0\], reason: its reason is missing"):
        own_shop.offers.put(VISIT, "mina")


def test_a_variant_is_refused_and_its_product_named(own_shop):
    own_shop.put_products(
        [{"product_id": "P01-RED", "title": "Red", "price": "5", "currency": "USD", "parent_id": "P01"}]
    )
    with pytest.raises(BadInput, match="'P01-RED' is a variant of 'P01'; name that product"):
        own_shop.offers.put({**VISIT, "product_id": "P01-RED"}, **BY)


def test_what_it_is_put_beside_may_come_later_and_is_named(own_shop):
    told = own_shop.offers.put({**VISIT, "beside": ["P00", "LATER", "category:none yet"]}, **BY)
    assert told["unknown"] == ["LATER"]


def test_offers_may_name_each_other(own_shop):
    pro = {**VISIT, "offer_id": "visit-pro", "price": "90", "step_of": "visit", "beside": []}
    assert own_shop.offers.put([VISIT, pro], **BY)["unknown"] == []


def test_nobody_knows_an_offer_that_is_not_there(own_shop):
    for ask in (own_shop.offers.show, own_shop.offers.history, lambda name: own_shop.offers.withdraw(name, "a", "b")):
        with pytest.raises(NotFound, match="no offer 'nothing'; `crosslift offers list` shows them"):
            ask("nothing")
    own_shop.offers.put(VISIT, **BY)
    with pytest.raises(NotFound, match="offer 'visit' has no version 9"):
        own_shop.offers.get("visit", 9)


def test_the_next_decision_of_another_process_knows(own_shop, little, clock):
    own_shop.offers.put(VISIT, **BY)
    with little.open_shop(own_shop.home, clock) as other:
        assert "visit" in offered(other)
        own_shop.offers.put({**VISIT, "price": "35"}, **BY)
        assert offered(other)["visit"].price.amount == 35
        own_shop.offers.withdraw("visit", "mina", "gone")
        assert "visit" not in offered(other)


def test_an_offer_survives_a_new_snapshot_and_a_decision_with_it_replays(own_shop):
    own_shop.offers.put(VISIT, **BY)
    own_shop.learn()
    decision = own_shop.decide("product", product="P00")
    shown = next(offer for offer in decision.offers if offer.product_id == "visit")
    assert (shown.kind, shown.offer_id, shown.offer_version) == ("offer", "visit", 1)
    own_shop.offers.put({**VISIT, "offer_id": "another", "beside": ["P00"]}, **BY)  # later writes do not reach back
    own_shop.offers.withdraw("visit", "mina", "gone")
    again = own_shop.replay(decision.decision_id)
    assert again.is_equal, again.difference
    assert shown in again.decision.offers


def test_an_offer_of_a_product_dresses_it_and_leaves_its_place(own_shop):
    before = offered(own_shop)
    own_shop.offers.put({**VISIT, "offer_id": "P01-deal", "product_id": "P01", "price": "4", "beside": []}, **BY)
    after = offered(own_shop)
    assert after.keys() == before.keys()
    assert (after["P01"].offer_id, after["P01"].price.amount, after["P01"].kind) == ("P01-deal", 4, before["P01"].kind)
    assert after["P01"].reason == before["P01"].reason


def test_goals_of_the_conversation_find_what_serves_them(own_shop):
    own_shop.offers.put({**VISIT, "beside": [], "goals": ["calm mornings"]}, **BY)
    request = Request("desk", own_shop.clock(), goals=("calm mornings",))
    [offer] = own_shop.decide_requests([request])[0].offers
    assert (offer.product_id, offer.kind, offer.reason.evidence["goal"]) == ("visit", "goal", "calm mornings")
    assert "visit" not in offered(own_shop)


def test_links_and_sets_may_name_offers(own_shop):
    own_shop.offers.put(VISIT, **BY)
    step = {"from_id": "P00", "to_id": "visit", "kind": "upgrade"}
    assert own_shop.put_links([step, {**step, "to_id": "nobody's"}])["unknown"] == ["nobody's"]
    parts = [{"bundle_id": "start", "product_id": one, "kind": "fixed", "price": "30", "currency": "USD"}
             for one in ("P00", "visit")]  # fmt: skip
    assert own_shop.put_bundles(parts)["unknown"] == []
    decision = own_shop.decide("cart", ["P00"])
    assert next(offer.kind for offer in decision.offers if offer.product_id == "visit") == "offer"
    assert [part.offered_as for part in decision.sets[0].parts] == ["P00", "visit"]
    named = [finding for finding in own_shop.quality().findings if "visit" in finding.samples]
    assert named == []


def test_free_offers_are_in_the_shops_currency(own_shop):
    own_shop.offers.put(
        {"offer_id": "advice", "kind": "advice", "title_en": "Advice", "is_free": True, "beside": ["P00"]}, **BY
    )
    price = offered(own_shop)["advice"].price
    assert (price.amount, price.currency) == (0, own_shop.settings["shop.currency"])


def consenting(shop, customer):
    shop.put_facts(
        "customers", [{"customer_id": customer, "traits": {"birth_date": "1980-01-31"}, "goals": "calm mornings"}]
    )
    shop.consents.record([{
        "customer_id": customer, "purpose": "personalization", "channel": "*", "status": "granted", "source": "form",
        "at": "2026-10-01T00:00:00Z",
    }])  # fmt: skip
    shop.learn()


def test_what_a_person_is_is_asked_with_consent_and_replays(own_shop):
    consenting(own_shop, "c1")
    own_shop.offers.put([
        {**VISIT, "audience": "orders >= 1", "min_age": 19},
        {**VISIT, "offer_id": "quiet", "beside": [], "goals": ["calm mornings"]},
    ], **BY)  # fmt: skip
    known = own_shop.decide("product", product="P00", customer="c1", k=12)
    kinds = {offer.product_id: offer.kind for offer in known.offers}
    assert (kinds["visit"], kinds["quiet"]) == ("offer", "goal")
    assert own_shop.decide("product", product="P00", k=12).dropped == {"too_young": 1}
    again = own_shop.replay(known.decision_id)
    assert again.is_equal, again.difference
