"""How imported rows enter SQLite: compared with what is there, versioned, marked, never half visible."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from crosslift.store.ports import Outcome, Row
from crosslift.store.tables import VISIBLE

IMPORTED = ("products", "customers", "consents", "orders", "order_lines", "returns", "events")
"""Tables whose rows carry an import id."""

_KEYS = {
    "products": ("product_id",),
    "customers": ("customer_id",),
    "orders": ("source", "order_id"),
    "order_lines": ("source", "order_id", "line_id"),
    "returns": ("source", "order_id", "line_id"),
}
_BATCH = 400


def add(c: sqlite3.Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
    """Insert what is new or newer; count what is the same; name what conflicts."""
    if dataset == "events":
        return Outcome(n_new=add_events(c, import_id, rows))
    if dataset == "consents":
        rows, n_same = _unseen_consents(c, columns, rows)
        _insert(c, dataset, columns, rows, import_id)
        return Outcome(n_new=len(rows), n_same=n_same)
    outcome = Outcome()
    fresh = _compared(c, import_id, dataset, columns, rows, outcome)
    _insert(c, dataset, columns, fresh, import_id)
    return outcome


def add_events(c: sqlite3.Connection, import_id: int, rows: Sequence[Row]) -> int:
    """Insert events whose message id was never seen.

    Rows: message_hash, name, at, received_at, identity, product_id, channel, decision_id, properties.
    """
    new = []
    for row in rows:
        done = c.execute(
            "insert or ignore into message_ids (message_hash, import_id, seen_on) values (?,?,?)",
            (row[0], import_id, row[3] // 86_400_000_000),
        )
        if done.rowcount:
            new.append((*row, import_id))
    c.executemany(
        "insert into events (message_hash, name, at, received_at, identity, product_id, channel, decision_id, "
        "properties, import_id) values (?,?,?,?,?,?,?,?,?,?)",
        new,
    )
    return len(new)


def _insert(c: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Row], import_id: int) -> None:
    marks = ", ".join("?" * len(columns))
    c.executemany(f"insert into {table} ({', '.join(columns)}, import_id) values ({marks}, {import_id:d})", rows)


def _unseen_consents(c: sqlite3.Connection, columns: Sequence[str], rows: Sequence[Row]) -> tuple[list[Row], int]:
    who, what = columns.index("customer_id"), columns.index("row_hash")
    new, n_same = [], 0
    for row in rows:
        seen = c.execute(
            f"select 1 from consents where customer_id = ? and row_hash = ? and {VISIBLE} limit 1",
            (row[who], row[what]),
        ).fetchone()
        if seen:
            n_same += 1
        else:
            new.append(row)
    return new, n_same


def _compared(
    c: sqlite3.Connection,
    import_id: int,
    dataset: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    outcome: Outcome,
) -> list[Row]:
    """Split rows into new, same, newer and conflicting, by key (DESIGN 2b.1)."""
    key_columns = _KEYS[dataset]
    if not _any_before(c, import_id, dataset, columns, rows):
        outcome.n_new += len(rows)
        return list(rows)
    places = [columns.index(name) for name in key_columns]
    version = columns.index("updated_at") if "updated_at" in columns else None
    compared = ["row_hash"] if "row_hash" in columns else [name for name in columns if name not in key_columns]
    values = [columns.index(name) for name in compared]
    may_replace = dataset in ("products", "customers", "orders")
    fresh = []
    for row in rows:
        old = c.execute(
            f"select {', '.join(compared)}, {'updated_at' if version is not None else 'null'} from {dataset} where "
            + " and ".join(f"{name} = ?" for name in key_columns)
            + f" and superseded_by is null and (import_id = {import_id:d} or import_id in "
            "(select id from imports where state = 'committed')) order by id desc limit 1",
            tuple(row[i] for i in places),
        ).fetchone()
        if old is None:
            outcome.n_new += 1
            fresh.append(row)
        elif _same(old[:-1], [row[i] for i in values]):
            outcome.n_same += 1
        elif may_replace or (version is not None and row[version] is not None and row[version] > (old[-1] or 0)):
            outcome.n_replaced += 1
            fresh.append(row)
        else:
            outcome.conflicts.append(tuple(str(row[i]) for i in places))
    return fresh


def _any_before(
    c: sqlite3.Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]
) -> bool:
    """Tell whether any of these keys could exist already: the first import of a source skips the comparison."""
    if dataset in ("products", "customers"):
        return c.execute(f"select 1 from {dataset} limit 1").fetchone() is not None
    if not rows:
        return False
    at_order, at_source = columns.index("order_id"), columns.index("source")
    orders = sorted({row[at_order] for row in rows})
    source = rows[0][at_source]
    for start in range(0, len(orders), _BATCH):
        chunk = orders[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        found = c.execute(
            f"select 1 from {dataset} where source = ? and order_id in ({marks}) limit 1", (source, *chunk)
        ).fetchone()
        if found:
            return True
    return _repeats(columns, rows, dataset)


def _repeats(columns: Sequence[str], rows: Sequence[Row], dataset: str) -> bool:
    places = [columns.index(name) for name in _KEYS[dataset]]
    return len({tuple(row[i] for i in places) for row in rows}) < len(rows)


def _same(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return all((a if not isinstance(b, bool) else bool(a)) == b for a, b in zip(old, new, strict=True))


def supersede(c: sqlite3.Connection, import_id: int, dataset: str) -> None:
    """Point older visible versions of this import's keys at it."""
    tables = ("orders", "order_lines") if dataset == "orders" else (dataset,)
    for table in tables:
        key = _KEYS.get(table)
        if key is None:
            continue
        same_key = " and ".join(f"new.{name} = {table}.{name}" for name in key)
        c.execute(
            f"update {table} set superseded_by = :import where superseded_by is null and import_id <> :import and "
            f"import_id in (select id from imports where state = 'committed') and exists (select 1 from {table} new "
            f"where {same_key} and new.import_id = :import)"
            if c.execute(f"select 1 from {table} where import_id <> ? limit 1", (import_id,)).fetchone()
            else f"update {table} set superseded_by = :import where 0 and :import",
            {"import": import_id},
        )
        _keep_newest(c, table, key, import_id)


def _keep_newest(c: sqlite3.Connection, table: str, key: Sequence[str], import_id: int) -> None:
    """Within one import the last version of a key wins; earlier ones stay as history."""
    names = ", ".join(key)
    c.execute(
        f"update {table} set superseded_by = :import where import_id = :import and id not in "
        f"(select max(id) from {table} where import_id = :import group by {names})",
        {"import": import_id},
    )


def refresh_live(c: sqlite3.Connection, import_id: int, change_number: int, now: int) -> None:
    """Bring price, stock, activity and kind of the products of an import into the live overlay."""
    sellable = "kind in ('goods', 'service', 'warranty', 'plan', 'bundle')"
    c.execute(
        "insert or replace into product_live (product_id, price_micros, currency, stock, is_active, is_sellable, "
        f"parent_id, change_number, updated_at) select product_id, price_micros, currency, stock, is_active, {sellable}, "
        "parent_id, :number, :now from products where import_id = :import and superseded_by is null",
        {"number": change_number, "now": now, "import": import_id},
    )


def mark_dirty(c: sqlite3.Connection, import_id: int) -> None:
    """Mark the days an import touched, so that their columnar copy is rewritten."""
    for table, day in (("order_lines", "ordered_on"), ("returns", "returned_on")):
        days = c.execute(
            f"select distinct {day} from {table} where import_id = ? or superseded_by = ?",
            (import_id, import_id),
        ).fetchall()
        for (value,) in days:
            marked = c.execute("update parts set is_dirty = 1 where dataset = ? and day = ?", (table, value)).rowcount
            if not marked:
                c.execute("insert into parts (dataset, day, is_dirty) values (?, ?, 1)", (table, value))


def note_identities(c: sqlite3.Connection, import_id: int, now: int) -> None:
    """Remember every customer id an import showed; an identity is its own person until step 3 maps it."""
    for table in ("customers", "orders", "consents"):
        c.execute(
            "insert or ignore into identities (identity, person_id, first_seen_at) "
            f"select distinct 'customer:' || customer_id, 'customer:' || customer_id, ? from {table} "
            "where import_id = ? and customer_id is not null",
            (now, import_id),
        )


def refresh_states(c: sqlite3.Connection, customer_ids: Sequence[str] | None) -> int:
    """Recompute person states: products bought and not returned, orders, last order."""
    limit = ""
    values: tuple[Any, ...] = ()
    if customer_ids is not None:
        limit = f" and customer_id in ({', '.join('?' * len(customer_ids))})"
        values = tuple(customer_ids)
    visible = VISIBLE
    came_back = {
        (source, order, product): quantity
        for source, order, product, quantity in c.execute(
            f"select source, order_id, product_id, sum(quantity) from returns where {visible} group by 1, 2, 3"
        )
    }
    states: dict[str, tuple[dict[str, int], set[str], int]] = {}
    rows = c.execute(
        "select customer_id, source, order_id, product_id, sum(quantity), max(ordered_at) from order_lines where "
        f"{visible} and customer_id is not null and status <> 'adjustment'{limit} group by 1, 2, 3, 4",
        values,
    )
    for customer, source, order, product, quantity, at in rows:
        owned, orders, last = states.get(customer, ({}, set(), 0))
        owned[product] = owned.get(product, 0) + quantity - came_back.get((source, order, product), 0)
        orders.add(order)
        states[customer] = (owned, orders, max(last, at))
    c.executemany(
        "insert into person_states (identity, owned, n_orders, last_order_at, row_version) values (?,?,?,?,0) "
        "on conflict (identity) do update set owned = excluded.owned, n_orders = excluded.n_orders, "
        "last_order_at = excluded.last_order_at, row_version = row_version + 1",
        [
            (
                f"customer:{customer}",
                msgspec.msgpack.encode(sorted(p for p, n in owned.items() if n > 0)),
                len(orders),
                last,
            )
            for customer, (owned, orders, last) in states.items()
        ],
    )
    return len(states)
