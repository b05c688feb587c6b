"""Files as streams of text columns: which kind a file is, told by its first bytes, and its rows by the reader of that kind."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from crosslift.collect.sources import encodings
from crosslift.collect.sources.columnar import Columnar
from crosslift.collect.sources.delimited import Delimited
from crosslift.collect.sources.feed import FeedItems
from crosslift.collect.sources.lines import JsonLines
from crosslift.collect.sources.streams import USUAL, Limits
from crosslift.collect.sources.text_file import TextFile
from crosslift.collect.sources.workbook import Workbook, refuse_compound
from crosslift.errors import BadInput

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"
Fits = Callable[[Sequence[str]], float]
"""How well some names of columns fit a format we know, 0..1; which sheet and which row of it hold the header."""


class Rows(Protocol):
    """What the reader of each kind of file gives."""

    @property
    def kind(self) -> str:
        """`csv`, `tsv`, `jsonl`, `parquet`, `xlsx` or `xml`."""

    @property
    def delimiter(self) -> str | None:
        """What stands between cells, where something does."""

    @property
    def first_row(self) -> int:
        """The number a person would give the first row of data."""

    @property
    def columns(self) -> list[str]:
        """The names in the file."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns."""


class TextTable:
    """An open file: its kind, its columns, and its rows as record batches of text.

    JSON lines that are no flat rows (events) keep one column, `line`.

    Parameters
    ----------
    encoding : str, optional
        Read the text with this encoding, whatever it looks like.
    fits : callable, optional
        Scores names of columns; the sheet of a workbook, and its row of names, are those that score best.

    Raises
    ------
    BadInput
        For anything that is no table of rows, with what it is and what to do.
    """

    def __init__(
        self, path: Path, limits: Limits = USUAL, encoding: str | None = None, fits: Fits = lambda _names: 0.0
    ) -> None:
        self.path = path
        self._file = TextFile(path, limits, encodings.forced(encoding) if encoding else None)
        self._is_forced = encoding is not None
        self._rows = self._reader(fits)
        self.kind, self.delimiter, self.first_row = self._rows.kind, self._rows.delimiter, self._rows.first_row
        self.columns = self._rows.columns

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns named as in the file; of a workbook with the numbers of their rows in `ROW`."""
        return self._rows.batches()

    @property
    def notes(self) -> list[str]:
        """How the file was read where that is not plain: its encoding, its sheet, rows that were skipped."""
        found = self._file.found_encoding
        if isinstance(self._rows, Workbook):
            return self._rows.notes
        if (found in (None, "utf-8") and not self._is_forced) or self.kind == "parquet":
            return []
        return [f"read as {encodings.shown(found or 'utf-8')}"]

    def _reader(self, fits: Fits) -> Rows:
        file, raw = self._file, self._file.raw_head
        if raw.startswith(_PARQUET):
            return Columnar(file)
        if raw.startswith(_ZIP):
            return Workbook(file, fits)
        if raw.startswith(_COMPOUND):
            raise refuse_compound(raw, file.path)
        head = file.read_head()
        start = head.lstrip()
        if not start:
            raise BadInput("is empty; export it again with its header line", where=str(file.path))
        if start.startswith(b"{"):
            return JsonLines(file)
        if start.startswith(b"["):
            raise BadInput("is one JSON array; write one object a line (JSON lines)", where=str(file.path))
        if start.startswith(b"<"):
            return FeedItems(file)
        if b"\0" in start.splitlines()[0]:
            raise BadInput("is UTF-16 or no text at all; save it as CSV (UTF-8)", where=str(file.path))
        return Delimited(file)
