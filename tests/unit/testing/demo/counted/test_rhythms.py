"""Gaps between purchases of the same product, watched to the end."""

import numpy as np

from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.counted.rhythms import DAYS, GapCounts, TrueRefill
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import Orders
from crosslift.testing.demo.seasons import N_DAYS

FILTER, KETTLE = PLACE["FLT-02"], PLACE["KTL-EL-800"]


def _counted(days: list[int], product: int = FILTER) -> GapCounts:
    zero, n = np.zeros(1, dtype=np.int64), len(days)
    people = People(zero, zero, np.ones(1), zero, zero, zero)
    lines, orders = np.arange(n), np.zeros(n, dtype=np.int64)
    counts = GapCounts()
    counts.add(Orders(people, orders, np.array(days), orders, lines, np.full(n, product)))
    return counts


def test_gaps_are_days_between_purchases_of_other_days() -> None:
    counts = _counted([3, 3, 40, 80])
    assert np.flatnonzero(counts.gaps[FILTER]).tolist() == [37, 40]
    assert counts.n_seen[FILTER] == 2


def test_gaps_that_could_not_be_watched_are_seen_and_not_counted() -> None:
    counts = _counted([N_DAYS - DAYS + 1, N_DAYS - DAYS + 30])
    assert counts.gaps.sum() == 0
    assert counts.n_seen[FILTER] == 1


def test_only_what_is_used_up_is_a_refill() -> None:
    days = [0, 30, 60, 90, 120]
    assert [one.product for one in _counted(days).refills()] == ["FLT-02"]
    assert _counted(days, KETTLE).refills() == ()


def test_regular_is_a_narrow_middle_half() -> None:
    assert TrueRefill("a", 38, 32, 47, 38.0, 100).is_regular
    assert not TrueRefill("a", 43, 34, 116, None, 100).is_regular
