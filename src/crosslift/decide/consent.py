"""The consent half of the allowed gate: under which purpose may this decision run? Missing means no (DESIGN 2b.4)."""

from crosslift.decide.fixed import fixed
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import Placement


@fixed
class Ground:
    """The purpose a decision runs under, or None where it must not run; `note` is a warning for the caller."""

    purpose: Purpose | None
    may_use_history: bool
    note: str | None = None


def evaluate(request: Request, person: Person, placement: Placement) -> Ground:
    """Decide the purpose.

    `evaluation` may use all history and is offline only (the shop refuses it anywhere live). A message needs
    `marketing` on its channel. History is used on `personalization` only; without it the answer is contextual.
    """
    if request.purpose is Purpose.EVALUATION:
        return Ground(Purpose.EVALUATION, True)
    may_personalize = person.is_known and person.allows(Purpose.PERSONALIZATION, placement.channel)
    if placement.is_message or request.purpose is Purpose.MARKETING:
        if not person.allows(Purpose.MARKETING, placement.channel):
            return Ground(None, False)
        return Ground(Purpose.MARKETING, may_personalize)
    if request.purpose is Purpose.CONTEXTUAL or request.customer_id is None:
        return Ground(Purpose.CONTEXTUAL, False)
    if may_personalize:
        return Ground(Purpose.PERSONALIZATION, True)
    note = "no_consent:personalization" if request.purpose is Purpose.PERSONALIZATION else None
    return Ground(Purpose.CONTEXTUAL, False, note)
