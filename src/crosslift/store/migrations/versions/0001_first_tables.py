"""The first tables, in the shape of DESIGN 2 and 2b."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="secret or publishable"),
        sa.Column(
            "key_hash", sa.String(length=64), nullable=False, comment="BLAKE2b of the key; the key is shown once"
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_table(
        "decision_inputs",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="zlib of msgpack: every live and personal value read"
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_inputs")),
    )
    op.create_index("ix_decision_inputs_expires_at", "decision_inputs", ["expires_at"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("placement", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("policy", sa.String(length=60), nullable=False),
        sa.Column("arm", sa.String(length=40), nullable=True),
        sa.Column("is_withheld", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=True),
        sa.Column("mapping_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("consent_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reservation_id", sa.String(length=40), nullable=True),
        sa.Column("snapshot_id", sa.String(length=40), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="canonical msgpack of the slim record, at most 500 bytes"
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_at", "decisions", ["at"], unique=False)
    op.create_index("ix_decisions_identity", "decisions", ["identity"], unique=False)
    op.create_table(
        "exposures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exposure_id", sa.String(length=80), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposures")),
        sa.UniqueConstraint("exposure_id"),
    )
    op.create_index("ix_exposures_decision_id", "exposures", ["decision_id"], unique=False)
    op.create_table(
        "identities",
        sa.Column("identity", sa.String(length=220), nullable=False, comment="kind:value, e.g. customer:17850"),
        sa.Column("person_id", sa.String(length=220), nullable=False),
        sa.Column("mapping_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "arm", sa.String(length=40), nullable=True, comment="first assignment; never re-hashed (DESIGN 2b.3)"
        ),
        sa.Column("assigned_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_identities")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dataset", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False, comment="file name without folder, or 'api'"),
        sa.Column("format", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="pending, committed, abandoned or undone"),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("n_rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("n_replaced", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True, comment="BLAKE2b of the file's bytes"),
        sa.Column("report", sa.Text(), nullable=True, comment="quality findings of this import, JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "message_ids",
        sa.Column("message_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_on", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_hash", name=op.f("pk_message_ids")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dataset", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Integer(), nullable=True, comment="for the columnar copies: one file a day"),
        sa.Column("file", sa.String(length=200), nullable=True, comment="NULL while a dirty day has no file yet"),
        sa.Column("n_rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "watermark", sa.BigInteger(), server_default="0", nullable=False, comment="last ingestion number inside"
        ),
        sa.Column("is_dirty", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parts")),
    )
    op.create_index("ix_parts_dataset", "parts", ["dataset", "day"], unique=False)
    op.create_table(
        "person_states",
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("owned", sa.LargeBinary(), nullable=False, comment="msgpack list of product ids bought and kept"),
        sa.Column("n_orders", sa.Integer(), nullable=False),
        sa.Column("last_order_at", sa.BigInteger(), nullable=True),
        sa.Column("row_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_person_states")),
    )
    op.create_table(
        "product_live",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column(
            "is_sellable", sa.Boolean(), server_default="1", nullable=False, comment="a kind that can be offered"
        ),
        sa.Column("parent_id", sa.String(length=200), nullable=True),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_live")),
        comment="The live overlay over a snapshot (DESIGN 2b.6): one row a product, changed in place",
    )
    op.create_index("ix_product_live_change_number", "product_live", ["change_number"], unique=False)
    op.create_table(
        "responses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("response_id", sa.String(length=80), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("response_id"),
    )
    op.create_index("ix_responses_decision_id", "responses", ["decision_id"], unique=False)
    op.create_table(
        "shop_meta",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_shop_meta")),
    )
    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "as_of", sa.BigInteger(), nullable=False, comment="the newest fact inside; every window counts from it"
        ),
        sa.Column("engine_version", sa.String(length=20), nullable=False),
        sa.Column("manifest_hash", sa.String(length=64), nullable=False),
        sa.Column("ndcg", sa.Float(), nullable=True, comment="offline slice, NDCG@10"),
        sa.Column("state", sa.String(length=12), nullable=False, comment="published, refused or rolled_back"),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False, comment="'*' for all channels"),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        comment="Append-only ledger: the newest entry per purpose and channel counts, missing means no",
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id", "purpose", "channel", "at"], unique=False)
    op.create_index("ix_consents_import_id", "consents", ["import_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=35), nullable=True),
        sa.Column("market", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("traits", sa.Text(), server_default="{}", nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_customer_id", "customers", ["customer_id"], unique=False)
    op.create_index("ix_customers_import_id", "customers", ["import_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("properties", sa.Text(), server_default="{}", nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="The open tail; sealed rows move into Parquet parts (DESIGN 2b.10)",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("line_id", sa.String(length=80), nullable=False),
        sa.Column("has_line_id", sa.Boolean(), nullable=False, comment="whether the source gave it"),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("ordered_on", sa.Integer(), nullable=False, comment="UTC day; the file of the columnar copy"),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=True),
        sa.Column(
            "title",
            sa.Text(),
            nullable=True,
            comment="as the line had it; products without a catalog are derived from it",
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("discount_micros", sa.BigInteger(), nullable=True),
        sa.Column("tax_micros", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("market", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "reservation_id", sa.String(length=40), nullable=True, comment="pressure reservation it settles; step 4"
        ),
        sa.Column("decision_id", sa.String(length=40), nullable=True, comment="the offer it came from, where known"),
        sa.Column("attributes", sa.Text(), nullable=True, comment="extra columns, JSON"),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    op.create_index("ix_order_lines_customer_id", "order_lines", ["customer_id"], unique=False)
    op.create_index("ix_order_lines_order_id", "order_lines", ["source", "order_id", "line_id"], unique=False)
    op.create_index("ix_order_lines_ordered_on", "order_lines", ["ordered_on"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("market", sa.String(length=60), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"], unique=False)
    op.create_index("ix_orders_order_id", "orders", ["source", "order_id"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("titles", sa.Text(), server_default="{}", nullable=False, comment="JSON: language to title"),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=20), server_default="goods", nullable=False),
        sa.Column(
            "kind_source",
            sa.String(length=12),
            server_default="file",
            nullable=False,
            comment="file, inferred or merchant",
        ),
        sa.Column("kind_reason", sa.Text(), nullable=True),
        sa.Column("price_micros", sa.BigInteger(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("parent_id", sa.String(length=200), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), server_default="{}", nullable=False, comment="JSON, extra columns included"),
        sa.Column("is_derived", sa.Boolean(), server_default="0", nullable=False, comment="made from order lines"),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_index("ix_products_import_id", "products", ["import_id"], unique=False)
    op.create_index("ix_products_product_id", "products", ["product_id"], unique=False)
    op.create_table(
        "returns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("line_id", sa.String(length=80), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("returned_at", sa.BigInteger(), nullable=False),
        sa.Column("returned_on", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("refund_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("row_hash", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index("ix_returns_order_id", "returns", ["source", "order_id", "line_id"], unique=False)
    op.create_index("ix_returns_returned_on", "returns", ["returned_on"], unique=False)
