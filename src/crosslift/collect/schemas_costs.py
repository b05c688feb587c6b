"""The canonical columns of what costs besides goods: failed payments, campaigns; and of exchange rates (DESIGN 9)."""

from crosslift.collect.fields import Field, Schema, Type
from crosslift.collect.schemas_people import ATTRIBUTES, UPDATED_AT
from crosslift.domain.sale import PaymentStatus

PAYMENTS_FAILED = Schema(
    "payments_failed",
    (
        Field("payment_id", is_required=True),
        Field("at", Type.INSTANT, is_required=True),
        Field("customer_id", is_required=True),
        Field("order_id"),
        Field("subscription_id"),
        Field("amount", Type.MONEY, is_required=True, column="amount_micros", low=0),
        Field("currency", Type.CURRENCY, is_required=True),
        Field("reason"),
        Field("status", is_required=True, choices=tuple(PaymentStatus)),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"payment_id", "at", "status"}),
    extras="attributes",
)

CAMPAIGN_COSTS = Schema(
    "campaign_costs",
    (
        Field("campaign_id", is_required=True),
        Field("name"),
        Field("channel"),
        Field("from", Type.INSTANT, is_required=True, column="from_at"),
        Field("until", Type.INSTANT, column="until_at"),
        Field("cost", Type.MONEY, is_required=True, column="cost_micros", low=0),
        Field("currency", Type.CURRENCY, is_required=True),
        Field("reach", Type.INTEGER, low=0),
        Field("market"),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"campaign_id", "from", "cost"}),
    extras="attributes",
)

EXCHANGE_RATES = Schema(
    "exchange_rates",
    (
        Field("on", Type.DATE, is_required=True, column="rated_on"),
        Field("currency", Type.CURRENCY, is_required=True),
        Field("rate", Type.NUMBER, is_required=True, low=0),
        Field("source"),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"on", "currency", "rate"}),
    extras="attributes",
)
