"""When a customer's record changed; and who was erased because nothing was heard of them for long."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "customers",
        sa.Column(
            "updated_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the source changed the record; tells its versions apart",
        ),
    )
    op.add_column(
        "erased",
        sa.Column(
            "is_idle",
            sa.Boolean(),
            nullable=False,
            server_default="0",
            comment="for want of facts: whoever comes back is let in",
        ),
    )
