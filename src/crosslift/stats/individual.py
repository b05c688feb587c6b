"""For whom an action works: the effect as a function of what is known, learned from choices with known probabilities.

The doubly robust learner: what each action would have brought is first expected from those it was chosen for; what these
expectations missed, weighed by one over the probability, turns each choice into a noisy but unbiased reading of the effect;
small trees then learn the readings. Expectations come from units other than those read, scores from units other than those
learned from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray
from crosslift.stats.evidence import fit_evidence
from crosslift.stats.folds import deal
from crosslift.stats.levels import Codes, Column, Table
from crosslift.stats.trees import Shape, Trees, fit_trees
from crosslift.stats.weighted import Choices, pseudo_outcomes

FOLDS, HALVES = 5, 2
N_TREES, SHAPE = 60, Shape(depth=1, ridge=1000.0, least=100.0, most_rows=1_000_000)
"""Readings are noise for the most part, so leaves are large and drawn to the mean."""
PSEUDO, RIDGE = 25.0, 50.0


@dataclass(frozen=True, slots=True)
class UpliftModel:
    """The effect of an action on the outcome, by what is known."""

    table: Table
    trees: Trees

    def predict(self, columns: Sequence[Column]) -> FloatArray:
        """Give the expected effect for each row, shape (rows,), in the unit of the outcome.

        Raises
        ------
        BadInput
            If the columns are not those that were learned from.
        """
        return self.trees.scores(self.table.ordered(self.table.codes(columns)))


def fit_uplift(columns: Sequence[Column], choices: Choices, *, seed: int) -> UpliftModel:
    """Learn the effect of the treated action over the other.

    Parameters
    ----------
    columns : sequence of arrays, each of shape (choices,)
        What was known when the choice was made: numbers with nan where missing, or words with None or "" where missing.
    choices : Choices
        Both actions among them, an outcome of 0 or 1 happening and not happening under both; or amounts.
    seed : int
        How units are dealt into folds, and what each tree sees.

    Raises
    ------
    BadInput
        If there is no column, or lengths differ.

    References
    ----------
    Kennedy (2023), Towards optimal doubly robust estimation of heterogeneous causal effects.
    """
    table, codes = _coded(columns, choices)
    return UpliftModel(table, _fit(table, codes, choices, seed))


def held_out_uplift(columns: Sequence[Column], choices: Choices, *, seed: int) -> FloatArray:
    """Give for each choice the effect that a model expects which never saw its unit, shape (choices,).

    Parameters, errors and source are those of `fit_uplift`.
    """
    table, codes = _coded(columns, choices)
    ordered, part, scores = table.ordered(codes), _parts(choices, FOLDS, seed), np.empty(len(codes))
    for number in range(FOLDS):
        inside, outside = part != number, part == number
        trees = _fit(table, codes[inside], choices.take(inside), seed * FOLDS + number)
        scores[outside] = trees.scores(ordered[outside])
    return scores


def held_out_expectations(columns: Sequence[Column], choices: Choices, *, seed: int) -> tuple[FloatArray, FloatArray]:
    """Give the outcomes expected under both actions by models that never saw the unit, each of shape (choices,)."""
    table, codes = _coded(columns, choices)
    return _expectations(table, codes, choices, _parts(choices, FOLDS, seed), seed)


def _coded(columns: Sequence[Column], choices: Choices) -> tuple[Table, Codes]:
    if not columns or any(len(values) != choices.outcome.size for values in columns):
        raise BadInput(
            f"{len(columns)} columns for {choices.outcome.size} choices; give at least one column with a value per choice"
        )
    table = Table.of(columns)
    return table, table.codes(columns)


def _fit(table: Table, codes: Codes, choices: Choices, seed: int) -> Trees:
    expected = _expectations(table, codes, choices, _parts(choices, HALVES, seed), seed)
    readings = pseudo_outcomes(choices, *expected)
    return fit_trees(table.ordered(codes), readings, n_trees=N_TREES, seed=seed, shape=SHAPE, loss="square")


def _expectations(
    table: Table, codes: Codes, choices: Choices, part: IntArray, seed: int
) -> tuple[FloatArray, FloatArray]:
    treated, control = np.empty(len(codes)), np.empty(len(codes))
    for number in np.unique(part):
        inside, outside = part != number, part == number
        for expected, arm in ((treated, choices.is_treated), (control, choices.is_control)):
            expected[outside] = _outcome(table, codes, choices.outcome, inside & arm, outside, seed)
    return treated, control


def _outcome(
    table: Table, codes: Codes, outcome: FloatArray, learned: BoolArray, told: BoolArray, seed: int
) -> FloatArray:
    values = outcome[learned]
    if not values.size or (values == values[0]).all():
        return np.full(int(told.sum()), values[0] if values.size else float(outcome.mean()))
    if np.isin(values, (0.0, 1.0)).all():
        (evidence,) = fit_evidence(
            codes[learned], table.sizes, values, pseudo=PSEUDO, strongest=0, ridges=(RIDGE,), seed=seed
        )
        return np.asarray(expit(evidence.log_odds(codes[told])))
    ordered = table.ordered(codes)
    trees = fit_trees(ordered[learned], values, n_trees=N_TREES, seed=seed, shape=SHAPE, loss="square")
    return trees.scores(ordered[told])


def _parts(choices: Choices, n_parts: int, seed: int) -> IntArray:
    """Deal whole units, arms and outcomes of their first choice as evenly as can be."""
    _, first, unit = np.unique(choices.unit, return_index=True, return_inverse=True)
    label = 4 * choices.is_treated[first] + 2 * choices.is_control[first] + (choices.outcome[first] > 0)
    return deal(label, n_parts, seed=seed)[unit]
