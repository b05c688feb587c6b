"""What a holdout keeps back: recorded as it would have been, shown to nobody (DESIGN 2b.8)."""

from collections.abc import Sequence

from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Offered, Request
from crosslift.domain.policy import Policy

EXEMPT = frozenset({"required", "stand_in"})
"""Never withheld: disclosures of what a thing cannot be used without, and what stands in for what is out of stock."""

EVERYTHING: frozenset[str] = frozenset()
"""What a holdout without sources of its own withholds: every offer and every set."""


def is_exempt(request: Request, policy: Policy, purpose: Purpose | None) -> bool:
    """Tell whether a request is outside every holdout and exploration: no stable id, policy `relevance`, the past."""
    has_id = request.identity is not None or request.account_id is not None
    return not has_id or policy.is_holdout_exempt or purpose is Purpose.EVALUATION


def split(
    offers: Sequence[Offered], withholds: frozenset[str] | None
) -> tuple[tuple[Offered, ...], tuple[Offered, ...]]:
    """Part what is shown from what is withheld; a slot that is withheld stays empty."""
    if withholds is None:
        return tuple(offers), ()
    held = [offer.kind not in EXEMPT and (not withholds or offer.kind in withholds) for offer in offers]
    return (
        tuple(offer for offer, is_held in zip(offers, held, strict=True) if not is_held),
        tuple(offer for offer, is_held in zip(offers, held, strict=True) if is_held),
    )
