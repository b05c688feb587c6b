"""What makes two rows the same fact, and which of two versions counts (DESIGN 2b.1); the same in every engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Keeps(StrEnum):
    """Which of two rows with one key stays.

    The order in which they come does not matter where their times tell them apart; where they do not, the first stays,
    or for `LAST` the last.
    """

    NEWEST = "the one with the newer updated_at, else the first"
    LAST = "the last, unless its updated_at is older"
    EARLIEST = "the one that happened first"
    TOLD = "the first; what came of it may be told later"


class Verdict(StrEnum):
    """What becomes of a row that is handed in."""

    NEW = "new"
    SAME = "same"
    REPLACED = "replaced"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Key:
    """The columns that name a fact; `times` tell two versions of it apart."""

    columns: tuple[str, ...]
    keeps: Keeps = Keeps.NEWEST
    times: tuple[str, ...] = ("updated_at",)


KEYS: Mapping[str, Key] = {
    "products": Key(("product_id",), Keeps.LAST),
    "customers": Key(("customer_id",), Keeps.LAST),
    "accounts": Key(("account_id",)),
    "account_members": Key(("account_id", "customer_id", "role")),
    "agents": Key(("agent_id",)),
    "confirmations": Key(("confirmation_id",), times=()),
    "orders": Key(("source", "order_id"), Keeps.LAST),
    "order_lines": Key(("source", "order_id", "line_id")),
    "returns": Key(("source", "order_id", "line_id"), times=()),
    "payments_failed": Key(("payment_id",)),
    "campaign_costs": Key(("campaign_id", "channel", "market", "from_at")),
    "exchange_rates": Key(("currency", "rated_on")),
    "activities": Key(("activity_id",), times=()),
    "cases": Key(("case_id",)),
    "feedback": Key(("feedback_id",), times=()),
    "assignments": Key(("experiment_id", "unit_id", "unit_kind"), Keeps.EARLIEST, ("at",)),
    "logged_choices": Key(("choice_id",), Keeps.TOLD, ("outcome", "outcome_at")),
    "links": Key(("from_id", "to_id", "kind"), Keeps.LAST),
    "bundles": Key(("bundle_id",), Keeps.LAST),
    "subscriptions": Key(("subscription_id",), Keeps.LAST),
    "usage": Key(("product_id", "customer_id", "meter", "unit", "at"), times=()),
}
"""By table. Consents and events are told apart by their content and their message id instead."""
NEVER = -(2**62)
"""The time of a version that has none."""


def rank(key: Key, times: tuple[Any, ...]) -> int:
    """Give a number that is higher for the version that counts.

    Examples
    --------
    >>> cases, choices = KEYS["cases"], KEYS["logged_choices"]
    >>> rank(cases, (5,)) > rank(cases, (None,)), rank(choices, (1.0, None)) > rank(choices, (None, None))
    (True, True)
    """
    if not times:
        return NEVER
    if key.keeps is Keeps.EARLIEST:
        return -int(times[0])
    if key.keeps is Keeps.TOLD and times[0] is None:
        return NEVER
    at = times[-1]
    return (NEVER if key.keeps is not Keeps.TOLD else 0) if at is None else int(at)


def judge(key: Key, is_same: bool, times: tuple[Any, ...], before: tuple[Any, ...]) -> Verdict:
    """Decide between a row and the one with the same key that stands.

    Parameters
    ----------
    is_same : bool
        Whether both say the same, their times aside.
    times, before : tuple
        The values of `key.times` in the row and in the one that stands.
    """
    if key.keeps is Keeps.TOLD and not is_same:
        return Verdict.CONFLICT
    mine, theirs = rank(key, times), rank(key, before)
    if mine > theirs:
        return Verdict.REPLACED
    if is_same:
        tells_otherwise = key.keeps is Keeps.TOLD and times[0] not in (None, before[0])
        return Verdict.CONFLICT if tells_otherwise else Verdict.SAME
    if key.keeps is Keeps.LAST and (mine == theirs or NEVER in (mine, theirs)):
        return Verdict.REPLACED
    return Verdict.CONFLICT
