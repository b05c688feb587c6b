import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from crosslift.errors import BadUsage
from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products.slow import find_slow
from crosslift.settings import Settings

SETTINGS = Settings.load()


def slow(little, orders, *products):
    """Find slow stock; gives a row a product."""
    baskets = from_lines(little.lines(orders))
    catalog = catalog_of(baskets.products, little.products(*products))
    found = find_slow(catalog, baskets.among(catalog.products), SETTINGS, little.micros(little.NOW))
    columns = zip(found.is_slow, found.days_since_sale, found.days_of_stock, found.best_before, strict=True)
    return dict(zip(catalog.products, columns, strict=True))


def every(little, product, days, until=0, span=400):
    return [little.Order((product,), None, 24 * day) for day in np.arange(until, span, days)]


def stocked(product, stock=10, **attributes):
    return {"product_id": product, "stock": stock, "attributes": json.dumps(attributes)}


def test_what_nobody_bought_for_ninety_days_is_slow(little):
    orders = every(little, "fresh", 5) + every(little, "dusty", 5, until=100)
    found = slow(little, orders, stocked("fresh"), stocked("dusty"))
    assert not found["fresh"][0]
    assert found["dusty"][:2] == (True, pytest.approx(100))
    assert np.isinf(found["dusty"][2])


def test_unknown_or_empty_stock_is_not_slow(little):
    orders = every(little, "unknown", 5, until=100) + every(little, "empty", 5, until=100)
    found = slow(little, orders, stocked("unknown", None), stocked("empty", 0))
    assert not found["unknown"][0]
    assert not found["empty"][0]
    assert np.isnan([found["unknown"][2], found["empty"][2]]).all()


def test_stock_that_lasts_for_years_is_slow_though_it_sells(little):
    orders = [order for n in range(4) for order in every(little, f"p{n}", 3)] + every(little, "hoard", 30)
    found = slow(little, orders, *(stocked(f"p{n}", 20) for n in range(4)), stocked("hoard", 200))
    assert found["hoard"][0]
    assert found["hoard"][2] == pytest.approx(200 * 90 / 3, rel=0.4)
    assert found["p0"][2] == pytest.approx(60, rel=0.1)
    assert not found["p0"][0]


def test_what_came_in_last_week_is_not_slow(little):
    recent = str(date(2026, 10, 25))
    found = slow(
        little,
        every(little, "old", 5, until=100),
        stocked("old", in_stock_since=recent),
        stocked("never", in_stock_since=recent),
    )
    assert not found["old"][0]
    assert not found["never"][0]
    assert found["never"][1] == pytest.approx(7.5)


def test_what_lies_unsold_since_spring_is_slow_and_what_nobody_dates_is_unknown(little):
    found = slow(little, every(little, "x", 5), stocked("spring", in_stock_since="2026-04-01"), stocked("undated"))
    assert found["spring"][0]
    assert not found["undated"][0]
    assert np.isnan(found["undated"][1:3]).all()


def test_best_before_is_a_day_or_minus_one(little):
    found = slow(
        little, every(little, "x", 5), stocked("a", best_before="2026-12-01"), stocked("b", best_before="soon")
    )
    assert found["a"][3] == (date(2026, 12, 1) - date(1970, 1, 1)).days
    assert found["b"][3] == found["x"][3] == -1


def test_later_orders_are_not_looked_at(little):
    baskets = from_lines(little.lines(every(little, "x", 5)))
    catalog = catalog_of(baskets.products, little.products(stocked("x")))
    later = replace(baskets, at=baskets.at + 10**15)
    assert np.isnan(find_slow(catalog, later, SETTINGS, little.micros(little.NOW)).days_since_sale[0])
    with pytest.raises(BadUsage, match="renumber"):
        find_slow(catalog_of(["y"], little.products()), baskets, SETTINGS, 0)
