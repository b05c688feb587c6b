"""What records are kept in, as their statements see it: a connection, reads of one state, writes committed in groups.

The statements are written once, in SQLite's words, and handed to either engine; SQLite runs them as they are.
"""

import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from functools import cache
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from crosslift.errors import Busy, WillNotWork
from crosslift.store.tables import VISIBLE, arrow_schema, metadata

T = TypeVar("T")
Values = Sequence[Any] | Mapping[str, Any]
GROUP = 256
"""Writes that one commit holds at most."""
MOST_WAITING = 10_000
"""Writes that may wait for theirs; whoever brings one more is told to come back."""
ALL = 2**63 - 1
"""The limit of a statement that has none."""
AT_ONCE = 16_384
"""Rows turned into columns at once."""


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def description(self) -> Any:
        """One entry a column, its name first."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchone(self) -> Any:
        """Give the next row, None after the last."""

    def fetchmany(self, size: int, /) -> list[Any]:
        """Give the next rows."""

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Give the rows that are left, one by one."""


class Connection(Protocol):
    """What runs statements; values stand as `?`, `?1` or `:name` in them."""

    def execute(self, statement: str, values: Values = (), /) -> Cursor:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Cursor:
        """Run a statement for each row."""


Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class Engine(ABC):
    """Where records are kept, opened: one writer with group commit, whoever writes is answered after the commit.

    Parameters
    ----------
    name : str
        What messages call it; holds no secret.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()

    # what an engine brings -------------------------------------------------------------------------------------------

    @abstractmethod
    def _reader(self) -> Connection:
        """Give a connection for single reads."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[Connection]:
        """Give a connection for several reads of one state."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[None]:
        """Say of a read that fails that the store is down, and why."""

    @abstractmethod
    def _begin(self, connection: Connection) -> None:
        """Begin a transaction that nobody else writes beside."""

    @abstractmethod
    def _is_over(self, connection: Connection) -> bool:
        """Tell whether the transaction is gone as a whole."""

    @abstractmethod
    def _commit(self, connection: Connection) -> None:
        """Make a transaction last, or raise."""

    @abstractmethod
    def _explained(self, error: BaseException) -> BaseException:
        """Give what a caller is told of an error."""

    @abstractmethod
    def _release(self) -> None:
        """Close every connection."""

    @abstractmethod
    def compact(self, *, whole: bool = False) -> None:
        """Leave nothing deleted behind in the files; given `whole`, write them anew."""

    @abstractmethod
    def alone(self, what: str, busy: str) -> AbstractContextManager[None]:
        """Do something that only one process of the shop may do at a time; `Busy` with that message if another does."""

    def kept_elsewhere(self) -> Iterator[tuple[str, Sequence[bytes]]]:
        """Give text and binary columns that no file of the home holds, some values at a time, as UTF-8."""
        yield from ()

    # writing ---------------------------------------------------------------------------------------------------------

    def _start_writer(self, connection: Connection) -> None:
        self._writer = threading.Thread(target=self._write_loop, args=(connection,), name="records-writer", daemon=True)
        self._writer.start()

    def submit(self, job: Callable[[Connection], T]) -> "Future[T]":
        """Queue a write; its future resolves after the commit that holds it (group commit)."""
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise WillNotWork(f"{self._name} is closed")
            if self._jobs.qsize() >= MOST_WAITING:
                raise Busy(f"{MOST_WAITING} writes wait for {self._name} already; try again in a moment")
            acting = copy_context()  # the audit names who acts where it was asked
            self._jobs.put((lambda connection: acting.run(job, connection), future))
        return future

    def _write(self, job: Callable[[Connection], T]) -> T:
        return self.submit(job).result()

    def _write_loop(self, connection: Connection) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            while len(batch) < GROUP and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                batch.append(following)
            self._commit_group(connection, batch)

    def _commit_group(self, connection: Connection, batch: list[Job]) -> None:
        """Run each job in its own savepoint, commit once, then answer all of them."""
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._begin(connection)
            for run, future in batch:
                connection.execute("savepoint job")
                try:
                    answers.append((future, run(connection), None))
                except Exception as error:  # handed to the caller, whole
                    if self._is_over(connection):  # a full disk takes the whole transaction back
                        raise
                    connection.execute("rollback to job")
                    answers.append((future, None, error))
                connection.execute("release job")
            self._commit(connection)
        except Exception as error:  # noqa: BLE001 - every caller is told; the writer lives on
            with suppress(Exception):
                connection.execute("rollback")
            answers = [(future, None, error) for _, future in batch]
        for future, value, problem in answers:
            if problem is not None:
                future.set_exception(self._explained(problem))
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
        self._release()

    # reading ---------------------------------------------------------------------------------------------------------

    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns, in order of ingestion where there is one."""
        statement = f"select {', '.join(columns)} from {dataset} {condition(dataset, where)}"
        return as_arrow(self._reader().execute(statement, tuple(values)), arrow_schema(dataset, columns))


def upsert(c: Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row, or put it in place of the one with its key."""
    marks = ", ".join("?" * len(row))
    c.execute(f"insert into {table} ({', '.join(row)}) values ({marks}) {replacing(table)}", tuple(row.values()))


@cache
def replacing(table: str) -> str:
    """Say, at the end of an insert, that a row takes the place of the one with its key; it names every column."""
    key = metadata.tables[table].primary_key.columns.keys()
    rest = [column.name for column in metadata.tables[table].columns if column.name not in key]
    return f"on conflict ({', '.join(key)}) do update set {', '.join(f'{name} = excluded.{name}' for name in rest)}"


def as_arrow(cursor: Cursor, schema: pa.Schema) -> pa.Table:
    """Read what a statement gives as Arrow columns."""
    batches = []
    while rows := cursor.fetchmany(AT_ONCE):
        arrays = []
        for place, field in enumerate(schema):
            values = [row[place] for row in rows]
            arrays.append(_truths(values) if pa.types.is_boolean(field.type) else pa.array(values, field.type))
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _truths(values: list[Any]) -> pa.Array:
    """Read truths, which SQLite gives as 0 and 1."""
    try:
        return pa.array(values, pa.int8()).cast(pa.bool_())
    except pa.ArrowTypeError:
        return pa.array(values, pa.bool_())


def condition(dataset: str, where: str) -> str:
    """Say which rows of a table are read: those that count, in order of ingestion where there is one."""
    if "superseded_by" not in metadata.tables[dataset].columns:  # no import brings it
        return where if where.startswith("order by") or not where else f"where {where}"
    if where.startswith("order by"):
        return f"where {VISIBLE} {where}"
    return f"where {VISIBLE}" + (f" and {where}" if where else "") + " order by id"
