"""The canonical columns of who sells with the customer before them, and of what customers confirmed."""

from crosslift.collect.fields import Field, Schema, Type
from crosslift.collect.schemas_people import ATTRIBUTES, UPDATED_AT
from crosslift.domain.agent import ConfirmationAnswer, ConfirmationMethod

AGENTS = Schema(
    "agents",
    (
        Field("agent_id", is_required=True),
        Field("name", is_required=True),
        Field("team"),
        Field("licences"),
        Field("active", Type.FLAG, column="is_active"),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"agent_id", "name"}),
    extras="attributes",
    foreign=frozenset({
        "customer_id", "account_id", "product_id", "order_id", "subscription_id", "activity_id", "case_id", "confirmation_id",
    }),
)  # fmt: skip

CONFIRMATIONS = Schema(
    "confirmations",
    (
        Field("confirmation_id", is_required=True),
        Field("customer_id", is_required=True),
        Field("answer", choices=tuple(ConfirmationAnswer), default=ConfirmationAnswer.YES),
        Field("source"),
        Field("order_id"),
        Field("line_id"),
        Field("subscription_id"),
        Field("decision_id"),
        Field("product_id"),
        Field("agent_id"),
        Field("method", is_required=True, choices=tuple(ConfirmationMethod)),
        Field("wording"),
        Field("content", Type.JSON),
        Field("proof"),
        Field("at", Type.INSTANT, is_required=True),
        ATTRIBUTES,
    ),
    frozenset({"confirmation_id", "method", "at"}),
    extras="attributes",
)
