"""Who is who: evidence, who is kept apart, the merge log, and who was erased. The mapping itself is `people.identities`."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text, UniqueConstraint

from crosslift.store.tables.columns import Id, imported, metadata

identity_evidence = Table(
    "identity_evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first", String(220), nullable=False, comment="kind:value"),
    Column("second", String(220), nullable=False),
    Column("rule", String(12), nullable=False),
    Column("at", BigInteger, nullable=False, comment="when it was first seen"),
    Column("origin", String(20), nullable=False, comment="customers, events or api"),
    *imported(),
    UniqueConstraint("first", "second", "rule", "origin", "import_id"),
    Index("ix_identity_evidence_second", "second", "rule"),
    Index("ix_identity_evidence_import_id", "import_id"),
    comment="Why two identities may be one person; what counts of it is a rule (domain/identity.py)",
)

identity_splits = Table(
    "identity_splits",
    metadata,
    Column("first", String(220), primary_key=True),
    Column("second", String(220), primary_key=True),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    comment="Who is kept apart, by the merchant's word",
    sqlite_with_rowid=False,
)

mapping_changes = Table(
    "mapping_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("identity", String(220), nullable=False),
    Column("from_person", String(220), nullable=False),
    Column("to_person", String(220), nullable=False),
    Column("because", Text, nullable=False, comment="the rule and the other identity, or apart"),
    Column("author", Text),
    Index("ix_mapping_changes_identity", "identity"),
    comment="The merge log",
)

erased = Table(
    "erased",
    metadata,
    Column("digest", LargeBinary(16), primary_key=True, comment="keyed hash of an identity; names nobody"),
    Column("at", BigInteger, nullable=False),
    Column(
        "is_idle",
        Boolean,
        nullable=False,
        server_default="0",
        comment="for want of facts: whoever comes back is let in",
    ),
    comment="Whom a later export must not bring back",
    sqlite_with_rowid=False,
)

erasures = Table(
    "erasures",
    metadata,
    Column("certificate_id", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("tombstone", String(40), nullable=False, comment="random; stands where totals need somebody"),
    Column("report", Text, nullable=False, comment="JSON: what was removed and searched, without the person"),
)
