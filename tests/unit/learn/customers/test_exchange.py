import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.customers.exchange import DAY, OLDEST_DAYS, Exchange, reporting_currency
from crosslift.learn.customers.material import CustomerMaterial


@pytest.fixture
def rates(table):
    return table(
        "exchange_rates",
        {"rated_on": 20, "currency": "USD", "rate": 0.5},
        {"rated_on": 10, "currency": "USD", "rate": 0.9},
    )


def converted(rates, *amounts):
    micros, currency, day = zip(*amounts, strict=True)
    return Exchange("EUR", rates).amounts(
        pa.chunked_array([pa.array(micros, pa.int64())]), pa.chunked_array([pa.array(currency, pa.string())]),
        np.array(day) * DAY + 5,
    )  # fmt: skip


def test_an_amount_converts_at_the_rate_of_its_day(rates):
    found = converted(rates, (1_000_000, "USD", 10), (1_000_000, "USD", 19), (1_000_000, "USD", 20))
    assert found.micros.tolist() == [900_000, 900_000, 500_000]
    assert found.is_known.all()


def test_the_own_currency_and_none_stay_as_they_are_to_the_micro(rates):
    found = converted(rates, (9_007_199_254_740_993, "EUR", 1), (7, None, 1))
    assert found.micros.tolist() == [9_007_199_254_740_993, 7]


def test_without_a_rate_for_the_day_an_amount_is_foreign_and_not_nothing(rates):
    found = converted(rates, (5, "USD", 9), (5, "USD", 20 + OLDEST_DAYS), (5, "USD", 21 + OLDEST_DAYS), (5, "KRW", 15))
    assert found.is_known.tolist() == [False, True, False, False]
    assert found.is_foreign.tolist() == [True, False, True, True]


def test_no_amount_is_neither_known_nor_foreign(rates):
    found = converted(rates, (None, "USD", 10), (None, "KRW", 10))
    assert not found.is_known.any()
    assert not found.is_foreign.any()
    assert found.micros.tolist() == [0, 0]


def test_a_shop_that_sells_in_one_currency_only_is_reported_in_it(table, line):
    lines = table("lines", line("1", "a", "p", 0, currency="GBP"))
    assert reporting_currency(CustomerMaterial(lines=lines), "USD") == "GBP"
    assert reporting_currency(CustomerMaterial(), "USD") == "USD"


def test_with_rates_or_several_currencies_the_one_wanted_is_reported(table, line, rates):
    lines = table("lines", line("1", "a", "p", 0, currency="GBP"))
    assert reporting_currency(CustomerMaterial(lines=lines, exchange_rates=rates), "USD") == "USD"
    two = table("lines", line("1", "a", "p", 0, currency="GBP"), line("2", "a", "p", 0, currency="EUR"))
    assert reporting_currency(CustomerMaterial(lines=two), "USD") == "USD"
