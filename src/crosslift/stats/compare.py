"""Intervals of means, shares and ratios from their sums: any engine adds up, this file judges."""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, gammaincinv, ndtri, stdtrit

from crosslift.errors import BadInput, CountsDisagree


class Interval(NamedTuple):
    """A figure, its bounds, and its standard error."""

    value: float
    low: float
    high: float
    standard_error: float


def mean_interval(n: int, total: float, total_sq: float, level: float = 0.95) -> Interval:
    """Bound a mean by Student's t.

    Parameters
    ----------
    n : int
        Units, at least 2.
    total, total_sq : float
        Sum of the values and of their squares.
    level : float
        Confidence in 0..1.

    Raises
    ------
    BadInput
        If there are fewer than two units.
    CountsDisagree
        If the squares are too small for the sum.

    Examples
    --------
    Orders of 10, 20 and 30:

    >>> [round(figure, 2) for figure in mean_interval(3, 60, 1400)]
    [20.0, -4.84, 44.84, 5.77]
    """
    return _around(total / max(n, 1), _variance(n, total, total_sq), n, level)


def proportion_interval(successes: int, n: int, level: float = 0.95) -> Interval:
    """Bound a share by Wilson's interval, which stays in 0..1 and is honest for few successes.

    Raises
    ------
    BadInput
        If there is no unit.
    CountsDisagree
        If there are more successes than units.

    References
    ----------
    Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference.

    Examples
    --------
    >>> [round(figure, 4) for figure in proportion_interval(15, 100)]
    [0.15, 0.0931, 0.2328, 0.0357]
    """
    if n < 1:
        raise BadInput(f"{n} units; a share needs at least one")
    if not 0 <= successes <= n:
        raise CountsDisagree(f"{successes} successes among {n} units cannot be; count both over the same window")
    z, share = float(ndtri((1 + level) / 2)), successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = 0.0 if successes == 0 else float(middle - reach)
    high = 1.0 if successes == n else float(middle + reach)
    return Interval(share, low, high, float(np.sqrt(share * (1 - share) / n)))


def exact_interval(successes: int, n: int, level: float = 0.95) -> Interval:
    """Bound a share by the interval of Clopper and Pearson: never too narrow, however few there are, and often too wide.

    Raises
    ------
    BadInput
        If there is no unit.
    CountsDisagree
        If there are more successes than units.

    References
    ----------
    Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial.

    Examples
    --------
    >>> [round(figure, 4) for figure in exact_interval(15, 100)]
    [0.15, 0.0865, 0.2353, 0.0357]
    """
    found, risk = proportion_interval(successes, n, level), (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, risk))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - risk))
    return Interval(found.value, low, high, found.standard_error)


def share_difference(treated: tuple[int, int], control: tuple[int, int], level: float = 0.95) -> Interval:
    """Bound the difference of two shares, each successes and units, by Newcombe's interval: honest where successes are few.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, method 10.

    Examples
    --------
    >>> [round(figure, 5) for figure in share_difference((150, 1000), (120, 1000))]
    [0.03, 1e-05, 0.06001, 0.01527]
    """
    one, other = proportion_interval(*treated, level), proportion_interval(*control, level)
    value = one.value - other.value
    low = value - float(np.hypot(one.value - one.low, other.high - other.value))
    high = value + float(np.hypot(one.high - one.value, other.value - other.low))
    return Interval(value, low, high, float(np.hypot(one.standard_error, other.standard_error)))


def count_interval(n: int, level: float = 0.95) -> Interval:
    """Bound the mean of the Poisson count that `n` is one draw of, exactly.

    References
    ----------
    Garwood (1936), Fiducial Limits for the Poisson Distribution.

    Examples
    --------
    >>> [round(figure, 3) for figure in count_interval(10)]
    [10.0, 4.795, 18.39, 3.162]
    """
    if n < 0:
        raise BadInput(f"{n} cannot be counted")
    low = float(gammaincinv(n, (1 - level) / 2)) if n else 0.0
    return Interval(float(n), low, float(gammaincinv(n + 1, (1 + level) / 2)), float(np.sqrt(n)))


def ratio_interval(
    n: int,
    sum_y: float,
    sum_y2: float,
    sum_x: float,
    sum_x2: float,
    sum_xy: float,
    level: float = 0.95,
) -> Interval:
    """Bound Σy / Σx, both of the same units (revenue per order, by customer), by the delta method.

    Parameters
    ----------
    n : int
        Units that were assigned, at least 2.
    sum_y, sum_y2, sum_x, sum_x2, sum_xy : float
        Sums of the numerator, its square, the denominator, its square, and their product.
    level : float
        Confidence in 0..1.

    Raises
    ------
    BadInput
        If there are fewer than two units, or the denominators add up to 0.
    CountsDisagree
        If the sums cannot belong to real values.

    References
    ----------
    Deng, Knoblich & Lu (2018), Applying the Delta Method in Metric Analytics.

    Examples
    --------
    Three customers spend 2, 4 and 9 in 1, 2 and 3 orders:

    >>> spent = ratio_interval(3, sum_y=15, sum_y2=101, sum_x=6, sum_x2=14, sum_xy=37)
    >>> [round(figure, 2) for figure in spent]
    [2.5, 0.86, 4.14, 0.38]
    """
    if sum_x == 0:
        raise BadInput("the denominators add up to 0; the ratio does not exist")
    variance_y, variance_x = _variance(n, sum_y, sum_y2), _variance(n, sum_x, sum_x2)
    ratio, mean_x = sum_y / sum_x, sum_x / n
    covariance = (sum_xy - sum_x * sum_y / n) / (n - 1)
    if covariance**2 > variance_x * variance_y * (1 + 1e-9) + 1e-12:
        raise CountsDisagree("the sum of products does not fit the sums of squares; add all six over the same units")
    spread = variance_y - 2 * ratio * covariance + ratio**2 * variance_x
    return _around(ratio, max(spread, 0.0) / mean_x**2, n, level)


def _variance(n: int, total: float, total_sq: float) -> float:
    if n < 2:
        raise BadInput(f"{n} units; an interval needs at least two")
    squares = total_sq - total**2 / n
    if squares < -1e-9 * total_sq:
        raise CountsDisagree(f"squares add up to {total_sq}, too little for {n} values of sum {total}")
    return max(squares, 0.0) / (n - 1)


def _around(value: float, variance: float, n: int, level: float) -> Interval:
    error = float(np.sqrt(variance / n))
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Interval(float(value), float(value - reach), float(value + reach), error)
