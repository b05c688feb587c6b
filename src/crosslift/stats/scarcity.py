"""Which counts are surely small: at most a stated share of what chance would bring, the false ones among them bounded.

The claim is "at most `share` times as often as chance", so the hypothesis to refute is "at least so often": a Poisson mean
of `share` times the expected count or more. To refute mere chance instead would prove *less often than chance*, of which
pairs at .5 are as sure as pairs at 0. Three things make that affordable:

* Most pairs are far on the other side, near once what chance would bring; their p-values crowd at 1 and would still be
  paid for. Only counts at or below ``share * expected`` are tested, each given that it is there:
  ``P(X ≤ n) / P(X ≤ ⌊share · expected⌋)``. That is exact at the border, and errs to caution beyond it, for larger means
  push a count up within what is given as well (monotone likelihood ratio).
* Thin counts have few p-values, none of them small; they are not paid for (`multiplicity.adjust_discrete`).

What cannot be saved is evidence: a pair that never met refutes .4 from 9.5 expected meetings on where it is tested alone,
from 15 on where the others tested leave it p = .005 (`least_expected`). Thinner pairs need company.

References
----------
Ellis, Pecanka & Goeman (2020), Gaining power in multiple testing of interval hypotheses via conditionalization.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from crosslift.errors import BadInput
from crosslift.stats import multiplicity
from crosslift.stats.arrays import FloatArray

REACH, FEWEST = 12.0, 24.0
"""Attainable counts are listed from so many standard deviations below the border, and so many more; below is no chance."""


def scarcity(
    n_met: npt.ArrayLike, expected: npt.ArrayLike, share: float, level: float
) -> tuple[FloatArray, FloatArray]:
    """Test each count for being at most `share` times the expected one.

    Parameters
    ----------
    n_met : array of int, shape (pairs,)
    expected : array of float, shape (pairs,)
        What chance would bring, above 0.
    share : float
        Above 0: the lift that is claimed to be not exceeded.
    level : float
        The false-discovery rate that is wanted.

    Returns
    -------
    p_value, q_value : float64 array, shape (pairs,)
        1 where the count is above its share of the expected one: these are not tested, and not paid for. At or below
        `level` the q-value says that of such pairs at most a share of `level` is false on average.

    Examples
    --------
    Never met, where 20 and 5 times were expected; half as often as expected:

    >>> p, q = scarcity([0, 0, 10], [20.0, 5.0, 20.0], 0.4, 0.05)
    >>> p.round(4).tolist(), q.round(4).tolist()
    ([0.0006, 0.2, 1.0], [0.0006, 1.0, 1.0])
    """
    counts, means = np.asarray(n_met, np.int64), np.asarray(expected, np.float64) * share
    if counts.shape != means.shape or counts.ndim != 1 or not np.all(means > 0) or np.any(counts < 0):
        raise BadInput(f"{counts.shape} counts, {means.shape} expected ones; give flat arrays, the latter above 0")
    border = np.floor(means * (1 + multiplicity.ROUNDING)).astype(np.int64)
    p_value, q_value = np.ones(counts.size), np.ones(counts.size)
    tested = np.flatnonzero(counts <= border)
    if not tested.size:
        return p_value, q_value
    mean, top = means[tested], border[tested]
    p_value[tested] = _given(counts[tested], mean, top)
    bottom = np.maximum(top - np.ceil(REACH * np.sqrt(mean) + FEWEST).astype(np.int64), 0)
    offsets = np.concatenate([[0], np.cumsum(top - bottom + 1)])
    row = np.repeat(np.arange(tested.size), top - bottom + 1)
    count = np.arange(offsets[-1]) - offsets[row] + bottom[row]
    q_value[tested] = multiplicity.adjust_discrete(
        p_value[tested], _given(count, mean[row], top[row]), offsets, level=level
    )
    return p_value, q_value


def least_expected(n_met: int, share: float, p: float) -> float:
    """Give the expected count from which `n_met` has at most this p-value: below, no so small count can be told.

    Examples
    --------
    What a pair that met never, once, twice needs to be told alone, and among tests that leave it p = .005:

    >>> [round(least_expected(n, 0.4, 0.05 / 1.05), 1) for n in range(3)]
    [9.5, 14.0, 17.7]
    >>> [round(least_expected(n, 0.4, 0.005), 1) for n in range(3)]
    [15.0, 20.1, 25.0]
    """
    low, high = 0.0, 1.0
    while _p_alone(n_met, high * share) > p:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _p_alone(n_met, middle * share) > p else (low, middle)
    return high


def _p_alone(n_met: int, mean: float) -> float:
    border = np.floor([mean])
    return float(_given(np.array([n_met]), np.array([mean]), border)[0]) if n_met <= border[0] else 1.0


def _given(counts: npt.NDArray[np.int64], means: FloatArray, border: npt.NDArray[np.int64]) -> FloatArray:
    """Give P(X ≤ count | X ≤ border) for X Poisson."""
    told: FloatArray = gammaincc(counts + 1.0, means) / gammaincc(border + 1.0, means)
    return np.minimum(told, 1.0)
