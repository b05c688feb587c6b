"""What weighing, intervals and rankings of effects hold for any log of choices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.trials import Arm, mean_difference
from crosslift.stats.uplift import Ranked, auuc, qini, uplift_at
from crosslift.stats.weighted import Choices, doubly_robust_difference, weighted_difference

SEEDS = st.integers(0, 2**32 - 1)


def logged(seed, n):
    """Outcomes of both arms, at least two units in each."""
    random = np.random.default_rng(seed)
    treated = np.append([True, True, False, False], random.random(n) < random.uniform(0.2, 0.8))
    return random.integers(0, 5, treated.size).astype(float), treated, random


@given(SEEDS, st.integers(0, 60), st.floats(0.01, 1), st.floats(0.01, 1))
def test_equal_probabilities_leave_the_difference_in_means_with_welchs_error(seed, n, one, other):
    outcome, treated, _ = logged(seed, n)
    plain = mean_difference(Arm.of(outcome[treated]), Arm.of(outcome[~treated]))
    weighted = weighted_difference(Choices.of(outcome, treated, np.where(treated, one, other)))
    assert weighted.value == pytest.approx(plain.value, abs=1e-9)
    assert weighted.standard_error == pytest.approx(plain.standard_error, abs=1e-9)


@given(SEEDS, st.integers(0, 60))
def test_swapping_the_arms_turns_the_sign(seed, n):
    outcome, treated, random = logged(seed, n)
    p = random.uniform(0.05, 1, outcome.size)
    one, other = (weighted_difference(Choices.of(outcome, arm, p)) for arm in (treated, ~treated))
    assert (one.value, one.low) == pytest.approx((-other.value, -other.high), abs=1e-9)
    expected = random.random((2, outcome.size))
    robust = doubly_robust_difference(Choices.of(outcome, treated, p), expected[0], expected[1])
    turned = doubly_robust_difference(Choices.of(outcome, ~treated, p), expected[1], expected[0])
    assert robust.value == pytest.approx(-turned.value, abs=1e-9)


@given(SEEDS, st.integers(0, 60))
def test_names_of_units_and_order_of_rows_do_not_matter(seed, n):
    outcome, treated, random = logged(seed, n)
    unit, p = random.integers(0, 9, outcome.size), random.uniform(0.05, 1, outcome.size)
    unit[:4] = 9, 10, 11, 12
    mixed = random.permutation(outcome.size)
    names = np.array([f"customer {number * 7 % 1009}" for number in unit.tolist()])
    one = weighted_difference(Choices.of(outcome, treated, p, unit))
    other = weighted_difference(Choices.of(outcome[mixed], treated[mixed], p[mixed], names[mixed]))
    assert one == pytest.approx(other, abs=1e-9)


@given(SEEDS, st.integers(0, 60), st.integers(1, 6))
@settings(max_examples=60)
def test_rows_of_a_tie_may_come_in_any_order(seed, n, n_scores):
    _, treated, random = logged(seed, n)
    bought, score = random.random(treated.size) < 0.4, random.integers(0, n_scores, treated.size)
    mixed = random.permutation(treated.size)
    one, other = Ranked.of(bought, score, treated), Ranked.of(bought[mixed], score[mixed], treated[mixed])
    for figure in (qini, auuc, uplift_at):
        assert figure(one) == pytest.approx(figure(other), abs=1e-9, nan_ok=True)


@given(SEEDS, st.integers(0, 60))
@settings(max_examples=60)
def test_only_the_order_of_scores_matters(seed, n):
    _, treated, random = logged(seed, n)
    bought, score = random.random(treated.size) < 0.4, random.integers(0, 6, treated.size)
    one, other = (Ranked.of(bought, scores, treated) for scores in (score, np.exp(score) * 3 - 50))
    assert (qini(one), auuc(one)) == pytest.approx((qini(other), auuc(other)), nan_ok=True)
    assert qini(one) <= 1 + 1e-9 or np.isnan(qini(one))
