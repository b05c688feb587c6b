"""Search everything a shop keeps for the traces of a person: raw bytes, and what compressed and columnar files hold.

The proof of an erasure: the same search must find the person before it and nothing after.
"""

import gzip
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SHORTEST = 6
"""Shorter texts are in any large file by chance: they are searched as whole values of columns only."""
_BLOCK = 1 << 24
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a text was found: the file under the home folder, and the place in it."""

    file: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """What was searched, and what was found."""

    n_files: int
    n_bytes: int
    found: tuple[Trace, ...]


def find_traces(home: Path, texts: Sequence[str]) -> Search:
    """Search every file under a folder for texts.

    Parameters
    ----------
    texts : sequence of str
        Identifiers, addresses, names ...; those shorter than `SHORTEST` only as whole values in tables.

    Returns
    -------
    Search
        Raw bytes of every file; every text column of SQLite tables and Parquet files; unpacked gz, zip and compressed
        columns. A file that another process removes meanwhile is no trace.
    """
    found: list[Trace] = []
    n_files = n_bytes = 0
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        with suppress(FileNotFoundError):
            n_bytes += path.stat().st_size
            n_files += 1
            name = str(path.relative_to(home))
            found += (Trace(name, place, text) for place, text in _in_file(path, texts))
    return Search(n_files, n_bytes, tuple(found))


def _in_file(path: Path, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    long = [text for text in texts if len(text) >= SHORTEST]
    yield from (("raw bytes", text) for text in _in_bytes(path, long))
    with path.open("rb") as stream:
        head = stream.read(16)
    if head == _SQLITE:
        yield from _in_sqlite(path, texts)
    elif head.startswith(b"PAR1"):
        yield from _in_parquet(path, texts)
    elif head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as unpacked:
            content = unpacked.read()
        yield from (("unpacked", text) for text in long if text.encode() in content)
    elif head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                content = archive.read(member)
                yield from ((member, text) for text in long if text.encode() in content)


def _in_bytes(path: Path, texts: Sequence[str]) -> set[str]:
    """Search raw bytes, block by block; blocks overlap so that no text is cut."""
    wanted = {text: text.encode() for text in texts}
    overlap = max((len(raw) for raw in wanted.values()), default=1) - 1
    seen: set[str] = set()
    with path.open("rb") as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            content = tail + block
            seen |= {text for text, raw in wanted.items() if text not in seen and raw in content}
            tail = content[-overlap:] if overlap else b""
    return seen


def _in_sqlite(path: Path, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            names = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
            for name in names:
                yield from ((f"{table}.{name}", text) for text in _in_column(connection, table, name, texts))
                yield from ((f"{table}.{name} unpacked", text) for text in _in_blobs(connection, table, name, texts))


def _in_column(c: sqlite3.Connection, table: str, name: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        test = f'instr("{name}", ?)' if len(text) >= SHORTEST else f'"{name}" = ?'
        if c.execute(
            f'select 1 from "{table}" where typeof("{name}") = \'text\' and {test} limit 1', (text,)
        ).fetchone():
            yield text


def _in_blobs(c: sqlite3.Connection, table: str, name: str, texts: Sequence[str]) -> Iterator[str]:
    rows = c.execute(f'select "{name}" from "{table}" where typeof("{name}") = \'blob\'')
    wanted = {text: text.encode() for text in texts if len(text) >= SHORTEST}
    for (blob,) in rows:
        content = blob
        with suppress(zlib.error):
            content = zlib.decompress(blob)
        yield from (text for text, raw in wanted.items() if raw in content)


def _in_parquet(path: Path, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    table = pq.ParquetFile(path).read()
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
            continue
        for text in texts:
            test = pc.match_substring(column, text) if len(text) >= SHORTEST else pc.equal(column, text)
            if pc.any(test).as_py():
                yield name, text
