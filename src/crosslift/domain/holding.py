"""What people hold: contracts, plans and services that run, and the meters read on what they own."""

from enum import StrEnum


class SubscriptionStatus(StrEnum):
    """What became of a contract; a cancelled one is held until its `ended_at`."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"


HELD = frozenset({
    SubscriptionStatus.TRIAL, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE, SubscriptionStatus.PAUSED,
})  # fmt: skip
"""States in which the product is held: offering it once more would be wrong."""
