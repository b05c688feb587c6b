"""Money, numbers and dates as the three markets write them."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.wording.formats import (
    clock,
    compact,
    day,
    duration,
    exact,
    listing,
    moment,
    money,
    names,
    number,
    percent,
)


def amount(value: str, currency: str) -> Money:
    return Money(Decimal(value), currency)


@pytest.mark.parametrize(
    ("value", "currency", "language", "written"),
    [
        ("1234567", "KRW", "ko", "1,234,567원"),
        ("1234567", "KRW", "en", "₩1,234,567"),
        ("1234567", "KRW", "ja-JP", "₩1,234,567"),
        ("1234", "JPY", "ja", "¥1,234"),
        ("1234", "JPY", "ko", "¥1,234"),
        ("1234.5", "USD", "en-US", "$1,234.50"),
        ("1234.5", "USD", "ko", "$1,234.50"),
        ("12345.67", "EUR", "ja", "€12,345.67"),
        ("1.2345", "KWD", "en", "KWD\u00a01.234"),
        ("7", "CHF", "en", "CHF\u00a07.00"),
        ("7", "XXQ", "ko", "XXQ\u00a07.00"),
        ("5", "AUD", "en", "A$5.00"),
        ("-1200", "KRW", "ko", "-1,200원"),
        ("-3", "USD", "en", "-$3.00"),
        ("1200.6", "KRW", "ko", "1,201원"),
        ("0", "JPY", "ja", "¥0"),
        ("-0", "USD", "en", "$0.00"),
        ("0.00012", "USD", "en", "$0.00012"),
        ("-0.2", "KRW", "ko", "-0.2원"),
    ],
)
def test_money_is_written_as_it_is_paid(value, currency, language, written):
    assert money(amount(value, currency), language) == written


@pytest.mark.parametrize(
    ("value", "currency", "language", "written"),
    [
        ("12345678", "KRW", "ko", "1,235만 원"),
        ("9500", "KRW", "ko", "9,500원"),
        ("15000", "KRW", "ko", "1.5만 원"),
        ("123456789", "KRW", "ko", "1.2억 원"),
        ("99999999", "KRW", "ko", "1억 원"),
        ("-99999999", "KRW", "ko", "-1억 원"),
        ("1234567", "JPY", "ja", "123万円"),
        ("1234567", "JPY", "en", "¥1.2M"),
        ("999.99", "USD", "en", "$999.99"),
        ("999999", "USD", "en", "$1M"),
        ("12345", "USD", "en", "$12K"),
        ("20000", "USD", "ko", "$2만"),
        ("5000000000000000", "KRW", "ko", "5,000조 원"),
    ],
)
def test_short_money_has_the_units_of_the_language(value, currency, language, written):
    assert money(amount(value, currency), language, short=True) == written


def test_tax_is_named_in_the_words_of_each_market():
    yen = amount("1234", "JPY")
    assert money(yen, "ja", tax_included=True) == "¥1,234（税込）"
    assert money(yen, "ja", in_text=True, tax_included=True) == "1,234円（税込）"
    assert money(amount("5000", "KRW"), "ko", tax_included=True) == "5,000원 (부가세 포함)"
    assert money(amount("5", "USD"), "en", tax_included=True) == "$5.00 incl. tax"


def test_numbers_group_thousands_and_never_show_minus_zero():
    assert number(1234567, "ko") == "1,234,567"
    assert number(10**20, "ja") == "100,000,000,000,000,000,000"
    assert number(1234.567, "en", 2) == "1,234.57"
    assert number(Decimal("-0.004"), "en", 2) == "0.00"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(BadInput, match="say why it is not estimable"):
        number(value, "en")


def test_percent_takes_a_rate():
    assert percent(0.0409, "en", 1) == "4.1%"
    assert percent(1, "ko") == "100%"


@pytest.mark.parametrize(
    ("count", "language", "written"),
    [
        (0, "en", "0"),
        (9_999, "ko", "9,999"),
        (10_000, "ja", "1万"),
        (99_600, "ko", "10만"),
        (999_500, "en", "1M"),
        (-2_500, "en", "-2.5K"),
    ],
)
def test_compact_counts_round_into_the_next_unit(count, language, written):
    assert compact(count, language) == written


def test_days_and_times_by_language():
    at = datetime(2026, 3, 5, 21, 5, tzinfo=UTC)
    assert [day(at, language) for language in ("ko", "ja", "en", "fr")] == [
        "2026년 3월 5일",
        "2026年3月5日",
        "5 Mar 2026",
        "5 Mar 2026",
    ]
    assert [clock(at, language) for language in ("ko", "ja", "en")] == ["오후 9:05", "21:05", "9:05 PM"]
    assert moment(at, "ja") == "2026年3月5日 21:05"
    assert moment(at, "ko") == "2026년 3월 5일 오후 9:05"
    assert moment(at, "en") == "5 Mar 2026, 9:05 PM"


@pytest.mark.parametrize(("hour", "ko", "en"), [(0, "오전 12", "12:00 AM"), (12, "오후 12", "12:00 PM")])
def test_noon_and_midnight_are_twelve(hour, ko, en):
    assert clock(time(hour), "ko") == f"{ko}:00"
    assert clock(time(hour), "en") == en


def test_all_months_have_names():
    months = {day(date(2026, month, 1), "en") for month in range(1, 13)}
    assert len(months) == 12


@pytest.mark.parametrize(
    ("days", "en", "ko", "ja"),
    [
        (0.2, "1 day", "1일", "1日"),
        (7, "7 days", "7일", "7日"),
        (14, "2 weeks", "2주", "2週間"),
        (17, "17 days", "17일", "17日"),
        (30, "30 days", "30일", "30日"),
        (38, "38 days", "38일", "38日"),
        (60, "2 months", "2개월", "2か月"),
        (98, "98 days", "98일", "98日"),
        (150, "5 months", "5개월", "5か月"),
        (365, "1 year", "1년", "1年"),
        (400, "13 months", "13개월", "13か月"),
        (730, "2 years", "2년", "2年"),
    ],
)
def test_spans_are_said_in_the_largest_unit_that_stays_true(days, en, ko, ja):
    assert (duration(days, "en"), duration(days, "ko"), duration(days, "ja")) == (en, ko, ja)


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_no_span_is_no_text(days):
    with pytest.raises(BadInput, match="is no span to show"):
        duration(days, "en")


def test_exact_number_keeps_its_decimals_and_no_more():
    assert [exact(value, "ko") for value in (3, 3.0, 0.1 + 0.2, Decimal("29400.50"))] == ["3", "3", "0.3", "29,400.5"]
    with pytest.raises(BadInput, match="is no number to show"):
        exact(float("inf"), "en")


def test_names_in_a_row_read_as_the_language_has_it():
    assert [names(titles, "en") for titles in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert (names(["주전자", "저울"], "ko"), names(["ケトル"], "ja")) == ("주전자, 저울", "「ケトル」")
    assert (listing(["a", "b"], "ko"), listing(["a", "b"], "ja")) == ("a, b", "a、b")


def test_babel_is_loaded_for_foreign_currencies_only():
    program = """
import sys
from decimal import Decimal
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.domain.money import Money
from crosslift.wording import formats, pressure, reasons, storefront
sold = {"n_orders": 9, "window_days": 28, "to_on": "2026-10-31"}
reasons.sentence(Reason(ReasonCode.BESTSELLER, sold), "ko")
formats.money(Money(Decimal(9), "KRW"), "ko", tax_included=True)
storefront.labels("ja")
assert "babel" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
