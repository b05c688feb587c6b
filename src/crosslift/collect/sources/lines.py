"""JSON lines: one object a line, as columns where they are flat rows, as they are where they are events."""

import io
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.collect.sources.streams import BLOCK_BYTES
from crosslift.collect.sources.text_file import TextFile
from crosslift.errors import BadInput

BATCH_ROWS = 65_536
_BOM = b"\xef\xbb\xbf"


class JsonLines:
    """A file with one JSON object a line. Events keep one column, `line`, and the number of each line."""

    kind = "jsonl"
    delimiter = None
    first_row = 1

    def __init__(self, file: TextFile) -> None:
        self._file = file
        number, line = next(self._lines())
        self.columns = ["line"] if _is_event(self._object(line, number)) else self._names()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns; of events their lines and numbers."""
        rows: list[Any] = []
        for number, line in self._lines():
            rows.append((line.decode(), number) if self.columns == ["line"] else self._object(line, number))
            if len(rows) == BATCH_ROWS:
                yield self._batch(rows)
                rows = []
        if rows:
            yield self._batch(rows)

    def _batch(self, rows: list[Any]) -> pa.RecordBatch:
        if self.columns == ["line"]:
            lines, numbers = zip(*rows, strict=True)
            return pa.RecordBatch.from_arrays([pa.array(lines, pa.string()), pa.array(numbers)], ["line", "number"])
        arrays = [pa.array([text_of(row.get(name)) for row in rows], pa.string()) for name in self.columns]
        return pa.RecordBatch.from_arrays(arrays, names=self.columns)

    def _names(self) -> list[str]:
        names: dict[str, None] = {}
        for number, line in self._lines():
            names.update(dict.fromkeys(self._object(line, number)))
        return list(names)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._file.text() as stream:
            for number, line in enumerate(split(stream), 1):
                bare = line.removeprefix(_BOM).strip() if number == 1 else line.strip()
                if bare:
                    yield number, bare

    def _object(self, line: bytes, number: int) -> dict[str, Any]:
        where = f"{self._file.path}, line {number}"
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadInput(f"not valid JSON: {error}; one object a line is expected", where=where) from error
        if not isinstance(value, dict):
            raise BadInput("one JSON object a line is expected", where=where)
        return value


def split(stream: io.RawIOBase) -> Iterator[bytes]:
    """Split a stream at its line feeds, holding no more than a line and a block."""
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


CALLS = ("track", "page", "screen", "identify", "alias", "group")
"""How Segment names its calls."""


def _is_event(row: dict[str, Any]) -> bool:
    return "messageId" in row or "event" in row or row.get("type") in CALLS


def text_of(value: Any) -> str | None:
    """Write a JSON value as the text a CSV cell would hold."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value)
