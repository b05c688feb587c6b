"""The bar: which counts, what fills it, and which would be worth setting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.decide.thresholds import Gap, fitting, gains, gap, near, suggest
from crosslift.domain.value import Bar

POST = Bar("post", 50, "EUR", {"en": "Free delivery"})
GIFT = Bar("gift", 80, "EUR", {"en": "A gift"})
SEOUL = Bar("seoul", 30, "EUR", {"ko": "무료 배송"}, markets=("KR",))


@pytest.mark.parametrize(
    ("value", "market", "bar", "missing"),
    [
        (10, None, "post", 40),
        (50, None, "gift", 30),
        (90, None, "gift", 0),
        (10, "KR", "seoul", 20),
        (29.99, "JP", "post", 20.01),
    ],
)
def test_the_nearest_bar_ahead_counts(value, market, bar, missing):
    found = gap((GIFT, POST, SEOUL), value, "EUR", market)
    assert (found.bar.bar_id, found.missing) == (bar, pytest.approx(missing))


def test_an_empty_cart_and_other_money_have_no_bar():
    assert gap((POST,), 0, "EUR", None) is None
    assert gap((POST,), 10, "KRW", None) is None
    assert gap((), 10, "EUR", None) is None


@given(st.floats(0.01, 49.99), st.lists(st.floats(0.01, 200), min_size=1, max_size=20))
def test_what_fits_brings_the_cart_over_the_bar_and_not_far_over(value, prices):
    found = gap((POST,), value, "EUR", None)
    fit = fitting(found, np.array(prices))
    for price, score in zip(prices, fit.tolist(), strict=True):
        if score > 0:
            assert POST.amount - 1e-5 <= value + price <= POST.amount * (1 + POST.max_overshoot) + 1e-5
    best = int(fit.argmax())
    if fit[best] > 0:
        assert all(p >= prices[best] or p < found.missing for p in prices)


def test_a_price_nobody_knows_fits_nothing():
    assert fitting(Gap(POST, 40, 10), np.array([np.nan, 12])).tolist() == [0.0, 0.92]


def test_a_bar_that_only_gives_away_is_not_suggested():
    values = np.random.default_rng(1).lognormal(3.5, 0.5, 5000)
    assert suggest(values, 0.3, worth=50.0) == []


def test_a_bar_is_weighed_by_those_near_and_those_already_over():
    values = np.array([40.0] * 100 + [45.0] * 100 + [100.0] * 10 + [20.0] * 90)
    best = suggest(values, 0.4, worth=0.0)[0]
    near = [v for v in values if best.amount * 0.75 <= v < best.amount]
    assert best.n_near == pytest.approx(1000 * len(near) / len(values))
    assert best.gain_low == pytest.approx(0.1 * sum((best.amount - v) * 0.4 for v in near) * 1000 / len(values))
    assert suggest(np.array([]), 0.4, 1.0) == []


def test_an_order_whose_gap_nothing_fills_is_out_of_reach():
    values, prices = np.array([36.0, 38.0, 45.0, 49.0, 50.0]), np.array([3.0, 6.0, 40.0])
    assert near(values, 50.0).tolist() == [False, True, True, True, False]
    assert near(values, 50.0, prices).tolist() == [False, False, True, True, False], (
        "6 fits 5 and 1; 40 goes far beyond 12"
    )
    assert near(values, 50.0, np.array([])).tolist() == [False] * 5
    assert suggest(values, 0.5, 0.0, np.array([])) == []


@given(st.lists(st.floats(1, 500), min_size=1, max_size=60), st.floats(0.05, 1), st.floats(0, 20))
def test_no_bar_is_weighed_at_which_a_single_order_earns_less_than_it_costs(values, margin_share, worth):
    for one in suggest(np.array(values), margin_share, worth):
        assert one.amount * margin_share >= worth
        assert 0 <= one.break_even <= 0.3 + 1e-9
        at = gains(np.array(values), one.amount, margin_share, worth, one.break_even).sum()
        assert at >= -1e-6 * len(values), "from its break-even on it loses nothing"
