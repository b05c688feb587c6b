"""/v1/coupons and /v1/coupon-campaigns by HTTP."""

import msgspec
import pytest

from crosslift.web.api.coupons import OPERATIONS

THANKS = {
    "campaign_id": "thanks", "kind": "percent_off", "titles": {"en": "Thanks"}, "value": "0.1", "most": 20000,
    "budget": "100000", "currency": "KRW", "ends_at": "2036-01-01T00:00:00Z",
}  # fmt: skip
BY = {"author": "mina", "reason": "come back"}


@pytest.fixture
def code(door):
    """A code of c1."""
    assert door.ask("PUT", "/v1/coupon-campaigns", {"campaigns": [THANKS], **BY}).json() == {
        "campaigns": [{"campaign_id": "thanks", "version": 1, "outcome": "new"}]
    }
    return door.ask("POST", "/v1/coupons", {"campaign": "thanks", "customer": "c1"}).json()["code"]


def test_a_code_is_shown_redeemed_once_and_given_back(door, code):
    assert door.ask("GET", f"/v1/coupons/{code}").json()["state"] == "open"
    body = {
        "order": "o1",
        "lines": [{"product": "DRIP", "unit_price": "24000", "quantity": 2}],
        "currency": "KRW",
        "customer": "c1",
    }
    first, again = (door.ask("POST", f"/v1/coupons/{code}/redeem", body).json() for _ in range(2))
    assert (first["discount"], first["currency"], first["is_new"]) == ("4800", "KRW", True)
    assert again == {**first, "is_new": False}
    [listed] = door.ask("GET", "/v1/coupon-campaigns").json()["campaigns"]
    assert (listed["report"]["redeemed"], listed["report"]["left"]) == (1, "95200")
    assert door.ask("POST", f"/v1/coupons/{code}/release", {"order": "o1"}).json()["is_new"]


def test_a_refusal_is_an_answer_with_its_code_and_a_sentence(door, code):
    told = door.ask(
        "POST", f"/v1/coupons/{code}/redeem", {"order": "o1", "cart_value": "9", "currency": "KRW", "language": "ja"}
    )
    assert told.status_code == 200
    assert (told.json()["refusal"], told.json()["discount"]) == ("other_person", None)
    assert "お客様" in told.json()["why"]


def test_what_is_wrong_is_a_problem(door, problem, code):
    problem(door.ask("GET", "/v1/coupons/NOBODYS"), 404, "not_found")
    problem(door.ask("POST", "/v1/coupons", {"campaign": "none", "customer": "c1"}), 404, "not_found")
    problem(door.ask("POST", f"/v1/coupons/{code}/redeem", {"order": "o1"}), 422, "bad_input")
    problem(door.ask("POST", f"/v1/coupons/{code}/redeem", {"order": "o1", "cart_value": "-1"}), 422, "bad_input")
    problem(door.ask("POST", f"/v1/coupons/{code}/release", {"order": "o1"}), 404, "not_found")
    less = {"campaigns": [{**THANKS, "budget": 1000}], **BY}
    problem(door.ask("PUT", "/v1/coupon-campaigns", less), 409, "conflict")
    problem(door.ask("PUT", "/v1/coupon-campaigns", {"campaigns": [{}], **BY}), 422, "bad_input")


def test_a_title_that_presses_is_pointed_at(door, problem):
    press = {**THANKS, "campaign_id": "u", "titles": {"ko": "감사", "en": "Only 3 left"}}
    answer = door.ask("PUT", "/v1/coupon-campaigns", {"campaigns": [THANKS, press], **BY})
    [fault] = problem(answer, 422, "bad_input")["errors"]
    assert fault["pointer"] == "/campaigns/1/titles/en"
    assert fault["detail"].startswith("campaign u: fake_scarcity.en: 'Only 3 left'; ")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_the_examples_are_of_the_shape_they_describe(operation):
    for body in operation.bodies:
        msgspec.convert(operation.body_example, body)
    if not isinstance(operation.answer, dict):
        msgspec.convert(operation.answer_example, operation.answer)
