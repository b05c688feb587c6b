"""What learning knows of single people, and the segments the merchant asks them by; a snapshot holds none of it."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

from crosslift.domain.profile import PROFILE_COLUMNS, Kind
from crosslift.store.tables.columns import metadata


def _stored(name: str, kind: Kind) -> Column[Any]:
    if name == "person_id":
        return Column(name, String(220), primary_key=True)
    if kind is Kind.NUMBER:
        return Column(name, Float)
    if kind is Kind.INSTANT:
        return Column(name, BigInteger)
    return Column(name, Text, comment=None if kind is Kind.TEXT else "JSON")


profiles = Table(
    "profiles",
    metadata,
    *(_stored(name, column.kind) for name, column in PROFILE_COLUMNS.items()),
    comment="One row a person, as last learned; units in domain/profile.py",
    sqlite_with_rowid=False,
)

segments = Table(
    "segments",
    metadata,
    Column("segment_id", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("titles", Text, nullable=False, comment="JSON: language to title"),
    Column("rule", Text, nullable=False, comment="one readable line; domain/segment.py"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="1"),
    comment="Every version of every segment; the newest counts",
)

segment_members = Table(
    "segment_members",
    metadata,
    Column("person_id", String(220), primary_key=True),
    Column("segment_id", String(80), primary_key=True),
    Column("as_of", BigInteger, nullable=False),
    Index("ix_segment_members_segment_id", "segment_id"),
    comment="Who was in which segment when it was last evaluated in bulk",
    sqlite_with_rowid=False,
)

customer_models = Table(
    "customer_models",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("as_of", BigInteger, nullable=False),
    Column("body", Text, nullable=False, comment="JSON: what was fitted, on how much, how well it holds"),
    comment="What customers' figures are computed from: fitted over everybody, naming nobody",
)
