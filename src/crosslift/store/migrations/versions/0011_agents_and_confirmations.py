"""Who sells with the customer before them, and what customers confirmed of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def imported(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("superseded_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", ID, nullable=False),
        sa.Column("agent_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("licences", sa.Text(), nullable=False, comment="JSON list, sorted"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        *imported("agents"),
        comment="People who sell at desk, till and telephone, each as they stand now",
    )
    op.create_index("ix_agents_agent_id", "agents", ["agent_id"])
    op.create_index("ix_agents_import_id", "agents", ["import_id"])
    op.create_table(
        "confirmations",
        sa.Column("id", ID, nullable=False),
        sa.Column("confirmation_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=3), nullable=False, comment="yes, or no: the customer did not want it"),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("order_id", sa.String(length=200), nullable=True),
        sa.Column("line_id", sa.String(length=80), nullable=True, comment="NULL for the whole order"),
        sa.Column("subscription_id", sa.String(length=200), nullable=True),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column(
            "product_id",
            sa.String(length=200),
            nullable=True,
            comment="the one product it is about; NULL for all of what it names",
        ),
        sa.Column("agent_id", sa.String(length=200), nullable=True),
        sa.Column("method", sa.String(length=12), nullable=False, comment="link, code, signature or recording"),
        sa.Column("wording", sa.Text(), nullable=True, comment="the sentence, or its version, that was answered"),
        sa.Column(
            "content", sa.Text(), nullable=True, comment="JSON: product, price lines and terms as they were shown"
        ),
        sa.Column("proof", sa.Text(), nullable=True, comment="where the token, signature or recording is"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *imported("confirmations"),
        comment="The customer's own answer to a sale that somebody made with them; append-only",
    )
    op.create_index("ix_confirmations_confirmation_id", "confirmations", ["confirmation_id"])
    op.create_index("ix_confirmations_customer_id", "confirmations", ["customer_id", "at"])
    op.create_index("ix_confirmations_import_id", "confirmations", ["import_id"])
