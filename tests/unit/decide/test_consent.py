from datetime import UTC, datetime
from itertools import product

import pytest

from crosslift.decide.consent import Ground, evaluate
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PURPOSES = (None, *Purpose)
STATES = (None, True, False)  # never asked, granted, refused or withdrawn
CHANNELS = ("own", "*")


def ask(placement, purpose=None, customer="c1", consents=None, is_known=True):
    """Evaluate one request."""
    request = Request(placement, NOW, customer_id=customer, purpose=purpose)
    person = Person(f"customer:{customer}" if customer else None, is_known=is_known, consents=consents or {})
    return evaluate(request, person, PLACEMENTS[placement])


def ledger(channel, **states):
    return {(purpose, channel): state for purpose, state in states.items() if state is not None}


@pytest.mark.parametrize(("placement", "purpose"), list(product(PLACEMENTS, PURPOSES)))
def test_every_purpose_with_every_consent_at_every_placement(placement, purpose):
    for personal, marketing, channel in product(STATES, STATES, CHANNELS):
        check(placement, purpose, personal, marketing, channel)


def check(placement, purpose, personal, marketing, channel):
    """Say what DESIGN 2b.4 says and compare."""
    spot = PLACEMENTS[placement]
    kept = ledger(spot.channel if channel == "own" else "*", personalization=personal, marketing=marketing)
    ground = ask(placement, purpose, consents=kept)
    if purpose is Purpose.EVALUATION:
        assert ground == Ground(Purpose.EVALUATION, True)
    elif spot.is_message or purpose is Purpose.MARKETING:
        expected = Ground(Purpose.MARKETING, personal is True) if marketing else Ground(None, False)
        assert ground == expected
    elif purpose is Purpose.CONTEXTUAL or not personal:
        assert ground.purpose is Purpose.CONTEXTUAL
        assert not ground.may_use_history
        assert ground.note == ("no_consent:personalization" if purpose is Purpose.PERSONALIZATION else None)
    else:
        assert ground == Ground(Purpose.PERSONALIZATION, True)


@pytest.mark.parametrize(("placement", "purpose"), list(product(PLACEMENTS, PURPOSES)))
def test_a_stranger_is_answered_from_context_and_never_written_to(placement, purpose):
    ground = ask(placement, purpose, customer=None, is_known=False)
    if purpose is Purpose.EVALUATION:
        assert ground == Ground(Purpose.EVALUATION, True)
    elif PLACEMENTS[placement].is_message or purpose is Purpose.MARKETING:
        assert ground == Ground(None, False)
    else:
        assert (ground.purpose, ground.may_use_history) == (Purpose.CONTEXTUAL, False)


def test_consent_for_one_channel_is_none_for_another():
    kept = {("marketing", "sms"): True, ("personalization", "desk"): True}
    assert ask("email", consents=kept).purpose is None
    assert ask("cart", consents=kept).purpose is Purpose.CONTEXTUAL
    assert ask("desk", consents=kept).purpose is Purpose.PERSONALIZATION


def test_a_no_on_this_channel_goes_before_a_yes_on_all():
    kept = {("marketing", "*"): True, ("marketing", "email"): False}
    assert ask("email", consents=kept).purpose is None


def test_a_yes_on_this_channel_goes_before_a_no_on_all():
    kept = {("personalization", "*"): False, ("personalization", "web"): True}
    assert ask("cart", consents=kept).purpose is Purpose.PERSONALIZATION


def test_a_message_may_be_sent_without_leave_to_use_the_history():
    assert ask("email", consents={("marketing", "*"): True}) == Ground(Purpose.MARKETING, False)


def test_consents_of_somebody_nobody_knows_are_not_enough_for_their_history():
    ground = ask("cart", Purpose.PERSONALIZATION, consents={("personalization", "*"): True}, is_known=False)
    assert (ground.purpose, ground.may_use_history) == (Purpose.CONTEXTUAL, False)
