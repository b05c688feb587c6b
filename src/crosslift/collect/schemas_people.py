"""The canonical columns of accounts with their members, activities, cases and feedback (DESIGN 9)."""

from crosslift.collect.fields import Field, Schema, Type
from crosslift.domain.account import AccountKind
from crosslift.domain.contact import ActivityKind, CaseSeverity, CaseStatus, Direction, FeedbackKind

ATTRIBUTES = Field("attributes", Type.JSON)
UPDATED_AT = Field("updated_at", Type.INSTANT)

ACCOUNTS = Schema(
    "accounts",
    (
        Field("account_id", is_required=True),
        Field("name", is_required=True),
        Field("kind", choices=tuple(AccountKind)),
        Field("parent_id"),
        Field("market"),
        Field("created_at", Type.INSTANT),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"account_id", "name"}),
    extras="attributes",
    foreign=frozenset({"customer_id", "product_id", "order_id", "subscription_id", "role"}),
)

ACCOUNT_MEMBERS = Schema(
    "account_members",
    (
        Field("account_id", is_required=True),
        Field("customer_id", is_required=True),
        Field("role", is_required=True),
        Field("since", Type.INSTANT),
        Field("until", Type.INSTANT),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"account_id", "customer_id", "role"}),
    extras="attributes",
)

ACTIVITIES = Schema(
    "activities",
    (
        Field("activity_id", is_required=True),
        Field("at", Type.INSTANT, is_required=True),
        Field("kind", is_required=True, choices=tuple(ActivityKind)),
        Field("customer_id"),
        Field("account_id"),
        Field("channel"),
        Field("subject"),
        Field("text"),
        Field("direction", choices=tuple(Direction)),
        Field("outcome"),
        Field("product_id"),
        Field("staff"),
        Field("duration_minutes", Type.NUMBER, low=0),
        ATTRIBUTES,
    ),
    frozenset({"activity_id", "at", "kind"}),
    extras="attributes",
)

CASES = Schema(
    "cases",
    (
        Field("case_id", is_required=True),
        Field("customer_id"),
        Field("account_id"),
        Field("opened_at", Type.INSTANT, is_required=True),
        Field("closed_at", Type.INSTANT),
        Field("status", is_required=True, choices=tuple(CaseStatus)),
        Field("topic"),
        Field("severity", choices=tuple(CaseSeverity)),
        Field("product_id"),
        Field("cost", Type.MONEY, column="cost_micros", low=0),
        Field("currency", Type.CURRENCY),
        Field("channel"),
        Field("satisfaction", Type.NUMBER, low=0),
        Field("text"),
        ATTRIBUTES,
        UPDATED_AT,
    ),
    frozenset({"case_id", "opened_at", "status"}),
    extras="attributes",
)

FEEDBACK = Schema(
    "feedback",
    (
        Field("feedback_id", is_required=True),
        Field("at", Type.INSTANT, is_required=True),
        Field("customer_id"),
        Field("kind", is_required=True, choices=tuple(FeedbackKind)),
        Field("question"),
        Field("answer"),
        Field("rating", Type.NUMBER, low=0),
        Field("scale", Type.NUMBER, low=1),
        Field("text"),
        Field("language"),
        Field("product_id"),
        Field("channel"),
        Field("url"),
        ATTRIBUTES,
    ),
    frozenset({"feedback_id", "at", "kind"}),
    extras="attributes",
)
