"""Search everything a shop keeps for the traces of a person: raw bytes, and what compressed and columnar files hold.

The proof of an erasure: the same search must find the person before it and nothing after.
"""

import gzip
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crosslift.store.needles import Needles

SHORTEST = 6
"""Shorter texts are in any large file by chance: they are searched as whole values of columns only."""
_BLOCK = 1 << 24
_ROWS = 1 << 12
_SQLITE = b"SQLite format 3\0"
Column = tuple[str, Sequence[bytes]]
"""Some values of a column by its name, texts as UTF-8."""
_ZLIB = b"x"
"""What compressed values of columns begin with, and few others."""


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


def find_traces(home: Path, texts: Sequence[str], elsewhere: Iterable[Column] = ()) -> Search:
    """Search every file under a folder for texts, in one pass however many they are.

    Parameters
    ----------
    texts : sequence of str
        Identifiers, addresses, names ...; those shorter than `SHORTEST` only as whole values in tables.
    elsewhere : iterable of Column
        What is kept outside the folder, as `Records.kept_elsewhere` gives it.

    Returns
    -------
    Search
        Raw bytes of every file; every column of SQLite tables, every text column of Parquet files; unpacked gz, zip and
        compressed columns. A file that another process removes meanwhile is no trace.
    """
    wanted = _Wanted(texts)
    found: list[Trace] = []
    n_files = n_bytes = 0
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        with suppress(FileNotFoundError):
            n_bytes += path.stat().st_size
            n_files += 1
            name = str(path.relative_to(home))
            found += (Trace(name, place, text) for place, text in _in_file(path, wanted))
    places: set[tuple[str, str]] = set()
    for place, values in elsewhere:
        n_bytes += sum(map(len, values))
        places |= _in_column(place, values, wanted)
    found += (Trace("records", place, text) for place, text in sorted(places))
    return Search(n_files, n_bytes, tuple(found))


class _Wanted:
    """What is searched for: long texts anywhere, short ones as whole values."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.long = Needles(text for text in texts if len(text) >= SHORTEST)
        self.short = {text.encode(): text for text in texts if len(text) < SHORTEST}

    def in_values(self, values: Sequence[bytes]) -> set[str]:
        """Give the texts that some values of a column are or hold."""
        whole = {self.short[value] for value in self.short.keys() & set(values)} if self.short else set()
        return whole | self.long.found_in(b"\0".join(values))


def _in_file(path: Path, wanted: _Wanted) -> Iterator[tuple[str, str]]:
    yield from (("raw bytes", text) for text in sorted(_in_bytes(path, wanted.long)))
    with path.open("rb") as stream:
        head = stream.read(16)
    if head == _SQLITE:
        yield from sorted(_in_sqlite(path, wanted))
    elif head.startswith(b"PAR1"):
        yield from _in_parquet(path, wanted)
    elif head.startswith(b"\x1f\x8b"):
        with gzip.open(path) as unpacked:
            yield from (("unpacked", text) for text in sorted(wanted.long.found_in(unpacked.read())))
    elif head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                yield from ((member, text) for text in sorted(wanted.long.found_in(archive.read(member))))


def _in_bytes(path: Path, texts: Needles) -> set[str]:
    """Search raw bytes, block by block; blocks overlap so that no text is cut."""
    overlap = texts.longest - 1
    seen: set[str] = set()
    with path.open("rb") as stream:
        tail = b""
        while block := stream.read(_BLOCK):
            content = tail + block
            seen |= texts.found_in(content)
            tail = content[-overlap:] if overlap > 0 else b""
    return seen


def _in_sqlite(path: Path, wanted: _Wanted) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        connection.text_factory = bytes
        for table in tables:
            rows = connection.execute(f'select * from "{table}"')
            names = [f"{table}.{column[0]}" for column in rows.description]
            while some := rows.fetchmany(_ROWS):
                for name, column in zip(names, zip(*some, strict=True), strict=True):
                    values = [value for value in column if type(value) is bytes]
                    found |= _in_column(name, values, wanted)
    return found


def _in_column(name: str, values: Sequence[bytes], wanted: _Wanted) -> set[tuple[str, str]]:
    found = {(name, text) for text in wanted.in_values(values)}
    return found | {(f"{name} unpacked", text) for text in wanted.in_values(_unpacked(values))}


def _unpacked(values: Sequence[bytes]) -> list[bytes]:
    """Give what the compressed ones of some values hold."""
    contents = []
    for value in values:
        if value[:1] == _ZLIB:
            with suppress(zlib.error):
                contents.append(zlib.decompress(value))
    return contents


def _in_parquet(path: Path, wanted: _Wanted) -> Iterator[tuple[str, str]]:
    table = pq.ParquetFile(path).read()
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
            continue
        values = [text.encode() for text in pc.unique(column.drop_null()).to_pylist()]
        yield from ((name, text) for text in sorted(wanted.in_values(values)))
