"""Money, numbers, dates and times as people in Korea, Japan and elsewhere write them.

A house formatter: where Babel's choices differ from what shops write (full-width yen sign, `JP¥`, `PM 9:05`),
ours stand. Babel knows the symbols of all other currencies and is imported only for those.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from crosslift.domain.money import Money, minor_digits
from crosslift.errors import BadInput
from crosslift.wording.messages import Noun, language_of, text

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {
    "en": ((10**3, "K"), (10**6, "M"), (10**9, "B"), (10**12, "T")),
    "ko": ((10**4, "만"), (10**8, "억"), (10**12, "조")),
    "ja": ((10**4, "万"), (10**8, "億"), (10**12, "兆")),
}
_SPANS = (("years", 365.25, 1.0), ("months", 365.25 / 12, 2.0), ("weeks", 7.0, 2.0))
_LONGEST_IN_WEEKS = 8 * 7
_SYMBOLS = {"KRW": "₩", "JPY": "¥", "USD": "$"}
_WORDS = {("ko", "KRW"): "원", ("ja", "JPY"): "円"}


def money(
    amount: Money, language: str, *, short: bool = False, in_text: bool = False, tax_included: bool = False
) -> str:
    """Write an amount as it can be paid: no decimals for won and yen, two for dollars.

    Parameters
    ----------
    short : bool
        In 만 / 万 or K / M, for charts and figures; exact again below the first unit.
    in_text : bool
        With the currency's word where the language has one: ``1,234円`` in Japanese running text.
    tax_included : bool
        Say so, as Japanese shops must: 税込.

    Notes
    -----
    An amount too small to be paid (a unit price below one cent) is written out, never as zero.

    Examples
    --------
    >>> won, yen = Money(Decimal(12345678), "KRW"), Money(Decimal(1234), "JPY")
    >>> money(won, "ko"), money(won, "ko", short=True), money(won, "en")
    ('12,345,678원', '1,235만 원', '₩12,345,678')
    >>> money(yen, "ja"), money(yen, "ja", in_text=True), money(yen, "ja", tax_included=True)
    ('¥1,234', '1,234円', '¥1,234（税込）')
    >>> money(Money(Decimal("1234.5"), "USD"), "ko"), money(Money(Decimal("-0.004"), "USD"), "en")
    ('$1,234.50', '-$0.004')
    """
    tongue = language_of(language)
    paid = amount.rounded().amount
    shortened = _shortened(abs(paid), tongue) if short else None
    figure = shortened or f"{abs(paid):,.{minor_digits(amount.currency)}f}"
    if paid == 0 != amount.amount:
        figure = f"{abs(amount.amount.normalize()):f}"
    written = _with_currency(figure, amount.currency, tongue, in_text, is_short=shortened is not None)
    written = f"-{written}" if amount.amount < 0 else written
    return text("price.tax_included", language, price=written) if tax_included else written


def _with_currency(figure: str, currency: str, tongue: str, in_text: bool, *, is_short: bool) -> str:
    """Put the symbol before the figure, or the word behind it."""
    word = _WORDS.get((tongue, currency))
    if word and (tongue == "ko" or in_text or is_short):
        return f"{figure} {word}" if tongue == "ko" and is_short else f"{figure}{word}"
    symbol = _SYMBOLS.get(currency) or _symbol(currency, tongue)
    return f"{symbol}\u00a0{figure}" if symbol[-1:].isalpha() else f"{symbol}{figure}"


@cache
def _symbol(currency: str, tongue: str) -> str:
    """Ask Babel for a symbol, or get the code itself back."""
    from babel.numbers import get_currency_symbol

    return get_currency_symbol(currency, locale=tongue)


def number(value: int | float | Decimal, language: str, digits: int = 0) -> str:
    """Write a number with its thousands grouped; whole numbers never get decimals.

    The three languages group alike; `language` is asked for so that a fourth needs no new calls.

    Raises
    ------
    BadInput
        For nan and infinities: say that a figure is not estimable instead.

    Examples
    --------
    >>> number(1234567, "ko"), number(3.14159, "en", 2), number(-0.2, "ja")
    ('1,234,567', '3.14', '0')
    """
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        raise BadInput(f"{value} is no number to show; say why it is not estimable instead")
    return f"{value:z,.{digits}f}"


def compact(value: int, language: str) -> str:
    """Write a large count short: one decimal below ten units, none above.

    Examples
    --------
    >>> compact(12_345_678, "ko"), compact(1_234_567, "ja"), compact(12_345, "en"), compact(999, "en")
    ('1,235만', '123万', '12K', '999')
    >>> compact(99_999_999, "ko"), compact(-15_000, "ja")
    ('1억', '-1.5万')
    """
    shortened = _shortened(Decimal(abs(value)), language_of(language))
    if shortened is None:
        return number(value, language)
    return f"-{shortened}" if value < 0 else shortened


def _shortened(value: Decimal, tongue: str) -> str | None:
    """Write a positive value in the largest unit it reaches, or None below the first."""
    units = _UNITS[tongue]
    reached = [i for i, (size, _) in enumerate(units) if value >= size]
    if not reached:
        return None
    i = reached[-1]
    figure = _two_figures(value / units[i][0])
    if i + 1 < len(units) and figure * units[i][0] >= units[i + 1][0]:
        i, figure = i + 1, Decimal(1)
    return f"{figure:,f}{units[i][1]}"


def _two_figures(value: Decimal) -> Decimal:
    """Round to one decimal below ten (and drop a zero there), to whole numbers above."""
    tenths = value.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    whole = value.quantize(Decimal(1), ROUND_HALF_EVEN)
    return whole if tenths >= 10 or tenths == whole else tenths


def percent(rate: float, language: str, digits: int = 0) -> str:
    """Write a rate of 0..1 as a percentage.

    Examples
    --------
    >>> percent(0.041, "en", 1), percent(0.5, "ko")
    ('4.1%', '50%')
    """
    return f"{number(float(rate) * 100, language, digits)}%"


def exact(value: int | float | Decimal, language: str) -> str:
    """Write a number with the decimals it has, up to twelve digits: a size or a meter reading, never an estimate.

    Examples
    --------
    >>> exact(29400.0, "en"), exact(0.75, "ko"), exact(1234.5, "ja")
    ('29,400', '0.75', '1,234.5')
    """
    if not math.isfinite(value) or value == int(value):
        return number(value, language)
    return f"{Decimal(f'{value:.12g}').normalize():,f}"


def duration(days: float, language: str) -> str:
    """Write a span of days in the largest unit that tells it within 3 %, else in whole days.

    Raises
    ------
    BadInput
        For nan, infinities and spans that are not above zero.

    Examples
    --------
    >>> duration(152, "en"), duration(152, "ko"), duration(152, "ja"), duration(14, "en"), duration(38, "en")
    ('5 months', '5개월', '5か月', '2 weeks', '38 days')
    """
    if not (math.isfinite(days) and days > 0):
        raise BadInput(f"{days} days is no span to show; say why it is not estimable instead")
    for unit, size, least in _SPANS:
        n = round(days / size)
        is_short_enough = unit != "weeks" or days <= _LONGEST_IN_WEEKS
        if n >= least and is_short_enough and abs(n * size - days) <= 0.03 * days:
            return text(f"unit.{unit}", language, n, n=number(n, language))
    n = max(1, round(days))
    return text("unit.days", language, n, n=number(n, language))


def listing(entries: Sequence[str], language: str) -> str:
    """Write short entries in a row, as after a colon.

    Examples
    --------
    >>> listing(["ceramic", "size 02"], "en"), listing(["陶磁器", "サイズ 02"], "ja")
    ('ceramic, size 02', '陶磁器、サイズ 02')
    """
    return ("、" if language_of(language) == "ja" else ", ").join(entries)


def names(titles: Sequence[str], language: str) -> str:
    """Write names in a row, in Japanese each in its brackets.

    Examples
    --------
    >>> names(["kettle", "scale", "server"], "en"), names(["주전자", "저울"], "ko"), names(["ケトル", "計り"], "ja")
    ('kettle, scale and server', '주전자, 저울', '「ケトル」「計り」')
    """
    each = [f"{Noun(title)}" for title in titles]
    match language_of(language):
        case "ja":
            return "".join(f"「{title}」" for title in each)
        case "ko":
            return ", ".join(each)
    return " and ".join(part for part in (", ".join(each[:-1]), each[-1]) if part)


def day(on: date, language: str) -> str:
    """Write a date; of a datetime the date in its own zone.

    Examples
    --------
    >>> day(date(2026, 3, 5), "ko"), day(date(2026, 3, 5), "ja"), day(date(2026, 3, 5), "en")
    ('2026년 3월 5일', '2026年3月5日', '5 Mar 2026')
    """
    match language_of(language):
        case "ko":
            return f"{on.year}년 {on.month}월 {on.day}일"
        case "ja":
            return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock(at: time | datetime, language: str) -> str:
    """Write the time of day, in the zone of the value.

    Examples
    --------
    >>> clock(time(21, 5), "ko"), clock(time(21, 5), "ja"), clock(time(21, 5), "en"), clock(time(0, 5), "ko")
    ('오후 9:05', '21:05', '9:05 PM', '오전 12:05')
    """
    hour, minute = at.hour % 12 or 12, f"{at.minute:02}"
    match language_of(language):
        case "ko":
            return f"{'오전' if at.hour < 12 else '오후'} {hour}:{minute}"
        case "ja":
            return f"{at.hour}:{minute}"
    return f"{hour}:{minute} {'AM' if at.hour < 12 else 'PM'}"


def moment(at: datetime, language: str) -> str:
    """Write date and time together, in the zone of the value.

    Examples
    --------
    >>> moment(datetime(2026, 3, 5, 21, 5), "ko"), moment(datetime(2026, 3, 5, 21, 5), "en")
    ('2026년 3월 5일 오후 9:05', '5 Mar 2026, 9:05 PM')
    """
    between = ", " if language_of(language) == "en" else " "
    return f"{day(at, language)}{between}{clock(at, language)}"
