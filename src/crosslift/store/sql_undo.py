"""Imports taken back: their rows stop counting at once, what they replaced counts again (DESIGN 2b.11)."""

from collections.abc import Callable, Iterator, Sequence

from crosslift.domain.identity import customer_of
from crosslift.errors import BadUsage, Conflict, NotFound
from crosslift.store import sql_curation, sql_imports, sql_versions
from crosslift.store.engine import Connection, replacing
from crosslift.store.ports import Undone
from crosslift.store.tables import VISIBLE

API = "api"
NOT_COUNTED = ("orders", "identity_evidence")
"""Tables whose rows follow from others and are no rows of their own in a report."""
_CHUNK = 500


def undo(
    c: Connection, import_id: int, parts: Sequence[tuple[str, str | None, int]], next_change: Callable[[], int]
) -> Undone:
    """Take a committed import back, in the transaction this is called in.

    Parameters
    ----------
    parts : sequence of (str, str or None, int)
        Files of sealed events that hold some of its events, what takes their place, and how many rows that has.
    next_change : callable
        Gives the next change number of the live values.

    Raises
    ------
    NotFound, BadUsage
        If there is no such import, it does not count, or it did not come as a file.
    Conflict
        If later imports build on it; the message names them.
    """
    dataset, source, format_name = _known(c, import_id)
    _refuse_if_built_on(c, import_id, source)
    touched = _touched(c, import_id)
    named = _sold(c, import_id)
    sql_imports.mark_dirty(c, import_id, dataset)
    n_gone = _count(c, import_id) + _count_sealed(c, parts)
    c.execute("update imports set state = 'undone' where id = ?", (import_id,))
    c.execute("delete from message_ids where import_id = ?", (import_id,))
    n_back = _bring_back(c, import_id)
    for old, new, n_rows in parts:
        c.execute("update parts set file = ?, n_rows = ? where dataset = 'events' and file = ?", (new, n_rows, old))
    c.execute("delete from parts where dataset = 'events' and file is null")
    if dataset == "products":
        _restore_live(c, import_id, next_change())
    dropped = _drop_derived(c, named, next_change)
    if dataset in sql_curation.LIVE and n_gone + n_back:
        sql_curation.note_change(c, dataset, next_change())
    return Undone(import_id, dataset, source, format_name, n_gone, n_back, dropped, touched)


def _known(c: Connection, import_id: int) -> tuple[str, str, str]:
    row = c.execute("select dataset, source, format, state from imports where id = ?", (import_id,)).fetchone()
    if row is None:
        raise NotFound(f"no import {import_id}")
    dataset, source, format_name, state = row
    if source == API:
        raise BadUsage(f"import {import_id} came by the API; send the earlier values again")
    if state != "committed":
        raise BadUsage(f"import {import_id} ({source}) is {state}; there is nothing to take back")
    return dataset, source, format_name


def _refuse_if_built_on(c: Connection, import_id: int, source: str) -> None:
    """Refuse while committed imports replaced rows of this one, or did not bring some because this one had them."""
    later = set(_ids(c, "select import_id from import_needs where needs_id = ?", (import_id,)))
    for table in sql_imports.IMPORTED:
        statement = f"select distinct superseded_by from {table} where import_id = ? and superseded_by is not null"
        later.update(_ids(c, statement, (import_id,)))
    later.discard(import_id)
    found = [
        c.execute("select id, source, format from imports where id = ? and state = 'committed'", (one,)).fetchone()
        for one in sorted(later)
    ]
    names = [f"import {row[0]} ({row[1] if row[1] != API else f'{row[2]}, by the API'})" for row in found if row]
    if names:
        raise Conflict(
            f"import {import_id} ({source}) cannot be taken back: {', '.join(names)} "
            f"{'builds' if len(names) == 1 else 'build'} on it; take back the later first"
        )


def _ids(c: Connection, statement: str, values: Sequence[object]) -> list[int]:
    return [row[0] for row in c.execute(statement, values)]


def _touched(c: Connection, import_id: int) -> tuple[str, ...]:
    """Name the identities an import showed, and those whose evidence it brought or replaced."""
    found: set[str] = set()
    for table in sql_imports.NAME_CUSTOMERS:
        rows = c.execute(f"select distinct customer_id from {table} where import_id = ?", (import_id,))
        found.update(f"customer:{row[0]}" for row in rows if row[0] is not None)
    for first, second in c.execute(
        "select first, second from identity_evidence where import_id = ? or superseded_by = ?", (import_id, import_id)
    ):
        found.update((first, second))
    return tuple(sorted(found))


def _sold(c: Connection, import_id: int) -> list[str]:
    rows = c.execute("select distinct product_id from order_lines where import_id = ?", (import_id,))
    return sorted(row[0] for row in rows)


def _count(c: Connection, import_id: int) -> int:
    """How many rows stop counting."""
    return sum(
        int(c.execute(f"select count(*) from {table} where import_id = ? and {VISIBLE}", (import_id,)).fetchone()[0])
        for table in sql_imports.IMPORTED
        if table not in NOT_COUNTED
    )


def _count_sealed(c: Connection, parts: Sequence[tuple[str, str | None, int]]) -> int:
    statement = "select n_rows from parts where dataset = 'events' and file = ?"
    return sum(int(c.execute(statement, (old,)).fetchone()[0]) - n_left for old, _, n_left in parts)


def _bring_back(c: Connection, import_id: int) -> int:
    """Let what an import replaced count again; give how many rows that are."""
    n_back = 0
    for table in sql_imports.IMPORTED:
        back = _ids(c, f"select id from {table} where superseded_by = ? and import_id <> ?", (import_id, import_id))
        c.executemany(f"update {table} set superseded_by = null where id = ?", ((row,) for row in back))
        if back and table in sql_versions.OF_ORDERS:
            sql_versions.stand_alone(c, table, back)
        if table not in NOT_COUNTED:
            n_back += len(back)
    return n_back


def _restore_live(c: Connection, import_id: int, change_number: int) -> None:
    """Put live values back as they were before an import; what was patched since stays."""
    kept = ", ".join(
        f"{name} = case when live.{name} is x.{name} then b.{name} else live.{name} end"
        for name in ("price_micros", "currency", "stock", "is_active")
    )
    c.execute(
        f"update product_live as live set {kept}, is_sellable = b.is_sellable, parent_id = b.parent_id, "
        "change_number = :number from live_before b join products x on x.product_id = b.product_id "
        "and x.import_id = :import and x.superseded_by is null "
        "where b.import_id = :import and live.product_id = b.product_id",
        {"import": import_id, "number": change_number},
    )
    rows = c.execute("select distinct product_id from products where import_id = ?", (import_id,)).fetchall()
    _take_off(c, [row[0] for row in rows], change_number)


def _take_off(c: Connection, products: Sequence[str], change_number: int) -> None:
    """Take products that no visible row speaks of any more out of the live values."""
    for chunk in _chunks(products):
        marks = ", ".join("?" * len(chunk))
        there = c.execute(f"select product_id from products where product_id in ({marks}) and {VISIBLE}", chunk)
        known = {row[0] for row in there}
        gone = [product for product in chunk if product not in known]
        c.executemany("delete from product_live where product_id = ?", ((product,) for product in gone))
        c.executemany(
            f"insert into live_gone (product_id, change_number) values (?, ?) {replacing('live_gone')}",
            ((product, change_number) for product in gone),
        )


def _drop_derived(c: Connection, products: Sequence[str], next_change: Callable[[], int]) -> int:
    """Delete products that were derived from order lines where no line names them any more; give how many."""
    if not products:
        return 0
    rows = c.execute(f"select distinct product_id from order_lines where {VISIBLE}")
    unnamed = sorted(set(products) - {row[0] for row in rows})
    dropped = 0
    for chunk in _chunks(unnamed):
        marks = ", ".join("?" * len(chunk))
        visible = f"select count(*) from products where is_derived and product_id in ({marks}) and {VISIBLE}"
        dropped += int(c.execute(visible, chunk).fetchone()[0])
        c.execute(f"delete from products where is_derived and product_id in ({marks})", chunk)
    if dropped:
        _take_off(c, unnamed, next_change())
    return dropped


def forget_unseen(c: Connection, identities: Sequence[str]) -> int:
    """Forget identities that nothing shows any more and nobody assigned to anything; give how many."""
    n_forgotten = 0
    for chunk in _chunks(identities):
        left = sorted(set(chunk) - _still_seen(c, chunk))
        n_forgotten += c.executemany(
            "delete from identities where identity = ? and person_id = identity and arm is null",
            ((one,) for one in left),
        ).rowcount
        c.executemany(
            "delete from person_states where identity = ? and not exists (select 1 from order_lines l join imports i "
            "on i.id = l.import_id where l.customer_id = ? and l.superseded_by is null and i.state = 'committed')",
            ((one, customer_of(one) or "") for one in chunk),
        )
    return n_forgotten


def _still_seen(c: Connection, identities: Sequence[str]) -> set[str]:
    marks = ", ".join("?" * len(identities))
    seen: set[str] = set()
    customers = [customer for one in identities if (customer := customer_of(one)) is not None]
    for table in sql_imports.NAME_CUSTOMERS if customers else ():
        rows = c.execute(
            f"select t.customer_id from {table} t cross join imports i on i.id = t.import_id "
            f"where t.customer_id in ({', '.join('?' * len(customers))}) and i.state = 'committed'",
            customers,
        )
        seen.update(f"customer:{row[0]}" for row in rows)
    for end in ("first", "second"):
        evidence = f"select {end} from identity_evidence where {end} in ({marks}) and {VISIBLE}"
        seen.update(row[0] for row in c.execute(evidence, identities))
        seen.update(
            row[0] for row in c.execute(f"select {end} from identity_splits where {end} in ({marks})", identities)
        )
    mapped = f"select person_id from identities where person_id in ({marks}) and identity <> person_id"
    seen.update(row[0] for row in c.execute(mapped, identities))
    return seen


def sweep(c: Connection, most: int) -> int:
    """Delete rows of imports that were taken back, at most so many; give how many went."""
    undone = _ids(c, "select id from imports where state = 'undone'", ())
    n_gone = 0
    for import_id in undone:
        for table in sql_imports.IMPORTED:
            if n_gone < most:
                rows = f"select id from {table} where import_id = ? limit ?"
                n_gone += c.execute(f"delete from {table} where id in ({rows})", (import_id, most - n_gone)).rowcount
        if n_gone < most:
            c.execute("delete from live_before where import_id = ?", (import_id,))
            c.execute("delete from import_needs where import_id = ?", (import_id,))
    return n_gone


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
