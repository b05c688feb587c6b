"""Intervals of trials hold what they promise: fixed ones at their one look, always-valid ones at all looks together.

Seeds are fixed and stand beside each draw. Bands are exact binomial ones at 99.9 %: a promise kept falls outside them once in
a thousand tests.
"""

import numpy as np
import pytest
from scipy.stats import binom, kstest

from crosslift.stats.effects import Effect, at_any_time, at_horizon, of_means, of_shares
from crosslift.stats.trials import Arm

DRAWS = 10_000
PEEKED = {1: 0.05, 2: 0.083, 5: 0.142, 10: 0.193, 50: 0.32}
"""Armitage, McPherson & Rowe (1969), table 2: how often a fixed 5 % test rejects at one of so many equal looks."""


def band(n, p=0.95):
    return binom.interval(0.999, n, p)


def arms(chance, n, shift, draws):
    """Draw sums and squares of normal samples without drawing the samples."""
    mean = chance.normal(shift, 1 / np.sqrt(n), draws)
    spread = chance.chisquare(n - 1, draws)
    return [Arm(n, float(n * m), float(s + n * m**2)) for m, s in zip(mean, spread, strict=True)]


@pytest.mark.parametrize(("n", "n_control"), [(20, 20), (200, 40), (5000, 250)])
def test_fixed_intervals_hold_as_often_as_they_say(n, n_control):
    chance = np.random.default_rng(101)
    pairs = zip(arms(chance, n, 0.3, DRAWS), arms(chance, n_control, 0.0, DRAWS), strict=True)
    held = sum(found.low <= 0.3 <= found.high for found in (at_horizon(of_means(*pair)) for pair in pairs))
    low, high = band(DRAWS)
    assert low <= held <= high


def test_shares_hold_as_often_as_they_say():
    chance = np.random.default_rng(102)
    treated, control = chance.binomial(4000, 0.12, DRAWS), chance.binomial(1000, 0.10, DRAWS)
    found = [at_horizon(of_shares((int(a), 4000), (int(b), 1000))) for a, b in zip(treated, control, strict=True)]
    held = sum(one.low <= 0.02 <= one.high for one in found)
    assert band(DRAWS)[0] - 0.005 * DRAWS <= held <= band(DRAWS)[1]


def test_an_a_a_trial_rejects_as_often_as_planned_and_its_p_values_are_even():
    chance = np.random.default_rng(103)
    p = [
        at_horizon(of_means(*pair)).p_value
        for pair in zip(arms(chance, 300, 0, 2000), arms(chance, 300, 0, 2000), strict=True)
    ]
    assert 69 <= np.sum(np.array(p) < 0.05) <= 133  # SCIENCE 4.3, 99.9 % band
    assert kstest(p, "uniform").pvalue > 0.001


@pytest.fixture(scope="module")
def walks():
    """Differences of two arms at 50 equal looks, with their standard errors: 3,000 A/A trials of 5,000 units."""
    chance = np.random.default_rng(104)
    each = 50
    steps = chance.normal(0, np.sqrt(4 * 2 * each), (3000, 50))  # unit variance 1 an arm, each look adds `each` pairs
    n = 2 * each * np.arange(1, 51)
    difference = steps.cumsum(axis=1) / n
    error = np.sqrt(8 * each * np.arange(1, 51)) / n
    return difference, error, n


@pytest.mark.parametrize("looks", PEEKED)
def test_looking_often_at_a_fixed_interval_rejects_as_often_as_armitage_found(walks, looks):
    difference, error, _ = walks
    places = np.arange(1, looks + 1) * 50 // looks - 1
    rejected = float((np.abs(difference[:, places] / error[places]) > 1.96).any(axis=1).mean())
    assert rejected == pytest.approx(PEEKED[looks], abs=0.03)


def test_always_valid_intervals_hold_at_every_look_together(walks, record_property):
    difference, error, n = walks
    missed = 0
    for row in difference:
        found = [
            at_any_time(Effect(float(d), float(e), 1e9, int(m)), tuned_for=2500)
            for d, e, m in zip(row[1::4], error[1::4], n[1::4], strict=True)
        ]
        missed += any(not one.low <= 0 <= one.high for one in found)
    record_property("missed", float(missed / len(difference)))
    assert missed <= binom.ppf(0.9995, len(difference), 0.05)


@pytest.mark.parametrize("n", [200, 2_000, 20_000])
def test_heavy_tails_are_covered_less_and_said_to_be_approximate(n, record_property):
    """Revenue of few buyers with log-normal baskets: what an interval misses is printed, and small samples are flagged."""
    chance = np.random.default_rng(105)
    draws, missed, flagged = 400, 0, 0
    truth = 0.05 * np.exp(3 + 1.4**2 / 2)
    for _ in range(draws):
        sample = (chance.random(n) < 0.05) * np.exp(chance.normal(3, 1.4, n))
        arm = Arm.of(sample)
        reach = 1.96 * np.sqrt(arm.unit_variance / n)
        missed += not abs(arm.mean - truth) <= reach
        spread = sample.std()
        skewness = (((sample - sample.mean()) / spread) ** 3).mean() if spread > 0 else np.inf
        flagged += n < 355 * skewness**2
    record_property("coverage", float(1 - missed / draws))
    record_property("flagged", float(flagged / draws))
    is_within = band(draws)[0] <= draws - missed <= band(draws)[1]
    assert is_within or flagged == draws
