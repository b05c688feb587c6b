"""Parquet files as batches of text columns."""

import io
from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq

from crosslift.collect.sources.lines import BATCH_ROWS, text_of
from crosslift.collect.sources.streams import cut_off
from crosslift.collect.sources.text_file import TextFile
from crosslift.errors import BadInput

HELD_BYTES = 1 << 30
"""A Parquet file inside a gz has to be held in memory: up to so much of it."""


class Columnar:
    """A Parquet file."""

    kind = "parquet"
    delimiter = None
    first_row = 1

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._held = self._read() if file.is_packed else None
        self.columns = list(self._open().schema_arrow.names)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns named as in the file."""
        try:
            for batch in self._open().iter_batches(BATCH_ROWS):
                yield pa.RecordBatch.from_arrays(
                    [_as_text(column) for column in batch.columns], names=batch.schema.names
                )
        except (pa.ArrowInvalid, OSError) as error:
            raise cut_off(self._file.path, error) from error

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._file.path if self._held is None else io.BytesIO(self._held))
        except (pa.ArrowInvalid, OSError) as error:
            raise cut_off(self._file.path, error) from error

    def _read(self) -> bytes:
        held = io.BytesIO()
        with closing(self._file.unpacked()) as stream:
            while block := stream.read(1 << 20):
                held.write(block)
                if held.tell() > HELD_BYTES:
                    raise BadInput(
                        f"is Parquet of more than {HELD_BYTES:,} bytes inside a gz; unpack it first, Parquet is packed by itself",
                        where=str(self._file.path),
                    )
        return held.getvalue()


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        micros = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        return pa.array([None if v is None else v.isoformat() for v in micros.to_pylist()], pa.string())
    if pa.types.is_nested(column.type):
        return pa.array([text_of(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())
