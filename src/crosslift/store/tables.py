"""Every table once: columns, keys, units, and the one room that writes it.

Units: `_at` columns are microseconds since 1970 in UTC, `_on` columns days since 1970, `_micros` columns whole
millionths of the currency's major unit with the currency beside them. Rows that arrive by an import carry
`import_id` and count only while that import is `committed` and nothing committed supersedes them (DESIGN 2b.11).
`id` is the ingestion number: it only grows, and watermarks are taken from it, never from event time.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
Id = BigInteger().with_variant(Integer, "sqlite")

WRITERS: dict[str, str] = {
    "imports": "collect",
    "products": "collect",
    "product_live": "collect",
    "customers": "collect",
    "identities": "collect",
    "consents": "collect",
    "orders": "collect",
    "order_lines": "collect",
    "returns": "collect",
    "events": "collect",
    "message_ids": "collect",
    "person_states": "collect",
    "links": "collect",
    "bundles": "collect",
    "subscriptions": "collect",
    "usage": "collect",
    "refill_dues": "learn",
    "parts": "store",
    "snapshots": "learn",
    "decisions": "shop",
    "decision_inputs": "shop",
    "exposures": "deliver",
    "responses": "deliver",
    "api_keys": "shop",
    "shop_meta": "shop",
}
"""Which room writes which table; a contract test holds every writer to it."""


def _imported() -> list[Column[Any]]:
    return [
        Column("import_id", Id, ForeignKey("imports.id"), nullable=False),
        Column("superseded_by", Id, nullable=True),
    ]


imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dataset", String(40), nullable=False),
    Column("source", String(200), nullable=False, comment="file name without folder, or 'api'"),
    Column("format", String(80), nullable=False),
    Column("state", String(12), nullable=False, comment="pending, committed, abandoned or undone"),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("n_rows", BigInteger, nullable=False, server_default="0"),
    Column("n_replaced", BigInteger, nullable=False, server_default="0"),
    Column("content_hash", String(64), comment="BLAKE2b of the file's bytes"),
    Column("report", Text, comment="quality findings of this import, JSON"),
)

products = Table(
    "products",
    metadata,
    Column("id", Id, primary_key=True),
    Column("product_id", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("titles", Text, nullable=False, server_default="{}", comment="JSON: language to title"),
    Column("category", Text),
    Column("brand", Text),
    Column("kind", String(20), nullable=False, server_default="goods"),
    Column("kind_source", String(12), nullable=False, server_default="file", comment="file, inferred or merchant"),
    Column("kind_reason", Text),
    Column("price_micros", BigInteger),
    Column("cost_micros", BigInteger),
    Column("currency", String(3)),
    Column("stock", BigInteger),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    Column("parent_id", String(200)),
    Column("url", Text),
    Column("image", Text),
    Column("attributes", Text, nullable=False, server_default="{}", comment="JSON, extra columns included"),
    Column("is_derived", Boolean, nullable=False, server_default="0", comment="made from order lines"),
    Column("updated_at", BigInteger),
    *_imported(),
    Index("ix_products_product_id", "product_id"),
    Index("ix_products_import_id", "import_id"),
)

product_live = Table(
    "product_live",
    metadata,
    Column("product_id", String(200), primary_key=True),
    Column("price_micros", BigInteger),
    Column("currency", String(3)),
    Column("stock", BigInteger),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    Column("is_sellable", Boolean, nullable=False, server_default="1", comment="a kind that can be offered"),
    Column("parent_id", String(200)),
    Column("change_number", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_product_live_change_number", "change_number"),
    comment="The live overlay over a snapshot (DESIGN 2b.6): one row a product, changed in place",
)

customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("locale", String(35)),
    Column("market", String(10)),
    Column("created_at", BigInteger),
    Column("traits", Text, nullable=False, server_default="{}"),
    *_imported(),
    Index("ix_customers_customer_id", "customer_id"),
    Index("ix_customers_import_id", "import_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("identity", String(220), primary_key=True, comment="kind:value, e.g. customer:17850"),
    Column("person_id", String(220), nullable=False),
    Column("mapping_version", BigInteger, nullable=False, server_default="0"),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("arm", String(40), comment="first assignment; never re-hashed (DESIGN 2b.3)"),
    Column("assigned_at", BigInteger),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("channel", String(20), nullable=False, comment="'*' for all channels"),
    Column("status", String(12), nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text),
    Column("proof", Text),
    Column("at", BigInteger, nullable=False),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_consents_customer_id", "customer_id", "purpose", "channel", "at"),
    Index("ix_consents_import_id", "import_id"),
    comment="Append-only ledger: the newest entry per purpose and channel counts, missing means no",
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("order_id", String(200), nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("customer_id", String(200)),
    Column("channel", String(40)),
    Column("market", String(60)),
    Column("currency", String(3)),
    Column("status", String(12), nullable=False),
    *_imported(),
    Index("ix_orders_order_id", "source", "order_id"),
    Index("ix_orders_customer_id", "customer_id"),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("order_id", String(200), nullable=False),
    Column("line_id", String(80), nullable=False),
    Column("has_line_id", Boolean, nullable=False, comment="whether the source gave it"),
    Column("ordered_at", BigInteger, nullable=False),
    Column("ordered_on", Integer, nullable=False, comment="UTC day; the file of the columnar copy"),
    Column("customer_id", String(200)),
    Column("product_id", String(200), nullable=False),
    Column("variant_id", String(200)),
    Column("title", Text, comment="as the line had it; products without a catalog are derived from it"),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_price_micros", BigInteger),
    Column("currency", String(3)),
    Column("discount_micros", BigInteger),
    Column("tax_micros", BigInteger),
    Column("channel", String(40)),
    Column("market", String(60)),
    Column("status", String(12), nullable=False),
    Column("updated_at", BigInteger),
    Column("reservation_id", String(40), comment="pressure reservation it settles; step 4"),
    Column("decision_id", String(40), comment="the offer it came from, where known"),
    Column("attributes", Text, comment="extra columns, JSON"),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_order_lines_order_id", "source", "order_id", "line_id"),
    Index("ix_order_lines_ordered_on", "ordered_on"),
    Index("ix_order_lines_customer_id", "customer_id"),
)

returns = Table(
    "returns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("order_id", String(200), nullable=False),
    Column("line_id", String(80), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("returned_at", BigInteger, nullable=False),
    Column("returned_on", Integer, nullable=False),
    Column("reason", Text),
    Column("refund_micros", BigInteger),
    Column("currency", String(3)),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_returns_order_id", "source", "order_id", "line_id"),
    Index("ix_returns_returned_on", "returned_on"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_hash", LargeBinary(16), nullable=False),
    Column("name", String(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("identity", String(220)),
    Column("product_id", String(200)),
    Column("channel", String(40)),
    Column("decision_id", String(40)),
    Column("properties", Text, nullable=False, server_default="{}"),
    *_imported(),
    comment="The open tail; sealed rows move into Parquet parts (DESIGN 2b.10)",
    sqlite_autoincrement=True,  # sealing empties the tail; the ingestion number must go on
)

links = Table(
    "links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("from_id", String(200), nullable=False, comment="product, category:<path>, * or a content id"),
    Column("to_id", String(200), nullable=False, comment="product or category:<path>"),
    Column("kind", String(20), nullable=False),
    Column("action", String(12), nullable=False, comment="link, pin, boost, bury, ban; remove takes it back"),
    Column("reason", Text),
    Column("author", Text),
    Column("value", Text, comment="factor of a boost, interval of a refill"),
    Column("market", String(60)),
    Column("expires_at", BigInteger, comment="readers leave out what has expired"),
    Column("attributes", Text, comment="extra columns, JSON"),
    Column("updated_at", BigInteger),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_links_from_id", "from_id", "to_id", "kind"),
    Index("ix_links_import_id", "import_id"),
    comment="Curated links; live: each write moves the change number",
)

bundles = Table(
    "bundles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bundle_id", String(200), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("role", String(80)),
    Column("quantity", BigInteger, nullable=False, server_default="1"),
    Column("kind", String(20), nullable=False, comment="fixed, mix or look; this and what follows is the bundle's"),
    Column("price_micros", BigInteger),
    Column("currency", String(3)),
    Column("discount_percent", Float, comment="0..100, off the sum of the parts"),
    Column("title", Text, nullable=False),
    Column("titles", Text, nullable=False, server_default="{}", comment="JSON: language to title"),
    Column("min_parts", Integer, comment="of a mix: so many parts make the price"),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    Column("attributes", Text, comment="extra columns, JSON"),
    Column("updated_at", BigInteger),
    Column("row_hash", BigInteger, nullable=False, comment="of the whole bundle, the same in each of its parts"),
    *_imported(),
    Index("ix_bundles_bundle_id", "bundle_id"),
    Index("ix_bundles_import_id", "import_id"),
    comment="Sets, one row a part; replaced as a whole; live like links",
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", String(200), nullable=False),
    Column("customer_id", String(200)),
    Column("account_id", String(200)),
    Column("product_id", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("started_on", Integer, nullable=False, comment="UTC day; the file of the columnar copy"),
    Column("renews_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("quantity", BigInteger, nullable=False, server_default="1"),
    Column("recurring_price_micros", BigInteger),
    Column("currency", String(3)),
    Column("period", String(40), comment="what the recurring price pays for: month, year ..."),
    Column("usage_limit", Float, comment="what the plan includes; the canonical column is called limit"),
    Column("used", Float, comment="of the limit, in this period"),
    Column("attributes", Text, comment="extra columns, JSON"),
    Column("updated_at", BigInteger),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_subscriptions_subscription_id", "subscription_id"),
    Index("ix_subscriptions_customer_id", "customer_id"),
    Index("ix_subscriptions_started_on", "started_on"),
    Index("ix_subscriptions_import_id", "import_id"),
)

usage = Table(
    "usage",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("meter", String(80), nullable=False),
    Column("value", Float, nullable=False),
    Column("unit", String(40), nullable=False, comment="empty where the source names none"),
    Column("at", BigInteger, nullable=False),
    Column("read_on", Integer, nullable=False, comment="UTC day; the file of the columnar copy"),
    Column("attributes", Text, comment="extra columns, JSON"),
    Column("row_hash", BigInteger, nullable=False),
    *_imported(),
    Index("ix_usage_customer_id", "customer_id", "product_id", "meter", "at"),
    Index("ix_usage_read_on", "read_on"),
    Index("ix_usage_import_id", "import_id"),
    comment="Readings of meters: km, pages, hours, seats",
)

refill_dues = Table(
    "refill_dues",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("product_id", String(200), primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("interval_days", Float, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("n_gaps", Integer, nullable=False, comment="the person's own; 0 where only other people's are known"),
    Column("basis", String(40), nullable=False),
    comment="What a person will need and when, as last learned; read with the person",
    sqlite_with_rowid=False,
)

message_ids = Table(
    "message_ids",
    metadata,
    Column("message_hash", LargeBinary(16), primary_key=True),
    Column("import_id", Id, nullable=False),
    Column("seen_on", Integer, nullable=False),
    sqlite_with_rowid=False,
)

person_states = Table(
    "person_states",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("owned", LargeBinary, nullable=False, comment="msgpack list of product ids bought and kept"),
    Column("n_orders", Integer, nullable=False),
    Column("last_order_at", BigInteger),
    Column("row_version", BigInteger, nullable=False, server_default="0"),
)

parts = Table(
    "parts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dataset", String(40), nullable=False),
    Column("day", Integer, comment="for the columnar copies: one file a day"),
    Column("file", String(200), comment="NULL while a dirty day has no file yet"),
    Column("n_rows", BigInteger, nullable=False, server_default="0"),
    Column("watermark", BigInteger, nullable=False, server_default="0", comment="last ingestion number inside"),
    Column("is_dirty", Boolean, nullable=False, server_default="0"),
    Index("ix_parts_dataset", "dataset", "day"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", String(40), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("as_of", BigInteger, nullable=False, comment="the newest fact inside; every window counts from it"),
    Column("engine_version", String(20), nullable=False),
    Column("manifest_hash", String(64), nullable=False),
    Column("ndcg", Float, comment="offline slice, NDCG@10"),
    Column("state", String(12), nullable=False, comment="published, refused or rolled_back"),
    Column("report", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("placement", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("policy", String(60), nullable=False),
    Column("arm", String(40)),
    Column("is_withheld", Boolean, nullable=False, server_default="0"),
    Column("identity", String(220)),
    Column("mapping_version", BigInteger, nullable=False, server_default="0"),
    Column("consent_id", BigInteger, nullable=False, server_default="0"),
    Column("reservation_id", String(40)),
    Column("snapshot_id", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="canonical msgpack of the slim record, at most 500 bytes"),
    Index("ix_decisions_at", "at"),
    Index("ix_decisions_identity", "identity"),
)

decision_inputs = Table(
    "decision_inputs",
    metadata,
    Column("decision_id", String(40), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="zlib of msgpack: every live and personal value read"),
    Index("ix_decision_inputs_expires_at", "expires_at"),
)

exposures = Table(
    "exposures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("exposure_id", String(80), nullable=False, unique=True),
    Column("decision_id", String(40), nullable=False),
    Column("product_id", String(200)),
    Column("at", BigInteger, nullable=False),
    Column("channel", String(20), nullable=False),
    Index("ix_exposures_decision_id", "decision_id"),
)

responses = Table(
    "responses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("response_id", String(80), nullable=False, unique=True),
    Column("decision_id", String(40), nullable=False),
    Column("product_id", String(200)),
    Column("action", String(20), nullable=False),
    Column("reason", String(200)),
    Column("at", BigInteger, nullable=False),
    Index("ix_responses_decision_id", "decision_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("kind", String(12), nullable=False, comment="secret or publishable"),
    Column(
        "key_hash",
        String(64),
        nullable=False,
        unique=True,
        comment="BLAKE2b of the key; the key is shown once",
    ),
    Column("label", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

shop_meta = Table(
    "shop_meta",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

VISIBLE = "import_id in (select id from imports where state = 'committed') and superseded_by is null"
"""The condition under which an imported row counts."""


def arrow_schema(table: str, columns: Sequence[str]) -> pa.Schema:
    """Give the Arrow types of some columns of a table."""
    known = metadata.tables[table].columns
    return pa.schema([(name, _arrow_type(known[name].type)) for name in columns])


def _arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    if isinstance(kind, Boolean):
        return pa.bool_()
    if isinstance(kind, Float):
        return pa.float64()
    if isinstance(kind, Integer):  # BigInteger is one
        return pa.int64()
    return pa.binary() if isinstance(kind, LargeBinary) else pa.string()
