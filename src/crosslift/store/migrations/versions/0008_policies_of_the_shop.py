"""Policies as records: every version of every policy, and who drafted, published, stopped and resumed what, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="draft, published or retired"),
        sa.Column("text", sa.Text(), nullable=False, comment="TOML as its author wrote it"),
        sa.Column("resolved", sa.Text(), nullable=False, comment="the whole policy, bases and packs worked in, TOML"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="BLAKE2b of what it says, whatever its number"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_policies")),
        comment="Every version of every policy of the shop; at most one of a name is published",
    )
    op.create_table(
        "policy_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False, comment="draft, publish, rollback, stop or resume"),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_changes")),
        comment="What was done with policies and with the stop switch, in order; the last stop or resume says how it stands",
    )
