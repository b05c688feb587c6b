"""What stands on a decision printed as plain text: headings, prices, the code for the till, and the way to say no."""

from datetime import date

from crosslift.domain.money import Money
from crosslift.wording.formats import day, money
from crosslift.wording.messages import Noun, text

PAPERS = ("chat", "kiosk", "till", "receipt")
PERIODS = ("day", "week", "month", "quarter", "year")
KEYS = (
    *(f"heading.{paper}" for paper in PAPERS), *(f"no.{paper}" for paper in PAPERS), *(f"per.{period}" for period in PERIODS),
    "nothing", "price", "total", "with_tax", "without_tax", "code", "set", "set_instead", "set_alone", "bar",
)  # fmt: skip
"""All keys of its messages."""


def say(key: str, language: str, **values: str) -> str:
    """Say one of its messages; names from outside take their Korean particle.

    Examples
    --------
    >>> say("no.kiosk", "en"), say("total", "ko"), say("set", "ja", title="朝のセット")
    ('0: No, thank you', '합계', 'セット：朝のセット')
    """
    return text(f"slip.{key}", language, None, **{name: Noun(value) for name, value in values.items()})


def price(amount: Money, language: str, period: str | None = None) -> str:
    """Write an amount as it is paid, per period where it recurs.

    Examples
    --------
    >>> from decimal import Decimal
    >>> price(Money(Decimal(9900), "KRW"), "ko", "month"), price(Money(Decimal("4.5"), "USD"), "en")
    ('월 9,900원', '$4.50')
    """
    written = money(amount, language)
    return say(f"per.{period}", language, price=written) if period else written


def tax(language: str, *, is_included: bool) -> str:
    """Say whether tax is in a price."""
    return say("with_tax" if is_included else "without_tax", language)


def code(letters: str, until: date, language: str) -> str:
    """Say which code opens this price at the till, and until when.

    Examples
    --------
    >>> code("K7QM3XPA", date(2026, 3, 12), "ja")
    'コード K7QM 3XPA：2026年3月12日までレジでこの価格です。'
    """
    spaced = " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))
    return say("code", language, code=spaced, on=day(until, language))
