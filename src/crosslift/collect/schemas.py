"""What an incoming file must look like: the canonical columns of each dataset (DESIGN 9)."""

from collections.abc import Mapping

from crosslift.collect.fields import Field, Schema, Type
from crosslift.collect.schemas_agents import AGENTS, CONFIRMATIONS
from crosslift.collect.schemas_costs import CAMPAIGN_COSTS, EXCHANGE_RATES, PAYMENTS_FAILED
from crosslift.collect.schemas_people import ACCOUNT_MEMBERS, ACCOUNTS, ACTIVITIES, CASES, FEEDBACK
from crosslift.collect.schemas_trials import ASSIGNMENTS, LOGGED_CHOICES
from crosslift.domain.bundle import BundleKind
from crosslift.domain.catalog import ProductKind
from crosslift.domain.customer import ConsentStatus, Purpose
from crosslift.domain.holding import SubscriptionStatus
from crosslift.domain.link import LinkAction, LinkKind
from crosslift.domain.sale import OrderStatus

__all__ = ["SCHEMAS", "Field", "Schema", "Type"]

WRITTEN = tuple(kind for kind in BundleKind if kind is not BundleKind.MINED)
"""Kinds of sets that a merchant writes down."""


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
        Field("recommended_ids", column="attributes"),
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
            "activity_id",
            "case_id",
            "feedback_id",
            "payment_id",
            "choice_id",
            "experiment_id",
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
        Field("updated_at", Type.INSTANT),
    ),
    frozenset({"customer_id"}),
    extras="traits",
    foreign=frozenset(
        {
            "order_id",
            "ordered_at",
            "product_id",
            "purpose",
            "at",
            "subscription_id",
            "meter",
            "account_id",
            "role",
            "case_id",
            "opened_at",
            "payment_id",
            "activity_id",
            "feedback_id",
        }
    ),
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
    for s in (
        ORDERS, RETURNS, LINKS, BUNDLES, SUBSCRIPTIONS, USAGE, ACTIVITIES, CASES, FEEDBACK, PAYMENTS_FAILED, CAMPAIGN_COSTS,
        EXCHANGE_RATES, ASSIGNMENTS, LOGGED_CHOICES, ACCOUNT_MEMBERS, ACCOUNTS, CONFIRMATIONS, AGENTS, PRODUCTS, CONSENTS,
        CUSTOMERS,
    )
}  # fmt: skip
"""By dataset, the most telling signature first: recognition takes the first that fits."""
