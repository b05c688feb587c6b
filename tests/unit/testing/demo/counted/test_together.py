"""Pairs of one basket, of visits, apart and in season, on counts one can redo by hand."""

import numpy as np
import pytest

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.counted.substitutes import can_stand_in, count_visits
from crosslift.testing.demo.counted.together import MonthCounts, TrueApart, TruePair, is_seen, no_pairs, seasons_of
from crosslift.testing.demo.seasons import MONTHS
from crosslift.testing.demo.views import Views

KETTLE, OTHER, MUG = (PLACE[name] for name in ("KTL-EL-800", "KTL-EL-900", "MUG-STONE"))


def test_half_an_hour_without_a_view_ends_a_visit() -> None:
    at = np.array([0, 1_000, 2_900, 100, 200])
    device, product = np.array([1, 1, 1, 2, 2]), np.array([KETTLE, OTHER, MUG, KETTLE, KETTLE])
    views = Views(at, device, device, np.zeros(5, dtype=bool), np.zeros(5, dtype=np.int64), product)
    counts = no_pairs()
    count_visits(views, counts)
    assert counts.n_orders == 3
    assert counts.both[KETTLE, OTHER] == 1
    assert counts.both[OTHER, MUG] == 0
    assert counts.both[KETTLE, KETTLE] == 2


def test_other_sizes_do_not_stand_in_but_other_makes_do() -> None:
    by_id = {item.product_id: item for item in CATALOG}
    assert can_stand_in(by_id["FLT-02"], by_id["FLT-02-ABA"])
    assert not can_stand_in(by_id["MOKA-GSK-3"], by_id["MOKA-GSK-6"])
    assert not can_stand_in(by_id["TMP-54"], by_id["TMP-58-SPRING"])
    assert can_stand_in(by_id["DRP-V60-01"], by_id["DRP-V60-02"])


@pytest.mark.parametrize(("n_true", "n_by_chance", "seen"), [(32, 10, True), (30, 10, False), (2, 0.001, False)])
def test_findable_is_what_an_exact_test_sees(n_true: float, n_by_chance: float, seen: bool) -> None:
    assert is_seen(n_true, n_by_chance) is seen


def test_never_together_needs_enough_by_chance() -> None:
    assert TrueApart("a", "b", "need", 0.0, 9.0).is_findable
    assert not TrueApart("a", "b", "need", 0.0, 5.0).is_findable
    assert not TrueApart("a", "b", "need", 0.29, 9.0).is_findable


def test_pair_of_two_months_is_seasonal_whatever_the_orders_of_the_month() -> None:
    n, places = len(CATALOG), {item.product_id: place for place, item in enumerate(CATALOG)}
    one, other = places["CHO-DARK"], places["GIFT-XMAS"]
    orders = np.array([2_000 if month == 12 else 1_000 for _, month in MONTHS])
    both = np.zeros((len(MONTHS), n, n), dtype=np.int64)
    for place, (_, month) in enumerate(MONTHS):
        both[place, one, other] = {11: 30, 12: 60}.get(month, 1)
    pair = TruePair("CHO-DARK", "GIFT-XMAS", 3.0, 0.002, "planted")
    found = seasons_of(MonthCounts(both, orders), [pair])
    assert [season.months for season in found] == [(11, 12)]
    flat = np.repeat(orders[:, None, None] // 100, n, axis=1).repeat(n, axis=2)
    assert seasons_of(MonthCounts(flat, orders), [pair]) == ()
