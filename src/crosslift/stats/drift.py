"""Whether what comes now is spread as what came before: population stability index, with chance taken into account."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray
from crosslift.stats.calibrate import expected_calibration_error

DRAWS, SEED = 999, 7
BINS = 10
HALF = 0.5
"""Added to every count, so that what never came before is far, not infinitely far."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How far two spreads are apart.

    Attributes
    ----------
    psi : float
        Σ (after − before) · ln(after / before) over shares, 0 or more. Below 0.1 little moved, above 0.25 much (a rule of
        thumb of credit scoring).
    p_value : float
        How often units dealt anew between both times are as far apart.
    """

    psi: float
    p_value: float


def drift(before: npt.ArrayLike, after: npt.ArrayLike) -> Drift:
    """Compare how units fall into the same kinds at two times.

    Parameters
    ----------
    before, after : array of int, shape (kinds,)
        Units of each kind; of figures, first put into `bins_of`.

    Raises
    ------
    BadInput
        If shapes differ, or nobody came at one of the times.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards. The limits are custom, not theory: Yurdakul (2018) shows that what chance gives
    depends on bins and units, hence the permutation.

    Examples
    --------
    >>> found = drift([500, 500], [300, 700])
    >>> round(found.psi, 3), found.p_value
    (0.169, 0.001)
    """
    first, then = np.asarray(before, np.int64), np.asarray(after, np.int64)
    if first.shape != then.shape or first.ndim != 1 or (first < 0).any() or (then < 0).any():
        raise BadInput("give units of the same kinds at two times")
    if not first.sum() or not then.sum():
        raise BadInput("nobody came at one of the two times; nothing can have moved")
    rng = np.random.default_rng(SEED)
    dealt = rng.multivariate_hypergeometric(first + then, int(then.sum()), size=DRAWS, method="marginals")
    found = _psi(first[None], then[None])[0]
    as_far = (_psi(first + then - dealt, dealt) >= found - 1e-12).sum()
    return Drift(float(found), float((1 + as_far) / (1 + DRAWS)))


def bins_of(before: npt.ArrayLike, after: npt.ArrayLike, bins: int = BINS) -> tuple[npt.NDArray[np.int64], ...]:
    """Count figures of two times in bins that held equally many before; equal figures stay together."""
    first, then = np.asarray(before, np.float64), np.asarray(after, np.float64)
    edges = np.unique(np.quantile(first, np.arange(1, bins) / bins, method="inverted_cdf")) if first.size else first
    return tuple(
        np.bincount(np.searchsorted(edges, one, side="left"), minlength=edges.size + 1) for one in (first, then)
    )


def _psi(before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> FloatArray:
    shares = [(one + HALF) / (one + HALF).sum(axis=1, keepdims=True) for one in (before, after)]
    return np.asarray(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far stated probabilities are from what happened.

    Attributes
    ----------
    error : float
        Expected calibration error over deciles.
    by_chance : float
        The error that probabilities which are true exceed one time in twenty.
    """

    error: float
    by_chance: float

    @property
    def is_off(self) -> bool:
        """Whether chance does not explain it."""
        return self.error > self.by_chance


def reliability(p: npt.ArrayLike, hits: npt.ArrayLike) -> Reliability:
    """Hold stated probabilities against what happened later.

    Parameters
    ----------
    p : array of float, shape (offers,)
        As stated beforehand.
    hits : array of bool or 0/1, shape (offers,)
        What happened.

    Examples
    --------
    >>> reliability([0.1] * 500, [1] * 250 + [0] * 250).is_off
    True
    """
    stated = np.asarray(p, np.float64)
    error = expected_calibration_error(stated, hits)
    draws = np.random.default_rng(SEED).random((DRAWS // 5, stated.size)) < stated
    chance = [expected_calibration_error(stated, one) for one in draws]
    return Reliability(error, float(np.quantile(chance, 0.95)))
