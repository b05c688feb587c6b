"""What a shop sells: products, and the variants of them that can be put in a cart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crosslift.domain.money import Money


class ProductKind(StrEnum):
    """What a catalog entry is. Only sellable kinds are ever offered; the others are counted apart."""

    GOODS = "goods"
    SERVICE = "service"
    WARRANTY = "warranty"
    PLAN = "plan"
    ACTION = "action"
    """Something done rather than delivered: advice, an appointment, a check of needs."""
    BUNDLE = "bundle"
    SHIPPING = "shipping"
    FEE = "fee"
    GIFT_CARD = "gift_card"
    ADJUSTMENT = "adjustment"
    SAMPLE = "sample"
    CONTENT = "content"
    """A page, not a thing: a guide or a frequent question, with its address and its answer among the attributes."""

    @property
    def is_sellable(self) -> bool:
        """Whether a line of this kind is a choice of the customer and can be offered."""
        return self in _SELLABLE


_SELLABLE = frozenset({
    ProductKind.GOODS, ProductKind.SERVICE, ProductKind.WARRANTY, ProductKind.PLAN, ProductKind.ACTION, ProductKind.BUNDLE,
})  # fmt: skip
SELLABLE_KINDS = tuple(kind.value for kind in ProductKind if kind in _SELLABLE)
"""As they are stored."""


@dataclass(frozen=True, slots=True)
class Product:
    """One catalog entry as a merchant knows it.

    `price is None` means nobody gave one; `stock is None` means unknown, which counts as in stock;
    `cost is None` stays visible in every margin figure. `parent_id` names the product a variant belongs to.
    """

    product_id: str
    title: str
    titles: Mapping[str, str] = field(default_factory=dict)
    category: str | None = None
    brand: str | None = None
    kind: ProductKind = ProductKind.GOODS
    kind_source: str = "file"
    price: Money | None = None
    cost: Money | None = None
    stock: int | None = None
    is_active: bool = True
    parent_id: str | None = None
    url: str | None = None
    image: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    is_derived: bool = False
    updated_at: datetime | None = None

    def title_in(self, language: str) -> str:
        """Give the title in a language, or the plain one where no translation was given."""
        return self.titles.get(language) or self.title
