"""One SQLite file: WAL, one writer thread with group commit, a reading connection for each thread."""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from crosslift.errors import Busy, CrossliftError, StoreDown, WillNotWork
from crosslift.store import migrate, sqlite_curation, sqlite_imports
from crosslift.store.tables import VISIBLE, arrow_schema

T = TypeVar("T")
Job = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]
GROUP = 256
LAST_TRY = 500
MAPPED = 1 << 28
"""Bytes of the file that readers map instead of copying page by page: pages of one person lie all over it."""


class SqliteFile:
    """The file, opened: readers never wait for the writer, and whoever writes is answered after the commit.

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
            connection.execute(f"pragma mmap_size={MAPPED}")
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

    def table(self, dataset: str, columns: Sequence[str], where: str = "", values: Sequence[Any] = ()) -> pa.Table:
        """Read the visible rows of a table as Arrow columns, in order of ingestion where there is one."""
        condition = _condition(dataset, where)
        cursor = self._reader().execute(f"select {', '.join(columns)} from {dataset} {condition}", tuple(values))
        return sqlite_curation.as_arrow(cursor, arrow_schema(dataset, columns))


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


def _explained(error: BaseException, path: Path) -> BaseException:
    if isinstance(error, CrossliftError) or not isinstance(error, sqlite3.Error):
        return error
    if "locked" in str(error):
        return Busy(f"{path} is being written by another process; try again in a moment")
    if any(sign in str(error) for sign in ("disk is full", "readonly", "disk I/O", "unable to open")):
        return StoreDown(f"cannot write {path}: {error}; free space or fix the permissions, nothing was changed")
    return error


@contextmanager
def read_or_down(path: Path) -> Iterator[None]:
    """Say of a read that fails that the store is down, and why.

    Raises
    ------
    StoreDown
        For whatever SQLite cannot do; `Busy` where somebody else holds the file.
    """
    try:
        yield
    except sqlite3.Error as error:
        if "locked" in str(error):
            raise Busy(f"{path} is being written by another process; try again in a moment") from error
        raise StoreDown(f"cannot read {path}: {error}; mend the folder or restore a backup") from error


def _condition(dataset: str, where: str) -> str:
    if dataset not in sqlite_imports.IMPORTED:
        return where if where.startswith("order by") or not where else f"where {where}"
    if where.startswith("order by"):
        return f"where {VISIBLE} {where}"
    return f"where {VISIBLE}" + (f" and {where}" if where else "") + " order by id"
