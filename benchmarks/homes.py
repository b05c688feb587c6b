"""A shop's home with many customers in it, everything as it lies at rest after years of imports and nights; made once, kept.

Rows are written in bulk past the doors, so nothing here measures importing. They lie where imports leave them: records in SQLite,
the columnar copy of orders in a Parquet file a day, sealed events in Parquet parts of 500,000 sorted by identity, the newest
events in the open tail. Ids of messages seen, which only importing reads, are left out. Homes lie outside the repository, in
$CROSSLIFT_BENCH_DATA, else ~/.cache/crosslift-bench.
"""

import shutil
import sqlite3
import sys
from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks import baskets
from benchmarks.population import DAYS, Population, products

VERSION = 1
"""Counted up with every change of what is made."""
SETTINGS = '[shop]\ncurrency = "EUR"\n[profile]\nservice_cost_per_hour = 30.0\n'
TAIL = 40_000
ROWS = 50_000
NOW = datetime.fromtimestamp(DAYS * 86_400, UTC)


PIECE = 1 << 24


def read_through(file: Path) -> None:
    """Read a file once, so that what is measured next finds it in the memory of the system."""
    with file.open("rb", buffering=0) as opened:
        while opened.read(PIECE):
            pass


def place(n_customers: int) -> Path:
    """Say where the home of so many customers is, or will be; another one for another schema."""
    from crosslift.store.migrate import HEAD

    return baskets.folder() / f"home-{n_customers}-{HEAD}-v{VERSION}"


def make(n_customers: int) -> Path:
    """Give the home of so many customers, made unless it is there."""
    home = place(n_customers)
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        hidden = home.with_name(f".{home.name}")
        for other in (hidden, *home.parent.glob(f"home-{n_customers}-*")):
            shutil.rmtree(other, ignore_errors=True)
        fill(hidden, Population(n_customers))
        hidden.rename(home)
    return home


def fill(
    home: Path, people: Population, further: Iterable[tuple[str, pa.Table]] = (), without: Collection[str] = ()
) -> None:
    """Write everything there is into a new home, but for some tables, and further rows by table."""
    from crosslift.shop import Shop
    from crosslift.store.parts import COPIES

    home.mkdir()
    (home / "shop.toml").write_text(SETTINGS, encoding="utf-8")
    with Shop(home, clock=lambda: NOW) as shop:
        shop.put_products(products())
    with closing(sqlite3.connect(home / "records.db", isolation_level=None)) as records:
        indexes = _without_indexes(records)
        for name, rows in people.tables():
            if name in without:
                continue
            brought = _brought(records, name, rows)
            _insert(records, name, brought)
            if name in COPIES:
                _copy(records, home / "parts", name, brought)
        _events(records, home / "parts", people)
        for name, rows in further:
            _insert(records, name, rows)
        for statement in indexes:
            records.execute(statement)
    with Shop(home, clock=lambda: NOW) as shop:
        shop.profiles.learn(lambda *_: None)


def _without_indexes(records: sqlite3.Connection) -> list[str]:
    """Take indexes away while rows come in; gives the statements that make them again."""
    for setting in ("journal_mode=delete", "synchronous=off", "cache_size=-500000"):
        records.execute(f"pragma {setting}")
    found = records.execute("select name, sql from sqlite_master where type = 'index' and sql is not null").fetchall()
    for name, _ in found:
        records.execute(f'drop index "{name}"')
    return [statement for _, statement in found]


def _brought(records: sqlite3.Connection, name: str, rows: pa.Table) -> pa.Table:
    """Number rows that come by imports, and say by which."""
    from crosslift.store.sql_imports import IMPORTED

    if name not in IMPORTED:
        return rows
    row = (name, "bench", "bench", "committed", 0)
    done = records.execute(
        "insert into imports (dataset, source, format, state, started_at) values (?, ?, ?, ?, ?)", row
    )
    numbered = rows if "id" in rows.column_names else rows.append_column("id", pa.array(np.arange(1, len(rows) + 1)))
    return numbered.append_column("import_id", pa.array(np.full(len(rows), done.lastrowid)))


def _insert(records: sqlite3.Connection, name: str, rows: pa.Table) -> None:
    marks = ", ".join("?" * rows.num_columns)
    statement = f"insert into {name} ({', '.join(rows.column_names)}) values ({marks})"
    records.execute("begin")
    for batch in rows.to_batches(ROWS):
        records.executemany(statement, zip(*(column.to_pylist() for column in batch.columns), strict=True))
    records.execute("commit")


def _copy(records: sqlite3.Connection, parts: Path, name: str, rows: pa.Table) -> None:
    """Write the columnar copy, one file a day."""
    from crosslift.store.parts import COPIES, write_part
    from crosslift.store.tables import arrow_schema

    day, columns = COPIES[name]
    schema = arrow_schema(name, columns)
    filled = {
        field.name: rows.column(field.name) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in schema
    }  # fmt: skip
    whole = pa.table(filled).cast(schema).sort_by([(day, "ascending"), ("id", "ascending")]).combine_chunks()
    days = np.asarray(whole.column(day))
    begins = np.flatnonzero(np.diff(days, prepend=-1))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(days)], strict=True):
        part = whole.slice(begin, end - begin)
        file = write_part(part, parts / name, str(np.datetime64(int(days[begin]), "D")))
        _list(records, name, int(days[begin]), f"{name}/{file}", part)


def _events(records: sqlite3.Connection, parts: Path, people: Population) -> None:
    """Seal all but the newest events into parts."""
    from crosslift.store.duckdb import SEAL_ROWS
    from crosslift.store.parts import write_part

    n = people.n * people.events_each
    for begin in range(0, n - TAIL, SEAL_ROWS):
        rows = people.events(begin, min(begin + SEAL_ROWS, n - TAIL))
        sealed = rows.append_column("import_id", pa.array(np.ones(len(rows), np.int64)))
        ordered = sealed.sort_by([("identity", "ascending"), ("id", "ascending")])
        file = write_part(ordered, parts / "events", f"{begin + 1:012d}")
        _list(records, "events", None, f"events/{file}", ordered)
    _insert(records, "events", _brought(records, "events", people.events(n - TAIL, n)))


def _list(records: sqlite3.Connection, name: str, day: int | None, file: str, rows: pa.Table) -> None:
    listed = (name, day, file, len(rows), int(np.asarray(rows.column("id")).max()))
    records.execute(
        "insert into parts (dataset, day, file, n_rows, watermark, is_dirty) values (?, ?, ?, ?, ?, 0)", listed
    )


if __name__ == "__main__":
    print(make(int(sys.argv[1])))
