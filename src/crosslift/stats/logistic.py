"""Logistic regression that prefers small weights (ridge), by Newton's method."""

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray

MOST_STEPS = 50
SLOW = 0.2  # the curvature, which is dear, is worked out anew only where a step leaves more than this to gain
CLOSE_ENOUGH = 1e-4  # twice what another step would take off the loss, a sum over all rows


def fit_logistic(
    features: npt.ArrayLike, hits: npt.ArrayLike, *, ridge: float, start: FloatArray | None = None
) -> FloatArray:
    """Fit the weights w that minimize −Σ log P(hit) + ridge/2 · Σ w², the intercept left free.

    Parameters
    ----------
    features : array of float, shape (rows, features)
        One column per feature.
    hits : array of bool or 0/1, shape (rows,)
        What happened; at least one hit and one miss.
    ridge : float
        Above 0: how strongly weights are drawn to 0.
    start : array, shape (1 + features,), optional
        Where to begin, best the weights of a similar ridge.

    Returns
    -------
    float64 array, shape (1 + features,)
        The intercept, then the weights.

    Raises
    ------
    BadInput
        If shapes differ, all rows are hits or none is, or the ridge is not above 0.

    Examples
    --------
    Of those without the sign 1 in 4 bought, of those with it 3 in 4; log odds of 3 apart 2·log 3, drawn a little to 0:

    >>> sign, bought = np.repeat([0.0, 1.0], 4), [0, 0, 0, 1, 0, 1, 1, 1]
    >>> fit_logistic(sign[:, None], bought, ridge=0.01).round(1).tolist()
    [-1.1, 2.1]
    """
    x, hit = np.asarray(features, np.float64), np.asarray(hits, np.float64)
    if x.ndim != 2 or hit.shape != x.shape[:1]:
        raise BadInput(f"features of shape {x.shape} for {hit.shape} hits; give one row of features for each hit")
    if not 0 < hit.mean() < 1:
        raise BadInput("every row is a hit or none is; there is nothing to tell apart")
    if not ridge > 0:
        raise BadInput(f"ridge {ridge} is not above 0; without it weights run away where hits are few")
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(design.shape[1], float(ridge))
    penalty[0] = 0.0
    weights = np.zeros(design.shape[1]) if start is None else start.copy()
    if start is None:
        weights[0] = np.log(hit.mean() / (1 - hit.mean()))
    loss, curve, before = _loss(design, hit, penalty, weights), None, np.inf
    for _ in range(MOST_STEPS):
        p = expit(design @ weights)
        slope = design.T @ (p - hit) + penalty * weights
        if curve is None or slope @ cho_solve(curve, slope) > SLOW * before:
            second = (design * (p * (1 - p))[:, None]).T @ design
            second[np.diag_indices_from(second)] += penalty + 1e-10
            curve = cho_factor(second)
        step = cho_solve(curve, slope)
        before = float(slope @ step)
        if before < CLOSE_ENOUGH:
            break
        weights, loss = _descend(design, hit, penalty, weights, step, loss)
    return weights


def _descend(
    design: FloatArray, hit: FloatArray, penalty: FloatArray, weights: FloatArray, step: FloatArray, loss: float
) -> tuple[FloatArray, float]:
    """Go along the step, half as far as long as that is uphill."""
    for shorter in 0.5 ** np.arange(20):
        tried = weights - shorter * step
        found = _loss(design, hit, penalty, tried)
        if found < loss:
            return tried, found
    return weights, loss


def _loss(design: FloatArray, hit: FloatArray, penalty: FloatArray, weights: FloatArray) -> float:
    score = design @ weights
    return float(np.logaddexp(0, score).sum() - hit @ score + 0.5 * penalty @ weights**2)
