"""Curated links and bundles, subscriptions and usage, refill dues (DESIGN 9); nothing that was there is touched."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "refill_dues",
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("interval_days", sa.Float(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "n_gaps", sa.Integer(), nullable=False, comment="the person's own; 0 where only other people's are known"
        ),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("identity", "product_id", name=op.f("pk_refill_dues")),
        comment="What a person will need and when, as last learned; read with the person",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bundles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bundle_id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=True),
        sa.Column("quantity", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "kind",
            sa.String(length=20),
            nullable=False,
            comment="fixed, mix or look; this and what follows is the bundle's",
        ),
        sa.Column("price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("discount_percent", sa.Float(), nullable=True, comment="0..100, off the sum of the parts"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("titles", sa.Text(), server_default="{}", nullable=False, comment="JSON: language to title"),
        sa.Column("min_parts", sa.Integer(), nullable=True, comment="of a mix: so many parts make the price"),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "row_hash", sa.BigInteger(), nullable=False, comment="of the whole bundle, the same in each of its parts"
        ),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundles")),
        comment="Sets, one row a part; replaced as a whole; live like links",
    )
    op.create_index("ix_bundles_bundle_id", "bundles", ["bundle_id"], unique=False)
    op.create_index("ix_bundles_import_id", "bundles", ["import_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "from_id", sa.String(length=200), nullable=False, comment="product, category:<path>, * or a content id"
        ),
        sa.Column("to_id", sa.String(length=200), nullable=False, comment="product or category:<path>"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "action", sa.String(length=12), nullable=False, comment="link, pin, boost, bury, ban; remove takes it back"
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True, comment="factor of a boost, interval of a refill"),
        sa.Column("market", sa.String(length=60), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="readers leave out what has expired"),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        comment="Curated links; live: each write moves the change number",
    )
    op.create_index("ix_links_from_id", "links", ["from_id", "to_id", "kind"], unique=False)
    op.create_index("ix_links_import_id", "links", ["import_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.String(length=200), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.Integer(), nullable=False, comment="UTC day; the file of the columnar copy"),
        sa.Column("renews_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("recurring_price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column(
            "period", sa.String(length=40), nullable=True, comment="what the recurring price pays for: month, year ..."
        ),
        sa.Column(
            "usage_limit",
            sa.Float(),
            nullable=True,
            comment="what the plan includes; the canonical column is called limit",
        ),
        sa.Column("used", sa.Float(), nullable=True, comment="of the limit, in this period"),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index("ix_subscriptions_customer_id", "subscriptions", ["customer_id"], unique=False)
    op.create_index("ix_subscriptions_import_id", "subscriptions", ["import_id"], unique=False)
    op.create_index("ix_subscriptions_started_on", "subscriptions", ["started_on"], unique=False)
    op.create_index("ix_subscriptions_subscription_id", "subscriptions", ["subscription_id"], unique=False)
    op.create_table(
        "usage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("meter", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False, comment="empty where the source names none"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Integer(), nullable=False, comment="UTC day; the file of the columnar copy"),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage")),
        comment="Readings of meters: km, pages, hours, seats",
    )
    op.create_index("ix_usage_customer_id", "usage", ["customer_id", "product_id", "meter", "at"], unique=False)
    op.create_index("ix_usage_import_id", "usage", ["import_id"], unique=False)
    op.create_index("ix_usage_read_on", "usage", ["read_on"], unique=False)
