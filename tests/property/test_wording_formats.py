"""Formats: every amount and every text gets through."""

import re
from datetime import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.money import Money
from crosslift.wording.formats import clock, compact, day, moment, money, number
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.pressure import pressure_words

languages = st.sampled_from(LANGUAGES)
amounts = st.decimals(-(10**12), 10**12, places=6)
currencies = st.sampled_from(["KRW", "JPY", "USD", "EUR", "KWD", "CHF"])


@given(amounts, currencies, languages, st.booleans(), st.booleans())
def test_money_keeps_sign_and_paid_digits(value, currency, language, in_text, tax_included):
    amount = Money(value, currency)
    written = money(amount, language, in_text=in_text, tax_included=tax_included)
    digits = Decimal(re.search(r"\d[\d,.]*", written).group().replace(",", ""))
    assert digits == abs(amount.rounded().amount) or (amount.rounded().amount == 0 and digits == abs(value))
    assert written.startswith("-") == (value < 0)


@given(st.integers(-(10**15), 10**15), languages)
def test_compact_count_is_right_within_its_rounding(count, language):
    written = compact(count, language)
    unit = written.lstrip("-")[-1]
    size = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12, "만": 10**4, "억": 10**8, "조": 10**12}
    size |= {"万": 10**4, "億": 10**8, "兆": 10**12}
    shown = Decimal(written.rstrip("KMBT만억조万億兆").replace(",", "")) * size.get(unit, 1)
    assert abs(shown - count) <= abs(count) * Decimal("0.05")


@given(st.floats(allow_nan=False, allow_infinity=False), languages, st.integers(0, 6))
def test_number_reads_back(value, language, digits):
    assert abs(float(number(value, language, digits).replace(",", "")) - value) <= 0.5 * 10.0**-digits + 1e-9


@given(st.datetimes(), languages)
def test_moment_holds_day_and_clock(at: datetime, language):
    assert moment(at, language).startswith(day(at, language))
    assert moment(at, language).endswith(clock(at, language))


@given(st.text(), st.text(max_size=5))
def test_lint_reads_any_text_and_points_into_it(text, language):
    for finding in pressure_words(text, language):
        assert text[finding.start : finding.end] == finding.words
