"""A customer confirms what was sold to them, in full, once, and nobody does it for them."""

import base64
from datetime import timedelta

import pytest

from crosslift.domain.agent import ConfirmationAnswer
from crosslift.errors import BadInput, BadUsage, NotFound, Refused

SOLD = {
    "order_id": "o9", "ordered_at": "2026-10-30T10:00:00Z", "customer_id": "c1", "product_id": "warranty", "quantity": 2,
    "unit_price": "24.50", "discount": "4.00", "currency": "USD", "source": "till", "agent_id": "mina", "title": "Warranty",
}  # fmt: skip
CONTRACT = {
    "subscription_id": "s1", "customer_id": "c1", "product_id": "care", "status": "active", "recurring_price": "5.00",
    "currency": "USD", "period": "month", "started_at": "2026-10-30T10:00:00Z", "agent_id": "mina",
}  # fmt: skip
CARE = {
    "offer_id": "care-plan", "product_id": "care", "kind": "service", "title_en": "Care plan", "title_ko": "케어 플랜",
    "currency": "USD", "lines": [{"price": "5", "period": "month", "n_periods": 12, "label_en": "care"}], "total": "60",
    "terms_en": "one year", "terms_ko": "1년", "cancellation_en": "any day", "cancellation_ko": "언제든",
    "author": "mina", "reason": "asked for",
}  # fmt: skip
ASK = {"customer": "c1", "wording": "Yes, I want this."}


@pytest.fixture
def clock(little):
    return little.Clock()


@pytest.fixture
def shop(little, tmp_path, clock):
    with little.open_shop(tmp_path / "shop", clock) as shop:
        shop.put_products([
            {"product_id": name, "title": name.title(), "title_ko": f"{name} (ko)", "price": "5", "currency": "USD"}
            for name in ("warranty", "care")
        ])  # fmt: skip
        shop.put_facts("orders", [SOLD, {**SOLD, "line_id": "2", "product_id": "mouse", "title": "Mouse"}])
        shop.put_facts("subscriptions", [CONTRACT])
        yield shop


def kept(shop):
    wanted = (
        "customer_id",
        "answer",
        "source",
        "order_id",
        "line_id",
        "subscription_id",
        "method",
        "wording",
        "agent_id",
    )
    return shop.records.table("confirmations", wanted).to_pylist()


def test_an_order_is_confirmed_with_every_line_and_amount_the_customer_saw(shop):
    asked = shop.confirmations.ask(**ASK, order="o9", agent="mina")
    lines = asked["content"]["lines"]
    assert [(one["line_id"], one["product"], one["title"], one["quantity"], one["amount"]) for one in lines] == [
        ("1", "warranty", "Warranty", 2, "45.00"), ("2", "mouse", "Mouse", 2, "45.00"),
    ]  # fmt: skip
    assert shop.confirmations.show(asked["token"]) == {
        "customer_id": "c1", "wording": "Yes, I want this.", "content": asked["content"], "answer": None,
    }  # fmt: skip
    told = shop.confirmations.confirm(asked["token"])
    assert (told["answer"], told["content"]) == ("yes", asked["content"])
    assert kept(shop) == [{
        "customer_id": "c1", "answer": "yes", "source": "till", "order_id": "o9", "line_id": None, "subscription_id": None,
        "method": "link", "wording": "Yes, I want this.", "agent_id": "mina",
    }]  # fmt: skip
    [row] = shop.records.about(["customer:c1"])["confirmations"]
    assert '"amount":"45.00"' in row["content"]
    assert shop.confirmations.show(asked["token"])["answer"] == "yes"


def test_a_contract_is_confirmed_with_the_price_lines_and_terms_of_its_offer_in_the_customers_language(shop):
    shop.offers.put(CARE)
    [line] = shop.confirmations.ask(**ASK, subscription="s1", language="ko")["content"]["lines"]
    assert (line["title"], line["amount"], line["period"], line["total"]) == (
        "케어 플랜", "5.00", "month", {"amount": "60.00", "currency": "USD"},
    )  # fmt: skip
    assert (line["terms"], line["cancellation"], line["lines"][0]["n_periods"]) == ("1년", "언제든", 12)


def test_a_contract_without_an_offer_shows_its_own_price_and_period(shop):
    [line] = shop.confirmations.ask(**ASK, subscription="s1")["content"]["lines"]
    assert (line["title"], line["amount"], line["lines"][0]["period"], line["terms"]) == ("Care", "5.00", "month", None)


def test_a_price_nobody_knows_is_not_invented(shop):
    free = {**CONTRACT, "subscription_id": "s2"}
    shop.put_facts("subscriptions", [{name: value for name, value in free.items() if name != "recurring_price"}])
    [line] = shop.confirmations.ask(**ASK, subscription="s2")["content"]["lines"]
    assert line["amount"] is None
    assert "total" not in line


def test_the_same_answer_again_changes_nothing_and_another_is_refused(shop):
    token = shop.confirmations.ask(**ASK, order="o9")["token"]
    first = shop.confirmations.confirm(token)
    assert shop.confirmations.confirm(token) == first
    with pytest.raises(Refused, match="answered with yes already"):
        shop.confirmations.confirm(token, "no")
    assert len(kept(shop)) == 1


def test_a_no_is_kept_as_well(shop):
    token = shop.confirmations.ask(**ASK, order="o9", line="2")["token"]
    assert shop.confirmations.confirm(token, ConfirmationAnswer.NO)["answer"] == "no"
    assert [(row["answer"], row["line_id"]) for row in kept(shop)] == [("no", "2")]
    with pytest.raises(BadUsage, match="a customer says yes or no"):
        shop.confirmations.confirm(token, "maybe")


def test_what_has_changed_since_has_to_be_asked_anew(shop):
    token = shop.confirmations.ask(**ASK, order="o9")["token"]
    shop.put_facts("orders", [{**SOLD, "unit_price": "30", "updated_at": "2026-10-31T00:00:00Z"}])
    for answer in (shop.confirmations.show, shop.confirmations.confirm):
        with pytest.raises(Refused, match="has changed since"):
            answer(token)
    assert kept(shop) == []


def test_another_customer_is_not_asked(shop):
    for what in ({"order": "o9"}, {"subscription": "s1"}):
        with pytest.raises(Refused, match="not that of customer 'c2'"):
            shop.confirmations.ask("c2", "Yes.", **what)
    shop.customers.identify("c1", {"email": "jane@example.org"})
    shop.customers.identify("c2", {"email": "jane@example.org"})
    assert shop.confirmations.ask("c2", "Yes.", order="o9")["token"]


def test_a_token_that_is_altered_old_or_anothers_is_refused(shop, clock, little, tmp_path):
    token = shop.confirmations.ask(**ASK, order="o9")["token"]
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[-1] ^= 1
    altered = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    consent = shop.consents.ask("c1", "marketing", "email", "form", "Yes.")
    for wrong in (altered, token[:-4], "", "x", "ü", consent):
        with pytest.raises(Refused, match=r"no confirmation of ours|altered"):
            shop.confirmations.confirm(wrong)
    with little.open_shop(tmp_path / "other") as other, pytest.raises(Refused, match="another shop"):
        other.confirmations.confirm(token)
    clock.now += timedelta(days=7, seconds=1)
    with pytest.raises(Refused, match="expired"):
        shop.confirmations.confirm(token)


def test_what_is_asked_about_has_to_be_named_and_known(shop):
    ask = shop.confirmations.ask
    for what in ({}, {"order": "o9", "subscription": "s1"}):
        with pytest.raises(BadUsage, match="one of them alone"):
            ask(**ASK, **what)
    for what in ({"order": "o1"}, {"order": "o9", "line": "7"}, {"subscription": "s7"}, {"decision": "d"}):
        with pytest.raises(NotFound):
            ask(**ASK, **what)
    shop.put_facts("orders", [{**SOLD, "source": "web"}])
    with pytest.raises(BadUsage, match="one of till and of web; name its source"):
        ask(**ASK, order="o9")
    assert len(ask(**ASK, order="o9", source="web")["content"]["lines"]) == 1


def test_an_offer_can_be_confirmed_before_it_is_sold(little, own_shop):
    decision = own_shop.decide("product", product="P00")
    asked = own_shop.confirmations.ask("c1", "Yes.", decision=decision.decision_id, product="P01")
    [line] = asked["content"]["lines"]
    assert (line["product"], line["amount"], line["currency"]) == ("P01", "4.50", "USD")
    own_shop.confirmations.confirm(asked["token"])
    [row] = own_shop.records.table("confirmations", ("decision_id", "product_id")).to_pylist()
    assert row == {"decision_id": decision.decision_id, "product_id": "P01"}


def test_answers_of_the_merchants_own_process_come_as_facts(shop):
    signed = {
        "confirmation_id": "k1", "customer_id": "c1", "order_id": "o9", "method": "signature", "proof": "scan 12",
        "at": "2026-10-30T11:00:00Z", "content": {"lines": [{"product": "warranty", "amount": "45"}]},
    }  # fmt: skip
    assert shop.confirmations.record([signed])["new"] == 1
    assert shop.confirmations.record([signed])["same"] == 1
    assert [row["answer"] for row in kept(shop)] == ["yes"]
    for change, problem in (
        ({"proof": ""}, "say where the signature is kept"),
        ({"order_id": ""}, "say what was confirmed"),
        ({"method": "nod"}, "one of link, code, signature, recording"),
        ({"order_id": "", "subscription_id": "s1", "line_id": "1"}, "says nothing without order_id"),
    ):
        with pytest.raises(BadInput, match=problem):
            shop.confirmations.record([{**signed, "confirmation_id": "k2", **change}])
    assert len(kept(shop)) == 1
