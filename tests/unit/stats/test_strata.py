"""Less noise from what was known before, and slices that do not shout."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from crosslift.errors import BadInput
from crosslift.stats.effects import of_means
from crosslift.stats.strata import limited, post_stratified, quantile_difference, shrunk
from crosslift.stats.trials import Arm


def test_strata_take_off_what_they_explain():
    chance = np.random.default_rng(3)
    level = chance.integers(0, 2, 4000)
    treated = chance.random(4000) < 0.5
    value = 100.0 * level + chance.normal(0, 1, 4000) + treated
    arms = {str(at): tuple(Arm.of(value[(level == at) & (treated == one)]) for one in (True, False)) for at in (0, 1)}
    effect, left_out = post_stratified(arms)
    plain = of_means(Arm.of(value[treated]), Arm.of(value[~treated]))
    assert left_out == ()
    assert abs(effect.value - 1) < 4 * effect.standard_error
    assert effect.standard_error < plain.standard_error / 10


def test_one_stratum_is_the_plain_comparison():
    arms = Arm.of([3.0, 5.0, 8.0]), Arm.of([2.0, 2.5, 4.0])
    assert post_stratified({"all": arms})[0] == pytest.approx(of_means(*arms))


def test_strata_that_cannot_be_compared_are_named():
    pair = Arm.of([1.0, 2.0]), Arm.of([0.0, 1.0])
    assert post_stratified({"a": pair, "b": (Arm.of([9.0]), Arm.of([1.0, 1.0]))})[1] == ("b",)
    with pytest.raises(BadInput, match="no stratum"):
        post_stratified({"b": (Arm.of([9.0]), Arm.of([1.0]))})


def test_a_limit_is_a_number():
    with pytest.raises(BadInput, match="fix a number"):
        limited([1.0], float("nan"))


def test_medians_are_compared_by_drawing_again():
    chance = np.random.default_rng(8)
    one, other = chance.normal(1, 2, 900), chance.normal(0, 2, 700)
    found = quantile_difference(one, other, seed=1)
    assert found.value == pytest.approx(np.median(one) - np.median(other))
    assert found.low < 1 < found.high
    error = (found.high - found.low) / 3.92
    theory = 1.2533 * 2 * np.sqrt(1 / 900 + 1 / 700)
    assert error == pytest.approx(theory, rel=0.25)
    assert median_abs_deviation(one) > 0
    assert found == quantile_difference(one, other, seed=1)
    with pytest.raises(BadInput, match="at least two"):
        quantile_difference([1.0], [1.0, 2.0], seed=1)


def test_slices_that_differ_by_noise_become_one():
    chance = np.random.default_rng(2)
    values, errors, spread = shrunk(chance.normal(0.5, 0.1, 12), np.full(12, 0.3))
    assert spread == 0
    assert np.ptp(values) == pytest.approx(0)
    assert errors[0] == pytest.approx(0.3 / np.sqrt(12))


def test_slices_that_differ_keep_most_of_it():
    truth = np.array([0.0, 1.0, 2.0, 3.0])
    values, errors, spread = shrunk(truth, np.full(4, 0.1))
    assert spread == pytest.approx(np.std(truth, ddof=1), rel=0.02)
    assert np.abs(values - truth).max() < 0.02
    assert (errors < 0.1 + 1e-9).all()


@pytest.mark.parametrize("given", [([1.0], [0.0]), ([1.0, 2.0], [1.0]), ([], [])])
def test_wrong_slices_are_refused(given):
    with pytest.raises(BadInput):
        shrunk(*given)
