"""What another policy would have earned, from choices that were logged with their probabilities.

Each choice counts for how much likelier the other policy would have made it. Where that is seldom, few choices carry all the
weight: the effective size says how many, and below `LEAST_EFFECTIVE` nothing is said.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray
from crosslift.stats.trials import Arm, Difference, student
from crosslift.stats.weighted import effective_size

LEAST_EFFECTIVE = 200


class Logged(NamedTuple):
    """Choices as they were made; arrays of shape (choices,).

    Attributes
    ----------
    outcome : float64 array
        What came of each.
    probability : float64 array
        Of what was chosen, under the policy that chose; above 0 and up to 1.
    target : float64 array
        The same choice's probability under the policy that is asked about; 0..1.
    unit : int64 array
        Whose choice it is; rows of one unit resemble each other.
    """

    outcome: FloatArray
    probability: FloatArray
    target: FloatArray
    unit: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        outcome: npt.ArrayLike,
        probability: npt.ArrayLike,
        target: npt.ArrayLike,
        unit: npt.ArrayLike | None = None,
    ) -> "Logged":
        """Check and hold logged choices; without units each is one of its own.

        Raises
        ------
        BadInput
            If shapes differ, an outcome is not finite, or a probability is out of its range.
        """
        value, chance, asked = (np.asarray(one, np.float64) for one in (outcome, probability, target))
        owner = np.arange(value.size) if unit is None else np.unique(np.asarray(unit), return_inverse=True)[1]
        if value.ndim != 1 or not value.shape == chance.shape == asked.shape == owner.shape:
            raise BadInput(
                f"{value.shape} outcomes, {chance.shape} and {asked.shape} probabilities, {owner.shape} units"
            )
        if not np.isfinite(value).all():
            raise BadInput("an outcome is missing or infinite; leave out choices nothing is known of yet")
        if not ((chance > 0) & (chance <= 1)).all():
            raise BadInput("a logged probability is missing, 0 or above 1; what could not be chosen cannot have been")
        if not ((asked >= 0) & (asked <= 1)).all():
            raise BadInput("a probability under the policy asked about lies outside 0..1")
        return cls(value, chance, asked, owner.astype(np.int64))


class Valued(NamedTuple):
    """What the other policy is worth a choice, three ways, and what the answer rests on.

    Attributes
    ----------
    ips, snips, doubly_robust : Difference or None
        By inverse propensity; the same over the weights that were met; with a model of the outcome taken off first. None
        where fewer than `LEAST_EFFECTIVE` choices speak, the last also without a model.
    on_policy : Difference or None
        What the policy that chose earned; None of fewer than two units.
    effective : float
        Choices of equal weight that the log is worth to the question.
    max_weight, mean_weight : float
        Before clipping; a mean far from 1 says that the probabilities are not those the choices were made with.
    share_clipped : float
    """

    ips: Difference | None
    snips: Difference | None
    doubly_robust: Difference | None
    on_policy: Difference | None
    effective: float
    max_weight: float
    mean_weight: float
    share_clipped: float


def value_of(
    logged: Logged,
    expected_chosen: npt.ArrayLike | None = None,
    expected_target: npt.ArrayLike | None = None,
    *,
    clip: float | None = None,
    level: float = 0.95,
) -> Valued:
    """Estimate what another policy would have earned a choice.

    Parameters
    ----------
    expected_chosen, expected_target : array of float, shape (choices,), optional
        Expected outcome of what was chosen, and of what the other policy would have chosen (its mean over its
        probabilities), from a model that did not see the choice's own unit. Without them nothing is said doubly robustly.
    clip : float, optional
        Weights above it count as it: less noise, and a bias towards what was logged; said in `share_clipped`.

    Raises
    ------
    BadInput
        If there is no choice, or expectations have another shape.

    References
    ----------
    Horvitz & Thompson (1952); Swaminathan & Joachims (2015), The self-normalized estimator; Dudik, Langford & Li (2011),
    Doubly robust policy evaluation and learning.
    """
    if logged.outcome.size == 0:
        raise BadInput("no choices; there is nothing to estimate from")
    raw = logged.target / logged.probability
    weight = raw if clip is None else np.minimum(raw, clip)
    effective = effective_size(weight) if weight.any() else 0.0
    told = effective, float(raw.max()), float(raw.mean()), float(np.mean(weight < raw))
    own = _mean(logged.outcome, logged.unit, level)
    if effective < LEAST_EFFECTIVE:
        return Valued(None, None, None, own, *told)
    ips = _mean(weight * logged.outcome, logged.unit, level)
    return Valued(ips, _self_normalized(logged, weight, level), _robust(
        logged, weight, expected_chosen, expected_target, level), own, *told)  # fmt: skip


def _robust(
    logged: Logged, weight: FloatArray, chosen: npt.ArrayLike | None, target: npt.ArrayLike | None, level: float
) -> Difference | None:
    if chosen is None or target is None:
        return None
    expected, asked = np.asarray(chosen, np.float64), np.asarray(target, np.float64)
    if not expected.shape == asked.shape == logged.outcome.shape:
        raise BadInput(f"{expected.shape} and {asked.shape} expectations for {logged.outcome.shape} choices")
    return _mean(asked + weight * (logged.outcome - expected), logged.unit, level)


def _self_normalized(logged: Logged, weight: FloatArray, level: float) -> Difference | None:
    """Weighted mean; its error by the delta method over units."""
    value = float(weight @ logged.outcome / weight.sum())
    found = _mean(weight * (logged.outcome - value) / weight.mean(), logged.unit, level)
    if found is None:
        return None
    return student(value, found.standard_error, np.unique(logged.unit).size - 1, level)


def _mean(values: FloatArray, unit: npt.NDArray[np.int64], level: float) -> Difference | None:
    """Mean over choices; its error over units, of which one may have many choices."""
    sums, sizes = np.bincount(unit, values), np.bincount(unit)
    if sizes.size < 2:
        return None
    mean = float(values.mean())
    around = Arm.of(sums - mean * sizes)
    return student(mean, float(np.sqrt(around.unit_variance / sizes.size)) / float(sizes.mean()), sizes.size - 1, level)
