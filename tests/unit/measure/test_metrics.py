from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.errors import BadInput
from crosslift.measure import metrics
from crosslift.measure.metrics import METRICS
from crosslift.stats.compare import mean_interval, proportion_interval


@pytest.fixture(scope="session")
def lazy():
    from crosslift.store.duckdb import DuckdbFrames

    return DuckdbFrames(None, Path()).lazy


@pytest.fixture
def measure(little, lazy):
    """Measure lines given as (order, product, quantity, price[, currency[, discount[, hours ago]]])."""

    def measure(*rows, **period):
        lines = [
            {"source": "s", "order_id": order, "product_id": product, "quantity": quantity, "currency": currency,
             "unit_price_micros": None if price is None else int(Decimal(str(price)) * 1_000_000),
             "discount_micros": None if discount is None else int(Decimal(str(discount)) * 1_000_000),
             "ordered_at": little.micros(little.NOW - timedelta(hours=hours))}
            for order, product, quantity, price, currency, discount, hours in (
                (*row, *("USD", None, 0)[len(row) - 4 :]) for row in rows
            )
        ]  # fmt: skip
        found = metrics.measure(little.table(lines, little.LINE_TYPES), lazy, little.settings(), **period)
        return {(one.metric.name, one.of): one.figure for one in found}

    return measure


TWENTY = [(f"o{i}", "tea", 1 + i % 3, 10 + i) for i in range(20)]


def test_average_order_value_and_units_redone_by_hand(measure):
    found = measure(*TWENTY, ("o0", "honey", 2, "4.50"), ("o1", "tea", 1, 11, "USD", "3.25"))
    values = [(1 + i % 3) * (10 + i) for i in range(20)]
    values[0] += 9.0
    values[1] += 11 - 3.25
    units = [1 + i % 3 for i in range(20)]
    units[0] += 2
    units[1] += 1
    for name, of, each, unit in (
        ("aov", "USD", values, "USD per order"), ("units_per_order", None, units, "units per order")
    ):  # fmt: skip
        expected = mean_interval(20, sum(each), sum(v * v for v in each))
        figure = found[name, of]
        assert figure == Estimate(*(pytest.approx(v) for v in expected[:3]), 20, unit)
        assert figure.value == pytest.approx(sum(each) / 20)
    assert found["products_per_order", None].value == pytest.approx(21 / 20)


def test_a_whole_discount_makes_an_order_worth_nothing_and_it_still_counts(measure):
    found = measure(*((f"o{i}", "tea", 2, 5, "USD", 10) for i in range(20)))
    assert found["aov", "USD"] == Estimate(0.0, 0.0, 0.0, 20, "USD per order")


def test_two_currencies_are_shown_apart_and_never_summed(measure):
    found = measure(*TWENTY, *((f"k{i}", "tea", 1, 9_000, "KRW") for i in range(25)))
    assert found["aov", "KRW"] == Estimate(9000.0, 9000.0, 9000.0, 25, "KRW per order")
    assert found["aov", "USD"].n == 20
    assert found["aov", "USD"].value < 100
    assert ("aov", None) not in found
    assert found["units_per_order", None].n == 45


def test_an_order_in_two_currencies_is_one_order_of_units_and_products(measure):
    mixed = [row for i in range(20) for row in ((f"o{i}", "tea", 1, 10), (f"o{i}", "honey", 2, 9_000, "KRW"))]
    found = measure(*mixed)
    assert found["units_per_order", None] == Estimate(3.0, 3.0, 3.0, 20, "units per order")
    assert found["products_per_order", None] == Estimate(2.0, 2.0, 2.0, 20, "products per order")
    assert (found["aov", "USD"].value, found["aov", "KRW"].value) == (10.0, 18_000.0)


def test_lines_without_a_price_count_as_units_and_not_as_nothing_paid(measure):
    found = measure(*TWENTY, *((f"g{i}", "gift", 1, None, None) for i in range(20)))
    assert found["aov", "USD"].n == 20
    assert found["units_per_order", None].n == 40


def test_few_orders_give_no_figure_but_the_reason(measure):
    found = measure(*TWENTY[:19], anchor="tea")
    why = NotEstimable("19 orders in the period, at least 20 needed")
    assert found["aov", "USD"] == found["units_per_order", None] == found["products_per_order", None] == why
    assert found["attach_rate", "tea → anything"] == NotEstimable("19 orders hold tea, at least 20 needed")


def test_no_orders_at_all_give_no_figure_either(measure):
    found = measure(anchor="tea", attached="honey")
    assert found["aov", None] == NotEstimable("no order of the period has a price")
    assert found["units_per_order", None] == NotEstimable("0 orders in the period, at least 20 needed")
    assert found["attach_rate", "tea → honey"] == NotEstimable("0 orders hold tea, at least 20 needed")


def test_attach_rate_redone_by_hand(measure):
    rows = [*TWENTY, *((f"o{i}", "honey", 1, 4) for i in range(7)), ("other", "honey", 1, 4), ("o3", "cup", 1, 1),
            ("o19", "cup", 2, 2)]  # fmt: skip
    low, high = proportion_interval(7, 20)[1:3]
    assert measure(*rows, anchor="tea", attached="honey")["attach_rate", "tea → honey"] == Estimate(
        0.35, pytest.approx(low), pytest.approx(high), 20, "rate"
    )
    assert measure(*rows, anchor="tea")["attach_rate", "tea → anything"].value == 8 / 20


def test_an_attach_rate_needs_its_anchor(measure):
    with pytest.raises(BadInput, match="attach rate of honey to what"):
        measure(*TWENTY, attached="honey")


def test_the_period_holds_its_first_instant_and_not_its_last(measure, little):
    rows = [(f"o{i}", "tea", 1, 10, "USD", None, i) for i in range(60)]  # one an hour, back from now
    since, until = little.NOW - timedelta(hours=30), little.NOW
    assert measure(*rows, since=since, until=until)["units_per_order", None].n == 30
    assert measure(*rows, since=since)["units_per_order", None].n == 31
    assert measure(*rows, until=until)["units_per_order", None].n == 59


def test_a_period_that_ends_before_it_begins_is_refused(measure, little):
    with pytest.raises(BadInput, match=r"ends \(2026-11-01\) before it begins \(2026-11-02\)"):
        measure(*TWENTY, since=little.NOW + timedelta(days=1), until=little.NOW)


def test_the_same_order_number_of_two_sources_is_two_orders(measure, little, lazy):
    lines = [
        {"source": source, "order_id": f"o{i}", "product_id": "tea", "quantity": 1, "currency": "USD",
         "unit_price_micros": 5_000_000, "ordered_at": 0}
        for i in range(10) for source in ("web", "till")
    ]  # fmt: skip
    found = metrics.measure(little.table(lines, little.LINE_TYPES), lazy, little.settings())
    assert {one.figure.n for one in found} == {20}


def test_every_figure_says_formula_window_source_and_weakness():
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert all((metric.title, metric.unit, metric.formula, metric.window, metric.source, metric.weakness))
