"""Whom an offer moves, and by how much: from choices logged with their probabilities, or trials run elsewhere.

Effect, not association: what came of an action less what would have come of the other. It needs chance in the log. Where
chance was too little or too rare, nothing is said, and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.errors import BadInput
from crosslift.learn.customers.columns import values_of
from crosslift.stats.individual import UpliftModel, fit_uplift, held_out_expectations, held_out_uplift
from crosslift.stats.levels import Column
from crosslift.stats.trials import Arm, Difference, SampleRatio, mean_difference, sample_ratio
from crosslift.stats.uplift import Bounded, Ranked, auuc, qini, qini_interval, uplift_at
from crosslift.stats.weighted import Choices, doubly_robust_difference, effective_size, weighted_difference

Floats = npt.NDArray[np.float64]

MIN_PROBABILITY = 0.01
"""A choice less likely than this would stand for more than 100 others."""
MIN_EFFECTIVE = 200.0
"""Choices of equal weight that each action needs before an effect is stated (SCIENCE 4.5)."""
MIN_OUTCOMES = 10
"""Units of each action for which it happened, and as many for which it did not, before an interval can be trusted."""
MIN_EFFECTIVE_EACH, MIN_OUTCOMES_EACH = 1000.0, 100
"""The same before people are told apart."""
SHARE = 0.3
"""The top share whose uplift is stated."""


@dataclass(frozen=True, slots=True)
class Individual:
    """Who is moved more than others, and whether that is sure.

    Attributes
    ----------
    model : UpliftModel
        To be used; learned from all choices.
    scores : float64 array, shape (choices,)
        The effect expected for each choice by a model that never saw its unit; choices in their order, certain ones left out.
    qini, auuc : float
        scikit-uplift's definitions, of these scores; 0 is a random order.
    qini_interval : Bounded
        Its bounds by drawing units again; a low bound above 0 says the order beats a random one.
    uplift_at_share : float
        Difference of mean outcomes among the top `SHARE`.
    is_better_than_random : bool
        Whether the low bound is above 0. If not, do not tell people apart by it. Held-out models share most of their
        choices, so this errs a little oftener than the interval says: in 17 of 300 simulated logs of 800 choices where all
        were moved alike (2.5 % would be 7.5).
    """

    model: UpliftModel
    scores: Floats
    qini: float
    qini_interval: Bounded
    auuc: float
    uplift_at_share: float

    @property
    def is_better_than_random(self) -> bool:
        """Whether the order surely beats a random one."""
        return self.qini_interval.low > 0


@dataclass(frozen=True, slots=True)
class Uplift:
    """The effect of one action over another on an outcome.

    Attributes
    ----------
    treated, control : str
        The actions.
    n_treated, n_control : int
        Choices of each.
    n_certain : int
        Choices left out because the probability was 1: nothing else could have been chosen, so they compare nothing.
    effective_treated, effective_control : float
        Choices of equal weight that would tell as much.
    max_weight : float
        The most choices that one stands for.
    difference : Figure
        Of plain means, with Welch's interval; only where each action always had one probability.
    weighted : Figure
        Of means weighed by one over the probability.
    doubly_robust : Figure
        The same, with what is known taken off first.
    sample_ratio : SampleRatio or NotEstimable
        Whether actions were chosen as often as their probabilities say; below p = .001 trust nothing above.
    individual : Individual or NotEstimable
        Whom it moves.
    """

    treated: str
    control: str
    n_treated: int
    n_control: int
    n_certain: int
    effective_treated: float
    effective_control: float
    max_weight: float
    difference: Figure
    weighted: Figure
    doubly_robust: Figure
    sample_ratio: SampleRatio | NotEstimable
    individual: Individual | NotEstimable


def learn_uplift(
    choices: pa.Table, treated: str, control: str, *, seed: int, context: Sequence[str] = (), level: float = 0.95
) -> Uplift | NotEstimable:
    """Learn the effect of one logged action over another.

    Parameters
    ----------
    choices : pa.Table
        A row for each choice: unit_id, action, probability (of the action chosen, as it was when choosing), outcome (0 or 1,
        or an amount), and columns of what was known then. Rows of other actions belong to it: hand in all choices at which
        both actions were possible.
    treated, control : str
        The action whose effect is asked for, and the one it is compared with.
    seed : int
        How units are dealt into folds and drawn again.
    context : sequence of str
        Columns of what was known when choosing; without them there is no doubly robust and no individual figure.
    level : float
        Confidence in 0..1.

    Returns
    -------
    Uplift
        Figures that cannot be stated are `NotEstimable` by themselves.
    NotEstimable
        Where an action has an effective size below `MIN_EFFECTIVE`, a probability below `MIN_PROBABILITY`, or, of outcomes 0
        and 1, fewer than `MIN_OUTCOMES` units with either.

    Raises
    ------
    BadInput
        If a column is not there, the actions are one, a probability or outcome is missing, or a probability is 0, below
        or above 1. The first such row is named.
    """
    if treated == control:
        raise BadInput(f"action {treated!r} is compared with itself; name two actions")
    for name in ("unit_id", "action", "probability", "outcome", *context):
        if name not in choices.column_names:
            raise BadInput(f"column {name!r} is not in the choices; there are {', '.join(choices.column_names)}")
    _check(choices, treated, control)
    is_certain = pc.equal(choices["probability"], 1.0)
    kept = choices.filter(pc.invert(is_certain))
    logged = _choices(kept, treated, control)
    refused = _too_few(logged, (treated, control), MIN_EFFECTIVE, MIN_OUTCOMES)
    if refused:
        return refused
    columns = [values_of(name, kept[name]) for name in context]
    return Uplift(
        treated=treated,
        control=control,
        n_treated=int(logged.is_treated.sum()),
        n_control=int(logged.is_control.sum()),
        n_certain=choices.num_rows - kept.num_rows,
        effective_treated=effective_size(logged.weight[logged.is_treated]),
        effective_control=effective_size(logged.weight[logged.is_control]),
        max_weight=float(logged.weight[logged.is_treated | logged.is_control].max()),
        difference=_plain(logged, level),
        weighted=_figure(weighted_difference(logged, level), logged, level),
        doubly_robust=_doubly_robust(columns, logged, seed, level),
        sample_ratio=_sample_ratio(choices),
        individual=_individual(columns, logged, (treated, control), seed, level),
    )


def _check(choices: pa.Table, treated: str, control: str) -> None:
    probability, outcome = (
        np.asarray(choices[name].cast(pa.float64()), np.float64) for name in ("probability", "outcome")
    )
    compared = np.asarray(pc.is_in(choices["action"], pa.array([treated, control])), np.bool_)
    for wrong, what in (
        (np.isnan(probability), "has no probability; log it when choosing, or hand in the planned share of a trial"),
        (~((probability > 0) & (probability <= 1)), "has a probability that is not above 0 and up to 1"),
        (compared & ~np.isfinite(outcome), "has no outcome; leave it out until it is known"),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            unit, action = choices["unit_id"][row].as_py(), choices["action"][row].as_py()
            raise BadInput(f"the choice of {action!r} for {unit!r} {what}", where=f"choices, row {row + 1}")


def _choices(kept: pa.Table, treated: str, control: str) -> Choices:
    unit = kept["unit_id"].combine_chunks().dictionary_encode().indices
    return Choices.of(
        np.nan_to_num(np.asarray(kept["outcome"].cast(pa.float64()), np.float64)),
        np.asarray(pc.equal(kept["action"], treated), np.bool_),
        np.asarray(kept["probability"].cast(pa.float64()), np.float64),
        np.asarray(unit, np.int64),
        is_control=np.asarray(pc.equal(kept["action"], control), np.bool_),
    )


def _too_few(logged: Choices, actions: tuple[str, str], least: float, fewest: int) -> NotEstimable | None:
    """Say why an action's choices do not suffice."""
    arms = logged.is_treated, logged.is_control
    is_yes_no = np.isin(logged.outcome[arms[0] | arms[1]], (0.0, 1.0)).all()
    for action, arm in zip(actions, arms, strict=True):
        lowest = float(logged.probability[arm].min(initial=1.0))
        if lowest < MIN_PROBABILITY:
            return NotEstimable(
                f"{action!r} was chosen with probability {lowest:.2g}, below {MIN_PROBABILITY}: one choice would stand for "
                f"{1 / lowest:.0f}"
            )
        size = effective_size(logged.weight[arm])
        if size < least:
            return NotEstimable(
                f"{int(arm.sum())} choices of {action!r} tell as much as {size:.0f} of equal weight; at least {least:.0f} needed"
            )
        yes = np.unique(logged.unit[arm & (logged.outcome > 0)]).size
        no = np.unique(logged.unit[arm & (logged.outcome <= 0)]).size
        if is_yes_no and min(yes, no) < fewest:
            return NotEstimable(
                f"after {action!r} it happened for {yes} units and for {no} it did not; at least {fewest} of each needed"
            )
    return None


def _plain(logged: Choices, level: float) -> Figure:
    arms = logged.is_treated, logged.is_control
    if any(np.ptp(logged.probability[arm]) > 1e-9 for arm in arms):
        return NotEstimable("probabilities differ from choice to choice, so plain means compare different people")
    if np.unique(logged.unit).size < logged.unit.size:
        return NotEstimable("units were chosen for more than once; plain means would count them as others")
    one, other = (Arm.of(logged.outcome[arm]) for arm in arms)
    return _figure(mean_difference(one, other, level), logged, level)


def _doubly_robust(columns: list[Column], logged: Choices, seed: int, level: float) -> Figure:
    if not columns:
        return NotEstimable("nothing is known of the units; hand in context columns")
    expected = held_out_expectations(columns, logged, seed=seed)
    return _figure(doubly_robust_difference(logged, *expected, level), logged, level)


def _figure(found: Difference, logged: Choices, level: float) -> Estimate:
    n = int((logged.is_treated | logged.is_control).sum())
    return Estimate(found.value, found.low, found.high, n, "outcome per choice", level)


def _sample_ratio(choices: pa.Table) -> SampleRatio | NotEstimable:
    """Compare how often all logged actions were chosen with their probabilities, where these never change."""
    told = choices.group_by("action").aggregate([("probability", "min"), ("probability", "max"), ("action", "count")])
    low, high, counts = (
        np.asarray(told[name], np.float64) for name in ("probability_min", "probability_max", "action_count")
    )
    if (high - low > 1e-9).any():
        return NotEstimable("probabilities differ from choice to choice")
    if abs(low.sum() - 1) > 1e-3:
        return NotEstimable(f"probabilities of the {len(low)} logged actions add up to {low.sum():.3f}, not 1")
    return sample_ratio(counts, low)


def _individual(
    columns: list[Column], logged: Choices, actions: tuple[str, str], seed: int, level: float
) -> Individual | NotEstimable:
    if not columns:
        return NotEstimable("nothing is known of the units; hand in context columns")
    compared = logged.is_treated | logged.is_control
    if not np.isin(logged.outcome[compared], (0.0, 1.0)).all():
        return NotEstimable("people are told apart by whether something happened; hand in an outcome of 0 and 1")
    refused = _too_few(logged, actions, MIN_EFFECTIVE_EACH, MIN_OUTCOMES_EACH)
    if refused:
        return refused
    if np.unique(logged.unit).size < logged.unit.size:
        return NotEstimable("units were chosen for more than once; hand in one choice a unit to tell people apart")
    scores = held_out_uplift(columns, logged, seed=seed)
    arms = logged.take(compared)
    ranked = Ranked.of(arms.outcome, scores[compared], arms.is_treated, arms.weight)
    return Individual(
        model=fit_uplift(columns, logged, seed=seed),
        scores=scores,
        qini=qini(ranked),
        qini_interval=qini_interval(ranked, seed=seed, level=level),
        auuc=auuc(ranked),
        uplift_at_share=uplift_at(ranked, SHARE),
    )
