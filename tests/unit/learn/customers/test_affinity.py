import json

import numpy as np
import pytest

from crosslift.learn.customers.affinity import MOST_WORTH, Affinity, Prices
from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.shelf import Shelf


@pytest.fixture
def read(table):
    def read(*rows, people="abn"):
        shelf = Shelf.of(table(
            "products", *({"product_id": name, "category": f"C{name}", "brand": "B"} for name in "pqrstu"),
            {"product_id": "bare"},
        ))  # fmt: skip
        person = np.array([people.find(row["customer_id"]) if row["customer_id"] else -1 for row in rows], np.int32)
        exchange = Exchange("EUR", table("exchange_rates"))
        bought = Bought.of(table("lines", *rows), person, shelf, exchange, prices_include_tax=True)
        prices = Prices.of(bought, shelf, len(people))
        return prices, Affinity.of(bought, shelf, prices, len(people))

    return read


def test_shares_are_of_all_spend_kept_and_the_largest_comes_first(read, line):
    _, found = read(
        line("1", "a", "p", 1, price=20), line("1", "a", "q", 1, units=3, kept=2, price=30), line("1", "a", "bare", 1, price=20),
        line("2", "b", "r", 1, kept=0),
    )  # fmt: skip
    assert json.loads(found.categories[0].as_py()) == {"Cq": 0.6, "Cp": 0.2}
    assert json.loads(found.brands[0].as_py()) == {"B": 0.8}
    assert found.categories.to_pylist()[1:] == ["{}", "{}"]
    assert np.isnan(found.sensitivity[1:]).all()


def test_of_many_categories_five_are_kept_and_of_equals_the_first_by_name(read, line):
    _, found = read(*(line("1", "a", name, 1, price=10) for name in "utsrqp"))
    assert list(json.loads(found.categories[0].as_py())) == ["Cp", "Cq", "Cr", "Cs", "Ct"]


def test_prices_are_low_or_high_within_their_category(read, line):
    sold = [line(f"n{n}", None, "p", 1, price=10 + n) for n in range(9)]
    prices, found = read(
        *sold, line("1", "a", "p", 1, price=10), line("2", "a", "p", 1, price=30), line("3", "a", "q", 1, price=1)
    )
    third, median, two_thirds = prices.of_category["Cp"]
    assert (third, median, two_thirds) == tuple(np.quantile([10, *range(10, 19), 30], [1 / 3, 0.5, 2 / 3]) * 1e6)
    bands = json.loads(found.price_bands[0].as_py())
    assert bands == {"high": round(30 / 41, 4), "low": round(10 / 41, 4)}  # 1 of 41 was spent where nothing is compared


def test_spend_at_a_discount_or_below_the_median_is_cheap_and_few_lines_say_little(read, line):
    rows = [line(f"n{n}", "n", "p", n, price=10, discount=1 if n < 5 else None) for n in range(10)]
    prices, found = read(*rows, line("1", "a", "p", 1, price=10, discount=5), line("2", "b", "p", 1, price=10))
    share = (5 * 9 + 5) / (5 * 9 + 5 * 10 + 5 + 10)
    assert prices.cheap_share == pytest.approx(share)
    for person, (n, own) in enumerate([(1, 1.0), (1, 0.0), (10, 45 / 95)]):
        expected = (n * own + prices.worth * share) / (n + prices.worth)
        assert found.sensitivity[person] == pytest.approx(expected)
    assert found.discount_share == pytest.approx([1.0, 0.0, 45 / 95])


def test_where_people_are_alike_the_shops_share_is_worth_much_and_where_they_differ_little(read, line):
    alike = [line(f"{who}{n}", who, "p", n, price=10, discount=n % 2 or None) for who in "ab" for n in range(40)]
    differ = [
        line(f"{who}{n}", who, "p", n, price=10, discount=1 if who == "a" else None) for who in "ab" for n in range(40)
    ]
    assert read(*alike)[0].worth == MOST_WORTH
    assert read(*differ)[0].worth == pytest.approx(1, abs=0.05)
