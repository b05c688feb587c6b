"""Who did what, as a chain nobody edits unseen; roles, expiry and use of API keys; users, their sessions, links, deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _audit()
    _keys()
    _users()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="user:id, key:id, cli:account or python"),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object", sa.Text(), nullable=False, comment="what it was done to"),
        sa.Column("subject", sa.String(length=32), comment="keyed hash of the customer it is about"),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON; nothing about a customer"),
        sa.Column(
            "hash", sa.String(length=64), nullable=False, comment="SHA-256 of all of it and of the hash before it"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        comment="Append-only; shop_meta holds the head, and triggers refuse whoever would change a row",
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "audit_people",
        sa.Column("identity", sa.String(length=220), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="random; erasing the person destroys it"),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_audit_people")),
        comment="The key by which each identity is hashed in the audit",
        sqlite_with_rowid=False,
    )
    told = "the audit is only ever added to"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger audit_refuses_{verb} before {verb} on audit begin select raise(abort, '{told}'); end"
            )
    else:
        op.execute(
            "create function audit_refuses() returns trigger language plpgsql as "
            f"'begin raise exception ''{told}''; end'"
        )
        op.execute(
            "create trigger audit_refuses before update or delete on audit for each row execute function audit_refuses()"
        )


def _keys() -> None:
    roles = sa.Column(
        "roles",
        sa.Text(),
        nullable=False,
        server_default='["admin"]',
        comment="JSON list; a publishable key has none",
    )
    op.add_column("api_keys", roles)
    op.add_column("api_keys", sa.Column("expires_at", sa.BigInteger()))
    op.add_column("api_keys", sa.Column("used_at", sa.BigInteger(), comment="when it was last used, to the minute"))
    op.add_column("api_keys", sa.Column("replaces", sa.String(length=40), comment="the key it was made in place of"))
    op.execute("update api_keys set roles = '[]' where kind = 'publishable'")


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False, comment="name or address, in small letters"),
        sa.Column("roles", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("password", sa.Text(), comment="scrypt with its costs and salt; NULL until one was chosen"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("login"),
        comment="People of the back office",
    )
    op.create_table(
        "user_links",
        sa.Column("link_hash", sa.String(length=64), nullable=False, comment="BLAKE2b of the token; it is shown once"),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False, comment="invite or reset"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("link_hash", name=op.f("pk_user_links")),
        comment="Links by which somebody chooses a password; each works once",
    )
    op.create_index("ix_user_links_user_id", "user_links", ["user_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("session_hash", sa.String(length=64), nullable=False, comment="BLAKE2b of the cookie"),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="however much it is used"),
        sa.Column("idle_until", sa.BigInteger(), nullable=False, comment="moved on while it is used"),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_sessions")),
        comment="Who is signed in",
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("delivery_hash", sa.String(length=32), nullable=False, comment="BLAKE2b of source and delivery id"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_hash", name=op.f("pk_deliveries")),
        comment="Signed deliveries that were taken in; each counts once",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"], unique=False)
