"""How often a recurring price was due."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.holding import times_due

BEGUN = datetime.fromisoformat("2026-01-31T09:00+00:00")


@pytest.mark.parametrize(
    ("period", "until", "times"),
    [
        ("month", "2026-01-31T09", 1),
        ("month", "2026-02-28T23", 1),
        ("month", "2026-03-31T08", 2),
        ("month", "2026-03-31T09", 3),
        ("Monthly", "2026-03-31T09", 3),
        ("every 3 months", "2026-12-31T12", 4),
        ("quarter", "2026-12-31T12", 4),
        ("P1M", "2026-03-31T09", 3),
        ("year", "2027-01-31T08", 1),
        ("annual", "2027-01-31T09", 2),
        ("P2Y", "2029-01-31T09", 2),
        ("week", "2026-02-14T09", 3),
        ("2 weeks", "2026-02-14T09", 2),
        ("30 days", "2026-03-02T09", 2),
        ("day", "2026-02-02T08", 2),
        ("month", "2026-01-01T00", 0),
    ],
)
def test_each_period_begun_is_due(period, until, times):
    assert times_due(period, BEGUN, datetime.fromisoformat(f"{until}:00+00:00")) == times


@pytest.mark.parametrize("period", [None, "", "now and then", "0 days", "P", "p1x", "monthly or so", "99999 days"])
def test_what_cannot_be_read_is_not_counted(period):
    assert times_due(period, BEGUN, BEGUN + timedelta(days=90)) is None


@given(
    st.sampled_from(["day", "week", "month", "quarter", "year", "10 days", "P2M"]),
    st.integers(0, 3650).map(lambda n: BEGUN - timedelta(days=n)),
    st.lists(st.integers(0, 4000), min_size=2, max_size=2),
)
def test_later_is_never_due_less_often(period, begun, days):
    first, last = (times_due(period, begun, begun + timedelta(days=n)) for n in sorted(days))
    assert 1 <= first <= last
