"""The log of decisions in columns: a Parquet file a day, made from the records anew wherever it is lost or they moved on.

The records are the truth. A file counts while its day has as many decisions in the log as rows, and nobody in it was erased
since; the last day of the log is always read from the log itself, as more may come.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.store.parts import AT_ONCE, read_file, write_part
from crosslift.store.ports import Records
from crosslift.store.sql_decided import DAY, LOG

T = TypeVar("T")
ReadBodies = Callable[[pa.ChunkedArray], Mapping[str, pa.Array]]
"""Gives code, products and sources of slim records: this room keeps them and does not know what is in them."""
FROM_LOG = ("decision_id", "at", "placement", "channel", "purpose", "identity", "is_withheld")
SCHEMA = pa.schema([
    ("decision_id", pa.string()), ("at", pa.int64()), ("placement", pa.string()), ("channel", pa.string()),
    ("purpose", pa.string()), ("identity", pa.string()), ("is_withheld", pa.bool_()), ("code", pa.string()),
    ("products", pa.list_(pa.string())), ("sources", pa.list_(pa.string())),
])  # fmt: skip
"""A row a decision: code says why nothing was offered, empty where something was; products and sources of its offers."""


def read_decided(
    records: Records, folder: Path, read: ReadBodies, since: int, until: int, columns: Sequence[str] = ()
) -> pa.Table:
    """Give the decisions of a period (microseconds UTC, the second not included), in no order; all columns or some."""
    chosen = columns or SCHEMA.names
    empty = pa.schema([SCHEMA.field(name) for name in chosen]).empty_table()
    return pa.concat_tables([empty, *each_decided(lambda day: day, records, folder, read, since, until, chosen)])


def each_decided(
    work: Callable[[pa.Table], T], records: Records, folder: Path, read: ReadBodies, since: int, until: int,
    columns: Sequence[str],
) -> list[T]:  # fmt: skip
    """Give what `work` makes of each day of a period, in their order; it runs in several threads, while other files are read.

    What a day takes in memory is let go before most others are read, if `work` gives less.
    """
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    needed = schema if "at" in schema.names else schema.append(SCHEMA.field("at"))

    def worked(day: pa.Table) -> T:
        return work(_within_period(day.select(needed.names), since, until).select(schema.names))

    while True:
        _, n_of = refresh_decided(records, folder, read, since, until)
        chosen = _within(n_of, since, until)
        kept = _kept(records, folder, n_of)
        try:
            with ThreadPoolExecutor(AT_ONCE) as readers:
                files = [folder / kept[day] for day in chosen if day in kept]
                found = list(readers.map(lambda path: worked(read_file(path, needed)), files))
        except FileNotFoundError:
            continue  # another process wrote a day anew meanwhile
        return found + [worked(_from_log(records, read, day)) for day in chosen if day not in kept]


def _within_period(rows: pa.Table, since: int, until: int) -> pa.Table:
    """Leave out what is not of the period; most days are whole."""
    within = pc.and_(pc.greater_equal(rows["at"], since), pc.less(rows["at"], until))
    return rows if pc.all(within).as_py() else rows.filter(within)


def refresh_decided(
    records: Records, folder: Path, read: ReadBodies, since: int = 0, until: int | None = None
) -> tuple[int, dict[int, int]]:
    """Write the files of every day of a period that is over and has none that holds; returns how many, and what the log has."""
    erasures, n_of = records.decided()
    kept = _kept(records, folder, n_of)
    stale = [day for day in _within(n_of, since, until) if day not in kept and day != max(n_of)]
    for day in stale:
        rows = _from_log(records, read, day)
        name = write_part(rows, folder / LOG, str(pa.scalar(day, pa.int32()).cast(pa.date32()).as_py()))
        _list(records, folder, day, f"{LOG}/{name}", rows.num_rows, erasures)
    return len(stale), n_of


def forget_decided(records: Records, folder: Path) -> None:
    """Delete the files that somebody was in who is erased; the next reading writes them anew."""
    gone = records.table("parts", ("day", "file"), f"dataset = '{LOG}' and is_dirty and file is not null")
    for day in gone["day"].to_pylist():
        _list(records, folder, day, None, 0, 0)


def _list(records: Records, folder: Path, day: int, file: str | None, n_rows: int, erasures: int) -> None:
    for old in records.list_parts(LOG, [(day, file, n_rows, erasures)]):
        with suppress(FileNotFoundError):
            (folder / old).unlink()


def _kept(records: Records, folder: Path, n_of: Mapping[int, int]) -> dict[int, str]:
    """Give the files that hold, by day."""
    listed = records.table(
        "parts", ("day", "file", "n_rows"), f"dataset = '{LOG}' and not is_dirty and file is not null"
    )
    return {
        row["day"]: row["file"]
        for row in listed.to_pylist()
        if n_of.get(row["day"]) == row["n_rows"] and (folder / row["file"]).exists()
    }


def _within(n_of: Mapping[int, int], since: int, until: int | None) -> list[int]:
    return [day for day in sorted(n_of) if (day + 1) * DAY > since and (until is None or day * DAY < until)]


def _from_log(records: Records, read: ReadBodies, day: int) -> pa.Table:
    rows = records.table(LOG, (*FROM_LOG, "body"), "at >= ? and at < ?", (day * DAY, (day + 1) * DAY))
    told = read(rows["body"])
    columns = {name: rows[name] for name in FROM_LOG} | {name: told[name] for name in SCHEMA.names if name in told}
    return pa.table(columns).select(SCHEMA.names).cast(SCHEMA)
