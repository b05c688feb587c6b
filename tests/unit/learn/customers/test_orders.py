import numpy as np
import pytest

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY, Exchange
from crosslift.learn.customers.orders import Orders, median_by
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def orders(table, line):
    def read(*rows, people="ab"):
        person = np.array([people.find(row["customer_id"]) if row["customer_id"] else -1 for row in rows], np.int32)
        shelf, exchange = Shelf.of(table("products")), Exchange("EUR", table("exchange_rates"))
        bought = Bought.of(table("lines", *rows), person, shelf, exchange, prices_include_tax=True)
        return Orders.of(bought, len(people))

    return read


def test_lines_of_one_order_are_put_together_by_person_and_time(orders, line):
    found = orders(
        line("3", "b", "p", 5), line("2", "a", "p", 9, price=7), line("1", "a", "p", 1), line("2", "a", "q", 8),
    )  # fmt: skip
    assert found.person.tolist() == [0, 0, 1]
    assert (found.at // DAY).tolist() == [1, 8, 5]
    assert found.spent.tolist() == [10_000_000, 17_000_000, 10_000_000]
    assert found.n_orders.tolist() == [2, 1]
    assert (found.first_at // DAY).tolist() == [1, 5]
    assert (found.last_at // DAY).tolist() == [8, 5]


def test_what_came_back_as_a_whole_is_no_order(orders, line):
    found = orders(
        line("1", "a", "p", 1, kept=0), line("2", "a", "p", 2, units=2, kept=1), line("2", "a", "q", 2, kept=0)
    )
    assert found.n_orders.tolist() == [1, 0]
    assert found.last_at.tolist() == [2 * DAY, -1]
    assert found.spent.tolist() == [10_000_000]


def test_orders_of_nobody_count_for_nobody(orders, line):
    found = orders(line("1", None, "p", 1))
    assert found.n_orders.tolist() == [0, 0]
    assert found.first_at.tolist() == [-1, -1]


def test_an_order_with_one_line_without_a_price_is_not_priced(orders, line):
    found = orders(line("1", "a", "p", 1), line("1", "a", "q", 1, price=None), line("2", "a", "p", 2))
    assert found.is_priced.tolist() == [False, True]
    assert not found.has_margin.any()


def test_orders_of_one_day_are_one_purchase(orders, line):
    days = orders(
        line("1", "a", "p", 1.2), line("2", "a", "p", 1.9), line("3", "a", "p", 11), line("4", "b", "p", 11),
    ).days()  # fmt: skip
    assert days.day.tolist() == [1, 11, 11]
    person, gaps = days.gaps()
    assert (person.tolist(), gaps.tolist()) == ([0], [10])


def test_no_orders_have_no_days(orders):
    days = orders().days()
    assert days.day.tolist() == days.gaps()[1].tolist() == []


def test_the_median_of_an_even_number_lies_between():
    medians, n = median_by(np.array([1, 1, 0], np.int32), np.array([4, 1, 6]), 3)
    assert medians[:2].tolist() == [6.0, 2.5]
    assert np.isnan(medians[2])
    assert n.tolist() == [1, 2, 0]
