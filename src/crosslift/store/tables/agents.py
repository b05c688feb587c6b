"""Who sells with the customer before them, and what customers confirmed of it."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from crosslift.store.tables.columns import Id, hashed, metadata

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text),
    Column("licences", Text, nullable=False, comment="JSON list, sorted"),
    Column("is_active", Boolean, nullable=False),
    Column("updated_at", BigInteger),
    *hashed(),
    Index("ix_agents_agent_id", "agent_id"),
    Index("ix_agents_import_id", "import_id"),
    comment="People who sell at desk, till and telephone, each as they stand now",
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("confirmation_id", String(200), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column("answer", String(3), nullable=False, comment="yes, or no: the customer did not want it"),
    Column("source", String(200)),
    Column("order_id", String(200)),
    Column("line_id", String(80), comment="NULL for the whole order"),
    Column("subscription_id", String(200)),
    Column("decision_id", String(40)),
    Column("product_id", String(200), comment="the one product it is about; NULL for all of what it names"),
    Column("agent_id", String(200)),
    Column("method", String(12), nullable=False, comment="link, code, signature or recording"),
    Column("wording", Text, comment="the sentence, or its version, that was answered"),
    Column("content", Text, comment="JSON: product, price lines and terms as they were shown"),
    Column("proof", Text, comment="where the token, signature or recording is"),
    Column("at", BigInteger, nullable=False),
    *hashed(),
    Index("ix_confirmations_confirmation_id", "confirmation_id"),
    Index("ix_confirmations_customer_id", "customer_id", "at"),
    Index("ix_confirmations_import_id", "import_id"),
    comment="The customer's own answer to a sale that somebody made with them; append-only",
)
