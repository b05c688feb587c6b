"""How the house stands at this moment: what came in last, what was learned last, what goes out, and what is to be done next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crosslift.domain.experiment import HELD, TrialKind
from crosslift.shop.decision_log import DAY, Counted, by_day
from crosslift.store.ports import ImportRecord

if TYPE_CHECKING:
    from crosslift.shop.shop import Shop

Row = dict[str, Any]
DAYS = 14
OLD_DAYS = 7
"""From this age on a snapshot is called old."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of one shop.

    Attributes
    ----------
    imported : ImportRecord or None
        The newest file that counts.
    snapshot : dict or None
        Of the one in force: snapshot_id, created_at, as_of, ndcg.
    snapshots : list of dict
        Every published one, oldest first.
    is_behind : bool
        Whether a file that counts came after the snapshot was made.
    relations : int
        Links of the snapshot in force, of all kinds.
    policies : list of dict
        Those in force.
    stop : dict or None
        Who stopped the shop, when and why.
    holdout : float or None
        The share of people the standing holdout keeps from offers; None where nobody agreed to one.
    days : list of Counted
        What was decided on each of the last days, the oldest first.
    next : tuple of str
        What to do, the most urgent first: `collect`, `learn`, `learn_again`, `resume`, `hold_out`, `look_old`.
    """

    imported: ImportRecord | None
    snapshot: Row | None
    snapshots: list[Row]
    is_behind: bool
    relations: int
    policies: list[Row]
    stop: Row | None
    holdout: float | None
    days: list[Counted]
    next: tuple[str, ...]


def overview(shop: "Shop") -> Overview:
    """Gather the state of a shop as it is now."""
    imports = [one for one in shop.records.imports() if one.state == "committed"]
    files = [one for one in imports if one.source != "api"]
    published = [row for row in shop.snapshots() if row["state"] == "published"][::-1]
    current = next((row for row in published if row["is_current"]), None)
    imported = files[-1] if files else None
    is_behind = bool(
        current and imported and imported.finished_at and imported.finished_at > int(current["created_at"])
    )
    standing = shop.policies.standing()
    held = _held(shop.experiments.list())
    relations = sum(shop.learning_report()["kinds"].values()) if current else 0
    told = Overview(
        imported, current, published, is_behind, relations,
        [row for row in shop.policies.list() if row["version"] is not None],
        standing if standing["is_stopped"] else None, held, by_day(shop, DAYS), (),
    )  # fmt: skip
    return replace(told, next=_steps(told, shop.clock(), is_empty=not imports and current is None))


def _steps(told: Overview, now: datetime, *, is_empty: bool) -> tuple[str, ...]:
    steps = []
    if told.stop is not None:
        steps.append("resume")
    if is_empty:
        return (*steps, "collect")
    if told.snapshot is None:
        return (*steps, "learn")
    age = now.timestamp() * 1e6 - told.snapshot["created_at"]
    if told.is_behind:
        steps.append("learn_again")
    elif age > OLD_DAYS * DAY:
        steps.append("look_old")
    if told.holdout is None:
        steps.append("hold_out")
    return tuple(steps)


def _held(experiments: Sequence[Row]) -> float | None:
    shares = [
        float(one["arms"][HELD])
        for one in experiments
        if one["kind"] == TrialKind.HOLDOUT and one["state"] == "running"
    ]
    return shares[0] if shares else None
