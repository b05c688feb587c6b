"""What an order of a customer is worth: the gamma-gamma model of monetary value.

The amounts of one customer are Gamma(p, ν), their levels ν ~ Gamma(q, γ) over customers. The mean of a few amounts is
drawn to the mean of all: who ordered once for a fortune is not expected to do so again. The model takes amounts to be
independent of how often a customer buys; `FrequencyLink` says how far that holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtri, psi

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray
from crosslift.stats.maximum_likelihood import Fit, Likelihood, fit

STARTS = ((5.0, 4.0, 3.0), (1.0, 2.0, 1.0), (30.0, 3.0, 0.1))
"""p, q, γ in mean amounts."""


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted gamma-gamma model.

    Attributes
    ----------
    p, q : float
        Shapes of the amounts of a customer and of the customers' levels.
    gamma : float
        In the currency of the amounts.

    References
    ----------
    Colombo & Jiang (1999), A stochastic RFM model; Fader & Hardie (2013), The gamma-gamma model of monetary value.

    Examples
    --------
    The first customer of the CDNOW sample, two repeat orders of 22.35 dollars on average:

    >>> GammaGamma(6.25, 3.74, 15.44).expected_amount(2, 22.35).round(1)
    array([24.7])
    """

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """The mean amount of all customers; infinite where q is 1 or less."""
        return self.gamma * self.p / (self.q - 1) if self.q > 1 else float("inf")

    def log_likelihood(self, n: npt.ArrayLike, means: npt.ArrayLike) -> FloatArray:
        """Give the log-likelihood of each customer's mean amount.

        Parameters
        ----------
        n : array, shape (customers,)
            Orders the mean is of, at least 1.
        means : array, shape (customers,)
            Above 0.
        """
        counts, amounts = np.asarray(n, np.float64), np.asarray(means, np.float64)
        shape = self.p * counts
        total: FloatArray = gammaln(shape + self.q) - gammaln(shape) - gammaln(self.q) + self.q * np.log(self.gamma)
        total = total + (shape - 1) * np.log(amounts) + shape * np.log(counts)
        return total - (shape + self.q) * np.log(self.gamma + counts * amounts)

    def expected_amount(self, n: npt.ArrayLike, means: npt.ArrayLike) -> FloatArray:
        """Give the expected amount of each customer's next order.

        Parameters
        ----------
        n, means : array, shape (customers,)
            Orders and their mean amount; where n is 0 the mean does not matter.

        Returns
        -------
        float64 array, shape (customers,)
            A mean of the customer's own and everybody's, linear in the own one; nan where n and q are too small.
        """
        counts, amounts = np.broadcast_arrays(np.atleast_1d(np.asarray(n, np.float64)), np.asarray(means, np.float64))
        spent = np.where(counts > 0, counts * np.where(counts > 0, amounts, 0.0), 0.0)
        below = self.p * counts + self.q - 1
        return np.where(below > 0, self.p * (self.gamma + spent) / np.where(below > 0, below, 1.0), np.nan)


@dataclass(frozen=True, slots=True)
class FrequencyLink:
    """How amounts hang together with the number of orders: Pearson's correlation and its interval (Fisher)."""

    correlation: float
    low: float
    high: float
    n: int


def fit_gamma_gamma(n: npt.ArrayLike, means: npt.ArrayLike) -> Fit[GammaGamma]:
    """Fit the model by maximum likelihood.

    Parameters
    ----------
    n, means : array, shape (customers,)
        Orders of each customer and their mean amount, above 0.

    Returns
    -------
    Fit
        See `Fit.problems` before use; with q of 1 or less everybody's mean is infinite.

    Raises
    ------
    BadInput
        If shapes differ or there is nobody, no order or an amount of 0 or less.
    """
    counts, amounts = _checked(n, means)
    unit = float(np.average(amounts, weights=counts))
    return fit(
        _likelihood(counts, amounts), _build, [(p, q, gamma * unit) for p, q, gamma in STARTS], ("p", "q", "gamma"),
        n_customers=counts.size, n_rows=counts.size,
    )  # fmt: skip


def frequency_link(n: npt.ArrayLike, means: npt.ArrayLike, level: float = 0.95) -> FrequencyLink:
    """Correlate the number of orders with the mean amount; nan where fewer than 4 customers or no spread are given.

    Examples
    --------
    >>> frequency_link([1, 2, 3, 4, 5], [10, 30, 20, 20, 30]).correlation.__round__(3)
    0.567
    """
    counts, amounts = _checked(n, means)
    if counts.size < 4 or np.ptp(counts) == 0 or np.ptp(amounts) == 0:
        return FrequencyLink(float("nan"), float("nan"), float("nan"), counts.size)
    correlation = float(np.corrcoef(counts, amounts)[0, 1])
    reach = ndtri((1 + level) / 2) / np.sqrt(counts.size - 3)
    middle = np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    return FrequencyLink(correlation, float(np.tanh(middle - reach)), float(np.tanh(middle + reach)), counts.size)


def amount_variance(model: GammaGamma, covariance: FloatArray, n: npt.ArrayLike) -> FloatArray:
    """Give the variance that uncertain parameters lend to the logarithm of the expected amount (delta method).

    For customers with n orders of everybody's mean amount; 0 where the expectation is not finite. `covariance` is that of
    log p, log q, log γ, of shape (3, 3).
    """
    counts = np.asarray(n, np.float64)
    center = np.log([model.p, model.q, model.gamma])
    means = np.full(counts.shape, model.mean if np.isfinite(model.mean) else model.gamma)
    slopes = []
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-4
        with np.errstate(invalid="ignore"):
            high, low = (
                np.log(_build(place).expected_amount(counts, means)) for place in (center + step, center - step)
            )
        slopes.append((high - low) / 2e-4)
    slope = np.nan_to_num(np.array(slopes))
    return np.asarray(np.einsum("ic,ij,jc->c", slope, covariance, slope), np.float64)


def _build(place: FloatArray) -> GammaGamma:
    return GammaGamma(*np.exp(place).tolist())


def _likelihood(n: FloatArray, means: FloatArray) -> Likelihood:
    """Give the log-likelihood of all customers and its gradient, as a function of log p, log q, log γ."""
    n_of, place, repeats = np.unique(n, return_inverse=True, return_counts=True)
    log_mean, spent = np.log(means), n * means
    fixed = -log_mean.sum()
    by_n = np.bincount(place, log_mean) + repeats * np.log(n_of)

    def likelihood(log_parameters: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = np.exp(log_parameters)
        shape_of = p * n_of
        log_all = np.log(gamma + spent)
        all_of = np.bincount(place, log_all)
        height = (gammaln(shape_of + q) - gammaln(shape_of)) @ repeats + shape_of @ by_n + fixed
        height += n.size * (q * np.log(gamma) - gammaln(q)) - (shape_of + q) @ all_of
        above = psi(shape_of + q)
        slope_p = n_of @ (repeats * (above - psi(shape_of)) + by_n - all_of)
        slope_q = above @ repeats + n.size * (np.log(gamma) - psi(q)) - all_of.sum()
        slope_gamma = n.size * q / gamma - (shape_of + q) @ np.bincount(place, 1 / (gamma + spent))
        return float(height), np.array([p * slope_p, q * slope_q, gamma * slope_gamma])

    return likelihood


def _checked(n: npt.ArrayLike, means: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    counts, amounts = np.asarray(n, np.float64), np.asarray(means, np.float64)
    if counts.ndim != 1 or counts.shape != amounts.shape or not counts.size:
        raise BadInput(f"{counts.shape} orders and {amounts.shape} mean amounts; give one of each, of someone")
    if not (np.all(counts >= 1) and np.all(amounts > 0) and np.isfinite(amounts).all()):
        raise BadInput("a customer without orders or with a mean amount of 0 or less; leave them out")
    return counts, amounts
