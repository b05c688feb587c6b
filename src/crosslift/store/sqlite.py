"""Records on SQLite: WAL, one writer thread with group commit, durable before anybody is answered.

Readers have a connection each and never wait for the writer. Statements are written by hand: this is the event path.
"""

import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from crosslift.domain.event import FORMAT
from crosslift.domain.identity import MappingChange, Split
from crosslift.errors import Busy, CrossliftError, WillNotWork
from crosslift.store import (
    migrate,
    sqlite_about,
    sqlite_curation,
    sqlite_erase,
    sqlite_imports,
    sqlite_people,
    sqlite_profiles,
    sqlite_undo,
    sqlite_versions,
)
from crosslift.store.ports import ImportRecord, Mapper, Outcome, PersonRow, Row, TableRows, Undone
from crosslift.store.tables import VISIBLE, arrow_schema

T = TypeVar("T")
Job = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]
CHUNK = 500
GROUP = 256
MANY_CUSTOMERS = 2_000
LAST_TRY = 500
SWEEP = 4_000
"""Rows of imports taken back that one transaction deletes."""


class SqliteRecords:
    """Records in one SQLite file.

    Parameters
    ----------
    path : Path
        The file; created with its tables when missing, migrated forward when old.

    Raises
    ------
    UnknownFormat
        If the file was written by a newer crosslift.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        migrate.ensure_current(path)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        try:
            writing = self._connect()
        except sqlite3.Error as error:
            raise _explained(error, path) from error
        self._writer = threading.Thread(target=self._write_loop, args=(writing,), name="records-writer", daemon=True)
        self._closed = False
        self._closing = threading.Lock()
        self._writer.start()

    # connections -------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=30, cached_statements=256
        )
        _into_wal(connection)
        connection.execute("pragma synchronous=full")
        connection.execute("pragma secure_delete=on")
        connection.execute("pragma foreign_keys=off")
        connection.execute("pragma cache_size=-65536")
        connection.execute("pragma temp_store=memory")
        self._open.append(connection)
        return connection

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one state."""
        connection = self._reader()
        connection.execute("begin")
        try:
            yield connection
        finally:
            connection.execute("commit")

    def submit(self, job: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Queue a write; its future resolves after the commit that holds it (group commit)."""
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise WillNotWork(f"{self._path} is closed")
            self._jobs.put((job, future))
        return future

    def _write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        return self.submit(job).result()

    def _write_loop(self, connection: sqlite3.Connection) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            while len(batch) < GROUP and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                batch.append(following)
            self._commit_group(connection, batch)

    def _commit_group(self, connection: sqlite3.Connection, batch: list[Job]) -> None:
        """Run each job in its own savepoint, commit once, then answer all of them."""
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            connection.execute("begin immediate")
            for run, future in batch:
                connection.execute("savepoint job")
                try:
                    answers.append((future, run(connection), None))
                except Exception as error:  # handed to the caller, whole
                    if not connection.in_transaction:  # a full disk takes the whole transaction back
                        raise
                    connection.execute("rollback to job")
                    answers.append((future, None, error))
                connection.execute("release job")
            connection.execute("commit")
        except Exception as error:  # noqa: BLE001 - every caller is told; the writer lives on
            with suppress(sqlite3.Error):
                connection.execute("rollback")
            answers = [(future, None, error) for _, future in batch]
        for future, value, problem in answers:
            if problem is not None:
                future.set_exception(_explained(problem, self._path))
            else:
                future.set_result(value)

    def close(self) -> None:
        """Finish pending writes and close every connection."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        for connection in self._open:
            connection.close()

    # imports -----------------------------------------------------------------------------------------------------

    def start_import(self, dataset: str, source: str, format_name: str, now: int, content_hash: str | None) -> int:
        """Open a pending import and return its id."""
        return self._write(lambda c: _new_import(c, dataset, source, format_name, now, content_hash, "pending"))

    def import_rows(self, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
        """Add rows to a pending import; existing keys are compared as DESIGN 2b.1 says."""
        return self._write(lambda c: _add_rows(c, import_id, dataset, columns, rows))

    def commit_import(self, import_id: int, now: int, report: str) -> None:
        """Make a pending import visible, in one transaction."""
        self._write(lambda c: _commit(c, import_id, now, report))

    def abandon_import(self, import_id: int, now: int) -> None:
        """Remove every row of a pending import; it was never visible."""
        self._write(lambda c: _abandon(c, import_id, now))

    def recover_imports(self, now: int) -> list[ImportRecord]:
        """Abandon the pending imports of processes that died. Call only while holding the import lock."""
        dead = [record for record in self.imports() if record.state == "pending"]
        for record in dead:
            self.abandon_import(record.import_id, now)
        self.sweep_undone()
        return dead

    def undo_import(self, import_id: int, parts: Sequence[tuple[str, str | None, int]]) -> Undone:
        """Take a committed import of a file back, in one transaction: what it replaced counts again."""
        return self._write(lambda c: sqlite_undo.undo(c, import_id, parts, lambda: _next_change(c)))

    def forget_unseen(self, identities: Sequence[str]) -> int:
        """Forget identities that nothing shows any more and nobody assigned to anything; gives how many."""
        return sum(self._forget_chunk(chunk) for chunk in _chunks(identities))

    def _forget_chunk(self, identities: Sequence[str]) -> int:
        return self._write(lambda c: sqlite_undo.forget_unseen(c, identities))

    def sweep_undone(self) -> int:
        """Delete the rows of imports that were taken back, a little at a time; gives how many went."""
        n_gone = 0
        while gone := self._write(lambda c: sqlite_undo.sweep(c, SWEEP)):
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
        outcomes = self._write(lambda c: _put(c, dataset, tables, "api", now))
        return outcomes["order_lines" if dataset == "orders" else dataset]

    def patch_live(self, changes: Sequence[Mapping[str, Any]], now: int) -> list[str]:
        """Change price, stock or active flag in place; returns the product ids nobody knows."""

        def patch(connection: sqlite3.Connection) -> list[str]:
            number = _next_change(connection)
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

        def append(connection: sqlite3.Connection) -> int:
            import_id = _standing_import(connection, "events", now)
            n_new = sqlite_imports.add_events(connection, import_id, _without_erased(connection, rows))
            if told:
                _put(connection, "orders", told, FORMAT, now)
            return n_new

        return self._write(append)

    # reading -----------------------------------------------------------------------------------------------------

    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns, in order of ingestion where there is one."""
        condition = _condition(dataset, where)
        cursor = self._reader().execute(f"select {', '.join(columns)} from {dataset} {condition}", tuple(values))
        return sqlite_curation.as_arrow(cursor, arrow_schema(dataset, columns))

    def live_since(self, change_number: int) -> tuple[int, list[Row]]:
        """Give the newest change number and the live rows changed after the given one."""
        with self._snapshot() as connection:
            number = _change_number(connection)
            if number == change_number:
                return number, []
            rows = connection.execute(
                "select product_id, price_micros, currency, stock, is_active, is_sellable, parent_id, change_number "
                "from product_live where change_number > :since union all select product_id, null, null, null, 0, 0, null, "
                "change_number from live_gone where change_number > :since and :since >= 0 order by product_id",
                {"since": change_number},
            ).fetchall()
        return number, rows

    def person(self, identity: str | None, now: int | None = None) -> PersonRow:
        """Read change number, state, consents, holdings and dues of one person in one transaction."""
        if identity is None:
            return PersonRow(_change_number(self._reader()), False, frozenset(), {}, {}, 0)
        with self._snapshot() as connection:
            return sqlite_people.person(connection, identity, now, _change_number(connection))

    # who is who --------------------------------------------------------------------------------------------------

    def add_evidence(self, rows: Sequence[Row], now: int) -> int:
        """Add reasons that two identities are one person."""

        def add(connection: sqlite3.Connection) -> int:
            import_id = _standing_import(connection, "identity_evidence", now)
            given = [(*row, "api") for row in rows]
            return sqlite_people.add_evidence(connection, import_id, ("first", "second", "rule", "at", "origin"), given)

        return self._write(add)

    def remap(
        self, identities: Sequence[str] | None, mapper: Mapper, now: int, author: str | None = None
    ) -> list[MappingChange]:
        """Map identities to people anew where these may have changed and log what did."""
        return self._write(lambda c: sqlite_people.remap(c, identities, mapper, now, author))

    def touched_identities(self, import_ids: Sequence[int]) -> list[str]:
        """Name the identities whose evidence some imports brought or replaced."""
        return sqlite_people.touched(self._reader(), import_ids)

    def split(self, kept_apart: Split) -> None:
        """Write down that two identities are two people."""
        self._write(lambda c: sqlite_people.split(c, kept_apart))

    def unsplit(self, first: str, second: str) -> bool:
        """Take that back; False if it was never said."""
        return self._write(lambda c: sqlite_people.unsplit(c, first, second))

    def mapping_changes(self, identities: Sequence[str]) -> list[MappingChange]:
        """Give the merge log of some identities, oldest first."""
        return sqlite_people.changes_of(self._reader(), identities)

    def erase(self, identities: Sequence[str], tombstone: str, now: int) -> tuple[dict[str, int], tuple[str, ...]]:
        """Remove a person; gives what was removed by table, and the texts the person could be recognized by."""
        erased = self._write(lambda c: sqlite_erase.erase(c, identities, tombstone, now))
        return erased.counts, erased.traces

    def compact(self, *, whole: bool = False) -> None:
        """Leave nothing deleted behind: the log is emptied into the file, and given `whole` the file written anew."""
        connection = self._reader()
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        if whole:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()

    def replace_part(self, dataset: str, old: str, new: str | None, n_rows: int) -> None:
        """Let a file take another's place in the list, or none."""

        def replace(connection: sqlite3.Connection) -> None:
            connection.execute(
                "update parts set file = ?, n_rows = ? where dataset = ? and file = ?", (new, n_rows, dataset, old)
            )
            connection.execute("delete from parts where dataset = ? and file is null and not is_dirty", (dataset,))

        self._write(replace)

    def forget_events(self, before: int) -> int:
        """Delete events of the open tail that happened before an instant; returns how many."""
        return self._write(lambda c: c.execute("delete from events where at < ?", (before,)).rowcount)

    def forget_messages(self, before_day: int) -> int:
        """Delete message ids seen before a day since 1970; returns how many."""
        return self._write(lambda c: c.execute("delete from message_ids where seen_on < ?", (before_day,)).rowcount)

    def save_erasure(self, row: Mapping[str, Any]) -> None:
        """Keep the certificate of an erasure."""
        self._write(lambda c: _upsert(c, "erasures", row))

    def save_profiles(self, rows: pa.Table, people: Sequence[str] | None = None) -> None:
        """Put profiles in place, everybody's for None; lists and mappings are JSON text."""
        self._write(lambda c: sqlite_profiles.save_profiles(c, rows, people))

    def profile(self, person_id: str) -> dict[str, Any] | None:
        """Give a person's profile as plain values, None where nothing was learned yet."""
        return sqlite_profiles.profile(self._reader(), person_id)

    def save_members(self, members: Mapping[str, Sequence[str]], as_of: int) -> None:
        """Put the members of all segments in place of the earlier ones."""
        self._write(lambda c: sqlite_profiles.save_members(c, members, as_of))

    def segments_of(self, person_id: str) -> frozenset[str]:
        """Name the segments a person was in when they were last evaluated in bulk."""
        return sqlite_profiles.segments_of(self._reader(), person_id)

    def save_segment(self, row: Mapping[str, Any]) -> int:
        """Add the next version of a segment; returns its number."""
        return self._write(lambda c: sqlite_profiles.save_segment(c, row))

    def segments(self) -> list[dict[str, Any]]:
        """Give the newest version of every segment, by id."""
        return sqlite_profiles.segments(self._reader())

    def save_model(self, name: str, as_of: int, body: str) -> None:
        """Keep what was fitted over all customers, in place of the earlier."""
        self._write(lambda c: _upsert(c, "customer_models", {"name": name, "as_of": as_of, "body": body}))

    def model(self, name: str) -> str | None:
        """Give what was fitted last under a name."""
        row = self._reader().execute("select body from customer_models where name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def about(self, identities: Sequence[str], limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of a person by table, newest first, with where each came from."""
        with self._snapshot() as connection:
            return sqlite_about.about(connection, identities, limit)

    def about_account(self, account_id: str, limit: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of an account by table, newest first, members by name."""
        with self._snapshot() as connection:
            return sqlite_about.about_account(connection, account_id, limit)

    def count_about(self, identities: Sequence[str]) -> dict[str, int]:
        """Count the rows of a person by table."""
        with self._snapshot() as connection:
            return sqlite_about.counts(connection, identities)

    def people(self) -> pa.Table:
        """Give identity and person_id of every identity that belongs to another's person."""
        return self.table("identities", ["identity", "person_id"], "person_id <> identity order by identity")

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
            return _change_number(connection), sqlite_curation.links(connection, now)

    def bundles(self) -> tuple[int, pa.Table]:
        """Give the change number and every bundle, one row a part, inactive ones included."""
        with self._snapshot() as connection:
            return _change_number(connection), sqlite_curation.bundles(connection)

    def links_changed_since(self, change_number: int) -> bool:
        """Tell whether any curated link was written after a change number."""
        return sqlite_curation.changed_at(self._reader(), "links") > change_number

    def bundles_changed_since(self, change_number: int) -> bool:
        """Tell whether any bundle was written after a change number."""
        return sqlite_curation.changed_at(self._reader(), "bundles") > change_number

    # decisions and what came back --------------------------------------------------------------------------------

    def record_decisions(self, slim: Sequence[Row], inputs: Sequence[Row]) -> None:
        """Store decisions with their inputs, durably, before anybody is answered."""

        def record(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "insert into decisions (decision_id, at, placement, channel, purpose, policy, arm, is_withheld, "
                "identity, mapping_version, consent_id, snapshot_id, body) values (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                slim,
            )
            connection.executemany("insert into decision_inputs (decision_id, expires_at, body) values (?,?,?)", inputs)

        self._write(record)

    def decision(self, decision_id: str) -> tuple[Mapping[str, Any], bytes | None] | None:
        """Read one slim row and its inputs blob, if both still exist."""
        names = "decision_id, at, placement, channel, purpose, policy, arm, is_withheld, identity, snapshot_id, body"
        with self._snapshot() as connection:
            row = connection.execute(f"select {names} from decisions where decision_id = ?", (decision_id,)).fetchone()
            blob = connection.execute(
                "select body from decision_inputs where decision_id = ?", (decision_id,)
            ).fetchone()
        return (dict(zip(names.split(", "), row, strict=True)), blob[0] if blob else None) if row else None

    def record_responses(self, exposures: Sequence[Row], responses: Sequence[Row]) -> int:
        """Store exposures and responses that were not seen before; returns how many were new."""

        def record(connection: sqlite3.Connection) -> int:
            before = connection.total_changes
            connection.executemany(
                "insert or ignore into exposures (exposure_id, decision_id, product_id, at, channel) values (?,?,?,?,?)",
                exposures,
            )
            connection.executemany(
                "insert or ignore into responses (response_id, decision_id, product_id, action, reason, at) "
                "values (?,?,?,?,?,?)",
                responses,
            )
            return connection.total_changes - before

        return self._write(record)

    # derived rows ------------------------------------------------------------------------------------------------

    def refresh_person_states(self, import_ids: Sequence[int] | None = None) -> int:
        """Recompute owned products and last orders of the customers some imports touched (of all for None)."""
        if import_ids is None:
            return self._write(lambda c: sqlite_imports.refresh_states(c, None))
        touched = sqlite_imports.touched_customers(self._reader(), import_ids)
        if len(touched) > MANY_CUSTOMERS:
            return self._write(lambda c: sqlite_imports.refresh_states(c, None))
        return sum(self._refresh_chunk(chunk) for chunk in _chunks(touched))

    def _refresh_chunk(self, customers: Sequence[str]) -> int:
        return self._write(lambda c: sqlite_imports.refresh_states(c, customers))

    def save_dues(self, rows: Sequence[Row]) -> None:
        """Put all refill dues in place of the earlier ones, in one transaction."""
        self._write(lambda c: sqlite_curation.save_dues(c, rows))

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

    def list_parts(self, dataset: str, parts: Sequence[tuple[int | None, str | None, int, int]]) -> list[str]:
        """Register written files (day, file, rows, watermark); returns the files they replace."""

        def register(connection: sqlite3.Connection) -> list[str]:
            replaced = []
            for day, file, n_rows, watermark in parts:
                is_dirty = day is not None and sqlite_imports.has_moved_on(connection, dataset, day, n_rows, watermark)
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

        def seal(connection: sqlite3.Connection) -> int:
            connection.execute(
                "insert into parts (dataset, file, n_rows, watermark, is_dirty) values ('events',?,?,?,0)",
                (file, tail.num_rows, watermark),
            )
            sealed = sorted(set(tail.column("import_id").to_pylist()))
            done = connection.execute(
                "delete from events where id between ? and ? and superseded_by is null and import_id in "
                f"({', '.join('?' * len(sealed))})",
                (tail.column("id")[0].as_py(), tail.column("id")[-1].as_py(), *sealed),
            )
            if done.rowcount != tail.num_rows:
                raise Busy(f"another process sealed the events of {self._path} meanwhile; try again")
            return int(tail.num_rows)

        return self._write(seal)

    # snapshots, keys, meta ---------------------------------------------------------------------------------------

    def save_snapshot(self, row: Mapping[str, Any]) -> None:
        """Remember a learned snapshot and what became of it."""
        self._write(lambda c: _upsert(c, "snapshots", row))

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

        def set_once(connection: sqlite3.Connection) -> str:
            connection.execute("insert or ignore into shop_meta (key, value) values (?, ?)", (key, default()))
            return str(connection.execute("select value from shop_meta where key = ?", (key,)).fetchone()[0])

        return self._write(set_once)

    def set_meta(self, key: str, value: str) -> None:
        """Set a shop-wide value."""
        self._write(lambda c: _upsert(c, "shop_meta", {"key": key, "value": value}))

    def add_key(self, row: Mapping[str, Any]) -> None:
        """Store a hashed API key."""
        self._write(lambda c: _upsert(c, "api_keys", row))

    def api_keys(self) -> list[Mapping[str, Any]]:
        """List API keys, revoked ones included."""
        return self._dicts("select * from api_keys order by created_at, key_id")

    def expire(self, now: int) -> int:
        """Delete decision inputs past their time; returns how many."""
        return self._write(lambda c: c.execute("delete from decision_inputs where expires_at < ?", (now,)).rowcount)

    def _dicts(self, statement: str) -> list[Mapping[str, Any]]:
        cursor = self._reader().execute(statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _into_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, once for the file: SQLite does not wait by itself while others look at it."""
    for attempt in range(LAST_TRY + 1):
        try:
            if connection.execute("pragma journal_mode=wal").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == LAST_TRY:
                raise
        time.sleep(0.01)


def _new_import(
    c: sqlite3.Connection,
    dataset: str,
    source: str,
    format_name: str,
    now: int,
    content_hash: str | None,
    state: str,
) -> int:
    row = c.execute(
        "insert into imports (dataset, source, format, state, started_at, content_hash) values (?,?,?,?,?,?)",
        (dataset, source, format_name, state, now, content_hash),
    )
    return int(row.lastrowid or 0)


def _standing_import(c: sqlite3.Connection, dataset: str, now: int) -> int:
    """One committed import stands for all rows of a dataset that come one by one: each is visible on its own."""
    row = c.execute("select id from imports where dataset = ? and source = 'api' limit 1", (dataset,)).fetchone()
    return int(row[0]) if row else _new_import(c, dataset, "api", "api", now, None, "committed")


def _add_rows(
    c: sqlite3.Connection, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]
) -> Outcome:
    if dataset == "events":
        rows = _without_erased(c, rows)
    outcome = sqlite_imports.add(c, import_id, dataset, columns, rows)
    n_rows = 0 if dataset == "orders" else outcome.n_new + outcome.n_replaced  # an order's header is no row of its own
    sqlite_imports.note_needs(c, import_id, outcome.needs)
    c.execute(
        "update imports set n_rows = n_rows + ?, n_replaced = n_replaced + ? where id = ?",
        (n_rows, outcome.n_replaced, import_id),
    )
    return outcome


def _without_erased(c: sqlite3.Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out events of whoever was erased; the identity is the fifth value."""
    gone = sqlite_erase.was_erased(c, {row[4] for row in rows if row[4]})
    return [row for row in rows if row[4] not in gone] if gone else rows


def _put(
    c: sqlite3.Connection, dataset: str, tables: Sequence[TableRows], format_name: str, now: int
) -> dict[str, Outcome]:  # fmt: skip
    """Import rows as a whole; whoever bought or gave back has the state that follows from it at once."""
    import_id = _new_import(c, dataset, "api", format_name, now, None, "pending")
    outcomes = {table: _add_rows(c, import_id, table, columns, rows) for table, columns, rows in tables}
    _commit(c, import_id, now, "{}")
    if dataset in sqlite_versions.OF_ORDERS:
        customers = sqlite_imports.touched_customers(c, [import_id])
        if customers:
            sqlite_imports.refresh_states(c, customers)
    return outcomes


def _commit(c: sqlite3.Connection, import_id: int, now: int, report: str) -> None:
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
        sqlite_imports.refresh_live(c, import_id, _next_change(c), now)
    if dataset in sqlite_curation.LIVE and sqlite_curation.has_rows(c, dataset, import_id):
        sqlite_curation.note_change(c, dataset, _next_change(c))
    sqlite_imports.mark_dirty(c, import_id, dataset)
    sqlite_imports.note_identities(c, import_id, dataset, now)


def _abandon(c: sqlite3.Connection, import_id: int, now: int) -> None:
    for table in sqlite_imports.IMPORTED:
        c.execute(f"delete from {table} where import_id = ?", (import_id,))
    c.execute("delete from message_ids where import_id = ?", (import_id,))
    c.execute("delete from import_needs where import_id = ?", (import_id,))
    c.execute("update imports set state = 'abandoned', finished_at = ? where id = ?", (now, import_id))


def _change_number(c: sqlite3.Connection) -> int:
    row = c.execute("select value from shop_meta where key = 'change_number'").fetchone()
    return int(row[0]) if row else 0


def _next_change(c: sqlite3.Connection) -> int:
    number = _change_number(c) + 1
    _upsert(c, "shop_meta", {"key": "change_number", "value": str(number)})
    return number


def _upsert(c: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    c.execute(f"insert or replace into {table} ({', '.join(row)}) values ({marks})", tuple(row.values()))


def _condition(dataset: str, where: str) -> str:
    if dataset not in sqlite_imports.IMPORTED:
        return where if where.startswith("order by") or not where else f"where {where}"
    if where.startswith("order by"):
        return f"where {VISIBLE} {where}"
    return f"where {VISIBLE}" + (f" and {where}" if where else "") + " order by id"


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _explained(error: BaseException, path: Path) -> BaseException:
    if isinstance(error, CrossliftError) or not isinstance(error, sqlite3.Error):
        return error
    if "locked" in str(error):
        return Busy(f"{path} is being written by another process; try again in a moment")
    if any(sign in str(error) for sign in ("disk is full", "readonly", "disk I/O", "unable to open")):
        return WillNotWork(f"cannot write {path}: {error}; free space or fix the permissions, nothing was changed")
    return error


def as_json(value: object) -> str:
    """Encode for a JSON text column: sorted keys, no spaces, real characters."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
