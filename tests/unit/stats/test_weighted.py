import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.weighted import (
    Choices,
    doubly_robust_difference,
    effective_size,
    pseudo_outcomes,
    weighted_difference,
)


def logged(n, seed, effect=0.1):
    """Those likely to buy were mostly chosen for the offer; three actions, of which the last is not asked for."""
    random = np.random.default_rng(seed)
    keen = random.random(n) < 0.4
    shares = np.where(keen[:, None], [0.6, 0.2, 0.2], [0.1, 0.5, 0.4])
    action = (random.random(n)[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    outcome = random.random(n) < np.where(keen, 0.5, 0.1) + effect * (action == 0)
    return keen, Choices.of(outcome, action == 0, shares[np.arange(n), action], is_control=action == 1)


def test_weights_undo_who_was_chosen():
    _, choices = logged(60_000, 1)
    plain = choices.outcome[choices.is_treated].mean() - choices.outcome[choices.is_control].mean()
    assert plain > 0.25
    assert weighted_difference(choices).value == pytest.approx(0.1, abs=0.02)


def test_doubly_robust_is_right_with_a_wrong_model_and_narrow_with_a_right_one():
    keen, choices = logged(60_000, 2)
    wrong = doubly_robust_difference(choices, np.full(60_000, 0.9), np.full(60_000, 0.2))
    right = doubly_robust_difference(choices, np.where(keen, 0.6, 0.2), np.where(keen, 0.5, 0.1))
    assert wrong.value == pytest.approx(0.1, abs=4 * wrong.standard_error)
    assert right.value == pytest.approx(0.1, abs=4 * right.standard_error)
    assert right.standard_error < weighted_difference(choices).standard_error < wrong.standard_error


def test_readings_without_the_other_actions_would_not_average_to_the_effect():
    _, choices = logged(60_000, 3)
    expected = np.full(60_000, 0.0), np.full(60_000, 0.0)
    two = choices.take(choices.is_treated | choices.is_control)
    assert pseudo_outcomes(choices, *expected).mean() == pytest.approx(0.1, abs=0.03)
    assert pseudo_outcomes(two, np.zeros(two.outcome.size), np.zeros(two.outcome.size)).mean() > 0.13


def test_rows_of_one_unit_are_not_counted_as_many():
    random = np.random.default_rng(4)
    outcome, treated = random.random(300), random.random(300) < 0.5
    once = weighted_difference(Choices.of(outcome, treated, np.full(300, 0.5)))
    ten_times = Choices.of(np.tile(outcome, 10), np.tile(treated, 10), np.full(3_000, 0.5), np.tile(np.arange(300), 10))
    assert weighted_difference(ten_times).standard_error == pytest.approx(once.standard_error, rel=0.01)


def test_effective_size_of_equal_weights_is_their_number():
    assert effective_size(np.full(40, 7.0)) == pytest.approx(40)
    assert effective_size(np.empty(0)) == 0


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.0001, np.nan, np.inf])
def test_a_probability_that_none_is_refused(probability):
    with pytest.raises(BadInput, match="choice 2 has probability"):
        Choices.of([1, 0], [True, False], [0.5, probability])


def test_choices_that_cannot_be_compared_are_refused():
    with pytest.raises(BadInput, match="an outcome is missing"):
        Choices.of([np.nan, 0], [True, False], [0.5, 0.5])
    with pytest.raises(BadInput, match="give one of each"):
        Choices.of([1, 0], [True], [0.5, 0.5])
    with pytest.raises(BadInput, match="chosen for 1 units"):
        weighted_difference(Choices.of([1, 0, 1], [True, False, False], [0.5] * 3))


def test_units_that_were_left_out_are_not_counted():
    random = np.random.default_rng(5)
    outcome, treated = random.random(40), np.tile([True, False], 20)
    unit = np.arange(40)
    kept = Choices.of(outcome, treated, np.full(40, 0.5), unit).take(unit >= 20)
    alone = Choices.of(outcome[20:], treated[20:], np.full(20, 0.5), unit[20:])
    assert doubly_robust_difference(kept, np.zeros(20), np.zeros(20)) == pytest.approx(
        doubly_robust_difference(alone, np.zeros(20), np.zeros(20))
    )
