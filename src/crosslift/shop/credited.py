"""The log of decisions as measuring reads it: what was served, what became of it, and the order lines credited to it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.decision import Action
from crosslift.errors import BadInput
from crosslift.measure.attribution import LINES, SERVED, credit
from crosslift.measure.funnel import funnel
from crosslift.settings import Settings
from crosslift.shop.decided import Decided, offers_of
from crosslift.shop.sales import Sales, unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
USUAL_DAYS = 30
"""So many days are counted where nobody names a period."""
ELSEWHERE = "elsewhere"
"""Placement and strategy of what was offered before, or beside, crosslift."""


class Credited:
    """Offers of one shop, and the order lines credited to them.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts live.
    decided : Decided
        What was decided.
    sales : Sales
        What was sold.
    settings : Settings
        Of it `measure.click_days`.
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

    @property
    def click_days(self) -> float:
        """A click counts for so many days."""
        return float(self._settings["measure.click_days"])

    def lines(self, since: int, until: int) -> pa.Table:
        """Credit the order lines of a period to offers; see `measure.attribution.credit`, with the product beside.

        A choice logged elsewhere is an offer of a product too, and credited where an order line names it.

        Parameters
        ----------
        since, until : int
            Microseconds UTC, the second not included.
        """
        return self._credit(since, until, self._log(since - int(self.click_days * DAY), until))

    def _credit(self, since: int, until: int, log: pa.Table) -> pa.Table:
        """Credit order lines of a period to offers of a log that begins as long before as a click counts."""
        sold = self._sales.lines(self._records.people())
        within = pc.and_(pc.greater_equal(sold["at"], since), pc.less(sold["at"], until))
        lines = sold.filter(within).select([*LINES])
        begin = since - int(self.click_days * DAY)
        touches = self._touches(begin, until)
        met = pa.chunked_array([*touches["decision_id"].chunks, *lines["decision_id"].chunks], pa.string()).unique()
        offered = self._offers(log.filter(pc.is_in(log["decision_id"], value_set=met)))
        served = pa.concat_tables([offered, self._chosen(begin, until)])
        found = credit(lines, served, touches, self._frames.lazies, self.click_days)
        return found.join(lines.select(["line", "product"]), "line").sort_by("line")

    def funnel(self, since: int, until: int) -> list[Row]:
        """Count what was served in a period through to what was kept, by placement and strategy; see `measure.funnel`."""
        log, marks = self._log(since - int(self.click_days * DAY), until), self._marks(since, until)
        credited = self._credit(since, until, log).select(["decision_id", "product", "kept"])
        is_in = pc.greater_equal(log["at"], since)
        served = self._offers(log if pc.all(is_in).as_py() else log.filter(is_in))
        found: list[Row] = funnel(served, marks, credited, self._frames.lazies).to_pylist()
        return found

    def funnel_of(self, since: datetime | None = None, until: datetime | None = None) -> list[Row]:
        """Count what was served as `funnel`, of the last `USUAL_DAYS` days unless a period is named."""
        end = until or self._clock()
        begin = since or end - timedelta(days=USUAL_DAYS)
        if begin >= end:
            raise BadInput(f"the period ends ({end:%Y-%m-%d}) before it begins ({begin:%Y-%m-%d})")
        return self.funnel(int(begin.timestamp() * 1_000_000), int(end.timestamp() * 1_000_000))

    def served(self, since: int, until: int) -> pa.Table:
        """Give the offers that were shown in a period, a row each: `measure.attribution.SERVED`.

        Withheld offers, those of evaluations and what nobody can be named for are left out.
        """
        return self._offers(self._log(since, until))

    def _log(self, since: int, until: int) -> pa.Table:
        columns = ("decision_id", "at", "placement", "identity", "is_withheld", "products", "sources")
        return self._decided.log(since, until, columns)

    def _offers(self, log: pa.Table) -> pa.Table:
        named = log.append_column("unit", unit_of(log["identity"], self._records.people()))
        return offers_of(named, [name for name in SERVED if name in named.column_names]).select([*SERVED])

    def _chosen(self, since: int, until: int) -> pa.Table:
        """Give what was offered elsewhere as logged choices tell it, in the columns of `served`."""
        rows = self._records.table(
            "logged_choices", ("choice_id", "action", "unit_id", "at"), "at >= ? and at < ?", (since, until)
        )
        unit = pc.binary_join_element_wise("customer", rows["unit_id"], ":")
        elsewhere = pa.repeat(ELSEWHERE, rows.num_rows)
        columns = (
            rows["choice_id"],
            rows["action"],
            unit_of(unit, self._records.people()),
            rows["at"],
            elsewhere,
            elsewhere,
        )
        return pa.table(dict(zip(SERVED, columns, strict=True)))

    def _touches(self, since: int, until: int) -> pa.Table:
        actions = f"('{Action.CLICK.value}', '{Action.ACCEPT.value}')"
        rows = self._records.table(
            "responses",
            ("decision_id", "product_id", "at"),
            f"at >= ? and at < ? and action in {actions}",
            (since, until),
        )
        return pa.table({"decision_id": rows["decision_id"], "product": rows["product_id"], "at": rows["at"]})

    def _marks(self, since: int, until: int) -> pa.Table:
        """Give what became of offers: seen, clicked, added."""
        seen = self._records.table("exposures", ("decision_id", "product_id"), "at >= ? and at < ?", (since, until))
        said = self._records.table(
            "responses", ("decision_id", "product_id", "action"), "at >= ? and at < ?", (since, until)
        )
        steps = {Action.EXPOSURE: "seen", Action.CLICK: "clicked", Action.ACCEPT: "added"}
        parts = [pa.table({"decision_id": seen["decision_id"], "product": seen["product_id"],
                           "step": pa.array(["seen"] * seen.num_rows, pa.string())})]  # fmt: skip
        for action, step in steps.items():
            rows = said.filter(pc.equal(said["action"], action.value))
            named = pa.array([step] * rows.num_rows, pa.string())
            parts.append(pa.table({"decision_id": rows["decision_id"], "product": rows["product_id"], "step": named}))
        return pa.concat_tables(parts)
