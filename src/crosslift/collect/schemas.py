"""What an incoming file must look like: the canonical columns of each dataset (DESIGN 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crosslift.domain.catalog import ProductKind
from crosslift.domain.customer import ConsentStatus, Purpose
from crosslift.domain.sale import OrderStatus


class Type(StrEnum):
    """How a text cell is read."""

    TEXT = "text"
    INTEGER = "whole number"
    MONEY = "amount"
    INSTANT = "instant"
    FLAG = "yes or no"
    JSON = "JSON object"
    CURRENCY = "ISO 4217 currency"


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column: where it is stored, how it is read, what is allowed."""

    name: str
    type: Type = Type.TEXT
    is_required: bool = False
    column: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    low: int | None = None

    @property
    def stored_as(self) -> str:
        """The column in `store/tables.py`."""
        return self.column or self.name


@dataclass(frozen=True, slots=True)
class Schema:
    """The canonical columns of one dataset; `signature` are those that give it away, `foreign` those that deny it."""

    dataset: str
    fields: tuple[Field, ...]
    signature: frozenset[str]
    extras: str | None = None
    foreign: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All canonical column names, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns a file must have."""
        return tuple(field.name for field in self.fields if field.is_required)


ORDERS = Schema(
    "orders",
    (
        Field("order_id", is_required=True),
        Field("ordered_at", Type.INSTANT, is_required=True),
        Field("customer_id"),
        Field("product_id", is_required=True),
        Field("quantity", Type.INTEGER, is_required=True),
        Field("unit_price", Type.MONEY, is_required=True, column="unit_price_micros"),
        Field("currency", Type.CURRENCY, is_required=True),
        Field("source"),
        Field("line_id"),
        Field("variant_id"),
        Field("updated_at", Type.INSTANT),
        Field("discount", Type.MONEY, column="discount_micros", low=0),
        Field("tax", Type.MONEY, column="tax_micros"),
        Field("channel"),
        Field("market"),
        Field("status", choices=tuple(OrderStatus), default=OrderStatus.PLACED),
        Field("decision_id"),
        Field("title"),
    ),
    frozenset({"order_id", "product_id", "ordered_at"}),
    extras="attributes",
)

RETURNS = Schema(
    "returns",
    (
        Field("order_id", is_required=True),
        Field("product_id", is_required=True),
        Field("quantity", Type.INTEGER, is_required=True, low=1),
        Field("returned_at", Type.INSTANT, is_required=True),
        Field("reason"),
        Field("source"),
        Field("line_id"),
        Field("refund_amount", Type.MONEY, column="refund_micros"),
        Field("currency", Type.CURRENCY),
    ),
    frozenset({"order_id", "product_id", "returned_at"}),
)

PRODUCTS = Schema(
    "products",
    (
        Field("product_id", is_required=True),
        Field("title", is_required=True),
        Field("category"),
        Field("price", Type.MONEY, is_required=True, column="price_micros", low=0),
        Field("currency", Type.CURRENCY, is_required=True),
        Field("cost", Type.MONEY, column="cost_micros", low=0),
        Field("stock", Type.INTEGER),
        Field("brand"),
        Field("parent_id"),
        Field("url"),
        Field("image"),
        Field("kind", choices=tuple(ProductKind)),
        Field("attributes", Type.JSON),
        Field("active", Type.FLAG, column="is_active"),
        Field("updated_at", Type.INSTANT),
    ),
    frozenset({"product_id", "title"}),
    extras="attributes",
    foreign=frozenset({"order_id", "ordered_at", "returned_at"}),
)

CUSTOMERS = Schema(
    "customers",
    (
        Field("customer_id", is_required=True),
        Field("email"),
        Field("phone"),
        Field("locale"),
        Field("market"),
        Field("created_at", Type.INSTANT),
        Field("traits", Type.JSON),
    ),
    frozenset({"customer_id"}),
    extras="traits",
    foreign=frozenset({"order_id", "ordered_at", "product_id", "purpose", "at"}),
)

CONSENTS = Schema(
    "consents",
    (
        Field("customer_id", is_required=True),
        Field("purpose", is_required=True, choices=(Purpose.PERSONALIZATION, Purpose.MARKETING)),
        Field("channel", is_required=True),
        Field("status", is_required=True, choices=tuple(ConsentStatus)),
        Field("source", is_required=True),
        Field("wording"),
        Field("proof"),
        Field("at", Type.INSTANT, is_required=True),
    ),
    frozenset({"customer_id", "purpose", "status"}),
)

SCHEMAS: Mapping[str, Schema] = {s.dataset: s for s in (ORDERS, RETURNS, PRODUCTS, CONSENTS, CUSTOMERS)}
"""By dataset, the most telling signature first: recognition takes the first that fits."""
