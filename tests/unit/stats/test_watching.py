"""Days against those before: what one mad day does, what is expected, and how often chance alone makes an alarm."""

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.watching import expect, trend

WEEKDAYS = np.array([3.0, 1.0, 0.0, 0.0, -1.0, -2.0, -1.0])


def days(rng, n, slope=0.0, noise=1.0):
    return 50 + slope * np.arange(n) + np.tile(WEEKDAYS, n // 7 + 1)[:n] + rng.normal(0, noise, n)


def test_level_line_and_weekday_are_expected_of_the_days_after():
    found = expect(days(np.random.default_rng(2), 56, 0.1, 0.05), [0.0] * 7, 0.01)
    assert found.value == pytest.approx(50 + 0.1 * np.arange(56, 63) + WEEKDAYS, abs=0.2)
    low, high = found.span()
    assert (low < found.value).all()
    assert (high > found.value).all()


def test_a_mad_day_before_moves_nothing_and_a_mad_day_after_is_seen():
    values = days(np.random.default_rng(3), 57)
    before, after = values[:56].copy(), values[56:]
    plain = expect(before, after, 0.01)
    before[30] = 1e6
    mad = expect(before, after, 0.01)
    assert mad.value == pytest.approx(plain.value, abs=0.6)
    assert plain.p_value[0] > 0.01
    assert expect(before, after - 12, 0.01).p_value[0] < 0.001


def test_alarms_are_false_as_often_as_they_say():
    """Poisson days on their root scale, with weekdays and a line: p < .01 one time in a hundred."""
    rng = np.random.default_rng(5)
    rates = np.exp(np.log(60) + 0.002 * np.arange(63) + np.tile(WEEKDAYS, 9) / 20)
    drawn = 2 * np.sqrt(rng.poisson(rates, size=(800, 63)) + 0.375)
    p = np.concatenate([expect(row[:56], row[56:], 0.5).p_value for row in drawn])
    for level in (0.05, 0.01):
        assert level / 2 < (p <= level).mean() < level * 1.5


def test_a_constant_figure_has_room():
    found = expect([5.0] * 28, [5.0], 0.5)
    assert found.deviation == 0.5
    assert found.p_value[0] == 1


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [([1.0] * 27, [1.0], 1), ([1.0] * 35, [1.0], 1), ([1.0] * 28, [], 1), ([1.0] * 28, [1.0] * 8, 1),
     ([1.0] * 28, [1.0], 0), ([np.nan] * 28, [1.0], 1)],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused(before, after, least):
    with pytest.raises(BadInput):
        expect(before, after, least)


def test_trend_is_by_week_and_has_an_interval():
    rng = np.random.default_rng(7)
    rising = trend(days(rng, 63, 0.5))
    assert rising.low < rising.per_week < rising.high
    assert rising.per_week == pytest.approx(3.5 / 65.5, rel=0.1)
    covered = sum((found := trend(days(rng, 56))).low <= 0 <= found.high for _ in range(100))
    assert covered >= 88
    assert trend(np.zeros(28)) is None
    with pytest.raises(BadInput):
        trend(np.zeros(27))
