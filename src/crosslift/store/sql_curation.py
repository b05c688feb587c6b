"""What the merchant wrote down and what people hold: functions of a connection, inside its transaction."""

from collections.abc import Sequence

import pyarrow as pa

from crosslift.domain.customer import Due
from crosslift.domain.holding import HELD
from crosslift.store.engine import Connection, as_arrow, upsert
from crosslift.store.ports import Outcome, Row
from crosslift.store.tables import VISIBLE, arrow_schema

LIVE = ("links", "bundles")
"""Tables every write of which holds on the next decision; `shop_meta` knows the change number of the newest."""
LINK_COLUMNS = (
    "id", "from_id", "to_id", "kind", "action", "reason", "author", "value", "expires_at", "market", "attributes",
    "updated_at",
)  # fmt: skip
BUNDLE_COLUMNS = (
    "id", "bundle_id", "product_id", "role", "quantity", "kind", "price_micros", "discount_percent", "currency", "title",
    "titles", "min_parts", "is_active", "attributes", "updated_at",
)  # fmt: skip
_HELD = ", ".join(f"'{status.value}'" for status in sorted(HELD))
RUNNING = (
    f"(s.status in ({_HELD}) and (s.ended_at is null or cast(?1 as bigint) is null or s.ended_at > ?1) "
    "or s.status = 'cancelled' and s.ended_at > ?1)"
)
"""Whether the subscription `s` runs at the first value of a statement; without one its status alone says so."""


def links(c: Connection, now: int) -> pa.Table:
    """Give the links in force, in order of ingestion."""
    cursor = c.execute(
        f"select {', '.join(LINK_COLUMNS)} from links where {VISIBLE} and action <> 'remove' "
        "and (expires_at is null or expires_at > ?) order by id",
        (now,),
    )
    return as_arrow(cursor, arrow_schema("links", LINK_COLUMNS))


def bundles(c: Connection) -> pa.Table:
    """Give every part of every bundle, the parts of one side by side."""
    cursor = c.execute(f"select {', '.join(BUNDLE_COLUMNS)} from bundles where {VISIBLE} order by id")
    return as_arrow(cursor, arrow_schema("bundles", BUNDLE_COLUMNS))


def has_rows(c: Connection, dataset: str, import_id: int) -> bool:
    """Tell whether an import brought anything new."""
    return c.execute(f"select 1 from {dataset} where import_id = ? limit 1", (import_id,)).fetchone() is not None


def note_change(c: Connection, dataset: str, number: int) -> None:
    """Remember the change number of the newest write."""
    upsert(c, "shop_meta", {"key": f"{dataset}_changed_at", "value": str(number)})


def changed_at(c: Connection, dataset: str) -> int:
    """Give the change number of the newest write, 0 before the first."""
    row = c.execute("select value from shop_meta where key = ?", (f"{dataset}_changed_at",)).fetchone()
    return int(row[0]) if row else 0


def is_no_older(at: int | None, before: int | None) -> bool:
    """Tell whether a version may replace one of another time; without a time, what came last is the newest."""
    return at is None or before is None or at >= before


def fresh_bundles(
    c: Connection, import_id: int, columns: Sequence[str], rows: Sequence[Row], outcome: Outcome
) -> list[Row]:
    """Choose the rows of bundles that are new or changed; a bundle is the same, replaced or in conflict as a whole.

    A row's hash is its bundle's, so one visible row of another import tells for all of them.
    """
    name, digest, version = (columns.index(one) for one in ("bundle_id", "row_hash", "updated_at"))
    fresh: list[Row] = []
    verdicts: dict[str, str] = {}
    for row in rows:
        bundle = row[name]
        if bundle not in verdicts:
            old = c.execute(
                "select row_hash, updated_at, import_id from bundles where bundle_id = ? and superseded_by is null "
                "and import_id in (select id from imports where state = 'committed' and id <> ?) order by id desc limit 1",
                (bundle, import_id),
            ).fetchone()
            verdicts[bundle] = _verdict(old, row[digest], row[version])
            if verdicts[bundle] == "conflict":
                outcome.conflicts.append((bundle,))
            if verdicts[bundle] in ("same", "conflict"):
                outcome.needs.add(old[2])
        verdict = verdicts[bundle]
        outcome.n_new += verdict == "new"
        outcome.n_same += verdict == "same"
        outcome.n_replaced += verdict == "replaced"
        if verdict in ("new", "replaced"):
            fresh.append(row)
    return fresh


def _verdict(old: Row | None, digest: int, updated_at: int | None) -> str:
    if old is None:
        return "new"
    if old[0] == digest:
        return "same"
    return "replaced" if is_no_older(updated_at, old[1]) else "conflict"


def supersede_bundles(c: Connection, import_id: int) -> None:
    """Point every part of earlier versions of an import's bundles at it, parts that are gone now included."""
    c.execute(
        "update bundles set superseded_by = :import where superseded_by is null and import_id <> :import and import_id in "
        "(select id from imports where state = 'committed') and bundle_id in "
        "(select bundle_id from bundles where import_id = :import)",
        {"import": import_id},
    )


def holdings_of(c: Connection, customers: Sequence[str], accounts: Sequence[str], now: int | None) -> frozenset[str]:
    """Give the products of the running subscriptions of some customers and accounts."""
    held: set[str] = set()
    for owner, ids in (("customer_id", customers), ("account_id", accounts)):
        if not ids:
            continue
        rows = c.execute(
            "select s.product_id from subscriptions s cross join imports i on i.id = s.import_id "
            f"where {RUNNING} and s.{owner} in ({', '.join('?' * len(ids))}) and s.superseded_by is null "
            "and i.state = 'committed'",
            (now, *ids),
        )
        held.update(row[0] for row in rows)
    return frozenset(held)


def dues_of(c: Connection, identities: Sequence[str]) -> tuple[Due, ...]:
    """Give what a person will need, soonest first."""
    rows = c.execute(
        "select product_id, due_at, interval_days, last_at, n_gaps, basis from refill_dues "
        f"where identity in ({', '.join('?' * len(identities))}) order by due_at, product_id, identity",
        tuple(identities),
    )
    return tuple(Due(*row) for row in rows)


def save_dues(c: Connection, rows: Sequence[Row]) -> None:
    """Put all dues in place of the earlier ones."""
    c.execute("delete from refill_dues")
    c.executemany(
        "insert into refill_dues (identity, product_id, due_at, interval_days, last_at, n_gaps, basis) "
        "values (?,?,?,?,?,?,?)",
        rows,
    )
