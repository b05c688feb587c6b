"""How imported rows enter the records: compared with what is there, versioned, marked, never half visible."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.store import sql_curation, sql_decided, sql_people, sql_versions
from crosslift.store.engine import Connection, replacing
from crosslift.store.ports import Outcome, Row
from crosslift.store.tables import VISIBLE

IMPORTED = (
    "products", "customers", "consents", "orders", "order_lines", "returns", "events", "links", "bundles",
    "subscriptions", "usage", "identity_evidence", "accounts", "account_members", "activities", "cases", "feedback",
    "payments_failed", "campaign_costs", "exchange_rates", "assignments", "logged_choices", "agents", "confirmations",
)  # fmt: skip
"""Tables whose rows carry an import id."""

DAYS = {"order_lines": "ordered_on", "returns": "returned_on", "subscriptions": "started_on", "usage": "read_on"}
"""Tables with a columnar copy, and the column that says in which day's file a row is."""
_BATCH = 400


def add(c: Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
    """Insert what is new or newer; count what is the same; name what conflicts."""
    if dataset == "events":
        return Outcome(n_new=add_events(c, import_id, rows))
    if dataset == "identity_evidence":
        return Outcome(n_new=sql_people.add_evidence(c, import_id, columns, rows))
    outcome = Outcome()
    if dataset == "consents":
        _insert(c, dataset, columns, _unseen_consents(c, import_id, columns, rows, outcome), import_id)
        return outcome
    if dataset == "bundles":
        _insert(c, dataset, columns, sql_curation.fresh_bundles(c, import_id, columns, rows, outcome), import_id)
        return outcome
    fresh = sql_versions.compared(c, import_id, dataset, columns, rows, outcome)
    _insert(c, dataset, columns, fresh, import_id)
    if dataset == "customers":
        sql_people.bring_contacts(c, import_id, columns, fresh, replaces=outcome.n_replaced > 0)
    return outcome


def add_events(c: Connection, import_id: int, rows: Sequence[Row]) -> int:
    """Insert events whose message id was never seen; ids in their order, which the table has them in, and events as they came.

    Rows: message_hash, name, at, received_at, identity, product_id, channel, decision_id, properties.
    """
    seen = _seen_messages(c, sorted({row[0] for row in rows}))
    if seen:
        seen -= _taken_over(c, import_id, sorted(seen))
        note_needs(c, import_id, _brought_by(c, sorted(seen)))
    new: dict[bytes, Row] = {}
    for row in rows:
        if row[0] not in seen:
            new.setdefault(row[0], row)
    c.executemany(
        "insert into message_ids (message_hash, import_id, seen_on) values (?,?,?)",
        [(digest, import_id, new[digest][3] // 86_400_000_000) for digest in sorted(new)],
    )
    c.executemany(
        "insert into events (message_hash, name, at, received_at, identity, product_id, channel, decision_id, "
        f"properties, import_id) values (?,?,?,?,?,?,?,?,?,{import_id:d})",
        new.values(),
    )
    return len(new)


def _taken_over(c: Connection, import_id: int, digests: Sequence[bytes]) -> set[bytes]:
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


def _seen_messages(c: Connection, digests: Sequence[bytes]) -> set[bytes]:
    seen: set[bytes] = set()
    for start in range(0, len(digests), _BATCH):
        chunk = digests[start : start + _BATCH]
        rows = c.execute(
            f"select message_hash from message_ids where message_hash in ({', '.join('?' * len(chunk))})", chunk
        )
        seen.update(row[0] for row in rows)
    return seen


def _brought_by(c: Connection, digests: Sequence[bytes]) -> set[int]:
    """Name the imports that brought some messages."""
    found: set[int] = set()
    for start in range(0, len(digests), _BATCH):
        chunk = digests[start : start + _BATCH]
        marks = ", ".join("?" * len(chunk))
        rows = c.execute(f"select distinct import_id from message_ids where message_hash in ({marks})", chunk)
        found.update(row[0] for row in rows)
    return found


def note_needs(c: Connection, import_id: int, needed: Iterable[int]) -> None:
    """Remember that an import did not bring some rows because others had brought them."""
    others = set(needed) - {import_id}
    c.executemany(
        "insert into import_needs (import_id, needs_id) values (?, ?) on conflict do nothing",
        ((import_id, one) for one in others),
    )


def _insert(c: Connection, table: str, columns: Sequence[str], rows: Sequence[Row], import_id: int) -> None:
    marks = ", ".join("?" * len(columns))
    c.executemany(f"insert into {table} ({', '.join(columns)}, import_id) values ({marks}, {import_id:d})", rows)


def _unseen_consents(
    c: Connection, import_id: int, columns: Sequence[str], rows: Sequence[Row], outcome: Outcome
) -> list[Row]:
    who, what = columns.index("customer_id"), columns.index("row_hash")
    new: dict[Row, Row] = {}
    for row in rows:
        key = (row[who], row[what])
        statement = (
            "select i.id from consents c cross join imports i on i.id = c.import_id where c.customer_id = ? "
            f"and c.row_hash = ? and c.superseded_by is null and (i.state = 'committed' or i.id = {import_id:d}) limit 1"
        )
        if key in new:
            continue
        found = c.execute(statement, key).fetchone()
        if found is None:
            new[key] = row
        else:
            outcome.needs.add(found[0])
    outcome.n_new, outcome.n_same = len(new), len(rows) - len(new)
    return list(new.values())


def refresh_live(c: Connection, import_id: int, change_number: int, now: int) -> None:
    """Bring price, stock, activity and kind of the products of an import into the live overlay.

    A product derived from order lines never takes back what the merchant patched since.
    """
    _save_live(c, import_id)
    sellable = f"new.kind in {SELLABLE_KINDS}"  # a tuple of texts reads the same in SQL
    patched = "new.is_derived and live.{0} is not old.{0} and live.product_id is not null"
    live = ", ".join(
        f"case when {patched.format(name)} then live.{name} else new.{name} end"
        for name in ("price_micros", "currency", "stock", "is_active")
    )
    c.execute(
        "insert into product_live (product_id, price_micros, currency, stock, is_active, is_sellable, "
        f"parent_id, change_number, updated_at) select new.product_id, {live}, {sellable}, new.parent_id, :number, :now "
        "from products new left join product_live live on live.product_id = new.product_id "
        "left join products old on old.product_id = new.product_id and old.superseded_by = :import "
        "and old.import_id <> :import where new.import_id = :import and new.superseded_by is null "
        f"{replacing('product_live')}",
        {"number": change_number, "now": now, "import": import_id},
    )


LIVE = ("price_micros", "currency", "stock", "is_active", "is_sellable", "parent_id")
"""What the live overlay holds of a product."""


def _save_live(c: Connection, import_id: int) -> None:
    """Keep the live values a file is about to change; none of its products has left the catalog."""
    changed = " or ".join(f"live.{name} is not new.{name}" for name in LIVE if name != "is_sellable")
    c.execute(
        f"insert into live_before (import_id, product_id, {', '.join(LIVE)}) "
        f"select :import, live.product_id, {', '.join(f'live.{name}' for name in LIVE)} from products new "
        "join product_live live on live.product_id = new.product_id join imports i on i.id = :import "
        "where i.source <> 'api' and new.import_id = :import and new.superseded_by is null "
        f"and ({changed} or live.is_sellable <> (new.kind in {SELLABLE_KINDS})) {replacing('live_before')}",
        {"import": import_id},
    )
    c.execute(
        "delete from live_gone where product_id in (select product_id from products where import_id = ?)", (import_id,)
    )


def has_moved_on(c: Connection, dataset: str, day: int, n_rows: int, watermark: int) -> bool:
    """Tell whether a day's visible rows are others than those a file was written from."""
    if dataset == sql_decided.LOG:
        return sql_decided.has_moved_on(c, day, n_rows, watermark)
    found = c.execute(
        f"select count(*), coalesce(max(id), 0) from {dataset} where {DAYS[dataset]} = ? and {VISIBLE}", (day,)
    ).fetchone()
    return bool(found != (n_rows, watermark))


def mark_dirty(c: Connection, import_id: int, dataset: str) -> None:
    """Mark the days an import touched, so that their columnar copy is rewritten."""
    for table in sql_versions.tables_of(dataset):
        if table not in DAYS:
            continue
        days = c.execute(
            f"select {DAYS[table]} from {table} where import_id = ? union "
            f"select {DAYS[table]} from {table} where superseded_by = ?",
            (import_id, import_id),
        ).fetchall()
        mark_days(c, table, [row[0] for row in days])


def mark_days(c: Connection, table: str, days: Sequence[int]) -> None:
    """Mark days of a table's columnar copy to be rewritten."""
    for value in days:
        marked = c.execute("update parts set is_dirty = true where dataset = ? and day = ?", (table, value)).rowcount
        if not marked:
            c.execute("insert into parts (dataset, day, is_dirty) values (?, ?, true)", (table, value))


NAME_CUSTOMERS = frozenset({
    "customers", "orders", "consents", "subscriptions", "usage", "account_members", "activities", "cases", "feedback",
    "payments_failed", "confirmations",
})  # fmt: skip
"""Tables whose rows name a customer."""


def note_identities(c: Connection, import_id: int, dataset: str, now: int) -> None:
    """Remember every customer id an import showed; an identity is its own person until step 3 maps it."""
    for table in NAME_CUSTOMERS.intersection(sql_versions.tables_of(dataset)):
        c.execute(
            "insert into identities (identity, person_id, first_seen_at) "
            f"select distinct 'customer:' || customer_id, 'customer:' || customer_id, ? from {table} "
            "where import_id = ? and customer_id is not null on conflict do nothing",
            (now, import_id),
        )


def touched_customers(c: Connection, import_ids: Sequence[int]) -> list[str]:
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


def refresh_states(c: Connection, customer_ids: Sequence[str] | None) -> int:
    """Recompute person states: products bought and not cancelled or returned, orders, last order."""
    limit, of_theirs = "customer_id is not null", ""
    values: tuple[Any, ...] = ()
    if customer_ids is not None:
        limit = f"customer_id in ({', '.join('?' * len(customer_ids))})"
        of_theirs = f" and (source, order_id) in (select source, order_id from order_lines where {limit})"
        values = tuple(customer_ids)
    came_back = {
        (source, order, product): quantity
        for source, order, product, quantity in c.execute(
            f"select source, order_id, product_id, sum(quantity) from returns where {VISIBLE}{of_theirs} group by 1, 2, 3",
            values,
        )
    }
    states: dict[str, tuple[dict[str, int], set[tuple[str, str]], int]] = {}
    rows = c.execute(
        "select customer_id, source, order_id, product_id, quantity, status, ordered_at from order_lines "
        f"where {VISIBLE} and status not in ('adjustment', 'test') and {limit}",
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
        "last_order_at = excluded.last_order_at, row_version = person_states.row_version + 1",
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


def _with_state(c: Connection, customer_ids: Sequence[str] | None) -> list[str]:
    """Customers, of these or of all, whose state was computed before: their lines may all be gone by now."""
    if customer_ids is None:
        rows = c.execute("select identity from person_states")
    else:
        marks = ", ".join("?" * len(customer_ids))
        wanted = [f"customer:{customer}" for customer in customer_ids]
        rows = c.execute(f"select identity from person_states where identity in ({marks})", wanted)
    return [identity.removeprefix("customer:") for (identity,) in rows]
