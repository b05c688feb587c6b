"""The steps of an import in SQLite, each within the transaction of its caller; and the shop's change number."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from crosslift.domain.identity import CONTACT
from crosslift.store import sqlite_curation, sqlite_erase, sqlite_imports, sqlite_people, sqlite_versions
from crosslift.store.ports import Outcome, Row, TableRows


def new_import(
    c: sqlite3.Connection,
    dataset: str,
    source: str,
    format_name: str,
    now: int,
    content_hash: str | None,
    state: str,
) -> int:
    """Open an import and give its id."""
    row = c.execute(
        "insert into imports (dataset, source, format, state, started_at, content_hash) values (?,?,?,?,?,?)",
        (dataset, source, format_name, state, now, content_hash),
    )
    return int(row.lastrowid or 0)


def standing_import(c: sqlite3.Connection, dataset: str, now: int) -> int:
    """One committed import stands for all rows of a dataset that come one by one: each is visible on its own."""
    row = c.execute("select id from imports where dataset = ? and source = 'api' limit 1", (dataset,)).fetchone()
    return int(row[0]) if row else new_import(c, dataset, "api", "api", now, None, "committed")


def add_rows(
    c: sqlite3.Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]
) -> Outcome:
    """Add rows to an import; existing keys are compared as DESIGN 2b.1 says."""
    if dataset == "events":
        rows = without_erased(c, rows)
    if dataset == "identity_evidence":
        rows = evidence_without_erased(c, rows)
    outcome = sqlite_imports.add(c, import_id, dataset, columns, rows)
    n_rows = 0 if dataset == "orders" else outcome.n_new + outcome.n_replaced  # an order's header is no row of its own
    sqlite_imports.note_needs(c, import_id, outcome.needs)
    c.execute(
        "update imports set n_rows = n_rows + ?, n_replaced = n_replaced + ? where id = ?",
        (n_rows, outcome.n_replaced, import_id),
    )
    return outcome


def without_erased(c: sqlite3.Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out events of whoever was erased; the instant is the third value, the identity the fifth."""
    gone = _gone(c, [(row[4], row[2]) for row in rows if row[4]]) if sqlite_erase.has_erased(c) else ()
    return [row for row in rows if row[4] not in gone] if gone else rows


def evidence_without_erased(c: sqlite3.Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out what is said of a customer, browser or device that was erased; both identities come first, the instant fourth.

    An address or number may be somebody else's by now.
    """
    if not sqlite_erase.has_erased(c):
        return rows
    gone = _gone(c, [(name, row[3]) for row in rows for name in row[:2] if name.partition(":")[0] not in CONTACT])
    return [row for row in rows if gone.isdisjoint(row[:2])]


def _gone(c: sqlite3.Connection, told: Sequence[tuple[str, int]]) -> set[str]:
    newest: dict[str, int] = {}
    for name, at in told:
        newest[name] = max(at, newest.get(name, at))
    return sqlite_erase.kept_out(c, newest)


def put(
    c: sqlite3.Connection, dataset: str, tables: Sequence[TableRows], format_name: str, now: int
) -> dict[str, Outcome]:  # fmt: skip
    """Import rows as a whole; whoever bought or gave back has the state that follows from it at once."""
    import_id = new_import(c, dataset, "api", format_name, now, None, "pending")
    outcomes = {table: add_rows(c, import_id, table, columns, rows) for table, columns, rows in tables}
    commit(c, import_id, now, "{}")
    if dataset in sqlite_versions.OF_ORDERS:
        customers = sqlite_imports.touched_customers(c, [import_id])
        if customers:
            sqlite_imports.refresh_states(c, customers)
    return outcomes


def commit(c: sqlite3.Connection, import_id: int, now: int, report: str) -> None:
    """Make an import visible, and bring what follows from its rows at once up to date."""
    if sqlite_erase.forget_again(c, import_id):
        report = sqlite_erase.without_samples(report)
    dataset, n_replaced = c.execute("select dataset, n_replaced from imports where id = ?", (import_id,)).fetchone()
    sqlite_versions.settle(c, import_id, dataset, replaces=n_replaced > 0)
    c.execute(
        "update imports set state = 'committed', finished_at = ?, report = ? where id = ?",
        (now, report, import_id),
    )
    if dataset == "customers":
        sqlite_people.supersede_contacts(c, import_id)
    if dataset == "products":
        sqlite_imports.refresh_live(c, import_id, next_change(c), now)
    if dataset in sqlite_curation.LIVE and sqlite_curation.has_rows(c, dataset, import_id):
        sqlite_curation.note_change(c, dataset, next_change(c))
    sqlite_imports.mark_dirty(c, import_id, dataset)
    sqlite_imports.note_identities(c, import_id, dataset, now)


def abandon(c: sqlite3.Connection, import_id: int, now: int) -> None:
    """Remove every row of an import that was never visible."""
    for table in sqlite_imports.IMPORTED:
        c.execute(f"delete from {table} where import_id = ?", (import_id,))
    c.execute("delete from message_ids where import_id = ?", (import_id,))
    c.execute("delete from import_needs where import_id = ?", (import_id,))
    c.execute("update imports set state = 'abandoned', finished_at = ? where id = ?", (now, import_id))


def change_number(c: sqlite3.Connection) -> int:
    """Give the number of the last change of what every decision reads."""
    row = c.execute("select value from shop_meta where key = 'change_number'").fetchone()
    return int(row[0]) if row else 0


def next_change(c: sqlite3.Connection) -> int:
    """Count one change more; gives its number."""
    number = change_number(c) + 1
    upsert(c, "shop_meta", {"key": "change_number", "value": str(number)})
    return number


def upsert(c: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row, or put it in place of the one with its key."""
    marks = ", ".join("?" * len(row))
    c.execute(f"insert or replace into {table} ({', '.join(row)}) values ({marks})", tuple(row.values()))


def named_rows(c: sqlite3.Connection, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Give what a statement finds, each row by the names of its columns."""
    cursor = c.execute(statement, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
