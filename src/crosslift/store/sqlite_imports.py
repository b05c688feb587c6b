"""How imported rows enter SQLite: compared with what is there, versioned, marked, never half visible."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.store import sqlite_curation
from crosslift.store.ports import Outcome, Row
from crosslift.store.tables import VISIBLE

IMPORTED = (
    "products", "customers", "consents", "orders", "order_lines", "returns", "events", "links", "bundles",
    "subscriptions", "usage",
)  # fmt: skip
"""Tables whose rows carry an import id."""

_KEYS = {
    "products": ("product_id",),
    "customers": ("customer_id",),
    "orders": ("source", "order_id"),
    "order_lines": ("source", "order_id", "line_id"),
    "returns": ("source", "order_id", "line_id"),
    "links": ("from_id", "to_id", "kind"),
    "bundles": ("bundle_id",),
    "subscriptions": ("subscription_id",),
    "usage": ("product_id", "customer_id", "meter", "unit", "at"),
}
DAYS = {"order_lines": "ordered_on", "returns": "returned_on", "subscriptions": "started_on", "usage": "read_on"}
"""Tables with a columnar copy, and the column that says in which day's file a row is."""
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
    if dataset == "bundles":
        _insert(c, dataset, columns, sqlite_curation.fresh_bundles(c, import_id, columns, rows, outcome), import_id)
        return outcome
    fresh = _compared(c, import_id, dataset, columns, rows, outcome)
    _insert(c, dataset, columns, fresh, import_id)
    return outcome


def add_events(c: sqlite3.Connection, import_id: int, rows: Sequence[Row]) -> int:
    """Insert events whose message id was never seen.

    Rows: message_hash, name, at, received_at, identity, product_id, channel, decision_id, properties.
    """
    seen = _seen_messages(c, [row[0] for row in rows])
    if seen:
        seen -= _taken_over(c, import_id, sorted(seen))
    new: dict[bytes, Row] = {}
    for row in rows:
        if row[0] not in seen:
            new.setdefault(row[0], row)
    c.executemany(
        "insert into message_ids (message_hash, import_id, seen_on) values (?,?,?)",
        [(digest, import_id, row[3] // 86_400_000_000) for digest, row in new.items()],
    )
    c.executemany(
        "insert into events (message_hash, name, at, received_at, identity, product_id, channel, decision_id, "
        f"properties, import_id) values (?,?,?,?,?,?,?,?,?,{import_id:d})",
        new.values(),
    )
    return len(new)


def _taken_over(c: sqlite3.Connection, import_id: int, digests: Sequence[bytes]) -> set[bytes]:
    """Take messages from a pending import into a committed one: what is acknowledged must not vanish if that is abandoned."""
    if c.execute("select state from imports where id = ?", (import_id,)).fetchone()[0] != "committed":
        return set()
    taken: set[bytes] = set()
    for start in range(0, len(digests), _BATCH):
        chunk = digests[start : start + _BATCH]
        rows = c.execute(
            "select m.message_hash, m.import_id from message_ids m join imports i on i.id = m.import_id "
            f"where i.state = 'pending' and m.message_hash in ({', '.join('?' * len(chunk))})",
            chunk,
        ).fetchall()
        c.executemany("delete from events where message_hash = ? and import_id = ?", rows)
        c.executemany("delete from message_ids where message_hash = ? and import_id = ?", rows)
        taken.update(row[0] for row in rows)
    return taken


def _seen_messages(c: sqlite3.Connection, digests: Sequence[bytes]) -> set[bytes]:
    seen: set[bytes] = set()
    for start in range(0, len(digests), _BATCH):
        chunk = digests[start : start + _BATCH]
        rows = c.execute(
            f"select message_hash from message_ids where message_hash in ({', '.join('?' * len(chunk))})", chunk
        )
        seen.update(row[0] for row in rows)
    return seen


def _insert(c: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Row], import_id: int) -> None:
    marks = ", ".join("?" * len(columns))
    c.executemany(f"insert into {table} ({', '.join(columns)}, import_id) values ({marks}, {import_id:d})", rows)


def _unseen_consents(c: sqlite3.Connection, columns: Sequence[str], rows: Sequence[Row]) -> tuple[list[Row], int]:
    who, what = columns.index("customer_id"), columns.index("row_hash")
    new: dict[Row, Row] = {}
    for row in rows:
        key = (row[who], row[what])
        statement = f"select 1 from consents where customer_id = ? and row_hash = ? and {VISIBLE} limit 1"
        if key not in new and c.execute(statement, key).fetchone() is None:
            new[key] = row
    return list(new.values()), len(rows) - len(new)


def _compared(
    c: sqlite3.Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row], outcome: Outcome
) -> list[Row]:
    """Split rows into new, same, newer and conflicting, by key (DESIGN 2b.1)."""
    places = [columns.index(name) for name in _KEYS[dataset]]
    version = columns.index("updated_at") if "updated_at" in columns else None
    apart = (*_KEYS[dataset], "updated_at")
    is_hashed = "row_hash" in columns
    compared = ["row_hash"] if is_hashed else [name for name in columns if name not in apart]
    values = [columns.index(name) for name in compared]
    same_key = " and ".join(f"{name} = ?" for name in _KEYS[dataset])
    known = f"(import_id = {import_id:d} or import_id in (select id from imports where state = 'committed'))"
    look_up = (
        f"select {', '.join(compared)}, {'updated_at' if version is not None else 'null'} from {dataset} "
        f"where {same_key} and superseded_by is null and {known} order by id desc limit 1"
    )
    look_back = f"select 1 from {dataset} where {same_key} and row_hash = ? and {known} limit 1"
    seen_before = _heads_before(c, dataset, columns, rows)
    here: dict[Row, Row] = {}
    met: set[Row] = set()
    fresh = []
    for row in rows:
        key = tuple(row[i] for i in places)
        old = here.get(key)
        if old is None and key[:2] in seen_before:
            old = c.execute(look_up, key).fetchone()
        new = (*(row[i] for i in values), row[version] if version is not None else None)
        if old is None:
            outcome.n_new += 1
        elif _same(old[:-1], new[:-1]):
            outcome.n_same += 1
            continue
        elif _replaces(dataset, new[-1], old[-1]):
            outcome.n_replaced += 1
        elif is_hashed and ((*key, new[0]) in met or c.execute(look_back, (*key, new[0])).fetchone()):
            outcome.n_same += 1  # an old version once more, from an older export
            continue
        else:
            outcome.conflicts.append(tuple(str(part) for part in key))
            continue
        here[key] = new
        met.add((*key, new[0]))
        fresh.append(row)
    return fresh


_REPLACED = frozenset({"products", "customers", "orders", "links", "subscriptions"})
"""Tables where later content simply replaces: the catalog, people, what the merchant wrote, contracts as they stand now,
and order headers that follow their lines."""


def _replaces(dataset: str, at: int | None, before: int | None) -> bool:
    """Tell whether other content takes over: order lines need a newer updated_at, the catalog only no older one."""
    if dataset in _REPLACED:
        return sqlite_curation.is_no_older(at, before)
    return at is not None and at > (before or 0)


def _heads_before(c: sqlite3.Connection, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> set[Row]:
    """Give the beginnings of keys that are in the table already; only rows with these need a comparison."""
    *fixed, last = _KEYS[dataset][:2]
    places = [columns.index(name) for name in (*fixed, last)]
    wanted: dict[Row, set[Any]] = {}
    for row in rows:
        *outer, inner = (row[i] for i in places)
        wanted.setdefault(tuple(outer), set()).add(inner)
    found: set[Row] = set()
    for outer_key, inners in wanted.items():
        listed = sorted(inners)
        for start in range(0, len(listed), _BATCH):
            chunk = listed[start : start + _BATCH]
            where = " and ".join([*(f"{name} = ?" for name in fixed), f"{last} in ({', '.join('?' * len(chunk))})"])
            rows_found = c.execute(f"select distinct {last} from {dataset} where {where}", (*outer_key, *chunk))
            found.update((*outer_key, row[0]) for row in rows_found)
    return found


def _same(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return all((a if not isinstance(b, bool) else bool(a)) == b for a, b in zip(old, new, strict=True))


def drop_bare_orders(c: sqlite3.Connection, import_id: int) -> None:
    """Take back order headers none of whose lines came in: those lines were the same, or in conflict."""
    c.execute(
        "delete from orders where import_id = :import and not exists (select 1 from order_lines l "
        "where l.source = orders.source and l.order_id = orders.order_id and l.import_id = :import)",
        {"import": import_id},
    )


def was_overtaken(c: sqlite3.Connection, import_id: int, dataset: str) -> bool:
    """Tell whether a later import of the dataset was committed first: its rows were not seen when ours were compared."""
    statement = "select 1 from imports where dataset = ? and state = 'committed' and id > ? limit 1"
    return c.execute(statement, (dataset, import_id)).fetchone() is not None


def supersede(c: sqlite3.Connection, import_id: int, dataset: str) -> None:
    """Point earlier visible versions of this import's keys at it; within one import the last version wins."""
    for table in ("orders", "order_lines") if dataset == "orders" else (dataset,):
        key = _KEYS.get(table)
        if key is None:
            continue
        same_key = " and ".join(f"old.{name} = new.{name}" for name in key)
        if table == "bundles":  # the parts of one bundle share its key
            sqlite_curation.supersede_bundles(c, import_id)
            continue
        c.execute(
            f"update {table} set superseded_by = :import where id in (select old.id from {table} new join {table} old "
            f"on {same_key} where new.import_id = :import and old.superseded_by is null and (old.import_id = :import "
            "and old.id < new.id or old.import_id in (select id from imports where state = 'committed')))",
            {"import": import_id},
        )


def refresh_live(c: sqlite3.Connection, import_id: int, change_number: int, now: int) -> None:
    """Bring price, stock, activity and kind of the products of an import into the live overlay.

    A product derived from order lines never takes back what the merchant patched since.
    """
    sellable = f"new.kind in {SELLABLE_KINDS}"  # a tuple of texts reads the same in SQL
    patched = "new.is_derived and live.{0} is not old.{0} and live.product_id is not null"
    live = ", ".join(
        f"case when {patched.format(name)} then live.{name} else new.{name} end"
        for name in ("price_micros", "currency", "stock", "is_active")
    )
    c.execute(
        "insert or replace into product_live (product_id, price_micros, currency, stock, is_active, is_sellable, "
        f"parent_id, change_number, updated_at) select new.product_id, {live}, {sellable}, new.parent_id, :number, :now "
        "from products new left join product_live live on live.product_id = new.product_id "
        "left join products old on old.product_id = new.product_id and old.superseded_by = :import "
        "and old.import_id <> :import where new.import_id = :import and new.superseded_by is null",
        {"number": change_number, "now": now, "import": import_id},
    )


def has_moved_on(c: sqlite3.Connection, dataset: str, day: int, n_rows: int, watermark: int) -> bool:
    """Tell whether a day's visible rows are others than those a file was written from."""
    found = c.execute(
        f"select count(*), coalesce(max(id), 0) from {dataset} where {DAYS[dataset]} = ? and {VISIBLE}", (day,)
    ).fetchone()
    return bool(found != (n_rows, watermark))


def mark_dirty(c: sqlite3.Connection, import_id: int, dataset: str) -> None:
    """Mark the days an import touched, so that their columnar copy is rewritten."""
    table = "order_lines" if dataset == "orders" else dataset
    if table not in DAYS:
        return
    days = c.execute(
        f"select distinct {DAYS[table]} from {table} where import_id = ? or superseded_by = ?", (import_id, import_id)
    ).fetchall()
    for (value,) in days:
        marked = c.execute("update parts set is_dirty = 1 where dataset = ? and day = ?", (table, value)).rowcount
        if not marked:
            c.execute("insert into parts (dataset, day, is_dirty) values (?, ?, 1)", (table, value))


def note_identities(c: sqlite3.Connection, import_id: int, dataset: str, now: int) -> None:
    """Remember every customer id an import showed; an identity is its own person until step 3 maps it."""
    if dataset in ("customers", "orders", "consents", "subscriptions", "usage"):
        table = dataset
        c.execute(
            "insert or ignore into identities (identity, person_id, first_seen_at) "
            f"select distinct 'customer:' || customer_id, 'customer:' || customer_id, ? from {table} "
            "where import_id = ? and customer_id is not null",
            (now, import_id),
        )


def touched_customers(c: sqlite3.Connection, import_ids: Sequence[int]) -> list[str]:
    """Name the customers whose orders or returns some imports brought."""
    marks = ", ".join("?" * len(import_ids))
    rows = c.execute(
        f"select customer_id from order_lines where (import_id in ({marks}) or superseded_by in ({marks})) "
        "and customer_id is not null union "
        "select o.customer_id from returns r join orders o on o.source = r.source and o.order_id = r.order_id "
        f"where r.import_id in ({marks}) and o.customer_id is not null",
        (*import_ids, *import_ids, *import_ids),
    )
    return sorted(row[0] for row in rows)


def refresh_states(c: sqlite3.Connection, customer_ids: Sequence[str] | None) -> int:
    """Recompute person states: products bought and not cancelled or returned, orders, last order."""
    limit = "customer_id is not null"
    values: tuple[Any, ...] = ()
    if customer_ids is not None:
        limit = f"customer_id in ({', '.join('?' * len(customer_ids))})"
        values = tuple(customer_ids)
    came_back = {
        (source, order, product): quantity
        for source, order, product, quantity in c.execute(
            f"select source, order_id, product_id, sum(quantity) from returns where {VISIBLE} group by 1, 2, 3"
        )
    }
    states: dict[str, tuple[dict[str, int], set[tuple[str, str]], int]] = {}
    rows = c.execute(
        "select customer_id, source, order_id, product_id, quantity, status, ordered_at from order_lines "
        f"where {VISIBLE} and status <> 'adjustment' and {limit}",
        values,
    )
    for customer, source, order, product, quantity, status, at in rows:
        owned, orders, last = states.get(customer) or ({}, set(), 0)
        kept = min(quantity, 0) if status == "cancelled" else quantity
        owned[product] = owned.get(product, 0) + kept - came_back.pop((source, order, product), 0)
        if kept > 0:
            orders.add((source, order))
            last = max(last, at)
        states[customer] = (owned, orders, last)
    for customer in _with_state(c, customer_ids):
        states.setdefault(customer, ({}, set(), 0))
    c.executemany(
        "insert into person_states (identity, owned, n_orders, last_order_at, row_version) values (?,?,?,?,0) "
        "on conflict (identity) do update set owned = excluded.owned, n_orders = excluded.n_orders, "
        "last_order_at = excluded.last_order_at, row_version = row_version + 1",
        [
            (
                f"customer:{customer}",
                msgspec.msgpack.encode(sorted(p for p, n in owned.items() if n > 0)),
                len(orders),
                last or None,
            )
            for customer, (owned, orders, last) in states.items()
        ],
    )
    return len(states)


def _with_state(c: sqlite3.Connection, customer_ids: Sequence[str] | None) -> list[str]:
    """Customers, of these or of all, whose state was computed before: their lines may all be gone by now."""
    if customer_ids is None:
        rows = c.execute("select identity from person_states")
    else:
        marks = ", ".join("?" * len(customer_ids))
        wanted = [f"customer:{customer}" for customer in customer_ids]
        rows = c.execute(f"select identity from person_states where identity in ({marks})", wanted)
    return [identity.removeprefix("customer:") for (identity,) in rows]
