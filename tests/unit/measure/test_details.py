"""More of what a trial shows, against arithmetic the reader can redo."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.measure.details import details
from crosslift.measure.trial import Judgement, Plan
from crosslift.stats.trials import Arm, mean_difference

N = 60


@pytest.fixture(scope="module")
def table():
    """Even units are treated: they order twice where others order once, for 12 less 2 an order; the last ones had bought."""
    place = np.arange(2 * N)
    is_new = place % 2 == 0
    orders = np.where(place % 3 == 0, 0.0, np.where(is_new, 2.0, 1.0))
    revenue = orders * np.where(is_new, 10.0, 12.0) + np.where(orders > 0, place % 5, 0)
    return pa.table({
        "unit": [f"u{number}" for number in place], "arm": np.where(is_new, "new", "control"),
        "visited": (orders > 0).astype(float), "bought": (orders > 0).astype(float), "orders": orders, "revenue": revenue,
        "margin": revenue * 0.4, "visited_before": np.zeros(2 * N), "orders_before": (place >= N).astype(float),
        "revenue_before": np.zeros(2 * N),
    })  # fmt: skip


@pytest.fixture(scope="module")
def plan():
    return Plan(
        "control", {"control": 0.5, "new": 0.5}, Judgement.FIXED, outcomes=("bought", "orders", "revenue", "margin")
    )


@pytest.fixture(scope="module")
def found(table, plan):
    strata = ["old" if number >= N else "new" for number in range(2 * N)]
    markets = ["KR" if number % 4 < 2 else "JP" for number in range(2 * N)]
    return details(table, plan, "revenue", strata, markets)


def side(table, name, arm):
    return np.asarray(table[name])[np.asarray(table["arm"]) == arm]


def test_ratios_are_sums_over_sums(found, table):
    by_name = {one.ratio: one for one in found.ratios}
    value = by_name["order_value"]
    for mine, arm in ((value.value, "new"), (value.value_control, "control")):
        assert mine == pytest.approx(side(table, "revenue", arm).sum() / side(table, "orders", arm).sum())
    assert value.absolute.low < value.absolute.value < value.absolute.high < 0
    assert by_name["margin_rate"].absolute.value == pytest.approx(0)
    assert by_name["margin_rate"].absolute.standard_error == pytest.approx(0, abs=1e-9)


def test_quantiles_are_those_of_the_arms(found, table):
    for one in found.quantiles:
        sides = [np.quantile(side(table, "revenue", arm), one.share) for arm in ("new", "control")]
        assert one.bounds.value == sides[0] - sides[1]
        assert one.bounds.low <= one.bounds.value <= one.bounds.high


def test_strata_are_weighed_by_their_size(found, table):
    halves = []
    for rows in (slice(0, N), slice(N, 2 * N)):
        part = table.slice(rows.start, N)
        halves.append(side(part, "revenue", "new").mean() - side(part, "revenue", "control").mean())
    [one] = [row for row in found.stratified if row.of == "revenue"]
    assert one.bounds.value == pytest.approx(np.mean(halves))
    assert found.left_out == ()


def test_every_slice_is_adjusted_over_all_of_them(found, table):
    assert {(name, one.outcome) for name, one in found.slices} == {
        (market, outcome) for market in ("JP", "KR") for outcome in ("bought", "orders", "revenue", "margin")
    }
    for market, one in found.slices:
        assert one.p_adjusted >= one.absolute.p_value
        inside = np.array([("KR" if number % 4 < 2 else "JP") == market for number in range(2 * N)])
        arms = [Arm.of(side(table.filter(inside), one.outcome, arm)) for arm in ("new", "control")]
        assert one.absolute.value == pytest.approx(mean_difference(*arms).value)


def test_rare_shares_and_the_best_are_told_of_every_arm(found, table):
    n = int(side(table, "bought", "new").sum())
    exact = found.exact["bought", "new"]
    assert exact.value == n / N
    assert exact.low < n / N < exact.high
    [share] = found.shares
    assert (share.of, share.arm) == ("bought", "new")
    assert sum(one.p_best for one in found.best.values()) == pytest.approx(1, abs=1e-6)
    assert found.best["new"].p_best > 0.9
    assert found.best["new"].loss < found.best["control"].loss
