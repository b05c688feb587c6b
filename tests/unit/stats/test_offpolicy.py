"""What another policy would have earned: exact on small logs, unbiased by simulation, silent where the log is too thin."""

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.offpolicy import LEAST_EFFECTIVE, Logged, value_of

N = 40_000
WORTH = np.array([0.02, 0.05, 0.10])


@pytest.fixture(scope="module")
def log():
    """Three actions drawn evenly; the policy asked about prefers the best."""
    chance = np.random.default_rng(4)
    action = chance.integers(0, 3, N)
    target = np.array([0.1, 0.2, 0.7])
    outcome = chance.random(N) < WORTH[action]
    return Logged.of(outcome, np.full(N, 1 / 3), target[action], chance.integers(0, N // 2, N)), target, action


def test_the_three_lines(log):
    logged, _, _ = log
    found, weight = value_of(logged), logged.target / logged.probability
    assert found.ips.value == pytest.approx(np.mean(weight * logged.outcome), rel=1e-12)
    assert found.snips.value == pytest.approx((weight * logged.outcome).sum() / weight.sum(), rel=1e-12)
    assert found.on_policy.value == pytest.approx(logged.outcome.mean(), rel=1e-12)
    assert found.effective == pytest.approx(weight.sum() ** 2 / (weight @ weight), rel=1e-12)
    assert (found.max_weight, found.share_clipped) == (pytest.approx(2.1), 0.0)
    assert found.mean_weight == pytest.approx(1, abs=0.02)
    assert found.doubly_robust is None


def test_all_three_find_the_true_value(log):
    logged, target, action = log
    found = value_of(logged, WORTH[action], np.full(N, target @ WORTH))
    for one in (found.ips, found.snips, found.doubly_robust):
        assert one.low < target @ WORTH < one.high
    assert found.doubly_robust.standard_error < found.ips.standard_error


def test_clipping_is_said_and_leans_towards_the_log(log):
    logged, _, _ = log
    found, clipped = value_of(logged), value_of(logged, clip=1.0)
    assert clipped.share_clipped == pytest.approx(1 / 3, abs=0.02)
    assert clipped.max_weight == found.max_weight
    assert clipped.ips.value < found.ips.value


def test_intervals_are_drawn_from_units():
    outcome, unit = np.tile([0.0, 1.0], 500), np.repeat(np.arange(2), 500)
    one = Logged.of(np.sort(outcome), np.full(1000, 0.5), np.full(1000, 0.5), unit)
    each = Logged.of(np.sort(outcome), np.full(1000, 0.5), np.full(1000, 0.5))
    assert value_of(one).ips.standard_error > 10 * value_of(each).ips.standard_error


def test_too_little_is_no_number():
    n = LEAST_EFFECTIVE - 1
    found = value_of(Logged.of(np.ones(n), np.full(n, 0.5), np.full(n, 0.5)))
    assert (found.ips, found.snips, found.doubly_robust, found.effective) == (None, None, None, n)
    assert value_of(Logged.of(np.ones(2), [0.5, 0.5], [0.0, 0.0])).effective == 0
    assert value_of(Logged.of([1.0], [0.5], [0.5])).on_policy is None


@pytest.mark.parametrize(
    "given",
    [
        ([1.0, 2.0], [0.5], [0.5]), ([np.nan], [0.5], [0.5]), ([1.0], [0.0], [0.5]), ([1.0], [1.1], [0.5]),
        ([1.0], [0.5], [1.1]), ([1.0], [np.nan], [0.5]),
    ],
)  # fmt: skip
def test_wrong_logs_are_refused(given):
    with pytest.raises(BadInput):
        Logged.of(*given)


def test_no_choices_and_odd_models_are_refused(log):
    with pytest.raises(BadInput, match="no choices"):
        value_of(Logged.of([], [], []))
    with pytest.raises(BadInput, match="expectations"):
        value_of(log[0], [0.1], [0.1])
