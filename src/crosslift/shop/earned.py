"""What offers and trials earned: units by their first arm, everything they did since, and the verdict it allows.

What is credited to offers by the decision an order names, or by a click, is told beside what they changed, never in its
place: much of what is credited would have been bought anyway, and only the holdout says how much.
"""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.experiment import HELD, TREATED
from crosslift.errors import BadInput, NotFound
from crosslift.measure.attribution import CLICKED, STATED
from crosslift.measure.details import Details, details
from crosslift.measure.payback import Payback, returned
from crosslift.measure.trial import Compared, Trial, analyze
from crosslift.shop.credited import Credited
from crosslift.shop.experiments import STANDING
from crosslift.shop.one_reading import one_reading
from crosslift.shop.sales import Sales
from crosslift.shop.trials import Trials
from crosslift.stats.compare import Interval
from crosslift.stats.planning import least_effect, units_for_effect
from crosslift.stats.strata import Bounds
from crosslift.stats.trials import Difference
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
BEFORE_DAYS = 90.0
"""So many days before its assignment say what was known of a unit: a quarter holds the rhythm of most shops."""
OF_COSTS = frozenset({"margin", "profit"})
TENTH = 0.1
PARTS = ("market", "before")
"""What a trial can be split by: what was known of a unit when it was assigned, or does not follow from it."""
BOUGHT = "bought before", "new"
_CONTROLS = "control", "none", "off", "holdout", HELD
"""Names that a trial run elsewhere gives its control."""


class Earned:
    """What the trials of one shop show.

    Parameters
    ----------
    records : Records
        Where costs of campaigns are.
    sales : Sales
        What was sold.
    credited : Credited
        What of it is credited to offers.
    trials : Trials
        Who is in which arm, and what became of them.
    """

    def __init__(self, records: Records, sales: Sales, credited: Credited, trials: Trials) -> None:
        self._records = records
        self._sales = sales
        self._credits = credited
        self._trials = trials

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
        with one_reading():
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
        read = self._trials.read(experiment_id, control, is_fixed=is_fixed)
        if read.plan is None or read.table is None:
            return read.told
        return {**read.told, **_plain(analyze(read.table, read.plan, read.arms.counts, read.arms.n_crossed))}

    def details(
        self, experiment_id: str, control: str | None = None, *, is_fixed: bool = False, by: str | None = None
    ) -> Row:  # fmt: skip
        """Look closer at a trial: more ways to read the same units, each said with how it is judged.

        Parameters
        ----------
        by : str, optional
            `market` or `before` (bought before it, or not): every outcome in each part, adjusted over all of them.

        Returns
        -------
        dict
            headline; `ratios` by the delta method over assigned units; `quantiles` of the headline outcome by bootstrap and
            `shares` by Newcombe, both for one look alone; `exact` shares of each arm (Clopper and Pearson); `stratified`
            amounts by who had bought before; `best`, P(best) and the loss expected of each arm; `slices`; or `not_estimable`.

        Raises
        ------
        NotFound, BadInput
            As `experiment`; or for parts that are none of these.
        """
        if by not in (None, *PARTS):
            raise BadInput(f"a trial cannot be split by {by!r}; by {' or '.join(PARTS)}")
        read = self._trials.read(experiment_id, control, is_fixed=is_fixed)
        if read.plan is None or read.table is None:
            return {"not_estimable": read.told["not_estimable"]}
        judged = analyze(read.table, read.plan, read.arms.counts, read.arms.n_crossed)
        if isinstance(judged.compared, NotEstimable):
            return {"not_estimable": judged.compared.why}
        headline = "profit" if "profit" in read.plan.outcomes else "revenue"
        before = np.where(np.asarray(read.table["orders_before"]) > 0, *BOUGHT).tolist()
        slices = self._trials.markets(read.table) if by == "market" else before if by else None
        return {"headline": headline, **_closer(details(read.table, read.plan, headline, before, slices))}


def _closer(found: Details) -> Row:
    return {
        "ratios": [
            {"ratio": one.ratio, "arm": one.arm, "value": one.value, "value_control": one.value_control,
             "absolute": _difference(one.absolute)} for one in found.ratios
        ],
        **{
            name: [{"of": one.of, "arm": one.arm, "share": one.share, **_three(one.bounds)} for one in rows]
            for name, rows in (("quantiles", found.quantiles), ("shares", found.shares), ("stratified", found.stratified))
        },
        "exact": [{"of": name, "arm": arm, **_three(one)} for (name, arm), one in found.exact.items()],
        "left_out": list(found.left_out),
        "best": [{"arm": arm, "p_best": one.p_best, "loss": one.loss} for arm, one in found.best.items()],
        "slices": [{"slice": name, **_told(one)} for name, one in found.slices],
    }  # fmt: skip


def _three(bounds: Bounds | Interval | Difference) -> Row:
    return {name: getattr(bounds, name) for name in ("value", "low", "high")}


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
