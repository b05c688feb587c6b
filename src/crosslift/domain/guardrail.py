"""Guardrails: how much of a bad sign is too much, and what rests when it was too much."""

from dataclasses import dataclass
from enum import StrEnum

SLOW_SECONDS = 2.5
"""A page that took longer to show its main part is slow (Largest Contentful Paint that is no longer "good")."""


class Sign(StrEnum):
    """What a guardrail looks at: a share, and less is better."""

    DECLINED = "declined"
    """Offers declined of those seen."""
    MUTED = "muted"
    """Offers muted of those seen."""
    COMPLAINED = "complained"
    """People who complained after an offer of those given one."""
    UNSUBSCRIBED = "unsubscribed"
    """People who took back their consent to marketing after an offer of those given one."""
    RETURNED = "returned"
    """Order lines credited to offers of which nothing was kept."""
    LEFT_CHECKOUT = "left_checkout"
    """People given an offer who began a checkout after it and did not order."""
    SLOW_PAGE = "slow_page"
    """Pages that took longer than 2.5 seconds, by events `Page Speed Measured` with `seconds` and `placement`."""


class Guarded(StrEnum):
    """What rests on a breach."""

    STRATEGY = "strategy"
    PLACEMENT = "placement"
    OPTION = "option"
    """An option of a small set."""
    ARM = "arm"
    """An arm of an experiment; the experiment ends."""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A limit, and what it is asked of, each apart.

    Attributes
    ----------
    at_most : float
        0..1; a breach is an interval that lies above it as a whole.
    days : float
        Counts begin anew after so many days, so that a long good past hides nothing.
    """

    guardrail_id: str
    sign: Sign
    at_most: float
    of: Guarded = Guarded.STRATEGY
    days: float = 30.0


def problem(one: Guardrail) -> str | None:
    """Say why a guardrail cannot be watched."""
    if one.sign is Sign.SLOW_PAGE and one.of is not Guarded.PLACEMENT:
        return 'pages have placements and no strategies; write of = "placement"'
    return None
