"""Frames on DuckDB, in memory over Parquet parts and the open tail; never a shared file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.store.decided import ReadBodies, each_decided, forget_decided, read_decided, refresh_decided
from crosslift.store.frames import NO_TABLES
from crosslift.store.over_events import Query, over_events
from crosslift.store.parts import (
    COPIES,
    EVENT_COLUMNS,
    events_of,
    events_without,
    read_each,
    read_parts,
    refresh_copies,
    rewrite_events,
    write_part,
)
from crosslift.store.ports import Records

T = TypeVar("T")
SEAL_ROWS = 500_000
SEAL_AT = 50_000
"""Rows in the open tail from which it is worth sealing them into a part."""


class DuckdbFrames:
    """Columns of one shop.

    Parameters
    ----------
    records : Records
        Lists the parts that count and holds the open tail.
    folder : Path
        Where the parts live.
    """

    def __init__(self, records: Records, folder: Path) -> None:
        self._records = records
        self._folder = folder

    def refresh(self) -> int:
        """Bring the columnar copies up to date; returns how many days were rewritten."""
        forget_decided(self._records, self._folder)
        return refresh_copies(self._records, self._folder)

    def order_lines(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Give every visible order line, cancelled ones included, sorted by ingestion number; all columns or some."""
        return self._copy("order_lines", columns)

    def returns(self) -> pa.Table:
        """Give every visible return."""
        return self._copy("returns")

    def subscriptions(self) -> pa.Table:
        """Give every visible subscription as it stands now."""
        return self._copy("subscriptions")

    def usage(self) -> pa.Table:
        """Give every visible reading of a meter."""
        return self._copy("usage")

    def _copy(self, dataset: str, columns: Sequence[str] | None = None) -> pa.Table:
        self.refresh()
        wanted = COPIES[dataset][1] if columns is None else tuple(columns)
        found = read_parts(self._records, self._folder, dataset, tuple(dict.fromkeys(("id", *wanted))))
        return found.select(list(wanted))

    def events(self, name: str | None = None, since: int | None = None) -> pa.Table:
        """Give every visible event, or those of one name, or of an instant and later: sealed parts, then the open tail."""
        columns = list(EVENT_COLUMNS)
        if since is None:
            tail = self._records.table("events", columns)
        else:
            tail = self._records.table("events", columns, "at >= ?", (since,))
        sealed = read_parts(self._records, self._folder, "events", columns, since)
        if since is not None:
            sealed = sealed.filter(pc.greater_equal(sealed.column("at"), since))
        if tail.num_rows and sealed.num_rows and pc.max(sealed.column("id")).as_py() >= tail.column("id")[0].as_py():
            # another process may have sealed rows of the tail between the two readings
            tail = tail.filter(pc.invert(pc.is_in(tail.column("id"), value_set=sealed.column("id").combine_chunks())))
        everything = pa.concat_tables([sealed, tail])
        return everything if name is None else everything.filter(pc.equal(everything.column("name"), name))

    def sealed_events_of(self, identities: Sequence[str], since: int | None = None) -> pa.Table:
        """Give the sealed events of some identities, of an instant and later, in order of ingestion."""
        return events_of(self._records, self._folder, identities, since)

    def forget_events(self, identities: Sequence[str] = (), before: int | None = None) -> int:
        """Delete the sealed events of some identities, and all before an instant; returns how many went."""
        names = pa.array(identities, pa.string())

        def stays(rows: pa.Table) -> pa.Array:
            goes = pc.fill_null(pc.is_in(rows.column("identity"), value_set=names), False)
            return pc.invert(goes if before is None else pc.or_(goes, pc.less(rows.column("at"), before)))

        return rewrite_events(self._records, self._folder, stays)

    def without_import(self, import_id: int) -> list[tuple[str, str | None, int]]:
        """Write files of sealed events that hold some of an import anew without them, listed by nobody yet."""
        return events_without(self._records, self._folder, import_id)

    def discard(self, files: Sequence[str]) -> None:
        """Delete files that are not listed any more."""
        for name in files:
            (self._folder / name).unlink(missing_ok=True)

    def event_parts(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Give every visible event part by part: the sealed ones, then the open tail; each event once."""
        wanted = list(dict.fromkeys(("id", *columns)))
        tail = self._records.table("events", wanted)
        oldest = tail.column("id")[0].as_py() if tail.num_rows else None
        sealed_since = []  # another process may seal rows of the tail after it was read
        for part in read_each(self._records, self._folder, "events", wanted):
            if oldest is not None:
                ids = part.column("id")
                sealed_since.append(ids.filter(pc.greater_equal(ids, oldest)).combine_chunks())
            yield part.select(list(columns))
        if sealed_since:
            tail = tail.filter(pc.invert(pc.is_in(tail.column("id"), value_set=pa.concat_arrays(sealed_since))))
        yield tail.select(list(columns))

    def over_events(
        self, query: Query, columns: Sequence[str], since: int | None = None, beside: Mapping[str, pa.Table] = NO_TABLES
    ) -> pa.Table:
        """Give what a query finds over every visible event, each once, without holding them."""
        return over_events(self._records, self._folder, query, columns, since, beside)

    def decisions(self, read: ReadBodies, since: int, until: int, columns: Sequence[str] = ()) -> pa.Table:
        """Give the decisions of a period with what `read` finds in their bodies; see `store.decided`."""
        return read_decided(self._records, self._folder, read, since, until, columns)

    def each_decided(
        self, work: Callable[[pa.Table], T], read: ReadBodies, since: int, until: int, columns: Sequence[str]
    ) -> list[T]:
        """Give what `work` makes of each day of decisions of a period, in their order; see `store.decided`."""
        return each_decided(work, self._records, self._folder, read, since, until, columns)

    def refresh_decisions(self, read: ReadBodies) -> int:
        """Bring the columnar copy of the log of decisions up to date; returns how many days were written."""
        return refresh_decided(self._records, self._folder, read)[0]

    def seal(self, at_least: int = SEAL_AT) -> int:
        """Move the open tail of events into parts, once it is long enough; returns the rows moved."""

        def write(rows: pa.Table) -> tuple[str, int]:
            ordered = rows.sort_by([("identity", "ascending"), ("id", "ascending")])
            label = f"{pc.min(rows.column('id')).as_py():012d}"
            return f"events/{write_part(ordered, self._folder / 'events', label)}", pc.max(rows.column("id")).as_py()

        if self._records.table("events", ["id"], "order by id limit ?", (at_least,)).num_rows < at_least:
            return 0
        moved = 0
        while done := self._records.seal_events(write, SEAL_ROWS):
            moved += done
        return moved

    def lazy(self, table: pa.Table) -> Any:
        """Wrap a table as a Narwhals lazy frame that DuckDB computes."""
        return self.lazies({"table": table})["table"]

    @staticmethod
    def lazies(tables: Mapping[str, pa.Table]) -> dict[str, Any]:
        """Wrap tables that will be joined as Narwhals lazy frames: DuckDB joins within one connection only."""
        import duckdb
        import narwhals as nw

        connection = duckdb.connect(":memory:")
        return {name: nw.from_native(connection.from_arrow(table)).lazy() for name, table in tables.items()}
