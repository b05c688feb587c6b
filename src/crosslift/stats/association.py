"""Textbook statistics of two products in one basket.

They take counts: baskets with both products, with the first, with the second, and all baskets. No label or
shopper sentence rests on their p-values: baskets of different sizes make them too small, see `chance`.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from crosslift.errors import CountsDisagree
from crosslift.stats.arrays import Counts

Result = Any  # a float for single counts, else an array of float64, shape (pairs,)


def support(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give the share of all baskets that hold both products.

    Parameters
    ----------
    n_both, n_a, n_b : int or array of int, shape (pairs,)
        Baskets holding both products, the first, the second.
    n_baskets : int or array of int
        All baskets of the window, also those holding neither.

    Returns
    -------
    float or array, shape (pairs,)
        In 0..1.

    Raises
    ------
    CountsDisagree
        If the four counts cannot all be true, here and in every function of this file.
    """
    both, _, _, n = _checked(n_both, n_a, n_b, n_baskets)
    return both / n


def confidence(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give P(second | first); nan where the first product is in no basket. Parameters as `support`."""
    both, a, _, _ = _checked(n_both, n_a, n_b, n_baskets)
    return _divide(both, a)


def lift(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give P(both) / (P(first)·P(second)); nan where a product is in no basket. Parameters as `support`.

    Examples
    --------
    Butter and whole milk in the Groceries data (SCIENCE 4.1):

    >>> round(float(lift(271, 545, 2513, 9835)), 7)
    1.946053
    """
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    return _divide(both * n, a * b)


def leverage(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give P(both) − P(first)·P(second), in −0.25..0.25. Parameters as `support`."""
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    return both / n - (a / n) * (b / n)


def conviction(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give P(not second) / P(not second | first): how often the rule would fail by chance per actual failure.

    1 where the second product is in every basket (nothing to explain), inf where the rule never fails
    otherwise, nan where the first product is in no basket. Parameters as `support`.

    References
    ----------
    Brin, Motwani, Ullman & Tsur (1997), Dynamic itemset counting and implication rules for market baskets.
    """
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    ratio = np.where((a > both) | (b < n), _divide((n - b) * a, n * (a - both)), 1.0)
    return np.where(a > 0, ratio, np.nan)[()]


def npmi(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Score how much more often two products share a basket than chance would have it.

    Parameters
    ----------
    n_both, n_a, n_b : int or array of int, shape (pairs,)
        Baskets holding both products, the first, the second.
    n_baskets : int
        All baskets of the window, also those holding neither.

    Returns
    -------
    float or array, shape (pairs,)
        −1 never together, 0 independent, 1 always together; nan where every basket holds both, or a product
        is in none.

    Raises
    ------
    CountsDisagree
        If a pair is counted more often than one of its products.

    References
    ----------
    Bouma (2009), Normalized (Pointwise) Mutual Information in Collocation Extraction.

    Examples
    --------
    Tea in 40 of 100 baskets, honey in 50, both in 30:

    >>> npmi(30, 40, 50, 100).round(3)
    np.float64(0.337)
    """
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    met = np.maximum(both, 1)
    known = (a > 0) & (b > 0) & (both < n)
    surprise = np.log(np.where(known, n / met, np.e))
    score = np.log(np.where(known, met * n / np.maximum(a * b, 1), 1.0)) / surprise
    return np.where(known, np.where(both > 0, score, -1.0), np.nan)[()]


def phi(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give the correlation of "holds the first" with "holds the second", in −1..1. Parameters as `support`.

    0 where a product is in every basket or in none: it cannot vary with anything.
    """
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    spread = np.sqrt(a * (n - a)) * np.sqrt(b * (n - b))
    return np.where(spread > 0, _divide(both * n - a * b, spread), 0.0)[()]


def llr(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give the log-likelihood ratio G² = 2·Σ O·ln(O/E) of the 2×2 table; two-sided, 0 or more.

    Parameters as `support`.

    References
    ----------
    Dunning (1993), Accurate Methods for the Statistics of Surprise and Coincidence.

    Examples
    --------
    Both words in 110 places, one alone in 2,442 and 111, neither in 29,114 (Dunning's "the swiss"):

    >>> round(float(llr(110, 110 + 2442, 110 + 111, 110 + 2442 + 111 + 29114)), 6)
    270.721877
    """
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    cells = np.stack(np.broadcast_arrays(both, a - both, b - both, n - a - b + both))
    margins = xlogy(a, a) + xlogy(b, b) + xlogy(n - a, n - a) + xlogy(n - b, n - b)
    ratio = 2.0 * (xlogy(cells, cells).sum(axis=0) + xlogy(n, n) - margins)
    return np.maximum(ratio, 0.0)[()]


def signed_llr(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give G² with a minus where the two meet less often than if independent. Parameters as `support`."""
    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    return np.sign(both * n - a * b) * llr(n_both, n_a, n_b, n_baskets)


def fisher_upper_tail(n_both: Counts, n_a: Counts, n_b: Counts, n_baskets: Counts) -> Result:
    """Give Fisher's one-sided p: P(at least `n_both` together | both product counts), hypergeometric.

    A textbook value: it treats baskets as alike in size. `chance.poisson_tail` is what labels use. Parameters
    as `support`.
    """
    from scipy.stats import hypergeom  # half a second to import, and few need it

    both, a, b, n = _checked(n_both, n_a, n_b, n_baskets)
    return np.where(both > 0, hypergeom.sf(both - 1, n, a, b), 1.0)[()]


def _divide(numerator: npt.NDArray[Any], denominator: npt.NDArray[Any]) -> Result:
    """Divide without warnings: 0/0 is nan, anything else over 0 inf."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(numerator, denominator)


def _checked(*counts: Counts) -> tuple[npt.NDArray[np.float64], ...]:
    """Give the four counts as float64 (exact to 2^53, products without overflow), or refuse them."""
    both, a, b, n = (np.asarray(count, np.float64) for count in counts)
    wrong = ~((both >= 0) & (both <= np.minimum(a, b)) & (np.maximum(a, b) <= n) & (n >= 1) & (a + b - both <= n))
    if np.any(wrong):
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        cells = [int(np.broadcast_to(count, wrong.shape)[place]) for count in (both, a, b, n)]
        raise CountsDisagree(
            f"{cells[0]} baskets with both, {cells[1]} with the first, {cells[2]} with the second and "
            f"{cells[3]} in all cannot be true at once; count them over the same window"
        )
    return both, a, b, n
