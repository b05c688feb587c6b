"""Trials: what is assigned to an arm, by which shares, and which of several trials a unit takes part in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crosslift.errors import BadInput

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
TOLERANCE = 1e-9


class UnitKind(StrEnum):
    """What was assigned to an arm."""

    CUSTOMER = "customer"
    ANONYMOUS = "anonymous"
    SESSION = "session"
    HOUSEHOLD = "household"
    ACCOUNT = "account"
    STORE = "store"


class TrialKind(StrEnum):
    """What an arm changes."""

    HOLDOUT = "holdout"
    """The arm `held` gets nothing, and what it would have got is recorded."""
    POLICY = "policy"
    """Each arm names the policy it is decided by."""
    VARIANT = "variant"
    """Each arm is a text, layout or lever that the caller renders."""


LIMITED = ("orders", "revenue", "margin", "profit")
"""Outcomes of which one unit may count for too much."""
EVERYWHERE = "*"
"""The market of an arm that was promoted in all."""
HELD, TREATED = "held", "treated"
"""The arms of a holdout: the one that gets nothing, and the other."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One version of a trial.

    Attributes
    ----------
    arms : mapping of str to float
        Share of each arm; they sum to 1. A holdout has the arms `held` and `treated`.
    unit : UnitKind
        Who is assigned as one: by default the customer (with the merged person's identities) or, before anybody knows who
        it is, the browser. A shop that sells to companies assigns accounts.
    placements, strategies : tuple of str
        Where it runs, and which candidate sources a holdout withholds; empty everywhere, everything.
    group : str
        Trials of one exclusion group never meet in one unit: each unit takes part in one of them.
    policies : mapping of str to str
        Policy of each arm, for kind `policy`.
    expected_cost : str
        What the merchant was told a standing holdout costs, as agreed at set-up.
    limits : mapping of str to float
        Of `revenue`, `margin`, `profit` or `orders`, what one unit counts for at most (winsorizing), fixed before the first.
    promoted : mapping of str to str
        The arm that holds by default since the trial is over, by market; `*` for all.
    """

    experiment_id: str
    version: int
    kind: TrialKind
    arms: Mapping[str, float]
    author: str
    reason: str
    starts_at: datetime
    ends_at: datetime | None = None
    unit: UnitKind = UnitKind.CUSTOMER
    placements: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    group: str = ""
    policies: Mapping[str, str] = field(default_factory=dict)
    expected_cost: str = ""
    is_active: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)
    promoted: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be analyzed.

        Raises
        ------
        BadInput
            For an odd id, shares that do not sum to 1, a holdout without its two arms, an arm without a policy.
        """
        if problem := _problem(self):
            raise BadInput(f"experiment {self.experiment_id!r}: {problem}")

    def runs_at(self, now: datetime, placement: str) -> bool:
        """Tell whether a request belongs to it."""
        return (
            self.is_active
            and self.starts_at <= now
            and (self.ends_at is None or now < self.ends_at)
            and (not self.placements or placement in self.placements)
        )


def _problem(trial: Experiment) -> str | None:
    if not _ID.fullmatch(trial.experiment_id):
        return "use small letters, digits, - and _ for its id, at most 60, such as standing-holdout"
    for name, text in (("author", trial.author), ("reason", trial.reason)):
        if not text.strip():
            return f"its {name} is missing; say who runs it and what it is to show"
    if len(trial.arms) < 2:
        return "it has fewer than two arms"
    if odd := next((arm for arm in trial.arms if not _ID.fullmatch(arm)), None):
        return f"its arm {odd!r} is no name; use small letters, digits, - and _, at most 60"
    if any(not 0 < share < 1 for share in trial.arms.values()) or abs(sum(trial.arms.values()) - 1) > TOLERANCE:
        return f"its shares are {dict(trial.arms)}; each lies between 0 and 1 and they sum to 1"
    if trial.kind is TrialKind.HOLDOUT and set(trial.arms) != {HELD, TREATED}:
        return f"a holdout has the arms 'held' and 'treated', not {sorted(trial.arms)}"
    if trial.kind is TrialKind.POLICY and set(trial.policies) != set(trial.arms):
        return (
            f"name one policy for each arm; there are arms {sorted(trial.arms)} and policies {sorted(trial.policies)}"
        )
    if odd := next((name for name in trial.limits if name not in LIMITED), None):
        return f"it limits {odd!r}, which is none of {', '.join(LIMITED)}"
    if any(not 0 < limit < float("inf") for limit in trial.limits.values()):
        return "a limit is a number above 0, such as a percentile of the time before"
    if trial.ends_at is not None and trial.ends_at <= trial.starts_at:
        return "it ends before it starts"
    return None


@dataclass(frozen=True, slots=True)
class Assigned:
    """An arm that was stored at first assignment; it is never hashed again, and belongs to the identity it was given to."""

    experiment_id: str
    unit_kind: UnitKind
    unit_id: str
    arm: str
    at: int
    version: int = 1
