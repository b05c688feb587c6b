"""Files as streams of text columns: CSV, TSV, JSON lines, Parquet; plain or gz; UTF-8 with or without BOM."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from crosslift.errors import BadInput

BLOCK_BYTES = 8 << 20
BATCH_ROWS = 65_536
_XLSX = b"PK\x03\x04"
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
MAX_HEADER_BYTES = 1 << 20


class TextTable:
    """An open file: its kind, its columns, and its rows as record batches of text.

    `kind` is `csv`, `tsv`, `jsonl` or `parquet`. JSON lines that are no flat rows (events) keep one column, `line`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._compressed = _is_gzip(path)
        head = _head(path, self._compressed)
        self.kind = _kind(head, path)
        self.columns = self._read_columns(head)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns named as in the file."""
        if self.kind == "parquet":
            yield from self._parquet()
        elif self.kind == "jsonl":
            yield from self._json_lines()
        else:
            yield from self._delimited()

    def _open(self) -> IO[bytes]:
        return gzip.open(self.path, "rb") if self._compressed else self.path.open("rb")  # type: ignore[return-value]

    def _read_columns(self, head: bytes) -> list[str]:
        if self.kind == "parquet":
            return list(pq.ParquetFile(self.path).schema_arrow.names)
        if self.kind == "jsonl":
            first = _object(head.lstrip(b"\xef\xbb\xbf").splitlines()[0], self.path, 1)
            return ["line"] if _is_event(first) else self._json_columns()
        text = _decoded(_first_record(head), self.path, 0)
        names = next(csv.reader(io.StringIO(text), delimiter=self._delimiter))
        names = [name.strip() for name in names]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput(f"the header names {', '.join(map(repr, twice))} twice; rename one", where=str(self.path))
        return names

    @property
    def _delimiter(self) -> str:
        return "\t" if self.kind == "tsv" else _sniff(_head(self.path, self._compressed))

    def _delimited(self) -> Iterator[pa.RecordBatch]:
        stream = pa.input_stream(str(self.path), compression="gzip" if self._compressed else None)
        kinds = {name: pa.string() for name in self.columns}
        try:
            reader = pacsv.open_csv(
                stream,
                read_options=pacsv.ReadOptions(block_size=BLOCK_BYTES, column_names=self.columns, skip_rows=1),
                parse_options=pacsv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                convert_options=pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
            )
            yield from reader
        except pa.ArrowInvalid as error:
            raise _csv_problem(error, self) from error
        except (OSError, EOFError) as error:
            raise BadInput(
                f"cannot be read to its end: {error}; copy or export it again", where=str(self.path)
            ) from error

    def _parquet(self) -> Iterator[pa.RecordBatch]:
        for batch in pq.ParquetFile(self.path).iter_batches(BATCH_ROWS):
            arrays = [_as_text(column) for column in batch.columns]
            yield pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)

    def _json_columns(self) -> list[str]:
        names: dict[str, None] = {}
        for number, line in self._lines():
            names.update(dict.fromkeys(_object(line, self.path, number)))
        return list(names)

    def _json_lines(self) -> Iterator[pa.RecordBatch]:
        rows: list[Any] = []
        for number, line in self._lines():
            rows.append(
                _decoded(line, self.path, number) if self.columns == ["line"] else _object(line, self.path, number)
            )
            if len(rows) == BATCH_ROWS:
                yield self._json_batch(rows)
                rows = []
        if rows:
            yield self._json_batch(rows)

    def _json_batch(self, rows: list[Any]) -> pa.RecordBatch:
        if self.columns == ["line"]:
            return pa.RecordBatch.from_arrays([pa.array(rows, pa.string())], names=["line"])
        arrays = [pa.array([text_of(row.get(name)) for row in rows], pa.string()) for name in self.columns]
        return pa.RecordBatch.from_arrays(arrays, names=self.columns)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._open() as stream:
            try:
                for number, line in enumerate(stream, 1):
                    bare = line.lstrip(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                    if bare:
                        yield number, bare
            except (OSError, EOFError) as error:
                raise BadInput(f"cannot be read to its end: {error}; copy it again", where=str(self.path)) from error


def _is_gzip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == _GZIP
    except FileNotFoundError:
        raise BadInput("no such file; check the path", where=str(path)) from None
    except IsADirectoryError:
        raise BadInput("is a folder; name the files in it", where=str(path)) from None
    except PermissionError:
        raise BadInput("may not be read; check its permissions", where=str(path)) from None


def _head(path: Path, compressed: bool) -> bytes:
    try:
        with gzip.open(path, "rb") if compressed else path.open("rb") as stream:
            return bytes(stream.read(65_536))
    except (OSError, EOFError) as error:
        raise BadInput(f"is a damaged gz file: {error}; copy or export it again", where=str(path)) from error


def _kind(head: bytes, path: Path) -> str:
    if not head.strip():
        raise BadInput("is empty; export it again with its header line", where=str(path))
    if head.startswith(_XLSX):
        raise BadInput("is an Excel workbook; save the sheet as CSV (UTF-8) first", where=str(path))
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("is UTF-16 text; save it as CSV (UTF-8)", where=str(path))
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return "jsonl"
    return "tsv" if b"\t" in head.split(b"\n", 1)[0] and b"," not in head.split(b"\n", 1)[0] else "csv"


def _first_record(head: bytes) -> bytes:
    """The header line, also where a quoted name holds a line break."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    quoted = False
    for place, byte in enumerate(head):
        if byte == 0x22:
            quoted = not quoted
        elif byte in b"\r\n" and not quoted:
            return head[:place]
    return head


def _sniff(head: bytes) -> str:
    line = _first_record(head)
    return ";" if line.count(b";") > line.count(b",") else ","


def _decoded(raw: bytes, path: Path, line: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, line, raw, error.start) from error


def _not_utf8(path: Path, line: int, raw: bytes, place: int) -> BadInput:
    guess = next((name for name in ("cp949", "shift_jis", "latin-1") if _decodes(raw, name)), "another encoding")
    found = f"byte 0x{raw[place]:02x} is not UTF-8 (it may be {guess}); save the file as UTF-8 and collect it again"
    return BadInput(found, where=f"{path}, line {line + 1 if line == 0 else line}")


def _decodes(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _csv_problem(error: pa.ArrowInvalid, table: TextTable) -> BadInput:
    """Find the place Arrow complains about, so that the message can name it."""
    with table._open() as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as found:
                return _not_utf8(table.path, number, line, found.start)
    message = str(error).split("\n")[0][:200]
    return BadInput(f"{message}; is the delimiter or a quote wrong there?", where=str(table.path))


def _object(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"not valid JSON: {error}; one object a line is expected", where=f"{path}, line {number}"
        ) from error
    if not isinstance(value, dict):
        raise BadInput("one JSON object a line is expected", where=f"{path}, line {number}")
    return value


def _is_event(row: dict[str, Any]) -> bool:
    return "messageId" in row or "event" in row or row.get("type") in ("track", "page", "identify", "screen")


def text_of(value: Any) -> str | None:
    """Write a JSON value as the text a CSV cell would hold."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value)


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        zoned = column if column.type.tz else column.cast(pa.timestamp("us"))
        return pa.array([None if v is None else v.isoformat() for v in zoned.to_pylist()], pa.string())
    if pa.types.is_nested(column.type):
        return pa.array([text_of(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())
