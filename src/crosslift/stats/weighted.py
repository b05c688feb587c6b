"""Effects of choices made with known probabilities: every row stands for one over its probability.

Who was more likely to be offered a thing is over-represented among those who were; weighing undoes that, if every
probability is the one the choice was really made with, and none is 0. Rows of one unit resemble each other, so intervals
are drawn from units.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray
from crosslift.stats.trials import Difference, student


class Choices(NamedTuple):
    """Logged choices at which two actions were possible, and perhaps others; arrays of shape (choices,).

    Attributes
    ----------
    outcome : float64 array
        What came of it.
    is_treated, is_control : bool array
        Whether the action was chosen whose effect is asked for, or the one it is compared with; both False for any other.
    probability : float64 array
        Of the action that was chosen, above 0 and up to 1.
    unit : int64 array
        Whose choice it is.
    """

    outcome: FloatArray
    is_treated: BoolArray
    is_control: BoolArray
    probability: FloatArray
    unit: IntArray

    @classmethod
    def of(
        cls,
        outcome: npt.ArrayLike,
        is_treated: npt.ArrayLike,
        probability: npt.ArrayLike,
        unit: npt.ArrayLike | None = None,
        *,
        is_control: npt.ArrayLike | None = None,
    ) -> "Choices":
        """Check and hold logged choices; without units each is one of its own, and all that is not treated is control.

        Raises
        ------
        BadInput
            If shapes differ, an outcome is not finite, or a probability is missing, 0 or less, or above 1.
        """
        value, treated = np.asarray(outcome, np.float64), np.asarray(is_treated, np.bool_)
        control = ~treated if is_control is None else np.asarray(is_control, np.bool_)
        chance = np.asarray(probability, np.float64)
        owner = np.arange(value.size) if unit is None else np.unique(np.asarray(unit), return_inverse=True)[1]
        if value.ndim != 1 or not value.shape == treated.shape == control.shape == chance.shape == owner.shape:
            raise BadInput(
                f"{value.shape} outcomes, {treated.shape} actions, {chance.shape} probabilities, {owner.shape} units; "
                "give one of each for each choice"
            )
        if not np.isfinite(value).all():
            raise BadInput("an outcome is missing or infinite; leave out choices whose outcome is not known yet")
        wrong = np.flatnonzero(~((chance > 0) & (chance <= 1)))
        if wrong.size:
            raise BadInput(
                f"choice {wrong[0] + 1} has probability {chance[wrong[0]]}; it must be known, above 0 and up to 1, "
                "as it was when the choice was made"
            )
        return cls(value, treated, control, chance, owner)

    def take(self, rows: BoolArray) -> "Choices":
        """Keep some choices."""
        return Choices._make(column[rows] for column in self)

    @property
    def weight(self) -> FloatArray:
        """How many choices each one stands for."""
        return 1.0 / self.probability


def effective_size(weights: FloatArray) -> float:
    """Count the rows of equal weight that would tell as much: (Σ w)² / Σ w².

    Examples
    --------
    >>> effective_size(np.array([1.0, 1.0, 8.0]))
    1.5151515151515151
    """
    return float(weights.sum() ** 2 / (weights @ weights)) if weights.size else 0.0


def weighted_difference(choices: Choices, level: float = 0.95) -> Difference:
    """Compare two actions by weighted means (inverse propensity with Hajek's normalization).

    Parameters
    ----------
    choices : Choices
        Both actions, each chosen for at least two units.
    level : float
        Confidence in 0..1.

    Returns
    -------
    Difference
        With equal probabilities and one choice a unit it is the difference in means with Welch's standard error.

    Raises
    ------
    BadInput
        If an action was chosen for fewer than two units.

    References
    ----------
    Hajek (1971), comment in Foundations of Statistical Inference; Swaminathan & Joachims (2015), The self-normalized
    estimator for counterfactual learning. Standard error by linearization over units.

    Examples
    --------
    Those who buy anyway were offered it nine times in ten. Plain means see 0.75 against 0.5, the truth is none at all:

    >>> outcome = np.repeat([1, 0, 1, 0], [90, 30, 10, 10])
    >>> offered = np.repeat([True, False], [120, 20])
    >>> probability = np.repeat([0.9, 0.75, 0.1, 0.25], [90, 30, 10, 10])
    >>> round(weighted_difference(Choices.of(outcome, offered, probability)).value, 3)
    0.0
    """
    influence, value, freedom = np.zeros(choices.outcome.size), 0.0, []
    for arm, sign in ((choices.is_treated, 1.0), (choices.is_control, -1.0)):
        weight, units = choices.weight[arm], np.unique(choices.unit[arm]).size
        if units < 2:
            raise BadInput(f"an action was chosen for {units} units; a comparison needs at least two for each")
        mean = float(weight @ choices.outcome[arm] / weight.sum())
        size = max(effective_size(weight), 1.0 + 1e-9)
        value += sign * mean
        influence[arm] = sign * weight * (choices.outcome[arm] - mean) / weight.sum() * np.sqrt(size / (size - 1))
        freedom.append(min(size, units) - 1)
    spread = np.bincount(choices.unit, influence)
    return student(value, float(np.sqrt(spread @ spread)), max(min(freedom), 1.0), level)


def doubly_robust_difference(
    choices: Choices, expected_treated: npt.ArrayLike, expected_control: npt.ArrayLike, level: float = 0.95
) -> Difference:
    """Compare two actions by what a model expects of each, corrected by what it missed where the action was chosen.

    Right where the probabilities are right, whatever the model; the better the model, the narrower the interval.

    Parameters
    ----------
    choices : Choices
        As for `weighted_difference`.
    expected_treated, expected_control : array of float, shape (choices,)
        The outcome a model expects under each action, learned without the unit it speaks of.
    level : float
        Confidence in 0..1.

    Raises
    ------
    BadInput
        If shapes differ or there are fewer than two units.

    References
    ----------
    Robins, Rotnitzky & Zhao (1994); Dudik, Langford & Li (2011), Doubly robust policy evaluation and learning.
    """
    told = pseudo_outcomes(choices, expected_treated, expected_control)
    n_units = np.unique(choices.unit).size
    if n_units < 2:
        raise BadInput(f"choices of {n_units} units; an interval needs at least two")
    value = float(told.mean())
    spread = np.bincount(choices.unit, told - value) / told.size
    error = float(np.sqrt(spread @ spread * n_units / (n_units - 1)))
    return student(value, error, n_units - 1, level)


def pseudo_outcomes(choices: Choices, expected_treated: npt.ArrayLike, expected_control: npt.ArrayLike) -> FloatArray:
    """Give for each choice a number whose mean, also among those alike, is the effect of the action.

    Choices of other actions belong here too: without them the rest is not the people the probabilities speak of.
    """
    treated, control = np.asarray(expected_treated, np.float64), np.asarray(expected_control, np.float64)
    if not treated.shape == control.shape == choices.outcome.shape:
        raise BadInput(f"{treated.shape} and {control.shape} expectations for {choices.outcome.shape} choices")
    missed = np.where(choices.is_treated, choices.outcome - treated, control - choices.outcome)
    is_read = choices.is_treated | choices.is_control
    return np.asarray(treated - control + np.where(is_read, choices.weight * missed, 0.0))
