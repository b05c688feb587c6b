"""Days unlike those before them: a robust level, line and week, and how often chance alone strays as far.

The null distribution is drawn, not assumed: series without any change go through the same arithmetic, so that an alarm of
p is false that often, whatever medians of few weeks do to the tails. Days that hang together (a campaign, a holiday) stray
more often than that.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray

WEEK = 7
MOST_LEAD = 7
DRAWS, SEED = 20_000, 7
TO_DEVIATION = 1.4826
"""Of a normal, standard deviations in a median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the days before let expect of those after them, on the scale the values were given in.

    Attributes
    ----------
    value, score, p_value : float64 array, shape (judged,)
        Expected; how many deviations the day lies above it; how often a day strays as far by chance, either way.
    deviation : float
        Of a day around what is expected.
    n_history : int
        Days it rests on.
    looseness : float64 array, shape (judged,)
        As given.
    """

    value: FloatArray
    deviation: float
    score: FloatArray
    p_value: FloatArray
    n_history: int
    looseness: FloatArray

    def span(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Give the bounds within which that share of unchanged days lies."""
        reach = np.quantile(np.abs(_null(self.n_history, self.value.size)), level, axis=0) * self.deviation
        reach = reach * self.looseness
        return self.value - reach, self.value + reach


def expect(
    history: npt.ArrayLike, judged: npt.ArrayLike, least_deviation: float, looseness: npt.ArrayLike = 1.0
) -> Expected:
    """Hold days against those before them.

    Each day is level + line + weekday: medians of whole weeks, the line from the first half to the second. A single mad day
    among those before moves none of them.

    Parameters
    ----------
    history : array of float, shape (days,)
        Whole weeks, an even number, at least four; on a scale on which days spread alike (roots of counts, logs of amounts).
    judged : array of float, shape (judged,)
        The days right after, at most seven.
    least_deviation : float
        Above 0: days spread at least so much, whatever a quiet month says.
    looseness : float or array, shape (judged,)
        1 or more: how much wider than a day before a judged one spreads, as a mean of fewer things does.

    Raises
    ------
    BadInput
        For other shapes, or values that are none.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = expect(rng.normal(10, 1, 56), [10.0, 30.0], 0.1)
    >>> found.p_value.round(3).tolist()
    [0.679, 0.0]
    """
    before, after = np.asarray(history, np.float64), np.asarray(judged, np.float64)
    if before.ndim != 1 or before.size < 4 * WEEK or before.size % (2 * WEEK):
        raise BadInput(f"{before.size} days before; give an even number of whole weeks, at least four")
    if after.ndim != 1 or not 0 < after.size <= MOST_LEAD or not least_deviation > 0:
        raise BadInput(f"judge 1 to {MOST_LEAD} days, with a deviation above 0")
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        raise BadInput("a day has no value; fill in what nothing means, or leave the figure out")
    value, deviation = _fitted(before[None], after.size)
    spread = max(float(deviation[0]), least_deviation)
    score = (after - value[0]) / (spread * np.maximum(looseness, 1.0))
    null = np.abs(_null(before.size, after.size))
    p = (1 + (null >= np.abs(score)).sum(axis=0)) / (1 + DRAWS)
    loose = np.broadcast_to(np.maximum(looseness, 1.0), after.shape)
    return Expected(value[0], spread, score, p, before.size, loose)


def _fitted(history: FloatArray, n_judged: int) -> tuple[FloatArray, FloatArray]:
    """Fit series, shape (series, days); gives what is expected of the days after, and the deviation of each series."""
    n = history.shape[1]
    half = n // 2
    slope = (np.median(history[:, half:], axis=1) - np.median(history[:, :half], axis=1)) / half
    place = np.arange(n) - (n - 1) / 2
    flat = history - slope[:, None] * place
    level = np.median(flat, axis=1)
    weekday = np.median(flat.reshape(-1, n // WEEK, WEEK), axis=1) - level[:, None]
    rest = flat - level[:, None] - np.tile(weekday, n // WEEK)
    ahead = np.arange(n_judged) + n - (n - 1) / 2
    expected = level[:, None] + slope[:, None] * ahead + weekday[:, :n_judged]
    return expected, TO_DEVIATION * np.median(np.abs(rest), axis=1)


@cache
def _null(n_history: int, n_judged: int) -> FloatArray:
    """Draw the scores of days that nothing changed, shape (draws, judged)."""
    drawn = np.random.default_rng(SEED).normal(size=(DRAWS, n_history + n_judged))
    expected, deviation = _fitted(drawn[:, :n_history], n_judged)
    return np.asarray((drawn[:, n_history:] - expected) / deviation[:, None])


@dataclass(frozen=True, slots=True)
class Trend:
    """By how much of its median a figure changes a week, with a 95 % interval."""

    per_week: float
    low: float
    high: float


def trend(values: npt.ArrayLike) -> Trend | None:
    """Give the change a week by the median of all slopes (Theil and Sen), weekdays taken off; None where the median is 0.

    Parameters
    ----------
    values : array of float, shape (days,)
        Whole weeks.

    References
    ----------
    Sen (1968), Estimates of the regression coefficient based on Kendall's tau.

    Examples
    --------
    >>> found = trend(100 + np.arange(28))
    >>> round(found.per_week, 3)
    0.062
    """
    from scipy.stats import theilslopes  # slow to import, and asked once a day

    series = np.asarray(values, np.float64)
    if series.ndim != 1 or series.size < 4 * WEEK or series.size % WEEK:
        raise BadInput(f"{series.size} days; give whole weeks, at least four")
    middle = float(np.median(series))
    if middle <= 0:
        return None
    rough = theilslopes(series).slope
    flat = series - rough * np.arange(series.size)
    weekday = np.median(flat.reshape(-1, WEEK), axis=0)
    found = theilslopes(series - np.tile(weekday, series.size // WEEK))
    return Trend(*(float(one) * WEEK / middle for one in (found.slope, found.low_slope, found.high_slope)))
