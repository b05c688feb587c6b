"""The key figures of each day of the shop's own calendar, as they are watched: counts, amounts, and shares of something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.decision import Action
from crosslift.settings import Settings
from crosslift.shop.decided import Decided
from crosslift.shop.sales import Sales, unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

DAYS_OF_WEEK = 7
Kind = Literal["count", "amount", "share"]
Floats = npt.NDArray[np.float64]
WATCHED: Mapping[str, Kind] = {
    "orders": "count", "revenue": "amount", "aov": "amount", "returned": "count", "visitors": "count",
    "conversion": "share", "offers": "count", "no_offer": "share", "clicked": "share", "declined": "share",
}  # fmt: skip
"""What is watched by the day: orders, what they brought, of one order on average, things sent back, people who came, those of
them who bought that day, offers shown, decisions without one, offers clicked, offers declined."""


@dataclass(frozen=True, slots=True)
class Series:
    """One figure by day; shares and means are of `n`, and no day has one where that is 0 (nan)."""

    name: str
    kind: Kind
    values: Floats
    n: Floats


class Daily:
    """The days of one shop.

    Parameters
    ----------
    records, frames, decided, sales : Records, Frames, Decided, Sales
        Where facts, decisions and sales live.
    settings : Settings
        Of it `shop.time_zone`, in which days begin.
    """

    def __init__(
        self, records: Records, frames: Frames, decided: Decided, sales: Sales, settings: Settings
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._decided = decided
        self._sales = sales
        self._settings = settings

    def series(self, first: date, n_days: int) -> list[Series]:
        """Give what is watched of so many days in a row."""
        edges = [self.begin(first + timedelta(days=place)) for place in range(n_days + 1)]
        days = _Days(np.array(edges, np.int64))
        whose = self._sales.people()
        return [*self._sold(days, whose), *self._came(days, whose), *self._offered(days)]

    def begin(self, day: date) -> int:
        """Give when a day begins, microseconds UTC."""
        zone = ZoneInfo(self._settings["shop.time_zone"])
        return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000

    def _sold(self, days: "_Days", whose: pa.Table) -> list[Series]:
        lines = self._sales.lines(whose, is_named=False)
        day = days.of(lines["at"])
        revenue = days.sums(day, np.asarray(lines["revenue"], np.float64))
        orders = days.distinct(day, lines["order"])
        returns = self._records.table(
            "returns", ("returned_at",), "returned_at >= ? and returned_at < ?", (days.first, days.last)
        )
        back = days.counts(days.of(returns["returned_at"]))
        with np.errstate(invalid="ignore", divide="ignore"):
            aov = revenue / orders
        return [
            _of("orders", orders),
            _of("revenue", revenue),
            Series("aov", WATCHED["aov"], aov, orders),
            _of("returned", back),
        ]

    def _came(self, days: "_Days", whose: pa.Table) -> list[Series]:
        """Give visitors, and how many of them bought on the day."""
        parts = []
        for part in self._frames.event_parts(("identity", "at")):
            inside = pc.and_(pc.greater_equal(part["at"], days.first), pc.less(part["at"], days.last))
            named = part.filter(pc.and_(inside, pc.is_valid(part["identity"])))
            unit = unit_of(named["identity"], whose)
            rows = pa.table({"unit": unit, "day": pa.array(days.of(named["at"]))})
            parts.append(rows.group_by(["unit", "day"]).aggregate([]).select(["unit", "day"]))
        kinds = pa.schema({"unit": pa.string(), "day": pa.int64()})
        came = pa.concat_tables([kinds.empty_table(), *parts], promote_options="permissive")
        came = came.group_by(["unit", "day"]).aggregate([])
        lines = self._sales.lines(whose)
        bought = pa.table({"unit": lines["unit"], "day": pa.array(days.of(lines["at"]))})
        both = came.join(bought.group_by(["unit", "day"]).aggregate([]), ["unit", "day"], join_type="inner")
        visitors, buyers = (days.counts(np.asarray(rows["day"], np.int64)) for rows in (came, both))
        return [_of("visitors", visitors), _share("conversion", buyers, visitors)]

    def _offered(self, days: "_Days") -> list[Series]:
        log = self._decided.log(days.first, days.last, ("at", "is_withheld", "code", "products"))
        day = days.of(log["at"])
        shown = np.asarray(pc.invert(log["is_withheld"]), bool)
        n = np.asarray(pc.list_value_length(log["products"]), np.float64)
        offers = days.sums(day[shown], n[shown])
        silent = days.counts(day[np.asarray(pc.not_equal(log["code"], ""), bool)])
        said = self._records.table("responses", ("action", "at"), "at >= ? and at < ?", (days.first, days.last))
        answers = {
            name: days.counts(days.of(said.filter(pc.equal(said["action"], action.value))["at"]))
            for name, action in (("clicked", Action.CLICK), ("declined", Action.DECLINE))
        }
        shares = [_share(name, np.minimum(counts, offers), offers) for name, counts in answers.items()]
        return [_of("offers", offers), _share("no_offer", silent, days.counts(day)), *shares]


@dataclass(frozen=True, slots=True)
class _Days:
    """Days between edges, microseconds UTC; rows outside are on day −1."""

    edges: npt.NDArray[np.int64]

    @property
    def first(self) -> int:
        return int(self.edges[0])

    @property
    def last(self) -> int:
        return int(self.edges[-1])

    def of(self, at: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        moment = np.asarray(at, np.int64)
        place = np.searchsorted(self.edges, moment, side="right") - 1
        return np.where((moment >= self.first) & (moment < self.last), place, -1)

    def sums(self, day: npt.NDArray[np.int64], amounts: Floats) -> Floats:
        inside = day >= 0
        return np.bincount(day[inside], amounts[inside], minlength=self.edges.size - 1).astype(np.float64)

    def counts(self, day: npt.NDArray[np.int64]) -> Floats:
        return self.sums(day, np.ones(day.size))

    def distinct(self, day: npt.NDArray[np.int64], what: pa.ChunkedArray) -> Floats:
        rows = pa.table({"day": pa.array(day), "what": what}).group_by(["day", "what"]).aggregate([])
        return self.counts(np.asarray(rows["day"], np.int64))


def _of(name: str, values: Floats) -> Series:
    return Series(name, WATCHED[name], values, np.ones(values.size))


def _share(name: str, part: Floats, of: Floats) -> Series:
    with np.errstate(invalid="ignore", divide="ignore"):
        return Series(name, WATCHED[name], np.where(of > 0, part / of, np.nan), of)
