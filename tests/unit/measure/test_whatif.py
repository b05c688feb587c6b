"""The what-if calculator: exact arithmetic on four numbers, refused where they cannot be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.measure.whatif import Addition, read_addition


def test_price_times_rate_times_orders():
    added = read_addition(["price=5", "rate=35%", "orders=1000"], "USD")
    assert added.revenue == Money(Decimal(1750), "USD")
    assert added.n_sold == 350
    assert added.margin is None


def test_a_share_and_a_percentage_are_the_same():
    assert read_addition(["price=5", "rate=0.35", "orders=1000"], "USD") == read_addition(
        ["price=5", "rate=35 %", "orders=1000"], "USD"
    )


def test_returns_bring_nothing_and_the_margin_is_a_share_of_what_stays_sold():
    added = read_addition(["price=10", "rate=50%", "orders=200", "returns=10%", "margin=40%"], "EUR")
    assert added.revenue == Money(Decimal(900), "EUR")
    assert added.margin == Money(Decimal(360), "EUR")


def test_what_loses_on_each_sale_loses_in_all():
    added = read_addition(["price=10", "rate=1", "orders=3", "margin=-20%", "currency=GBP"], "EUR")
    assert added.margin == Money(Decimal(-6), "GBP")


@given(st.integers(0, 10**6), st.integers(0, 100), st.integers(0, 10**6))
def test_the_arithmetic_is_exact(cents, percent, orders):
    added = Addition(Money(Decimal(cents) / 100, "USD"), Decimal(percent) / 100, Decimal(orders))
    assert added.revenue.amount * 10_000 == cents * percent * orders


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["price=5", "rate=35%"], "orders is missing"),
        (["price=5", "rate=135%", "orders=10"], "between 0 and 1"),
        (["price=5", "rate=a lot", "orders=10"], "no number"),
        (["price=5", "rate=nan", "orders=10"], "no number"),
        (["price=5%", "rate=1", "orders=10"], "no number"),
        (["price=-5", "rate=1", "orders=10"], "0 or more"),
        (["price=5", "rate=1", "orders=10", "margin=2"], "whole price"),
        (["price=5", "price=6", "rate=1", "orders=10"], "twice"),
        (["prize=5", "rate=1", "orders=10"], "not understood"),
        (["price=5", "rate=1", "orders=10", "currency=dollars"], "ISO 4217"),
    ],
)
def test_what_cannot_be_is_refused(said, why):
    with pytest.raises(BadInput, match=why):
        read_addition(said, "USD")
