"""How readily people answer: rates of thin data drawn toward a wider rate, each with its variance; which may be the best."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray


def drawn_rate(
    won: npt.ArrayLike, tried: npt.ArrayLike, toward: npt.ArrayLike, weight: float
) -> tuple[FloatArray, FloatArray]:
    """Give mean and variance of a Beta posterior whose prior mean is worth `weight` trials.

    Parameters
    ----------
    won, tried : array of int, shape (rates,)
        0 ≤ won ≤ tried.
    toward : array of float, shape (rates,)
        0..1, the rate of the wider group.
    weight : float
        Above 0.

    Returns
    -------
    mean, variance : float64 array, shape (rates,)

    Raises
    ------
    BadInput
        For counts or rates that are none.

    Examples
    --------
    Three of ten, where the shop has one in ten and that is worth ten trials:

    >>> [float(x.round(4)) for x in drawn_rate(3, 10, 0.1, 10)]
    [0.2, 0.0076]
    """
    k, n, prior = _checked(won, tried, toward, weight)
    mean = (k + weight * prior) / (n + weight)
    return mean, np.asarray(mean * (1 - mean) / (n + weight + 1))


def own_rate(
    won: npt.ArrayLike, tried: npt.ArrayLike, toward: npt.ArrayLike, variance: npt.ArrayLike, weight: float
) -> tuple[FloatArray, FloatArray]:
    """Give the rate expected of one person: their own answers against what is usual, and its variance.

    The mean is m = (won + weight · toward) / (tried + weight). Its two parts err independently: what is usual by `variance`,
    the person's own share by m(1 − m) / tried.

    Parameters
    ----------
    variance : array of float, shape (rates,)
        Of `toward`. Other parameters as in `drawn_rate`.

    Examples
    --------
    Nobody's own answers leave what is usual, however unsure:

    >>> [float(x) for x in own_rate(0, 0, 0.1, 0.0004, 20)]
    [0.1, 0.0004]
    """
    k, n, prior = _checked(won, tried, toward, weight)
    mean = (k + weight * prior) / (n + weight)
    usual = (weight / (n + weight)) ** 2 * np.asarray(variance, np.float64)
    return mean, np.asarray(usual + mean * (1 - mean) * n / (n + weight) ** 2)


def may_be_best(mean: npt.ArrayLike, variance: npt.ArrayLike, level: float) -> BoolArray:
    """Mark the rates that are not surely below the highest: P(below) < `level`, by the normal approximation.

    Examples
    --------
    >>> may_be_best([0.20, 0.19, 0.05], [0.0001, 0.0001, 0.0001], 0.9).tolist()
    [True, True, False]
    """
    m, v = np.asarray(mean, np.float64), np.asarray(variance, np.float64)
    if m.ndim != 1 or m.shape != v.shape or not m.size:
        raise BadInput(f"{m.shape} means for {v.shape} variances; give both of each rate, of one at least")
    best = int(m.argmax())
    spread = np.sqrt(v + v[best])
    z = np.divide(m[best] - m, spread, out=np.where(m < m[best], np.inf, 0.0), where=spread > 0)
    marked: BoolArray = ndtr(z) < level
    marked[best] = True
    return marked


def _checked(
    won: npt.ArrayLike, tried: npt.ArrayLike, toward: npt.ArrayLike, weight: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    k, n, prior = (np.asarray(x, np.float64) for x in (won, tried, toward))
    if not (np.all(k >= 0) and np.all(k <= n) and np.all(np.isfinite(n))):
        raise BadInput("answers lie between 0 and the messages that were sent")
    if not (np.all(prior >= 0) and np.all(prior <= 1)) or not weight > 0:
        raise BadInput("rates lie between 0 and 1, and weigh more than nothing")
    return k, n, prior
