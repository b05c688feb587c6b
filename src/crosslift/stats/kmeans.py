"""Points in groups around their means, how many groups hold up on other data, and whether one cloud would give them too."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray

ROUNDS = 100
POINTS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Groups:
    """Centers, shape (k, features), the group of each point, shape (points,), and the squared distances left to them."""

    centers: FloatArray
    labels: IntArray
    within: float


def kmeans(points: npt.ArrayLike, k: int, chance: np.random.Generator, n_starts: int = 5) -> Groups:
    """Put points into k groups so that the squared distances to the group's mean are small.

    Parameters
    ----------
    points : array of float, shape (points, features)
        Without nan, on scales that may be compared.
    k : int
        Groups, 1 to the number of distinct points.
    chance : numpy.random.Generator
        Of the first centers; same chance, same groups.
    n_starts : int
        Tries, of which the best is given.

    Raises
    ------
    BadInput
        If there are fewer distinct points than groups, or a value is nan.

    References
    ----------
    Lloyd (1982); first centers as Arthur & Vassilvitskii (2007), k-means++.

    Examples
    --------
    >>> found = kmeans([[0.0], [1.0], [9.0], [10.0]], 2, np.random.default_rng(0))
    >>> sorted(found.centers.ravel().tolist()), found.within
    ([0.5, 9.5], 1.0)
    """
    values = np.asarray(points, np.float64)
    if values.ndim != 2 or np.isnan(values).any():
        raise BadInput(f"points of shape {values.shape}; give one row of numbers a point, without nan")
    n_distinct = len(np.unique(values, axis=0))
    if not 1 <= k <= n_distinct:
        raise BadInput(f"{k} groups of {n_distinct} distinct points; ask for 1 to {n_distinct}")
    return min(
        (_settled(values, _spread_out(values, k, chance)) for _ in range(n_starts)), key=lambda found: found.within
    )


def nearest(points: FloatArray, centers: FloatArray) -> IntArray:
    """Give the number of the nearest center of each point, shape (points,); the first of equals."""
    parts = range(0, len(points), POINTS_AT_ONCE)
    found = [_distances(points[low : low + POINTS_AT_ONCE], centers).argmin(axis=1) for low in parts]
    return np.concatenate([np.zeros(0, np.int64), *found])


def prediction_strength(
    points: FloatArray, k: int, chance: np.random.Generator, n_splits: int = 5, n_starts: int = 5
) -> float:
    """Tell how well groups found in one half of the points say which points of the other half belong together.

    Both halves are grouped. Of each group of a half, take the pairs of its points that the other half's centers put together
    too; the share of the group where it is smallest is the strength of the split. Halves change places, splits are averaged.

    Returns
    -------
    float
        0..1; 1 for one group. The authors take the largest k that reaches 0.8 to 0.9.

    References
    ----------
    Tibshirani & Walther (2005), Cluster Validation by Prediction Strength.
    """
    strengths = []
    for _ in range(n_splits):
        order = chance.permutation(len(points))
        halves = points[order[::2]], points[order[1::2]]
        found = [kmeans(half, k, chance, n_starts) for half in halves]
        strengths += [_least_kept(found[own].labels, nearest(halves[own], found[1 - own].centers), k) for own in (0, 1)]
    return float(np.mean(strengths))


def explained(points: FloatArray, within: float) -> float:
    """Give the share of the squared distances to the mean, 0..1, that groups take away."""
    total = float(((points - points.mean(axis=0)) ** 2).sum())
    return 1 - within / total if total > 0 else 0.0


def one_cloud_p(points: FloatArray, k: int, chance: np.random.Generator, n_draws: int = 19, n_starts: int = 5) -> float:
    """Give the chance that one normal cloud of the same covariance explains as much by k groups as the points do.

    Every cloud can be cut into groups, an elongated one even the same way again and again; only points that lie in several
    humps are explained better than such a cloud.

    Returns
    -------
    float
        (1 + draws that explain as much) / (1 + draws), so at least 1 / (1 + n_draws).

    References
    ----------
    Liu, Hayes, Nobel & Marron (2008), Statistical Significance of Clustering for High-Dimension, Low-Sample Size Data.
    """
    found = explained(points, kmeans(points, k, chance, n_starts).within)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    as_good = 0
    for _ in range(n_draws):
        drawn = chance.multivariate_normal(np.zeros(points.shape[1]), covariance, len(points), method="eigh")
        as_good += explained(drawn, kmeans(drawn, k, chance, n_starts).within) >= found
    return (1 + as_good) / (1 + n_draws)


def _spread_out(points: FloatArray, k: int, chance: np.random.Generator) -> FloatArray:
    """Draw first centers, each with a chance that grows with the squared distance to those drawn before."""
    centers = points[[chance.integers(len(points))]]
    left = _distances(points, centers)[:, 0]
    while len(centers) < k:
        drawn = int(np.searchsorted(np.cumsum(left), chance.random() * left.sum(), side="right"))
        centers = np.vstack([centers, points[min(drawn, len(points) - 1)]])
        left = np.minimum(left, _distances(points, centers[-1:])[:, 0])
    return centers


def _settled(points: FloatArray, centers: FloatArray) -> Groups:
    """Move centers to the means of their points until no point changes; an empty group takes the point farthest from its own."""
    k, labels = len(centers), np.full(len(points), -1)
    for _ in range(ROUNDS):
        distances = _distances(points, centers)
        before, labels = labels, distances.argmin(axis=1)
        sizes = np.bincount(labels, minlength=k)
        for empty in np.flatnonzero(sizes == 0):
            alone = int(np.where(sizes[labels] > 1, distances[np.arange(len(points)), labels], -1).argmax())
            sizes[labels[alone]] -= 1
            labels[alone], sizes[empty] = empty, 1
        centers = np.stack([np.bincount(labels, column, k) for column in points.T], axis=1) / sizes[:, None]
        if np.array_equal(labels, before):
            break
    return Groups(centers, labels, float(((points - centers[labels]) ** 2).sum()))


def _distances(points: FloatArray, centers: FloatArray) -> FloatArray:
    """Give squared distances, shape (points, centers)."""
    cross = points @ centers.T
    distances: FloatArray = (points**2).sum(axis=1)[:, None] - 2 * cross + (centers**2).sum(axis=1)
    return np.maximum(distances, 0)


def _least_kept(own: IntArray, other: IntArray, k: int) -> float:
    """Give the share of pairs of a group that stay together, of the group where it is smallest; 0 for a group of one."""
    cells = np.bincount(own * k + other, minlength=k * k).reshape(k, k).astype(np.float64)
    sizes = cells.sum(axis=1)
    if sizes.min() < 2:
        return 1.0 if k == 1 else 0.0
    return float(((cells * (cells - 1)).sum(axis=1) / (sizes * (sizes - 1))).min())
