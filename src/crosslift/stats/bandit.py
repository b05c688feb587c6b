"""Thompson sampling over a few arms, with the probability of every choice known: P(best) by quadrature, not by drawing."""

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv, betaln, xlog1py, xlogy

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray

NODES = 64
PANELS = 48


def p_best(successes: npt.ArrayLike, trials: npt.ArrayLike, *, prior: tuple[float, float] = (1.0, 1.0)) -> FloatArray:
    """Give for each arm the posterior probability that its rate is the highest: what Thompson sampling draws it with.

    P(k best) = ∫ f_k(x) ∏_{j≠k} F_j(x) dx over Beta posteriors, by Gauss–Legendre quadrature on panels between the
    extreme quantiles of all posteriors.

    Parameters
    ----------
    successes, trials : array of int, shape (arms,)
        Of each arm; 0 ≤ successes ≤ trials.
    prior : (float, float)
        Beta prior of every arm.

    Returns
    -------
    float64 array, shape (arms,)
        Sums to 1.

    Raises
    ------
    BadInput
        For no arm, shapes that differ, or more successes than trials.

    References
    ----------
    Chapelle & Li (2011), An Empirical Evaluation of Thompson Sampling.

    Examples
    --------
    120 and 150 of 1,000:

    >>> p_best([120, 150], [1000, 1000]).round(7).tolist()
    [0.0249322, 0.9750678]
    """
    won, tried = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    if won.ndim != 1 or won.shape != tried.shape or not won.size:
        raise BadInput(f"{won.shape} successes for {tried.shape} trials; give both for each arm, of one arm at least")
    if not (np.isfinite(tried).all() and (won >= 0).all() and (won <= tried).all()):
        raise BadInput("successes must lie between 0 and the trials of their arm")
    a, b = won + prior[0], tried - won + prior[1]
    x, weight = _grid(a, b)
    log_f = xlogy(a[:, None] - 1, x) + xlog1py(b[:, None] - 1, -x) - betaln(a, b)[:, None]
    below = betainc(a[:, None], b[:, None], x)
    p = np.array([(np.exp(log_f[k]) * np.delete(below, k, 0).prod(0) * weight).sum() for k in range(len(a))])
    return np.asarray(p / p.sum())


def _grid(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lay panels between quantiles of every posterior, so that a narrow one gets as many nodes as a wide one."""
    at = np.concatenate(
        [[0.0], np.logspace(-15, -2, 8), np.linspace(0.05, 0.95, 19), 1 - np.logspace(-2, -15, 8), [1.0]]
    )
    edges = np.unique(betaincinv(a[:, None], b[:, None], at).ravel())
    if len(edges) > PANELS * 8:
        edges = np.unique(np.quantile(edges, np.linspace(0, 1, PANELS * 8)))
    node, weight = np.polynomial.legendre.leggauss(NODES // 4)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (node + 1)
    return x.ravel(), (half * weight).ravel()


def with_floor(p: npt.ArrayLike, floor: float) -> FloatArray:
    """Mix probabilities with a floor, so that none is ever 0 and every arm can be judged from the log.

    Raises
    ------
    BadInput
        If the floors alone are more than 1.

    Examples
    --------
    >>> with_floor([0.0, 1.0], 0.05).round(3).tolist()
    [0.05, 0.95]
    """
    p = np.asarray(p, np.float64)
    if not 0 <= floor * p.size <= 1:
        raise BadInput(
            f"a floor of {floor} for each of {p.size} arms is more than everything; give at most {1 / p.size:.4f}"
        )
    return np.asarray(floor + (1 - floor * p.size) * p)


def pick(p: npt.ArrayLike, u: float) -> int:
    """Give the arm that a uniform number in [0, 1) falls on.

    Examples
    --------
    >>> [pick([0.2, 0.5, 0.3], u) for u in (0.0, 0.2, 0.69, 0.7, 0.999999)]
    [0, 1, 1, 2, 2]
    """
    edges = np.cumsum(np.asarray(p, np.float64))
    return int(min(np.searchsorted(edges, u * edges[-1], side="right"), len(edges) - 1))
