"""Chance for baskets in which some items are common: every basket keeps its size and every item its count, on average.

Where an item is in a fifth of the baskets, `chance.kappa` is wrong for its pairs and for the others: a basket holds it
once, so its other places go to the rest. Here a basket of size s holds item i with the odds x_i·y_s, and x and y are such
that counts and sizes come out as they are. This is the average of all swap shuffles to within a percent (tested), for
tables too wide to shuffle.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray

ROUNDS, TOLERANCE = 500, 1e-7
RARE = 0.1  # odds below which two terms of the series are good to a percent
PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Margins:
    """Odds that a basket of some size holds an item, fitted to item counts and basket sizes.

    Attributes
    ----------
    item_odds : float64 array, shape (items,)
        x, 0 for items that were not sold.
    size_odds : float64 array, shape (sizes,)
        y, one for each basket size that occurs, ascending.
    n_baskets : int64 array, shape (sizes,)
        Baskets of the size.
    spread : float64 array, shape (sizes,)
        Σ p(1 − p) over items, for the correction that a basket holds exactly its size.
    """

    item_odds: FloatArray
    size_odds: FloatArray
    n_baskets: IntArray
    spread: FloatArray

    def expected(self, first: IntArray, second: IntArray) -> FloatArray:
        """Give the baskets with both items that chance alone would bring, shape (pairs,)."""
        one, two = self.item_odds[first], self.item_odds[second]
        y, n, d = self.size_odds, self.n_baskets, self.spread
        total: FloatArray = one * two * ((n * y**2 * (1 - 1 / d)).sum() - (one + two) * (n * y**3 * (1 - 2 / d)).sum())
        common = np.flatnonzero(np.maximum(one, two) * y.max(initial=0) >= RARE)
        for low in range(0, common.size, PAIRS_AT_ONCE):
            part = common[low : low + PAIRS_AT_ONCE]
            total[part] = self._in_full(one[part], two[part])
        return total

    def _in_full(self, one: FloatArray, two: FloatArray) -> FloatArray:
        """Add up over basket sizes p_a·p_b·(1 − (1 − p_a)(1 − p_b)/d), after Hájek (1964), equation 5.27."""
        total = np.zeros(one.size)
        for odds, n, spread in zip(self.size_odds, self.n_baskets, self.spread, strict=True):
            p_one, p_two = one * odds / (1 + one * odds), two * odds / (1 + two * odds)
            total += n * p_one * p_two * np.maximum(1 - (1 - p_one) * (1 - p_two) / spread, 0)
        return total


def fit_margins(item_counts: npt.ArrayLike, sizes: npt.ArrayLike) -> Margins:
    """Fit the odds to the baskets that hold each item and to the sizes of baskets.

    Parameters
    ----------
    item_counts : array of int, shape (items,)
        Baskets that hold the item.
    sizes : array of int, shape (baskets,)
        Distinct items of each basket. Baskets of one item count for the fit and bring no pair.

    Raises
    ------
    BadInput
        If counts and sizes do not add up to the same number of lines.

    References
    ----------
    Strauss & Ikeda (1990) and Park & Newman (2004) for the model; Hájek (1964), Asymptotic theory of rejective
    sampling, for baskets of exact size. Odds by alternating fits as in Chatterjee, Diaconis & Sly (2011).
    """
    counts, basket_sizes = np.asarray(item_counts, np.int64), np.asarray(sizes, np.int64)
    if counts.sum() != basket_sizes.sum():
        raise BadInput(f"items count {counts.sum()} lines, baskets {basket_sizes.sum()}; count the same lines")
    filled = basket_sizes[basket_sizes > 0]
    size, n = np.unique(filled, return_counts=True)
    count, place, alike = np.unique(counts[counts > 0], return_inverse=True, return_counts=True)
    item_odds = np.zeros(counts.size)
    if not size.size:
        return Margins(item_odds, np.zeros(0), n, np.zeros(0))
    # a basket of everything and an item in every basket have endless odds; half a line less is certain enough
    rows, columns = np.minimum(size, counts.astype(bool).sum() - 0.5), np.minimum(count, filled.size - 0.5)
    root = np.sqrt(float(filled.sum()))
    x, y = columns / root, rows / root
    for _ in range(ROUNDS):
        last_x, last_y = x, y
        x = columns / ((n * y)[:, None] / (1 + np.outer(y, x))).sum(axis=0)
        y = rows / ((alike * x) / (1 + np.outer(y, x))).sum(axis=1)
        if max(np.abs(x / last_x - 1).max(), np.abs(y / last_y - 1).max()) < TOLERANCE:
            break
    p = np.outer(y, x) / (1 + np.outer(y, x))
    item_odds[counts > 0] = x[place]
    several = size > 1
    return Margins(item_odds, y[several], n[several], (p * (1 - p) * alike).sum(axis=1)[several])
