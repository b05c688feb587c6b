"""Whatever the lags: curves fall, quantiles rise, and nothing but what was seen counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.stats.survival import conditional_quantiles, kaplan_meier, quantile, quantiles_from_bins

lags = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40)


def split(shop):
    return np.array([lag for lag, _ in shop], float), np.array([came for _, came in shop])


@given(shop=lags)
def test_curves_fall_from_one_and_variances_are_no_less_than_zero(shop):
    curve = kaplan_meier(*split(shop))
    assert np.all(np.diff(np.concatenate([[1.0], curve.survival])) < 0)
    assert np.all(curve.survival >= 0)
    assert np.all(curve.variance >= 0)
    assert np.all(curve.n_events <= curve.n_at_risk)


@given(shop=lags)
def test_without_censoring_the_curve_is_the_share_left(shop):
    durations, _ = split(shop)
    curve = kaplan_meier(durations, np.ones(durations.size, bool))
    assert curve.survival == pytest.approx([(durations > time).mean() for time in curve.times])


@given(shop=lags, data=st.data())
def test_the_order_of_lags_does_not_matter(shop, data):
    one, other = (conditional_quantiles(*split(some), 30) for some in (shop, data.draw(st.permutations(shop))))
    for name in ("values", "low", "high"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert one.n_effective == pytest.approx(other.n_effective, nan_ok=True)


@given(shop=lags, share=st.floats(0.05, 0.95))
def test_bounds_hold_their_quantile(shop, share):
    value, low, high = quantile(kaplan_meier(*split(shop)), share)
    assert not value < low  # nan where the curve does not fall so far
    assert not value > high
    found = conditional_quantiles(*split(shop), 30, shares=(share,))
    assert not found.values[0] < found.low[0]
    assert not found.values[0] > found.high[0]


@given(shop=lags, factor=st.floats(0.1, 50))
def test_another_unit_of_time_changes_the_unit_alone(shop, factor):
    durations, came = split(shop)
    days, others = (conditional_quantiles(durations * unit, came, 30 * unit) for unit in (1.0, factor))
    assert others.values == pytest.approx(days.values * factor, nan_ok=True)
    assert others.high == pytest.approx(days.high * factor, nan_ok=True)


@given(shop=lags, n=st.integers(2, 5))
def test_everybody_n_times_changes_no_quantile_and_tells_n_times_as_much(shop, n):
    once, often = (conditional_quantiles(*split(shop * times), 30) for times in (1, n))
    assert np.array_equal(once.values, often.values, equal_nan=True)
    by_person = conditional_quantiles(*split(shop * n), 30, clusters=np.tile(np.arange(len(shop)), n))
    assert by_person.n_effective == pytest.approx(once.n_effective, nan_ok=True)


@given(
    events=st.lists(st.lists(st.integers(0, 5), min_size=4, max_size=4), min_size=1, max_size=6),
    data=st.data(),
)
def test_binned_quantiles_are_ordered_and_inside_the_window(events, data):
    censored = data.draw(
        st.lists(st.lists(st.integers(0, 5), min_size=5, max_size=5), min_size=len(events), max_size=len(events))
    )
    found = quantiles_from_bins(events, censored, [0.0, 1.0, 3.0, 9.0, 30.0])
    known = np.array(events).sum(axis=1) > 0
    assert np.array_equal(np.isfinite(found.values).all(axis=1), known)
    for low, value, high in zip(found.low[known], found.values[known], found.high[known], strict=True):
        assert np.all(np.diff(value) >= 0)
        assert np.all((low >= 0) & (low <= value + 1e-9) & (value <= high + 1e-9) & (high <= 30))
