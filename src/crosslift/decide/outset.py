"""Where every decision begins: the answer before anything is gathered; of a stopped shop it is the whole answer."""

from dataclasses import replace

from crosslift.decide import consent
from crosslift.decide.consent import Ground
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Policy


def outset(
    request: Request, decision_id: str, snapshot_id: str, change_number: int, person: Person, policy: Policy,
    placement: Placement, ground: Ground,
) -> Decision:  # fmt: skip
    """Give the decision before anything is gathered: who asked for what, under which purpose, snapshot and policy."""
    return Decision(
        decision_id=decision_id,
        at=request.at,
        placement=request.placement,
        purpose=ground.purpose or Purpose.MARKETING,
        policy=policy.name,
        policy_version=policy.version,
        snapshot_id=snapshot_id,
        change_number=change_number,
        offers=(),
        no_offer=None,
        dropped={},
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
    return replace(begun, no_offer=NoOffer.STOPPED)
