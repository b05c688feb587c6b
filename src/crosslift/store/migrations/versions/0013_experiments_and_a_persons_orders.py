"""Experiments of this shop and the arm of every unit as first assigned; indexes that hold all a person's orders are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("experiment_id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="holdout, policy or variant"),
        sa.Column("arms", sa.Text(), nullable=False, comment="JSON: arm to its share"),
        sa.Column(
            "unit", sa.String(length=12), nullable=False, comment="customer, account, household, store or session"
        ),
        sa.Column("placements", sa.Text(), nullable=False, comment="JSON list, empty for all; strategies likewise"),
        sa.Column("strategies", sa.Text(), nullable=False),
        sa.Column(
            "exclusion_group",
            sa.String(length=60),
            nullable=False,
            comment="trials of one group never meet in one unit",
        ),
        sa.Column("policies", sa.Text(), nullable=False, comment="JSON: arm to policy"),
        sa.Column("expected_cost", sa.Text(), nullable=False, comment="what the merchant was told that it costs"),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "version", name=op.f("pk_experiments")),
        comment="Every version of every trial of this shop",
    )
    op.create_table(
        "experiment_arms",
        sa.Column("experiment_id", sa.String(length=60), nullable=False),
        sa.Column(
            "unit", sa.String(length=220), nullable=False, comment="kind:id, of a person the identity that was seen"
        ),
        sa.Column("arm", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the experiment, when it was drawn"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.String(length=32), nullable=False, comment="the first decision in this arm"),
        sa.PrimaryKeyConstraint("experiment_id", "unit", name=op.f("pk_experiment_arms")),
        comment="The arm of every unit as first assigned; written once, never drawn again",
    )
    op.create_index("ix_experiment_arms_unit", "experiment_arms", ["unit"], unique=False)
    for table, columns in (
        ("orders", ["customer_id", "superseded_by", "source", "order_id"]),
        ("order_lines", ["customer_id", "ordered_at", "import_id", "superseded_by"]),
    ):
        op.drop_index(f"ix_{table}_customer_id", table)
        op.create_index(f"ix_{table}_customer_id", table, columns, unique=False)
