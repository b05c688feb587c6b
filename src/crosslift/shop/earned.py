"""What offers and trials earned: units by their first arm, everything they did since, and the verdict it allows.

What is credited to offers by the decision an order names, or by a click, is told beside what they changed, never in its
place: much of what is credited would have been bought anyway, and only the holdout says how much.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.experiment import HELD, TREATED, Experiment, TrialKind, UnitKind
from crosslift.domain.pressure import ContactState
from crosslift.errors import BadInput, NotFound
from crosslift.measure.arms import Arms, arms_of
from crosslift.measure.attribution import CLICKED, STATED
from crosslift.measure.outcomes import OUTCOMES, SALES, outcomes
from crosslift.measure.payback import Payback, returned
from crosslift.measure.trial import Compared, Judgement, Plan, Trial, analyze
from crosslift.shop.credited import Credited
from crosslift.shop.experiments import STANDING
from crosslift.shop.rulings import Rulings
from crosslift.shop.sales import MIN_COSTED, Sales, costed_share, unit_of
from crosslift.stats.planning import least_effect, units_for_effect
from crosslift.stats.trials import Difference
from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.store.trial_rows import experiment_of

Row = dict[str, Any]
DAY = 86_400_000_000
BEFORE_DAYS = 90.0
"""So many days before its assignment say what was known of a unit: a quarter holds the rhythm of most shops."""
OF_COSTS = frozenset({"margin", "profit"})
TENTH = 0.1
_CONTROLS = "control", "none", "off", "holdout", HELD
"""Names that a trial run elsewhere gives its control."""


class Earned:
    """What the trials of one shop show.

    Parameters
    ----------
    records, frames : Records, Frames
        Where arms and facts live.
    sales : Sales
        What was sold.
    credited : Credited
        What of it is credited to offers.
    rulings : Rulings
        The policies in force: they say what a contact costs.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, sales: Sales, credited: Credited, rulings: Rulings,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._sales = sales
        self._credits = credited
        self._rulings = rulings
        self._clock = clock

    def holdout(self, experiment_id: str = STANDING) -> Row:
        """Say what offers earned: the difference to those from whom all were kept back, and beside it what is credited to them.

        Returns
        -------
        dict
            As `experiment`, and: `headline`, the outcome that counts (profit, revenue where no cost is known);
            `incremental`, of that outcome per thousand people with offers and in all, with interval; `credited` to offers in
            the same period, amount and lines; `least_effect`, what the people in it now could show four times of five, and
            `people_needed` to show a tenth of the control's mean; or `not_estimable`.

        Raises
        ------
        NotFound
            If there is no such holdout.
        """
        found = self.experiment(experiment_id)
        told = {**found, "credited": self._credited(found["since"], found["until"])}
        if "not_estimable" in found:
            return told
        headline = _headline(found)
        [one] = [row for row in found["compared"] if (row["outcome"], row["arm"]) == (headline, TREATED)]
        scale = {"per_thousand": 1000.0, "total": float(one["n"])}
        incremental = {
            name: {bound: one["absolute"][bound] * factor for bound in ("value", "low", "high")}
            for name, factor in scale.items()
        }
        return {**told, "headline": headline, "incremental": incremental, "verdict": one["verdict"], **_size(one)}

    def _credited(self, since: str, until: str) -> Row:
        begin, end = (int(datetime.fromisoformat(moment).timestamp() * 1_000_000) for moment in (since, until))
        found = self._credits.lines(begin, end)
        rules = dict.fromkeys((STATED, CLICKED), 0) | {
            row["values"]: row["counts"] for row in pc.value_counts(found["rule"]).to_pylist()
        }
        sums = {name: pc.sum(found[name]).as_py() or 0.0 for name in ("revenue", "margin")}
        return {"lines": found.num_rows, **sums, "by": rules, "click_days": self._credits.click_days}

    def campaign(
        self, campaign_id: str, experiment_id: str, arm: str | None = None, control: str | None = None, *,
        is_fixed: bool = False,
    ) -> Row:  # fmt: skip
        """Say what came back of what a campaign cost: by the trial it was run as, and beside it by what is credited to offers.

        Parameters
        ----------
        campaign_id : str
            Of the `campaign_costs` that were collected.
        experiment_id : str
            The trial whose arm got the campaign, and whose control did not.
        arm : str, optional
            That arm; needed where the trial has more than two.
        control, is_fixed
            As for `experiment`.

        Returns
        -------
        dict
            campaign_id, arm, headline (profit, revenue where no cost is known), spent, currency, days, earned; `returned` on
            what was earned and `returned_credited` on what is credited, each with ratio, net and days until it had paid, by
            value, low and high, or `not_estimable`; `trial`, as `experiment` gives it.

        Raises
        ------
        NotFound
            If no cost of the campaign was collected, or there is no such trial.
        BadInput
            If nobody says which arm got the campaign.
        """
        rows = self._records.table(
            "campaign_costs", ("from_at", "cost_micros", "currency"), "campaign_id = ?", (campaign_id,)
        )
        if rows.num_rows == 0:
            raise NotFound(f"no cost of a campaign {campaign_id!r} is on record; collect `campaign_costs`")
        cost = self._sales.exchange.amounts(
            rows["cost_micros"], rows["currency"], np.asarray(rows["from_at"], np.int64)
        )
        trial = self.experiment(experiment_id, control, is_fixed=is_fixed)
        others = [name for name in trial["units"] if name != trial["control"]]
        chosen = arm or (others[0] if len(others) == 1 else None)
        if chosen is None or chosen not in others:
            raise BadInput(f"which arm got the campaign? name one of {', '.join(others)}")
        told = {
            "campaign_id": campaign_id, "arm": chosen, "spent": float(cost.micros.sum()) / 1e6, "currency": trial["currency"],
            "trial": trial,
        }  # fmt: skip
        if cost.is_foreign.any():
            return {
                **told,
                "not_estimable": "part of its cost is in a currency without a rate; collect `exchange_rates`",
            }
        if "not_estimable" in trial:
            return {**told, "not_estimable": trial["not_estimable"]}
        return {**told, **self._returned(trial, chosen, told["spent"])}

    def _returned(self, trial: Row, arm: str, spent: float) -> Row:
        since, until = (datetime.fromisoformat(trial[name]) for name in ("since", "until"))
        days = (until - since).total_seconds() / 86_400
        headline = _headline(trial)
        [one] = [row for row in trial["compared"] if (row["outcome"], row["arm"]) == (headline, arm)]
        value, low, high = (one["absolute"][bound] * one["n"] for bound in ("value", "low", "high"))
        credited = self._credited(trial["since"], trial["until"])
        amount = credited["margin" if headline == "profit" else "revenue"]
        return {
            "headline": headline, "days": days, "earned": {"value": value, "low": low, "high": high}, "credited": credited,
            "returned": _paid(returned(spent, (value, low, high), days)),
            "returned_credited": _paid(returned(spent, (amount, amount, amount), days)),
        }  # fmt: skip

    def experiment(self, experiment_id: str, control: str | None = None, *, is_fixed: bool = False) -> Row:
        """Say what a trial shows: one of this shop, or one run elsewhere that came in as `assignments`.

        Parameters
        ----------
        control : str, optional
            The arm the others are compared with; a holdout's is `held`, others have it from an arm named `control`, and trials
            of this shop else the first arm they name.
        is_fixed : bool
            Of a trial run elsewhere: its size was fixed beforehand, and this is the one look at it. Trials of this shop say
            so themselves by an end that was set before their first unit.

        Returns
        -------
        dict
            experiment_id, control, judgement, units by arm, sample_ratio_p, n_crossed, since, until, currency; `costed`, the
            share of what was sold since of which the cost is known; `compared`, a row for each outcome of each arm, or
            `not_estimable`, why there is none.

        Raises
        ------
        NotFound
            If there is no such trial, here or among the `assignments` that were collected.
        BadInput
            If nobody says which arm is the control.
        """
        now = int(self._clock().timestamp() * 1_000_000)
        versions = [experiment_of(row) for row in self._records.experiment_versions(experiment_id)]
        assigned = self._assigned(experiment_id, is_ours=bool(versions))
        trial = versions[-1] if versions else None
        if assigned.num_rows == 0 and trial is None:
            raise NotFound(
                f"there is no trial {experiment_id!r}; `crosslift experiments list` shows those of this shop"
            )
        shares = dict(trial.arms) if trial else {}
        whose = self._whose(trial.unit if trial else UnitKind.CUSTOMER)
        arms = arms_of(assigned, whose, shares)
        named = control or _control(trial, arms)
        ends_at = int(trial.ends_at.timestamp() * 1_000_000) if trial and trial.ends_at else None
        until = min(now, ends_at) if ends_at is not None else now
        is_locked = trial is not None and _is_fixed(versions, assigned)
        judgement = Judgement.FIXED if is_locked or (is_fixed and trial is None) else Judgement.ANYTIME
        told = {
            "experiment_id": experiment_id, "control": named, "judgement": judgement.value, "units": dict(arms.counts),
            "since": _iso(_begin(arms, trial)), "until": _iso(until), "currency": self._sales.currency,
            "n_crossed": arms.n_crossed,
        }  # fmt: skip
        if is_locked and ends_at is not None and now < ends_at:
            why = (
                f"it ends at {_iso(ends_at)}, and its interval holds for one look after that; a trial written without an end may "
                "be looked at at any time"
            )
            return {**told, "sample_ratio_p": None, "not_estimable": why}
        if trial is not None and trial.unit in (UnitKind.SESSION, UnitKind.STORE):
            why = f"it assigned by {trial.unit.value}, and orders do not say in which {trial.unit.value} they were made"
            return {**told, "sample_ratio_p": None, "not_estimable": why}
        sales = self._sales.lines(whose)
        costed = costed_share(sales, _begin(arms, trial), until)
        asked = OUTCOMES if costed >= MIN_COSTED else tuple(name for name in OUTCOMES if name not in OF_COSTS)
        table = outcomes(
            arms.units, sales.select([*SALES]), self._visits(arms, whose), self._charges(whose), self._frames.lazies, until,
            BEFORE_DAYS,
        )  # fmt: skip
        plan = Plan(named, shares, judgement, outcomes=asked)
        return {**told, "costed": costed, **_plain(analyze(table, plan, arms.counts, arms.n_crossed))}

    def _assigned(self, experiment_id: str, *, is_ours: bool) -> pa.Table:
        if is_ours:
            return self._records.table("experiment_arms", ("unit", "arm", "at"), "experiment_id = ?", (experiment_id,))
        rows = self._records.table(
            "assignments", ("unit_kind", "unit_id", "arm", "at"), "experiment_id = ?", (experiment_id,)
        )
        unit = pc.binary_join_element_wise(rows["unit_kind"], rows["unit_id"], ":")
        return pa.table({"unit": unit, "arm": rows["arm"], "at": rows["at"]})

    def _whose(self, kind: UnitKind) -> pa.Table:
        """Give the unit of each identity: the person, or where companies or households are assigned, their account."""
        people = self._records.people()
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

    def _visits(self, arms: Arms, whose: pa.Table) -> pa.Table:
        """Give when units came, of those in the trial."""
        kept = []
        units = arms.units["unit"].combine_chunks()
        for part in self._frames.event_parts(("identity", "at")):
            named = part.filter(pc.is_valid(part["identity"]))
            unit = unit_of(named["identity"], whose)
            rows = pc.is_in(unit, value_set=units)
            kept.append(pa.table({"unit": unit, "at": named["at"]}).filter(rows))
        empty = pa.table({"unit": pa.array([], pa.string()), "at": pa.array([], pa.int64())})
        return pa.concat_tables([empty, *kept], promote_options="permissive")


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


def _plain(trial: Trial) -> Row:
    ratio = None if trial.ratio is None else trial.ratio.p_value
    if isinstance(trial.compared, NotEstimable):
        return {"sample_ratio_p": ratio, "not_estimable": trial.compared.why}
    return {"sample_ratio_p": ratio, "compared": [_told(one) for one in trial.compared]}


def _told(one: Compared) -> Row:
    relative = one.relative
    return {
        "outcome": one.outcome, "arm": one.arm, "n": one.n, "n_control": one.n_control, "mean": one.mean,
        "mean_control": one.mean_control, "absolute": _difference(one.absolute),
        "relative": {"not_estimable": relative.why} if isinstance(relative, NotEstimable) else _difference(relative),
        "p_adjusted": one.p_adjusted, "p_better": one.belief.p_better, "loss_if_chosen": one.belief.loss_of_treated,
        "loss_if_not": one.belief.loss_of_control, "variance_saved": one.variance_saved,
        "is_approximate": one.is_approximate, "verdict": one.verdict.value,
    }  # fmt: skip


def _headline(found: Row) -> str:
    """Name the outcome that counts: profit, revenue where no cost is known."""
    return "profit" if "profit" in {one["outcome"] for one in found["compared"]} else "revenue"


def _paid(found: Payback | NotEstimable) -> Row:
    if isinstance(found, NotEstimable):
        return {"not_estimable": found.why}
    return {name: dict(bounds._asdict()) for name, bounds in found._asdict().items()}


def _size(one: Row) -> Row:
    """Say what the people now in it could show, and how many it takes to show a tenth of the control's mean."""
    n, share = one["n"] + one["n_control"], one["n_control"] / (one["n"] + one["n_control"])
    deviation = one["absolute"]["standard_error"] / float(np.sqrt(1 / one["n"] + 1 / one["n_control"]))
    least = least_effect(n, deviation, share_of_control=share).least_effect
    wanted = TENTH * abs(one["mean_control"])
    needed = units_for_effect(wanted, deviation, share_of_control=share) if wanted > 0 and deviation > 0 else None
    return {"least_effect": least, "people_needed": None if needed is None else int(np.ceil(needed))}


def _difference(found: Difference) -> Row:
    return dict(found._asdict())
