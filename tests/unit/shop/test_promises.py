"""What was shown is honored at its price and terms, anywhere, until its end, once."""

import re
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from crosslift.domain.customer import Purpose
from crosslift.domain.offer import PromiseState
from crosslift.errors import BadUsage, Conflict, NotFound, Refused
from crosslift.shop.promises import LETTERS

BY = {"author": "mina", "reason": "asked for"}
VISIT = {
    "offer_id": "visit", "kind": "service", "title_en": "Setup visit", "title_ko": "설치 방문", "currency": "USD",
    "benefit_en": ["brews on day one"], "benefit_ko": ["첫날부터 마셔요"], "terms_en": "by appointment",
    "cancellation_en": "until the day before", "cancellation_ko": "전날까지", "guarantee_en": "money back",
    "beside": ["P00"], "total": "54",
    "lines": [{"price": "30"}, {"price": "2", "period": "month", "n_periods": 12, "label_en": "care"}],
    "proofs": [{"text_en": "worth it", "source": "review 12"}],
}  # fmt: skip


@pytest.fixture
def shown(own_shop):
    """A decision that shows the visit beside a product."""
    own_shop.offers.put(VISIT, **BY)
    decision = own_shop.decide("product", product="P00")
    assert {"visit", "P01"} <= {offer.product_id for offer in decision.offers}
    return decision.decision_id


def test_a_code_is_short_can_be_read_aloud_and_is_the_same_every_time(own_shop, shown):
    promise = own_shop.promises.make(shown, "visit")
    assert re.fullmatch(f"[{LETTERS}]{{8}}", promise.code)
    assert not set(LETTERS) & set("01IO")
    assert own_shop.promises.make(shown, "visit") == promise
    assert own_shop.promises.make(shown, "P01").code != promise.code


def test_it_opens_by_its_code_however_it_is_written_and_by_its_decision(own_shop, shown):
    promise = own_shop.promises.make(shown, "visit")
    spoken = f" {promise.code[:4].lower()}-{promise.code[4:]} "
    assert own_shop.promises.open(spoken) == promise
    assert own_shop.promises.open(shown, "visit") == promise


def test_it_shows_every_line_the_total_the_terms_and_the_reason_in_the_language_asked(own_shop, shown):
    promise = own_shop.promises.make(shown, "visit")
    told = own_shop.promises.shown(promise, "en")
    assert told == {
        "code": promise.code, "state": "open", "decision_id": shown, "product": "visit", "title": "Setup visit",
        "offer": "visit", "offer_version": 1,
        "lines": [
            {"amount": "30.00", "currency": "USD", "gross": "30.00", "period": None, "n_periods": None, "tax_rate": None,
             "includes_tax": True, "label": None},
            {"amount": "2.00", "currency": "USD", "gross": "2.00", "period": "month", "n_periods": 12, "tax_rate": None,
             "includes_tax": True, "label": "care"},
        ],
        "total": {"amount": "54.00", "currency": "USD"}, "total_includes_tax": True, "benefits": ["brews on day one"],
        "proofs": [{"text": "worth it", "source": "review 12"}], "terms": "by appointment",
        "cancellation": "until the day before", "guarantee": "money back", "reason": "From the shop: brews on day one",
        "made_at": "2026-11-01T12:00:00+00:00", "ends_at": "2026-11-08T12:00:00+00:00", "redeemed_at": None,
        "redeemed_by": None,
    }  # fmt: skip
    korean = own_shop.promises.shown(promise, "ko-KR")
    assert (korean["title"], korean["reason"]) == ("설치 방문", "상점 안내: 첫날부터 마셔요")


def test_a_bare_product_is_promised_too_at_the_price_that_was_decided(own_shop, shown):
    promise = own_shop.promises.make(shown, "P01")
    own_shop.patch_products([{"product_id": "P01", "price": "99"}])
    told = own_shop.promises.shown(promise)
    assert (told["offer"], told["total"], len(told["lines"])) == (None, {"amount": "4.50", "currency": "USD"}, 1)
    assert told["reason"].startswith("Bought together with")
    assert told["title"] != "P01"


def test_the_offer_as_it_was_shown_holds_after_it_was_rewritten_and_withdrawn(own_shop, shown):
    code = own_shop.promises.make(shown, "visit").code
    own_shop.offers.put({**VISIT, "lines": [{"price": "90"}], "total": "90", "terms_en": "none"}, **BY)
    own_shop.offers.withdraw("visit", "mina", "gone")
    told = own_shop.promises.shown(own_shop.promises.open(code), "en")
    assert (told["total"]["amount"], told["terms"], told["offer_version"]) == ("54.00", "by appointment", 1)


def test_a_code_can_be_asked_for_late_and_holds_from_the_day_of_the_decision(own_shop, shown, clock):
    clock.move(days=3)
    own_shop.offers.withdraw("visit", "mina", "gone")
    promise = own_shop.promises.make(shown, "visit")
    assert promise.ends_at - promise.made_at == timedelta(days=7)
    assert promise.state(clock.now) is PromiseState.OPEN


def test_an_offer_that_names_its_end_holds_until_then(own_shop, clock):
    own_shop.offers.put({**VISIT, "ends_at": "2026-12-24T00:00:00Z"}, **BY)
    decision = own_shop.decide("product", product="P00")
    promise = own_shop.promises.make(decision.decision_id, "visit")
    assert promise.ends_at.isoformat() == "2026-12-24T00:00:00+00:00"
    clock.move(days=30)
    assert promise.state(clock.now) is PromiseState.OPEN


def test_it_is_redeemed_once_and_the_same_order_may_ask_again(own_shop, shown, clock):
    code = own_shop.promises.make(shown, "visit").code
    promise, is_new = own_shop.promises.redeem(code, "order-7")
    assert (promise.redeemed_by, promise.redeemed_at, is_new) == ("order-7", clock.now, True)
    clock.move(days=30)  # the same again tells the same, also after its end
    assert own_shop.promises.redeem(code, " order-7 ") == (promise, False)
    with pytest.raises(
        Conflict, match=rf"promise {code} was redeemed on 2026-11-01 12:00 UTC with 'order-7'; it is honored"
    ):
        own_shop.promises.redeem(code, "order-8")


def test_the_log_names_the_decision_and_no_code(own_shop, shown):
    code = own_shop.promises.make(shown, "visit").code
    with capture_logs() as logs:
        own_shop.promises.redeem(code, "order 7")
    [told] = [one for one in logs if one["event"] == "promise_redeemed"]
    assert told["decision_id"] == shown
    assert code not in str(logs)


def test_one_that_has_ended_is_refused_and_can_still_be_read(own_shop, shown, clock):
    code = own_shop.promises.make(shown, "visit").code
    clock.move(days=7)
    with pytest.raises(
        Refused, match=rf"promise {code} ended on 2026-11-08 12:00 UTC; today's price holds, decide again"
    ):
        own_shop.promises.redeem(code, "order-7")
    assert own_shop.promises.shown(own_shop.promises.open(code))["state"] == "expired"


def test_what_cannot_be_meant_is_said(own_shop, shown):
    with pytest.raises(NotFound, match="no promise 'AAAA2222'; codes have 8 letters"):
        own_shop.promises.open("AAAA2222")
    with pytest.raises(NotFound, match="no decision 0000"):
        own_shop.promises.open("0" * 32)
    with pytest.raises(BadUsage, match=rf"decision {shown} offered .*visit.*; name the product that is meant"):
        own_shop.promises.make(shown)
    with pytest.raises(NotFound, match="offered no 'P23'"):
        own_shop.promises.make(shown, "P23")
    silent = own_shop.decide("product", product="nobody's")
    with pytest.raises(NotFound, match="offered nothing"):
        own_shop.promises.make(silent.decision_id)
    code = own_shop.promises.make(shown, "visit").code
    for by in (" ", "x" * 201):
        with pytest.raises(BadUsage, match="say which order redeems it"):
            own_shop.promises.redeem(code, by)


def test_a_lone_offer_needs_no_name(own_shop):
    decision = own_shop.decide("product", product="P00", k=1)
    assert own_shop.promises.make(decision.decision_id).product_id == decision.offers[0].product_id


def test_without_its_inputs_the_promise_stands_and_only_the_reason_is_gone(own_shop, shown, clock):
    clock.move(days=31)
    own_shop.records.expire(own_shop._micros(clock.now))
    told = own_shop.promises.shown(own_shop.promises.make(shown, "visit"))
    assert (told["reason"], told["total"]["amount"]) == (None, "54.00")


def test_after_an_erasure_the_promise_stands_and_speaks_of_nobody(own_shop):
    own_shop.offers.put(VISIT, **BY)
    own_shop.put_facts("customers", [{"customer_id": "mira-4711"}])
    own_shop.consents.record([{
        "customer_id": "mira-4711", "purpose": "personalization", "channel": "*", "status": "granted", "source": "form",
        "at": "2026-10-01T00:00:00Z",
    }])  # fmt: skip
    decision = own_shop.decide("product", product="P00", customer="mira-4711")
    assert decision.purpose is Purpose.PERSONALIZATION
    code = own_shop.promises.make(decision.decision_id, "visit").code
    assert own_shop.promises.shown(own_shop.promises.open(code), "en")["reason"] == "From the shop: brews on day one"
    own_shop.privacy.erase("mira-4711")
    told = own_shop.promises.shown(own_shop.promises.open(code), "en")
    assert (told["reason"], told["total"]["amount"], told["state"]) == (None, "54.00", "open")
    assert own_shop.records.promise(code)["reason"] == '{"code":"merchant_offer"}'
