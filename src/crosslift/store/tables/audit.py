"""Who did what: a hash-chained list that is only ever added to, and the keys by which people in it are recognized."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from crosslift.store.tables.columns import metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False, comment="user:id, key:id, cli:account or python"),
    Column("action", String(60), nullable=False),
    Column("object", Text, nullable=False, comment="what it was done to"),
    Column("subject", String(32), comment="keyed hash of the customer it is about"),
    Column("details", Text, nullable=False, comment="JSON; nothing about a customer"),
    Column("hash", String(64), nullable=False, comment="SHA-256 of all of it and of the hash before it"),
    Index("ix_audit_subject", "subject"),
    comment="Append-only; shop_meta holds the head, and triggers refuse whoever would change a row",
)

audit_people = Table(
    "audit_people",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("key", LargeBinary, nullable=False, comment="random; erasing the person destroys it"),
    comment="The key by which each identity is hashed in the audit",
    sqlite_with_rowid=False,
)
