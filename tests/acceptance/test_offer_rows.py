"""Rows R10, V13 and V16: offers that are no products, their whole price in every answer, and promises kept in every channel."""

import asyncio
from datetime import timedelta

import httpx
import msgspec
import pytest

from crosslift.domain.decision import ReasonCode, Request
from crosslift.errors import BadInput, Conflict, Refused
from crosslift.shop.batch import plain
from crosslift.web.api.offers import Offer
from crosslift.web.app import build
from crosslift.web.openapi import document
from crosslift.wording import reasons

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "the plans of this year"}
BASIC = {
    "offer_id": "storage-basic", "kind": "plan_step", "title_en": "100 GB", "title_ko": "100GB", "title_ja": "100GB",
    "currency": "USD", "lines": [{"price": "1.99", "period": "month"}], "total": "23.88",
    "cancellation_en": "any day", "cancellation_ko": "언제든", "cancellation_ja": "いつでも",
}  # fmt: skip
PRO = {
    "offer_id": "storage-pro", "kind": "plan_step", "title_en": "1 TB", "title_ko": "1TB", "title_ja": "1TB",
    "benefit_en": ["room for every photo"], "benefit_ko": ["사진을 모두 담아요"], "benefit_ja": ["写真がすべて入ります"],
    "currency": "USD", "total": "125.00", "terms_en": "a year, then by the month", "cancellation_en": "any day, at once",
    "cancellation_ko": "언제든 바로", "cancellation_ja": "いつでもすぐに",
    "lines": [
        {"price": "5", "label_en": "set-up"},
        {"price": "9.09", "period": "month", "n_periods": 12, "tax_rate": 0.1, "includes_tax": False, "label_en": "plan"},
    ],
    "step_of": "storage-basic", "goals": ["no lost photos"],
}  # fmt: skip
CARE = {
    "offer_id": "care", "kind": "service", "title_en": "Care visit", "benefit_en": ["ready on the first day"],
    "currency": "USD", "price": "12", "beside": ["P00"],
}  # fmt: skip


def of(decision, name):
    return next((one for one in decision.offers if one.product_id == name), None)


def test_r10_offer_without_a_product_is_decided_with_price_and_term(shop):
    """Services, plan steps and advice are offered by themselves: beside a product, as a step up, for a goal; with a reason."""
    advice = {"offer_id": "advice", "kind": "advice", "title_en": "An hour of advice", "is_free": True, "is_advice": True,
              "goals": ["no lost photos"]}  # fmt: skip
    shop.offers.put([BASIC, PRO, CARE, advice], **BY)
    care = of(shop.decide("product", product="P00"), "care")
    assert (care.kind, care.reason.code, str(care.price.amount)) == ("offer", ReasonCode.MERCHANT_OFFER, "12")
    step = of(shop.decide("plan", holdings=["storage-basic"]), "storage-pro")
    assert (step.kind, str(step.price.amount)) == ("upgrade", "125")
    assert {language: reasons.sentence(step.reason, language) for language in ("en", "ko", "ja")} == {
        "en": "From the shop: room for every photo", "ko": "상점 안내: 사진을 모두 담아요",
        "ja": "ショップのご案内：写真がすべて入ります",
    }  # fmt: skip
    [asked] = shop.decide_requests([Request("desk", shop.clock(), goals=("no lost photos",))])
    assert {one.product_id for one in asked.offers} == {"advice", "storage-pro"}
    assert {one.reason.code for one in asked.offers} == {ReasonCode.SERVES_GOAL}


def test_r10_offer_obeys_its_own_terms_and_the_next_decision(shop, clock):
    """Season, market, age and audience are asked of it; a new version or a withdrawal counts on the very next decision."""
    shop.offers.put({**CARE, "markets": ["KR"], "months": [11]}, **BY)
    assert shop.decide("product", product="P00", market="US").dropped["wrong_market"] == 1
    assert of(shop.decide("product", product="P00", market="KR"), "care")
    clock.move(days=40)
    assert shop.decide("product", product="P00", market="KR").dropped["not_yet"] == 1
    shop.offers.put({**CARE, "min_age": 19}, **BY)
    assert shop.decide("product", product="P00").dropped["too_young"] == 1
    shop.offers.put({**CARE, "audience": "orders >= 1"}, **BY)
    assert shop.decide("product", product="P00").dropped["not_for_person"] == 1
    shop.offers.put(CARE, **BY)
    assert of(shop.decide("product", product="P00"), "care").offer_version == 4
    shop.offers.withdraw("care", **BY)
    assert of(shop.decide("product", product="P00"), "care") is None


def test_v13_payload_schema_forbids_a_missing_total(shop):
    """No offer can be written without saying what is paid in all, and no answer can be made without it."""
    for wrong, why in (
        ({**PRO, "total": None}, "its total is missing"), ({**PRO, "total": "99"}, "is less than its price lines come to"),
        ({**CARE, "includes_tax": False}, "without tax and nobody says how much"), ({**CARE, "price": None}, "it has no price"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=why):
            shop.offers.put(wrong, **BY)
    schema = document()["components"]["schemas"]["Offer"]
    assert {"lines", "total", "total_includes_tax", "terms", "cancellation"} <= set(schema["required"])
    assert "anyOf" not in schema["properties"]["total"]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"lines": [], "total": None}, Offer)


def test_v13_every_line_tax_term_and_way_out_is_in_the_answer(shop):
    """One-off, recurring, tax, terms and cancellation, for what the library sells; one line and a total for bare products."""
    shop.offers.put([BASIC, PRO, CARE], **BY)
    answers = over_http(shop, ("POST", "/v1/decide", {"placement": "plan", "holdings": ["storage-basic"]}),
                        ("POST", "/v1/decide", {"placement": "product", "product": "P00"}))  # fmt: skip
    offers = {offer["product"]: offer for answer in answers for offer in answer["offers"]}
    pro = offers["storage-pro"]
    assert [(line["label"], line["gross"], line["period"], line["n_periods"]) for line in pro["lines"]] == [
        ("set-up", "5.00", None, None), ("plan", "10.00", "month", 12)
    ]  # fmt: skip
    assert (pro["lines"][1]["amount"], pro["lines"][1]["tax_rate"]) == ("9.09", 0.1)
    assert (pro["total"], pro["total_includes_tax"]) == ({"amount": "125.00", "currency": "USD"}, True)
    assert (pro["terms"], pro["cancellation"]) == ("a year, then by the month", "any day, at once")
    assert {"care", "P01"} <= offers.keys()
    for offer in offers.values():
        assert offer["total"]["amount"]
        assert offer["lines"]
    decision = shop.decide("product", product="P00")
    assert all(row["total"] for row in plain(decision, "en")["offers"])


def test_v16_promise_opens_the_same_offer_at_till_chat_and_api(shop, little, clock):
    """What the web page showed opens by a code or by its decision, in another process, at the same price, terms and reason."""
    shop.offers.put(CARE, **BY)
    [answer] = over_http(shop, ("POST", "/v1/decide", {"placement": "product", "product": "P00"}))
    shown = next(offer for offer in answer["offers"] if offer["product"] == "care")
    same = ("offer", "offer_version", "lines", "total", "benefits", "terms", "cancellation", "reason")
    with little.open_shop(shop.home, clock) as till:
        code = till.promises.make(answer["decision_id"], "care").code
        assert len(code) == 8
    shop.offers.put({**CARE, "price": "99"}, **BY)
    shop.offers.withdraw("care", **BY)
    [by_api] = over_http(shop, ("GET", f"/v1/promises/{code}", None))
    chat = shop.promises.shown(shop.promises.open(f"{code[:4].lower()} {code[4:]}"))
    for told in (by_api, chat, shop.promises.shown(shop.promises.open(answer["decision_id"], "care"))):
        assert {name: told[name] for name in same} == {name: shown[name] for name in same}


def test_v16_promise_is_honored_once_until_its_stated_end(shop, clock):
    """The price of the decision is honored though the catalog changed since; once, idempotently; after its end refused."""
    shop.offers.put({**CARE, "ends_at": (clock.now + timedelta(days=30)).isoformat()}, **BY)
    decision = shop.decide("product", product="P00")
    care, bare = (shop.promises.make(decision.decision_id, name).code for name in ("care", "P01"))
    then = of(decision, "P01").price
    shop.patch_products([{"product_id": "P01", "price": "77"}])
    promise, is_new = shop.promises.redeem(bare, "receipt-1")
    assert (promise.price, is_new) == (then, True)
    assert shop.promises.redeem(bare, "receipt-1") == (promise, False)
    with pytest.raises(Conflict, match="it is honored once"):
        shop.promises.redeem(bare, "receipt-2")
    clock.move(days=29)
    assert shop.promises.shown(shop.promises.open(care))["state"] == "open"
    clock.move(days=1)
    with pytest.raises(Refused, match="today's price holds, decide again"):
        shop.promises.redeem(care, "receipt-3")


def over_http(shop, *calls):
    """Ask the shop's own server."""
    key = {"Authorization": f"Bearer {shop.create_key('secret', 'till')}"}
    app = build(shop)
    app.served.catch_up()

    async def ask():
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://shop.test", headers=key
        ) as client:
            return [(await client.request(method, path, json=body)).json() for method, path, body in calls]

    answers = asyncio.run(ask())
    app.served.close()
    return answers
