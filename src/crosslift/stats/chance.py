"""How often two products meet by chance when baskets differ in size, and how sure we are that they meet more.

Large baskets bring every pair together, so chance gives kappa·n_a·n_b/N meetings, not n_a·n_b/N (DESIGN 4).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincinv

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.pairs import check_baskets


def kappa(sizes: npt.ArrayLike) -> float:
    """Give the factor by which unequal basket sizes raise every pair's expected count: N·Σ s(s−1) / (Σ s)².

    Parameters
    ----------
    sizes : array of int, shape (baskets,)
        Distinct items of each basket that is counted, also those with one.

    Returns
    -------
    float
        1 − 1/s where all baskets have s items, above 1 where sizes differ much, 0 where none has two items.

    Raises
    ------
    BadInput
        If no basket holds anything.

    Examples
    --------
    Nine pairs of two and one wholesale basket of 22 (Σ s = 40, Σ s(s−1) = 18 + 462):

    >>> kappa([2] * 9 + [22])
    3.0
    """
    basket_sizes = np.asarray(sizes, np.float64)
    lines = float(basket_sizes.sum())
    if lines <= 0:
        raise BadInput("no basket holds an item; chance cannot be worked out from nothing")
    return float(basket_sizes.size * (basket_sizes @ (basket_sizes - 1)) / lines**2)


def expected_pairs(n_a: npt.ArrayLike, n_b: npt.ArrayLike, n_baskets: int, kappa: float) -> FloatArray:
    """Give the baskets with both that chance alone would bring: kappa·n_a·n_b / N, in the shape of `n_a`."""
    if n_baskets < 1:
        raise BadInput(f"{n_baskets} baskets; at least one is needed")
    return np.multiply(np.asarray(n_a, np.float64), n_b) * (kappa / n_baskets)


@dataclass(frozen=True, slots=True)
class StrataCounts:
    """What chance needs to know of each stratum (market, channel); sizes and popularity differ between them.

    Attributes
    ----------
    item_counts : int64 array, shape (strata, items)
        Baskets of the stratum that hold the item.
    n_baskets : int64 array, shape (strata,)
        Baskets of the stratum.
    kappas : float64 array, shape (strata,)
        Size factor of each stratum, 0 where it has no lines.
    """

    item_counts: IntArray
    n_baskets: IntArray
    kappas: FloatArray

    @classmethod
    def of(cls, items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int, strata: npt.ArrayLike) -> "StrataCounts":
        """Count baskets whose strata are numbered from 0; `strata` has shape (baskets,)."""
        lines, starts = check_baskets(items, offsets, n_items)
        stratum, sizes = np.asarray(strata, np.int64), np.diff(starts)
        if stratum.shape != sizes.shape or (stratum.size and stratum.min() < 0):
            raise BadInput(f"strata of shape {stratum.shape} for {sizes.size} baskets; number one from 0 for each")
        n_strata = int(stratum.max()) + 1 if stratum.size else 0
        cells = np.bincount(np.repeat(stratum, sizes) * n_items + lines, minlength=n_strata * n_items)
        members = [sizes[stratum == number] for number in range(n_strata)]
        return cls(
            cells.reshape(n_strata, n_items),
            np.array([len(member) for member in members], np.int64),
            np.array([kappa(member) if member.sum() else 0.0 for member in members]),
        )

    def expected(self, first: IntArray, second: IntArray) -> FloatArray:
        """Give the chance meetings of each pair, all strata together."""
        return expected_in_strata(first, second, self.item_counts, self.n_baskets, self.kappas)


def expected_in_strata(
    first: IntArray, second: IntArray, item_counts: IntArray, n_baskets: IntArray, kappas: FloatArray
) -> FloatArray:
    """Add up the chance meetings of pairs over strata, each with its own popularity and basket sizes.

    Parameters
    ----------
    first, second : array of int, shape (pairs,)
        Item ids.
    item_counts : array of int, shape (strata, items)
        Baskets of the stratum that hold the item.
    n_baskets, kappas : array, shape (strata,)
        Baskets and size factor of each stratum; a stratum without baskets adds nothing.

    Returns
    -------
    float64 array, shape (pairs,)

    Examples
    --------
    Ice cream sells in summer, mulled wine in winter; together they never meet by chance:

    >>> seasons = np.array([[50, 0], [0, 50]])
    >>> expected_in_strata(np.array([0]), np.array([1]), seasons, np.array([100, 100]), np.ones(2))
    array([0.])
    >>> expected_pairs([50], [50], 200, 1.0)
    array([12.5])
    """
    total = np.zeros(np.shape(first))
    for counts, baskets, factor in zip(item_counts, n_baskets, kappas, strict=True):
        if baskets > 0:
            total += expected_pairs(counts[first], counts[second], int(baskets), float(factor))
    return total


def poisson_tail(n_both: npt.ArrayLike, expected: npt.ArrayLike) -> FloatArray:
    """Give P(X ≥ n_both) for X Poisson with mean `expected`; 0 for any meeting where none is expected.

    Examples
    --------
    >>> poisson_tail([0, 1, 8], [2.0, 2.0, 2.0]).round(4).tolist()
    [1.0, 0.8647, 0.0011]
    """
    met, mean = np.broadcast_arrays(np.asarray(n_both, np.float64), np.asarray(expected, np.float64))
    return np.where(met > 0, gammainc(np.maximum(met, 1), mean), 1.0)


def lift_interval(n_both: npt.ArrayLike, expected: npt.ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Bound the corrected lift, observed over expected, by the exact Poisson interval.

    Returns
    -------
    low, high : float64 array, shape (pairs,)
        nan where nothing is expected.

    References
    ----------
    Garwood (1936), Fiducial limits for the Poisson distribution.

    Examples
    --------
    Ten meetings where four were expected:

    >>> low, high = lift_interval(10, 4.0)
    >>> float(low.round(3)), float(high.round(3))
    (1.199, 4.598)
    """
    met, mean = np.broadcast_arrays(np.asarray(n_both, np.float64), np.asarray(expected, np.float64))
    tail = (1.0 - level) / 2.0
    low = np.where(met > 0, gammaincinv(np.maximum(met, 1), tail), 0.0)
    high = gammaincinv(met + 1, 1.0 - tail)
    mean = np.where(mean > 0, mean, np.nan)
    return low / mean, high / mean


def power(expected: npt.ArrayLike, true_lift: npt.ArrayLike, alpha: float) -> FloatArray:
    """Give the exact chance that the upper-tail test at level `alpha` finds a pair with this true lift.

    Examples
    --------
    A pair expected once is called at 4 meetings (P = .019); true lift 3 gives 4 or more in 35 of 100 shops:

    >>> float(power(1.0, 3.0, 0.05).round(3))
    0.353
    """
    mean = np.asarray(expected, np.float64)
    low, high = np.zeros_like(mean), np.ones_like(mean)  # needed meetings lie in (low, high]
    while np.any(rejects := poisson_tail(high, mean) > alpha):
        low, high = np.where(rejects, high, low), np.where(rejects, 2 * high, high)
    while np.any(high - low > 1):
        middle = np.ceil((low + high) / 2)
        enough = poisson_tail(middle, mean) <= alpha
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return poisson_tail(high, mean * np.asarray(true_lift, np.float64))
