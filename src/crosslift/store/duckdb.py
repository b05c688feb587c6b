"""Frames on DuckDB, in memory over Parquet parts and the open tail; never a shared file."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.store.parts import COPIES, EVENT_COLUMNS, read_parts, refresh_copies, write_part
from crosslift.store.ports import Records

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
        return refresh_copies(self._records, self._folder)

    def order_lines(self) -> pa.Table:
        """Give every visible order line, cancelled ones included, sorted by ingestion number."""
        return self._copy("order_lines")

    def returns(self) -> pa.Table:
        """Give every visible return."""
        return self._copy("returns")

    def subscriptions(self) -> pa.Table:
        """Give every visible subscription as it stands now."""
        return self._copy("subscriptions")

    def usage(self) -> pa.Table:
        """Give every visible reading of a meter."""
        return self._copy("usage")

    def _copy(self, dataset: str) -> pa.Table:
        self.refresh()
        return read_parts(self._records, self._folder, dataset, COPIES[dataset][1])

    def events(self, name: str | None = None) -> pa.Table:
        """Give every visible event, or those of one name: sealed parts, then the open tail."""
        columns = list(EVENT_COLUMNS)
        tail = self._records.table("events", columns)
        sealed = read_parts(self._records, self._folder, "events", columns)
        if tail.num_rows and sealed.num_rows and pc.max(sealed.column("id")).as_py() >= tail.column("id")[0].as_py():
            # another process may have sealed rows of the tail between the two readings
            tail = tail.filter(pc.invert(pc.is_in(tail.column("id"), value_set=sealed.column("id").combine_chunks())))
        everything = pa.concat_tables([sealed, tail])
        return everything if name is None else everything.filter(pc.equal(everything.column("name"), name))

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
        import duckdb
        import narwhals as nw

        return nw.from_native(duckdb.connect(":memory:").from_arrow(table)).lazy()
