"""What a week was like: the loop, what offers earned, figures against the week before, trials, what is odd, what was learned."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from crosslift.errors import BadInput, NotFound, NotReady
from crosslift.shop.daily import DAYS_OF_WEEK, Daily, Floats, Series
from crosslift.shop.experiments import STANDING
from crosslift.shop.overview import overview
from crosslift.stats.compare import mean_interval

if TYPE_CHECKING:
    from crosslift.shop.shop import Shop

Row = dict[str, Any]
WEEK = re.compile(r"(\d{4})-W(\d{2})")
MOST_TRIALS = 12
CHART_DAYS = 28


def week_of(written: str | None, now: datetime, zone: str) -> date:
    """Give the Monday of a week such as `2026-W44`; of the last whole one where nobody names it.

    Raises
    ------
    BadInput
        For what is no week, or one that is not over.

    Examples
    --------
    >>> week_of("2026-W44", datetime(2026, 11, 3, tzinfo=UTC), "UTC").isoformat()
    '2026-10-26'
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    this = today - timedelta(days=today.weekday())
    if written is None:
        return this - timedelta(days=7)
    found = WEEK.fullmatch(written)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None:
        raise BadInput(f"week = {written[:20]!r} is no week such as 2026-W44")
    if monday >= this:
        raise BadInput(f"week {written} is not over yet; name one before")
    return monday


class Reviewing:
    """The weeks of one shop.

    Parameters
    ----------
    shop : Shop
        Whose.
    """

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self._daily = Daily(shop.records, shop.frames, shop.decided, shop.sales, shop.settings)

    def of(self, week: str | None = None) -> Row:
        """Review a week.

        Parameters
        ----------
        week : str, optional
            Such as `2026-W44`, Monday to Sunday in the shop's time zone; the last one that is over by default.

        Returns
        -------
        dict
            `week`, `first`, `last`, `made_at`, `shop`, `currency`; `loop`, as the front page has it; `holdout`, as
            `earned.holdout` gives it, or None; `figures` (name, kind, this, before, change with low and high, of shares in
            shares), each day paired with its weekday of the week before; `days`, orders and revenue of four weeks; `trials`,
            `resting` (paused by guardrails), `watch` (as `watching.look`), `learned` and `no_offer` (code, n, before).

        Raises
        ------
        BadInput
            For what is no week, or one that is not over.
        """
        shop = self._shop
        now = shop.clock()
        first = week_of(week, now, shop.settings["shop.time_zone"])
        last = first + timedelta(days=6)
        year, number, _ = first.isocalendar()
        series = {one.name: one for one in self._daily.series(last - timedelta(days=CHART_DAYS - 1), CHART_DAYS)}
        return {
            "week": f"{year}-W{number:02}", "first": first.isoformat(), "last": last.isoformat(),
            "made_at": now.astimezone(UTC).isoformat(), "shop": shop.settings["shop.name"], "currency": shop.sales.currency,
            "loop": self._loop(), "holdout": self._holdout(), "figures": [_against(one) for one in series.values()],
            "days": _days(series, last), "trials": self._trials(), "resting": shop.guardrails.resting(),
            "watch": shop.watching.look(last, 7), "learned": self._learned(), "no_offer": self._no_offer(first),
        }  # fmt: skip

    def _loop(self) -> Row:
        told = overview(self._shop)
        return {
            "collected_at": told.imported.finished_at if told.imported else None,
            "learned_at": told.snapshot["created_at"] if told.snapshot else None, "relations": told.relations,
            "policies": [{"name": row["name"], "version": row["version"]} for row in told.policies],
            "is_stopped": told.stop is not None, "holdout": told.holdout, "next": list(told.next),
        }  # fmt: skip

    def _holdout(self) -> Row | None:
        try:
            found = self._shop.earned.holdout(STANDING)
        except NotFound:
            return None
        return found if any(found["units"].values()) else None

    def _trials(self) -> list[Row]:
        """Judge the trials of this shop, newest first, and those run elsewhere, the holdout apart."""
        ours = [one for one in self._shop.experiments.list() if one["experiment_id"] != STANDING]
        states = {
            one["experiment_id"]: one["state"] for one in sorted(ours, key=lambda one: one["starts_at"], reverse=True)
        }
        rows = self._shop.records.table("assignments", ("experiment_id",))["experiment_id"].to_pylist()
        for name, _ in Counter(rows).most_common():
            if name != STANDING:
                states.setdefault(name, "elsewhere")
        return [{"state": state, **self._judged(name)} for name, state in [*states.items()][:MOST_TRIALS]]

    def _judged(self, name: str) -> Row:
        try:
            return self._shop.earned.experiment(name)
        except BadInput as error:  # nobody said which arm is the control
            return {"experiment_id": name, "units": {}, "not_estimable": str(error), "sample_ratio_p": None}

    def _learned(self) -> Row:
        runs = self._shop.watching.learned()
        try:
            changed = Counter(row["change"] for row in self._shop.changes().to_pylist())
            told = {"came": changed["in"], "went": changed["out"], "to_review": self._shop.review_queue().num_rows}
        except NotReady:
            told = {"came": 0, "went": 0, "to_review": 0}
        return {**told, "runs": runs}

    def _no_offer(self, first: date) -> list[Row]:
        edges = [self._daily.begin(first + timedelta(days=days)) for days in (-7, 0, 7)]
        logs = [self._shop.decided.log(*edge, ("code",))["code"].to_pylist() for edge in pairwise(edges)]
        before, now = (Counter(code for code in codes if code) for codes in logs)
        return [{"code": code, "n": n, "before": before[code]} for code, n in now.most_common()]


def _against(series: Series) -> Row:
    """Hold a week against the one before, each day with its weekday: ratios of figures, differences of shares."""
    before, now = (series.values[-14:-7], series.values[-7:])
    told: Row = {"name": series.name, "kind": series.kind}
    if series.kind == "count" or series.name == "revenue":
        told |= {"this": float(now.sum()), "before": float(before.sum())}
    else:
        n_before, n_now = series.n[-14:-7], series.n[-7:]
        told |= {"this": _mean(now, n_now), "before": _mean(before, n_before)}
    known = np.isfinite(before).all() and np.isfinite(now).all()
    if series.kind == "share":
        change = now - before if known else None
    else:
        change = np.log(now / before) if known and (before > 0).all() and (now > 0).all() else None
    if change is None:
        return {**told, "change": None}
    found = mean_interval(DAYS_OF_WEEK, float(change.sum()), float(change @ change))
    bounds = np.array([found.value, found.low, found.high])
    value, low, high = (bounds if series.kind == "share" else np.expm1(bounds)).tolist()
    return {**told, "change": {"value": value, "low": low, "high": high}}


def _mean(values: Floats, n: Floats) -> float | None:
    there = n > 0
    return float(np.average(values[there], weights=n[there])) if there.any() else None


def _days(series: dict[str, Series], last: date) -> list[Row]:
    days = [last - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
    columns = (series["orders"].values.tolist(), series["revenue"].values.tolist())
    return [
        {"day": day.isoformat(), "orders": orders, "revenue": revenue}
        for day, orders, revenue in zip(days, *columns, strict=True)
    ]
