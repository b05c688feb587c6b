import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.calibrate import expected_calibration_error
from crosslift.stats.classify import MIN_HITS, PICKS, fit_classifier


def people(n, seed):
    """A number with gaps, a word and noise; the true probability is known."""
    random = np.random.default_rng(seed)
    age, city = random.uniform(20, 80, n), random.choice(["north", "south", "east", ""], n)
    p = 1 / (1 + np.exp(3 - 0.03 * (age - 20) - 1.2 * (city == "south")))
    age = np.where(random.random(n) < 0.2, np.nan, age)
    return [age, city, random.normal(size=n)], random.random(n) < p, p


@pytest.fixture(scope="module")
def learned():
    columns, hit, _ = people(3_000, 1)
    return fit_classifier(columns, hit, seed=1)


def test_probabilities_of_others_are_calibrated_and_near_the_truth(learned):
    columns, hit, p = people(4_000, 2)
    told = learned.classifier.predict(columns)
    assert expected_calibration_error(told, hit) < 0.03
    assert np.corrcoef(told, p)[0, 1] > 0.8
    assert learned.better > 0
    assert learned.calibration_error < 0.03


def test_members_were_picked_by_votes(learned):
    assert sum(n for n, _ in learned.recipes) == PICKS
    assert sum(share for share, _ in learned.classifier.members) == pytest.approx(1)


def test_nobody_known_gets_the_base_rate(learned):
    nothing = [np.array([np.nan]), np.array([""]), np.array([np.nan])]
    assert learned.classifier.predict(nothing).tolist() == [learned.classifier.base_rate]


def test_what_was_held_out_differs_from_what_was_fitted(learned):
    columns, hit, _ = people(3_000, 1)
    assert not np.allclose(learned.p_held_out, learned.classifier.predict(columns))
    stated = np.where(hit, learned.p_held_out, 1 - learned.p_held_out)
    assert learned.log_loss == pytest.approx(-np.log(stated).mean())


def test_noise_is_not_surely_better_than_the_base_rate():
    random = np.random.default_rng(5)
    found = fit_classifier([random.normal(size=1_000)], random.random(1_000) < 0.15, seed=1)
    assert found.better <= 0
    assert np.ptp(found.p_held_out) < 0.15


def test_a_sample_of_a_large_table_keeps_the_odds():
    columns, hit, _ = people(9_000, 3)
    rare = hit & (np.random.default_rng(1).random(9_000) < 0.25)
    found = fit_classifier(columns, rare, seed=1, most_rows=2_000)
    other, _, p = people(9_000, 4)
    told = found.classifier.predict(other)
    assert np.isfinite(found.p_held_out).sum() == 2_000
    assert told.mean() == pytest.approx((p * 0.25).mean(), rel=0.15)
    assert found.calibration_error < 0.02
    assert found.base_log_loss == pytest.approx(
        -(rare.mean() * np.log(rare.mean()) + (~rare).mean() * np.log((~rare).mean()))
    )


def test_too_few_hits_are_refused():
    hit = np.zeros(500)
    hit[: MIN_HITS - 1] = 1
    with pytest.raises(BadInput, match="49 hits among 500 rows; at least 50 hits and 50 misses are needed"):
        fit_classifier([np.arange(500.0)], hit, seed=1)
    with pytest.raises(BadInput, match="0 columns for 500 hits"):
        fit_classifier([], hit, seed=1)
    with pytest.raises(BadInput, match="hits must be 0 or 1"):
        fit_classifier([np.arange(500.0)], hit + 0.5, seed=1)
