"""What guardrails are asked about, read from the records: offers by strategy, placement, option or arm, and what followed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.decide.assignment import arms_of_label
from crosslift.domain.customer import ConsentStatus, Purpose
from crosslift.domain.experiment import TrialKind
from crosslift.domain.guardrail import Guarded, Guardrail, Sign
from crosslift.domain.variant import Drawn
from crosslift.measure.guardrails import SERVED, Watched, checkouts, watched
from crosslift.measure.metrics import Period
from crosslift.shop.credited import Credited
from crosslift.shop.figures import Figures
from crosslift.shop.sales import unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of

DAY = 86_400_000_000
PAGE_SPEED = "Page Speed Measured"
Begin = Callable[[str], int]
"""Since when a target is counted, microseconds UTC."""


class Guardeds:
    """The offers of one shop, as guardrails look at them.

    Parameters
    ----------
    records, frames : Records, Frames
        Where decisions and facts live.
    figures, credited : Figures, Credited
        What people did, and the order lines credited to offers.
    """

    def __init__(self, records: Records, frames: Frames, figures: Figures, credited: Credited) -> None:
        self._records = records
        self._frames = frames
        self._figures = figures
        self._credited = credited

    def look(self, policy: str, guardrail: Guardrail, begin: Begin, since: int, until: int) -> list[Watched]:
        """Measure the sign of a guardrail of each of its targets.

        Parameters
        ----------
        policy : str
            Whose decisions are looked at.
        begin : callable
            Since when each target is counted; `since` is the earliest of all.
        """
        whose = self._records.people()
        if guardrail.sign is Sign.SLOW_PAGE:
            tables = {"pages": self._pages(whose, begin, since, until)}
        else:
            served = self._served(policy, guardrail.of, whose, begin, since, until)
            tables = {"served": served, **self._followed(guardrail.sign, served, since, until)}
        frames: dict[str, Any] = self._frames.lazies(tables)
        if guardrail.sign is Sign.LEFT_CHECKOUT:
            frames |= checkouts(frames["visits"], frames["orders"])
        return watched(guardrail, frames)

    def _followed(self, sign: Sign, served: pa.Table, since: int, until: int) -> dict[str, pa.Table]:
        """Read what the sign needs beside the offers."""
        if sign is Sign.UNSUBSCRIBED:
            return {"withdrawals": self._withdrawals(since)}
        if sign is Sign.RETURNED:
            lines = self._credited.lines(since, until).select(["decision_id", "product", "kept"])
            by = served.select(["slice", "decision_id", "product", "unit"])
            return {"lines": by.join(lines, ["decision_id", "product"], join_type="inner")}
        names = {Sign.COMPLAINED: ("complaints",), Sign.LEFT_CHECKOUT: ("visits", "orders")}.get(sign)
        if names is None:
            return {"answers": self._figures.answers(since)}
        read = self._figures.tables(Period(since, until, has_before=False, currency=""))
        return {name: read[name] for name in names}

    def _served(
        self, policy: str, of: Guarded, whose: pa.Table, begin: Begin, since: int, until: int
    ) -> pa.Table:  # fmt: skip
        """Give the offers of a policy since their target is counted, a row an offer and target: `measure.guardrails.SERVED`."""
        person_of = dict(zip(*(column.to_pylist() for column in whose.columns), strict=True))
        tried = frozenset(
            one.experiment_id for one in map(experiment_of, self._records.experiments())
            if one.kind is not TrialKind.HOLDOUT
        )  # fmt: skip
        rows: dict[str, list[Any]] = {name: [] for name in SERVED}
        for row in self._decisions(policy if of is not Guarded.ARM else None, since, until):
            made = record.read_slim(row["body"])
            unit = person_of.get(row["identity"], row["identity"]) or row["decision_id"]
            for offer in made["offers"]:
                for target in _targets(of, row, made, offer, tried):
                    if row["at"] >= begin(target):
                        values = (target, row["decision_id"], offer["product"], unit, row["at"])
                        for name, value in zip(SERVED, values, strict=True):
                            rows[name].append(value)
        kinds = {name: pa.int64() if name == "at" else pa.string() for name in SERVED}
        return pa.table({name: pa.array(values, kinds[name]) for name, values in rows.items()})

    def _decisions(self, policy: str | None, since: int, until: int) -> Iterator[dict[str, Any]]:
        """Read decisions day by day, so that no more than a day of their bodies is held at once."""
        columns = ("decision_id", "at", "placement", "arm", "identity", "body")
        where = "at >= ? and at < ? and not is_withheld and purpose <> 'evaluation'"
        values: tuple[str, ...] = ()
        if policy is not None:
            where, values = f"{where} and policy = ?", (policy,)
        for day in range(since, until, DAY):
            rows = self._records.table("decisions", columns, where, (day, min(day + DAY, until), *values))
            yield from rows.to_pylist()

    def _withdrawals(self, since: int) -> pa.Table:
        taken = (ConsentStatus.WITHDRAWN.value, ConsentStatus.DENIED.value, Purpose.MARKETING.value, since)
        rows = self._records.table(
            "consents", ("customer_id", "at"), "status in (?, ?) and purpose = ? and at >= ?", taken
        )
        customer = pc.binary_join_element_wise("customer", rows["customer_id"], ":")
        return pa.table({"unit": unit_of(customer, self._records.people()), "at": rows["at"]})

    def _pages(self, whose: pa.Table, begin: Begin, since: int, until: int) -> pa.Table:
        """Give how long pages took, by placement, of events that say it."""
        rows: dict[str, list[Any]] = {"slice": [], "unit": [], "seconds": []}
        for part in self._frames.event_parts(("identity", "at", "name", "properties")):
            inside = pc.and_(pc.greater_equal(part["at"], since), pc.less(part["at"], until))
            named = part.filter(
                pc.and_(inside, pc.and_(pc.equal(part["name"], PAGE_SPEED), pc.is_valid(part["identity"])))
            )
            units = unit_of(named["identity"], whose).to_pylist()
            for unit, at, text in zip(units, named["at"].to_pylist(), named["properties"].to_pylist(), strict=True):
                told = msgspec.json.decode(text)
                placement, seconds = told.get("placement"), told.get("seconds")
                if isinstance(placement, str) and isinstance(seconds, int | float) and at >= begin(placement):
                    for name, value in (("slice", placement), ("unit", unit), ("seconds", float(seconds))):
                        rows[name].append(value)
        kinds = {"slice": pa.string(), "unit": pa.string(), "seconds": pa.float64()}
        return pa.table({name: pa.array(values, kinds[name]) for name, values in rows.items()})


def _targets(
    of: Guarded, row: Mapping[str, Any], made: Mapping[str, Any], offer: Mapping[str, Any], tried: frozenset[str]
) -> Sequence[str]:
    """Name what an offer is counted under."""
    if of is Guarded.STRATEGY:
        return (offer["kind"],)
    if of is Guarded.PLACEMENT:
        return (row["placement"],)
    if of is Guarded.ARM:
        return [f"{name}:{arm}" for name, arm in arms_of_label(row["arm"]).items() if name in tried]
    every = (Drawn(one["set"], one["option"], one["probability"]) for one in made["variants"])
    return [f"{one.set_id}:{one.option}" for one in every if one.was_drawn]
