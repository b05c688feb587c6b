"""P(best) against published arithmetic, sampling and symmetry; a floor that keeps every arm alive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.errors import BadInput
from crosslift.stats.bandit import p_best, pick, with_floor


def test_two_arms_as_published():
    """120 and 150 of 1,000 with flat priors: .9750678 by the closed two-arm sum (shared page SCIENCE 4.5)."""
    assert p_best([120, 150], [1000, 1000])[1] == pytest.approx(0.9750678, abs=5e-8)


def test_three_arms_as_sampling_has_them():
    won, tried = np.array([50, 60, 1]), np.array([1000, 1000, 30])
    draws = np.random.default_rng(3).beta(won + 1, tried - won + 1, (400_000, 3))
    sampled = np.bincount(draws.argmax(1), minlength=3) / len(draws)
    assert p_best(won, tried) == pytest.approx(sampled, abs=4 * np.sqrt(0.25 / len(draws)))


def test_arms_a_hundred_times_narrower_than_others_are_integrated_too():
    p = p_best([50_000, 50_100, 3], [1_000_000, 1_000_000, 5])
    assert p.sum() == pytest.approx(1)
    assert p[2] == pytest.approx(0.99991, abs=2e-5)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=5))
def test_equal_arms_are_equally_likely_and_all_sum_to_one(counts):
    won = np.array([min(pair) for pair in counts])
    tried = np.array([max(pair) for pair in counts])
    p = p_best(won, tried)
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    twice = p_best(np.append(won, won[0]), np.append(tried, tried[0]))
    assert twice[0] == pytest.approx(twice[-1], abs=1e-9)


def test_no_arm_is_ever_impossible():
    p = with_floor(p_best([0, 900], [1000, 1000]), 0.02)
    assert p.min() >= 0.02
    assert p.sum() == pytest.approx(1)


def test_a_floor_that_is_more_than_everything_is_refused():
    with pytest.raises(BadInput, match=r"give at most 0\.2500"):
        with_floor([0.25] * 4, 0.3)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(BadInput, match="between 0 and the trials"):
        p_best([5], [4])


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6), st.floats(0, 1, exclude_max=True))
def test_an_arm_is_picked_where_its_share_lies(weights, u):
    p = np.array(weights) / np.sum(weights)
    arm = pick(p, u)
    assert p[:arm].sum() - 1e-12 <= u < p[: arm + 1].sum() + 1e-12
