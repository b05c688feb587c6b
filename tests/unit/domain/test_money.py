"""Money: exact, its currency beside it."""

from decimal import Decimal

import pytest

from crosslift.domain.money import Money, minor_digits
from crosslift.errors import BadInput


def test_amounts_are_exact():
    assert Money(Decimal("0.1"), "USD") + Money(Decimal("0.2"), "USD") == Money(Decimal("0.3"), "USD")
    assert Money(Decimal("1.00"), "USD") - Money(Decimal("0.01"), "USD") == Money(Decimal("0.99"), "USD")
    assert Money(Decimal("19.99"), "USD") * 3 == Money(Decimal("59.97"), "USD")
    assert Money(Decimal("10"), "USD") * Decimal("0.333") == Money(Decimal("3.33"), "USD")


@pytest.mark.parametrize("text", ["0", "0.000001", "-2.55", "999999999.999999", "12345678901234.5", "0.1"])
def test_millionths_and_back(text):
    money = Money(Decimal(text), "USD")
    assert Money.from_micros(money.to_micros(), "USD") == money


@pytest.mark.parametrize(
    ("text", "micros"), [("0.0000005", 0), ("0.0000015", 2), ("-0.0000025", -2), ("0.00000051", 1)]
)
def test_below_a_millionth_half_goes_to_even(text, micros):
    assert Money(Decimal(text), "USD").to_micros() == micros


@pytest.mark.parametrize(
    ("text", "currency", "paid"),
    [
        ("1234.5", "KRW", "1234"), ("1235.5", "KRW", "1236"), ("100.4", "JPY", "100"), ("2.555", "USD", "2.56"),
        ("2.545", "USD", "2.54"), ("1.2345", "KWD", "1.234"), ("2", "USD", "2.00"), ("-0.005", "GBP", "-0.00"),
    ],
)  # fmt: skip
def test_rounding_to_what_can_be_paid(text, currency, paid):
    assert str(Money(Decimal(text), currency).rounded().amount) == paid


def test_decimals_of_currencies():
    assert [minor_digits(c) for c in ("KRW", "JPY", "VND", "USD", "EUR", "GBP", "KWD", "BHD", "XXX")] == [
        0,
        0,
        0,
        2,
        2,
        2,
        3,
        3,
        2,
    ]


def test_currencies_are_never_added():
    with pytest.raises(BadInput, match="USD and KRW are never added: convert with a dated rate first"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "KRW")
    with pytest.raises(BadInput, match="never added"):
        Money(Decimal(1), "USD") - Money(Decimal(1), "KRW")


@pytest.mark.parametrize("code", ["usd", "US", "USDT", "", "₩₩₩", "ÜSD"])
def test_a_currency_has_three_capital_letters(code):
    with pytest.raises(BadInput, match="is no ISO 4217 currency code"):
        Money(Decimal(1), code)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_no_number_is_no_amount(amount):
    with pytest.raises(BadInput, match="is no amount of money"):
        Money(Decimal(amount), "USD")


def test_money_is_a_value():
    assert len({Money(Decimal("1.0"), "USD"), Money(Decimal("1.00"), "USD"), Money(Decimal(1), "EUR")}) == 2
    with pytest.raises(AttributeError):
        Money(Decimal(1), "USD").amount = Decimal(2)
