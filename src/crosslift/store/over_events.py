"""A query over every event, computed while the files are read: of 50 million only what it gives is ever held."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.store.parts import reaching
from crosslift.store.ports import Records

Query = Callable[[Any, Mapping[str, Any]], Any]
"""Gives a Narwhals lazy frame made from that of the events and those of the tables beside them."""


def over_events(
    records: Records, folder: Path, query: Query, columns: Sequence[str], since: int | None, beside: Mapping[str, pa.Table]
) -> pa.Table:  # fmt: skip
    """Ask DuckDB a query over the sealed events and the open tail, each event once; see `frames.Frames.over_events`."""
    import duckdb
    import narwhals as nw

    wanted = list(dict.fromkeys(("id", *columns)))
    while True:
        tail = records.table("events", wanted)
        names = records.part_files("events")
        try:
            with duckdb.connect(":memory:") as connection:
                files = [str(path) for path in reaching(folder, names, since)]
                found = connection.from_arrow(tail if not files else _unsealed(connection, tail, files))
                if files:
                    chosen = ", ".join(f'"{name}"' for name in wanted)
                    found = connection.read_parquet(files).project(chosen).union(found)
                tables = {name: nw.from_native(connection.from_arrow(table)) for name, table in beside.items()}
                answer: pa.Table = query(nw.from_native(found), tables).lazy().collect("pyarrow").to_native()
                return answer
        except (FileNotFoundError, duckdb.IOException):
            if records.part_files("events") == names:
                raise
            continue  # a part was written anew without somebody, between the listing and the reading


def _unsealed(connection: Any, tail: pa.Table, files: Sequence[str]) -> pa.Table:
    """Leave out of the tail what another process sealed after it was read."""
    if tail.num_rows == 0:
        return tail
    oldest = int(tail["id"][0].as_py())
    sealed = connection.read_parquet(list(files)).filter(f"id >= {oldest}").project("id").to_arrow_table()["id"]
    return tail.filter(pc.invert(pc.is_in(tail["id"], value_set=sealed.combine_chunks()))) if len(sealed) else tail
