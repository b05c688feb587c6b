"""Sets of products with one price: what the merchant or the orders propose, and what a decision shows of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from typing import Any

from crosslift.domain.money import Money
from crosslift.errors import BadInput

HUNDRED = Decimal(100)


class BundleKind(StrEnum):
    """How the parts of a set are chosen."""

    FIXED = "fixed"
    """All parts."""
    MIX = "mix"
    """Any `min_parts` of the parts, as the customer likes."""
    LOOK = "look"
    """One part for each role: the dress, the shoes, the bag."""
    MINED = "mined"
    """All parts; proposed because orders hold them together."""


NEEDS_SAVING = frozenset({BundleKind.FIXED, BundleKind.MIX})
"""Sets that say "cheaper together" and so are not shown when they are not; looks and what is often bought together may
cost what their parts cost."""


@dataclass(frozen=True, slots=True)
class Part:
    """One product of a set. `role` is what it is for; parts of one role stand for each other in a look."""

    product_id: str
    role: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """A set with one price; every part of it can always be bought alone.

    Attributes
    ----------
    titles : mapping
        Language to title; the plain one under ``""``.
    parts : tuple of Part
        In the merchant's order; what stands first is shown first.
    price : Money or None
        One price for the whole set, or
    discount_percent : Decimal or None
        percent off the single prices of this moment. With neither, the parts cost what they cost alone.
    min_parts : int
        Parts a set holds: of a mix the number that is chosen, of a look the roles that must be filled, else all.
    expires_at : datetime or None
        Not offered from this instant on.
    evidence : mapping
        What it rests on: `basis` curated, mined or alike, and the counts behind a mined set.

    Raises
    ------
    BadInput
        If it has fewer than two parts or a product twice, two prices, or numbers no set can have.
    """

    bundle_id: str
    kind: BundleKind
    parts: tuple[Part, ...]
    min_parts: int
    titles: Mapping[str, str] = field(default_factory=dict)
    price: Money | None = None
    discount_percent: Decimal | None = None
    expires_at: datetime | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    product_ids: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Products of the set, in the merchant's order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "product_ids", tuple(part.product_id for part in self.parts))
        problem = _problem(self)
        if problem:
            raise BadInput(f"bundle {self.bundle_id}: {problem}")

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of a look, in the merchant's order; a part without a role is one of its own."""
        return tuple(dict.fromkeys(part.role or part.product_id for part in self.parts))

    def price_of(self, single: Money) -> Money:
        """Give the price of the set where its parts cost `single` alone, rounded to what can be paid.

        Examples
        --------
        >>> tea = Bundle("tea", BundleKind.FIXED, (Part("pot"), Part("cup")), 2, discount_percent=Decimal(15))
        >>> tea.price_of(Money(Decimal("39.90"), "EUR"))
        Money(amount=Decimal('33.92'), currency='EUR')
        """
        if self.price is not None:
            return self.price
        if self.discount_percent is None:
            return single
        return (single * ((HUNDRED - self.discount_percent) / HUNDRED)).rounded()


def _problem(bundle: Bundle) -> str | None:
    """Say why something cannot be a set; what to do about it included."""
    n_parts, n_products = len(bundle.parts), len(set(bundle.product_ids))
    most = len(bundle.roles) if bundle.kind is BundleKind.LOOK else n_parts
    percent = bundle.discount_percent
    if n_products < n_parts:
        return "a product is in it twice; give it one row and a quantity"
    if most < 2:
        return f"{most} part; a set needs two, of different roles in a look"
    if any(part.quantity < 1 for part in bundle.parts):
        return "a quantity is below 1; leave the part out instead"
    if bundle.kind in _WHOLE and bundle.min_parts != n_parts:
        return f"{bundle.min_parts} of {n_parts} parts; it holds all its parts, only a mix or a look chooses"
    if not 2 <= bundle.min_parts <= most:
        return f"{bundle.min_parts} of {most} parts; choose from 2 to {most}"
    if bundle.price is not None and percent is not None:
        return "it has a price and a discount; give one of them"
    if bundle.price is not None and bundle.price.amount < 0:
        return f"its price is {bundle.price.amount}; a price is 0 or more"
    if percent is not None and not 0 <= percent <= HUNDRED:
        return f"its discount is {percent} %; give 0 to 100"
    return None


_WHOLE = frozenset({BundleKind.FIXED, BundleKind.MINED})


@dataclass(frozen=True, slots=True)
class SetPart:
    """One part of an offered set, with its own price: it can be bought alone.

    `offered_as` is the variant that can be bought, or the product itself; `price` is that of one piece.
    """

    product_id: str
    offered_as: str
    role: str
    quantity: int
    n_in_cart: int
    price: Money

    @property
    def n_missing(self) -> int:
        """Pieces the cart still lacks."""
        return self.quantity - self.n_in_cart


@dataclass(frozen=True, slots=True)
class SetOffer:
    """A set that a decision shows beside its single offers, never in their place.

    Attributes
    ----------
    parts : tuple of SetPart
        What the set holds, in the merchant's order.
    alternatives : tuple of SetPart
        Products of a mix or look that could be taken instead of the missing part, on the same terms.
    price, single : Money
        Of the set, and of its parts bought alone at this moment; never `price` above `single`.
    margin : Money or None
        `price` minus costs; None where the cost of a part is unknown.
    evidence : mapping
        Facts for the sentence that says why.
    """

    bundle_id: str
    kind: BundleKind
    titles: Mapping[str, str]
    parts: tuple[SetPart, ...]
    price: Money
    single: Money
    margin: Money | None
    alternatives: tuple[SetPart, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)

    @property
    def in_cart(self) -> tuple[SetPart, ...]:
        """Parts the cart holds in full."""
        return tuple(part for part in self.parts if part.n_missing == 0)

    @property
    def missing(self) -> tuple[SetPart, ...]:
        """Parts the cart lacks, in whole or in pieces."""
        return tuple(part for part in self.parts if part.n_missing > 0)

    @property
    def saving(self) -> Money:
        """What the set costs less than its parts alone; 0 for a set without a price of its own."""
        return self.single - self.price

    @property
    def currency(self) -> str:
        """Currency of every price in it."""
        return self.price.currency


def sum_of(amounts: tuple[Money, ...]) -> Money:
    """Add amounts of one currency; there must be one at least."""
    return reduce(Money.__add__, amounts)


def keeps_margin(price: Money, cost: Money, min_margin: Decimal) -> bool:
    """Tell whether a price leaves the wanted share of itself after costs; prices and costs both without or with tax.

    Examples
    --------
    >>> keeps_margin(Money(Decimal(10), "EUR"), Money(Decimal(9), "EUR"), Decimal("0.1"))
    True
    """
    return (price - cost).amount >= price.amount * min_margin


def plain(bundle: Bundle) -> dict[str, object]:
    """Write a set as plain values, as snapshots and records keep it."""
    price = bundle.price
    return {
        "id": bundle.bundle_id,
        "kind": bundle.kind.value,
        "parts": [[part.product_id, part.role, part.quantity] for part in bundle.parts],
        "min_parts": bundle.min_parts,
        "titles": dict(bundle.titles),
        "price": None if price is None else [str(price.amount), price.currency],
        "discount_percent": None if bundle.discount_percent is None else str(bundle.discount_percent),
        "expires_at": None if bundle.expires_at is None else bundle.expires_at.isoformat(),
        "evidence": dict(bundle.evidence),
    }


def from_plain(row: Mapping[str, Any]) -> Bundle:
    """Read what `plain` wrote."""
    price, percent, until = row["price"], row["discount_percent"], row["expires_at"]
    return Bundle(
        row["id"],
        BundleKind(row["kind"]),
        tuple(Part(*part) for part in row["parts"]),
        row["min_parts"],
        row["titles"],
        None if price is None else Money(Decimal(price[0]), price[1]),
        None if percent is None else Decimal(percent),
        None if until is None else datetime.fromisoformat(until),
        row["evidence"],
    )
