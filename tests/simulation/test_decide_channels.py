"""What is expected of messages by channel and hour: intervals that hold as often as they say, hours worth waiting for."""

import numpy as np
import pytest

from crosslift.decide.responses import LEVEL, responses
from crosslift.domain.channel import HOURS, HourCounts

TRIALS = 400
CHANNELS = ("email", "push", "sms")


def shops(n_of_hour, seed):
    """Draw shops whose channels and hours differ as much as is taken for granted; gives true rates and what is expected."""
    random = np.random.default_rng(seed)
    for _ in range(TRIALS):
        base = random.uniform(0.03, 0.3)
        rates = random.beta(100 * base, 100 * (1 - base), len(CHANNELS))
        truth = dict(zip(CHANNELS, (random.beta(100 * rate, 100 * (1 - rate), HOURS) for rate in rates), strict=True))
        answered = {name: tuple(random.binomial(n_of_hour, by_hour).tolist()) for name, by_hour in truth.items()}
        told = {name: HourCounts((n_of_hour,) * HOURS, counts) for name, counts in answered.items()}
        yield truth, responses(told, {}, CHANNELS)


@pytest.mark.parametrize("n_of_hour", [30, 100, 1_000])
def test_the_share_expected_at_an_hour_lies_in_its_interval_about_as_often_as_it_says(n_of_hour):
    held = []
    for truth, found in shops(n_of_hour, seed=n_of_hour):
        for name in CHANNELS:
            for hour in (0, 7, 19):
                told = found[name].at(hour, name)
                held.append(told.low <= truth[name][hour] <= told.high)
    assert np.mean(held) == pytest.approx(LEVEL, abs=0.03)


def test_the_more_was_sent_the_more_it_is_worth_to_wait_for_a_good_hour():
    gained = []
    for n_of_hour in (0, 100, 1_000):
        gains = [
            truth[name][min(found[name].best_hours(range(HOURS)))] - truth[name].mean()
            for truth, found in shops(n_of_hour, seed=9) for name in CHANNELS
        ]  # fmt: skip
        gained.append(np.mean(gains))
    assert gained[0] == pytest.approx(0.0, abs=0.005)
    assert gained[1] > 0.015
    assert gained[2] > 0.05


def test_a_channel_that_is_truly_better_is_seldom_called_worse():
    wrong = []
    for truth, found in shops(300, seed=4):
        means = {name: rates.mean() for name, rates in truth.items()}
        top = max(means, key=means.get)
        spread = max(found.values(), key=lambda one: one.mean)
        best = found[top]
        wrong.append((spread.mean - best.mean) / np.sqrt(spread.variance + best.variance) > 1.28)
    assert np.mean(wrong) < 1 - LEVEL
