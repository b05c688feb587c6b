"""What an incoming file must look like: the canonical columns of each dataset (DESIGN 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crosslift.domain.bundle import BundleKind
from crosslift.domain.catalog import ProductKind
from crosslift.domain.customer import ConsentStatus, Purpose
from crosslift.domain.holding import SubscriptionStatus
from crosslift.domain.link import LinkAction, LinkKind
from crosslift.domain.sale import OrderStatus

WRITTEN = tuple(kind for kind in BundleKind if kind is not BundleKind.MINED)
"""Kinds of sets that a merchant writes down."""


class Type(StrEnum):
    """How a text cell is read."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    MONEY = "amount"
    INSTANT = "instant"
    FLAG = "yes or no"
    JSON = "JSON object"
    CURRENCY = "ISO 4217 currency"


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column: where it is stored, how it is read, what is allowed.

    `is_required` asks for the column; its single cells may be empty only where `may_be_empty`: `quality` reports those.
    """

    name: str
    type: Type = Type.TEXT
    is_required: bool = False
    column: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    low: int | None = None
    high: int | None = None
    may_be_empty: bool = False

    @property
    def stored_as(self) -> str:
        """The column in `store/tables.py`."""
        return self.column or self.name

    @property
    def expected(self) -> str:
        """What a cell should hold, for a message.

        Examples
        --------
        >>> Field("stock", Type.INTEGER, low=0).expected
        'whole number of at least 0'
        """
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.type.value} from {self.low} to {self.high}"
        return self.type.value + (f" of at least {self.low}" if self.low is not None else "")


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
        Field("unit_price", Type.MONEY, is_required=True, column="unit_price_micros", may_be_empty=True),
        Field("currency", Type.CURRENCY, is_required=True, may_be_empty=True),
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
        Field("title", is_required=True, may_be_empty=True),
        Field("category"),
        Field("price", Type.MONEY, is_required=True, column="price_micros", low=0, may_be_empty=True),
        Field("currency", Type.CURRENCY, is_required=True, may_be_empty=True),
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
    foreign=frozenset(
        {
            "order_id",
            "ordered_at",
            "returned_at",
            "subscription_id",
            "meter",
            "from_id",
            "to_id",
            "min_parts",
            "discount_percent",
        }
    ),
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
    foreign=frozenset({"order_id", "ordered_at", "product_id", "purpose", "at", "subscription_id", "meter"}),
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

LINKS = Schema(
    "links",
    (
        Field("from_id", is_required=True),
        Field("to_id", is_required=True),
        Field("kind", is_required=True, choices=tuple(LinkKind)),
        Field("action", choices=tuple(LinkAction), default=LinkAction.LINK),
        Field("reason"),
        Field("author"),
        Field("expires_at", Type.INSTANT),
        Field("value"),
        Field("market"),
        Field("attributes", Type.JSON),
        Field("updated_at", Type.INSTANT),
    ),
    frozenset({"from_id", "to_id", "kind"}),
    extras="attributes",
)

BUNDLES = Schema(
    "bundles",
    (
        Field("bundle_id", is_required=True),
        Field("product_id", is_required=True),
        Field("role"),
        Field("quantity", Type.INTEGER, low=1),
        Field("kind", is_required=True, choices=WRITTEN, may_be_empty=True),
        Field("price", Type.MONEY, column="price_micros", low=0),
        Field("discount_percent", Type.NUMBER, low=0, high=100),
        Field("currency", Type.CURRENCY),
        Field("title"),
        Field("min_parts", Type.INTEGER, low=1),
        Field("active", Type.FLAG, column="is_active"),
        Field("attributes", Type.JSON),
        Field("updated_at", Type.INSTANT),
    ),
    frozenset({"bundle_id", "product_id", "kind"}),
    extras="attributes",
    foreign=frozenset({"order_id", "category", "brand", "stock", "cost", "image"}),
)

SUBSCRIPTIONS = Schema(
    "subscriptions",
    (
        Field("subscription_id", is_required=True),
        Field("customer_id"),
        Field("account_id"),
        Field("product_id", is_required=True),
        Field("status", is_required=True, choices=tuple(SubscriptionStatus)),
        Field("started_at", Type.INSTANT, is_required=True),
        Field("renews_at", Type.INSTANT),
        Field("ended_at", Type.INSTANT),
        Field("quantity", Type.INTEGER, low=0),
        Field("recurring_price", Type.MONEY, column="recurring_price_micros", low=0),
        Field("currency", Type.CURRENCY),
        Field("period"),
        Field("limit", Type.NUMBER, column="usage_limit", low=0),
        Field("used", Type.NUMBER, low=0),
        Field("attributes", Type.JSON),
        Field("updated_at", Type.INSTANT),
    ),
    frozenset({"subscription_id", "product_id", "status"}),
    extras="attributes",
)

USAGE = Schema(
    "usage",
    (
        Field("customer_id", is_required=True),
        Field("product_id", is_required=True),
        Field("meter", is_required=True),
        Field("value", Type.NUMBER, is_required=True),
        Field("unit"),
        Field("at", Type.INSTANT, is_required=True),
        Field("attributes", Type.JSON),
    ),
    frozenset({"customer_id", "product_id", "meter", "value", "at"}),
    extras="attributes",
)

SCHEMAS: Mapping[str, Schema] = {
    s.dataset: s
    for s in (ORDERS, RETURNS, LINKS, BUNDLES, SUBSCRIPTIONS, USAGE, PRODUCTS, CONSENTS, CUSTOMERS)
}  # fmt: skip
"""By dataset, the most telling signature first: recognition takes the first that fits."""
