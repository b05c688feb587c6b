"""Move a shop's records from SQLite to PostgreSQL: copied whole in one transaction, counted, compared, then switched."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Boolean, Table

from crosslift.errors import BadUsage, Busy, Conflict, NotFound
from crosslift.store import migrate
from crosslift.store.opening import RECORDS, server_of
from crosslift.store.postgres_server import SERVES, Raw, Server
from crosslift.store.tables import metadata

SETTINGS = "shop.toml"
LEFT = "records.moved.db"
"""What the file is called once nothing reads it any more."""
AT_ONCE = 10_000
_OWN = f"key <> '{SERVES}'"
"""Rows of `shop_meta` that speak of the shop and not of the schema."""
_ROWS = 1 << 64


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table has, and the sum of their hashes, whatever their order."""

    n_rows: int
    digest: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, where to, and where the old file is."""

    to: str
    tables: dict[str, int]
    digest: str
    left: Path


def move_records(home: Path, address: str, schema: str) -> Moved:
    """Move a shop's records to PostgreSQL and let its settings name the new place; parts and snapshots stay.

    Nobody may have the shop open. What was read from the file and what is read back from the server, before anything is
    committed, must be the same row by row. Run again after a crash it goes on where it stopped.

    Parameters
    ----------
    address, schema : str
        As the settings `records.address` and `records.schema` have them.

    Raises
    ------
    NotFound
        If the folder has no records.
    Busy
        If another process has the shop open.
    Conflict
        If the schema holds other records, or what arrived differs.
    """
    path = home / RECORDS
    if not path.exists():
        raise NotFound(f"{home} has no {RECORDS}; there is nothing to move")
    settings = _settings_with(home / SETTINGS, address, schema)
    server = server_of(home, address, schema)
    migrate.ensure_current(path)
    with closing(_held(path)) as source:
        server.ensure_current()
        contents = _copy(source, server)
        source.execute("rollback")
    _write(home / SETTINGS, settings)
    left = home / LEFT
    path.rename(left)
    total = sum(one.digest for one in contents.values()) % _ROWS
    return Moved(server.name, {name: one.n_rows for name, one in contents.items() if one.n_rows}, f"{total:016x}", left)


def _held(path: Path) -> sqlite3.Connection:
    """Open the file so that nobody else can; whoever has it open keeps us out."""
    source = sqlite3.connect(path, isolation_level=None, timeout=1)
    try:
        if source.execute("pragma journal_mode=delete").fetchone()[0] != "delete":
            raise sqlite3.OperationalError("locked")
        source.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        source.close()
        raise Busy(f"{path} is open in another process; stop the server and its jobs first") from error
    return source


def _copy(source: sqlite3.Connection, server: Server) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    with server.connect() as raw:
        raw.execute("begin")
        raw.execute("select pg_advisory_xact_lock(%s)", (server.number("write"),))
        is_there = _is_there(raw)
        for table in metadata.sorted_tables:
            read = Counted(table, source.execute(select_of(table)))
            if is_there:
                for _ in read:
                    pass
            else:
                with raw.cursor().copy(f"copy {table.name} ({columns_of(table)}) from stdin") as copy:
                    for row in read:
                        copy.write_row(row)
                _go_on_from(raw, source, table)
            contents[table.name] = read.content
            arrived = _read_back(raw, table)
            if arrived != read.content:
                raise Conflict(_difference(server, table, read.content, arrived, is_there))
        raw.execute("commit")
        raw.execute("analyze")
    return contents


def _is_there(raw: Raw) -> bool:
    """Tell whether the schema holds records already: those of a move that was cut off, or others."""
    return any(
        raw.execute(f"select 1 from {table.name} {_where(table)} limit 1").fetchone()
        for table in metadata.sorted_tables
    )


def _difference(server: Server, table: Table, sent: Content, arrived: Content, is_there: bool) -> str:
    if is_there:
        return f"{server.name} holds other records ({table.name} differs); name an empty schema by --schema"
    return (
        f"{table.name} arrived in {server.name} with {arrived.n_rows} of {sent.n_rows} rows, or with other content; "
        "nothing was changed"
    )


class Counted:
    """Rows of a table as they pass, counted and hashed."""

    def __init__(self, table: Table, rows: Iterable[Any]) -> None:
        self._rows = rows
        self._truths = [place for place, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
        self.content = Content(0, 0)

    def __iter__(self) -> Iterator[list[Any]]:
        n = digest = 0
        encode = msgspec.msgpack.Encoder().encode
        for row in self._rows:
            values = list(row)
            for place in self._truths:  # SQLite keeps 0 and 1
                if values[place] is not None:
                    values[place] = bool(values[place])
            digest += int.from_bytes(blake2b(encode(values), digest_size=8).digest(), "big")
            n += 1
            yield values
        self.content = Content(n, digest % _ROWS)


def _read_back(raw: Raw, table: Table) -> Content:
    with raw.cursor(name="back") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(select_of(table))
        read = Counted(table, cursor)
        for _ in read:
            pass
    return read.content


def _go_on_from(raw: Raw, source: sqlite3.Connection, table: Table) -> None:
    """Let the next row of a table be numbered after the last one there ever was."""
    if "id" not in table.columns:
        return
    [last] = source.execute(f"select coalesce(max(id), 0) from {table.name}").fetchone()
    if table.dialect_options["sqlite"]["autoincrement"]:
        used = source.execute("select seq from sqlite_sequence where name = ?", (table.name,)).fetchone()
        last = max(last, used[0] if used else 0)
    if last:
        raw.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s)", (table.name, last))


def columns_of(table: Table) -> str:
    """Name the columns of a table in their order."""
    return ", ".join(column.name for column in table.columns)


def _where(table: Table) -> str:
    return f"where {_OWN}" if table.name == "shop_meta" else ""


def select_of(table: Table) -> str:
    """Give the statement that reads all of a table that speaks of the shop."""
    return f"select {columns_of(table)} from {table.name} {_where(table)}"


def _settings_with(file: Path, address: str, schema: str) -> str:
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if "[records]" in before:
        raise BadUsage(f"{file} has a section [records] already; take it out, the command writes it")
    said = "".join(f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in
                   (("address", address), ("schema", schema)))  # fmt: skip  # TOML quotes a text as JSON does
    return f"{before.rstrip()}\n\n[records]\n{said}".lstrip()


def _write(file: Path, text: str) -> None:
    """Put a file in place whole."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(file)
