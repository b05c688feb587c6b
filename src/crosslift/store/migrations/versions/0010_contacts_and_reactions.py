"""How much attention was taken of whom and what they answered, and the version a reservation is compared by."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decision_people",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_people")),
        comment="Under whom a decision counts, also where it was made without using who they are",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_decision_people_identity", "decision_people", ["identity"])
    op.create_index("ix_decision_people_at", "decision_people", ["at"])
    op.create_table(
        "contacts",
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        comment="Times a person's attention was taken or is about to be; counted under the identity that was seen",
    )
    op.create_index("ix_contacts_decision_id", "contacts", ["decision_id"], unique=True)
    op.create_index("ix_contacts_identity", "contacts", ["identity", "at"])
    op.create_index("ix_contacts_at", "contacts", ["at"])
    op.create_table(
        "reactions",
        sa.Column("id", ID, nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("reaction", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken_back_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        comment="What people did with offers, as pressure counts it; complaints and returns are read where they are",
    )
    op.create_index("ix_reactions_decision_id", "reactions", ["decision_id", "product_id", "reaction"], unique=True)
    op.create_index("ix_reactions_identity", "reactions", ["identity", "reaction", "at"])
    op.create_index("ix_reactions_at", "reactions", ["at"])
    op.create_table(
        "pressure_versions",
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_pressure_versions")),
        comment="Grows with every change of contacts and reactions; a reservation is compared by it",
        sqlite_with_rowid=False,
    )
