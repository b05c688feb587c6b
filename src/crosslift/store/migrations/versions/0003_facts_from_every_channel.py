"""Facts from every channel: accounts, contacts, costs and trials; indexes for small live writes; nothing is touched."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "account_members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.String(length=80),
            nullable=False,
            comment="buyer, approver, user, decision_maker, billing, influencer ...",
        ),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_members")),
        comment="One row a role: a person may buy and approve",
    )
    op.create_index(
        "ix_account_members_account_id", "account_members", ["account_id", "customer_id", "role"], unique=False
    )
    op.create_index("ix_account_members_customer_id", "account_members", ["customer_id"], unique=False)
    op.create_index("ix_account_members_import_id", "account_members", ["import_id"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=12),
            nullable=True,
            comment="company or household; NULL where the source does not say",
        ),
        sa.Column("parent_id", sa.String(length=200), nullable=True),
        sa.Column("market", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        comment="Companies and households; who belongs to them is in account_members",
    )
    op.create_index("ix_accounts_account_id", "accounts", ["account_id"], unique=False)
    op.create_index("ix_accounts_import_id", "accounts", ["import_id"], unique=False)
    op.create_index("ix_accounts_parent_id", "accounts", ["parent_id"], unique=False)
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=12),
            nullable=False,
            comment="call, visit, mail, note, meeting, chat, quote or demo",
        ),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("direction", sa.String(length=4), nullable=True, comment="in or out"),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("staff", sa.Text(), nullable=True),
        sa.Column("duration_minutes", sa.Float(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        comment="What staff did with a customer or an account; append-only",
    )
    op.create_index("ix_activities_account_id", "activities", ["account_id", "at"], unique=False)
    op.create_index("ix_activities_activity_id", "activities", ["activity_id"], unique=False)
    op.create_index("ix_activities_customer_id", "activities", ["customer_id", "at"], unique=False)
    op.create_index("ix_activities_import_id", "activities", ["import_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("experiment_id", sa.String(length=200), nullable=False),
        sa.Column(
            "unit_kind",
            sa.String(length=12),
            nullable=False,
            comment="customer, anonymous, session, household or account",
        ),
        sa.Column("unit_id", sa.String(length=200), nullable=False),
        sa.Column("arm", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        comment="The earliest assignment of a unit in an experiment stays",
    )
    op.create_index("ix_assignments_import_id", "assignments", ["import_id"], unique=False)
    op.create_index("ix_assignments_unit_id", "assignments", ["unit_id", "experiment_id", "unit_kind"], unique=False)
    op.create_table(
        "campaign_costs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False, comment="empty where the source names none"),
        sa.Column("market", sa.String(length=60), nullable=False, comment="empty where the source names none"),
        sa.Column(
            "from_at", sa.BigInteger(), nullable=False, comment="the canonical columns are called from and until"
        ),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=True, comment="people reached"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_costs")),
        comment="What campaigns cost, one row a channel, market and period",
    )
    op.create_index(
        "ix_campaign_costs_campaign_id", "campaign_costs", ["campaign_id", "channel", "market", "from_at"], unique=False
    )
    op.create_index("ix_campaign_costs_import_id", "campaign_costs", ["import_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.String(length=200), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False, comment="open, waiting, solved or closed"),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("severity", sa.String(length=8), nullable=True, comment="low, normal or high"),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("satisfaction", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        comment="Service cases and complaints, each as it stands now",
    )
    op.create_index("ix_cases_account_id", "cases", ["account_id", "opened_at"], unique=False)
    op.create_index("ix_cases_case_id", "cases", ["case_id"], unique=False)
    op.create_index("ix_cases_customer_id", "cases", ["customer_id", "opened_at"], unique=False)
    op.create_index("ix_cases_import_id", "cases", ["import_id"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rated_on", sa.Integer(), nullable=False, comment="UTC day; the canonical column is called on"),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False, comment="units of the reporting currency for one of this"),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
    )
    op.create_index("ix_exchange_rates_currency", "exchange_rates", ["currency", "rated_on"], unique=False)
    op.create_index("ix_exchange_rates_import_id", "exchange_rates", ["import_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feedback_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "customer_id", sa.String(length=200), nullable=True, comment="NULL for a mention by somebody unknown"
        ),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="review, nps, csat, survey or mention"),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("scale", sa.Float(), nullable=True, comment="the highest rating there is"),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column(
            "sentiment",
            sa.Float(),
            nullable=True,
            comment="-1..1, by word list; with its topics no part of the content",
        ),
        sa.Column("sentiment_confidence", sa.Float(), nullable=True, comment="0..1"),
        sa.Column("topics", sa.Text(), nullable=True, comment="JSON list"),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        comment="What customers said; append-only",
    )
    op.create_index("ix_feedback_customer_id", "feedback", ["customer_id", "at"], unique=False)
    op.create_index("ix_feedback_feedback_id", "feedback", ["feedback_id"], unique=False)
    op.create_index("ix_feedback_import_id", "feedback", ["import_id"], unique=False)
    op.create_table(
        "logged_choices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("choice_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False, comment="what was offered"),
        sa.Column(
            "probability", sa.Float(), nullable=False, comment="that this action was chosen, above 0 and up to 1"
        ),
        sa.Column(
            "outcome", sa.Float(), nullable=True, comment="1 and 0, or an amount; it may come later than the choice"
        ),
        sa.Column("outcome_at", sa.BigInteger(), nullable=True),
        sa.Column("context", sa.Text(), nullable=True, comment="what was known at the choice, JSON"),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logged_choices")),
        comment="Choices with the probability they were made with; append-only but for the outcome",
    )
    op.create_index("ix_logged_choices_choice_id", "logged_choices", ["choice_id"], unique=False)
    op.create_index("ix_logged_choices_import_id", "logged_choices", ["import_id"], unique=False)
    op.create_index("ix_logged_choices_unit_id", "logged_choices", ["unit_id", "at"], unique=False)
    op.create_table(
        "payments_failed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=True),
        sa.Column("subscription_id", sa.String(length=200), nullable=True),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False, comment="failed, recovered or defaulted"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_failed")),
        comment="Payments that did not come in, each as it stands now",
    )
    op.create_index("ix_payments_failed_customer_id", "payments_failed", ["customer_id", "at"], unique=False)
    op.create_index("ix_payments_failed_import_id", "payments_failed", ["import_id"], unique=False)
    op.create_index("ix_payments_failed_payment_id", "payments_failed", ["payment_id"], unique=False)
    op.add_column("orders", sa.Column("updated_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_events_identity", "events", ["identity", "at"], unique=False)
    op.create_index("ix_order_lines_import_id", "order_lines", ["import_id"], unique=False)
    op.create_index(
        "ix_order_lines_superseded_by",
        "order_lines",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by is not null"),
    )
    op.create_index("ix_orders_import_id", "orders", ["import_id"], unique=False)
    op.create_index("ix_returns_import_id", "returns", ["import_id"], unique=False)
    op.create_index(
        "ix_returns_superseded_by",
        "returns",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by is not null"),
    )
    op.create_index(
        "ix_subscriptions_superseded_by",
        "subscriptions",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by is not null"),
    )
    op.create_index(
        "ix_usage_superseded_by",
        "usage",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by is not null"),
    )
