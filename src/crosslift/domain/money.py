"""Money: an exact amount with its currency beside it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from crosslift.errors import BadInput

MICROS = 1_000_000
"""Amounts are stored as whole millionths of the major unit: exact for every ISO 4217 currency and for
unit prices far below one cent, and one integer column in every engine."""

_NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


_QUANTA = {digits: Decimal(1).scaleb(-digits) for digits in (0, 2, 3)}
"""The smallest amount that is paid, by the decimals of the currency."""
_CODES: set[str] = set()
"""Codes that were found to be some: of three capital letters there are not many."""


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency is paid in (ISO 4217): 0 for KRW and JPY, mostly 2.

    Examples
    --------
    >>> minor_digits("KRW"), minor_digits("USD"), minor_digits("KWD")
    (0, 2, 3)
    """
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency.

    Examples
    --------
    >>> Money(Decimal("2.50"), "GBP") + Money(Decimal("1"), "GBP")
    Money(amount=Decimal('3.50'), currency='GBP')
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in _CODES:
            if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
                raise BadInput(f"{self.currency!r} is no ISO 4217 currency code such as 'USD', 'KRW' or 'JPY'")
            _CODES.add(self.currency)
        if not self.amount.is_finite():
            raise BadInput(f"{self.amount} is no amount of money")

    @classmethod
    def from_micros(cls, micros: int, currency: str) -> "Money":
        """Build from stored millionths of the major unit."""
        return cls(Decimal(micros) / MICROS, currency)

    def to_micros(self) -> int:
        """Give whole millionths of the major unit, as stored; half to even below that."""
        return int((self.amount * MICROS).to_integral_value(rounding=ROUND_HALF_EVEN))

    def rounded(self) -> "Money":
        """Round to what can be paid in this currency."""
        return Money(self.amount.quantize(_QUANTA[minor_digits(self.currency)], ROUND_HALF_EVEN), self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> "Money":
        return Money(self.amount * factor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise BadInput(f"{self.currency} and {other.currency} are never added: convert with a dated rate first")
        return other
