"""Values of curated links."""

import pytest

from crosslift.domain.link import Interval, factor_of, interval_of


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("180 days", Interval(180, "days")), (" 10000  KM ", Interval(10_000, "km")), ("1.5 years", Interval(1.5, "years")),
        ("90 Tage", Interval(90, "tage")), ("500 pages", Interval(500, "pages")), ("3 개월", Interval(3, "개월")),
    ],
)  # fmt: skip
def test_an_interval_is_a_number_and_a_unit(text, interval):
    assert interval_of(text) == interval


@pytest.mark.parametrize(
    "text", ["", "180", "days", "0 days", "-5 days", "1e9 days", "180 days 3", "nan days", "9" * 40 + " km"]
)
def test_anything_else_is_no_interval(text):
    assert interval_of(text) is None


@pytest.mark.parametrize(("text", "factor"), [("1.5", 1.5), (" 100 ", 100), ("0.01", 0.01)])
def test_a_factor_is_above_zero_and_bounded(text, factor):
    assert factor_of(text) == factor


@pytest.mark.parametrize("text", ["", "0", "-2", "101", "inf", "nan", "1e400", "two"])
def test_what_is_no_factor(text):
    assert factor_of(text) is None
