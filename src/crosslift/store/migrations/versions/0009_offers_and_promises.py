"""The offer library, every version of every offer, and the promises that stand behind what was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "product_id", sa.String(length=200), nullable=True, comment="the product it sells, none for the rest"
        ),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("titles", sa.Text(), nullable=False, comment="JSON: language to title"),
        sa.Column("benefits", sa.Text(), nullable=False, comment="JSON: language to benefits"),
        sa.Column("prices", sa.Text(), nullable=False, comment="JSON: price lines, amounts as decimal text"),
        sa.Column("total_micros", sa.BigInteger(), nullable=True, comment="in all over the first term, tax included"),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False, comment="JSON: language to text; so the next two"),
        sa.Column("cancellation", sa.Text(), nullable=False),
        sa.Column("guarantee", sa.Text(), nullable=False),
        sa.Column("proofs", sa.Text(), nullable=False, comment="JSON: texts by language, source, market"),
        sa.Column(
            "goals", sa.Text(), nullable=False, comment="JSON list, as are beside, markets, licences, months, tags"
        ),
        sa.Column("beside", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False, comment="one readable line; domain/segment_grammar.py"),
        sa.Column("avoid", sa.Text(), nullable=False),
        sa.Column("step_of", sa.String(length=200), nullable=True),
        sa.Column("markets", sa.Text(), nullable=False),
        sa.Column("licences", sa.Text(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("is_advice", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("months", sa.Text(), nullable=False),
        sa.Column("staff_brief", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", "version", name=op.f("pk_offers")),
        comment="Every version of every offer; the newest counts while it is active",
    )
    op.create_index("ix_offers_change_number", "offers", ["change_number"])
    op.create_table(
        "promises",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False, comment="place in the decision's list, from 0"),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("offer_id", sa.String(length=80), nullable=True),
        sa.Column("offer_version", sa.Integer(), nullable=True),
        sa.Column("price_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, comment="JSON: code and evidence, as it was told"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("redeemed_by", sa.String(length=200), nullable=True, comment="order id or idempotency key"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_promises")),
        comment="What was shown and asked for by its code; names nobody, its decision does",
    )
    op.create_index("ix_promises_decision_id", "promises", ["decision_id", "slot"], unique=True)
