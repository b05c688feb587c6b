"""What was learned and decided, and what became of it."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, LargeBinary, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

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
