"""The log of decisions as measuring reads it: what was served, what became of it, and the order lines credited to it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.domain.decision import Action
from crosslift.errors import BadInput
from crosslift.measure.attribution import LINES, SERVED, credit
from crosslift.measure.funnel import funnel
from crosslift.settings import Settings
from crosslift.shop.sales import Sales
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
USUAL_DAYS = 30
"""So many days are counted where nobody names a period."""


class Credited:
    """Offers of one shop, and the order lines credited to them.

    Parameters
    ----------
    records, frames : Records, Frames
        Where decisions and facts live.
    sales : Sales
        What was sold.
    settings : Settings
        Of it `measure.click_days`.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, sales: Sales, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._frames = frames
        self._sales = sales
        self._settings = settings
        self._clock = clock

    @property
    def click_days(self) -> float:
        """A click counts for so many days."""
        return float(self._settings["measure.click_days"])

    def lines(self, since: int, until: int) -> pa.Table:
        """Credit the order lines of a period to offers; see `measure.attribution.credit`, with the product beside.

        Parameters
        ----------
        since, until : int
            Microseconds UTC, the second not included.
        """
        whose = self._records.people()
        sold = self._sales.lines(whose)
        within = pc.and_(pc.greater_equal(sold["at"], since), pc.less(sold["at"], until))
        lines = sold.filter(within).select([*LINES])
        begin = since - int(self.click_days * DAY)
        served = self.served(begin, until)
        touches = self._touches(begin, until)
        found = credit(lines, served, touches, self._frames.lazies, self.click_days)
        return found.join(lines.select(["line", "product"]), "line").sort_by("line")

    def funnel(self, since: int, until: int) -> list[Row]:
        """Count what was served in a period through to what was kept, by placement and strategy; see `measure.funnel`."""
        marks = self._marks(since, until)
        credited = self.lines(since, until).select(["decision_id", "product", "kept"])
        found: list[Row] = funnel(self.served(since, until), marks, credited, self._frames.lazies).to_pylist()
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
        person_of = dict(zip(*(column.to_pylist() for column in self._records.people().columns), strict=True))
        rows: dict[str, list[Any]] = {name: [] for name in SERVED}
        for decision_id, at, placement, identity, body in self._decisions(since, until):
            for offer in record.read_slim(body)["offers"]:
                values = (
                    decision_id,
                    offer["product"],
                    person_of.get(identity, identity),
                    at,
                    placement,
                    offer["kind"],
                )
                for name, value in zip(SERVED, values, strict=True):
                    rows[name].append(value)
        whole = {name: pa.array(values, pa.int64() if name == "at" else pa.string()) for name, values in rows.items()}
        return pa.table(whole)

    def _decisions(self, since: int, until: int) -> Iterable[tuple[str, int, str, str | None, bytes]]:
        """Read decisions by their instants, so that no more than a day of them is held at once."""
        columns = ("decision_id", "at", "placement", "identity", "body")
        where = "at >= ? and at < ? and not is_withheld and purpose <> 'evaluation'"
        for begin in range(since, until, DAY):
            rows = self._records.table("decisions", columns, where, (begin, min(begin + DAY, until)))
            yield from zip(*(rows.column(name).to_pylist() for name in columns), strict=True)

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
