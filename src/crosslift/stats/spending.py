"""What a customer will spend in all: the distribution of a random number of random amounts, and its quantiles.

Given n purchases, amounts Gamma(p, ν) and what is known of the customer's level, ν ~ Gamma(q', γ'), the total over γ' is
Beta-prime(p·n, q'): its distribution function is an incomplete beta function. So the distribution of the total is a sum
of these over n, weighted by the probabilities of n, and 0 where nothing is bought. Customers of whom equally much is known
share the functions: these are worked out on a grid of totals once, and only the weights differ.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import betainc, expit

from crosslift.stats.arrays import FloatArray

EXACT = 32  # purchases up to here are told apart, more put together in steps of 1/32
SMALLEST = 1e-6  # a number of purchases less probable than this in every row is left out
STEP = 0.02  # of a fine grid of log totals; between, straight lines
FEWEST_POINTS, MOST_POINTS = 32, 400
FAR = np.array([6.0, 9.0, 14.0, 25.0, 60.0, 150.0, 700.0])


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
    """Give the probabilities of the numbers of purchases that matter, put together in steps where they are many."""
    exactly = tails - np.append(tails[:, 1:], np.zeros((len(tails), 1)), axis=1)
    matters = np.flatnonzero(exactly.max(axis=0) > SMALLEST)
    first, last = int(matters[0]), int(matters[-1]) + 1
    n = np.arange(first + 1, last + 1, dtype=np.float64)
    edges = [0]
    while (edge := edges[-1] + max(int(n[edges[-1]]) // EXACT, 1)) < n.size:
        edges.append(edge)
    weights = np.add.reduceat(exactly[:, first:last], edges, axis=1)
    return weights, np.add.reduceat(n, edges) / np.diff(np.append(edges, n.size))


def _log_quantile(weights: FloatArray, shapes: FloatArray, q: float, wanted: FloatArray) -> FloatArray:
    """Find for each row the y where its weighted sum of P(total ≤ e^y | n) is what is wanted, on three grids."""
    middle = np.log(weights @ shapes / weights.sum(axis=1) / q)
    low, high = float(middle.min()), float(middle.max())
    grid = np.concatenate([low - FAR[::-1], _even(low - FAR[0], high + FAR[0], 0.3)[1:-1], high + FAR])
    for _ in range(3):
        reached = weights @ betainc(shapes[:, None], q, expit(grid))
        after = np.clip((reached < wanted[:, None]).sum(axis=1), 1, grid.size - 1)
        low, high = float(grid[after.min() - 1]), float(grid[after.max()])
        finer = _even(low, high, min(STEP, (high - low) / FEWEST_POINTS))
        if np.diff(grid)[after.min() - 1 : after.max()].max() < 2 * (finer[1] - finer[0]):
            break
        grid = finer
    rows = np.arange(wanted.size)
    below, above = reached[rows, after - 1], reached[rows, after]
    part = np.clip((wanted - below) / np.maximum(above - below, 1e-300), 0, 1)
    return np.asarray(grid[after - 1] + part * (grid[after] - grid[after - 1]), np.float64)


def _even(low: float, high: float, step: float) -> FloatArray:
    return np.linspace(low, high, int(np.clip(np.ceil((high - low) / step) + 1, 3, MOST_POINTS)))
