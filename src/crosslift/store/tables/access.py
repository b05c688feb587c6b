"""Who may come in: API keys, people of the back office with their sessions and links, deliveries that were let in."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from crosslift.store.tables.columns import metadata

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
    Column("roles", Text, nullable=False, server_default='["admin"]', comment="JSON list; a publishable key has none"),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger, comment="when it was last used, to the minute"),
    Column("replaces", String(40), comment="the key it was made in place of"),
)

users = Table(
    "users",
    metadata,
    Column("user_id", String(40), primary_key=True),
    Column("login", String(200), nullable=False, unique=True, comment="name or address, in small letters"),
    Column("roles", Text, nullable=False, comment="JSON list"),
    Column("password", Text, comment="scrypt with its costs and salt; NULL until one was chosen"),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("signed_in_at", BigInteger),
    comment="People of the back office",
)

user_links = Table(
    "user_links",
    metadata,
    Column("link_hash", String(64), primary_key=True, comment="BLAKE2b of the token; it is shown once"),
    Column("user_id", String(40), nullable=False),
    Column("purpose", String(12), nullable=False, comment="invite or reset"),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Index("ix_user_links_user_id", "user_id"),
    comment="Links by which somebody chooses a password; each works once",
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_hash", String(64), primary_key=True, comment="BLAKE2b of the cookie"),
    Column("user_id", String(40), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, comment="however much it is used"),
    Column("idle_until", BigInteger, nullable=False, comment="moved on while it is used"),
    Index("ix_sessions_user_id", "user_id"),
    comment="Who is signed in",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_hash", String(32), primary_key=True, comment="BLAKE2b of source and delivery id"),
    Column("at", BigInteger, nullable=False),
    Index("ix_deliveries_at", "at"),
    comment="Signed deliveries that were taken in; each counts once",
    sqlite_with_rowid=False,
)
