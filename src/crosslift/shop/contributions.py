"""What happened that goals are set for, and what each team contributed to it: sold, credited to offers, and earned by them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.experiment import HELD
from crosslift.domain.goal import GoalFigure
from crosslift.errors import BadInput, NotFound
from crosslift.measure.contribution import contributed, teams_of_lines
from crosslift.measure.figures import MIN_UNITS, Measured
from crosslift.measure.guard_sales import Roster, sellers
from crosslift.measure.guard_terms import GuardTerms
from crosslift.measure.outcomes import CHARGES, SALES, VISITS, outcomes
from crosslift.measure.trial import Judgement, Plan, analyze
from crosslift.settings import Settings
from crosslift.shop.credited import USUAL_DAYS, Credited
from crosslift.shop.earned import Earned
from crosslift.shop.experiments import STANDING
from crosslift.shop.figures import Figures
from crosslift.shop.held import Held
from crosslift.shop.sales import MIN_COSTED, Sales, costed_share
from crosslift.shop.satisfaction import Satisfaction
from crosslift.stats.compare import mean_interval
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
Reached = Callable[[GoalFigure, datetime, datetime], Figure]
_KINDS = {"unit": pa.string(), "at": pa.int64(), "cost": pa.float64()}


class Contributions:
    """What teams of one shop contributed.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts live.
    sales, credited, earned, figures, satisfaction
        What was sold, what of it is credited to offers, what those earned, the shop's figures, and how people feel.
    settings : Settings
        Of it `guard.agent_columns`, which say who sold.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, sales: Sales, credited: Credited, earned: Earned, figures: Figures,
        satisfaction: Satisfaction, settings: Settings, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._sales = sales
        self._credited = credited
        self._earned = earned
        self._figures = figures
        self._satisfaction = satisfaction
        self._settings = settings
        self._clock = clock

    def by_team(self, since: datetime | None = None, until: datetime | None = None) -> Row:
        """Tell what each team contributed: by who sold, where an order says it, else by its channel.

        Parameters
        ----------
        since, until : datetime, optional
            The period, the second not included; the last `USUAL_DAYS` days by default.

        Returns
        -------
        dict
            since, until, currency, `amounts` (margin or revenue); `teams`: team, lines, amount, credited_lines, credited, and
            `incremental` since the standing holdout began (value, low, high) or not_estimable. A team of fewer than three
            people who sell is counted under `other`, so that no row is a person; nothing is told by product.

        Raises
        ------
        BadInput
            If the period ends before it begins.
        """
        end = until or self._clock()
        begin = since or end - timedelta(days=USUAL_DAYS)
        if begin >= end:
            raise BadInput(f"the period ends ({end:%Y-%m-%d}) before it begins ({begin:%Y-%m-%d})")
        first, last = _micros(begin), _micros(end)
        whose = self._sales.people()
        every = self._with_teams(self._sales.lines(whose, is_named=False))
        sold = _within(every, first, last)
        amounts = self._amounts(sold)
        credited = self._credited.lines(first, last).select(["line"])
        rows = contributed(
            sold.select(["line", "team", "revenue", "margin"]), credited, self._frames.lazies
        ).to_pylist()
        gains = self._incremental(every, amounts)
        return {
            "since": begin.isoformat(), "until": end.isoformat(), "currency": self._sales.currency, "amounts": amounts,
            "teams": [
                {"team": row["team"], "lines": row["lines"], "amount": row[amounts], "credited_lines": row["credited_lines"],
                 "credited": row[f"credited_{amounts}"], "incremental": gains(row["team"])}
                for row in rows
            ],
        }  # fmt: skip

    def reached(self) -> Reached:
        """Give what says what a figure was in a period; what is measured once for several of them is kept meanwhile."""
        measured: dict[tuple[datetime, datetime], list[Measured]] = {}

        def ask(figure: GoalFigure, since: datetime, until: datetime) -> Figure:
            if figure in (GoalFigure.REPEAT, GoalFigure.RETURNS):
                if (since, until) not in measured:
                    measured[since, until] = self._figures.of(since, until)
                return next(one.figure for one in measured[since, until] if one.metric.name == figure.value)
            return self._asked(figure, since, until)

        return ask

    def _asked(self, figure: GoalFigure, since: datetime, until: datetime) -> Figure:
        """Say what a figure was; what was counted whole has no interval but itself."""
        match figure:
            case GoalFigure.REVENUE | GoalFigure.MARGIN | GoalFigure.CUSTOMERS:
                return self._counted(figure, since, until)
            case GoalFigure.INCREMENTAL:
                return self._earned_by_offers()
            case _:
                return self._felt(since, until)

    def _counted(self, figure: GoalFigure, since: datetime, until: datetime) -> Figure:
        whose = self._sales.people()
        named = figure is GoalFigure.CUSTOMERS
        sold = _within(self._sales.lines(whose, is_named=named), _micros(since), _micros(until))
        if named:
            n = float(pc.count_distinct(sold["unit"]).as_py())
            return Estimate(n, n, n, sold.num_rows, "customers")
        if figure is GoalFigure.MARGIN and self._amounts(sold) != "margin":
            return NotEstimable(f"the cost is known of less than {MIN_COSTED:.0%} of what was sold")
        value = float(pc.sum(sold[figure.value]).as_py() or 0.0)
        return Estimate(value, value, value, sold.num_rows, self._sales.currency)

    def _earned_by_offers(self) -> Figure:
        try:
            found = self._earned.holdout(STANDING)
        except NotFound as error:
            return NotEstimable(str(error))
        if "not_estimable" in found:
            return NotEstimable(found["not_estimable"])
        total = found["incremental"]["total"]
        return Estimate(total["value"], total["low"], total["high"], sum(found["units"].values()), found["currency"])

    def _felt(self, since: datetime, until: datetime) -> Figure:
        answers = _within(self._satisfaction.answers(self._sales.people()), _micros(since), _micros(until))
        rows = answers.filter(pc.equal(answers["measure"], "csat"))
        people = rows.group_by("unit").aggregate([("score", "mean")])
        scores = np.asarray(people["score_mean"], np.float64)
        if len(scores) < MIN_UNITS:
            return NotEstimable(f"{len(scores)} people answered, at least {MIN_UNITS} needed")
        told = mean_interval(len(scores), float(scores.sum()), float(scores @ scores))
        return Estimate(told.value, max(told.low, 0.0), min(told.high, 1.0), len(scores), "share")

    def _amounts(self, sold: pa.Table) -> str:
        return "margin" if costed_share(sold, 0, 1 << 62) >= MIN_COSTED else "revenue"

    def _with_teams(self, sold: pa.Table) -> pa.Table:
        """Give each order line its team."""
        named = self._records.table("order_lines", ("id", "attributes"), "attributes is not null")
        roster = Roster(self._records.table("agents", ("agent_id", "name", "team")))
        terms = GuardTerms.of(self._settings)
        agents = {row["id"]: roster.id_of(who) for who, row, _ in sellers(named, terms.agent_columns)}
        who = pa.array([agents.get(line) for line in sold["line"].to_pylist()], pa.string())
        return sold.append_column("team", teams_of_lines(sold.append_column("agent", who), roster.teams))

    def _incremental(self, every: pa.Table, amounts: str) -> Callable[[str], Row]:
        """Give what offers earned through a team: what people bought of it since, by their first arm, whatever they saw."""
        try:
            held = Held.read(self._records, STANDING)
        except (NotFound, BadInput) as error:
            why = str(error)
            return lambda _: {"not_estimable": why}
        named = every.filter(pc.is_valid(every["unit"]))
        nothing = [pa.schema({name: _KINDS[name] for name in names}).empty_table() for names in (VISITS, CHARGES)]
        plan = Plan(HELD, dict(held.trial.arms), Judgement.ANYTIME, outcomes=(amounts,))

        def of(team: str) -> Row:
            theirs = named.filter(pc.equal(named["team"], team)).select([*SALES])
            table = outcomes(
                held.arms.units, theirs, nothing[0], nothing[1], self._frames.lazies, _micros(self._clock()), 90.0
            )
            found = analyze(table, plan, held.arms.counts, held.arms.n_crossed).compared
            if isinstance(found, NotEstimable):
                return {"not_estimable": found.why}
            one = found[0]
            return {bound: getattr(one.absolute, bound) * one.n for bound in ("value", "low", "high")}

        return of


def _within(table: pa.Table, since: int, until: int) -> pa.Table:
    return table.filter(pc.and_(pc.greater_equal(table["at"], since), pc.less(table["at"], until)))


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
