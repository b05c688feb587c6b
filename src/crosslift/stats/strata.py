"""Less noise from what was known before: post-stratification, limits on single values, medians; and shrinkage of slices."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray
from crosslift.stats.effects import Effect, of_means
from crosslift.stats.trials import Arm


def post_stratified(strata: Mapping[str, tuple[Arm, Arm]]) -> tuple[Effect, tuple[str, ...]]:
    """Compare two means within each stratum and weigh the strata by their share of both arms.

    Parameters
    ----------
    strata : mapping of str to (treated, control)
        By what was known of a unit before it was assigned.

    Returns
    -------
    effect : Effect
    left_out : tuple of str
        Strata in which an arm has fewer than two units: nothing can be compared there.

    Raises
    ------
    BadInput
        If no stratum can be compared.

    References
    ----------
    Miratrix, Sekhon & Yu (2013), Adjusting treatment effect estimates by post-stratification in randomized experiments.

    Examples
    --------
    >>> known = {"old": (Arm.of([5, 7]), Arm.of([4, 6])), "new": (Arm.of([1, 3]), Arm.of([0, 2]))}
    >>> post_stratified(known)[0].value
    1.0
    """
    left_out = tuple(name for name, (one, other) in strata.items() if min(one.n, other.n) < 2)
    kept = {name: arms for name, arms in strata.items() if name not in left_out}
    n = sum(one.n + other.n for one, other in kept.values())
    if n == 0:
        raise BadInput(f"no stratum has two units in either arm ({', '.join(sorted(strata)) or 'none given'})")
    found = [((one.n + other.n) / n, of_means(one, other)) for one, other in kept.values()]
    value = sum(share * effect.value for share, effect in found)
    variance = sum((share * effect.standard_error) ** 2 for share, effect in found)
    squares = sum((share * effect.standard_error) ** 4 / effect.freedom for share, effect in found)
    freedom = variance**2 / squares if squares > 0 else float(n - 2 * len(found))
    return Effect(float(value), float(np.sqrt(variance)), float(freedom), n), left_out


def limited(values: npt.ArrayLike, limit: float) -> FloatArray:
    """Let no single value count for more than a limit, which is fixed before the outcome is seen (winsorizing).

    Examples
    --------
    >>> limited([1.0, 5.0, 900.0], 50.0).tolist()
    [1.0, 5.0, 50.0]
    """
    if not np.isfinite(limit):
        raise BadInput(f"a limit of {limit}; fix a number before the trial, such as a percentile of the time before")
    return np.minimum(np.asarray(values, np.float64), limit)


class Bounds(NamedTuple):
    """A figure with its percentile interval."""

    value: float
    low: float
    high: float


def quantile_difference(
    treated: npt.ArrayLike,
    control: npt.ArrayLike,
    share: float = 0.5,
    *,
    draws: int = 1000,
    seed: int,
    level: float = 0.95,
) -> Bounds:
    """Compare a quantile of two arms by drawing their units again.

    Parameters
    ----------
    treated, control : array of float, shape (units,)
        At least two units each, one value a unit.
    share : float
        Which quantile, 0..1.

    Raises
    ------
    BadInput
        If an arm has fewer than two units.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    sides = [np.sort(np.asarray(values, np.float64)) for values in (treated, control)]
    if min(side.size for side in sides) < 2:
        raise BadInput(f"arms of {sides[0].size} and {sides[1].size} units; an interval needs at least two in each")
    chance = np.random.default_rng(seed)
    drawn = [_quantiles_again(side, share, draws, chance) for side in sides]
    low, high = np.quantile(drawn[0] - drawn[1], [(1 - level) / 2, (1 + level) / 2])
    value = float(np.quantile(sides[0], share) - np.quantile(sides[1], share))
    return Bounds(value, float(low), float(high))


def _quantiles_again(ascending: FloatArray, share: float, draws: int, chance: np.random.Generator) -> FloatArray:
    """Draw the quantile of samples drawn with replacement: which value stands there is a beta draw of its place."""
    n = ascending.size
    place = (n - 1) * share
    below = np.floor(place)
    rank = chance.beta(below + 1, n - below, draws)
    at = np.minimum((rank * n).astype(np.int64), n - 1)
    return np.asarray(ascending[at], np.float64)


def shrunk(effects: npt.ArrayLike, errors: npt.ArrayLike) -> tuple[FloatArray, FloatArray, float]:
    """Draw the effects of slices (markets, say) towards their common mean, by as much as their spread is noise.

    Parameters
    ----------
    effects, errors : array of float, shape (slices,)
        Effects and their standard errors, above 0.

    Returns
    -------
    effects, errors : float64 array, shape (slices,)
        Posterior means and deviations.
    spread : float
        Standard deviation of the true effects; 0 where the slices differ by no more than noise.

    Raises
    ------
    BadInput
        If shapes differ or an error is not above 0.

    References
    ----------
    DerSimonian & Laird (1986) for the spread; Morris (1983), Parametric empirical Bayes inference.

    Examples
    --------
    >>> values, _, spread = shrunk([1.0, 1.1, 0.9], [0.5, 0.5, 0.5])
    >>> values.round(2).tolist(), spread
    ([1.0, 1.0, 1.0], 0.0)
    """
    value, error = _checked(effects, errors)
    mean, _, spread = random_effects(value, error)
    kept = spread**2 / (spread**2 + error**2)
    variance = kept * error**2 + (1 - kept) ** 2 / (1 / (error**2 + spread**2)).sum()
    return mean + kept * (value - mean), np.sqrt(variance), spread


class Pooled(NamedTuple):
    """The mean of the true effects, its standard error, and the standard deviation of the true effects."""

    value: float
    standard_error: float
    spread: float


def random_effects(effects: npt.ArrayLike, errors: npt.ArrayLike) -> Pooled:
    """Pool effects that may truly differ (of shops, say): what they are on average.

    Parameters
    ----------
    effects, errors : array of float, shape (slices,)
        Effects and their standard errors, above 0.

    Raises
    ------
    BadInput
        If shapes differ or an error is not above 0.

    References
    ----------
    DerSimonian & Laird (1986), Meta-analysis in clinical trials.

    Examples
    --------
    Two apart by more than their noise: Q is 2 of one degree of freedom, so the true ones differ with variance 1.

    >>> random_effects([1.0, 3.0], [1.0, 1.0])
    Pooled(value=2.0, standard_error=1.0, spread=1.0)
    """
    value, error = _checked(effects, errors)
    weight = error**-2
    mean = float(weight @ value / weight.sum())
    excess = float(weight @ (value - mean) ** 2) - (value.size - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    spread_sq = max(excess / scale, 0.0) if scale > 0 else 0.0
    weight = 1 / (error**2 + spread_sq)
    return Pooled(float(weight @ value / weight.sum()), float(weight.sum() ** -0.5), float(np.sqrt(spread_sq)))


def _checked(effects: npt.ArrayLike, errors: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    value, error = np.asarray(effects, np.float64), np.asarray(errors, np.float64)
    if value.shape != error.shape or value.ndim != 1 or value.size == 0 or not (error > 0).all():
        raise BadInput(f"{value.shape} effects with {error.shape} errors; give one error above 0 for each")
    return value, error
