"""Which version of a fact stands: rows compared as they come, and each import put in its place at its commit."""

from collections.abc import Sequence
from typing import Any

from crosslift.domain.event import FORMAT
from crosslift.store import sql_curation
from crosslift.store.engine import Connection
from crosslift.store.keys import KEYS, NEVER, Keeps, Key, Verdict, judge
from crosslift.store.ports import Outcome, Row

OF_ORDERS = ("orders", "order_lines", "returns")
"""Tables that files of orders and returns fill, and events that tell of orders."""
_FILLS = {"orders": OF_ORDERS, "events": OF_ORDERS, "feedback": ("feedback", "cases")}
"""Datasets whose imports fill other tables too."""
BY_ORDER = ("order_lines", "returns")
"""Tables in which a file's word on an order takes the place of what events told of it, as a whole."""
_BATCH = 400
_RANKS = {
    Keeps.NEWEST: f"coalesce({{0}}.updated_at, {NEVER})",
    Keeps.LAST: f"coalesce({{0}}.updated_at, {NEVER})",
    Keeps.EARLIEST: "-{0}.at",
    Keeps.TOLD: f"case when {{0}}.outcome is null then {NEVER} else coalesce({{0}}.outcome_at, 0) end",
}
"""`keys.rank` as SQL."""


def compared(
    c: Connection, import_id: int, table: str, columns: Sequence[str], rows: Sequence[Row], outcome: Outcome
) -> list[Row]:
    """Split rows into new, same, newer and conflicting, by key (DESIGN 2b.1); gives those to be inserted."""
    key = KEYS[table]
    places = [columns.index(name) for name in key.columns]
    times = [columns.index(name) if name in columns else None for name in key.times]
    is_hashed = "row_hash" in columns
    content = ["row_hash"] if is_hashed else [n for n in columns if n not in key.columns and n not in key.times]
    values = [columns.index(name) for name in content]
    same_key = " and ".join(f"t.{name} = ?" for name in key.columns)
    known = f"{same_key} and {_counts_beside(c, import_id, table)}"
    wanted = ", ".join(f"t.{name}" for name in (*content, *key.times, "import_id"))
    look_up = f"select {wanted} from {table} t where {known} and t.superseded_by is null order by t.id desc limit 1"
    look_back = f"select t.import_id from {table} t where {known} and t.row_hash = ? limit 1"
    seen_before = _heads_before(c, table, columns, rows)
    here: dict[Row, Row] = {}
    met: set[Row] = set()
    fresh = []
    for row in rows:
        name = tuple(row[i] for i in places)
        old, owner = here.get(name), import_id
        if old is None and name[:2] in seen_before and (found := c.execute(look_up, name).fetchone()) is not None:
            *old, owner = found
        new = (*(row[i] for i in values), *(None if i is None else row[i] for i in times))
        verdict = Verdict.NEW if old is None else _judged(key, new, old)
        if verdict is Verdict.CONFLICT and is_hashed and old is not None and new[0] != old[0]:
            version = (*name, new[0])
            earlier = (import_id,) if version in met else c.execute(look_back, version).fetchone()
            if earlier:
                verdict = Verdict.SAME  # an old version once more, from an older export
                outcome.needs.add(earlier[0])
        _count(outcome, verdict, name)
        if verdict in (Verdict.SAME, Verdict.CONFLICT):
            outcome.needs.add(owner)
        if verdict in (Verdict.NEW, Verdict.REPLACED):
            here[name] = new
            met.add((*name, new[0]))
            fresh.append(row)
    return fresh


def _counts_beside(c: Connection, import_id: int, table: str) -> str:
    """Say which rows an import's are compared with: its own and visible ones; files and events each with their own."""
    state = f"(i.state = 'committed' or i.id = {import_id:d})"
    if table in BY_ORDER:
        state += f" and i.format {'=' if _is_told(c, import_id) else '<>'} '{FORMAT}'"
    return f"exists (select 1 from imports i where i.id = t.import_id and {state})"


def _judged(key: Key, new: Row, old: Row) -> Verdict:
    edge = len(new) - len(key.times)
    return judge(key, _same(old[:edge], new[:edge]), new[edge:], old[edge:])


def _count(outcome: Outcome, verdict: Verdict, name: Row) -> None:
    outcome.verdicts.append(verdict)
    outcome.n_new += verdict is Verdict.NEW
    outcome.n_same += verdict is Verdict.SAME
    outcome.n_replaced += verdict is Verdict.REPLACED
    if verdict is Verdict.CONFLICT:
        outcome.conflicts.append(tuple(str(part) for part in name))


def _heads_before(c: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> set[Row]:
    """Give the beginnings of keys that are in the table already; only rows with these need a comparison."""
    *fixed, last = KEYS[table].columns[:2]
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
            rows_found = c.execute(f"select distinct {last} from {table} where {where}", (*outer_key, *chunk))
            found.update((*outer_key, row[0]) for row in rows_found)
    return found


def _same(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return all((a if not isinstance(b, bool) else bool(a)) == b for a, b in zip(old, new, strict=True))


def settle(c: Connection, import_id: int, dataset: str, *, replaces: bool) -> None:
    """Put the rows of an import in their place among those that stand, just before it becomes visible.

    Parameters
    ----------
    replaces : bool
        Whether some of its rows were found to replace others when they came in.
    """
    tables = tables_of(dataset)
    if dataset in ("orders", "events", "returns"):
        if not any(_has_rows(c, table, import_id) for table in tables):
            return
        _give_way(c, import_id, is_told=_is_told(c, import_id))
        _drop_bare_orders(c, import_id)
    is_overtaken = _was_overtaken(c, import_id, dataset)
    for table in tables:
        if table == "bundles" and (replaces or is_overtaken):  # the parts of one bundle share its key
            sql_curation.supersede_bundles(c, import_id)
        elif table in KEYS and table != "bundles":
            if is_overtaken:
                _yield_to_newer(c, import_id, table)
            if replaces or is_overtaken:
                _supersede(c, import_id, table)


def tables_of(dataset: str) -> tuple[str, ...]:
    """Name the keyed tables an import of a dataset may fill."""
    return _FILLS.get(dataset, (dataset,))


def _has_rows(c: Connection, table: str, import_id: int) -> bool:
    return c.execute(f"select 1 from {table} where import_id = ? limit 1", (import_id,)).fetchone() is not None


def _is_told(c: Connection, import_id: int) -> bool:
    """Tell whether an import holds what events told."""
    found = c.execute("select format from imports where id = ?", (import_id,)).fetchone()
    return bool(found[0] == FORMAT)


def _give_way(c: Connection, import_id: int, *, is_told: bool) -> None:
    """Let a file's word on an order stand in place of what events told of it, whichever came first."""
    for table in BY_ORDER:
        if is_told:
            c.execute(
                f"update {table} set superseded_by = (select max(f.import_id) from {table} f cross join imports i "
                f"on i.id = f.import_id where f.source = {table}.source and f.order_id = {table}.order_id "
                "and f.superseded_by is null and i.state = 'committed' and i.format <> :told) where import_id = :import",
                {"import": import_id, "told": FORMAT},
            )
        elif _has_told_rows(c, table):
            c.execute(
                f"update {table} set superseded_by = :import where id in (select t.id from {table} n cross join {table} t "
                "on t.source = n.source and t.order_id = n.order_id cross join imports i on i.id = t.import_id "
                "where n.import_id = :import and t.superseded_by is null and i.state = 'committed' and i.format = :told)",
                {"import": import_id, "told": FORMAT},
            )
    if is_told:
        _keep_newest_told(c, import_id)
        c.execute(
            f"update orders set superseded_by = (select max(l.superseded_by) from order_lines l where {_OF_ORDER} "
            "having count(*) = count(l.superseded_by)) where import_id = :import",
            {"import": import_id},
        )


def _keep_newest_told(c: Connection, import_id: int) -> None:
    """Let the newest message about an order stand for the whole of it, also where it names fewer lines."""
    at = f"coalesce({{}}.updated_at, {NEVER})"
    mine, theirs = at.format("mine"), at.format("theirs")
    told = "(i.state = 'committed' or i.id = :import) and i.format = :told and theirs.superseded_by is null"
    c.execute(
        "update order_lines as mine set superseded_by = (select max(i.id) from order_lines theirs cross join imports i "
        "on i.id = theirs.import_id where theirs.source = mine.source and theirs.order_id = mine.order_id "
        f"and {told} and {theirs} > {mine}) where import_id = :import and superseded_by is null",
        {"import": import_id, "told": FORMAT},
    )
    c.execute(
        "update order_lines set superseded_by = :import where id in (select theirs.id from order_lines mine cross join "
        "order_lines theirs on theirs.source = mine.source and theirs.order_id = mine.order_id cross join imports i "
        f"on i.id = theirs.import_id where mine.import_id = :import and mine.superseded_by is null and {told} "
        f"and {theirs} < {mine})",
        {"import": import_id, "told": FORMAT},
    )


_OF_ORDER = "l.source = orders.source and l.order_id = orders.order_id and +l.import_id = :import"
"""The lines an import brought of an order; the plus keeps SQLite from walking the whole import for each order."""


def _has_told_rows(c: Connection, table: str) -> bool:
    statement = f"select 1 from imports i cross join {table} t on t.import_id = i.id where i.format = ? limit 1"
    return c.execute(statement, (FORMAT,)).fetchone() is not None


def _drop_bare_orders(c: Connection, import_id: int) -> None:
    """Take back order headers none of whose lines came in: those lines were the same, or in conflict."""
    c.execute(
        f"delete from orders where import_id = :import and not exists (select 1 from order_lines l where {_OF_ORDER})",
        {"import": import_id},
    )


def _was_overtaken(c: Connection, import_id: int, dataset: str) -> bool:
    """Tell whether a later import of the dataset was committed first: its rows were not seen when ours were compared."""
    own = set(tables_of(dataset))
    datasets = sorted({dataset} | {other for other in _FILLS if own.intersection(tables_of(other))})
    marks = ", ".join("?" * len(datasets))
    statement = f"select 1 from imports where dataset in ({marks}) and state = 'committed' and id > ? limit 1"
    return c.execute(statement, (*datasets, import_id)).fetchone() is not None


def _yield_to_newer(c: Connection, import_id: int, table: str) -> None:
    """Let newer versions that were committed meanwhile stand before this import's."""
    if not KEYS[table].times:
        return
    rank = _RANKS[KEYS[table].keeps]
    same_key = " and ".join(f"old.{name} = new.{name}" for name in KEYS[table].columns)
    c.execute(
        f"update {table} as new set superseded_by = (select old.import_id from {table} old join imports i "
        f"on i.id = old.import_id where {same_key} and old.import_id > :import and i.state = 'committed' "
        f"and old.superseded_by is null and {rank.format('old')} > {rank.format('new')} limit 1) "
        "where import_id = :import and superseded_by is null",
        {"import": import_id},
    )


def _supersede(c: Connection, import_id: int, table: str) -> None:
    """Point earlier visible versions of this import's keys at it; within one import the last version wins."""
    same_key = " and ".join(f"old.{name} = new.{name}" for name in KEYS[table].columns)
    c.execute(
        f"update {table} set superseded_by = :import where id in (select old.id from {table} new cross join {table} old "
        f"on {same_key} cross join imports i on i.id = old.import_id where new.import_id = :import "
        "and new.superseded_by is null and old.superseded_by is null and (old.import_id = :import and old.id < new.id "
        "or old.import_id <> :import and i.state = 'committed'))",
        {"import": import_id},
    )


def stand_alone(c: Connection, table: str, back: Sequence[int]) -> None:
    """Let one version of each key stand where rows that count again (their ids) meet others, or each other."""
    rank = _RANKS[KEYS[table].keeps]
    mine, theirs = (rank.format(name) if KEYS[table].times else "0" for name in ("one", "better"))
    later_wins = "<" if KEYS[table].keeps is Keeps.LAST else ">"
    same_key = " and ".join(f"better.{name} = one.{name}" for name in KEYS[table].columns)
    beside = f"{same_key} and better.id <> one.id and i.state = 'committed' and better.superseded_by is null"
    meets = f"select better.import_id from {table} better join imports i on i.id = better.import_id where {beside}"
    c.executemany(
        f"update {table} as one set superseded_by = ({meets} and ({theirs} > {mine} or {theirs} = {mine} "
        f"and one.id {later_wins} better.id) limit 1) where one.id = ?",
        ((row,) for row in back),
    )
    c.executemany(  # whatever stands beside one of them now is the lesser
        f"update {table} as one set superseded_by = ({meets} and better.id = :row) "
        f"where one.superseded_by is null and one.id in (select one.id from {table} better join {table} one on {same_key} "
        "where better.id = :row and better.superseded_by is null and one.id <> better.id) "
        "and one.import_id in (select id from imports where state = 'committed')",
        ({"row": row} for row in back),
    )
