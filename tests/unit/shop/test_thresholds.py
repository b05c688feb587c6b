"""Which bar pays: weighed by arithmetic the reader can redo, refused where orders or costs say too little."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.policy_text import read_policy
from crosslift.errors import BadInput, BadUsage
from crosslift.shop.thresholds import Asked, Margin, suggestion, within

PRODUCTS = {"tea": (42, 16.8, "USD"), "cup": (12, 4.8, "USD"), "jug": (10, 11, "USD"), "pin": (8, None, "USD"),
            "won": (9, 1, "KRW"), "tea-xl": (80, 20, "USD")}  # fmt: skip


def catalog(**changed):
    rows = [
        {
            "product_id": name, "title": name.title(), "price_micros": int(price * 1e6), "currency": currency,
            "cost_micros": None if cost is None else int(cost * 1e6), "stock": 9, "is_active": True, "kind": "goods",
            "parent_id": "tea" if name == "tea-xl" else None, **changed.get(name, {}),
        }
        for name, (price, cost, currency) in PRODUCTS.items()
    ]  # fmt: skip
    schema = pa.schema({
        "product_id": pa.string(), "title": pa.string(), "price_micros": pa.int64(), "currency": pa.string(),
        "cost_micros": pa.int64(), "stock": pa.int64(), "is_active": pa.bool_(), "kind": pa.string(), "parent_id": pa.string(),
    })  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


def lines(*orders, tax=None, currency="USD"):
    """Give orders of products as cleaned lines; a product may be a (product, variant) pair."""
    rows = [
        {
            "source": "canonical", "order_id": f"o{number:05}", "product_id": product, "variant_id": variant,
            "currency": currency, "quantity": 1, "unit_price_micros": int(PRODUCTS[variant or product][0] * 1e6),
            "ordered_at": number * 3_600_000_000, "discount_micros": None, "tax_micros": None if tax is None else int(tax * 1e6),
        }
        for number, order in enumerate(orders)
        for product, variant in (one if isinstance(one, tuple) else (one, None) for one in order)
    ]  # fmt: skip
    schema = pa.schema({
        "source": pa.string(), "order_id": pa.string(), "product_id": pa.string(), "variant_id": pa.string(),
        "currency": pa.string(), "quantity": pa.int64(), "unit_price_micros": pa.int64(), "discount_micros": pa.int64(),
        "tax_micros": pa.int64(), "ordered_at": pa.int64(),
    })  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


def lazy(table):
    import duckdb
    import narwhals as nw

    return nw.from_native(duckdb.from_arrow(table))


NEAR_AND_OVER = [["tea"], ["tea"], ["tea"], ["tea"], ["tea", "cup"], ["tea"], ["tea"], ["tea"], ["cup"]] * 100


def asked(worth=0.5, has_tax=False, of=None, products=None, **more):
    return suggestion(
        lines(*NEAR_AND_OVER) if of is None else of,
        catalog() if products is None else products,
        lazy,
        Asked("USD", worth, **more),
        has_tax=has_tax,
    )


def test_the_figures_can_be_redone():
    found = asked()
    best = found["suggested"]
    assert (found["n_orders"], found["median_order"], found["margin"]) == (900, 42.0, 0.6)
    assert (best["amount"], best["gap"]) == (50.0, 8.0)
    few, many = best["effects"]
    near, over = 7 / 9, 1 / 9
    assert few["value"] == pytest.approx(1000 * (near * 0.1 * (8 * 0.6 - 0.5) - over * 0.5), abs=8)
    assert many["value"] - few["value"] == pytest.approx(1000 * near * 0.2 * (8 * 0.6 - 0.5), rel=0.03)
    assert best["break_even"] == pytest.approx(over * 0.5 / (near * (8 * 0.6 - 0.5)), abs=0.002)
    assert (few["n"], few["answer"], many["answer"]) == (450, 0.1, 0.3)


def test_the_text_is_a_bar_of_a_policy():
    text = asked()["toml"]
    (bar,) = read_policy('name = "x"\n[offers]\nsources = ["filler"]\n' + text).value.bars
    assert (bar.bar_id, bar.amount, bar.currency, bar.worth) == ("from-50", 50.0, "USD", 0.5)
    assert set(bar.titles) == {"en", "ko", "ja"}


@pytest.mark.parametrize(
    ("changed", "fillers"),
    [
        ({}, ["cup"]),
        ({"cup": {"stock": 0}}, []),
        ({"cup": {"is_active": False}}, []),
        ({"cup": {"cost_micros": None}}, []),
        ({"cup": {"kind": "fee"}}, []),
        ({"jug": {"cost_micros": 9_000_000}, "pin": {"cost_micros": 8_000_000}}, ["cup", "jug", "pin"]),
    ],
)
def test_fillers_can_be_sold_fit_the_gap_and_are_known_to_earn_something(changed, fillers):
    found = asked(products=catalog(**changed))
    assert [one["product"] for one in found["fillers"]] == fillers
    assert (found["suggested"] is None) is (not fillers), "a gap that nothing fills brings nobody over a bar"
    assert all(one["margin"] >= 0 for one in found["fillers"])


def test_where_a_margin_is_said_what_nobody_knows_the_cost_of_may_fill_the_gap():
    found = asked(margin=0.6)
    assert [(one["product"], one["margin"]) for one in found["fillers"]] == [("cup", 7.2), ("pin", None)]


def test_tax_that_prices_hold_comes_off_the_margin_and_its_absence_is_said():
    taxed = lines(["tea"], ["tea"], tax=4.2)
    assert Margin.of(taxed, catalog(), "USD", has_tax=True).share == pytest.approx(0.5)
    assert Margin.of(taxed, catalog(), "USD", has_tax=False).share == pytest.approx(0.6)
    assert "of 100% of sales nobody told the tax that prices hold" in asked(has_tax=True)["caveats"][-1]
    assert len(asked(has_tax=False)["caveats"]) == 1


def test_a_variants_own_cost_counts_before_its_products():
    found = Margin.of(lines([("tea", "tea-xl")]), catalog(), "USD", has_tax=False)
    assert (found.share, found.costed) == (pytest.approx(0.75), 1.0)
    unknown = catalog(**{"tea-xl": {"cost_micros": None}})
    assert Margin.of(lines([("tea", "tea-xl")]), unknown, "USD", has_tax=False).share == pytest.approx(1 - 16.8 / 80)


def test_unknown_costs_are_refused_where_they_are_most_and_said_where_they_are_some():
    of = lines(*([["pin"]] * 150 + [["tea"]] * 150))
    assert "of sales whose cost is known" in asked(of=of)["caveats"][1]
    none = asked(of=lines(*[["pin"]] * 300))
    assert none == NotEstimable(
        "the cost of 100% of what was sold is unknown, at most 50% may be; put costs in the catalog, or say the margin of "
        "what is added, such as 0.4"
    )
    assert not isinstance(asked(of=lines(*[["pin"]] * 300), margin=0.4), NotEstimable)
    assert "an order that grows brings nothing" in asked(of=lines(*[["jug"]] * 300)).why


def test_the_orders_of_a_time_are_taken_and_their_days_are_said():
    every = lines(*NEAR_AND_OVER)
    day = 24 * 3_600_000_000
    assert (asked()["first_on"], asked()["last_on"]) == ("1970-01-01", "1970-02-07")
    some = within(every, 2 * day, 30 * day)
    assert (asked(of=some)["n_orders"], asked(of=some)["first_on"]) == (28 * 24, "1970-01-03")
    with pytest.raises(BadInput, match=r"the time ends \(1970-01-02\) before it begins \(1970-01-03\)"):
        within(every, 2 * day, day)


def test_too_few_orders_and_other_money_are_refused_in_words():
    assert asked(of=lines(*[["tea"]] * 199)).why == "199 orders in USD have a price, at least 200 needed"
    assert asked(of=lines(*[["won"]] * 300, currency="KRW")).why == "0 orders in USD have a price, at least 200 needed"


def test_no_bar_is_suggested_that_might_lose():
    for worth in np.linspace(0, 6, 25).tolist():
        found = asked(worth)
        best = found["suggested"]
        if best is None:
            assert found["why"].startswith("no bar earns what it gives away")
            assert found["toml"] is None
        else:
            assert best["effects"][0]["low"] >= 0
            assert best["amount"] * found["margin"] >= worth
    assert best is None, "six a parcel is more than any bar here brings"


@pytest.mark.parametrize(("worth", "margin"), [(-1, None), (float("nan"), None), (1, 0), (1, 1.2)])
def test_what_cannot_be_asked_is_refused(worth, margin):
    with pytest.raises(BadUsage):
        Asked("USD", worth, margin)
