"""From a score to a probability, and how far a stated probability can be trusted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Steps:
    """A rising step function from score to probability.

    Attributes
    ----------
    x : float64 array, shape (steps,)
        The lowest score of each step, rising.
    y : float64 array, shape (steps,)
        Its probability, rising, in 0..1.
    """

    x: FloatArray
    y: FloatArray

    def predict(self, scores: npt.ArrayLike) -> FloatArray:
        """Give the probability of each score, in its shape; scores below the first step get the first.

        Examples
        --------
        >>> Steps(np.array([0.0, 2.0]), np.array([0.1, 0.4])).predict([-5, 1.9, 2.0, 99]).tolist()
        [0.1, 0.1, 0.4, 0.4]
        """
        step = np.searchsorted(self.x, np.asarray(scores, np.float64), side="right") - 1
        return np.asarray(self.y[np.maximum(step, 0)])


def fit_isotonic(scores: npt.ArrayLike, hits: npt.ArrayLike, *, min_positive: int = 50) -> Steps | None:
    """Fit the rising step function that explains the hits best.

    Parameters
    ----------
    scores : array of float, shape (offers,)
        Higher is better; equal scores get equal probabilities.
    hits : array of bool or 0/1, shape (offers,)
        Whether the product was really bought.
    min_positive : int
        Hits needed before a probability is stated.

    Returns
    -------
    Steps or None
        None where there are too few hits: then nothing may be called a probability.

    Raises
    ------
    BadInput
        If shapes differ, a score is not finite or a hit is not 0 or 1.

    Examples
    --------
    A hit at the lowest score and none at the next two: these three are alike, one in three.

    >>> fit_isotonic([1, 2, 3, 4], [1, 0, 0, 1], min_positive=2).y.round(3).tolist()
    [0.333, 1.0]
    """
    score, hit = _checked(scores, hits)
    if hit.sum() < max(min_positive, 1):
        return None
    from scipy.optimize import isotonic_regression  # slow to import, and only learning fits

    levels, row, sizes = np.unique(score, return_inverse=True, return_counts=True)
    fitted = isotonic_regression(np.bincount(row, hit) / sizes, weights=sizes)
    return Steps(levels[fitted.blocks[:-1]], np.clip(fitted.x[fitted.blocks[:-1]], 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Beta:
    """A smooth rising curve from log odds to probability; it keeps every order, where steps would make ties.

    Log odds of the outcome are ``on_yes · log p − on_no · log(1 − p) + shift`` for a score of log odds log(p/(1 − p)).
    """

    on_yes: float
    on_no: float
    shift: float

    def log_odds(self, scores: npt.ArrayLike) -> FloatArray:
        """Give the calibrated log odds of each score, in its shape."""
        score = np.asarray(scores, np.float64)
        return np.asarray(self.on_yes * log_expit(score) - self.on_no * log_expit(-score) + self.shift)

    def predict(self, scores: npt.ArrayLike) -> FloatArray:
        """Give the probability of each score.

        Examples
        --------
        A model that is too sure of itself, taken back by half:

        >>> Beta(0.5, 0.5, 0.0).predict([-4.0, 0.0, 4.0]).round(3).tolist()
        [0.119, 0.5, 0.881]
        """
        return np.asarray(expit(self.log_odds(scores)))


def fit_beta(scores: npt.ArrayLike, hits: npt.ArrayLike, *, min_positive: int = 50) -> Beta | None:
    """Fit the calibration curve of the beta family that explains the hits best.

    Parameters
    ----------
    scores : array of float, shape (rows,)
        Log odds by a model that did not see the hits.
    hits : array of bool or 0/1, shape (rows,)
        What happened.
    min_positive : int
        Hits, and misses, needed before a probability is stated.

    Returns
    -------
    Beta or None
        None where there are too few: then nothing may be called a probability.

    Raises
    ------
    BadInput
        If shapes differ, a score is not finite or a hit is not 0 or 1.

    References
    ----------
    Kull, Silva Filho & Flach (2017), Beta calibration: a well-founded and easily implemented improvement on logistic
    calibration for binary classifiers.
    """
    score, hit = _checked(scores, hits)
    if min(hit.sum(), hit.size - hit.sum()) < max(min_positive, 1):
        return None
    from scipy.optimize import minimize  # slow to import, and only learning fits

    told = np.column_stack([log_expit(score), -log_expit(-score), np.ones(score.size)])

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        odds = told @ weights
        return float((np.logaddexp(0, odds) - hit * odds).mean()), told.T @ (expit(odds) - hit) / hit.size

    found = minimize(
        loss, np.array([1.0, 1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=((0, None), (0, None), (None, None))
    )
    return Beta(*found.x.tolist())


def expected_calibration_error(
    p: npt.ArrayLike, hits: npt.ArrayLike, bins: int = 10, *, weights: npt.ArrayLike | None = None
) -> float:
    """Give the mean distance between stated and observed probability over bins of equal size (deciles).

    Parameters
    ----------
    p : array of float, shape (offers,)
        Stated probabilities; equal ones stay in one bin.
    hits : array of bool or 0/1, shape (offers,)
        What happened.
    bins : int
        How many bins, 10 for deciles.
    weights : array of float, shape (offers,), optional
        How many offers each one stands for, where they were sampled; without it one.

    Returns
    -------
    float
        In 0..1, 0 is perfect: Σ bin size/offers · |mean p − share of hits|.

    Examples
    --------
    Rain was called at 30 % ten times and fell four times:

    >>> round(expected_calibration_error([0.3] * 10, [1] * 4 + [0] * 6), 3)
    0.1
    """
    stated, hit = _checked(p, hits)
    if not stated.size:
        raise BadInput("no offers; calibration cannot be worked out from nothing")
    weight = np.ones(stated.size) if weights is None else np.asarray(weights, np.float64)
    edges = np.quantile(stated, np.arange(1, bins) / bins, method="inverted_cdf", weights=weight)
    in_bin = np.searchsorted(edges, stated, side="left")
    gaps = np.bincount(in_bin, weight * (stated - hit), minlength=bins)
    return float(np.abs(gaps).sum() / weight.sum())


def _checked(scores: npt.ArrayLike, hits: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    score, hit = np.asarray(scores, np.float64), np.asarray(hits, np.float64)
    if score.shape != hit.shape or score.ndim != 1:
        raise BadInput(f"{score.shape} scores for {hit.shape} hits; give one hit or miss for each score")
    if not (np.isfinite(score).all() and np.isin(hit, (0.0, 1.0)).all()):
        raise BadInput("scores must be finite and hits 0 or 1; leave out offers whose outcome is unknown")
    return score, hit
