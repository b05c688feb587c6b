import numpy as np
import pytest

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.returns import Refunds, of_products
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def read(table, line):
    def read(lines, *rows, people="ab"):
        shelf, exchange = Shelf.of(table("products")), Exchange("EUR", table("exchange_rates"))
        person = np.array([people.find(row["customer_id"] or "-") for row in lines], np.int32)
        sold, returns = table("lines", *lines), table("returns", *rows)
        bought = Bought.of(sold, person, shelf, exchange, prices_include_tax=True)
        found = Refunds.of(returns, sold, bought, exchange, len(people))
        return found, of_products(returns, sold, found)

    return read


def back(order, refund=None, units=1, **more):
    micros = None if refund is None else round(refund * 1e6)
    return {"source": "web", "order_id": order, "product_id": "p", "quantity": units, "returned_at": 5, "refund_micros": micros,
            "currency": "EUR"} | more  # fmt: skip


def test_what_was_refunded_beyond_the_price_of_the_goods_counts(read, line):
    """Two of 10 came back: 20 for the goods, 4 for shipping; and 3 for goods nobody sent back."""
    sold = [line("1", "a", "p", 1, units=2, kept=0), line("2", "b", "p", 1)]
    found, _ = read(sold, back("1", 12), back("1", 12), back("2", 3, units=0))
    assert found.beyond.tolist() == [4_000_000, 3_000_000]


def test_a_refund_below_the_price_brings_nothing_back(read, line):
    assert read([line("1", "a", "p", 1, kept=0)], back("1", 6))[0].beyond.tolist() == [0, 0]


def test_a_return_is_of_the_order_of_its_own_source_else_of_any(read, line):
    sold = [line("1", "a", "p", 1), line("1", "b", "p", 1, source="till")]
    assert read(sold, back("1", 9, source="till"))[0].beyond.tolist() == [0, 9_000_000]
    for lines in (sold, sold[::-1]):
        assert read(lines, back("1", 9, source="desk"))[0].beyond.tolist() == [0, 9_000_000]


def test_a_refund_without_a_rate_is_not_known(read, line):
    found, _ = read([line("1", "a", "p", 1), line("2", "b", "p", 1)], back("1", 9, currency="USD"))
    assert found.is_known.tolist() == [False, True]


def test_returns_that_name_no_order_count_for_their_product(read, line):
    sold = [line("1", "a", "p", 1, units=8), line("2", None, "p", 1, units=2), line("3", "a", "q", 1)]
    nameless = back(None, 5, units=4), back("gone", units=1), back(None, product_id="z")
    found, by_product = read(sold, *nameless, back("1"))
    assert found.beyond.tolist() == [0, 0]
    assert by_product == {
        "n_returns": 3, "n_units": 6,
        "products": [
            {"product_id": "p", "units": 5, "sold": 10, "share": 0.5},
            {"product_id": "z", "units": 1, "sold": 0, "share": None},
        ],
    }  # fmt: skip


def test_no_returns(read, line):
    found, by_product = read([line("1", "a", "p", 1)])
    assert found.beyond.tolist() == [0, 0]
    assert by_product == {"n_returns": 0, "n_units": 0, "products": []}
