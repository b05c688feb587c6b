"""/v1/offers and /v1/promises: the library by HTTP, its price lines in every answer, promises opened and redeemed."""

import msgspec
import pytest

from crosslift.web.api.offers import Offer
from crosslift.web.openapi import document

VISIT = {
    "offer_id": "visit", "kind": "service", "title_en": "Setup visit", "title_ko": "설치 방문", "currency": "KRW",
    "benefit_en": ["brews on day one"], "lines": [{"price": "30000"}, {"price": "9900", "period": "month", "n_periods": 12}],
    "total": "148800", "beside": ["DRIP"], "terms_en": "by appointment", "cancellation_en": "until the day before",
    "cancellation_ko": "전날까지", "guarantee_en": "money back", "proofs": [{"text_en": "worth it", "source": "review 12"}],
}  # fmt: skip
BY = {"author": "mina", "reason": "asked for"}


def put(door, *offers, **by):
    return door.ask("PUT", "/v1/offers", {"offers": list(offers), **BY, **by})


@pytest.fixture
def shown(door):
    """A decision that shows the visit; the offer as it was answered."""
    assert put(door, VISIT).status_code == 200
    decided = door.decide()
    return decided["decision_id"], next(offer for offer in decided["offers"] if offer["product"] == "visit")


def test_put_writes_versions_and_recognizes_the_same(door):
    told = put(door, VISIT).json()
    assert told == {
        "new": 1, "replaced": 0, "same": 0, "unknown": [],
        "offers": [{"offer_id": "visit", "version": 1, "outcome": "new", "active": True}],
    }  # fmt: skip
    assert put(door, VISIT).json()["same"] == 1
    assert put(door, {**VISIT, "active": False}).json()["offers"][0] == {
        "offer_id": "visit", "version": 2, "outcome": "replaced", "active": False
    }  # fmt: skip


def test_what_is_listed_can_be_put_again_and_history_is_kept(door):
    put(door, VISIT)
    put(door, {**VISIT, "terms_en": "any day", "author": "jun", "reason": "asked again"})
    listed = door.ask("GET", "/v1/offers").json()["offers"]
    assert put(door, *listed).json()["same"] == 1
    versions = door.ask("GET", "/v1/offers/visit").json()["versions"]
    assert [(one["version"], one["terms_en"], one["author"]) for one in versions] == [
        (1, "by appointment", "mina"), (2, "any day", "jun")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"total": None}, "/offers/1/total"),
        ({"kind": "thing"}, "/offers/1/kind"),
        ({"offer_id": "FILT"}, "/offers/1/offer_id"),
        ({"product_id": "NOBODY"}, "/offers/1/product_id"),
        ({"prize": 3}, "/offers/1/prize"),
    ],
)
def test_a_wrong_offer_is_named_by_its_place_and_nothing_is_kept(door, problem, changed, place):
    said = problem(put(door, {**VISIT, "offer_id": "good"}, {**VISIT, **changed}), 422, "bad_input")
    assert said["errors"][0]["pointer"] == place
    assert door.ask("GET", "/v1/offers").json()["offers"] == []


def test_who_and_why_must_be_said(door, problem):
    said = problem(put(door, VISIT, author=None), 422, "bad_input")
    assert said["errors"][0]["pointer"] == "/offers/0/author"


def test_nobody_knows_an_offer_that_is_not_there(door, problem):
    problem(door.ask("GET", "/v1/offers/nothing"), 404, "not_found")


def test_an_answer_shows_every_price_line_the_total_and_how_one_gets_out(shown):
    _, offer = shown
    assert (offer["kind"], offer["offer"], offer["offer_version"], offer["title"]) == (
        "offer",
        "visit",
        1,
        "Setup visit",
    )
    assert [(line["amount"], line["period"], line["n_periods"]) for line in offer["lines"]] == [
        ("30000", None, None), ("9900", "month", 12)
    ]  # fmt: skip
    assert (offer["total"], offer["total_includes_tax"]) == ({"amount": "148800", "currency": "KRW"}, True)
    assert offer["price"] == offer["total"]
    assert (offer["terms"], offer["cancellation"], offer["guarantee"]) == (
        "by appointment", "until the day before", "money back"
    )  # fmt: skip
    assert (offer["benefits"], offer["proofs"]) == (["brews on day one"], [{"text": "worth it", "source": "review 12"}])
    assert offer["reason"] == "From the shop: brews on day one"


def test_a_bare_product_has_one_line_and_a_total(door):
    offer = door.decide()["offers"][0]
    assert offer["offer"] is None
    [line] = offer["lines"]
    assert offer["total"] == offer["price"] == {"amount": line["amount"], "currency": line["currency"]}
    assert (offer["benefits"], offer["terms"], offer["cancellation"]) == ([], None, None)


def test_the_schema_forbids_an_offer_without_a_total():
    schema = document()["components"]["schemas"]["Offer"]
    assert {"total", "lines", "total_includes_tax", "terms", "cancellation"} <= set(schema["required"])
    assert schema["properties"]["total"] == {"$ref": "#/components/schemas/Price"}
    assert schema["properties"]["lines"]["minItems"] == 1
    with pytest.raises(msgspec.ValidationError, match="missing required field"):
        msgspec.convert({"product": "T", "price": {"amount": "1", "currency": "KRW"}}, Offer)


def test_a_decision_as_recorded_names_the_offer_and_its_price(door, shown):
    told = door.ask("GET", f"/v1/decisions/{shown[0]}").json()
    offer = next(one for one in told["offers"] if one["product"] == "visit")
    assert (offer["offer"], offer["offer_version"], offer["price"]) == (
        "visit",
        1,
        {"amount": "148800", "currency": "KRW"},
    )
    assert told["replay"]["is_equal"]


def test_a_promise_opens_by_its_code_in_any_language_and_is_redeemed_once(door, shown, problem):
    decision_id, offer = shown
    made = door.ask("POST", f"/v1/decisions/{decision_id}/promise", {"product": "visit"}).json()
    assert {name: made[name] for name in ("lines", "total", "terms", "cancellation", "reason")} == {
        name: offer[name] for name in ("lines", "total", "terms", "cancellation", "reason")
    }
    code = made["code"]
    opened = door.ask("GET", f"/v1/promises/{code.lower()}", params={"language": "ko"}).json()
    assert (opened["title"], opened["state"], opened["total"]) == ("설치 방문", "open", offer["total"])
    redeemed = door.ask("POST", f"/v1/promises/{code}/redeem", {"order": "o-1"}).json()
    assert (redeemed["is_new"], redeemed["state"], redeemed["redeemed_by"]) == (True, "redeemed", "o-1")
    assert door.ask("POST", f"/v1/promises/{code}/redeem", {"order": "o-1"}).json() == {**redeemed, "is_new": False}
    problem(door.ask("POST", f"/v1/promises/{code}/redeem", {"order": "o-2"}), 409, "conflict")


def test_a_promise_that_cannot_be_is_a_problem(door, shown, problem):
    decision_id, _ = shown
    problem(door.ask("GET", "/v1/promises/AAAA2222"), 404, "not_found")
    problem(door.ask("POST", f"/v1/decisions/{'0' * 32}/promise", {}), 404, "not_found")
    problem(door.ask("POST", f"/v1/decisions/{decision_id}/promise", {}), 400, "bad_usage")
    problem(door.ask("POST", f"/v1/decisions/{decision_id}/promise", {"product": "SPOON"}), 404, "not_found")
    problem(door.ask("POST", f"/v1/promises/{decision_id}/redeem", {"order": ""}), 422, "bad_input")


def test_the_till_opens_by_the_decision_where_it_made_one_offer(door):
    decided = door.decide(k=1)
    opened = door.ask("GET", f"/v1/promises/{decided['decision_id']}").json()
    assert opened["total"] == decided["offers"][0]["total"]
