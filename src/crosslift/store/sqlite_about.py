"""Everything SQLite holds about one person, table by table, newest first, each row with where it came from."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from crosslift.domain.identity import agent_of, customer_of
from crosslift.store.sqlite_people import marks

BY_CUSTOMER = (
    ("customers", "customer_id", "id"), ("consents", "customer_id", "at"), ("order_lines", "customer_id", "ordered_at"),
    ("subscriptions", "customer_id", "started_at"), ("usage", "customer_id", "at"), ("activities", "customer_id", "at"),
    ("cases", "customer_id", "opened_at"), ("feedback", "customer_id", "at"), ("payments_failed", "customer_id", "at"),
    ("account_members", "customer_id", "id"), ("assignments", "unit_id", "at"), ("logged_choices", "unit_id", "at"),
    ("confirmations", "customer_id", "at"),
)  # fmt: skip
"""Imported tables, the column that names the customer, and the one that orders them in time."""

BY_IDENTITY = (
    ("events", "identity", "at"),
    ("identity_evidence", "first", "at"),
    ("identity_evidence", "second", "at"),
)

PLAIN = (
    ("identities", "identity", "first_seen_at"), ("mapping_changes", "identity", "version"),
    ("identity_splits", "first", "at"), ("identity_splits", "second", "at"), ("refill_dues", "identity", "due_at"),
    ("decisions", "identity", "at"), ("decision_people", "identity", "at"), ("contacts", "identity", "at"),
    ("reactions", "identity", "at"), ("coupons", "identity", "issued_at"), ("coupon_uses", "identity", "redeemed_at"),
    ("experiment_arms", "unit", "at"),
)  # fmt: skip
"""Tables that no import brings."""

_OURS = frozenset({"row_hash", "import_id", "superseded_by", "body", "message_hash", "has_line_id", "id", "code_hash"})
Found = dict[str, list[dict[str, Any]]]


def about(c: sqlite3.Connection, identities: Sequence[str], limit: int | None = None) -> Found:
    """Give the rows of a person by table; the newest `limit` of each, all without one.

    Every imported row says in `provenance` which import brought it: id, file or API, format, and when (microseconds).
    """
    customers = [customer for name in identities if (customer := customer_of(name)) is not None]
    found: Found = {}
    for table, column, order in BY_CUSTOMER:
        found[table] = _imported(c, table, column, order, customers, limit)
    for table, column, order in BY_IDENTITY:
        found.setdefault(table, []).extend(_imported(c, table, column, order, identities, limit))
    for table, column, order in PLAIN:
        rows = c.execute(
            f"select * from {table} where {column} in ({marks(identities)}) order by {order} desc limit ?",
            (*identities, -1 if limit is None else limit),
        )
        found.setdefault(table, []).extend(_named(rows))
    agents = [agent for name in identities if (agent := agent_of(name)) is not None]
    found["agents"] = _imported(c, "agents", "agent_id", "id", agents, limit)
    found["exposures"] = _by_decision(c, "exposures", identities, limit)
    found["responses"] = _by_decision(c, "responses", identities, limit)
    found["promises"] = _by_decision(c, "promises", identities, limit, order="x.made_at desc, x.code desc")
    found["returns"] = _returns(c, customers, limit)
    return {table: rows for table, rows in found.items() if rows}


def about_account(c: sqlite3.Connection, account_id: str, limit: int | None = None) -> Found:
    """Give the rows of an account by table, each with where it came from; members and contracts all, by name."""
    found = {
        table: _imported(c, table, "account_id", order, [account_id], limit if is_limited else None)
        for table, order, is_limited in (
            ("accounts", "id", True), ("account_members", "customer_id", False), ("subscriptions", "started_at", False),
            ("activities", "at", True), ("cases", "opened_at", True),
        )
    }  # fmt: skip
    return {table: rows[::-1] if table == "account_members" else rows for table, rows in found.items() if rows}


def counts(c: sqlite3.Connection, identities: Sequence[str]) -> dict[str, int]:
    """Count the visible rows of a person by table."""
    customers = [customer for name in identities if (customer := customer_of(name)) is not None]
    found = {}
    agents = [agent for name in identities if (agent := agent_of(name)) is not None]
    for table, column, _ in (*BY_CUSTOMER, BY_IDENTITY[0], ("agents", "agent_id", "id")):
        names = {"identity": identities, "agent_id": agents}.get(column, customers)
        found[table] = c.execute(
            f"select count(*) from {table} x join imports i on i.id = x.import_id where x.{column} in ({marks(names)}) "
            "and x.superseded_by is null and i.state = 'committed'",
            tuple(names),
        ).fetchone()[0]
    return {table: n for table, n in found.items() if n}


def _imported(
    c: sqlite3.Connection, table: str, column: str, order: str, names: Sequence[str], limit: int | None
) -> list[dict[str, Any]]:
    if not names:
        return []
    rows = c.execute(  # first which, then whole: of hundreds only the newest are read out
        "select x.*, i.id as from_import, i.source as from_source, i.format as from_format, i.started_at as from_at "
        f"from (select x.id from {table} x join imports i on i.id = x.import_id where x.{column} in ({marks(names)}) "
        f"and x.superseded_by is null and i.state = 'committed' order by x.{order} desc, x.id desc limit ?) newest "
        f"join {table} x on x.id = newest.id join imports i on i.id = x.import_id order by x.{order} desc, x.id desc",
        (*names, -1 if limit is None else limit),
    )
    return [_with_provenance(row) for row in _named(rows)]


def _returns(c: sqlite3.Connection, customers: Sequence[str], limit: int | None) -> list[dict[str, Any]]:
    """Returns name an order; the order names the customer."""
    if not customers:
        return []
    rows = c.execute(
        "select x.*, i.id as from_import, i.source as from_source, i.format as from_format, i.started_at as from_at "
        "from orders o join returns x on x.source = o.source and x.order_id = o.order_id "
        f"join imports i on i.id = x.import_id where o.customer_id in ({marks(customers)}) and o.superseded_by is null "
        "and x.superseded_by is null and i.state = 'committed' order by x.returned_at desc, x.id desc limit ?",
        (*customers, -1 if limit is None else limit),
    )
    return [_with_provenance(row) for row in _named(rows)]


def _by_decision(
    c: sqlite3.Connection,
    table: str,
    identities: Sequence[str],
    limit: int | None,
    order: str = "x.at desc, x.id desc",
) -> list[dict[str, Any]]:
    """Read what hangs on decisions for a person, also where the decision was made without using who they are."""
    names = marks(identities)
    rows = c.execute(
        f"select x.* from (select decision_id from decisions where identity in ({names}) union "
        f"select decision_id from decision_people where identity in ({names})) d "
        f"join {table} x on x.decision_id = d.decision_id order by {order} limit ?",
        (*identities, *identities, -1 if limit is None else limit),
    )
    return _named(rows)


def _named(rows: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in rows.description]
    return [
        {name: value for name, value in zip(names, row, strict=True) if name not in _OURS and value is not None}
        for row in rows
    ]


def _with_provenance(row: dict[str, Any]) -> dict[str, Any]:
    brought = {name: row.pop(f"from_{name}") for name in ("import", "source", "format", "at")}
    return {**row, "provenance": brought}
