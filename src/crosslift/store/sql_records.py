"""Records in tables: what is asked of them, as statements that either engine runs, written by hand: the event path."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from crosslift.domain.audit import Entry
from crosslift.domain.event import FORMAT
from crosslift.errors import Busy
from crosslift.store import (
    sql_chain,
    sql_curation,
    sql_decided,
    sql_imports,
    sql_people,
    sql_pressure,
    sql_steps,
    sql_undo,
)
from crosslift.store.engine import Connection, upsert
from crosslift.store.ports import ImportRecord, Outcome, PersonRow, Row, TableRows, Undone
from crosslift.store.sql_access import SqlAccess
from crosslift.store.sql_agents import SqlAgents
from crosslift.store.sql_audit import SqlAudit
from crosslift.store.sql_coupons import SqlCoupons
from crosslift.store.sql_jobs import SqlJobs
from crosslift.store.sql_offers import SqlOffers
from crosslift.store.sql_policies import SqlPolicies
from crosslift.store.sql_pressure import SqlPressure
from crosslift.store.sql_trials import SqlTrials

CHUNK = 500
MANY_CUSTOMERS = 2_000
SWEEP = 4_000
"""Rows of imports taken back that one transaction deletes."""


class SqlRecords(
    SqlAccess,
    SqlAgents,
    SqlAudit,
    SqlCoupons,
    SqlJobs,
    SqlOffers,
    SqlPolicies,
    SqlPressure,
    SqlTrials,
):
    """Records in tables: what is asked of them, as statements for either engine."""

    # imports -----------------------------------------------------------------------------------------------------

    def start_import(self, dataset: str, source: str, format_name: str, now: int, content_hash: str | None) -> int:
        """Open a pending import and return its id."""
        return self._write(
            lambda c: sql_steps.new_import(c, dataset, source, format_name, now, content_hash, "pending")
        )

    def import_rows(self, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
        """Add rows to a pending import; existing keys are compared as DESIGN 2b.1 says."""
        return self._write(lambda c: sql_steps.add_rows(c, import_id, dataset, columns, rows))

    def commit_import(self, import_id: int, now: int, report: str) -> None:
        """Make a pending import visible, in one transaction."""
        self._write(lambda c: sql_steps.commit(c, import_id, now, report))

    def abandon_import(self, import_id: int, now: int) -> None:
        """Remove every row of a pending import; it was never visible."""
        self._write(lambda c: sql_steps.abandon(c, import_id, now))

    def recover_imports(self, now: int) -> list[ImportRecord]:
        """Abandon the pending imports of processes that died. Call only while holding the import lock."""
        dead = [record for record in self.imports() if record.state == "pending"]
        for record in dead:
            self.abandon_import(record.import_id, now)
        self.sweep_undone()
        return dead

    def undo_import(
        self, import_id: int, parts: Sequence[tuple[str, str | None, int]], now: int | None = None
    ) -> Undone:
        """Take a committed import of a file back, in one transaction: what it replaced counts again."""

        def undo(connection: Connection) -> Undone:
            undone = sql_undo.undo(connection, import_id, parts, lambda: sql_steps.next_change(connection))
            told = {"dataset": undone.dataset, "source": undone.source, "rows": undone.n_gone, "back": undone.n_back}
            sql_chain.note(connection, now, "import.undo", f"import {import_id}", told)
            return undone

        return self._write(undo)

    def forget_unseen(self, identities: Sequence[str]) -> int:
        """Forget identities that nothing shows any more and nobody assigned to anything; gives how many."""
        return sum(self._forget_chunk(chunk) for chunk in _chunks(identities))

    def _forget_chunk(self, identities: Sequence[str]) -> int:
        return self._write(lambda c: sql_undo.forget_unseen(c, identities))

    def sweep_undone(self) -> int:
        """Delete the rows of imports that were taken back, a little at a time; gives how many went."""
        n_gone = 0
        while gone := self._write(lambda c: sql_undo.sweep(c, SWEEP)):
            n_gone += gone
        return n_gone

    def imports(self) -> list[ImportRecord]:
        """List all imports, oldest first."""
        rows = self._reader().execute(
            "select id, dataset, source, format, state, started_at, finished_at, n_rows, content_hash, report "
            "from imports order by id"
        )
        return [ImportRecord(*row) for row in rows]

    # small live writes -------------------------------------------------------------------------------------------

    def put_rows(self, dataset: str, columns: Sequence[str], rows: Sequence[Row], now: int) -> Outcome:
        """Import a small batch from the API in a single transaction."""
        return self.put_tables(dataset, [(dataset, columns, rows)], now)

    def put_tables(self, dataset: str, tables: Sequence[TableRows], now: int) -> Outcome:
        """Import a small batch that fills several tables, such as orders with their lines, in a single transaction."""
        outcomes = self._write(lambda c: sql_steps.put(c, dataset, tables, "api", now))
        return outcomes["order_lines" if dataset == "orders" else dataset]

    def patch_live(self, changes: Sequence[Mapping[str, Any]], now: int) -> list[str]:
        """Change price, stock or active flag in place; returns the product ids nobody knows."""

        def patch(connection: Connection) -> list[str]:
            number = sql_steps.next_change(connection)
            unknown = []
            for change in changes:
                fields = {k: v for k, v in change.items() if k != "product_id"}
                sets = ", ".join(f"{name} = ?" for name in fields)
                done = connection.execute(
                    f"update product_live set {sets}, change_number = ?, updated_at = ? where product_id = ?",
                    (*fields.values(), number, now, change["product_id"]),
                )
                if done.rowcount == 0:
                    unknown.append(str(change["product_id"]))
            return unknown

        return self._write(patch)

    def append_events(self, rows: Sequence[Row], now: int, told: Sequence[TableRows] = ()) -> int:
        """Add events that were not seen before, and the orders they tell of; returns how many events were new."""

        def append(connection: Connection) -> int:
            import_id = sql_steps.standing_import(connection, "events", now)
            n_new = sql_imports.add_events(connection, import_id, sql_steps.without_erased(connection, rows))
            if told:
                sql_steps.put(connection, "orders", told, FORMAT, now)
            return n_new

        return self._write(append)

    # reading -----------------------------------------------------------------------------------------------------

    def live_since(self, change_number: int) -> tuple[int, list[Row]]:
        """Give the newest change number and the live rows changed after the given one."""
        with self._snapshot() as connection:
            number = sql_steps.change_number(connection)
            if number == change_number:
                return number, []
            rows = connection.execute(
                "select product_id, price_micros, currency, stock, is_active, is_sellable, parent_id, change_number "
                "from product_live where change_number > :since union all "
                "select product_id, null, null, null, false, false, null, "
                "change_number from live_gone where change_number > :since and :since >= 0 order by product_id",
                {"since": change_number},
            ).fetchall()
        return number, rows

    def person(self, identity: str | None, now: int | None = None) -> PersonRow:
        """Read change number, state, consents, holdings, dues and pressure of one person in one transaction."""
        if identity is None:
            with self._reading():
                return PersonRow(sql_steps.change_number(self._reader()), False, frozenset(), {}, {}, 0)
        with self._reading(), self._snapshot() as connection:
            found = sql_people.person(connection, identity, now, sql_steps.change_number(connection))
            return sql_pressure.with_pressure(connection, found, identity, now)

    def people_met(self, people: Sequence[str], at: int) -> list[str]:
        """Tell which people had a name on record by an instant; browsers with nothing but events have none."""
        return sql_people.met(self._reader(), people, at)

    def known_customers(self, ids: Iterable[str]) -> set[str]:
        """Tell which customer ids have ever been seen."""
        found: set[str] = set()
        for chunk in _chunks([f"customer:{i}" for i in ids]):
            marks = ", ".join("?" * len(chunk))
            rows = self._reader().execute(f"select identity from identities where identity in ({marks})", chunk)
            found.update(row[0].partition(":")[2] for row in rows)
        return found

    def known_products(self, ids: Iterable[str]) -> set[str]:
        """Tell which product ids are in the catalog, derived ones included."""
        found: set[str] = set()
        for chunk in _chunks(sorted(ids)):
            marks = ", ".join("?" * len(chunk))
            rows = self._reader().execute(f"select product_id from product_live where product_id in ({marks})", chunk)
            found.update(row[0] for row in rows)
        return found

    # what the merchant wrote down --------------------------------------------------------------------------------

    def links(self, now: int) -> tuple[int, pa.Table]:
        """Give the change number and the curated links in force: neither taken back nor expired."""
        with self._snapshot() as connection:
            return sql_steps.change_number(connection), sql_curation.links(connection, now)

    def bundles(self) -> tuple[int, pa.Table]:
        """Give the change number and every bundle, one row a part, inactive ones included."""
        with self._snapshot() as connection:
            return sql_steps.change_number(connection), sql_curation.bundles(connection)

    def links_changed_since(self, change_number: int) -> bool:
        """Tell whether any curated link was written after a change number."""
        return sql_curation.changed_at(self._reader(), "links") > change_number

    def bundles_changed_since(self, change_number: int) -> bool:
        """Tell whether any bundle was written after a change number."""
        return sql_curation.changed_at(self._reader(), "bundles") > change_number

    # decisions and what came back --------------------------------------------------------------------------------

    def decision(self, decision_id: str) -> tuple[Mapping[str, Any], bytes | None] | None:
        """Read one slim row and its inputs blob, if both still exist."""
        names = "decision_id, at, placement, channel, purpose, policy, arm, is_withheld, identity, snapshot_id, body"
        with self._snapshot() as connection:
            row = connection.execute(f"select {names} from decisions where decision_id = ?", (decision_id,)).fetchone()
            blob = connection.execute(
                "select body from decision_inputs where decision_id = ?", (decision_id,)
            ).fetchone()
        return (dict(zip(names.split(", "), row, strict=True)), blob[0] if blob else None) if row else None

    # derived rows ------------------------------------------------------------------------------------------------

    def refresh_person_states(self, import_ids: Sequence[int] | None = None) -> int:
        """Recompute owned products and last orders of the customers some imports touched (of all for None)."""
        if import_ids is None:
            return self._write(lambda c: sql_imports.refresh_states(c, None))
        touched = sql_imports.touched_customers(self._reader(), import_ids)
        if len(touched) > MANY_CUSTOMERS:
            return self._write(lambda c: sql_imports.refresh_states(c, None))
        return sum(self._refresh_chunk(chunk) for chunk in _chunks(touched))

    def _refresh_chunk(self, customers: Sequence[str]) -> int:
        return self._write(lambda c: sql_imports.refresh_states(c, customers))

    def save_dues(self, rows: Sequence[Row]) -> None:
        """Put all refill dues in place of the earlier ones, in one transaction."""
        self._write(lambda c: sql_curation.save_dues(c, rows))

    def dirty_days(self, dataset: str) -> list[int]:
        """Days whose columnar copy is older than the records."""
        rows = self._reader().execute("select day from parts where dataset = ? and is_dirty order by day", (dataset,))
        return [row[0] for row in rows]

    def part_files(self, dataset: str) -> list[str]:
        """Files that count, oldest day first."""
        rows = self._reader().execute(
            "select file from parts where dataset = ? and file is not null order by day, id", (dataset,)
        )
        return [row[0] for row in rows]

    def decided(self) -> tuple[int, dict[int, int]]:
        """Give a number that grows with every erasure, and how many decisions the log has of each UTC day."""
        with self._snapshot() as connection:
            return sql_decided.standing(connection)

    def list_parts(self, dataset: str, parts: Sequence[tuple[int | None, str | None, int, int]]) -> list[str]:
        """Register written files (day, file, rows, watermark); returns the files they replace."""

        def register(connection: Connection) -> list[str]:
            replaced = []
            for day, file, n_rows, watermark in parts:
                is_dirty = day is not None and sql_imports.has_moved_on(connection, dataset, day, n_rows, watermark)
                old = connection.execute(
                    "select file from parts where dataset = ? and day = ? and file is not null",
                    (dataset, day),
                ).fetchall()
                replaced += [row[0] for row in old]
                connection.execute("delete from parts where dataset = ? and day = ?", (dataset, day))
                if file is not None or is_dirty:
                    connection.execute(
                        "insert into parts (dataset, day, file, n_rows, watermark, is_dirty) values (?,?,?,?,?,?)",
                        (dataset, day, file, n_rows, watermark, is_dirty),
                    )
            return replaced

        return self._write(register)

    def seal_events(self, write: Callable[[pa.Table], tuple[str, int]], max_rows: int) -> int:
        """Move the oldest visible events into a part; one transaction lists it and empties them from the tail."""
        columns = ["id", "message_hash", "name", "at", "received_at", "identity", "product_id", "channel",
                   "decision_id", "properties", "import_id"]  # fmt: skip
        tail = self.table("events", columns, "order by id limit ?", (max_rows,))
        if tail.num_rows == 0:
            return 0
        file, watermark = write(tail)

        def seal(connection: Connection) -> int:
            connection.execute(
                "insert into parts (dataset, file, n_rows, watermark, is_dirty) values ('events',?,?,?,false)",
                (file, tail.num_rows, watermark),
            )
            sealed = sorted(set(tail.column("import_id").to_pylist()))
            done = connection.execute(
                "delete from events where id between ? and ? and superseded_by is null and import_id in "
                f"({', '.join('?' * len(sealed))})",
                (tail.column("id")[0].as_py(), tail.column("id")[-1].as_py(), *sealed),
            )
            if done.rowcount != tail.num_rows:
                raise Busy(f"another process sealed the events of {self._name} meanwhile; try again")
            return int(tail.num_rows)

        return self._write(seal)

    # snapshots, meta ---------------------------------------------------------------------------------------------

    def save_snapshot(self, row: Mapping[str, Any]) -> None:
        """Remember a learned snapshot and what became of it."""

        def save(connection: Connection) -> None:
            upsert(connection, "snapshots", row)
            told = sql_chain.told(row, "engine_version", "manifest_hash")
            sql_chain.note(connection, row["created_at"], f"snapshot.{row['state']}", row["snapshot_id"], told)

        self._write(save)

    def snapshots(self) -> list[Mapping[str, Any]]:
        """List the snapshots, newest first."""
        return self._dicts("select * from snapshots order by created_at desc, snapshot_id desc")

    def meta(self, key: str, default: Callable[[], str] | None = None) -> str:
        """Read a shop-wide value, setting it once when missing."""
        row = self._reader().execute("select value from shop_meta where key = ?", (key,)).fetchone()
        if row is not None:
            return str(row[0])
        if default is None:
            return ""

        def set_once(connection: Connection) -> str:
            connection.execute(
                "insert into shop_meta (key, value) values (?, ?) on conflict do nothing", (key, default())
            )
            return str(connection.execute("select value from shop_meta where key = ?", (key,)).fetchone()[0])

        return self._write(set_once)

    def set_meta(self, key: str, value: str, entry: Entry | None = None) -> None:
        """Set a shop-wide value, with its entry of the audit where it needs one."""

        def put(connection: Connection) -> None:
            upsert(connection, "shop_meta", {"key": key, "value": value})
            if entry is not None:
                sql_chain.append(connection, entry)

        self._write(put)

    def expire(self, now: int) -> int:
        """Delete decision inputs past their time; returns how many."""

        def expire(connection: Connection) -> int:
            sql_pressure.expire(connection, now)
            return connection.execute("delete from decision_inputs where expires_at < ?", (now,)).rowcount

        return self._write(expire)

    def _dicts(self, statement: str) -> list[Mapping[str, Any]]:
        cursor = self._reader().execute(statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
