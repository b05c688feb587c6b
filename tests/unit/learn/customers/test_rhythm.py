import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY, Exchange
from crosslift.learn.customers.orders import Orders
from crosslift.learn.customers.rhythm import PRIOR_GAPS, Rhythm
from crosslift.learn.customers.shelf import Shelf

AS_OF = 400 * DAY


@pytest.fixture
def learn(table, line):
    def learn(*rows, horizon=365.0):
        shelf = Shelf.of(table("products", {"product_id": "p", "category": "C"}, {"product_id": "q", "category": "D"}))
        people = sorted({row["customer_id"] for row in rows})
        person = np.array([people.index(row["customer_id"]) for row in rows], np.int32)
        lines, exchange = table("lines", *rows), Exchange("EUR", table("exchange_rates"))
        bought = Bought.of(lines, person, shelf, exchange, prices_include_tax=True)
        return Rhythm.of(Orders.of(bought, len(people)).days(), bought, shelf, AS_OF, horizon), shelf

    return learn


def monthly(line, n_people, gap=30, product="p"):
    return [line(f"{who}-{n}", f"c{who}", product, gap * n) for who in range(n_people) for n in range(400 // gap + 1)]


def test_a_shop_where_everybody_comes_monthly(learn, line):
    found, _ = learn(*monthly(line, 5))
    assert (found.median, found.silence) == (30.0, 30.0)
    assert found.n_gaps == 5 * 13
    assert found.of_category == {"C": 30.0}


def test_too_few_gaps_say_nothing(learn, line):
    found, _ = learn(line("1", "a", "p", 0), line("2", "a", "p", 30))
    assert (found.median, found.silence, found.n_gaps, found.of_category) == (None, None, 1, {})
    assert np.isnan(found.silence_of(np.array([30.0]), np.array([1]))).all()


def test_those_who_still_wait_make_silence_longer_than_finished_gaps_alone(learn, line):
    """Nine in ten finished gaps are of a day, but all of these people came so late that few others could be slow yet."""
    quick = [line(f"q{n}-{k}", f"q{n}", "p", 390 + k) for n in range(60) for k in (0, 1)]
    slow = [line(f"s{n}-{k}", f"s{n}", "p", 50 + 300 * k) for n in range(5) for k in (0, 1)]
    assert np.quantile([1] * 60 + [300] * 5, 0.9) == 1
    found, _ = learn(*quick, *slow)
    assert found.n_gaps == 65
    assert found.silence == 300


def test_own_gaps_count_more_the_more_there_are():
    shop = Rhythm(30.0, 90.0, 100, {})
    found = shop.silence_of(np.array([np.nan, 10.0, 10.0, 10.0]), np.array([0, 1, 10, 1_000]))
    assert found[0] == pytest.approx(90)
    assert found[1] == pytest.approx(30 ** (1 / (1 + PRIOR_GAPS)) * 90 ** (PRIOR_GAPS / (1 + PRIOR_GAPS)))
    assert found[1] > found[2] > found[3] == pytest.approx(30, rel=0.01)


def test_the_interval_is_the_own_then_the_categorys_then_the_shops(table):
    shelf = Shelf.of(table("products", {"product_id": "p", "category": "C"}, {"product_id": "q", "category": "D"}))
    shop = Rhythm(30.0, 90.0, 100, {"D": 200.0})
    category = np.array([0, 0, 1, -1], np.int32)
    found = shop.interval_of(np.array([7.0, np.nan, np.nan, np.nan]), category, shelf)
    assert found.tolist() == [7, 30, 200, 30]
    assert isinstance(shelf.categories, pa.Array)
