"""Two counts, each beside what was expected: may they differ by chance? And how much counts of the same people are worth."""

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from crosslift.stats.arrays import FloatArray


def difference_p(
    n: npt.ArrayLike, expected: npt.ArrayLike, n_other: npt.ArrayLike, expected_other: npt.ArrayLike
) -> FloatArray:
    """Give the two-sided p of the hypothesis that two counts exceed their expectations by the same factor.

    Given their sum, the first of two Poisson counts is binomial with the share of its expectation, whatever the factor: twice
    the smaller exact tail, at most 1.

    Parameters
    ----------
    n, n_other : array of float, shape (tests,)
        Counts, also effective ones that are not whole (see `effective`).
    expected, expected_other : array of float, shape (tests,)
        Above 0.

    Returns
    -------
    float64 array, shape (tests,)
        1 where both counts are 0: nothing was seen.

    References
    ----------
    Przyborowski & Wilenski (1940), Homogeneity of results in testing samples from Poisson series.

    Examples
    --------
    Twice as many looked, and nine against one were seen; P(1 or fewer of 10 | 2/3) doubled:

    >>> difference_p([1], [20.0], [9], [10.0]).round(5).tolist()
    [0.00071]
    >>> round(2 * (1 / 3**10 + 10 * 2 / 3**10), 5)
    0.00071
    """
    met, rest = np.asarray(n, np.float64), np.asarray(n_other, np.float64)
    one, other = np.asarray(expected, np.float64), np.asarray(expected_other, np.float64)
    share = one / (one + other)
    upper = np.where(met > 0, betainc(np.where(met > 0, met, 1), rest + 1, share), 1.0)
    lower = np.where(rest > 0, betainc(np.where(rest > 0, rest, 1), met + 1, 1 - share), 1.0)
    p: FloatArray = np.minimum(2 * np.minimum(upper, lower), 1.0)
    return p


def effective(total: npt.ArrayLike, squares: npt.ArrayLike) -> FloatArray:
    """Give the independent observations that a total of uneven, independent parts is worth: (Σ n)² / Σ n².

    Parameters
    ----------
    total, squares : array of float
        Σ n and Σ n² over the parts, such as the baskets of each customer; 0 where there are none.

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2. A sum of counts that come in independent clumps has the variance Σ n².

    Examples
    --------
    Ten customers with one basket each, against one with ten:

    >>> effective([10, 10], [10, 100]).tolist()
    [10.0, 1.0]
    """
    sums, sums_sq = np.asarray(total, np.float64), np.asarray(squares, np.float64)
    return np.divide(sums**2, sums_sq, out=np.zeros(np.broadcast(sums, sums_sq).shape), where=sums_sq > 0)
