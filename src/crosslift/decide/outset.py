"""Where every decision begins: the answer before anything is gathered; of a stopped shop it is the whole answer."""

from collections.abc import Callable
from functools import partial

from crosslift.decide import consent
from crosslift.decide.consent import Ground
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Policy

Begun = Callable[..., Decision]
"""A decision that lacks what was found: its offers, why there are none, and what was dropped."""


def outset(
    request: Request, decision_id: str, snapshot_id: str, change_number: int, person: Person, policy: Policy,
    placement: Placement, ground: Ground,
) -> Begun:  # fmt: skip
    """Begin the decision, before anything is gathered: who asked for what, under which purpose, snapshot and policy."""
    return partial(
        Decision,
        decision_id,
        request.at,
        request.placement,
        ground.purpose or Purpose.MARKETING,
        policy.name,
        policy.version,
        snapshot_id,
        change_number,
        consent_id=person.entry(ground.purpose, placement.channel) if ground.purpose else 0,
        mapping_version=person.mapping_version,
    )


def stopped(
    request: Request, decision_id: str, snapshot_id: str, change_number: int, person: Person, policy: Policy,
    placement: Placement,
) -> Decision:  # fmt: skip
    """Answer while the shop is stopped: nothing is gathered, asked or reserved, so that whatever is broken stays out of it."""
    ground = consent.evaluate(request, person, placement)
    begun = outset(request, decision_id, snapshot_id, change_number, person, policy, placement, ground)
    return begun(offers=(), no_offer=NoOffer.STOPPED, dropped={})
