"""Files as streams of text columns: CSV, TSV, JSON lines, Parquet; plain or gz; UTF-8 with or without BOM."""

import csv
import gzip
import io
import re
import zlib
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
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = (OSError, EOFError, zlib.error)
MAX_HEADER_BYTES = 1 << 20
"""How far the header of a CSV file, or the first JSON line, may reach."""


class TextTable:
    """An open file: its kind, its columns, and its rows as record batches of text.

    `kind` is `csv`, `tsv`, `jsonl` or `parquet`. JSON lines that are no flat rows (events) keep one column, `line`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._compressed = _is_gzip(path)
        head = _head(path, self._compressed)
        self.kind = _kind(head, path)
        self._delimiter = "\t" if self.kind == "tsv" else _sniff(head)
        self.columns = self._read_columns(head)
        self._n_blank = _leading_breaks(head)
        self._has_rows = (
            bool(head.removeprefix(_BOM).strip()[len(_first_record(head)) :]) or len(head) == MAX_HEADER_BYTES
        )

    @property
    def first_row(self) -> int:
        """The number a person would give the first row of data: a CSV header is row 1."""
        return self._n_blank + 2 if self.kind in ("csv", "tsv") else 1

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
            return list(self._parquet_file().schema_arrow.names)
        if self.kind == "jsonl":
            number, line = next(self._lines())
            return ["line"] if _is_event(_object(line, self.path, number)) else self._json_columns()
        text = _decoded(_first_record(head), self.path, 0)
        try:
            names = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=self._delimiter))]
        except csv.Error as error:
            raise BadInput(
                f"the header cannot be read: {error}; is a quote wrong there?", where=str(self.path)
            ) from error
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput(f"the header names {', '.join(map(repr, twice))} twice; rename one", where=str(self.path))
        return names

    def _delimited(self) -> Iterator[pa.RecordBatch]:
        if not self._has_rows:
            return
        try:
            yield from self._csv_reader(in_parallel=True)
        except pa.ArrowInvalid as error:
            raise _csv_problem(error, self) from error
        except OSError as error:
            raise self._cut_off(error) from error

    def _csv_reader(self, *, in_parallel: bool) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            pa.input_stream(str(self.path), compression="gzip" if self._compressed else None),
            read_options=pacsv.ReadOptions(
                block_size=BLOCK_BYTES, column_names=self.columns, skip_rows=self._n_blank, skip_rows_after_names=1,
                use_threads=in_parallel,
            ),
            parse_options=pacsv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in self.columns}, strings_can_be_null=False
            ),
        )  # fmt: skip

    def _parquet_file(self) -> pq.ParquetFile:
        try:
            if self._compressed:
                with self._open() as stream:
                    return pq.ParquetFile(io.BytesIO(stream.read()))
            return pq.ParquetFile(self.path)
        except (pa.ArrowInvalid, *_UNREADABLE) as error:
            raise self._cut_off(error) from error

    def _parquet(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._parquet_file().iter_batches(BATCH_ROWS):
                arrays = [_as_text(column) for column in batch.columns]
                yield pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._cut_off(error) from error

    def _cut_off(self, error: BaseException) -> BadInput:
        return BadInput(f"cannot be read to its end: {error}; copy or export it again", where=str(self.path))

    def _json_columns(self) -> list[str]:
        names: dict[str, None] = {}
        for number, line in self._lines():
            names.update(dict.fromkeys(_object(line, self.path, number)))
        return list(names)

    def _json_lines(self) -> Iterator[pa.RecordBatch]:
        rows: list[Any] = []
        for number, line in self._lines():
            rows.append(
                (_decoded(line, self.path, number), number)
                if self.columns == ["line"]
                else _object(line, self.path, number)
            )
            if len(rows) == BATCH_ROWS:
                yield self._json_batch(rows)
                rows = []
        if rows:
            yield self._json_batch(rows)

    def _json_batch(self, rows: list[Any]) -> pa.RecordBatch:
        if self.columns == ["line"]:
            lines, numbers = zip(*rows, strict=True)
            return pa.RecordBatch.from_arrays([pa.array(lines, pa.string()), pa.array(numbers)], ["line", "number"])
        arrays = [pa.array([text_of(row.get(name)) for row in rows], pa.string()) for name in self.columns]
        return pa.RecordBatch.from_arrays(arrays, names=self.columns)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._open() as stream:
            try:
                for number, line in enumerate(stream, 1):
                    bare = line.removeprefix(_BOM).strip() if number == 1 else line.strip()
                    if bare:
                        yield number, bare
            except _UNREADABLE as error:
                raise self._cut_off(error) from error


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
            return bytes(stream.read(MAX_HEADER_BYTES))
    except _UNREADABLE as error:
        raise BadInput(f"is a damaged gz file: {error}; copy or export it again", where=str(path)) from error


def _kind(head: bytes, path: Path) -> str:
    if not head.removeprefix(_BOM).strip():
        raise BadInput("is empty; export it again with its header line", where=str(path))
    if head.startswith(_XLSX):
        raise BadInput("is an Excel workbook; save the sheet as CSV (UTF-8) first", where=str(path))
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("is UTF-16 text; save it as CSV (UTF-8)", where=str(path))
    start = head.removeprefix(_BOM).lstrip()
    if start.startswith(b"{"):
        return "jsonl"
    if start.startswith(b"["):
        raise BadInput("is one JSON array; write one object a line (JSON lines)", where=str(path))
    header = _first_record(head)
    if b"\0" in header:
        raise BadInput("is UTF-16 or no text at all; save it as CSV (UTF-8)", where=str(path))
    return "tsv" if b"\t" in header and b"," not in header else "csv"


def _leading_breaks(head: bytes) -> int:
    """Empty lines before the header."""
    start = head.removeprefix(_BOM)
    breaks = start[: len(start) - len(start.lstrip(b"\r\n"))]
    return breaks.count(b"\n") or breaks.count(b"\r")


def _first_record(head: bytes) -> bytes:
    """The header line, also where a quoted name holds a line break."""
    head = head.removeprefix(_BOM).lstrip(b"\r\n")
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
    found = (
        f"byte 0x{raw[place]:02x} is not UTF-8 (it may be {_guess(raw)}); save the file as UTF-8 and collect it again"
    )
    return BadInput(found, where=f"{path}, line {max(line, 1)}")


def _guess(raw: bytes) -> str:
    """Name the encoding in which most of the odd bytes are everyday letters, two of them side by side."""
    for codec, everyday, name in (("cp949", _is_korean, "CP949"), ("shift_jis", _is_japanese, "Shift_JIS")):
        text = raw.decode(codec, errors="replace")
        known = "".join("x" if everyday(c) else "." if not c.isascii() else " " for c in text)
        if "xx" in known and known.count("x") > known.count("."):
            return name
    return "Latin-1 or Windows-1252"


def _is_korean(letter: str) -> bool:
    """Hangul of the everyday set; what other encodings spell by accident lies mostly outside it."""
    return "가" <= letter <= "힣" and len(letter.encode("euc_kr", errors="ignore")) == 2


def _is_japanese(letter: str) -> bool:
    """Kana and kanji of the first level."""
    raw = letter.encode("shift_jis", errors="ignore")
    return len(raw) == 2 and (raw[0] in (0x81, 0x82, 0x83) or 0x88 <= raw[0] <= 0x97)


def _csv_problem(error: pa.ArrowInvalid, table: TextTable) -> BadInput:
    """Find the place Arrow complains about, so that the message can name it."""
    try:
        with table._open() as stream:
            for number, line in enumerate(stream, 1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as found:
                    return _not_utf8(table.path, number, line, found.start)
    except _UNREADABLE as cut:
        return table._cut_off(cut)
    message = _row_named(error, table).removeprefix("CSV parse error: ").split("\n")[0][:200]
    row = re.match(r"Row #(\d+): ", message)
    where = f"{table.path}, row {row[1]}" if row else str(table.path)
    return BadInput(f"{message[row.end() if row else 0 :]}; is the delimiter or a quote wrong there?", where=where)


def _row_named(error: pa.ArrowInvalid, table: TextTable) -> str:
    """Read once more in one thread: only then Arrow says in which row."""
    try:
        for _ in table._csv_reader(in_parallel=False):
            pass
    except (pa.ArrowInvalid, OSError) as again:
        return str(again)
    return str(error)


def _object(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(line)
    except UnicodeDecodeError:
        value = msgspec.json.decode(_decoded(line, path, number))
    except (msgspec.DecodeError, RecursionError) as error:
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
        micros = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        return pa.array([None if v is None else v.isoformat() for v in micros.to_pylist()], pa.string())
    if pa.types.is_nested(column.type):
        return pa.array([text_of(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())
