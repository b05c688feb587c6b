"""What a trial shows: each arm against the control, judged the way that was fixed before anybody looked.

A trial with an end that was written down before its first unit is judged once, after that end (fixed horizon). Any other
may be looked at at any time: its intervals hold for all looks together and are wider. Where arms are not as large as
planned the draw is broken, and no figure of it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.outcomes import BEFORE, OUTCOMES
from crosslift.stats.effects import Belief, Effect, adjusted, at_any_time, at_horizon, believed, of_means
from crosslift.stats.multiplicity import adjust
from crosslift.stats.trials import Arm, Covariate, Difference, SampleRatio, sample_ratio

Bools = npt.NDArray[np.bool_]
SRM_ALARM = 0.001
MIN_UNITS = 30
"""Below so many units in an arm nothing is compared: neither the normal nor the arm's spread can be trusted."""
SKEW_FACTOR = 355
"""An arm of n units with skewness s has intervals that hold where n > 355 s² (Kohavi, Deng, Longbotham & Xu 2014)."""


MIN_SUCCESSES = 30
"""A share with fewer successes, or failures, has intervals that are only roughly what they say."""
SHARES = ("visited", "bought")


class Judgement(StrEnum):
    """How intervals are made."""

    FIXED = "fixed_horizon"
    ANYTIME = "any_time"


class Verdict(StrEnum):
    """What may be said of an effect."""

    BETTER = "better"
    WORSE = "worse"
    NOT_PROVEN = "not_proven"


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome of one arm against the control.

    Attributes
    ----------
    mean, mean_control : float
        A unit's, as observed.
    absolute, relative : Difference or NotEstimable
        Treated less control, and that over the control's mean.
    p_adjusted : float
        Of all outcomes and arms of the trial together (Holm).
    belief : Belief
        P(better) and average losses under a flat prior; a view, not the judgement.
    variance_saved : float
        Share of the variance that what was known before took off (CUPED); 0 where it took off none.
    is_approximate : bool
        Whether single large values make the interval less sure than it says: too few units for so skewed an outcome.
    """

    outcome: str
    arm: str
    n: int
    n_control: int
    mean: float
    mean_control: float
    absolute: Difference
    relative: Difference | NotEstimable
    p_adjusted: float
    belief: Belief
    variance_saved: float
    is_approximate: bool

    @property
    def verdict(self) -> Verdict:
        """Say what the interval allows to say."""
        if self.absolute.low > 0:
            return Verdict.BETTER
        return Verdict.WORSE if self.absolute.high < 0 else Verdict.NOT_PROVEN


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial shows, or why it shows nothing.

    Attributes
    ----------
    counts : mapping of str to int
        Units of each arm.
    ratio : SampleRatio or None
        Sizes against plan; None without a plan or units.
    compared : sequence of Compared, or NotEstimable
    """

    control: str
    judgement: Judgement
    counts: Mapping[str, int]
    ratio: SampleRatio | None
    n_crossed: int
    compared: Sequence[Compared] | NotEstimable


@dataclass(frozen=True, slots=True)
class Plan:
    """What was fixed before anybody looked.

    Attributes
    ----------
    shares : mapping of str to float
        Planned share of each arm; empty where a trial run elsewhere did not say.
    judgement : Judgement
    tuned_for : int
        Units at which intervals for any time are narrowest.
    outcomes : sequence of str
        Those compared, the first the one the trial was made for.
    """

    control: str
    shares: Mapping[str, float]
    judgement: Judgement
    tuned_for: int = 5000
    outcomes: Sequence[str] = OUTCOMES
    level: float = 0.95


def analyze(table: pa.Table, plan: Plan, counts: Mapping[str, int], n_crossed: int = 0) -> Trial:
    """Compare each arm of a trial with its control.

    Parameters
    ----------
    table : pa.Table
        See `outcomes.outcomes`.
    counts : mapping of str to int
        Units of each arm.
    """
    ratio = _ratio(plan, counts)
    trial = Trial(plan.control, plan.judgement, counts, ratio, n_crossed, NotEstimable(""))
    if plan.control not in counts:
        return _refused(trial, f"nobody is in the control arm {plan.control!r}")
    if ratio is not None and ratio.p_value < SRM_ALARM:
        planned = ", ".join(f"{arm} {share:.1%}" for arm, share in sorted(plan.shares.items()))
        met = ", ".join(f"{arm} {n:,}" for arm, n in sorted(counts.items()))
        return _refused(
            trial,
            f"the arms are not as large as planned (planned {planned}; met {met}; p = {ratio.p_value:.1e}): the draw or the "
            "record of it is broken, and a comparison would compare different people. Find out why units are missing",
        )
    short = sorted(arm for arm, n in counts.items() if n < MIN_UNITS)
    others = [arm for arm in sorted(counts) if arm != plan.control and counts[arm] >= MIN_UNITS]
    if plan.control in short or not others:
        return _refused(trial, f"{' and '.join(short)}: fewer than {MIN_UNITS} units; wait for more")
    rows_of = {arm: np.asarray(pc.equal(table["arm"], arm)) for arm in (plan.control, *others)}
    found = [_compared(table, rows_of, name, arm, plan) for arm in others for name in plan.outcomes]
    p = adjust([one.absolute.p_value for one in found], "holm")
    told = [replace(one, p_adjusted=float(value)) for one, value in zip(found, p, strict=True)]
    return replace(trial, compared=told)


def compared_of(table: pa.Table, name: str, arm: str, plan: Plan) -> Compared:
    """Compare one outcome of one arm with the control, its p-value for itself alone; see `analyze`."""
    rows_of = {one: np.asarray(pc.equal(table["arm"], one)) for one in (arm, plan.control)}
    found = _compared(table, rows_of, name, arm, plan)
    return replace(found, p_adjusted=found.absolute.p_value)


def _refused(trial: Trial, why: str) -> Trial:
    return replace(trial, compared=NotEstimable(why))


def _ratio(plan: Plan, counts: Mapping[str, int]) -> SampleRatio | None:
    """Compare sizes with plan; units in an arm nobody planned say that the plan is of another trial."""
    if len(plan.shares) < 2 or not sum(counts.get(arm, 0) for arm in plan.shares):
        return None
    return sample_ratio([counts.get(arm, 0) for arm in plan.shares], list(plan.shares.values()))


def _compared(table: pa.Table, rows_of: Mapping[str, Bools], name: str, arm: str, plan: Plan) -> Compared:
    sides = [_Side.of(table, rows_of[one], name) for one in (arm, plan.control)]
    treated, control = sides
    plain = of_means(treated.arm, control.arm)
    absolute, saved = _less_noisy(plain, sides, is_relative=False)
    if control.arm.mean == 0:
        relative: Difference | NotEstimable = NotEstimable(
            "the control's mean is 0: there is nothing to be relative to"
        )
    else:
        relative = _judged(
            _less_noisy(of_means(treated.arm, control.arm, is_relative=True), sides, is_relative=True)[0], plan
        )
    return Compared(
        name, arm, treated.arm.n, control.arm.n, treated.arm.mean, control.arm.mean, _judged(absolute, plan), relative, 1.0,
        believed(absolute), saved, any(side.is_thin for side in sides),
    )  # fmt: skip


def _judged(effect: Effect, plan: Plan) -> Difference:
    if plan.judgement is Judgement.FIXED:
        return at_horizon(effect, plan.level)
    return at_any_time(effect, plan.level, plan.tuned_for)


def _less_noisy(plain: Effect, sides: Sequence["_Side"], *, is_relative: bool) -> tuple[Effect, float]:
    """Take off what was known before, where that is less noise; with the share of the variance saved."""
    treated, control = sides
    if plain.standard_error == 0 or not (treated.before.total_sq or control.before.total_sq):
        return plain, 0.0
    effect, _ = adjusted(treated.arm, control.arm, treated.before, control.before, is_relative=is_relative)
    saved = 1 - (effect.standard_error / plain.standard_error) ** 2
    return (effect, float(saved)) if saved > 0 else (plain, 0.0)


@dataclass(frozen=True, slots=True)
class _Side:
    """One arm of one outcome in sums."""

    arm: Arm
    before: Covariate
    skewness: float
    is_share: bool

    @property
    def is_thin(self) -> bool:
        """Whether the arm is too small for the normal to hold: a share with few successes, an amount with few large values."""
        if self.is_share:
            return min(self.arm.total, self.arm.n - self.arm.total) < MIN_SUCCESSES
        return self.arm.n < SKEW_FACTOR * self.skewness**2

    @classmethod
    def of(cls, table: pa.Table, rows: Bools, name: str) -> "_Side":
        values = np.asarray(table[name], np.float64)[rows]
        known = np.asarray(table[BEFORE[name]], np.float64)[rows]
        spread = values.std()
        skewness = float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
        before = Covariate(float(known.sum()), float(known @ known), float(known @ values))
        return cls(Arm.of(values), before, skewness, name in SHARES)
