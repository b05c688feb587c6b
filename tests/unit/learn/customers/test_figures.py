import numpy as np
import pytest

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY, Exchange
from crosslift.learn.customers.figures import Figures
from crosslift.learn.customers.orders import Orders
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def figures(table):
    def read(*rows, people="ab", as_of=100):
        shelf = Shelf.of(table(
            "products", {"product_id": "p", "category": "C", "cost_micros": 4_000_000, "currency": "EUR"},
            {"product_id": "q", "category": "D"},
        ))  # fmt: skip
        person = np.array([people.find(row["customer_id"]) for row in rows], np.int32)
        lines, exchange = table("lines", *rows), Exchange("EUR", table("exchange_rates"))
        bought = Bought.of(lines, person, shelf, exchange, prices_include_tax=True)
        return Figures.of(bought, Orders.of(bought, len(people)), as_of * DAY)

    return read


def test_a_person_worked_out_by_hand(figures, line):
    """Three orders: 2 units of which 1 came back, 1 unit at a discount of 1, 1 unit sent back as a whole."""
    found = figures(
        line("1", "a", "p", 10, units=2, kept=1), line("2", "a", "p", 40, discount=1), line("3", "a", "p", 50, kept=0),
    )  # fmt: skip
    assert found.n_orders.tolist() == [2, 0]
    assert found.n_ordered.tolist() == [3, 0]
    assert found.n_returns.tolist() == [2, 0]
    assert found.n_items.tolist() == [2, 0]
    assert found.revenue.tolist() == [19.0, 0.0]
    assert found.margin.tolist() == [11.0, 0.0]
    assert found.discounts[0] == 1.0
    assert found.taken[0] == 20.0
    assert found.lost[0] == 12.0
    assert found.aov[0] == 9.5
    assert found.return_rate[0] == 0.5
    assert found.recency_days[0] == 60.0
    assert found.interval_days[0] == 30.0
    assert np.isnan([found.aov[1], found.return_rate[1], found.recency_days[1], found.interval_days[1]]).all()


def test_one_line_without_a_rate_leaves_all_money_of_the_person_unknown(figures, line):
    found = figures(line("1", "a", "p", 1), line("2", "a", "p", 2, currency="USD"), line("3", "b", "p", 2))
    assert np.isnan([found.revenue[0], found.margin[0], found.aov[0], found.discounts[0]]).all()
    assert found.n_orders.tolist() == [2, 1]
    assert found.revenue[1] == 10.0


def test_one_line_without_a_cost_leaves_the_margin_unknown(figures, line):
    found = figures(line("1", "a", "p", 1), line("1", "a", "q", 1), line("2", "b", "p", 1))
    assert np.isnan(found.margin[0])
    assert found.revenue.tolist() == [20.0, 10.0]
    assert found.margin[1] == 6.0


def test_lines_without_a_price_are_left_out_unless_there_is_no_other(figures, line):
    found = figures(line("1", "a", "p", 1), line("1", "a", "p", 1, price=None), line("2", "b", "p", 1, price=None))
    assert found.revenue[0] == 10.0
    assert np.isnan(found.revenue[1])


def test_the_market_is_that_of_most_orders_and_of_equals_the_first_by_name(figures, line):
    found = figures(
        line("1", "a", "p", 1, market="US"), line("1", "a", "q", 1, market="US"), line("2", "a", "p", 2, market="KR"),
        line("3", "a", "p", 3, market="KR"), line("4", "b", "p", 3, market="US"), line("5", "b", "p", 3, market="JP"),
    )  # fmt: skip
    assert found.market.tolist() == [1, 0]


def test_the_category_is_the_one_most_was_spent_on_in_the_newest_order(figures, line):
    found = figures(
        line("1", "a", "p", 1, units=9), line("2", "a", "p", 2, price=3), line("2", "a", "q", 2, price=7),
    )  # fmt: skip
    assert found.category.tolist() == [1, -1]
