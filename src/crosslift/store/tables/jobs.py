"""What runs by itself: where each job stands, and what became of its runs."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from crosslift.store.tables.columns import Id, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("since", BigInteger, nullable=False, comment="first seen; nothing was missed before"),
    Column("due_until", BigInteger, nullable=False, comment="what was due up to this instant was run or left out"),
    Column("n_failed", Integer, nullable=False, server_default="0", comment="runs in a row that ended badly"),
    Column("retry_at", BigInteger, comment="NULL where nothing is to be tried again"),
    Column("asked_at", BigInteger, comment="somebody wants it run now; NULL once it began"),
    Column("asked_by", Text),
    Column("paused_at", BigInteger),
    Column("paused_by", Text),
    Column("is_troubled", Boolean, nullable=False, server_default="0", comment="somebody was told; until it works"),
    comment="One row a job; which process runs it is known by a lock that dies with the process",
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("run_id", Id, primary_key=True),
    Column("job", String(20), nullable=False),
    Column("cause", String(12), nullable=False, comment="timetable, missed, retry or asked"),
    Column("due_at", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("state", String(12), nullable=False, comment="running, done, failed, refused, died, stopped or skipped"),
    Column("worker", String(120), nullable=False, comment="host:process"),
    Column(
        "said", Text, nullable=False, server_default="{}", comment="JSON: what it did, or why not; ids and counts alone"
    ),
    Index("ix_job_runs_job", "job", "run_id"),
    comment="What became of the newest runs of each job",
)
