"""What runs by itself, and what became of its runs."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="first seen; nothing was missed before"),
        sa.Column(
            "due_until", sa.BigInteger(), nullable=False, comment="what was due up to this instant was run or left out"
        ),
        sa.Column(
            "n_failed", sa.Integer(), server_default="0", nullable=False, comment="runs in a row that ended badly"
        ),
        sa.Column("retry_at", sa.BigInteger(), comment="NULL where nothing is to be tried again"),
        sa.Column("asked_at", sa.BigInteger(), comment="somebody wants it run now; NULL once it began"),
        sa.Column("asked_by", sa.Text()),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("paused_by", sa.Text()),
        sa.Column(
            "is_troubled",
            sa.Boolean(),
            server_default="0",
            nullable=False,
            comment="somebody was told; until it works",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
        comment="One row a job; which process runs it is known by a lock that dies with the process",
    )
    op.create_table(
        "job_runs",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False, comment="timetable, missed, retry or asked"),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column(
            "state",
            sa.String(length=12),
            nullable=False,
            comment="running, done, failed, refused, died, stopped or skipped",
        ),
        sa.Column("worker", sa.String(length=120), nullable=False, comment="host:process"),
        sa.Column(
            "said",
            sa.Text(),
            server_default="{}",
            nullable=False,
            comment="JSON: what it did, or why not; ids and counts alone",
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_job_runs")),
        comment="What became of the newest runs of each job",
    )
    op.create_index("ix_job_runs_job", "job_runs", ["job", "run_id"], unique=False)
