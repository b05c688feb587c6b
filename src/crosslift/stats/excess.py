"""How long those wait who would not have come anyway: the lags of an excess over a known background.

Two things bring a person back, a reason and the background, and the first of them ends the lag. Where they are independent
the shares that still wait multiply, so what waits for the reason alone is the observed share over that of the background,
as in relative survival. The background is given for the same people while they wait, bin by bin, so that censoring is that
of the observed lags.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import ndtri

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray
from crosslift.stats.survival import QUARTILES


@dataclass(frozen=True, slots=True)
class Excess:
    """The excess of each group, and quantiles of its lag among those who come within the horizon.

    Attributes
    ----------
    n_excess : float64 array, shape (groups,)
        Events beyond the background; below 0 where fewer came.
    values, low, high : float64 array, shape (groups, shares)
        Quantiles with bounds, in the unit of the edges; nan where there is no excess. A bound that the data do not give is
        0 or the horizon.
    """

    n_excess: FloatArray
    values: FloatArray
    low: FloatArray
    high: FloatArray


def excess_quantiles(
    events: npt.ArrayLike,
    censored: npt.ArrayLike,
    background: npt.ArrayLike,
    edges: npt.ArrayLike,
    background_error: npt.ArrayLike = 0.0,
    shares: Sequence[float] = QUARTILES,
    level: float = 0.95,
) -> Excess:
    """Give the quantiles of the lags beyond the background, of many groups at once.

    With S the share that waits for the reason alone and H the horizon, F = 1 − S is made monotone (isotonic regression),
    and a quantile is where it reaches its share q of F(H). The bounds invert a score test: a time t belongs to the interval
    while ``|F(t) − q·F(H)|`` is at most z standard errors and half an event, Greenwood's variance of the observed lags and
    the error of the background together.

    Parameters
    ----------
    events, censored, edges
        As `survival.quantiles_from_bins` takes them: shapes (groups, bins), (groups, bins + 1) and (bins + 1,).
    background : array of float, shape (groups, bins)
        Events of each bin that would have come anyway, of those still waiting.
    background_error : float or array, shape (groups,)
        Standard error of the whole background, relative to it.
    shares : sequence of float
        In (0, 1).

    Raises
    ------
    BadInput
        Shapes that do not fit, or a background below 0.

    References
    ----------
    Ederer, Axtell & Cutler (1961), The relative survival rate; Brookmeyer & Crowley (1982) for the inversion.

    Examples
    --------
    A hundred are watched to the end; one a day would have come anyway, and thirty more come on the second of four days:

    >>> told = excess_quantiles([[1, 31, 1, 1]], [[0, 0, 0, 0, 66]], [[1.0, 1.0, 1.0, 1.0]], [0, 1, 2, 3, 4])
    >>> told.n_excess, told.values.round(2)
    (array([30.]), array([[1.25, 1.5 , 1.75]]))
    """
    ended, lost, anyway = (np.asarray(one, np.float64) for one in (events, censored, background))
    bounds, error = np.asarray(edges, np.float64), np.asarray(background_error, np.float64)
    if ended.ndim != 2 or lost.shape != (ended.shape[0], ended.shape[1] + 1) or anyway.shape != ended.shape:
        raise BadInput(
            f"events {ended.shape}, censored {lost.shape}, background {anyway.shape}; "
            "give (groups, bins), (groups, bins + 1) and (groups, bins)"
        )
    exposed = np.cumsum((ended + lost[:, :-1])[:, ::-1], axis=1)[:, ::-1] + lost[:, -1:] - lost[:, :-1] / 2
    if np.any(anyway < 0):
        raise BadInput("the background is below 0; nobody can be expected to come less than never")
    curves = _Curves.of(ended, exposed, anyway, np.broadcast_to(error, ended.shape[:1]))
    z = float(ndtri((1 + level) / 2))
    columns = [curves.quantile(share, bounds, z) for share in shares]
    values, low, high = (np.stack([column[place] for column in columns], axis=1) for place in range(3))
    return Excess((ended - anyway).sum(axis=1), values, low, high)


_MOST = 0.999  # of those who wait, so many at most come anyway: nobody's wait for a reason can be seen behind certainty


@dataclass(frozen=True, slots=True)
class _Curves:
    """Curves at the edges, shape (groups, bins + 1).

    `waiting` is the share that waits for the reason alone, `variance` the sum of Greenwood's terms so far, `anyway` the
    cumulated hazard of the background with its relative `error`, shape (groups, 1), and `half` half an event at the edge.
    """

    waiting: FloatArray
    variance: FloatArray
    anyway: FloatArray
    error: FloatArray
    half: FloatArray

    @classmethod
    def of(cls, ended: FloatArray, exposed: FloatArray, anyway: FloatArray, error: FloatArray) -> "_Curves":
        at_risk = np.maximum(exposed, ended)
        left = np.maximum(at_risk - ended, 0.5)  # the last one to come leaves half a person: a variance, not infinity
        safe = np.maximum(at_risk, 0.5)
        hazard, background = np.minimum(ended / safe, 1.0), np.minimum(anyway / safe, _MOST)
        start = np.zeros((len(ended), 1))
        observed = np.cumprod(1 - hazard, axis=1)
        by_background = np.cumsum(-np.log1p(-background), axis=1)
        terms = np.where(ended > 0, ended / (safe * left), 0.0)
        return cls(
            np.concatenate([start + 1, observed * np.exp(by_background)], axis=1),
            np.concatenate([start, np.cumsum(terms, axis=1)], axis=1),
            np.concatenate([start, by_background], axis=1),
            error[:, None],
            0.5 / np.concatenate([safe[:, :1], safe], axis=1),
        )

    def quantile(self, share: float, bounds: FloatArray, z: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give where the excess reaches a share of itself, and the ends of what the test leaves."""
        last = self.waiting[:, -1:]
        beyond = (1 - self.waiting) - share * (1 - last)
        early, late = self.waiting - share * last, share * last
        variance = early**2 * self.variance + late**2 * (self.variance[:, -1:] - self.variance)
        variance += (self.error * (self.waiting * self.anyway - late * self.anyway[:, -1:])) ** 2
        reach = z * np.sqrt(variance) + self.half
        came = np.array([isotonic_regression(1 - row).x for row in self.waiting]).reshape(self.waiting.shape)
        came = np.maximum(came, 0.0)
        is_excess = came[:, -1] > 0
        value = _first_crossing(came - share * came[:, -1:], bounds)
        low = _first_crossing(beyond + reach, bounds)
        high = bounds[-1] - _first_crossing((reach - beyond)[:, ::-1], bounds[-1] - bounds[::-1])
        low, high = np.minimum(low, value), np.maximum(high, value)
        value, low, high = (np.where(is_excess, column, np.nan) for column in (value, low, high))
        return value, low, high


def _first_crossing(curve: FloatArray, bounds: FloatArray) -> FloatArray:
    """Find, row by row, where a curve through the edges is 0 first, coming from below; its first edge where it starts above."""
    above: BoolArray = curve >= 0
    at = np.where(above.any(axis=1), np.argmax(above, axis=1), curve.shape[1] - 1)
    rows, before = np.arange(len(curve)), np.maximum(at - 1, 0)
    low, high = curve[rows, before], curve[rows, at]
    part = np.clip(np.divide(-low, high - low, out=np.ones(len(curve)), where=high > low), 0, 1)
    crossed: FloatArray = bounds[before] + part * (bounds[at] - bounds[before])
    return np.where(at == 0, bounds[0], crossed)
