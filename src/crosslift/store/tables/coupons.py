"""What is taken off orders by codes: campaigns in versions, the codes given out, and every use of one.

A code is kept as a keyed hash only; whoever reads this file cannot spend one.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

coupon_campaigns = Table(
    "coupon_campaigns",
    metadata,
    Column("campaign_id", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("titles", Text, nullable=False, comment="JSON: language to title"),
    Column("value", String(40), comment="decimal: an amount, or a share from 0 to 1; NULL for free delivery"),
    Column("budget_micros", BigInteger, nullable=False, comment="what all uses together may take off"),
    Column("most_micros", BigInteger, comment="what one use may take off"),
    Column("minimum_micros", BigInteger, comment="what the cart must come to"),
    Column("currency", String(3), nullable=False),
    Column("code", String(40), comment="chosen by the merchant for everybody; NULL for personal codes"),
    Column("max_uses", Integer),
    Column("per_person", Integer, nullable=False),
    Column("products", Text, nullable=False, comment="JSON list, as is stacks_with"),
    Column("stacks_with", Text, nullable=False),
    Column("margin_floor", String(40), comment="decimal, a share from 0 to 1"),
    Column("audience", Text, nullable=False, comment="one readable line; domain/segment_grammar.py"),
    Column("tiers", Text, nullable=False, comment="JSON list of condition and value"),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger, nullable=False),
    Column("valid_days", Integer),
    Column("is_active", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    comment="Every version of every coupon campaign; a code holds by the version it was given under",
)

coupons = Table(
    "coupons",
    metadata,
    Column("code_hash", String(64), primary_key=True, comment="BLAKE2b keyed by the shop's secret"),
    Column("campaign_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("identity", String(220), comment="whose it is; NULL for a code of everybody"),
    Column("value", String(40), comment="decimal, settled when it was given"),
    Column(
        "reserved_micros",
        BigInteger,
        nullable=False,
        comment="of the budget, while it is neither used nor past its end",
    ),
    Column("currency", String(3), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("is_used", Boolean, nullable=False, comment="of a personal code: a use of it stands"),
    Index("ix_coupons_campaign_id", "campaign_id", "is_used", "ends_at", "reserved_micros"),
    Index("ix_coupons_identity", "identity"),
    comment="Codes given out, as hashes",
)

coupon_uses = Table(
    "coupon_uses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_hash", String(64), nullable=False),
    Column("order_id", String(200), nullable=False),
    Column("campaign_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("identity", String(220), comment="who used it, where somebody said so"),
    Column("discount_micros", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("n_unknown_costs", Integer, nullable=False, comment="lines whose margin nobody could judge"),
    Column("redeemed_at", BigInteger, nullable=False),
    Column("released_at", BigInteger, comment="given back with a canceled order; it counts no more"),
    Index("ix_coupon_uses_code_hash", "code_hash", "order_id", unique=True),
    Index("ix_coupon_uses_order_id", "order_id"),
    Index("ix_coupon_uses_campaign_id", "campaign_id", "released_at", "discount_micros"),
    Index("ix_coupon_uses_identity", "identity"),
    comment="Every use of a code, one an order; never deleted, released instead",
)
