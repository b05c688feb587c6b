"""How long until something happens, when many are still waiting: Kaplan-Meier curves, quantiles, their intervals.

A lag that has not ended yet is *censored*: it is known to be at least so long. Leaving it out makes every lag look too
short; here it stays at risk until it was last seen. Many of those waiting will never come (a cure fraction), so the
quantiles a shop can use are conditional: of those who come within the horizon, when did half of them come?
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray

QUARTILES = (0.25, 0.5, 0.75)
ROUNDING = 1e-9  # a share this close below a quantile has reached it


@dataclass(frozen=True, slots=True)
class Curve:
    """A product-limit curve; arrays of shape (distinct event times,).

    Attributes
    ----------
    times : float64 array
        When something happened, ascending.
    survival : float64 array
        Share still waiting just after each time.
    n_at_risk, n_events : int64 array
        Still waiting just before, and ended at the time.
    variance : float64 array
        Greenwood's variance of `survival`; 0 where nobody is left.
    """

    times: FloatArray
    survival: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    variance: FloatArray


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles with bounds, in the unit of the durations; arrays of shape (shares,) or (groups, shares).

    `n_effective` is the number of uncensored, independent lags that would tell as much about each quantile.
    """

    values: FloatArray
    low: FloatArray
    high: FloatArray
    n_effective: FloatArray


def kaplan_meier(durations: npt.ArrayLike, is_event: npt.ArrayLike) -> Curve:
    """Estimate the share that still waits after each time, from lags of which some have not ended.

    Parameters
    ----------
    durations : array of float, shape (lags,)
        How long each was watched, at least 0.
    is_event : array of bool, shape (lags,)
        True where it ended with the event, False where it was still waiting when last seen.

    Raises
    ------
    BadInput
        Nothing handed in, shapes that differ, a duration that is negative or no number.

    References
    ----------
    Kaplan & Meier (1958), Nonparametric estimation from incomplete observations.

    Examples
    --------
    Of four, one comes after 2 days, one is last seen on day 3, one comes on day 5, one still waits on day 9:

    >>> kaplan_meier([2, 3, 5, 9], [True, False, True, False]).survival
    array([0.75 , 0.375])
    """
    lags, ended = _checked(durations, is_event)
    times, n_events = np.unique(lags[ended], return_counts=True)
    n_at_risk = lags.size - np.searchsorted(np.sort(lags), times, side="left")
    survival: FloatArray = np.cumprod(1.0 - n_events / n_at_risk, dtype=np.float64)
    variance: FloatArray = survival**2 * np.cumsum(_ratio(n_events, n_at_risk * (n_at_risk - n_events)))
    return Curve(times, survival, n_at_risk, n_events.astype(np.int64), variance)


def quantile(curve: Curve, share: float, level: float = 0.95) -> tuple[float, float, float]:
    """Give the time by which a share of all has come, with the interval of Brookmeyer & Crowley (log-log scale).

    Returns
    -------
    value, low, high : float
        nan where the curve does not fall so far.

    References
    ----------
    Brookmeyer & Crowley (1982), A confidence interval for the median survival time.
    """
    z = float(ndtri((1 + level) / 2))
    waiting = 1 - share
    fallen = np.where((curve.survival > 0) & (curve.survival < 1), curve.survival, 0.5)
    spread = z * np.sqrt(curve.variance) / (fallen * -np.log(fallen))
    lower, upper = curve.survival ** np.exp(spread), curve.survival ** np.exp(-spread)
    reached = (_first_time(curve.times, bound <= waiting + ROUNDING) for bound in (curve.survival, lower, upper))
    value, low, high = reached
    return value, low, high


def conditional_quantiles(
    durations: npt.ArrayLike,
    is_event: npt.ArrayLike,
    horizon: float,
    shares: Sequence[float] = QUARTILES,
    *,
    clusters: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Quantiles:
    """Give the quantiles of the lag among those whose event comes within a horizon: where G(t) = F(t)/F(H) is a share.

    The bounds invert a score test: a time t belongs to the interval of share q while
    ``|G(t) − q| ≤ z·sqrt(q(1−q)/n_effective) + 1/(2·n_effective)``, with ``n_effective = G(1−G)/Var(G)`` at the time
    where G is nearest to q and Var(G) the sum of squared influences of the clusters (delta method on both F). Without
    censoring and clusters n_effective is the number of events and the bounds are order statistics.

    Parameters
    ----------
    durations, is_event : arrays of shape (lags,)
        As in `kaplan_meier`; lags beyond the horizon count as still waiting at the horizon.
    horizon : float
        Where watching ends, in the unit of the durations. Where nobody was watched so long, the longest watch.
    shares : sequence of float
        In (0, 1).
    clusters : array of int, shape (lags,), optional
        Whose lag it is; lags of one person resemble each other. Without it each stands for itself.

    Returns
    -------
    Quantiles
        All nan where no event came; a bound that the data do not give is 0 or the horizon.

    Examples
    --------
    Half of the nine who came had come by day 5; of six others nobody knows:

    >>> came = conditional_quantiles([1, 2, 3, 4, 5, 6, 7, 8, 9] + [30] * 6, [True] * 9 + [False] * 6, 30)
    >>> came.values[1], came.low[1], came.high[1]
    (np.float64(5.0), np.float64(2.0), np.float64(8.0))
    """
    lags, ended = _checked(durations, is_event)
    members = np.arange(lags.size) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    ended = ended & (lags <= horizon)
    wanted = np.asarray(shares, np.float64)
    if not ended.any():
        unknown = np.full(wanted.size, np.nan)
        return Quantiles(unknown, unknown, unknown, unknown)
    step = _Steps.of(np.minimum(lags, horizon), ended)
    n_effective = np.array([step.n_effective(share, members) for share in wanted])
    reach = ndtri((1 + level) / 2) * np.sqrt(wanted * (1 - wanted) / n_effective) + 0.5 / n_effective
    values = step.curve.times[np.searchsorted(step.came, wanted - ROUNDING)]
    first = np.minimum(np.searchsorted(step.came, wanted - reach - ROUNDING), step.curve.times.size - 1)
    last = np.searchsorted(step.came, wanted + reach + ROUNDING, side="right")
    low = np.where(reach < wanted, step.curve.times[first], 0.0)
    high = np.where(
        last < step.curve.times.size, step.curve.times[np.minimum(last, step.curve.times.size - 1)], horizon
    )
    return Quantiles(values, low, high, n_effective)


def quantiles_from_bins(
    events: npt.ArrayLike,
    censored: npt.ArrayLike,
    edges: npt.ArrayLike,
    shares: Sequence[float] = QUARTILES,
    level: float = 0.95,
) -> Quantiles:
    """Give the conditional quantiles of many groups at once from histograms of their lags.

    A life table: who was last seen inside a bin counts as half at risk in it; Greenwood's variance; between edges the
    share that has come rises linearly. The interval is that of `conditional_quantiles`.

    Parameters
    ----------
    events : array of int, shape (groups, bins)
        Lags that ended in each bin, ``edges[k] < lag ≤ edges[k + 1]``.
    censored : array of int, shape (groups, bins + 1)
        Lags last seen in each bin, in the last column those watched to the end.
    edges : array of float, shape (bins + 1,)
        Ascending; the last one is the horizon.

    Returns
    -------
    Quantiles
        Arrays of shape (groups, shares); nan where a group has no event.
    """
    ended, lost = np.asarray(events, np.float64), np.asarray(censored, np.float64)
    bounds = np.asarray(edges, np.float64)
    if ended.ndim != 2 or lost.shape != (ended.shape[0], ended.shape[1] + 1) or bounds.size != ended.shape[1] + 1:
        raise BadInput(
            f"events {ended.shape}, censored {lost.shape}, {bounds.size} edges; "
            "give (groups, bins), (groups, bins + 1) and bins + 1"
        )
    left = np.cumsum((ended + lost[:, :-1])[:, ::-1], axis=1)[:, ::-1] + lost[:, -1:]
    exposed = left - lost[:, :-1] / 2
    hazard = np.minimum(_ratio(ended, exposed), 1.0)
    waiting = np.cumprod(1 - hazard, axis=1)
    greenwood = np.cumsum(_ratio(ended, exposed * (exposed - ended)), axis=1)
    came_ever = 1 - waiting[:, -1:]
    came = _ratio(1 - waiting, came_ever)
    variance = _variance_of_share(waiting, waiting[:, -1:], greenwood, greenwood[:, -1:])
    inside = (came > ROUNDING) & (came < 1 - ROUNDING)
    told = _ratio(came * (1 - came), variance)
    n_events = ended.sum(axis=1)
    came = np.concatenate([np.zeros((len(came), 1)), came], axis=1)
    z = float(ndtri((1 + level) / 2))
    columns = []
    for share in shares:
        nearest = np.argmin(np.where(inside, np.abs(came[:, 1:] - share), np.inf), axis=1)
        rows = np.arange(len(came))
        n_effective = np.where(inside[rows, nearest], told[rows, nearest], n_events)
        reach = z * np.sqrt(_ratio(share * (1 - share), n_effective)) + _ratio(0.5, n_effective)
        at = [_crossing(came, bounds, np.clip(share + shift, 0, 1)) for shift in (0 * reach, -reach, reach)]
        at[1][share - reach <= 0], at[2][share + reach >= 1] = 0.0, bounds[-1]
        columns.append([np.where(n_events > 0, column, np.nan) for column in (*at, n_effective)])
    value, low, high, n_effective = (np.stack(column, axis=1) for column in zip(*columns, strict=True))
    return Quantiles(value, low, high, n_effective)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The conditional share that has come, as a step function, and what each lag contributes to it."""

    lags: FloatArray
    is_event: BoolArray
    curve: Curve
    came: FloatArray

    @classmethod
    def of(cls, lags: FloatArray, is_event: BoolArray) -> "_Steps":
        curve = kaplan_meier(lags, is_event)
        return cls(lags, is_event, curve, (1 - curve.survival) / (1 - curve.survival[-1]))

    def n_effective(self, share: float, members: IntArray) -> float:
        """Count the independent events that would tell as much about the share nearest to `share`."""
        inside = (self.came > ROUNDING) & (self.came < 1 - ROUNDING)
        if not inside.any():
            return float(np.unique(members[self.is_event]).size)
        place = int(np.argmin(np.where(inside, np.abs(self.came - share), np.inf)))
        now, last, came = self.curve.survival[place], self.curve.survival[-1], self.came[place]
        by_lag = -now * self._influence(place) / (1 - last)
        by_lag += (1 - now) * last * self._influence(self.came.size - 1) / (1 - last) ** 2
        by_member = np.bincount(members, by_lag)
        return float(came * (1 - came) / (by_member @ by_member))

    def _influence(self, place: int) -> FloatArray:
        """Give what each lag adds to the logarithm of the share waiting after a time (squared: Greenwood)."""
        at_risk, n_events = self.curve.n_at_risk, self.curve.n_events
        pull = _ratio(1, at_risk - n_events)
        pull[place + 1 :] = 0.0
        borne = np.concatenate([[0.0], np.cumsum(n_events / at_risk * pull)])
        borne = borne[np.searchsorted(self.curve.times, self.lags, side="right")]
        at = np.minimum(np.searchsorted(self.curve.times, self.lags), self.came.size - 1)
        influence: FloatArray = borne - np.where(self.is_event, pull[at], 0.0)
        return influence


def _variance_of_share(now: FloatArray, last: FloatArray, g_now: FloatArray, g_last: FloatArray) -> FloatArray:
    """Give Var(F(t)/F(H)): log S(t) and log S(H)/S(t) are independent, with Greenwood sums g(t) and g(H) − g(t)."""
    early = (now - last) ** 2 * g_now
    late = ((1 - now) * last) ** 2 * (g_last - g_now)
    return _ratio(early + late, (1 - last) ** 4)


def _crossing(came: FloatArray, bounds: FloatArray, share: FloatArray) -> FloatArray:
    """Find, row by row, where a rising line through the edges reaches a share."""
    at = np.clip((came < share[:, None] - ROUNDING).sum(axis=1), 1, bounds.size - 1)
    rows = np.arange(len(came))
    rise = came[rows, at] - came[rows, at - 1]
    part = np.clip(_ratio(share - came[rows, at - 1], rise), 0, 1)
    crossed: FloatArray = bounds[at - 1] + part * (bounds[at] - bounds[at - 1])
    return crossed


def _first_time(times: FloatArray, is_reached: BoolArray) -> float:
    return float(times[np.argmax(is_reached)]) if is_reached.any() else float("nan")


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> FloatArray:
    """Divide; 0 where the denominator is 0."""
    above, below = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    quotient: FloatArray = np.divide(above, below, out=np.zeros(above.shape), where=below > 0)
    return quotient


def _checked(durations: npt.ArrayLike, is_event: npt.ArrayLike) -> tuple[FloatArray, BoolArray]:
    lags, ended = np.asarray(durations, np.float64), np.asarray(is_event, np.bool_)
    if lags.ndim != 1 or lags.shape != ended.shape or lags.size == 0:
        raise BadInput(f"{lags.shape} durations and {ended.shape} events; give one of each for every lag, at least one")
    if not np.all(lags >= 0):
        raise BadInput(f"duration {lags[~(lags >= 0)][0]} is no length of time; leave out what was never watched")
    return lags, ended
