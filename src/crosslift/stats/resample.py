"""Intervals by drawing the data again."""

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput

CELLS_AT_ONCE = 4_000_000


def paired_bootstrap(
    difference: npt.ArrayLike,
    clusters: npt.ArrayLike,
    *,
    draws: int = 1000,
    seed: int,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Bound the mean of paired differences by drawing whole customers again.

    Parameters
    ----------
    difference : array of float, shape (queries,)
        One method's figure less the other's, query by query.
    clusters : array, shape (queries,)
        Whose query it is: queries of one customer are alike, so they are drawn together.
    draws : int
        Bootstrap samples.
    seed : int
        Same seed, same interval.
    level : float
        Confidence in 0..1.

    Returns
    -------
    mean, low, high : float
        The mean over queries and its percentile interval.

    Raises
    ------
    BadInput
        If shapes differ or there are fewer than two customers: no interval can be drawn from one.

    Examples
    --------
    >>> mean, low, high = paired_bootstrap([0.1, 0.3, 0.2, 0.2], [1, 1, 2, 3], seed=7)
    >>> round(mean, 3), round(low, 3), round(high, 3)
    (0.2, 0.2, 0.2)
    """
    values, owners = np.asarray(difference, np.float64), np.asarray(clusters)
    if values.shape != owners.shape or values.ndim != 1:
        raise BadInput(f"{values.shape} differences for {owners.shape} customers; give one customer for each")
    names, cluster = np.unique(owners, return_inverse=True)
    if names.size < 2:
        raise BadInput(f"queries of {names.size} customers; an interval needs at least two")
    sums, sizes = np.bincount(cluster, values), np.bincount(cluster)
    chance, means, step = np.random.default_rng(seed), np.empty(draws), max(1, CELLS_AT_ONCE // names.size)
    for start in range(0, draws, step):
        drawn = chance.integers(0, names.size, (min(step, draws - start), names.size))
        means[start : start + step] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(values.mean()), float(low), float(high)
