"""Trials: those of this shop with the first arm of each unit; and those run elsewhere, brought in with their choices."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text

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

experiments = Table(
    "experiments",
    metadata,
    Column("experiment_id", String(60), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", String(12), nullable=False, comment="holdout, policy or variant"),
    Column("arms", Text, nullable=False, comment="JSON: arm to its share"),
    Column("unit", String(12), nullable=False, comment="customer, account, household, store or session"),
    Column("placements", Text, nullable=False, comment="JSON list, empty for all; strategies likewise"),
    Column("strategies", Text, nullable=False),
    Column("exclusion_group", String(60), nullable=False, comment="trials of one group never meet in one unit"),
    Column("policies", Text, nullable=False, comment="JSON: arm to policy"),
    Column("expected_cost", Text, nullable=False, comment="what the merchant was told that it costs"),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Column("is_active", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column(
        "limits", Text, nullable=False, server_default="{}", comment="JSON: outcome to what a unit counts for at most"
    ),
    Column(
        "promoted", Text, nullable=False, server_default="{}", comment="JSON: market, * for all, to the arm that won"
    ),
    comment="Every version of every trial of this shop",
)

experiment_arms = Table(
    "experiment_arms",
    metadata,
    Column("experiment_id", String(60), primary_key=True),
    Column("unit", String(220), primary_key=True, comment="kind:id, of a person the identity that was seen"),
    Column("arm", String(80), nullable=False),
    Column("version", Integer, nullable=False, comment="of the experiment, when it was drawn"),
    Column("at", BigInteger, nullable=False),
    Column("decision_id", String(32), nullable=False, comment="the first decision in this arm"),
    Index("ix_experiment_arms_unit", "unit"),
    comment="The arm of every unit as first assigned; written once, never drawn again",
)
