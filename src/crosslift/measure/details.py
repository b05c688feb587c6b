"""More of what a trial shows: ratios, quantiles, shares that are rare, strata, slices, and which arm is probably the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.measure.trial import MIN_UNITS, SHARES, Compared, Judgement, Plan, compared_of
from crosslift.stats.compare import Interval, exact_interval, share_difference
from crosslift.stats.effects import Chance, Effect, RatioArm, at_any_time, at_horizon, best_of, of_ratios
from crosslift.stats.multiplicity import adjust
from crosslift.stats.strata import Bounds, post_stratified, quantile_difference
from crosslift.stats.trials import Arm, Difference

SEED = 20_240_501
RATIOS: Mapping[str, tuple[str, str]] = {"order_value": ("revenue", "orders"), "margin_rate": ("margin", "revenue")}
"""Ratios of sums over the units of an arm: revenue an order, margin of the revenue."""
STRATIFIED = ("revenue", "margin", "profit")
Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of one arm against the control, by the delta method over units: those that were assigned, not orders."""

    ratio: str
    arm: str
    value: float
    value_control: float
    absolute: Difference


@dataclass(frozen=True, slots=True)
class OfArm:
    """A figure of one arm less the control's: `of` names the outcome; `share` the quantile, where it is one."""

    of: str
    arm: str
    bounds: Bounds | Interval | Difference
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """More of what a trial shows.

    Attributes
    ----------
    ratios : tuple of Ratio
        Those whose denominators are above 0 in both arms.
    quantiles, shares : tuple of OfArm
        By bootstrap; by Newcombe. They hold for one look alone, whatever the trial's judgement.
    exact : mapping of (outcome, arm) to Interval
        Shares of each arm by Clopper and Pearson.
    stratified : tuple of OfArm
        Amounts within strata of what was known before, weighed by their size; `left_out` of strata.
    best : mapping of str to Chance
        Of each arm in the headline outcome.
    slices : tuple of (slice, Compared)
        Every outcome of every arm in each slice, p-values adjusted over all of them (Holm).
    """

    ratios: tuple[Ratio, ...]
    quantiles: tuple[OfArm, ...]
    shares: tuple[OfArm, ...]
    exact: Mapping[tuple[str, str], Interval]
    stratified: tuple[OfArm, ...]
    left_out: tuple[str, ...]
    best: Mapping[str, Chance]
    slices: tuple[tuple[str, Compared], ...]


def details(
    table: pa.Table, plan: Plan, headline: str, strata: Sequence[str], slices: Sequence[str] | None = None,
    quantiles: Sequence[float] = (0.5, 0.9),
) -> Details:  # fmt: skip
    """Look closer at a trial that may be judged.

    Parameters
    ----------
    table : pa.Table
        See `outcomes.outcomes`.
    headline : str
        The outcome that counts.
    strata : sequence of str, shape (units,)
        What each unit was before it was assigned.
    slices : sequence of str, shape (units,), optional
        Parts to compare each by itself.
    quantiles : sequence of float
        Of the headline outcome.
    """
    arms = np.asarray(table["arm"])
    rows = {arm: arms == arm for arm in np.unique(arms).tolist() if (arms == arm).sum() >= MIN_UNITS}
    others = [arm for arm in rows if arm != plan.control] if plan.control in rows else []
    values = {name: np.asarray(table[name], np.float64) for name in plan.outcomes}
    stratified, left_out = _stratified(values, rows, others, np.asarray(strata), plan)
    rare = [name for name in SHARES if name in values]
    return Details(
        tuple(one for arm in others for one in _ratios(values, rows, arm, plan)),
        tuple(
            OfArm(headline, arm, quantile_difference(
                values[headline][rows[arm]], values[headline][rows[plan.control]], share, seed=SEED), share)
            for arm in others for share in quantiles
        ),
        tuple(
            OfArm(name, arm, share_difference(_counts(values[name][rows[arm]]), _counts(values[name][rows[plan.control]])))
            for name in rare for arm in others
        ),
        {(name, arm): exact_interval(*_counts(values[name][rows[arm]])) for name in rare for arm in rows},
        stratified, left_out, _best(values[headline], rows), _sliced(table, plan, others, slices),
    )  # fmt: skip


def _counts(values: npt.NDArray[np.float64]) -> tuple[int, int]:
    return round(float(values.sum())), values.size


def _judged(effect: Effect, plan: Plan) -> Difference:
    if plan.judgement is Judgement.FIXED:
        return at_horizon(effect, plan.level)
    return at_any_time(effect, plan.level, plan.tuned_for)


def _ratios(
    values: Mapping[str, npt.NDArray[np.float64]], rows: Mapping[str, Rows], arm: str, plan: Plan
) -> list[Ratio]:  # fmt: skip
    found = []
    for name, (above, below) in RATIOS.items():
        if above not in values or below not in values:
            continue
        sides = []
        for one in (arm, plan.control):
            y, x = values[above][rows[one]], values[below][rows[one]]
            sides.append(RatioArm(y.size, float(y.sum()), float(y @ y), float(x.sum()), float(x @ x), float(x @ y)))
        if min(side.base for side in sides) > 0:
            judged = _judged(of_ratios(sides[0], sides[1]), plan)
            found.append(Ratio(name, arm, sides[0].ratio, sides[1].ratio, judged))
    return found


def _stratified(
    values: Mapping[str, npt.NDArray[np.float64]], rows: Mapping[str, Rows], others: Sequence[str],
    strata: npt.NDArray[np.str_], plan: Plan,
) -> tuple[tuple[OfArm, ...], tuple[str, ...]]:  # fmt: skip
    found, missing = list[OfArm](), set[str]()
    for arm in others:
        for name in (one for one in STRATIFIED if one in values):
            sides = {
                stratum: (Arm.of(values[name][rows[arm] & (strata == stratum)]),
                          Arm.of(values[name][rows[plan.control] & (strata == stratum)]))
                for stratum in np.unique(strata).tolist()
            }  # fmt: skip
            effect, left_out = post_stratified(sides)
            missing |= {*left_out}
            found.append(OfArm(name, arm, _judged(effect, plan)))
    return tuple(found), tuple(sorted(missing))


def _best(values: npt.NDArray[np.float64], rows: Mapping[str, Rows]) -> dict[str, Chance]:
    arms = {arm: Arm.of(values[inside]) for arm, inside in rows.items()}
    errors = [(arm.unit_variance / arm.n) ** 0.5 for arm in arms.values()]
    if len(arms) < 2 or min(errors) <= 0:
        return {}
    return dict(zip(arms, best_of([arm.mean for arm in arms.values()], errors), strict=True))


def _sliced(
    table: pa.Table, plan: Plan, others: Sequence[str], slices: Sequence[str] | None
) -> tuple[tuple[str, Compared], ...]:  # fmt: skip
    """Compare every outcome of every arm in each slice that is large enough."""
    if slices is None:
        return ()
    column, arms = np.asarray(slices), np.asarray(table["arm"])
    found: list[tuple[str, Compared]] = []
    for name in np.unique(column).tolist():
        inside = column == name
        part = table.filter(pa.array(inside))
        sizes = {arm: int((inside & (arms == arm)).sum()) for arm in (plan.control, *others)}
        found += [
            (name, compared_of(part, outcome, arm, plan))
            for arm in others if min(sizes[arm], sizes[plan.control]) >= MIN_UNITS for outcome in plan.outcomes
        ]  # fmt: skip
    p = adjust([one.absolute.p_value for _, one in found], "holm")
    return tuple((name, replace(one, p_adjusted=float(value))) for (name, one), value in zip(found, p, strict=True))
