"""Lifts of thin data: a few meetings say little, so they are drawn toward what pairs of their kind have (Gamma-Poisson).

Meetings c are Poisson around E·lift, and lifts spread around the mean m of their kind as a Gamma of weight k: k is how many
expected meetings the kind's own lift is worth, learned from all pairs. Then lift given c is Gamma with shape c + k·m, rate E + k.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaincinv, gammaln

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray

LEAST_WEIGHT, MOST_WEIGHT = 0.1, 1000.0
LEAST_PRIOR = 0.01  # a kind whose pairs never met may still meet


def prior_weight(n_both: npt.ArrayLike, expected: npt.ArrayLike, prior: npt.ArrayLike) -> float:
    """Learn how many expected meetings the prior mean is worth, by maximum likelihood over all pairs.

    Parameters
    ----------
    n_both, expected, prior : array, shape (pairs,)
        Meetings, those chance brings (above 0), and mean lift of the pair's kind. Give all pairs, also those that never met:
        of seen pairs alone one learns that lifts are higher and more alike than they are.

    Returns
    -------
    float
        Between 0.1 (pairs of a kind differ wildly) and 1,000 (they are all the same).

    References
    ----------
    DuMouchel (1999), Bayesian Data Mining in Large Frequency Tables, with one Gamma instead of two.
    """
    met, mean, kind = _checked(n_both, expected, prior)

    def loss(log_weight: float) -> float:
        weight = np.exp(log_weight)
        shape = weight * kind
        terms = gammaln(met + shape) - gammaln(shape) - met * np.log(mean + weight) - shape * np.log1p(mean / weight)
        return float(-terms.sum())

    bounds = np.log(LEAST_WEIGHT), np.log(MOST_WEIGHT)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 0.01}).x))


def shrunk_lift(
    n_both: npt.ArrayLike, expected: npt.ArrayLike, prior: npt.ArrayLike, weight: float
) -> tuple[FloatArray, FloatArray]:
    """Give the lift we would bet on, (c + k·m) / (E + k), and the bound that it exceeds with 95 %.

    Examples
    --------
    Three meetings where half a one was expected, in a kind with lift 2 that is worth four:

    >>> mean, low = shrunk_lift(3, 0.5, 2.0, 4.0)
    >>> float(mean.round(3)), float(low.round(3))
    (2.444, 1.371)
    """
    met, mean, kind = _checked(n_both, expected, prior)
    shape = met + weight * kind
    return np.asarray(shape / (mean + weight)), np.asarray(gammaincinv(shape, 0.05) / (mean + weight))


def _checked(
    n_both: npt.ArrayLike, expected: npt.ArrayLike, prior: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    met, mean, kind = np.broadcast_arrays(
        np.asarray(n_both, np.float64), np.asarray(expected, np.float64), np.asarray(prior, np.float64)
    )
    if np.any(met < 0) or np.any(mean < 0) or not np.all(kind >= 0):
        raise BadInput("meetings, expected meetings and prior lifts are 0 or more, never nan")
    return met, mean, np.maximum(kind, LEAST_PRIOR)
