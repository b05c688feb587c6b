from uuid import uuid4

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput, NotFound


@pytest.fixture
def decision(shop):
    """A decision with an offer: P01 beside P00."""
    decision = shop.decide("cart", ["P00"])
    assert [offer.product_id for offer in decision.offers] == ["P01"]
    return decision


def answer(decision, action, product="P01", reason=None, key=None):
    return Response(key or uuid4().hex, decision.decision_id, action, decision.at, product, reason)


def rows(shop, table, decision, columns):
    return shop.records.table(table, columns, "decision_id = ?", [decision.decision_id]).to_pylist()


def test_an_exposure_is_kept_apart_from_what_people_did(shop, decision, little):
    said = shop.respond([
        answer(decision, Action.EXPOSURE), answer(decision, Action.CLICK), answer(decision, Action.DECLINE, reason="too dear"),
    ])  # fmt: skip
    assert said == {"received": 3, "new": 3, "seen_before": 0}
    at = little.micros(decision.at)
    assert rows(shop, "exposures", decision, ["product_id", "at", "channel"]) == [
        {"product_id": "P01", "at": at, "channel": "web"}
    ]  # fmt: skip
    assert rows(shop, "responses", decision, ["product_id", "action", "reason", "at"]) == [
        {"product_id": "P01", "action": "click", "reason": None, "at": at},
        {"product_id": "P01", "action": "decline", "reason": "too dear", "at": at},
    ]


def test_the_same_response_again_changes_nothing(shop, decision):
    twice = [answer(decision, Action.EXPOSURE, key=uuid4().hex), answer(decision, Action.ACCEPT, key=uuid4().hex)]
    assert shop.respond(twice)["new"] == 2
    assert shop.respond(twice) == {"received": 2, "new": 0, "seen_before": 2}
    assert shop.respond(twice + twice)["seen_before"] == 4
    assert len(rows(shop, "exposures", decision, ["id"])) == len(rows(shop, "responses", decision, ["id"])) == 1


def test_the_channel_is_that_of_the_decision(shop):
    decision = shop.decide("desk", ["P00"])
    shop.respond([answer(decision, Action.EXPOSURE)])
    assert rows(shop, "exposures", decision, ["channel"]) == [{"channel": "desk"}]


def test_a_response_may_be_about_all_offers_at_once(shop, decision):
    assert shop.respond([answer(decision, Action.MUTE, product=None)])["new"] == 1


def test_a_decision_nobody_made_is_refused(shop):
    stranger = Response(uuid4().hex, "f" * 32, Action.CLICK, shop.clock())
    with pytest.raises(NotFound, match="no decision ffff"):
        shop.respond([stranger])


def test_a_product_that_was_not_offered_is_refused_and_nothing_of_the_batch_is_kept(shop, decision):
    with pytest.raises(BadInput, match="did not offer P17; send the product it answered with"):
        shop.respond([answer(decision, Action.EXPOSURE), answer(decision, Action.CLICK, product="P17")])
    assert rows(shop, "exposures", decision, ["id"]) == []


def test_what_was_decided_for_evaluation_was_shown_to_nobody(shop):
    decision = shop.decide("cart", ["P00"], purpose="evaluation")
    with pytest.raises(BadInput, match="made for evaluation and was never shown"):
        shop.respond([answer(decision, Action.EXPOSURE)])


def test_no_responses_change_nothing(shop):
    assert shop.respond([]) == {"received": 0, "new": 0, "seen_before": 0}
