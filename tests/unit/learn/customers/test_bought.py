import numpy as np
import pytest

from crosslift.learn.customers.bought import Bought, latest, order_numbers, total
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def read(table):
    def read(*rows, include_tax=True, products=()):
        lines = table("lines", *rows)
        shelf = Shelf.of(table(
            "products", {"product_id": "p", "category": "C", "cost_micros": 4_000_000, "currency": "EUR"}, *products
        ))  # fmt: skip
        person = np.zeros(len(rows), np.int32)
        return Bought.of(lines, person, shelf, Exchange("EUR", table("exchange_rates")), prices_include_tax=include_tax)

    return read


def test_margin_is_net_of_discount_tax_and_cost_of_what_was_kept(read, line):
    """3 of 4 kept at 10, 2 of discount and 4 of tax on the line: 30 − 1.5 − 3 − 12."""
    found = read(line("1", "a", "p", 0, units=4, kept=3, discount=2, tax=4))
    assert found.spent.tolist() == [28_500_000]
    assert found.discount.tolist() == [1_500_000]
    assert found.margin.tolist() == [13_500_000]


def test_what_was_taken_back_cost_its_margin_before_discount(read, line):
    """1 of 4 came back: 9.5 had been paid for it; it would have brought 10 − 1 of tax − 4."""
    found = read(line("1", "a", "p", 0, units=4, kept=3, discount=2, tax=4))
    assert found.taken.tolist() == [9_500_000]
    assert found.lost.tolist() == [5_000_000]


def test_tax_stays_out_of_it_where_prices_come_without(read, line):
    found = read(line("1", "a", "p", 0, tax=3), include_tax=False)
    assert found.margin.tolist() == [6_000_000]


def test_without_price_cost_or_rate_there_is_no_margin(read, line):
    found = read(
        line("1", "a", "p", 0, price=None), line("2", "a", "q", 0), line("3", "a", "p", 0, currency="USD"),
    )  # fmt: skip
    assert found.has_margin.tolist() == [False] * 3
    assert found.is_priced.tolist() == [False, True, False]
    assert found.is_foreign.tolist() == [False, False, True]
    assert found.margin.tolist() == found.lost.tolist() == [0, 0, 0]
    assert found.spent.tolist() == [0, 10_000_000, 0]


def test_the_cost_is_that_of_the_variant_where_it_has_one(read, line):
    variant = {"product_id": "p-l", "parent_id": "p", "cost_micros": 9_000_000, "currency": "EUR"}
    found = read(
        line("1", "a", "p", 0, variant_id="p-l"), line("2", "a", "p", 0, variant_id="gone"), products=[variant]
    )
    assert found.margin.tolist() == [1_000_000, 6_000_000]


def test_the_same_order_id_of_two_sources_is_two_orders(table, line):
    rows = table("lines", line("1", "a", "p", 0), line("1", "a", "p", 0, source="till"), line("1", "b", "q", 0))
    first, till, second = order_numbers(rows).tolist()
    assert first == second != till


def test_sums_are_exact_and_leave_nobody_out_of_account():
    of = np.array([0, -1, 0, 2], np.int32)
    assert total(of, np.array([2**53, 5, 1, 3]), 3).tolist() == [2**53 + 1, 0, 3]
    assert latest(of, np.array([4, 9, 7, 0]), 3).tolist() == [7, -1, 0]
