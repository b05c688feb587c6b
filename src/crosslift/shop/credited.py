"""The log of decisions as measuring reads it: what was served, what became of it, and the order lines credited to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.decision import Action
from crosslift.errors import BadInput
from crosslift.measure.attribution import LINES, SERVED, credit
from crosslift.measure.funnel import funnel
from crosslift.settings import Settings
from crosslift.shop.decided import Decided, Log
from crosslift.shop.numbered import numbered
from crosslift.shop.one_reading import one_reading, within
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
        return self._credit(since, until, self._decided.of(since - self._decided.click_window, until))

    def _credit(self, since: int, until: int, log: Log) -> pa.Table:
        """Credit order lines of a period to offers of a log that begins as long before as a click counts."""
        lines = within(self._sales.lines(self._sales.people()), since, until).select([*LINES])
        begin = since - self._decided.click_window
        said = within(log.said, begin, until)
        said = said.filter(pc.is_in(said["action"], value_set=pa.array([Action.CLICK.value, Action.ACCEPT.value])))
        named = pc.drop_null(lines["decision_id"])
        met = pa.chunked_array([*said["number"].chunks, log.numbers.of(named)], pa.int32())
        rows = log.rows.filter(pc.is_in(log.rows["number"], value_set=met.unique()))
        served = pa.concat_tables([_plain_offers(replace(log, rows=rows)), self._chosen(begin, until)])
        place = pc.index_in(said["number"], value_set=rows["number"].combine_chunks())
        touches = pa.table({
            "decision_id": rows["decision_id"].take(place), "product": said["product_id"], "at": said["at"],
        })  # fmt: skip
        found = credit(lines, served, touches, self._frames.lazies, self.click_days)
        return found.join(lines.select(["line", "product"]), "line").sort_by("line")

    def funnel(self, since: int, until: int) -> list[Row]:
        """Count what was served in a period through to what was kept, by placement and strategy; see `measure.funnel`."""
        with one_reading():
            log = self._decided.of(since - self._decided.click_window, until)
            credited = self._credit(since, until, log)
        sold = pa.table({
            "decision_id": log.numbers.of(credited["decision_id"]), "product": credited["product"], "kept": credited["kept"],
        })  # fmt: skip
        served = log.within(since, until).given(("number", "placement"))
        tables = {
            "served": served.rename_columns({"number": "decision_id"}), "marks": _marks(log, since, until),
            "credited": sold.filter(pc.is_valid(sold["decision_id"])),
        }  # fmt: skip
        found: list[Row] = funnel(**numbered(tables, "product"), lazies=self._frames.lazies).to_pylist()
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
        return _plain_offers(self._decided.of(since, until))

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
            unit_of(unit, self._sales.people()),
            rows["at"],
            elsewhere,
            elsewhere,
        )
        return pa.table(dict(zip(SERVED, columns, strict=True)))


def _plain_offers(log: Log) -> pa.Table:
    """Give the offers of some decisions of the log in the columns of `SERVED`, texts as they are."""
    found = log.given(("decision_id", "unit", "at", "placement")).select([*SERVED])
    return found.cast(pa.schema([(name, pa.int64() if name == "at" else pa.string()) for name in SERVED]))


def _marks(log: Log, since: int, until: int) -> pa.Table:
    """Give what became of offers: seen, clicked, added."""
    seen, said = within(log.seen, since, until), within(log.said, since, until)
    steps = {Action.EXPOSURE: "seen", Action.CLICK: "clicked", Action.ACCEPT: "added"}
    parts = [(seen, "seen"), *((said.filter(pc.equal(said["action"], one.value)), step) for one, step in steps.items())]
    rows = pa.concat_tables([
        pa.table({"decision_id": rows["number"], "product": rows["product_id"], "step": pa.repeat(step, rows.num_rows)})
        for rows, step in parts
    ])  # fmt: skip
    return rows.filter(pc.is_valid(rows["decision_id"]))
