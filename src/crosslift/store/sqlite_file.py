"""One SQLite file: WAL, one writer thread with group commit, a reading connection for each thread."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import cast

from crosslift.errors import Busy, CrossliftError, StoreDown
from crosslift.store import migrate
from crosslift.store.engine import Connection, Engine
from crosslift.store.locks import alone

LAST_TRY = 500
MAPPED = 1 << 28
"""Bytes of the file that readers map instead of copying page by page: pages of one person lie all over it."""
OFTEN = 100
"""From so many writes of a process on nothing is mapped: each takes the map away, and mapping a page costs more than a copy."""


class SqliteFile(Engine):
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
        super().__init__(str(path))
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._n_written = 0
        migrate.ensure_current(path)
        try:
            writing = self._connect()
        except sqlite3.Error as error:
            raise self._explained(error) from error
        self._start_writer(writing)

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
            self._local.is_mapped = True
        if self._n_written >= OFTEN and self._local.is_mapped and not connection.in_transaction:
            connection.execute("pragma mmap_size=0")
            self._local.is_mapped = False
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

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Say of a read that fails that the store is down, and why."""
        try:
            yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise Busy(f"{self._path} is being written by another process; try again in a moment") from error
            raise StoreDown(f"cannot read {self._path}: {error}; mend the folder or restore a backup") from error

    def _begin(self, connection: Connection) -> None:
        connection.execute("begin immediate")

    def _is_over(self, connection: Connection) -> bool:
        return not cast(sqlite3.Connection, connection).in_transaction

    def _commit(self, connection: Connection) -> None:
        connection.execute("commit")
        self._n_written += 1

    def _explained(self, error: BaseException) -> BaseException:
        if isinstance(error, CrossliftError) or not isinstance(error, sqlite3.Error):
            return error
        if "locked" in str(error):
            return Busy(f"{self._path} is being written by another process; try again in a moment")
        if any(sign in str(error) for sign in ("disk is full", "readonly", "disk I/O", "unable to open")):
            return StoreDown(
                f"cannot write {self._path}: {error}; free space or fix the permissions, nothing was changed"
            )
        return error

    def _release(self) -> None:
        for connection in self._open:
            connection.close()

    def alone(self, what: str, busy: str) -> AbstractContextManager[None]:
        """Hold a lock file beside the records, which the kernel lets go of when a process is killed."""
        return alone(self._path.with_name(f"{what}.lock"), busy)

    def compact(self, *, whole: bool = False) -> None:
        """Leave nothing deleted behind: the log is emptied into the file, and given `whole` the file written anew."""
        connection = self._reader()
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        if whole:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()


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
