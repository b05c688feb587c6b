"""The log of decisions, to be looked through: newest first, by where, how and for whom; and counted by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from crosslift.decide import record
from crosslift.errors import BadUsage

if TYPE_CHECKING:
    from crosslift.shop.shop import Shop

Row = dict[str, Any]
DAY = 86_400_000_000
MOST = 200
COLUMNS = (
    "decision_id", "at", "placement", "channel", "purpose", "policy", "arm", "is_withheld", "identity", "snapshot_id", "body",
)  # fmt: skip
FILTERS = ("placement", "channel", "policy", "identity")
"""Columns that may be asked for by value."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was decided on one day of the shop's own time; `on` is its ISO date."""

    on: str
    n: int
    n_withheld: int


def newest(
    shop: "Shop", wanted: Mapping[str, str], before: tuple[int, str] | None = None, limit: int = 50
) -> tuple[list[Row], tuple[int, str] | None]:  # fmt: skip
    """Give decisions, newest first, as recorded; and where to go on, None where nothing is older.

    Parameters
    ----------
    wanted : mapping
        Column to value, of `FILTERS`; `outcome` is `offered`, `nothing` or `withheld`.
    before : tuple of int and str, optional
        Instant and id of the last one seen, to page on.
    limit : int
        So many are looked at, up to 200; what they came to is in their records, so by `outcome` fewer are given.

    Returns
    -------
    list of dict
        The columns of the log and the record: `offers`, `no_offer`, `dropped` and the others; and the `before` that follows.

    Raises
    ------
    BadUsage
        For a filter there is not, or a limit outside 1..200.
    """
    strange = set(wanted) - {*FILTERS, "outcome"}
    if strange or not 1 <= limit <= MOST:
        raise BadUsage(f"filter by {', '.join(FILTERS)} or outcome, and ask for 1 to {MOST} decisions")
    outcome = wanted.get("outcome")
    where: list[str] = ["purpose <> 'evaluation'"]
    values: list[str | int] = []
    for name in FILTERS:
        if wanted.get(name):
            where.append(f"{name} = ?")
            values.append(wanted[name])
    if outcome == "withheld":
        where.append("is_withheld")
    elif outcome:
        where.append("not is_withheld")
    if before is not None:
        where.append("(at < ? or (at = ? and decision_id < ?))")
        values += [before[0], before[0], before[1]]
    condition = f"{' and '.join(where)} order by at desc, decision_id desc limit {limit}"
    rows = shop.records.table("decisions", COLUMNS, condition, values).to_pylist()
    found = [{**row, **record.read_slim(row.pop("body"))} for row in rows]
    following = (int(found[-1]["at"]), str(found[-1]["decision_id"])) if len(found) == limit else None
    return [row for row in found if outcome in (None, "", "withheld") or outcome_of(row) == outcome], following


def outcome_of(row: Row) -> str:
    """Say what a decision came to: `offered`, `nothing`, or `withheld` where a holdout kept its offers back."""
    if row["is_withheld"]:
        return "withheld"
    return "offered" if row["offers"] or row["sets"] else "nothing"


def by_day(shop: "Shop", days: int) -> list[Counted]:
    """Count the decisions of the last days, each of the shop's own time, the oldest first; today is the last."""
    zone = ZoneInfo(shop.settings["shop.time_zone"])
    today = shop.clock().astimezone(zone).date()
    first = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), zone)
    rows = shop.records.table(
        "decisions", ("at", "is_withheld"), "at >= ? and purpose <> 'evaluation'", (int(first.timestamp() * 1e6),)
    )
    at = np.asarray(rows.column("at"), dtype=np.int64)
    held = np.asarray(rows.column("is_withheld"), dtype=bool)
    begins = [int((first + timedelta(days=day)).timestamp() * 1e6) for day in range(days)]
    place = np.searchsorted(begins, at, side="right") - 1
    n, n_withheld = (np.bincount(part, minlength=days).tolist() for part in (place, place[held]))
    return [Counted((first + timedelta(days=day)).date().isoformat(), n[day], n_withheld[day]) for day in range(days)]
