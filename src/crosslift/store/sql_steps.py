"""The steps of an import, each within the transaction of its caller; and the shop's change number."""

from collections.abc import Sequence
from typing import Any

from crosslift.domain.audit import Entry
from crosslift.domain.identity import CONTACT
from crosslift.store import sql_chain, sql_curation, sql_erase, sql_imports, sql_people, sql_versions
from crosslift.store.engine import Connection, upsert
from crosslift.store.ports import Outcome, Row, TableRows

_CONSENT = {
    "consents": ("purpose || ' / ' || channel", "status", "source, at"),
    "confirmations": ("coalesce(order_id, subscription_id, decision_id, '')", "answer", "method, at"),
}
"""Datasets by which a customer says yes or no: what it is about, the answer, and what else the audit tells."""


def new_import(
    c: Connection,
    dataset: str,
    source: str,
    format_name: str,
    now: int,
    content_hash: str | None,
    state: str,
) -> int:
    """Open an import and give its id."""
    [number] = c.execute(
        "insert into imports (dataset, source, format, state, started_at, content_hash) values (?,?,?,?,?,?) returning id",
        (dataset, source, format_name, state, now, content_hash),
    ).fetchone()
    return int(number)


def standing_import(c: Connection, dataset: str, now: int) -> int:
    """One committed import stands for all rows of a dataset that come one by one: each is visible on its own."""
    row = c.execute("select id from imports where dataset = ? and source = 'api' limit 1", (dataset,)).fetchone()
    return int(row[0]) if row else new_import(c, dataset, "api", "api", now, None, "committed")


def add_rows(c: Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
    """Add rows to an import; existing keys are compared as DESIGN 2b.1 says."""
    if dataset == "events":
        rows = without_erased(c, rows)
    if dataset == "identity_evidence":
        rows = evidence_without_erased(c, rows)
    outcome = sql_imports.add(c, import_id, dataset, columns, rows)
    n_rows = 0 if dataset == "orders" else outcome.n_new + outcome.n_replaced  # an order's header is no row of its own
    sql_imports.note_needs(c, import_id, outcome.needs)
    c.execute(
        "update imports set n_rows = n_rows + ?, n_replaced = n_replaced + ? where id = ?",
        (n_rows, outcome.n_replaced, import_id),
    )
    return outcome


def without_erased(c: Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out events of whoever was erased; the instant is the third value, the identity the fifth."""
    gone = _gone(c, [(row[4], row[2]) for row in rows if row[4]]) if sql_erase.has_erased(c) else ()
    return [row for row in rows if row[4] not in gone] if gone else rows


def evidence_without_erased(c: Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out what is said of a customer, browser or device that was erased; both identities come first, the instant fourth.

    An address or number may be somebody else's by now.
    """
    if not sql_erase.has_erased(c):
        return rows
    gone = _gone(c, [(name, row[3]) for row in rows for name in row[:2] if name.partition(":")[0] not in CONTACT])
    return [row for row in rows if gone.isdisjoint(row[:2])]


def _gone(c: Connection, told: Sequence[tuple[str, int]]) -> set[str]:
    newest: dict[str, int] = {}
    for name, at in told:
        newest[name] = max(at, newest.get(name, at))
    return sql_erase.kept_out(c, newest)


def put(
    c: Connection, dataset: str, tables: Sequence[TableRows], format_name: str, now: int
) -> dict[str, Outcome]:  # fmt: skip
    """Import rows as a whole; whoever bought or gave back has the state that follows from it at once."""
    import_id = new_import(c, dataset, "api", format_name, now, None, "pending")
    outcomes = {table: add_rows(c, import_id, table, columns, rows) for table, columns, rows in tables}
    commit(c, import_id, now, "{}")
    _audit(c, dataset, import_id, now)
    if dataset in sql_versions.OF_ORDERS:
        customers = sql_imports.touched_customers(c, [import_id])
        if customers:
            sql_imports.refresh_states(c, customers)
    return outcomes


def _audit(c: Connection, dataset: str, import_id: int, now: int) -> None:
    """Write down what an API call said of consent, each entry, and of curation."""
    if dataset in _CONSENT:
        about, answer, extra = _CONSENT[dataset]
        rows = named_rows(
            c, f"select customer_id, {about} as about, {answer} as answer, {extra} from {dataset} where import_id = ? "
            "order by id", (import_id,),
        )  # fmt: skip
        for row in rows:
            told = sql_chain.told(row, *extra.split(", "))
            person = f"customer:{row['customer_id']}"
            sql_chain.append(c, Entry(now, f"{dataset.rstrip('s')}.{row['answer']}", row["about"], told, person))
    elif dataset in sql_curation.LIVE and sql_curation.has_rows(c, dataset, import_id):
        [n_rows] = c.execute("select n_rows from imports where id = ?", (import_id,)).fetchone()
        sql_chain.note(c, now, f"{dataset}.put", f"import {import_id}", {"rows": n_rows})


def commit(c: Connection, import_id: int, now: int, report: str) -> None:
    """Make an import visible, and bring what follows from its rows at once up to date."""
    if sql_erase.forget_again(c, import_id):
        report = sql_erase.without_samples(report)
    row = named_rows(c, "select * from imports where id = ?", (import_id,))[0]
    dataset, n_replaced = row["dataset"], row["n_replaced"]
    sql_versions.settle(c, import_id, dataset, replaces=n_replaced > 0)
    c.execute(
        "update imports set state = 'committed', finished_at = ?, report = ? where id = ?",
        (now, report, import_id),
    )
    if dataset == "customers":
        sql_people.supersede_contacts(c, import_id)
    if dataset == "products":
        sql_imports.refresh_live(c, import_id, next_change(c), now)
    if dataset in sql_curation.LIVE and sql_curation.has_rows(c, dataset, import_id):
        sql_curation.note_change(c, dataset, next_change(c))
    sql_imports.mark_dirty(c, import_id, dataset)
    sql_imports.note_identities(c, import_id, dataset, now)
    if row["source"] != "api":
        told = sql_chain.told(row, "dataset", "source", "format", "n_rows", "content_hash")
        sql_chain.note(c, now, "import.commit", f"import {import_id}", told)


def abandon(c: Connection, import_id: int, now: int) -> None:
    """Remove every row of an import that was never visible."""
    for table in sql_imports.IMPORTED:
        c.execute(f"delete from {table} where import_id = ?", (import_id,))
    c.execute("delete from message_ids where import_id = ?", (import_id,))
    c.execute("delete from import_needs where import_id = ?", (import_id,))
    c.execute("update imports set state = 'abandoned', finished_at = ? where id = ?", (now, import_id))


def change_number(c: Connection) -> int:
    """Give the number of the last change of what every decision reads."""
    row = c.execute("select value from shop_meta where key = 'change_number'").fetchone()
    return int(row[0]) if row else 0


def next_change(c: Connection) -> int:
    """Count one change more; gives its number."""
    number = change_number(c) + 1
    upsert(c, "shop_meta", {"key": "change_number", "value": str(number)})
    return number


def named_rows(c: Connection, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Give what a statement finds, each row by the names of its columns."""
    cursor = c.execute(statement, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
