"""Identity evidence, splits and the merge log; who was erased. A customer id is its own person until evidence says more."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "identity_evidence",
        sa.Column("id", ID, nullable=False),
        sa.Column("first", sa.String(length=220), nullable=False, comment="kind:value"),
        sa.Column("second", sa.String(length=220), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when it was first seen"),
        sa.Column("origin", sa.String(length=20), nullable=False, comment="customers, events or api"),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("superseded_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_evidence")),
        sa.UniqueConstraint("first", "second", "rule", "origin", "import_id"),
        comment="Why two identities may be one person; what counts of it is a rule (domain/identity.py)",
    )
    op.create_index("ix_identity_evidence_second", "identity_evidence", ["second", "rule"])
    op.create_index("ix_identity_evidence_import_id", "identity_evidence", ["import_id"])
    op.create_table(
        "identity_splits",
        sa.Column("first", sa.String(length=220), nullable=False),
        sa.Column("second", sa.String(length=220), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_identity_splits")),
        comment="Who is kept apart, by the merchant's word",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mapping_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("from_person", sa.String(length=220), nullable=False),
        sa.Column("to_person", sa.String(length=220), nullable=False),
        sa.Column("because", sa.Text(), nullable=False, comment="the rule and the other identity, or apart"),
        sa.Column("author", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_changes")),
        comment="The merge log",
    )
    op.create_index("ix_mapping_changes_identity", "mapping_changes", ["identity"])
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
    op.create_table(
        "erased",
        sa.Column(
            "digest", sa.LargeBinary(length=16), nullable=False, comment="keyed hash of an identity; names nobody"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erased")),
        comment="Whom a later export must not bring back",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasures",
        sa.Column("certificate_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "tombstone", sa.String(length=40), nullable=False, comment="random; stands where totals need somebody"
        ),
        sa.Column(
            "report", sa.Text(), nullable=False, comment="JSON: what was removed and searched, without the person"
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_erasures")),
    )
