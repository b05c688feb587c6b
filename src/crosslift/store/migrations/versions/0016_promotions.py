"""What a trial fixed beforehand that single units count for at most, and which arm was promoted where."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name, comment in (
        ("limits", "JSON: outcome to what a unit counts for at most"),
        ("promoted", "JSON: market, * for all, to the arm that won"),
    ):
        op.add_column("experiments", sa.Column(name, sa.Text(), server_default="{}", nullable=False, comment=comment))
