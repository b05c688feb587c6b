"""Coupon campaigns, the codes given out as hashes, and every use of one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coupon_campaigns",
        sa.Column("campaign_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("titles", sa.Text(), nullable=False, comment="JSON: language to title"),
        sa.Column(
            "value", sa.String(length=40), comment="decimal: an amount, or a share from 0 to 1; NULL for free delivery"
        ),
        sa.Column("budget_micros", sa.BigInteger(), nullable=False, comment="what all uses together may take off"),
        sa.Column("most_micros", sa.BigInteger(), comment="what one use may take off"),
        sa.Column("minimum_micros", sa.BigInteger(), comment="what the cart must come to"),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "code", sa.String(length=40), comment="chosen by the merchant for everybody; NULL for personal codes"
        ),
        sa.Column("max_uses", sa.Integer()),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("products", sa.Text(), nullable=False, comment="JSON list, as is stacks_with"),
        sa.Column("stacks_with", sa.Text(), nullable=False),
        sa.Column("margin_floor", sa.String(length=40), comment="decimal, a share from 0 to 1"),
        sa.Column("audience", sa.Text(), nullable=False, comment="one readable line; domain/segment_grammar.py"),
        sa.Column("tiers", sa.Text(), nullable=False, comment="JSON list of condition and value"),
        sa.Column("starts_at", sa.BigInteger()),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_coupon_campaigns")),
        comment="Every version of every coupon campaign; a code holds by the version it was given under",
    )
    op.create_table(
        "coupons",
        sa.Column("code_hash", sa.String(length=64), nullable=False, comment="BLAKE2b keyed by the shop's secret"),
        sa.Column("campaign_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=220), comment="whose it is; NULL for a code of everybody"),
        sa.Column("value", sa.String(length=40), comment="decimal, settled when it was given"),
        sa.Column(
            "reserved_micros",
            sa.BigInteger(),
            nullable=False,
            comment="of the budget, while it is neither used nor past its end",
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False, comment="of a personal code: a use of it stands"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_coupons")),
        comment="Codes given out, as hashes",
    )
    op.create_index("ix_coupons_campaign_id", "coupons", ["campaign_id", "is_used", "ends_at", "reserved_micros"])
    op.create_index("ix_coupons_identity", "coupons", ["identity"])
    op.create_table(
        "coupon_uses",
        sa.Column("id", ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("campaign_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=220), comment="who used it, where somebody said so"),
        sa.Column("discount_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("n_unknown_costs", sa.Integer(), nullable=False, comment="lines whose margin nobody could judge"),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), comment="given back with a canceled order; it counts no more"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_uses")),
        comment="Every use of a code, one an order; never deleted, released instead",
    )
    op.create_index("ix_coupon_uses_code_hash", "coupon_uses", ["code_hash", "order_id"], unique=True)
    op.create_index("ix_coupon_uses_order_id", "coupon_uses", ["order_id"])
    op.create_index("ix_coupon_uses_campaign_id", "coupon_uses", ["campaign_id", "released_at", "discount_micros"])
    op.create_index("ix_coupon_uses_identity", "coupon_uses", ["identity"])
