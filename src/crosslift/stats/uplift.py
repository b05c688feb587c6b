"""How well a score puts those first whom an action moves: Qini, area under the uplift curve, uplift of the top share.

Several definitions go by these names. These are scikit-uplift's: curves over everybody sorted by score, ties entered
together, areas above the straight line of a random order and divided by that of the order a prophet would choose.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray

Curve = Literal["qini", "uplift"]
CELLS_AT_ONCE = 2_000_000


class Bounded(NamedTuple):
    """A figure and its bounds."""

    value: float
    low: float
    high: float


class Sums(NamedTuple):
    """Weights and outcomes of both arms so far, each of shape (draws, places)."""

    treated: FloatArray
    treated_outcome: FloatArray
    control: FloatArray
    control_outcome: FloatArray


@dataclass(frozen=True, slots=True)
class Ranked:
    """Units by falling score; `last` are the places after which a tie ends."""

    outcome: FloatArray
    is_treated: BoolArray
    weight: FloatArray
    last: IntArray

    @classmethod
    def of(
        cls,
        outcome: npt.ArrayLike,
        score: npt.ArrayLike,
        is_treated: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
    ) -> "Ranked":
        """Sort the units.

        Parameters
        ----------
        outcome : array of 0 or 1, shape (units,)
            Whether it happened.
        score : array of float, shape (units,)
            Higher is to be treated first.
        is_treated : array of bool, shape (units,)
            Whether it was treated.
        weight : array of float, shape (units,), optional
            How many units each stands for: one over the probability of its arm. Without it all stand for one.

        Raises
        ------
        BadInput
            If shapes differ, an outcome is not 0 or 1, a score is not finite, a weight not above 0, or an arm is empty.
        """
        happened, scores = np.asarray(outcome, np.float64), np.asarray(score, np.float64)
        treated = np.asarray(is_treated, np.bool_)
        weights = np.ones(happened.size) if weight is None else np.asarray(weight, np.float64)
        if happened.ndim != 1 or not happened.shape == scores.shape == treated.shape == weights.shape:
            raise BadInput(
                f"{happened.shape} outcomes, {scores.shape} scores, {treated.shape} arms, {weights.shape} weights; "
                "give one of each for each unit"
            )
        if not np.isin(happened, (0.0, 1.0)).all():
            raise BadInput("outcomes must be 0 or 1; rank by whether something was bought, not by its amount")
        if not (np.isfinite(scores).all() and (weights > 0).all()):
            raise BadInput("scores must be finite and weights above 0")
        if treated.all() or not treated.any():
            raise BadInput("one arm is empty; uplift is a difference between two")
        # Within a tie the later row comes first, as in scikit-uplift; only `uplift_at` with ties="rows" can tell.
        order = np.argsort(scores, kind="stable")[::-1]
        last = np.append(np.flatnonzero(np.diff(scores[order])), scores.size - 1)
        return cls(happened[order], treated[order], weights[order], last)


def qini(ranked: Ranked) -> float:
    """Give the Qini coefficient: 0 for a random order, 1 for a prophet's, below 0 for worse than random.

    Returns
    -------
    float
        nan where no order could be better than another.

    References
    ----------
    Radcliffe (2007), Using control groups to target on predicted lift, normalized as in scikit-uplift's `qini_auc_score`.

    Examples
    --------
    >>> outcome, treated = [1, 0, 1, 0, 1, 0, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0, 1, 1, 0, 0]
    >>> round(qini(Ranked.of(outcome, np.arange(10, 0, -1), treated)), 4)
    0.15
    """
    return float(_normalized(ranked, ranked.weight[None, :], "qini")[0])


def auuc(ranked: Ranked) -> float:
    """Give the normalized area under the uplift curve, as scikit-uplift's `uplift_auc_score`; read as `qini`."""
    return float(_normalized(ranked, ranked.weight[None, :], "uplift")[0])


def uplift_at(
    ranked: Ranked,
    share: float = 0.3,
    *,
    strategy: Literal["overall", "by_group"] = "overall",
    ties: Literal["shared", "rows"] = "shared",
) -> float:
    """Give the difference of mean outcomes among the top share.

    Parameters
    ----------
    share : float
        In 0..1.
    strategy : {"overall", "by_group"}
        The top share of all units, or that of each arm apart.
    ties : {"shared", "rows"}
        Where the share ends within a tie, each of its members counts in part, so the order of rows does not matter; or, as
        scikit-uplift does it, the later rows count whole.

    Returns
    -------
    float
        nan where the top share holds nobody of one arm.
    """
    if not 0 < share <= 1:
        raise BadInput(f"share {share}; give one above 0 and up to 1")
    arms = (ranked.is_treated, ~ranked.is_treated)
    everybody = np.ones(ranked.outcome.size, np.bool_)
    counted = [_top(ranked, among, share, ties) for among in (arms if strategy == "by_group" else (everybody,) * 2)]
    weights = [np.where(arm, part * ranked.weight, 0.0) for arm, part in zip(arms, counted, strict=True)]
    means = [weight @ ranked.outcome / weight.sum() if weight.any() else np.nan for weight in weights]
    return float(means[0] - means[1])


def qini_interval(ranked: Ranked, *, draws: int = 500, seed: int, level: float = 0.95) -> Bounded:
    """Bound the Qini coefficient of given scores by drawing the units of each arm again.

    Parameters
    ----------
    ranked : Ranked
        Scores must not have been learned from these units' outcomes, or the interval flatters them. Rows are drawn one
        by one: hand in one row a unit.
    draws : int
        Bootstrap samples.
    seed : int
        Same seed, same interval.
    level : float
        Confidence in 0..1.

    Returns
    -------
    Bounded
        The coefficient with its percentile interval; a low bound above 0 says the order is better than a random one.
        It speaks of these scores: how much others learned from other units would differ is not in it.
    """
    chance, n = np.random.default_rng(seed), ranked.outcome.size
    found, step = np.empty(draws), max(1, CELLS_AT_ONCE // n)
    arms = [np.flatnonzero(ranked.is_treated), np.flatnonzero(~ranked.is_treated)]
    for start in range(0, draws, step):
        times = np.zeros((min(step, draws - start), n))
        for arm in arms:
            times[:, arm] = chance.multinomial(arm.size, np.full(arm.size, 1 / arm.size), len(times))
        found[start : start + len(times)] = _normalized(ranked, times * ranked.weight, "qini")
    low, high = np.quantile(found[np.isfinite(found)], [(1 - level) / 2, (1 + level) / 2])
    return Bounded(qini(ranked), float(low), float(high))


def _top(ranked: Ranked, among: BoolArray, share: float, ties: str) -> FloatArray:
    """Say how much of each unit is in the top share."""
    place = np.cumsum(among, dtype=np.int64)
    wanted = float(int(place[-1] * share))
    if ties == "rows":
        return ((place <= wanted) & among).astype(np.float64)
    ends = place[ranked.last].astype(np.float64)
    before = np.append(0.0, ends[:-1])
    part = np.clip((wanted - before) / np.maximum(ends - before, 1), 0.0, 1.0)
    return np.asarray(np.where(among, np.repeat(part, np.diff(ranked.last, prepend=-1)), 0.0))


def _normalized(ranked: Ranked, weights: FloatArray, curve: Curve) -> FloatArray:
    """Give the area of each row of weights, shape (draws, units), as a share of the best one."""
    area = _area(_sums(ranked, weights), curve)
    best = _area(_best(ranked, weights, curve), curve)
    return _ratio(area, best) + np.where(best == 0, np.nan, 0.0)


def _sums(ranked: Ranked, weights: FloatArray) -> Sums:
    """Add up to the end of each tie."""
    parts = []
    for arm in (ranked.is_treated, ~ranked.is_treated):
        there = np.where(arm, weights, 0.0)
        parts += [there.cumsum(axis=1)[:, ranked.last], (there * ranked.outcome).cumsum(axis=1)[:, ranked.last]]
    return Sums(*parts)


def _best(ranked: Ranked, weights: FloatArray, curve: Curve) -> Sums:
    """Add up in the order of a prophet, who knows outcome and arm of each unit but not what would have been."""
    happened, treated = ranked.outcome > 0, ranked.is_treated
    kinds = [happened & treated, ~happened & treated, happened & ~treated, ~happened & ~treated]
    held = np.stack([weights[:, kind].sum(axis=1) for kind in kinds], axis=1)
    moved, unmoved, anyway, never = range(4)
    if curve == "qini":
        steps = [{moved}, {unmoved, never}, {anyway}]
    else:
        more_anyway = ranked.weight[kinds[anyway]].sum() > ranked.weight[kinds[unmoved]].sum()
        steps = [{moved}, {never}, *([{anyway}, {unmoved}] if more_anyway else [{unmoved}, {anyway}])]
    entered = np.array([[kind in set().union(*steps[: place + 1]) for kind in range(4)] for place in range(len(steps))])
    after = held[:, None, :] * entered
    return Sums(
        after[..., moved] + after[..., unmoved],
        after[..., moved],
        after[..., anyway] + after[..., never],
        after[..., anyway],
    )


def _area(sums: Sums, curve: Curve) -> FloatArray:
    """Give the area between the curve and the straight line to its end, shape (draws,)."""
    people = sums.treated + sums.control
    if curve == "qini":
        height = sums.treated_outcome - sums.control_outcome * _ratio(sums.treated, sums.control)
    else:
        height = people * (_ratio(sums.treated_outcome, sums.treated) - _ratio(sums.control_outcome, sums.control))
    x, y = (np.concatenate([np.zeros((len(people), 1)), figure], axis=1) for figure in (people, height))
    return np.asarray(((y[:, 1:] + y[:, :-1]) * np.diff(x, axis=1)).sum(axis=1) / 2 - x[:, -1] * y[:, -1] / 2)


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0)
