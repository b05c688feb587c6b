"""Which rows are held out together."""

import numpy as np
import numpy.typing as npt

from crosslift.stats.arrays import IntArray


def deal(labels: npt.ArrayLike, n_parts: int, *, seed: int) -> IntArray:
    """Deal rows into parts at random, those of each label as evenly as can be.

    Parameters
    ----------
    labels : array, shape (rows,)
        Hits and misses, say: every part gets its share of each.
    n_parts : int
        How many parts.
    seed : int
        Same seed, same parts.

    Returns
    -------
    int64 array, shape (rows,)
        The part of each row, 0 and up.

    Examples
    --------
    >>> part = deal([1, 1, 1, 0, 0, 0, 0, 0, 0], 3, seed=7)
    >>> np.bincount(part[:3]).tolist(), np.bincount(part[3:]).tolist()
    ([1, 1, 1], [2, 2, 2])
    """
    label = np.asarray(labels)
    chance, part = np.random.default_rng(seed), np.empty(label.size, np.int64)
    for kind in np.unique(label):
        rows = np.flatnonzero(label == kind)
        part[rows] = chance.permutation(rows.size) % n_parts
    return part
