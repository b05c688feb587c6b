"""The shop's own books: imports and files."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

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

shop_meta = Table(
    "shop_meta",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

import_needs = Table(
    "import_needs",
    metadata,
    Column("import_id", Id, primary_key=True),
    Column("needs_id", Id, primary_key=True),
    Index("ix_import_needs_needs_id", "needs_id"),
    comment="Which import found rows of which other already there and did not bring them again; undo has to know",
    sqlite_with_rowid=False,
)

live_before = Table(
    "live_before",
    metadata,
    Column("import_id", Id, primary_key=True),
    Column("product_id", String(200), primary_key=True),
    Column("price_micros", BigInteger),
    Column("currency", String(3)),
    Column("stock", BigInteger),
    Column("is_active", Boolean, nullable=False),
    Column("is_sellable", Boolean, nullable=False),
    Column("parent_id", String(200)),
    comment="The live values an import changed, as they were before it",
    sqlite_with_rowid=False,
)

live_gone = Table(
    "live_gone",
    metadata,
    Column("product_id", String(200), primary_key=True),
    Column("change_number", BigInteger, nullable=False),
    comment="Products that left the catalog; whoever holds an older overlay reads of them once",
    sqlite_with_rowid=False,
)
