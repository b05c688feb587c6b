"""What a customer will spend in all: the distribution of a random number of random amounts, and its quantiles.

Given n purchases, amounts Gamma(p, ν) and what is known of the customer's level, ν ~ Gamma(q', γ'), the total over γ' is
Beta-prime(p·n, q'): its distribution function is an incomplete beta function. So the distribution of the total is a sum
of these over n, weighted by the probabilities of n, and 0 where nothing is bought. Customers of whom equally much is known
share the functions: these are worked out on a grid of totals once, and only the weights differ.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import betainc, expit

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.btyd import CELLS, slices

EXACT = 32  # purchases up to here are told apart, more put together in steps of 1/32
STEP = 1 / 512  # of the grid of log totals; between, straight lines
FIRST, FURTHEST = 512, 1 << 20  # in steps: how far around the middle is looked at first, and at most


def total_quantiles(tails: FloatArray, p: float, q: float, levels: Sequence[float]) -> FloatArray:
    """Give quantiles of the total over γ', of customers of whom equally much is known.

    Parameters
    ----------
    tails : array of float, shape (customers, n_max)
        Probability of at least 1, 2 … n_max purchases.
    p : float
        Shape of the amounts.
    q : float
        Shape of what is known of a customer's level, q' = q + p · (orders seen).
    levels : sequence of float
        In (0, 1).

    Returns
    -------
    float64 array, shape (levels, customers)
        0 where nothing is bought with at least that probability.

    Examples
    --------
    A purchase for sure, amounts and levels exponential: P(total ≤ t) = t/(1 + t), the median is 1.

    >>> total_quantiles(np.array([[1.0]]), 1.0, 1.0, [0.5]).round(3)
    array([[1.]])
    """
    found = np.zeros((len(levels), len(tails)))
    for row, level in enumerate(levels):
        some = np.flatnonzero(1 - tails[:, 0] < level)
        if some.size:
            weights, n = _atoms(tails[some])
            found[row, some] = np.exp(_log_quantile(weights, p * n, q, level - (1 - tails[some, 0])))
    return found


def _atoms(tails: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the probabilities of the numbers of purchases, put together in steps where they are many."""
    exactly = tails - np.append(tails[:, 1:], np.zeros((len(tails), 1)), axis=1)
    n = np.arange(1.0, tails.shape[1] + 1)
    edges = [0]
    while (edge := edges[-1] + max(int(n[edges[-1]]) // EXACT, 1)) < n.size:
        edges.append(edge)
    weights = np.add.reduceat(exactly, edges, axis=1)
    return weights, np.add.reduceat(n, edges) / np.diff(np.append(edges, n.size))


def _log_quantile(weights: FloatArray, shapes: FloatArray, q: float, wanted: FloatArray) -> FloatArray:
    """Find for each row the y where its weighted sum of P(total ≤ e^y | n) is what is wanted.

    Each row looks among whole multiples of a step, ever closer, from where the middle of its purchases lies; the functions
    are worked out once at every place that any row looks at. So no row's answer depends on the other rows.
    """

    def reached(place: IntArray, rows: IntArray) -> FloatArray:
        looked_at, index = np.unique(place, return_inverse=True)
        each = np.ascontiguousarray(betainc(shapes[:, None], q, expit(looked_at * STEP)).T)
        return np.concatenate([
            (weights[rows[part]] * each[index[part]]).sum(axis=1) for part in slices(rows.size, CELLS // shapes.size + 1)
        ])  # fmt: skip

    everybody = np.arange(wanted.size)
    middle = np.log((weights * shapes).sum(axis=1) / weights.sum(axis=1) / q)
    low = np.floor(middle / STEP).astype(np.int64) - FIRST
    high = low + 2 * FIRST
    for ends, sign in ((low, -1), (high, 1)):
        rows, reach = everybody, FIRST
        while rows.size and reach < FURTHEST:
            rows = rows[(reached(ends[rows], rows) - wanted[rows]) * sign < 0]
            ends[rows] += sign * reach
            reach *= 2
    while (rows := np.flatnonzero(high - low > 1)).size:
        middle_of = (low[rows] + high[rows]) // 2
        is_below = reached(middle_of, rows) < wanted[rows]
        low[rows[is_below]], high[rows[~is_below]] = middle_of[is_below], middle_of[~is_below]
    below, above = reached(low, everybody), reached(high, everybody)
    part = np.clip((wanted - below) / np.maximum(above - below, 1e-300), 0, 1)
    return np.asarray((low + part) * STEP, np.float64)
