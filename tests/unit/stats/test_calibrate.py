import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.calibrate import Steps, expected_calibration_error, fit_beta, fit_isotonic


def test_steps_are_the_pooled_shares():
    """Shares by score are 0, 1, 0, 1/2, 1; those of 2, 3 and 4 fall, so they pool: 2 hits of 4."""
    steps = fit_isotonic([1, 1, 2, 3, 4, 4, 9], [0, 0, 1, 0, 1, 0, 1], min_positive=3)
    assert steps.x.tolist() == [1, 2, 9]
    assert steps.y == pytest.approx([0, 1 / 2, 1])


def test_predictions_rise_with_the_score_and_stay_in_range():
    chance = np.random.default_rng(3)
    scores = chance.normal(size=4_000)
    true = 1 / (1 + np.exp(2 - scores))
    steps = fit_isotonic(scores, chance.random(4_000) < true)
    predicted = steps.predict(np.linspace(-9, 9, 500))
    assert predicted.dtype == np.float64
    assert np.all(np.diff(predicted) >= 0)
    assert np.all((predicted >= 0) & (predicted <= 1))
    assert np.abs(steps.predict(scores) - true).mean() < 0.03


def test_predictions_keep_the_shape_they_are_asked_in():
    steps = Steps(np.array([0.0, 1.0]), np.array([0.2, 0.6]))
    assert steps.predict([[0.5, 1.5]]).tolist() == [[0.2, 0.6]]
    assert steps.predict(-3) == 0.2
    assert steps.predict([]).size == 0


def test_the_share_of_hits_is_kept():
    chance = np.random.default_rng(3)
    scores, hits = chance.integers(0, 40, 900), chance.random(900) < 0.2
    assert fit_isotonic(scores, hits).predict(scores).sum() == pytest.approx(hits.sum())


def test_too_few_hits_give_no_probability():
    scores, hits = np.arange(200), np.arange(200) >= 151
    assert hits.sum() == 49
    assert fit_isotonic(scores, hits) is None
    assert fit_isotonic(scores, hits, min_positive=49) is not None
    assert fit_isotonic([], [], min_positive=0) is None


def test_calibration_error_is_zero_for_the_truth_and_the_gap_else():
    hits = np.tile([1, 0, 0, 0], 250)
    assert expected_calibration_error(np.full(1_000, 0.25), hits) == pytest.approx(0)
    assert expected_calibration_error(np.full(1_000, 0.40), hits) == pytest.approx(0.15)


def test_errors_of_two_bins_do_not_cancel():
    p, hits = [0.2] * 10 + [0.8] * 10, [1] * 8 + [0] * 2 + [1] * 2 + [0] * 8
    assert expected_calibration_error(p, hits, bins=2) == pytest.approx(0.6)
    assert expected_calibration_error(p, hits, bins=1) == pytest.approx(0)


def test_equal_probabilities_share_a_bin_in_any_order():
    p, hits = np.repeat([0.1, 0.5], 50), np.tile([0, 1], 50)
    shuffled = np.random.default_rng(0).permutation(100)
    assert expected_calibration_error(p, hits) == pytest.approx(0.2)
    assert expected_calibration_error(p[shuffled], hits[shuffled]) == pytest.approx(0.2)


@pytest.mark.parametrize("given", [([0.1], [0, 1]), ([np.nan], [1]), ([0.1], [2]), ([0.5], [np.nan])])
def test_what_is_no_score_or_no_hit_is_refused(given):
    with pytest.raises(BadInput):
        fit_isotonic(*given)
    with pytest.raises(BadInput):
        expected_calibration_error(*given)


def test_calibration_of_nothing_is_refused():
    with pytest.raises(BadInput, match="from nothing"):
        expected_calibration_error([], [])


def test_the_beta_curve_takes_back_what_was_claimed_too_surely():
    random = np.random.default_rng(1)
    truth = random.normal(-1, 1, 20_000)
    hit = random.random(20_000) < 1 / (1 + np.exp(-truth))
    curve = fit_beta(3 * truth + 1, hit)
    assert np.abs(curve.predict(3 * truth + 1) - 1 / (1 + np.exp(-truth))).max() < 0.05
    assert expected_calibration_error(curve.predict(3 * truth + 1), hit) < 0.01


def test_the_beta_curve_never_falls_and_makes_no_ties():
    random = np.random.default_rng(2)
    score = random.normal(-3, 2, 2_000)
    told = fit_beta(score, random.random(2_000) < 0.1 + 0.1 * (score > -2)).predict(np.sort(score))
    assert (np.diff(told) > 0).all()


def test_scores_that_point_the_wrong_way_get_the_base_rate():
    score = np.linspace(-2, 2, 1_000)
    told = fit_beta(score, np.random.default_rng(3).random(1_000) < 0.5 - 0.2 * score / 2).predict(score)
    assert np.ptp(told) < 0.01


def test_too_few_hits_or_misses_give_no_curve():
    assert fit_beta(np.arange(100.0), np.arange(100) < 49) is None
    assert fit_beta(np.arange(100.0), np.arange(100) < 51) is None
    assert fit_beta(np.arange(100.0), np.arange(100) < 50) is not None


def test_sampled_rows_weigh_as_much_as_they_stand_for():
    random = np.random.default_rng(4)
    p, times = random.random(400), random.integers(1, 5, 400)
    hit = random.random(400) < p
    repeated = expected_calibration_error(np.repeat(p, times), np.repeat(hit, times))
    assert expected_calibration_error(p, hit, weights=times) == pytest.approx(repeated)
