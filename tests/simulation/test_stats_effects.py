"""Intervals of effects hold the truth about 95 times in 100, and what has no effect is not called one. All seeded."""

import numpy as np
import pytest

from crosslift.stats.individual import held_out_expectations, held_out_uplift
from crosslift.stats.trials import Arm, mean_difference
from crosslift.stats.uplift import Ranked, qini, qini_interval
from crosslift.stats.weighted import Choices, doubly_robust_difference, weighted_difference

TRIALS = 1_000


def about(share, trials=TRIALS):
    return pytest.approx(share, abs=3.3 * (share * (1 - share) / trials) ** 0.5)


def logged(random, n=400, effect=0.1):
    """A policy that offers more to the keen; the effect is twice as large for them."""
    keen = random.normal(size=n)
    p = np.clip(0.5 + 0.2 * keen, 0.1, 0.9)
    treated = random.random(n) < p
    chance = np.clip(0.3 + 0.1 * keen, 0.02, 0.6) + effect * treated * np.where(keen > 0, 4 / 3, 2 / 3)
    return keen, Choices.of(random.random(n) < chance, treated, np.where(treated, p, 1 - p))


def test_plain_means_of_a_trial():
    random, held = np.random.default_rng(1), 0
    for _ in range(TRIALS):
        found = mean_difference(Arm.of(random.exponential(2, 60)), Arm.of(random.normal(1, 1, 200)))
        held += found.low <= 1 <= found.high
    assert held / TRIALS == pytest.approx(0.94, abs=0.03)  # 60 skewed values: Welch covers a little less


def test_weighted_and_doubly_robust_means_of_a_log():
    random, held, width = np.random.default_rng(2), np.zeros(2), np.zeros(2)
    for _ in range(TRIALS):
        keen, choices = logged(random)
        base = np.clip(0.3 + 0.1 * keen, 0.02, 0.6)
        found = (
            weighted_difference(choices),
            doubly_robust_difference(choices, base + 0.1 * np.where(keen > 0, 4 / 3, 2 / 3), base),
        )
        held += [one.low <= 0.1 <= one.high for one in found]
        width += [one.high - one.low for one in found]
    assert held[0] / TRIALS == about(0.95)
    assert held[1] / TRIALS == about(0.95)
    assert width[1] < width[0]


def test_rows_of_the_same_units():
    """Three choices a unit, of which two thirds of the spread is the unit's."""
    random, held = np.random.default_rng(3), 0
    unit = np.repeat(np.arange(150), 3)
    for _ in range(TRIALS):
        treated = np.repeat(random.random(150) < 0.5, 3)
        outcome = np.repeat(random.normal(0, 1.4, 150), 3) + random.normal(0, 1, 450) + 0.5 * treated
        found = weighted_difference(Choices.of(outcome, treated, np.full(450, 0.5), unit))
        held += found.low <= 0.5 <= found.high
    assert held / TRIALS == about(0.95)


def test_expectations_learned_from_the_log_keep_the_interval_honest():
    random, held = np.random.default_rng(4), 0
    for seed in range(60):
        keen, choices = logged(random, n=1_500)
        found = doubly_robust_difference(choices, *held_out_expectations([keen], choices, seed=seed))
        held += found.low <= 0.1 <= found.high
    assert held / 60 == about(0.95, 60)


def test_the_interval_of_qini_holds_that_of_all_people():
    def trial(random, n):
        sign, treated = random.random(n), random.random(n) < 0.5
        return Ranked.of(random.random(n) < 0.2 + 0.2 * treated * (sign > 0.5), sign, treated)

    random = np.random.default_rng(5)
    truth, held = qini(trial(random, 1_000_000)), 0
    for seed in range(200):
        found = qini_interval(trial(random, 1_500), draws=150, seed=seed)
        held += found.low <= truth <= found.high
    assert held / 200 == about(0.95, 200)


def test_an_offer_that_moves_all_alike_seldom_seems_to_tell_people_apart():
    random, called = np.random.default_rng(6), 0
    for seed in range(40):
        keen, treated = random.normal(size=800), random.random(800) < 0.5
        choices = Choices.of(random.random(800) < 0.3 + 0.1 * treated, treated, np.full(800, 0.5))
        scores = held_out_uplift([keen, random.normal(size=800)], choices, seed=seed)
        called += qini_interval(Ranked.of(choices.outcome, scores, treated), draws=100, seed=seed).low > 0
    assert called <= 5
