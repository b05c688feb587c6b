"""Immutable Parquet files: the columnar copy of orders, returns and holdings, one file a day; sealed events.

The `parts` table is the truth: a file counts from the transaction that lists it, unlisted files are garbage.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crosslift.errors import WillNotWork
from crosslift.store.ports import Records
from crosslift.store.snapshot import settle_folder
from crosslift.store.tables import arrow_schema

COPIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "order_lines": (
        "ordered_on",
        (
            "id", "source", "order_id", "line_id", "has_line_id", "ordered_at", "ordered_on", "customer_id", "product_id",
            "variant_id", "title", "quantity", "unit_price_micros", "currency", "discount_micros", "tax_micros",
            "channel", "market", "status", "decision_id",
        ),
    ),
    "returns": (
        "returned_on",
        (
            "id", "source", "order_id", "line_id", "product_id", "quantity", "returned_at", "returned_on", "reason",
            "refund_micros", "currency",
        ),
    ),
    "subscriptions": (
        "started_on",
        (
            "id", "subscription_id", "customer_id", "account_id", "product_id", "status", "started_at", "started_on",
            "renews_at", "ended_at", "quantity", "recurring_price_micros", "currency", "period", "usage_limit", "used",
        ),
    ),
    "usage": ("read_on", ("id", "customer_id", "product_id", "meter", "value", "unit", "at", "read_on")),
}  # fmt: skip
"""Dataset to (day column, copied columns)."""

EVENT_COLUMNS = (
    "id", "name", "at", "identity", "product_id", "channel", "decision_id", "properties",
)  # fmt: skip
_FEW_DAYS = 40
ROWS_TOGETHER = 20_000
"""Rows of a file that are read as one: of the sealed events of one person a few of these, not the whole part."""
AT_ONCE = 8
"""Files written or read at the same time: each writer waits for the disk, which settles many in the time of one."""


def refresh_copies(records: Records, folder: Path) -> int:
    """Rewrite the files of every dirty day from the records; returns how many days that were."""
    return sum(_refresh(records, folder, dataset) for dataset in COPIES)


def _refresh(records: Records, folder: Path, dataset: str) -> int:
    days = records.dirty_days(dataset)
    if not days:
        return 0
    day_column, columns = COPIES[dataset]
    if len(days) > _FEW_DAYS:
        rows = records.table(dataset, columns, f"{day_column} between ? and ?", (days[0], days[-1]))
    else:
        rows = records.table(dataset, columns, f"{day_column} in ({', '.join('?' * len(days))})", days)
    place = np.asarray(rows.column(day_column))
    by_day = np.argsort(place, kind="stable")
    ordered = rows.take(pa.array(by_day)).combine_chunks()
    starts = np.searchsorted(place[by_day], days)
    ends = np.searchsorted(place[by_day], days, side="right")

    def written(day: int, start: int, end: int) -> tuple[int | None, str | None, int, int]:
        if start == end:
            return day, None, 0, 0
        part = ordered.slice(start, end - start)
        name = write_part(part, folder / dataset, f"{np.datetime64(day, 'D')}")
        return day, f"{dataset}/{name}", part.num_rows, int(np.asarray(part.column("id")).max())

    with ThreadPoolExecutor(AT_ONCE) as writers:
        listed = list(writers.map(written, days, starts.tolist(), ends.tolist()))
    for old in records.list_parts(dataset, listed):
        (folder / old).unlink(missing_ok=True)
    return len(days)


def write_part(rows: pa.Table, folder: Path, label: str) -> str:
    """Write one file completely before it gets its name; returns the name.

    Raises
    ------
    WillNotWork
        If the disk is full or the folder may not be written; no file is left then.
    """
    name = f"{label}-{uuid4().hex[:12]}.parquet"
    hidden = folder / f".{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with hidden.open("wb") as stream:
            pq.write_table(rows, stream, compression="zstd", compression_level=1, row_group_size=ROWS_TOGETHER)
            stream.flush()
            os.fsync(stream.fileno())
        hidden.rename(folder / name)
        settle_folder(folder)
    except OSError as error:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise WillNotWork(f"cannot write {folder / name}: {reason}; free space or fix the permissions") from error
    return name


def read_file(path: Path, schema: pa.Schema) -> pa.Table:
    """Read one file; most are a day of a small shop, where opening it is what takes time."""
    with pa.memory_map(str(path)) as mapped:
        table = pq.ParquetFile(mapped).read(columns=schema.names, use_threads=path.stat().st_size > LARGE_FILE)
    return table if table.schema.equals(schema) else table.select(schema.names).cast(schema)


LARGE_FILE = 1 << 20
"""Bytes from which one file is read by several threads."""


def read_parts(
    records: Records, folder: Path, dataset: str, columns: Sequence[str], since: int | None = None
) -> pa.Table:
    """Read the listed files of a dataset as one table, in order of ingestion; events of `since` or later alone."""
    from pyarrow.dataset import dataset as opened  # slow to import

    schema = arrow_schema(dataset, list(columns))
    while True:
        names = records.part_files(dataset)
        try:
            files = [str(path) for path in reaching(folder, names, since)]
            if not files:
                return schema.empty_table()
            return _by_id(opened(files, schema=schema, format="parquet").to_table())
        except FileNotFoundError:
            if records.part_files(dataset) == names:
                raise
            # another process rewrote a day between the listing and the reading


def _by_id(rows: pa.Table) -> pa.Table:
    is_sorted = bool((np.diff(np.asarray(rows.column("id"))) > 0).all())
    return rows if is_sorted else rows.sort_by("id")


def read_each(records: Records, folder: Path, dataset: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Read the listed files of a dataset one by one, each while the one before is worked on."""
    schema = arrow_schema(dataset, list(columns))
    with ThreadPoolExecutor(1) as reader:
        ahead: Future[pa.Table] | None = None
        for name in records.part_files(dataset):
            this, ahead = ahead, reader.submit(read_file, folder / name, schema)
            if this is not None:
                yield this.result()
        if ahead is not None:
            yield ahead.result()


def events_of(records: Records, folder: Path, identities: Sequence[str], since: int | None = None) -> pa.Table:
    """Read the sealed events of some identities; parts are sorted by person, so most row groups are passed over.

    Parts that hold nothing of `since` or later are not opened.
    """
    columns = list(EVENT_COLUMNS)
    schema = arrow_schema("events", columns)
    chosen: list[tuple[str, str, object]] = [("identity", "in", list(identities))]
    if since is not None:
        chosen.append(("at", ">=", since))
    while True:
        names = records.part_files("events")
        try:
            found = [
                pq.read_table(folder / name, columns=columns, filters=chosen).cast(schema)
                for name in names
                if _reaches(folder / name, since)
            ]
        except FileNotFoundError:
            if records.part_files("events") == names:
                raise
            continue  # a part was written anew without somebody, between the listing and the reading
        return pa.concat_tables(found).sort_by("id") if found else schema.empty_table()


def reaching(folder: Path, names: Sequence[str], since: int | None) -> list[Path]:
    """Give the listed files of events that hold any of `since` or later; all, where nobody asks since when."""
    return [folder / name for name in names if _reaches(folder / name, since)]


def _reaches(path: Path, since: int | None) -> bool:
    """Tell whether a file of events holds any of `since` or later."""
    return since is None or _newest(path) >= since


@lru_cache(maxsize=10_000)
def _newest(path: Path) -> int:
    """Give the instant of the newest event of a file, which never changes under its name, from what its writer noted."""
    with pq.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index("at")
        told = [file.metadata.row_group(n).column(place).statistics for n in range(file.num_row_groups)]
        if told and all(one is not None and one.has_min_max for one in told):
            return int(max(one.max for one in told))
        return int(pc.max(file.read(columns=["at"]).column("at")).as_py())


def rewrite_events(records: Records, folder: Path, stays: Callable[[pa.Table], pa.Array]) -> int:
    """Write sealed parts that hold events which are to go anew without them; returns how many went."""
    n_gone = 0
    for listed in records.part_files("events"):
        path = folder / listed
        rows = pq.read_table(path)
        kept = rows.filter(stays(rows))
        if kept.num_rows == rows.num_rows:
            continue
        n_gone += rows.num_rows - kept.num_rows
        fresh = write_part(kept, folder / "events", path.name.partition("-")[0]) if kept.num_rows else None
        records.replace_part("events", listed, f"events/{fresh}" if fresh else None, kept.num_rows)
        path.unlink(missing_ok=True)
    return n_gone


def events_without(records: Records, folder: Path, import_id: int) -> list[tuple[str, str | None, int]]:
    """Write sealed parts that hold events of an import anew without them; nobody lists the new files yet.

    Returns
    -------
    list of (str, str or None, int)
        The listed file, the one to take its place (None where nothing is left), and how many rows that has.
    """
    found: list[tuple[str, str | None, int]] = []
    for listed in records.part_files("events"):
        path = folder / listed
        if not pc.any(pc.equal(pq.read_table(path, columns=["import_id"]).column(0), import_id)).as_py():
            continue
        rows = pq.read_table(path)
        kept = rows.filter(pc.not_equal(rows.column("import_id"), import_id))
        fresh = write_part(kept, folder / "events", path.name.partition("-")[0]) if kept.num_rows else None
        found.append((listed, f"events/{fresh}" if fresh else None, kept.num_rows))
    return found
