"""What undoing an import has to know: which imports build on it, and the live values it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_needs",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("needs_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "needs_id", name=op.f("pk_import_needs")),
        comment="Which import found rows of which other already there and did not bring them again; undo has to know",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_import_needs_needs_id", "import_needs", ["needs_id"])
    op.create_table(
        "live_before",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_sellable", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "product_id", name=op.f("pk_live_before")),
        comment="The live values an import changed, as they were before it",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "live_gone",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_live_gone")),
        comment="Products that left the catalog; whoever holds an older overlay reads of them once",
        sqlite_with_rowid=False,
    )
