"""What an addition would bring in a month, from four numbers that anybody can check on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crosslift.domain.money import Money
from crosslift.errors import BadInput

WORDS: Mapping[str, str] = {
    "price": "what the addition costs a customer",
    "rate": "share of orders that take it, 0.35 or 35%",
    "orders": "orders a month it is offered in",
    "margin": "share of the price that stays, 0.4 or 40%",
    "returns": "share that comes back, 0.1 or 10%",
    "currency": "ISO 4217",
}
"""What may be said, as `word=value`; the first three must be."""
NEEDED = ("price", "rate", "orders")
MOST = 10**12
SHARES = ("rate", "margin", "returns")


@dataclass(frozen=True, slots=True)
class Addition:
    """Something offered beside every order, and what is assumed of it; nothing here is estimated.

    Attributes
    ----------
    price : Money
        Of one.
    rate : Decimal
        Attach rate, 0..1: orders that take it over orders.
    n_orders : Decimal
        Orders a month.
    margin_share : Decimal or None
        Share of the price that stays, at most 1; below 0 it loses. None where nobody said.
    return_share : Decimal
        Share of those sold that comes back, 0..1; they bring neither revenue nor margin.
    """

    price: Money
    rate: Decimal
    n_orders: Decimal
    margin_share: Decimal | None = None
    return_share: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises
        ------
        BadInput
            For a share outside 0..1, a margin above the whole price, or a price or orders below 0.
        """
        if not (0 <= self.price.amount <= MOST and 0 <= self.n_orders <= MOST):
            raise BadInput(f"price and orders are 0 or more, and at most {MOST:,}")
        for name, share in (("rate", self.rate), ("returns", self.return_share)):
            if not 0 <= share <= 1:
                raise BadInput(f"{name} = {share}: give a share between 0 and 1, or between 0% and 100%")
        if self.margin_share is not None and self.margin_share > 1:
            raise BadInput(f"margin = {self.margin_share}: no more stays than the whole price, 1 or 100%")

    @property
    def n_sold(self) -> Decimal:
        """How many are sold in a month."""
        return self.n_orders * self.rate

    @property
    def revenue(self) -> Money:
        """What it brings in a month, after returns.

        Examples
        --------
        Five dollars beside every third order or so, a thousand orders a month:

        >>> Addition(Money(Decimal(5), "USD"), Decimal("0.35"), Decimal(1000)).revenue
        Money(amount=Decimal('1750.00'), currency='USD')
        """
        return self.price * (self.n_sold * (1 - self.return_share))

    @property
    def margin(self) -> Money | None:
        """What of it stays in a month; None where nobody said how much does."""
        return None if self.margin_share is None else self.revenue * self.margin_share


def read_addition(said: Sequence[str], currency: str) -> Addition:
    """Read an addition from words such as `price=5 rate=35% orders=1000`.

    Parameters
    ----------
    currency : str
        Where none is said.

    Raises
    ------
    BadInput
        For a word nobody knows, one said twice, one that is missing, or a value that is no number.
    """
    values: dict[str, str] = {}
    for one in said:
        word, sign, value = one.partition("=")
        if word not in WORDS or not sign:
            raise BadInput(f"{one!r} is not understood; say " + ", ".join(f"{name}=…" for name in WORDS))
        if word in values:
            raise BadInput(f"{word} is said twice")
        values[word] = value.strip()
    missing = [word for word in NEEDED if word not in values]
    if missing:
        raise BadInput(f"{', '.join(missing)} is missing; for example: price=5 rate=35% orders=1000")
    code = values.pop("currency", currency)
    numbers = {word: _number(word, value) for word, value in values.items()}
    return Addition(
        Money(numbers["price"], code), numbers["rate"], numbers["orders"], numbers.get("margin"),
        numbers.get("returns", Decimal(0)),
    )  # fmt: skip


def _number(word: str, value: str) -> Decimal:
    is_percent = word in SHARES and value.endswith("%")
    try:
        number = Decimal(value.removesuffix("%").strip() if is_percent else value)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise BadInput(f"{word}={value} is no number; say {WORDS[word]}")
    return number / 100 if is_percent else number
