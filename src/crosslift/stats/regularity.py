"""How regular purchases are: 1 at random times, above it in a rhythm, below it in bursts.

A customer's gaps are Gamma(k, λ) with a λ of their own. Given how many gaps there are and how long they are together,
their shares of the whole are Dirichlet(k, …, k), whatever λ, whenever watching ended and whether the customer left: so k
is estimated from what lies between the purchases alone, and holds before any model of leaving is chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtri, polygamma, psi

from crosslift.stats.btyd import Histories

SMALLEST, LARGEST = 0.02, 200.0
RHYTHM, BURSTS = 1.1, 0.9
"""Among a million customers 1.005 is surely above 1, and nothing a forecast would notice."""


@dataclass(frozen=True, slots=True)
class Regularity:
    """The shape k of the gaps with its interval; all nan where nobody has two gaps or their lengths are not known.

    `n` counts the customers it is read from.
    """

    shape: float
    low: float
    high: float
    n: int

    @property
    def is_regular(self) -> bool:
        """Whether purchases surely come in more of a rhythm than at random times, by what matters."""
        return self.low > RHYTHM

    @property
    def is_bursty(self) -> bool:
        """Whether purchases surely come in bursts, by what matters."""
        return self.high < BURSTS


def gap_shape(histories: Histories, level: float = 0.95) -> Regularity:
    """Estimate the common shape of the gaps by conditional maximum likelihood.

    Parameters
    ----------
    histories : Histories
        With sums of log gaps; who has fewer than two gaps tells nothing.
    level : float
        Confidence of the interval, from the curvature on the scale of log k.

    References
    ----------
    Platzer & Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer activity,
    Marketing Science 35(5), for the use; the conditional likelihood is that of Dirichlet shares.

    Examples
    --------
    Three gaps of 10 days and a customer with gaps of 9, 10 and 11 are clocks:

    >>> gaps = np.log([10, 10, 10]).sum(), np.log([9, 10, 11]).sum()
    >>> gap_shape(Histories.of([3, 3], [30, 30], [35, 40], gaps)).is_regular
    True
    """
    clock = histories.smooth()
    some = clock.x >= 2
    n, x = clock.n[some].astype(np.float64), clock.x[some].astype(np.float64)
    if not n.size or np.isnan(clock.log_gaps).any():
        return Regularity(float("nan"), float("nan"), float("nan"), 0)
    x_of, place = np.unique(x, return_inverse=True)
    n_of, gaps = np.bincount(place, n), float(n @ x)
    spread = float((clock.log_gaps[some] - n * x * np.log(clock.t_x[some])).sum())

    def height(k: float) -> float:
        return float(n_of @ gammaln(x_of * k) - gaps * gammaln(k) + (k - 1) * spread)

    k = _concave_maximum(height)
    information = gaps * float(polygamma(1, k)) - float((n_of * x_of**2) @ polygamma(1, x_of * k))
    slope = float((n_of * x_of) @ psi(x_of * k)) - gaps * float(psi(k)) + spread
    on_logs = k**2 * information - k * slope
    reach = float(ndtri((1 + level) / 2)) / np.sqrt(max(on_logs, 1e-12))
    return Regularity(k, k * float(np.exp(-reach)), k * float(np.exp(min(reach, 700.0))), int(n.sum()))


def _concave_maximum(height: Callable[[float], float]) -> float:
    from scipy.optimize import minimize_scalar  # slow to import, and only learning fits

    ends = (np.log(SMALLEST), np.log(LARGEST))
    found = minimize_scalar(
        lambda log_k: -height(float(np.exp(log_k))), bounds=ends, method="bounded", options={"xatol": 1e-9}
    )
    return float(np.exp(found.x))
