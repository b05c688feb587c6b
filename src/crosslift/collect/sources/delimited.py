"""CSV and TSV as batches of text columns, read by Arrow from a stream."""

import csv
import io
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pacsv

from crosslift.collect.sources.streams import too_long
from crosslift.collect.sources.text_file import HEAD_BYTES, TextFile
from crosslift.errors import BadInput

BLOCK_BYTES = 8 << 20


class Delimited:
    """A file of rows separated by commas, semicolons or tabs under one line of names."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        head = file.head
        header = _first_record(head)
        if len(header) >= min(HEAD_BYTES, file.limits.line_bytes):
            raise too_long(file.path, 1, len(header))
        self.kind = "tsv" if b"\t" in header and b"," not in header else "csv"
        self.delimiter = "\t" if self.kind == "tsv" else ";" if header.count(b";") > header.count(b",") else ","
        self.columns = self._names(header)
        self._n_blank = _leading_breaks(head)
        self._has_rows = bool(head.strip()[len(header) :]) or len(head) >= HEAD_BYTES

    @property
    def first_row(self) -> int:
        """The number a person would give the first row of data: the header is row 1."""
        return self._n_blank + 2

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns named as in the file."""
        if not self._has_rows:
            return
        with self._file.text() as text:
            stream = Remembering(text)
            try:
                yield from self._read(stream, in_parallel=True)
            except pa.ArrowInvalid as error:
                raise stream.refusal or self._problem(error) from error
            if stream.refusal is not None:
                raise stream.refusal

    def _read(self, stream: io.RawIOBase, *, in_parallel: bool) -> Iterator[pa.RecordBatch]:
        """Read all batches; Arrow reads ahead in a thread of its own, which has ended when this has."""
        reader = self._reader(stream, in_parallel=in_parallel)
        try:
            yield from reader
        finally:
            reader.close()

    def _names(self, header: bytes) -> list[str]:
        where = str(self._file.path)
        try:
            rows = csv.reader(io.StringIO(header.decode()), delimiter=self.delimiter)
            names = [name.strip() for name in next(rows)]
        except csv.Error as error:
            raise BadInput(f"the header cannot be read: {error}; is a quote wrong there?", where=where) from error
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput(f"the header names {', '.join(map(repr, twice))} twice; rename one", where=where)
        return names

    def _reader(self, stream: io.RawIOBase, *, in_parallel: bool) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(
                block_size=max(BLOCK_BYTES, self._file.limits.line_bytes), column_names=self.columns,
                skip_rows=self._n_blank, skip_rows_after_names=1, use_threads=in_parallel,
            ),
            parse_options=pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in self.columns}, strings_can_be_null=False
            ),
        )  # fmt: skip

    def _problem(self, error: pa.ArrowInvalid) -> BadInput:
        """Name the row Arrow complains about, as a person counts rows."""
        message = self._row_named(error).removeprefix("CSV parse error: ").split("\n")[0][:200]
        if "straddling" in message:
            return BadInput(
                f"a row is longer than {max(BLOCK_BYTES, self._file.limits.line_bytes):,} bytes; is a quote never closed?",
                where=str(self._file.path),
            )
        row = re.match(r"Row #(\d+): ", message)
        where = f"{self._file.path}, row {row[1]}" if row else str(self._file.path)
        return BadInput(f"{message[row.end() if row else 0 :]}; is the delimiter or a quote wrong there?", where=where)

    def _row_named(self, error: pa.ArrowInvalid) -> str:
        """Read once more in one thread: only then Arrow says in which row."""
        try:
            with self._file.text() as text:
                for _ in self._read(Remembering(text), in_parallel=False):
                    pass
        except pa.ArrowInvalid as again:
            return str(again)
        return str(error)


class Remembering(io.RawIOBase):
    """A stream for Arrow's threads: it ends where reading is refused and remembers why, as no exception may cross them."""

    def __init__(self, stream: io.RawIOBase) -> None:
        super().__init__()
        self._stream = stream
        self.refusal: BadInput | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; none at the end, after a refusal, and once it was closed."""
        if self.refusal is not None:
            return b""
        try:
            return self._stream.read(size) or b""
        except BadInput as error:
            self.refusal = error
        except ValueError:  # closed meanwhile: nobody waits for these bytes
            return b""
        return b""


def _leading_breaks(head: bytes) -> int:
    """Empty lines before the header."""
    breaks = head[: len(head) - len(head.lstrip(b"\r\n"))]
    return breaks.count(b"\n") or breaks.count(b"\r")


def _first_record(head: bytes) -> bytes:
    """The header line, also where a quoted name holds a line break."""
    head = head.lstrip(b"\r\n")
    quoted = False
    for place, byte in enumerate(head):
        if byte == 0x22:
            quoted = not quoted
        elif byte in b"\r\n" and not quoted:
            return head[:place]
    return head
