"""Who buys: customers, identities, accounts with their members, consents, and the small rows read with a person."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from crosslift.store.tables.columns import Id, hashed, imported, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("locale", String(35)),
    Column("market", String(10)),
    Column("created_at", BigInteger),
    Column("traits", Text, nullable=False, server_default="{}"),
    Column("updated_at", BigInteger, comment="when the source changed the record; tells its versions apart"),
    *imported(),
    Index("ix_customers_customer_id", "customer_id"),
    Index("ix_customers_import_id", "import_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("identity", String(220), primary_key=True, comment="kind:value, e.g. customer:17850"),
    Column("person_id", String(220), nullable=False),
    Column("mapping_version", BigInteger, nullable=False, server_default="0"),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("arm", String(40), comment="first assignment; never re-hashed (DESIGN 2b.3)"),
    Column("assigned_at", BigInteger),
    Index("ix_identities_person_id", "person_id"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(12), comment="company or household; NULL where the source does not say"),
    Column("parent_id", String(200)),
    Column("market", String(60)),
    Column("created_at", BigInteger),
    Column("updated_at", BigInteger),
    *hashed(),
    Index("ix_accounts_account_id", "account_id"),
    Index("ix_accounts_parent_id", "parent_id"),
    Index("ix_accounts_import_id", "import_id"),
    comment="Companies and households; who belongs to them is in account_members",
)

account_members = Table(
    "account_members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", String(200), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column(
        "role", String(80), nullable=False, comment="buyer, approver, user, decision_maker, billing, influencer ..."
    ),
    Column("since", BigInteger),
    Column("until", BigInteger),
    Column("updated_at", BigInteger),
    *hashed(),
    Index("ix_account_members_account_id", "account_id", "customer_id", "role"),
    Index("ix_account_members_customer_id", "customer_id"),
    Index("ix_account_members_import_id", "import_id"),
    comment="One row a role: a person may buy and approve",
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("channel", String(20), nullable=False, comment="'*' for all channels"),
    Column("status", String(12), nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text),
    Column("proof", Text),
    Column("at", BigInteger, nullable=False),
    Column("row_hash", BigInteger, nullable=False),
    *imported(),
    Index("ix_consents_customer_id", "customer_id", "purpose", "channel", "at"),
    Index("ix_consents_import_id", "import_id"),
    comment="Append-only ledger: the newest entry per purpose and channel counts, missing means no",
)

person_states = Table(
    "person_states",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("owned", LargeBinary, nullable=False, comment="msgpack list of product ids bought and kept"),
    Column("n_orders", Integer, nullable=False),
    Column("last_order_at", BigInteger),
    Column("row_version", BigInteger, nullable=False, server_default="0"),
)

refill_dues = Table(
    "refill_dues",
    metadata,
    Column("identity", String(220), primary_key=True),
    Column("product_id", String(200), primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("interval_days", Float, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("n_gaps", Integer, nullable=False, comment="the person's own; 0 where only other people's are known"),
    Column("basis", String(40), nullable=False),
    comment="What a person will need and when, as last learned; read with the person",
    sqlite_with_rowid=False,
)
