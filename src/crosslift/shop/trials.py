"""Trials as they are read from the records: who is in which arm, what each unit did, and what was fixed before anybody looked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.experiment import HELD, Experiment, TrialKind, UnitKind
from crosslift.domain.pressure import ContactState
from crosslift.errors import BadInput, NotFound
from crosslift.measure.arms import Arms, arms_of
from crosslift.measure.outcomes import DAY, OUTCOMES, SALES, outcomes
from crosslift.measure.trial import Judgement, Plan
from crosslift.shop.rulings import Rulings
from crosslift.shop.sales import MIN_COSTED, Sales, costed_share, unit_of
from crosslift.shop.slices import UNKNOWN
from crosslift.stats.strata import limited
from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of

Row = dict[str, Any]
BEFORE_DAYS = 90.0
"""So many days before its assignment say what was known of a unit: a quarter holds the rhythm of most shops."""
OF_COSTS = frozenset({"margin", "profit"})
PLANNED_SHARE, SHARES_TOLERANCE = "planned_share", 1e-3
"""The extra column of `assignments` that says how large an arm was planned; those of all arms sum to 1."""
_CONTROLS = "control", "none", "off", "holdout", HELD
"""Names that a trial run elsewhere gives its control."""


@dataclass(frozen=True, slots=True)
class Read:
    """A trial, ready to be judged.

    Attributes
    ----------
    told : dict
        What is said of it whatever it shows; with `not_estimable` where it may not be judged.
    trial : Experiment or None
        None of one run elsewhere.
    plan, table : Plan and pa.Table, or None
        See `measure.trial` and `measure.outcomes`; None where it may not be judged.
    """

    told: Row
    trial: Experiment | None
    arms: Arms
    plan: Plan | None = None
    table: pa.Table | None = None


class Trials:
    """The trials of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where arms and facts live.
    sales : Sales
        What was sold.
    rulings : Rulings
        The policies in force: they say what a contact costs.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, sales: Sales, rulings: Rulings, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._frames = frames
        self._sales = sales
        self._rulings = rulings
        self._clock = clock

    def read(self, experiment_id: str, control: str | None = None, *, is_fixed: bool = False) -> Read:
        """Read a trial of this shop, or one run elsewhere; see `Earned.experiment`."""
        now = int(self._clock().timestamp() * 1_000_000)
        rows = self._records.experiment_versions(experiment_id)
        versions = [experiment_of(row) for row in rows]
        assigned = self._assigned(experiment_id, is_ours=bool(versions))
        trial = versions[-1] if versions else None
        if assigned.num_rows == 0 and trial is None:
            raise NotFound(
                f"there is no trial {experiment_id!r}; `crosslift experiments list` shows those of this shop"
            )
        shares = dict(trial.arms) if trial else self._planned(experiment_id)
        whose = self._whose(trial.unit if trial else UnitKind.CUSTOMER)
        arms = arms_of(assigned, whose, shares)
        named = control or _control(trial, arms)
        ends_at = int(trial.ends_at.timestamp() * 1_000_000) if trial and trial.ends_at else None
        over_at = rows[-1]["created_at"] if trial is not None and not trial.is_active else None
        until = min(at for at in (now, ends_at, over_at) if at is not None)
        is_locked = trial is not None and _is_fixed(versions, assigned)
        judgement = Judgement.FIXED if is_locked or (is_fixed and trial is None) else Judgement.ANYTIME
        told = {
            "experiment_id": experiment_id, "control": named, "judgement": judgement.value, "units": dict(arms.counts),
            "since": _iso(_begin(arms, trial)), "until": _iso(until), "currency": self._sales.currency,
            "n_crossed": arms.n_crossed, "limits": dict(trial.limits) if trial else {},
        }  # fmt: skip
        if is_locked and ends_at is not None and now < ends_at:
            why = (
                f"it ends at {_iso(ends_at)}, and its interval holds for one look after that; a trial written without an end may "
                "be looked at at any time"
            )
            return Read({**told, "sample_ratio_p": None, "not_estimable": why}, trial, arms)
        if trial is not None and trial.unit in (UnitKind.SESSION, UnitKind.STORE):
            why = f"it assigned by {trial.unit.value}, and orders do not say in which {trial.unit.value} they were made"
            return Read({**told, "sample_ratio_p": None, "not_estimable": why}, trial, arms)
        sales = self._sales.lines(whose)
        costed = costed_share(sales, _begin(arms, trial), until)
        asked = OUTCOMES if costed >= MIN_COSTED else tuple(name for name in OUTCOMES if name not in OF_COSTS)
        table = outcomes(
            arms.units, sales.select([*SALES]), self._visits(arms, whose, until), self._charges(whose), self._frames.lazies,
            until, BEFORE_DAYS,
        )  # fmt: skip
        for name, limit in (trial.limits if trial else {}).items():
            table = table.set_column(table.schema.get_field_index(name), name, pa.array(limited(table[name], limit)))
        plan = Plan(named, shares, judgement, outcomes=asked)
        return Read({**told, "costed": costed}, trial, arms, plan, table)

    def markets(self, table: pa.Table) -> list[str]:
        """Give the market of each unit of a table as its profile has it."""
        profiles = self._records.table("profiles", ("person_id", "market"))
        place = pc.index_in(table["unit"], value_set=profiles["person_id"].combine_chunks())
        return list(pc.fill_null(pc.take(profiles["market"], place), UNKNOWN).to_pylist())

    def _assigned(self, experiment_id: str, *, is_ours: bool) -> pa.Table:
        if is_ours:
            return self._records.table("experiment_arms", ("unit", "arm", "at"), "experiment_id = ?", (experiment_id,))
        rows = self._records.table(
            "assignments", ("unit_kind", "unit_id", "arm", "at"), "experiment_id = ?", (experiment_id,)
        )
        unit = pc.binary_join_element_wise(rows["unit_kind"], rows["unit_id"], ":")
        return pa.table({"unit": unit, "arm": rows["arm"], "at": rows["at"]})

    def _planned(self, experiment_id: str) -> dict[str, float]:
        """Give the share of each arm that a trial run elsewhere planned, where its `assignments` say it of every arm."""
        rows = self._records.table("assignments", ("arm", "attributes"), "experiment_id = ?", (experiment_id,))
        said = rows.group_by(["arm", "attributes"]).aggregate([]).to_pylist()
        found = {row["arm"]: share for row in said if (share := planned_share(row["attributes"])) is not None}
        is_whole = found.keys() == {row["arm"] for row in said} and abs(sum(found.values()) - 1) < SHARES_TOLERANCE
        return found if is_whole else {}

    def _whose(self, kind: UnitKind) -> pa.Table:
        """Give the unit of each identity: the person, or where companies or households are assigned, their account."""
        people = self._sales.people()
        if kind not in (UnitKind.ACCOUNT, UnitKind.HOUSEHOLD):
            return people
        members = self._records.table("account_members", ("account_id", "customer_id"))
        kinds = self._records.table("accounts", ("account_id", "kind"))
        is_household = pc.equal(pc.fill_null(kinds["kind"], "company"), "household")
        wanted = kinds.filter(is_household if kind is UnitKind.HOUSEHOLD else pc.invert(is_household))["account_id"]
        members = members.filter(pc.is_in(members["account_id"], value_set=wanted.combine_chunks()))
        members = members.sort_by([("customer_id", "ascending"), ("account_id", "ascending")])
        first = members.group_by("customer_id", use_threads=False).aggregate([("account_id", "first")])
        person = pc.binary_join_element_wise("customer", first["customer_id"], ":")
        unit = pc.binary_join_element_wise(kind.value, first["account_id_first"], ":")
        return pa.table({"identity": person, "person_id": unit})

    def _charges(self, whose: pa.Table) -> pa.Table:
        """Give what people cost us beside goods: cases by what they took, contacts by what policies say one costs."""
        cases = self._records.table(
            "cases",
            ("customer_id", "opened_at", "cost_micros", "currency"),
            "cost_micros is not null and customer_id is not null",
        )
        at = np.asarray(cases["opened_at"], np.int64)
        cost = self._sales.exchange.amounts(cases["cost_micros"], cases["currency"], at).micros
        customer = pc.binary_join_element_wise("customer", cases["customer_id"], ":")
        parts = [pa.table({"unit": unit_of(customer, whose), "at": cases["opened_at"], "cost": pa.array(cost / 1e6)})]
        costs: dict[str, float] = {}
        for policy in self._rulings.in_force():
            for channel, each in policy.pressure.costs.items():
                costs[channel] = max(each, costs.get(channel, 0.0))
        if costs:
            made = self._records.table(
                "contacts", ("identity", "channel", "at"), f"state = '{ContactState.CONFIRMED.value}'"
            )
            each = pa.array([costs.get(channel, 0.0) for channel in made["channel"].to_pylist()], pa.float64())
            parts.append(pa.table({"unit": unit_of(made["identity"], whose), "at": made["at"], "cost": each}))
        return pa.concat_tables(parts)

    def _visits(self, arms: Arms, whose: pa.Table, until: int) -> pa.Table:
        """Give when units of the trial last came since they were assigned, and in the days before: nothing else is asked."""
        import narwhals as nw

        since = (pc.min(arms.units["at"]).as_py() or 0) - int(BEFORE_DAYS * DAY)
        at, assigned = nw.col("at"), nw.col("at_assigned")

        def came(events: Any, beside: Mapping[str, Any]) -> Any:
            rows = events.filter((at >= since) & (at < until)).join(beside["named"], on="identity", how="inner")
            is_before = (at < assigned) & (at >= assigned - int(BEFORE_DAYS * DAY))
            return rows.group_by("unit").agg(
                nw.when(at >= assigned).then(at).max().alias("after"), nw.when(is_before).then(at).max().alias("before")
            )

        found = self._frames.over_events(came, ("identity", "at"), since, {"named": _named(arms.units, whose)})
        visits = [pa.table({"unit": found["unit"], "at": found[name]}) for name in ("before", "after")]
        rows = pa.concat_tables(visits)
        return rows.filter(pc.is_valid(rows["at"]))


def _named(units: pa.Table, whose: pa.Table) -> pa.Table:
    """Give every identity of the units of a trial: identity, unit, at_assigned."""
    unit = units["unit"].combine_chunks()
    theirs = whose.filter(pc.is_in(whose["person_id"], value_set=unit))
    alone = unit.filter(pc.invert(pc.is_in(unit, value_set=whose["identity"].combine_chunks())))
    owner = pa.chunked_array([*theirs["person_id"].chunks, alone], pa.string())
    return pa.table({
        "identity": pa.chunked_array([*theirs["identity"].chunks, alone], pa.string()), "unit": owner,
        "at_assigned": pc.take(units["at"], pc.index_in(owner, value_set=unit)),
    })  # fmt: skip


def planned_share(attributes: str | None) -> float | None:
    """Read the planned share of an arm, an extra column of `assignments`; None where it says none above 0."""
    value = msgspec.json.decode(attributes or "{}").get(PLANNED_SHARE)
    try:
        share = float(value)
    except (TypeError, ValueError):
        return None
    return share if 0 < share <= 1 else None


def _begin(arms: Arms, trial: Experiment | None) -> int:
    """Say since when: the first unit, or the start of a trial that nobody is in yet."""
    first: int | None = pc.min(arms.units["at"]).as_py()
    if first is not None or trial is None:
        return first or 0
    return int(trial.starts_at.timestamp() * 1_000_000)


def _control(trial: Experiment | None, arms: Arms) -> str:
    if trial is not None and trial.kind is TrialKind.HOLDOUT:
        return HELD
    named = [arm for arm in arms.counts if arm.casefold() in _CONTROLS]
    if len(named) == 1:
        return named[0]
    if trial is not None:
        return next(iter(trial.arms))
    raise BadInput(f"which arm is the control? name one of {', '.join(arms.counts)}")


def _is_fixed(versions: list[Experiment], assigned: pa.Table) -> bool:
    """Tell whether the end was written down before the first unit was assigned, and never moved since."""
    ends = {one.ends_at for one in versions}
    return None not in ends and len(ends) == 1


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()
