"""Effects of trials: what the three judgments say, and what they refuse."""

import numpy as np
import pytest

from crosslift.errors import BadInput, CountsDisagree
from crosslift.stats.effects import (
    Effect,
    RatioArm,
    adjusted,
    at_any_time,
    at_horizon,
    believed,
    by_mixture,
    of_means,
    of_ratios,
    of_shares,
)
from crosslift.stats.trials import Arm, Covariate


def test_a_relative_effect_is_the_difference_of_logarithms_for_small_ones():
    effect = of_means(Arm.of([10.1, 10.3, 10.2]), Arm.of([10.0, 10.2, 10.1]), is_relative=True)
    assert effect.value == pytest.approx(0.1 / 10.1)
    assert effect.n == 6


def test_a_control_of_nothing_has_no_relative_effect():
    with pytest.raises(BadInput, match="the control's mean is 0"):
        of_means(Arm.of([1.0, 2.0]), Arm.of([0.0, 0.0]), is_relative=True)


@pytest.mark.parametrize("arm", [(1, 1), (0, 0)])
def test_shares_of_too_few_units_are_refused(arm):
    with pytest.raises(BadInput, match="at least two"):
        of_shares(arm, (3, 10))


def test_more_successes_than_units_are_refused():
    with pytest.raises(CountsDisagree, match="11 successes among 10"):
        of_shares((11, 10), (3, 10))


def test_a_ratio_with_denominators_of_one_is_a_mean():
    y = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    arm = RatioArm(5, y.sum(), y @ y, 5, 5, y.sum())
    assert arm.unit_variance == pytest.approx(Arm.of(y).unit_variance)
    assert of_ratios(arm, arm).value == 0


def test_a_ratio_without_denominators_is_refused():
    with pytest.raises(BadInput, match="denominators add up to 0"):
        of_ratios(RatioArm(5, 3, 4, 0, 0, 0), RatioArm(5, 3, 4, 5, 5, 3))


def test_products_that_fit_no_values_are_refused():
    with pytest.raises(CountsDisagree, match="products"):
        of_ratios(RatioArm(5, 15, 55, 5, 5, 90), RatioArm(5, 15, 55, 15, 55, 90))


def test_a_covariate_that_says_all_leaves_no_noise():
    before = np.array([1.0, 2.0, 3.0, 4.0])
    arms = [
        (Arm.of(2 * before + shift), Covariate(before.sum(), before @ before, before @ (2 * before + shift)))
        for shift in (1.0, 0.0)
    ]
    effect, theta = adjusted(arms[0][0], arms[1][0], arms[0][1], arms[1][1])
    assert (theta, effect.value) == pytest.approx((2.0, 1.0))
    assert effect.standard_error == pytest.approx(0.0, abs=1e-7)


def test_an_interval_for_all_times_is_wider_and_never_surer():
    for n in (100, 5_000, 10**6):
        effect = Effect(0.1, 0.05, n - 2, n)
        once, always, mixed = at_horizon(effect), at_any_time(effect), by_mixture(effect, 0.01)
        assert always.low < once.low < once.high < always.high
        assert mixed.high > once.high
        assert always.p_value >= once.p_value
        assert 0 < always.p_value <= 1


@pytest.mark.parametrize("risk", [0.01, 0.05, 0.2])
def test_the_anytime_p_value_is_the_risk_whose_interval_ends_at_zero(risk):
    effect = Effect(0.1, 0.05, 998, 1000)
    rho_sq = (-2 * np.log(risk) + np.log(-2 * np.log(risk) + 1)) / 5000
    found = at_any_time(effect, 1 - risk)
    scale = found.high - found.value
    touching = at_any_time(Effect(scale, 0.05, 998, 1000), 1 - risk)
    assert touching.low == pytest.approx(0, abs=1e-12)
    assert touching.p_value == pytest.approx(risk)
    assert rho_sq > 0


def test_no_noise_is_certain():
    for judge in (at_horizon, at_any_time, lambda effect: by_mixture(effect, 1.0)):
        assert judge(Effect(0.2, 0.0, 10, 12))[:3] == (0.2, 0.2, 0.2)
    assert believed(Effect(0.2, 0.0, 10, 12)) == (1.0, 0.0, 0.2)
    assert believed(Effect(0.0, 0.0, 10, 12)).p_better == 0.5


def test_losses_differ_by_the_effect():
    found = believed(Effect(-0.3, 0.2, 50, 52))
    assert found.loss_of_control - found.loss_of_treated == pytest.approx(-0.3)
    assert found.p_better < 0.1


@pytest.mark.parametrize(
    "ask",
    [lambda e: at_any_time(e, tuned_for=0), lambda e: at_any_time(e._replace(n=1)), lambda e: by_mixture(e, 0.0)],
)
def test_what_cannot_be_bounded_is_refused(ask):
    with pytest.raises(BadInput):
        ask(Effect(0.1, 0.05, 998, 1000))
