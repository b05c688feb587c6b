"""Where a decision begins, and that of a stopped shop, which is no more than that."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crosslift.decide import consent
from crosslift.decide.outset import outset, stopped
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import NoOffer, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL

AT = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN = Person(
    "customer:c1", True, frozenset({"tea"}), {("personalization", "*"): True}, {("personalization", "*"): 7}, 3
)


@pytest.mark.parametrize(
    ("request_", "person", "purpose", "entry"),
    [
        (Request("cart", AT), Person(), Purpose.CONTEXTUAL, 0),
        (Request("cart", AT, "c1"), KNOWN, Purpose.PERSONALIZATION, 7),
        (Request("email", AT, "c1"), KNOWN, Purpose.MARKETING, 0),
        (Request("cart", AT, purpose=Purpose.EVALUATION), Person(), Purpose.EVALUATION, 0),
    ],
)
def test_a_stopped_shop_says_so_whoever_asks(request_, person, purpose, entry):
    placement = PLACEMENTS[request_.placement]
    answer = stopped(request_, "d1", "s1", 9, person, replace(HELPFUL, version=1001), placement)
    assert (answer.no_offer, answer.offers, answer.sets, answer.dropped) == (NoOffer.STOPPED, (), (), {})
    assert (answer.purpose, answer.consent_id, answer.mapping_version) == (purpose, entry, person.mapping_version)
    assert (answer.policy, answer.policy_version, answer.snapshot_id, answer.change_number) == (
        "helpful",
        1001,
        "s1",
        9,
    )
    ground = consent.evaluate(request_, person, placement)
    begun = outset(request_, "d1", "s1", 9, person, replace(HELPFUL, version=1001), placement, ground)
    assert replace(answer, no_offer=None) == begun(offers=(), no_offer=None, dropped={})
