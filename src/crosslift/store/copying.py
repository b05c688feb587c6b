"""Records of a server copied into a file: those of one transaction, while others write, read back and compared."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Table

from crosslift.errors import Conflict
from crosslift.store import migrate
from crosslift.store.moving import AT_ONCE, Counted, columns_of, select_of
from crosslift.store.postgres_server import Raw, Server
from crosslift.store.tables import metadata


def copy_records(server: Server, path: Path) -> None:
    """Write a new SQLite file that holds what the server holds at one moment; nobody waits for it.

    Raises
    ------
    Conflict
        If what was written differs from what was read.
    """
    server.ensure_current()
    migrate.ensure_current(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as file, server.connect() as raw:
        raw.execute("begin isolation level repeatable read read only")
        file.execute("begin")
        for table in metadata.sorted_tables:
            _copy(raw, file, table)
        file.execute("commit")
        raw.execute("commit")


def _copy(raw: Raw, file: sqlite3.Connection, table: Table) -> None:
    file.execute(f"delete from {table.name}")  # a new file has a row or two of its own
    marks = ", ".join("?" * len(table.columns))
    with raw.cursor(name="copied") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(select_of(table))
        sent = Counted(table, cursor)
        file.executemany(f"insert into {table.name} ({columns_of(table)}) values ({marks})", sent)
    arrived = Counted(table, file.execute(select_of(table)))
    for _ in arrived:
        pass
    if arrived.content != sent.content:
        raise Conflict(
            f"{table.name} was written with {arrived.content.n_rows} of {sent.content.n_rows} rows, or with other content; "
            "nothing was kept"
        )
    if table.dialect_options["sqlite"]["autoincrement"]:
        _go_on_from(raw, file, table)


def _go_on_from(raw: Raw, file: sqlite3.Connection, table: Table) -> None:
    """Let the next row be numbered after the last one there ever was, also where the newest are gone."""
    used = raw.execute("select pg_sequence_last_value(pg_get_serial_sequence(%s, 'id'))", (table.name,)).fetchone()
    if used is not None and used[0] is not None:
        file.execute("delete from sqlite_sequence where name = ?", (table.name,))
        file.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (table.name, used[0]))
