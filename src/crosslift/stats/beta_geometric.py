"""Customers who may leave after each purchase: BG/NBD, MBG/NBD and, for regular buyers, BG/CNBD-k and MBG/CNBD-k.

A customer's hidden clock ticks as a Poisson process with rate λ ~ Gamma(r, α); every k-th tick is a purchase, so gaps are
Erlang-k: k = 1 at random times, larger k more regular. After a purchase the customer leaves with probability
p ~ Beta(a, b); in the modified models (MBG) already after the first one, in the others only after a repeat purchase, so
that who bought once counts as alive for ever.

Who is alive with j < k ticks since the last purchase has λ ~ Gamma(r + kx + j, α + T) and, independent of it, p ~
Beta(a, b'), b' = b + x (+ 1 for MBG). The number of future purchases is the smaller of a count of every k-th tick, a
mixture of negative binomials, and a geometric lifetime: both are known exactly, for every k, and so is their minimum.
Here they are sums of positive terms in log space; the closed forms of the papers (k = 1) with their hypergeometric
functions cancel or overflow for frequent buyers.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, comb, gammaln, psi

from crosslift.errors import BadUsage
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.btyd import SCREEN_ROWS, Histories, blocks, in_steps
from crosslift.stats.maximum_likelihood import Fit, Likelihood, fit

FURTHEST = 4_096  # so many purchases are summed one by one; beyond, the sum is an integral
TAIL_NODES = 48
TINY = 1e-12
STARTS = ((0.5, 0.5, 0.8, 2.5), (1.0, 1.0, 0.5, 5.0), (0.2, 0.1, 1.0, 1.0), (4.0, 1.0, 0.2, 1.0))
"""r, α in mean ages, a, b."""


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """A fitted model of the family.

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the purchase rates (of ticks where k > 1); alpha is a time.
    a, b : float
        Of the probabilities to leave.
    k : int
        Regularity, 1 for purchases at random times.
    leaves_at_once : bool
        Whether customers may leave after their first purchase (MBG).

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2); Batislam, Denizel &
    Filiztekin (2007), Empirical validation and comparison of models for customer base analysis, IJRM 24(3); Reutterer,
    Platzer & Schröder (2021), Leveraging purchase regularity for predicting customer behavior the easy way, IJRM 38(1).

    Examples
    --------
    The first customer of the CDNOW sample, in weeks, as in the paper:

    >>> model = BetaGeometric(0.243, 4.414, 0.793, 2.426, leaves_at_once=False)
    >>> model.expected_orders(39, 2, 30.43, 38.86).round(3)
    array([1.226])
    """

    r: float
    alpha: float
    a: float
    b: float
    k: int = 1
    leaves_at_once: bool = True

    @property
    def name(self) -> str:
        """Such as "BG/NBD" or "MBG/CNBD-3"."""
        return ("MBG/" if self.leaves_at_once else "BG/") + ("NBD" if self.k == 1 else f"CNBD-{self.k}")

    @property
    def parameters(self) -> dict[str, float]:
        """r, alpha, a, b, k and leaves_at_once."""
        return asdict(self)

    def log_likelihood(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, log_gaps: npt.ArrayLike = 0.0
    ) -> FloatArray:
        """Give the log-likelihood of each history.

        Parameters
        ----------
        x, t_x, age : array, shape (customers,)
            Repeat purchases, time of the last one, age.
        log_gaps : array, shape (customers,)
            Sums of log gaps; without them values of different k cannot be compared.
        """
        rows = _Rows.of(x, t_x, age, self)
        base = betaln(self.a, rows.b) - betaln(self.a, self.b) + gammaln(rows.shape) - gammaln(self.r)
        base += self.r * np.log(self.alpha) - rows.shape * np.log(self.alpha + rows.age)
        known = (self.k - 1) * np.asarray(log_gaps, np.float64) - rows.x * gammaln(self.k)
        total: FloatArray = base + known + np.logaddexp(rows.log_gone, rows.log_here)
        return total

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left; in BG models 1 for who never came back."""
        rows = _Rows.of(x, t_x, age, self)
        return rows.alive

    def p_alive_after(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left at the end of the horizon."""
        rows = _Rows.of(x, t_x, age, self)
        kept = np.ones(rows.x.size)
        for part in self._blocks(rows, horizon):
            counts = self._counts(horizon, rows, part)
            stays = self._stays(int(rows.x[part[0]]), counts.shape[1] + 1)
            kept[part] = (counts * stays[:-1]).sum(axis=1) + np.maximum(1 - counts.sum(axis=1), 0) * stays[-1]
        return rows.alive * np.minimum(kept, 1.0)

    def expected_orders(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the expected purchases of each customer within the horizon.

        Parameters
        ----------
        horizon : float
            In the unit of the fit.
        x, t_x, age : array, shape (customers,)
            (0, 0, 0) is a new customer.
        """
        rows = _Rows.of(x, t_x, age, self)
        expected = np.zeros(rows.x.size)
        for part in self._blocks(rows, horizon):
            counts = self._counts(horizon, rows, part)
            stays = np.cumsum(self._stays(int(rows.x[part[0]]), counts.shape[1]))
            expected[part] = (counts[:, 1:] * stays[:-1]).sum(axis=1)
            expected[part] += np.maximum(1 - counts.sum(axis=1), 0) * stays[-1]
            if counts.shape[1] > FURTHEST:
                expected[part] += self._far(horizon, rows, part, counts.shape[1])
        return rows.alive * expected * (horizon > 0)

    def most_orders(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> IntArray:
        """Give a number of purchases that each customer exceeds with a probability below about 1e-8."""
        return self._most(_Rows.of(x, t_x, age, self), horizon)

    def tails(self, horizon: float, x: int, t_x: FloatArray, age: FloatArray, n_max: int) -> FloatArray:
        """Give the probability of at least 1, 2 … n_max purchases within the horizon.

        Parameters
        ----------
        x : int
            Repeat purchases, the same for all.
        t_x, age : array of float, shape (customers,)

        Returns
        -------
        float64 array, shape (customers, n_max)
            Falling along each row.
        """
        rows = _Rows.of(np.full(t_x.size, x), t_x, age, self)
        counts = self._counts(horizon, rows, np.arange(t_x.size), n_max)
        return rows.alive[:, None] * _at_least(counts) * self._stays(x, n_max)

    def _counts(self, horizon: float, rows: "_Rows", part: IntArray, n_max: int | None = None) -> FloatArray:
        """Give P(the clock allows exactly 0, 1 … n_max purchases), for customers of one x who are alive.

        The hidden ticks since the last purchase at the end of the horizon are m with probability ∝ Σ_{j<k} C(m, j)
        (e/h)^j · Γ(R + m)/m! · (h/(A + h))^m, e being the time since the last purchase, h the horizon, R = r + kx,
        A = α + T; with them come m // k purchases.
        """
        n_max = int(self._most(rows.at(part[:1]), horizon)[0]) if n_max is None else n_max
        ticks = np.add.outer(np.arange(self.k), self.k * np.arange(n_max + 1.0)).ravel()
        shape, scale = float(rows.shape[part[0]]), self.alpha + rows.age[part]
        rising = gammaln(shape + ticks) - gammaln(shape) - gammaln(ticks + 1)
        lead = -shape * np.log1p(horizon / scale) - rows.log_here[part]
        horizon = max(horizon, TINY * float(scale.max()))
        power = np.log(horizon) - np.log(scale + horizon)
        p = np.exp(lead[:, None] + (rising + ticks * power[:, None]))
        if self.k > 1:
            ratio = (rows.age[part] - rows.t_x[part]) / horizon
            p *= sum(ratio[:, None] ** j * comb(ticks, j) for j in range(self.k))
        return np.asarray(p.reshape(part.size, self.k, n_max + 1).sum(axis=1), np.float64)

    def _stays(self, x: int, n: int) -> FloatArray:
        """Give P(a customer alive does not leave before purchase 1, 2 … n): products of (b' + i)/(a + b' + i)."""
        b = self.b + x + self.leaves_at_once
        i = np.arange(n - 1)
        return np.concatenate([[1.0], np.cumprod((b + i) / (self.a + b + i))])[:n]

    def _far(self, horizon: float, rows: "_Rows", part: IntArray, n: int) -> FloatArray:
        """Sum the terms beyond n as an integral over log n: horizons thousands of gaps long."""
        last = self._most(rows.at(part), horizon, 1e15)[:, None]
        nodes, weights = np.polynomial.legendre.leggauss(TAIL_NODES)
        begin = np.log(n + 0.5)
        half = (np.log(np.maximum(last, n + 1.0)) - begin) / 2
        at = np.exp(begin + half + nodes * half)
        shape, scale = rows.shape[part][:, None], (self.alpha + rows.age[part])[:, None]
        b = self.b + float(rows.x[part[0]]) + self.leaves_at_once
        stays = np.exp(betaln(self.a, b + at - 1) - betaln(self.a, b))
        clock = betainc(at * self.k, shape, horizon / (scale + horizon))
        return np.asarray((clock * stays * at * weights).sum(axis=1) * half[:, 0], np.float64)

    def _most(self, rows: "_Rows", horizon: float, furthest: float = FURTHEST) -> IntArray:
        """Bound the purchases the clock allows: mean, six deviations and the tail of a negative binomial."""
        ratio = horizon / (self.alpha + rows.age)
        mean = (rows.shape + self.k - 1) * ratio
        ticks = mean + 6 * np.sqrt(mean * (1 + ratio)) + 19 * (1 + ratio)
        return in_steps(np.minimum(ticks / self.k + 1, furthest))

    def _blocks(self, rows: "_Rows", horizon: float) -> Iterator[IntArray]:
        """Cut customers into parts of one x and similar reach."""
        yield from blocks(rows.x.astype(np.int64), self._most(rows, horizon) * self.k)


def fit_beta_geometric(histories: Histories, k: int = 1, *, leaves_at_once: bool = True) -> Fit[BetaGeometric]:
    """Fit a model of the family by maximum likelihood.

    Parameters
    ----------
    histories : Histories
        With sums of log gaps if values of different k shall be compared.
    k : int
        Regularity, from 1.
    leaves_at_once : bool
        True for MBG, False for BG.

    Returns
    -------
    Fit
        In the unit of the histories; see `Fit.problems` before use.

    Raises
    ------
    BadUsage
        If k is below 1.
    """
    if k < 1:
        raise BadUsage(f"regularity {k}; k counts ticks a purchase, 1 or more")
    unit = max(float(np.average(histories.age, weights=histories.n)), 1e-300)
    likelihood_of = partial(_likelihood, k=k, leaves_at_once=leaves_at_once)
    return fit(
        likelihood_of(histories), partial(_build, k=k, leaves_at_once=leaves_at_once),
        [(r * k, alpha * unit, a, b) for r, alpha, a, b in STARTS], ("r", "alpha", "a", "b"),
        n_customers=histories.n_customers, n_rows=histories.n.size, n_fixed=int(k > 1),
        screen=likelihood_of(histories.sample(SCREEN_ROWS)) if histories.n.size > SCREEN_ROWS else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """Histories beside what a model makes of them: log weights of having left and of being alive."""

    x: FloatArray
    t_x: FloatArray
    age: FloatArray
    shape: FloatArray
    b: FloatArray
    log_gone: FloatArray
    log_here: FloatArray

    @property
    def alive(self) -> FloatArray:
        return np.asarray(np.exp(-np.logaddexp(0.0, self.log_gone - self.log_here)), np.float64)

    @classmethod
    def of(cls, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, model: BetaGeometric) -> "_Rows":
        counts, last, watched = np.broadcast_arrays(*(np.atleast_1d(np.asarray(c, np.float64)) for c in (x, t_x, age)))
        shape, b = model.r + model.k * counts, model.b + counts + model.leaves_at_once
        grown = np.log1p((watched - last) / (model.alpha + last))
        before = np.where(counts + model.leaves_at_once > 0, b - 1, np.inf)
        gone = np.log(model.a) - np.log(before) + shape * grown
        parts = _waiting(shape, np.arange(shape.size), (watched - last) / (model.alpha + watched), model.k)
        return cls(counts, last, watched, shape, b, gone, np.logaddexp.reduce(parts, axis=0))

    def at(self, part: IntArray) -> "_Rows":
        return _Rows(*(getattr(self, name)[part] for name in self.__slots__))


def _waiting(shape_of: FloatArray, place: IntArray, ratio: FloatArray, k: int) -> FloatArray:
    """Give log[(R)_j/j! · (e/A)^j] for j < k, shape (k, customers): j ticks, but no purchase, since the last one."""
    parts = np.zeros((k, ratio.size))
    if k > 1:
        with np.errstate(divide="ignore"):
            log_ratio = np.log(ratio)
    for j in range(1, k):
        parts[j] = (gammaln(shape_of + j) - gammaln(shape_of) - gammaln(j + 1))[place] + j * log_ratio
    return parts


def _at_least(counts: FloatArray) -> FloatArray:
    """Turn P(0), P(1) … P(n) into P(≥ 1) … P(≥ n)."""
    return np.maximum(1.0 - np.cumsum(counts[:, :-1], axis=1), 0.0)


def _build(place: FloatArray, *, k: int, leaves_at_once: bool) -> BetaGeometric:
    r, alpha, a, b = np.exp(place).tolist()
    return BetaGeometric(r, alpha, a, b, k, leaves_at_once)


def _likelihood(histories: Histories, *, k: int, leaves_at_once: bool) -> Likelihood:
    """Give the log-likelihood of all customers and its gradient, as a function of log r, log α, log a, log b."""
    d, n = int(leaves_at_once), histories.n.astype(np.float64)
    x_of, place = np.unique(histories.x, return_inverse=True)
    n_of = np.bincount(place, n)
    x, t_x, age = histories.x.astype(np.float64), histories.t_x, histories.age
    since, total = age - t_x, n.sum()
    constant = (k - 1) * np.nansum(histories.log_gaps) - gammaln(k) * (x @ n)

    def likelihood(log_parameters: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = np.exp(log_parameters)
        shape_of, b_of = r + k * x_of, b + x_of + d
        shape, scale = shape_of[place], alpha + age
        log_scale = np.log(scale)
        grown = log_scale - np.log(alpha + t_x)
        before = np.where(x_of + d > 0, b_of - 1, np.inf)  # who cannot have left did so with odds of 0
        gone = (np.log(a) - np.log(before))[place] + shape * grown
        waiting = _waiting(shape_of, place, since / scale, k)
        here = waiting[0] if k == 1 else np.logaddexp.reduce(waiting, axis=0)
        both = np.logaddexp(gone, here)
        by_x = betaln(a, b_of) - betaln(a, b) + gammaln(shape_of) - gammaln(r) + r * log_parameters[1]
        height = constant + by_x @ n_of + (n * (both - shape * log_scale)).sum()
        left = n * np.exp(gone - both)
        left_of, pull, push = np.bincount(place, left), 1 / scale, 1 / (alpha + t_x)
        slope_r = (psi(shape_of) - psi(r) + log_parameters[1]) @ n_of + (left * grown - n * log_scale).sum()
        slope_alpha = r / alpha * total + (shape * (left * (pull - push) - n * pull)).sum()
        for j in range(1, k):
            some = n * np.exp(waiting[j] - both)
            slope_r += np.bincount(place, some) @ (psi(shape_of + j) - psi(shape_of))
            slope_alpha -= j * (some * pull).sum()
        slope_a = (psi(a + b) - psi(a + b_of)) @ n_of + left.sum() / a
        slope_b = (psi(b_of) - psi(a + b_of) - psi(b) + psi(a + b)) @ n_of - left_of @ (1 / before)
        gradient = np.array([r * slope_r, alpha * slope_alpha, a * slope_a, b * slope_b])
        return float(height), gradient

    return likelihood
