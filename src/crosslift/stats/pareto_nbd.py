"""Customers who may leave at any time: Pareto/NBD.

A customer buys as a Poisson process with rate λ ~ Gamma(r, α) and leaves at a rate μ ~ Gamma(s, β), whether they buy or
not. The likelihood is an integral over the time of leaving, between the last purchase and now. Its closed form subtracts
hypergeometric functions that are nearly equal or overflow; here the integral itself is taken, of positive terms in log
space, which also gives the gradient. Who is alive has λ ~ Gamma(r + x, α + T) and, independent of it, μ ~ Gamma(s, β + T).
"""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.btyd import SCREEN_ROWS, Histories, in_steps, slices
from crosslift.stats.maximum_likelihood import Fit, Likelihood, fit

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
FURTHEST = 4_096  # more purchases are not told apart
DEEP = 45.0  # what is e^-45 of the largest term is left out
STARTS = ((0.6, 0.3, 0.6, 0.4), (1.0, 1.0, 1.0, 1.0), (0.3, 0.1, 2.0, 3.0))
"""r, α in mean ages, s, β in mean ages."""


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """A fitted Pareto/NBD.

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the purchase rates; alpha is a time.
    s, beta : float
        Shape and rate of the rates of leaving; beta is a time.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), Counting your customers: who are they and what will they do next?,
    Management Science 33(1); Fader & Hardie (2005), A note on deriving the Pareto/NBD model and related expressions.

    Examples
    --------
    The first customer of the CDNOW sample, in weeks:

    >>> ParetoNbd(0.553, 10.578, 0.606, 11.669).p_alive(2, 30.43, 38.86).round(3)
    array([0.869])
    """

    r: float
    alpha: float
    s: float
    beta: float

    @property
    def name(self) -> str:
        """Always "Pareto/NBD"."""
        return "Pareto/NBD"

    @property
    def parameters(self) -> dict[str, float]:
        """r, alpha, s and beta."""
        return asdict(self)

    def log_likelihood(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, log_gaps: npt.ArrayLike = 0.0
    ) -> FloatArray:
        """Give the log-likelihood of each history; the gaps beside their sum tell nothing here."""
        rows = _Rows.of(x, t_x, age, self)
        base = gammaln(rows.shape) - gammaln(self.r) + self.r * np.log(self.alpha) + self.s * np.log(self.beta)
        total: FloatArray = base + np.logaddexp(rows.log_here, rows.log_gone) + 0.0 * np.asarray(log_gaps, np.float64)
        return total

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left."""
        rows = _Rows.of(x, t_x, age, self)
        return rows.alive

    def p_alive_after(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> FloatArray:
        """Give the probability that each customer has not left at the end of the horizon."""
        watched = np.asarray(age, np.float64)
        return self.p_alive(x, t_x, age) * np.exp(-self.s * np.log1p(horizon / (self.beta + watched)))

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
        grown = np.log1p(horizon / (self.beta + rows.age))
        extra = self.s - 1
        stayed = -np.expm1(-extra * grown) / extra if abs(extra) > 1e-12 else grown
        rate = rows.shape / (self.alpha + rows.age)
        return np.asarray(rows.alive * rate * (self.beta + rows.age) * stayed, np.float64)

    def most_orders(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> IntArray:
        """Give a number of purchases that each customer exceeds with a probability below about 1e-8."""
        rows = _Rows.of(x, t_x, age, self)
        ratio = horizon / (self.alpha + rows.age)
        mean = rows.shape * ratio
        most = mean + 6 * np.sqrt(mean * (1 + ratio)) + 19 * (1 + ratio) + 1
        return in_steps(np.minimum(most, FURTHEST))

    def tails(self, horizon: float, x: int, t_x: FloatArray, age: FloatArray, n_max: int) -> FloatArray:
        """Give the probability of at least 1, 2 … n_max purchases within the horizon.

        Averages the negative binomial of the time a customer stays over that time, cut at the horizon.

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
        shape, scale = self.r + x, self.alpha + age
        stays = np.exp(-self.s * np.log1p(horizon / (self.beta + age)))
        n = np.arange(n_max, dtype=np.float64)
        rising = gammaln(shape + n) - gammaln(shape) - gammaln(n + 1)
        counts = stays[:, None] * _negative_binomial(rising, shape, scale, np.full(age.size, horizon))
        for node, weight in zip(*np.polynomial.legendre.leggauss(16), strict=True):
            kept = 1 - (1 - stays) * (1 + node) / 2
            leaves = (self.beta + age) * np.expm1(-np.log(kept) / self.s)
            counts += ((1 - stays) * weight / 2)[:, None] * _negative_binomial(rising, shape, scale, leaves)
        alive = self.p_alive(np.full(age.size, x), t_x, age)
        return alive[:, None] * np.maximum(1.0 - np.cumsum(counts, axis=1), 0.0)


def fit_pareto_nbd(histories: Histories) -> Fit[ParetoNbd]:
    """Fit a Pareto/NBD by maximum likelihood, in the unit of the histories; see `Fit.problems` before use."""
    unit = max(float(np.average(histories.age, weights=histories.n)), 1e-300)
    return fit(
        _likelihood(histories), _build,
        [(r, alpha * unit, s, beta * unit) for r, alpha, s, beta in STARTS], ("r", "alpha", "s", "beta"),
        n_customers=histories.n_customers, n_rows=histories.n.size,
        screen=_likelihood(histories.sample(SCREEN_ROWS)) if histories.n.size > SCREEN_ROWS else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """Histories beside what a model makes of them: log weights of having left and of being alive."""

    x: FloatArray
    age: FloatArray
    shape: FloatArray
    log_gone: FloatArray
    log_here: FloatArray

    @property
    def alive(self) -> FloatArray:
        return np.asarray(np.exp(-np.logaddexp(0.0, self.log_gone - self.log_here)), np.float64)

    @classmethod
    def of(cls, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, model: ParetoNbd) -> "_Rows":
        counts, last, watched = np.broadcast_arrays(*(np.atleast_1d(np.asarray(c, np.float64)) for c in (x, t_x, age)))
        shape = model.r + counts
        gone = np.empty(shape.size)
        for part in slices(shape.size):
            terms, _, _ = _leaving(shape[part], model.s, model.alpha, model.beta, last[part], watched[part])
            gone[part] = np.log(model.s) + np.logaddexp.reduce(terms, axis=0)
        here = -shape * np.log(model.alpha + watched) - model.s * np.log(model.beta + watched)
        return cls(counts, watched, shape, gone, here)


def _leaving(
    shape: FloatArray, s: float, alpha: float, beta: float, t_x: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the log terms of ∫ (α + τ)^-(r + x) (β + τ)^-(s + 1) dτ from t_x to T, with log(α + τ) and log(β + τ).

    In u = log((c + τ)/(c + t_x)), c the smaller of α and β, the logarithm of the integrand is concave: where it falls
    from the start, it falls ever faster, and the range can be cut where nothing is left.
    """
    least = min(alpha, beta)
    start = least + t_x
    reach = np.log1p((age - t_x) / start)
    falls = shape * (start / (alpha + t_x)) + (s + 1) * (start / (beta + t_x)) - 1
    reach = np.where(falls * reach > DEEP, DEEP / np.maximum(falls, 1e-300), reach)
    moved = start * np.exp(reach * ((1 + NODES) / 2)[:, None])
    log_a, log_b = np.log(moved + (alpha - least)), np.log(moved + (beta - least))
    with np.errstate(divide="ignore"):
        log_step = np.log(reach / 2)
    log_moved = log_a if alpha <= beta else log_b
    return -shape * log_a - (s + 1) * log_b + log_moved + np.log(WEIGHTS)[:, None] + log_step, log_a, log_b


def _negative_binomial(rising: FloatArray, shape: float, scale: FloatArray, time: FloatArray) -> FloatArray:
    """Give P(0), P(1) … purchases in a time, shape (customers, counts); `rising` holds log[(R)_n/n!]."""
    power = np.log(np.maximum(time, 1e-300)) - np.log(scale + time)
    log_p = (-shape * np.log1p(time / scale))[:, None] + (rising + np.arange(rising.size) * power[:, None])
    return np.asarray(np.exp(log_p), np.float64)


def _build(place: FloatArray) -> ParetoNbd:
    return ParetoNbd(*np.exp(place).tolist())


def _likelihood(histories: Histories) -> Likelihood:
    """Give the log-likelihood of all customers and its gradient, as a function of log r, log α, log s, log β."""
    x_of, place = np.unique(histories.x, return_inverse=True)
    n_of, n, total = np.bincount(place, histories.n), histories.n.astype(np.float64), histories.n_customers

    def likelihood(log_parameters: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, s, beta = np.exp(log_parameters)
        height = (gammaln(r + x_of) - gammaln(r)) @ n_of + total * (r * np.log(alpha) + s * np.log(beta))
        slopes = np.array([(psi(r + x_of) - psi(r)) @ n_of, 0.0, 0.0, 0.0])
        slopes += total * np.array([np.log(alpha), r / alpha, np.log(beta), s / beta])
        for part in slices(n.size):
            shape, t_x, age = r + histories.x[part], histories.t_x[part], histories.age[part]
            terms, log_a, log_b = _leaving(shape, s, alpha, beta, t_x, age)
            last_a, last_b = np.log(alpha + age), np.log(beta + age)
            here = -shape * last_a - s * last_b
            both = np.logaddexp(here, np.log(s) + np.logaddexp.reduce(terms, axis=0))
            stays, leaves = n[part] * np.exp(here - both), n[part] * np.exp(np.log(s) + terms - both)
            height += (both * n[part]).sum()
            slopes[0] -= (stays * last_a).sum() + (leaves * log_a).sum()
            slopes[1] -= (stays * shape / (alpha + age)).sum() + (leaves * shape * np.exp(-log_a)).sum()
            slopes[2] += leaves.sum() / s - (stays * last_b).sum() - (leaves * log_b).sum()
            slopes[3] -= s * (stays / (beta + age)).sum() + (s + 1) * (leaves * np.exp(-log_b)).sum()
        return float(height), slopes * np.exp(log_parameters)

    return likelihood
