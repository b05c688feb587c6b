"""What is unlike before: days, the spread of what comes in and of the scores, stated probabilities, and learning itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.settings import Settings
from crosslift.shop.daily import Daily, Floats, Series
from crosslift.shop.decided import Decided
from crosslift.shop.sales import Sales
from crosslift.stats.drift import bins_of, drift, reliability
from crosslift.stats.multiplicity import adjust
from crosslift.stats.watching import expect, trend
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
HISTORY_DAYS, LEAST_DAYS = 56, 28
MOST_DAYS = 7
ALARM = 0.01
"""A day is told of where all that is looked at together would stray as far one time in a hundred."""
DRIFT_DAYS = 28
MOVED = 0.1
LEAST_UNITS = 200
RUNS = 10
DAY = 86_400_000_000
LOOKED_AT = "at >= ? and at < ?"
FEW = 5


class Watching:
    """What is watched in one shop.

    Parameters
    ----------
    records, frames, decided, sales : Records, Frames, Decided, Sales
        Where facts, decisions and sales live.
    settings : Settings
        Of it `shop.time_zone`.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, decided: Decided, sales: Sales, settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._decided = decided
        self._sales = sales
        self._settings = settings
        self._clock = clock
        self._daily = Daily(records, frames, decided, sales, settings)

    def look(self, last: date | None = None, n_days: int = 1) -> Row:
        """Look at days against the eight weeks before them, and at what drifted.

        Parameters
        ----------
        last : date, optional
            The last day judged; yesterday by default.
        n_days : int
            Days judged, 1 to 7.

        Returns
        -------
        dict
            `first`, `last`, `days_before`; `figures`, a row a figure: name, kind, `days` (day, value, expected, low, high,
            p_adjusted, is_alarm), `trend` (per_week, low, high) or None, or `not_estimable`; `drift`, a row for what comes in
            and for scores: of, about (input or score), psi, p_adjusted, n_before, n_after, has_moved, or `not_estimable`;
            `calibration`: error, by_chance, is_off, n, or `not_estimable`; `learned`, the newest runs: snapshot_id,
            created_at, ndcg, state, why; `alarms`, what and about of everything a person should look at.
        """
        judged = min(max(n_days, 1), MOST_DAYS)
        end = last or self._clock().astimezone(ZoneInfo(self._settings["shop.time_zone"])).date() - timedelta(days=1)
        first = end - timedelta(days=judged - 1)
        found: Row = {"first": first.isoformat(), "last": end.isoformat(), "days_before": HISTORY_DAYS}
        found["figures"] = self._figures(first, judged)
        found["drift"] = self._drifted(end)
        found["calibration"] = self._calibration(end)
        found["learned"] = self.learned()
        found["alarms"] = _alarms(found)
        return found

    def _figures(self, first: date, judged: int) -> list[Row]:
        begin = first - timedelta(days=HISTORY_DAYS)
        n_known = (first - begin).days - self._days_unknown(begin)
        series = self._daily.series(begin, HISTORY_DAYS + judged)
        rows = [_judged(one, first, judged, n_known) for one in series]
        every = [day for row in rows for day in row.get("days", ())]
        if every:
            for day, p in zip(every, adjust([day["p"] for day in every], "holm").tolist(), strict=True):
                day |= {"p_adjusted": p, "is_alarm": p <= ALARM}
                del day["p"]
        return rows

    def _days_unknown(self, begin: date) -> int:
        """Count the days of the history before the first order."""
        first: int | None = pc.min(self._frames.order_lines(("ordered_at",))["ordered_at"]).as_py()
        return HISTORY_DAYS if first is None else max(0, (first - self._daily.begin(begin)) // DAY)

    # drift ---------------------------------------------------------------------------------------------------------

    def _drifted(self, end: date) -> list[Row]:
        """Hold the last four weeks against the four before."""
        edges = [self._daily.begin(end + timedelta(days=1 - back)) for back in (2 * DRIFT_DAYS, DRIFT_DAYS, 0)]
        rows = []
        for of, about, values, at in self._watched_spreads(edges[0], edges[-1]):
            moment = np.asarray(at, np.int64)
            inside = [(moment >= begin) & (moment < stop) for begin, stop in pairwise(edges)]
            rows.append({"of": of, "about": about, **_moved(values, inside)})
        tested = [row for row in rows if "p" in row]
        if tested:
            for row, p in zip(tested, adjust([row.pop("p") for row in tested], "holm").tolist(), strict=True):
                row |= {"p_adjusted": p, "has_moved": p <= ALARM and row["psi"] >= MOVED}
        return rows

    def _watched_spreads(self, since: int, until: int) -> list[tuple[str, str, pa.ChunkedArray, pa.ChunkedArray]]:
        lines = self._frames.order_lines(
            ("order_id", "ordered_at", "channel", "market", "unit_price_micros", "currency")
        )
        lines = lines.filter(pc.and_(pc.greater_equal(lines["ordered_at"], since), pc.less(lines["ordered_at"], until)))
        orders = lines.group_by("order_id", use_threads=False).aggregate(
            [("ordered_at", "min"), ("channel", "min"), ("market", "min"), ("order_id", "count")]
        )
        log = self._decided.log(since, until, ("at", "placement", "channel"))
        scores = self._scores(since, until)
        of_orders = [
            ("basket_size", "order_id_count"),
            ("order_channel", "channel_min"),
            ("order_market", "market_min"),
        ]
        return [
            *((of, "input", orders[name], orders["ordered_at_min"]) for of, name in of_orders),
            ("unit_price", "input", lines["unit_price_micros"], lines["ordered_at"]),
            ("placement", "input", log["placement"], log["at"]), ("channel", "input", log["channel"], log["at"]),
            ("p_basket", "score", scores["p"], scores["at"]), ("priority", "score", scores["priority"], scores["at"]),
        ]  # fmt: skip

    def _scores(self, since: int, until: int) -> pa.Table:
        """Give instant, stated probability and priority of every offer that was chosen, withheld ones too."""
        rows: dict[str, list[Any]] = {
            name: [] for name in ("at", "decision_id", "identity", "is_withheld", "product", "p", "priority")
        }
        columns = ("decision_id", "at", "identity", "is_withheld", "body")
        where = "at >= ? and at < ? and purpose <> 'evaluation'"
        for begin in range(since, until, DAY):
            read = self._records.table("decisions", columns, where, (begin, min(begin + DAY, until)))
            for decision_id, at, identity, is_withheld, body in zip(
                *(c.to_pylist() for c in read.columns), strict=True
            ):
                made = record.read_slim(body)
                for offer in (*made["offers"], *made["withheld"]):
                    values = (at, decision_id, identity, is_withheld, offer["product"], offer["p"], offer["priority"])
                    for name, value in zip(rows, values, strict=True):
                        rows[name].append(value)
        kinds = (pa.int64(), pa.string(), pa.string(), pa.bool_(), pa.string(), pa.float64(), pa.float64())
        return pa.table(
            {name: pa.array(values, kind) for (name, values), kind in zip(rows.items(), kinds, strict=True)}
        )

    # probabilities and learning --------------------------------------------------------------------------------------

    def _calibration(self, end: date) -> Row:
        """Hold p_basket against baskets nobody prompted: those of people whose offers were withheld, within a day."""
        until = self._daily.begin(end + timedelta(days=1))
        scores = self._scores(until - 3 * DRIFT_DAYS * DAY, until - DAY)
        held = scores.filter(
            pc.and_(scores["is_withheld"], pc.and_(pc.is_valid(scores["p"]), pc.is_valid(scores["identity"])))
        )
        if held.num_rows < LEAST_UNITS:
            return {"not_estimable": f"{held.num_rows} withheld offers with a probability, at least {LEAST_UNITS} needed: a "
                    "holdout makes them, as what was shown was prompted"}  # fmt: skip
        whose = self._sales.people()
        sold = self._sales.lines(whose)
        person = dict(zip(*(whose[name].to_pylist() for name in ("identity", "person_id")), strict=True))
        bought: dict[tuple[str, str], list[int]] = {}
        for unit, product, at in zip(*(sold[name].to_pylist() for name in ("unit", "product", "at")), strict=True):
            bought.setdefault((unit, product), []).append(at)
        rows = zip(*(held[name].to_pylist() for name in ("identity", "product", "at", "p")), strict=True)
        told = [
            (p, any(at <= moment < at + DAY for moment in bought.get((person.get(who, who), product), ())))
            for who, product, at, p in rows
        ]
        found = reliability([p for p, _ in told], [hit for _, hit in told])
        return {"error": found.error, "by_chance": found.by_chance, "is_off": found.is_off, "n": len(told)}

    def learned(self) -> list[Row]:
        """Give how well the newest runs of learning complete later baskets, and what became of each."""
        rows = self._records.snapshots()[:RUNS]
        return [
            {"snapshot_id": row["snapshot_id"], "created_at": row["created_at"], "ndcg": row["ndcg"], "state": row["state"],
             "against_published": msgspec.json.decode(row["report"]).get("against_published")}
            for row in rows
        ]  # fmt: skip


def _judged(series: Series, first: date, judged: int, n_known: int) -> Row:
    told: Row = {"name": series.name, "kind": series.kind}
    if n_known < LEAST_DAYS:
        return {**told, "not_estimable": f"{max(n_known, 0)} days before, at least {LEAST_DAYS} needed"}
    n_history = HISTORY_DAYS if n_known >= HISTORY_DAYS else LEAST_DAYS
    used = slice(HISTORY_DAYS - n_history, None)
    values, n = series.values[used], series.n[used]
    if not np.isfinite(values).all():
        return {**told, "not_estimable": "on some days there was nothing that it could be a share of"}
    if not values[:n_history].any():
        return {**told, "not_estimable": "it was 0 on every day before"}
    there, back = _scale(series)
    least = _least(series.kind, values, n)
    loose = np.sqrt(np.median(n[:n_history]) / n[n_history:])
    found = expect(there(values[:n_history]), there(values[n_history:]), least, loose)
    low, high = found.span()
    columns = (values[n_history:], back(found.value), back(low), back(high), found.p_value)
    dates = [(first + timedelta(days=place)).isoformat() for place in range(judged)]
    names = ("day", "value", "expected", "low", "high", "p")
    days = [dict(zip(names, row, strict=True)) for row in zip(dates, *(c.tolist() for c in columns), strict=True)]
    whole = values[-(values.size // MOST_DAYS * MOST_DAYS) :]
    going = trend(whole)
    bounds = None if going is None else {"per_week": going.per_week, "low": going.low, "high": going.high}
    return {**told, "days": days, "trend": bounds}


def _least(kind: str, values: Floats, n: Floats) -> float:
    """Give how much days spread at least on their scale: rare counts as Poisson does, shares half of what their size gives."""
    if kind == "count":
        return 0.5 if float(np.median(values)) >= FEW else 1.0
    return 0.02 if kind == "amount" else 0.5 / float(np.sqrt(np.median(n)))


def _scale(series: Series) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """Give the scale on which days spread alike, there and back: roots of counts, logs of amounts, arcs of shares."""
    if series.kind == "count":
        return (lambda x: 2 * np.sqrt(x + 0.375)), (lambda y: np.maximum((np.maximum(y, 0) / 2) ** 2 - 0.375, 0))
    if series.kind == "amount":
        unit = max(float(np.median(series.values)), 1e-9) / 100
        return (lambda x: np.log(np.maximum(x, 0) + unit)), (lambda y: np.maximum(np.exp(y) - unit, 0))
    return (lambda x: 2 * np.arcsin(np.sqrt(x))), (lambda y: np.sin(np.clip(y, 0, np.pi) / 2) ** 2)


def _moved(values: pa.ChunkedArray, inside: Sequence[np.ndarray[Any, np.dtype[np.bool_]]]) -> Row:
    before, after = (values.filter(pa.array(rows)).drop_null() for rows in inside)
    sizes = {"n_before": len(before), "n_after": len(after)}
    if min(sizes.values()) < LEAST_UNITS:
        return {**sizes, "not_estimable": f"at least {LEAST_UNITS} needed in each four weeks"}
    if pa.types.is_string(values.type):
        counted = [Counter(one.to_pylist()) for one in (before, after)]
        kinds = sorted(counted[0] | counted[1])
        found = drift(*([counts[kind] for kind in kinds] for counts in counted))
    else:
        found = drift(*bins_of(np.asarray(before, np.float64), np.asarray(after, np.float64)))
    return {**sizes, "psi": found.psi, "p": found.p_value}


def _alarms(found: Row) -> list[Row]:
    days = [[row["name"], day["day"]] for row in found["figures"] for day in row.get("days", ()) if day["is_alarm"]]
    moved = [["drift", row["of"]] for row in found["drift"] if row.get("has_moved")]
    off = [["calibration", "p_basket"]] if found["calibration"].get("is_off") else []
    refused = [["learned", row["snapshot_id"]] for row in found["learned"][:1] if row["state"] == "refused"]
    return [{"what": what, "about": about} for what, about in (*days, *moved, *off, *refused)]
