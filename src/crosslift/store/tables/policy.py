"""How the shop wants to decide: every version of every policy, and what was done with them."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

policies = Table(
    "policies",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(12), nullable=False, comment="draft, published or retired"),
    Column("text", Text, nullable=False, comment="TOML as its author wrote it"),
    Column("resolved", Text, nullable=False, comment="the whole policy, bases and packs worked in, TOML"),
    Column("hash", String(64), nullable=False, comment="BLAKE2b of what it says, whatever its number"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("approved_by", Text),
    Column("published_at", BigInteger),
    comment="Every version of every policy of the shop; at most one of a name is published",
)

policy_changes = Table(
    "policy_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("action", String(12), nullable=False, comment="draft, publish, rollback, stop or resume"),
    Column("name", String(60)),
    Column("version", Integer),
    Column("author", Text, nullable=False),
    Column("approved_by", Text),
    Column("reason", Text, nullable=False),
    comment="What was done with policies and with the stop switch, in order; the last stop or resume says how it stands",
)
