"""Records on PostgreSQL: several processes and hosts on one schema, one of them writing at a time, in groups.

Whoever writes holds the shop's advisory lock for one transaction, so that what is read, judged and written cannot be
overtaken; readers wait for nobody. Statements are those of SQLite, in PostgreSQL's words (`postgres_text`).
"""

import queue
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from math import isnan
from typing import Any, cast

import psycopg
import pyarrow as pa
import structlog
from psycopg import errors, pq, sql

from crosslift.errors import BadInput, Busy, CrossliftError, StoreDown
from crosslift.store.engine import AT_ONCE, Connection, Cursor, Engine, Values, as_arrow, condition
from crosslift.store.ports import Outcome, Row
from crosslift.store.postgres_server import Raw, Server, told
from crosslift.store.postgres_text import copied, written
from crosslift.store.sql_records import SqlRecords
from crosslift.store.tables import arrow_schema, metadata

log = structlog.get_logger()
IDLE = 8
"""Connections for reading that stay open while nobody reads."""
COPY_FROM = 8
"""Rows from which they are copied instead of inserted."""
ANALYZE_FROM = 2_000
"""New rows of a table from which the planner is told of them: without, it reads all orders of a source to find some."""


class PostgresConnection:
    """A connection that takes the statements of the records."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.is_stale = False

    def execute(self, statement: str, values: Values = (), /) -> Cursor:
        """Run a statement."""
        text, is_numbered = written(statement)
        if is_numbered:
            values = {f"v{place}": value for place, value in enumerate(values, 1)}
        try:
            return self.raw.execute(text, values)
        except errors.FeatureNotSupported:  # what was prepared before the tables changed runs no more
            self.is_stale = True
            raise

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Cursor:
        """Run a statement for each row; many rows of a plain insert are copied."""
        given = rows if isinstance(rows, Sequence) else list(rows)
        cursor = self.raw.cursor()
        how = copied(statement) if len(given) >= COPY_FROM else None
        if how is None:
            cursor.executemany(written(statement)[0], given)
            return cursor
        text, fixed = how
        with cursor.copy(text) as copy:
            for row in given:
                values = iter(row)
                copy.write_row([_null(next(values)) if one is None else one for one in fixed])
        return cursor


class _Reader:
    """Single reads, each on a connection that waits for nobody."""

    def __init__(self, engine: "PostgresSchema") -> None:
        self._engine = engine

    def execute(self, statement: str, values: Values = (), /) -> Cursor:
        """Run a statement; once more on another connection where this one had been closed by the server."""
        engine = self._engine
        with engine._reading():
            for raw in engine._connections():
                try:
                    return engine._run(raw, statement, values)
                except (psycopg.OperationalError, errors.FeatureNotSupported):  # gone, or its plans are of older tables
                    continue
            return engine._run(engine._server.connect(), statement, values)

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Cursor:
        """Refuse: readers write nothing.

        Raises
        ------
        RuntimeError
            Always; whoever writes asks the writer.
        """
        raise RuntimeError("this connection reads; write through the engine's writer")


class PostgresSchema(Engine):
    """One schema, opened.

    Parameters
    ----------
    server : Server
        Where it is; made with its tables when missing, migrated forward when old.

    Raises
    ------
    StoreDown
        If the server cannot be reached.
    UnknownFormat
        If a newer crosslift made the tables and does not go on beside this one.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(server.name)
        self._server = server
        if said := server.ensure_current():
            log.warning("records_migrated", records=server.name, said=said)
        self._idle: queue.LifoQueue[Raw] = queue.LifoQueue()
        self._single = _Reader(self)
        self._writing = PostgresConnection(server.connect())
        self._start_writer(self._writing)

    # reading ---------------------------------------------------------------------------------------------------------

    def _connections(self) -> Iterator[Raw]:
        """Give connections that are open and idle."""
        with suppress(queue.Empty):
            while True:
                yield self._idle.get_nowait()

    def _run(self, raw: Raw, statement: str, values: Values) -> Cursor:
        try:
            found = PostgresConnection(raw).execute(statement, values)
        except BaseException:
            raw.close()
            raise
        self._give_back(raw)
        return found

    def _give_back(self, raw: Raw) -> None:
        if self._closed or raw.closed or self._idle.qsize() >= IDLE:
            raw.close()
        else:
            self._idle.put(raw)

    def _reader(self) -> Connection:
        return self._single

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """Several reads of one state."""
        with self._reading():
            raw = self._begun("begin isolation level repeatable read read only")
            try:
                yield PostgresConnection(raw)
                raw.execute("commit")
            except BaseException:
                raw.close()
                raise
            self._give_back(raw)

    def _begun(self, statement: str) -> Raw:
        for raw in self._connections():
            try:
                raw.execute(statement)
            except psycopg.Error:
                raw.close()
                continue
            return raw
        raw = self._server.connect()
        raw.execute(statement)
        return raw

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say of a read that fails that the store is down, and why."""
        try:
            yield
        except psycopg.Error as error:
            raise self._explained(error) from error

    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns, a few thousand at a time."""
        text, _ = written(f"select {', '.join(columns)} from {dataset} {condition(dataset, where)}")
        with self._snapshot() as connection, _raw(connection).cursor(name="rows") as cursor:
            cursor.execute(text, tuple(values))
            return as_arrow(cursor, arrow_schema(dataset, columns))

    # writing ---------------------------------------------------------------------------------------------------------

    def _begin(self, connection: Connection) -> None:
        ours = cast(PostgresConnection, connection)
        if ours.is_stale or ours.raw.closed or not _answers(ours.raw):
            ours.raw.close()
            ours.raw, ours.is_stale = self._server.connect(), False
        ours.raw.execute("begin")
        ours.raw.execute("select pg_advisory_xact_lock(%s)", (self._server.number("write"),))

    def _is_over(self, connection: Connection) -> bool:
        raw = _raw(connection)
        return raw.closed or raw.info.transaction_status == pq.TransactionStatus.IDLE

    def _commit(self, connection: Connection) -> None:
        if _raw(connection).execute("commit").statusmessage != "COMMIT":  # a failed transaction answers ROLLBACK
            raise StoreDown(f"{self._name} took a transaction back; nothing was changed, try again")

    def _explained(self, error: BaseException) -> BaseException:
        if isinstance(error, CrossliftError) or not isinstance(error, psycopg.Error):
            return error
        if isinstance(error, errors.LockNotAvailable | errors.SerializationFailure | errors.DeadlockDetected):
            return Busy(f"{self._name} is being written by another process; try again in a moment")
        if isinstance(error, errors.FeatureNotSupported):
            return Busy(f"the tables of {self._name} have just changed; try again in a moment")
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return StoreDown(f"cannot read or write {self._name}: {told(error)}; see to the server")
        if isinstance(error, psycopg.DataError) and "NUL" in str(error):
            return BadInput("a text holds a NUL character, which PostgreSQL cannot keep; take it out")
        return error

    def _release(self) -> None:
        for raw in (self._writing.raw, *self._connections()):
            raw.close()

    # the schema as a whole -------------------------------------------------------------------------------------------

    def alone(self, what: str, busy: str) -> AbstractContextManager[None]:
        """Hold an advisory lock of the shop, whatever host asks."""
        return self._server.alone(what, busy)

    def kept_elsewhere(self) -> Iterator[tuple[str, Sequence[bytes]]]:
        """Give every text and binary column of the schema, some values at a time, as UTF-8."""
        with self._snapshot() as connection:
            columns = connection.execute(
                "select table_name, column_name, data_type from information_schema.columns "
                "where table_schema = ? and data_type in ('text', 'bytea') order by 1, 2",
                (self._server.schema,),
            ).fetchall()
            for table, column, kind in columns:
                value = sql.SQL("convert_to({0}, 'UTF8')" if kind == "text" else "{0}").format(sql.Identifier(column))
                with _raw(connection).cursor(name="values") as cursor:
                    chosen = sql.SQL("select {0} from {1} where {2} is not null")
                    cursor.execute(chosen.format(value, sql.Identifier(table), sql.Identifier(column)))
                    while rows := cursor.fetchmany(AT_ONCE):
                        yield f"{table}.{column}", [row[0] for row in rows]

    def compact(self, *, whole: bool = False) -> None:
        """Overwrite nothing by itself, but free the room of deleted rows; given `whole`, write the tables anew."""
        how = sql.SQL("vacuum full {}" if whole else "vacuum {}")
        with self._server.connect() as raw:
            for table in metadata.sorted_tables:
                raw.execute(how.format(sql.Identifier(self._server.schema, table.name)))


class PostgresRecords(PostgresSchema, SqlRecords):
    """Records in one PostgreSQL schema."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._told: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()

    def import_rows(self, import_id: int, dataset: str, columns: Sequence[str], rows: Sequence[Row]) -> Outcome:
        """Add rows to a pending import; the planner hears of a table that has grown to twice what it was."""
        outcome = super().import_rows(import_id, dataset, columns, rows)
        self._untold[dataset] += outcome.n_new
        if self._untold[dataset] >= max(ANALYZE_FROM, self._told[dataset]):
            self._told[dataset] += self._untold.pop(dataset)
            told = f"{dataset}, identity_evidence" if dataset == "customers" else dataset  # their contacts are evidence
            self._write(lambda c: c.execute(f"analyze {told}"))
        return outcome


def _raw(connection: Connection) -> Raw:
    return cast(PostgresConnection, connection).raw


def _answers(raw: Raw) -> bool:
    """Tell whether the server is still there: it may have been started anew since the last write."""
    try:
        raw.execute("select 1")
    except psycopg.Error:
        return False
    return True


def _null(value: Any) -> Any:
    """SQLite keeps a nan as null, and the statements count on it."""
    return None if isinstance(value, float) and isnan(value) else value
