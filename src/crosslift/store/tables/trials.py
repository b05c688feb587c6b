"""Trials run elsewhere, brought in: who was assigned to which arm, and which choice was made with which probability."""

from sqlalchemy import BigInteger, Column, Float, Index, String, Table, Text

from crosslift.store.tables.columns import Id, hashed, metadata

assignments = Table(
    "assignments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("experiment_id", String(200), nullable=False),
    Column("unit_kind", String(12), nullable=False, comment="customer, anonymous, session, household or account"),
    Column("unit_id", String(200), nullable=False),
    Column("arm", String(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    *hashed(),
    Index("ix_assignments_unit_id", "unit_id", "experiment_id", "unit_kind"),
    Index("ix_assignments_import_id", "import_id"),
    comment="The earliest assignment of a unit in an experiment stays",
)

logged_choices = Table(
    "logged_choices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("choice_id", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("unit_id", String(200), nullable=False),
    Column("action", String(200), nullable=False, comment="what was offered"),
    Column("probability", Float, nullable=False, comment="that this action was chosen, above 0 and up to 1"),
    Column("outcome", Float, comment="1 and 0, or an amount; it may come later than the choice"),
    Column("outcome_at", BigInteger),
    Column("context", Text, comment="what was known at the choice, JSON"),
    Column("source", Text),
    *hashed(),
    Index("ix_logged_choices_choice_id", "choice_id"),
    Index("ix_logged_choices_unit_id", "unit_id", "at"),
    Index("ix_logged_choices_import_id", "import_id"),
    comment="Choices with the probability they were made with; append-only but for the outcome",
)
