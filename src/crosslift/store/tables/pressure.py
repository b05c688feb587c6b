"""How much attention was taken of whom, and what they answered. Kept under the identity that was seen, never rewritten.

Contacts and refusals are counted whatever a person allowed: they are used to leave people alone, never to choose for them
(docs/pressure.md). Without a stable id a visit (`session:…`) stands for the person; it is no identity of anybody.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

decision_people = Table(
    "decision_people",
    metadata,
    Column("decision_id", String(40), primary_key=True),
    Column("identity", String(220), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_decision_people_identity", "identity"),
    Index("ix_decision_people_at", "at"),
    comment="Under whom a decision counts, also where it was made without using who they are",
    sqlite_with_rowid=False,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", String(220), nullable=False),
    Column("decision_id", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("topic", Text, nullable=False, comment="what it is about; several stand on lines of their own"),
    Column("state", String(12), nullable=False, comment="reserved, confirmed or released"),
    Column("at", BigInteger, nullable=False, comment="of the decision, then of the exposure"),
    Column("expires_at", BigInteger, nullable=False, comment="a reservation counts until then"),
    Index("ix_contacts_decision_id", "decision_id", unique=True),
    Index("ix_contacts_identity", "identity", "at"),
    Index("ix_contacts_at", "at"),
    comment="Times a person's attention was taken or is about to be; counted under the identity that was seen",
)

reactions = Table(
    "reactions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", String(220), nullable=False),
    Column("decision_id", String(40), comment="NULL for what was said beside any offer"),
    Column("product_id", String(200), nullable=False, comment="empty with an empty category: everything"),
    Column("category", Text, nullable=False, comment="of the product when it was shown"),
    Column("channel", String(20), nullable=False),
    Column("reaction", String(12), nullable=False, comment="seen, clicked, accepted, declined or muted"),
    Column("at", BigInteger, nullable=False),
    Column("taken_back_at", BigInteger, comment="of a no that was taken back"),
    Index("ix_reactions_decision_id", "decision_id", "product_id", "reaction", unique=True),
    Index("ix_reactions_identity", "identity", "reaction", "at"),
    Index("ix_reactions_at", "at"),
    comment="What people did with offers, as pressure counts it; complaints and returns are read where they are",
)

pressure_versions = Table(
    "pressure_versions",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("version", BigInteger, nullable=False),
    comment="Grows with every change of contacts and reactions; a reservation is compared by it",
    sqlite_with_rowid=False,
)
