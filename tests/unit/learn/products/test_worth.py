"""What a product brings and costs beside its margin, by arithmetic the reader can redo."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products.worth import DAY, PRIOR_BUYERS, PRIOR_UNITS, item_worth

NO_RETURNS = pa.table({"product_id": pa.array([], pa.string()), "quantity": pa.array([], pa.int64())})
NO_CASES = pa.table({
    "product_id": pa.array([], pa.string()), "cost_micros": pa.array([], pa.int64()),
    "currency": pa.array([], pa.string()),
})  # fmt: skip


def worth_of(little, lines, products, returns=NO_RETURNS, cases=NO_CASES, as_of=None):
    sold = from_lines(lines)
    catalog = catalog_of(sold.products, products)
    newest = int(np.asarray(lines.column("ordered_at"), np.int64).max())
    found = item_worth(catalog, sold.among(catalog.products), lines, returns, cases, as_of or newest)
    return {name: i for i, name in enumerate(catalog.products)}, found


def test_a_return_rate_is_drawn_toward_the_shops(little):
    lines = little.lines(little.orders(*[["tea", "cup"]] * 60, days=30))
    returns = pa.table({"product_id": ["cup"] * 20, "quantity": pa.array([1] * 20, pa.int64())})
    at, found = worth_of(little, lines, little.products({"product_id": "tea", "title": "Tea"}), returns)
    kept = {"tea": 60, "cup": 60}
    usual = 20 / (60 + 60 + 20)
    assert found.return_rates[at["cup"]] == pytest.approx((20 + PRIOR_UNITS * usual) / (kept["cup"] + 20 + PRIOR_UNITS))
    assert found.return_rates[at["tea"]] == pytest.approx(PRIOR_UNITS * usual / (kept["tea"] + PRIOR_UNITS))


def test_cases_of_another_currency_say_nothing(little):
    lines = little.lines(little.orders(*[["tea", "cup"]] * 30, days=30))
    products = little.products({"product_id": "tea", "title": "Tea", "currency": "EUR"})
    cases = pa.table({
        "product_id": ["tea", "tea"], "cost_micros": pa.array([25_000_000, 99_000_000], pa.int64()),
        "currency": ["EUR", "KRW"],
    })  # fmt: skip
    at, found = worth_of(little, lines, products, cases=cases)
    assert found.service_costs[at["tea"]] == pytest.approx(25 / (30 + PRIOR_UNITS))
    assert found.service_costs[at["cup"]] == 0


def test_repeats_count_only_buyers_seen_for_a_year(little):
    made = [little.Order(("tea",), "c1", 24 * days_ago) for days_ago in (400, 300, 0)]
    lines = little.lines(made)
    at, found = worth_of(little, lines, little.products({"product_id": "tea", "title": "Tea"}))
    assert found.repeats[at["tea"]] == pytest.approx((1 + PRIOR_BUYERS * 1.0) / (1 + PRIOR_BUYERS))
    before = little.micros(little.NOW) - 100 * DAY
    _, early = worth_of(little, lines, little.products({"product_id": "tea", "title": "Tea"}), as_of=before)
    assert early.repeats.tolist() == [0.0]


def test_a_shop_that_knows_no_cost_has_no_usual_margin(little):
    lines = little.lines(little.orders(*[["tea", "cup"]] * 5, days=3))
    _, found = worth_of(little, lines, little.products({"product_id": "tea", "title": "Tea"}))
    assert np.isnan(found.usual_margin)
