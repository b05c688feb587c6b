"""XLSX workbooks: looked over before they are opened, then the sheet that fits best, read as rows of text."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from crosslift.collect.sources.lines import BATCH_ROWS
from crosslift.collect.sources.sheet import Sheet
from crosslift.collect.sources.streams import BLOCK_BYTES, RATIO_FROM, Limits, cut_off
from crosslift.collect.sources.text_file import TextFile
from crosslift.errors import BadInput

ROW = "\x00row"
"""The column with the numbers of the rows in the sheet, beside those the sheet names."""
CELL_BYTES = 32
"""What the reader keeps in memory for each cell between the corners of a sheet, empty ones included."""
MOST_COLUMNS = 16_384
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"'][^>/]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"'](\d+)")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_ANY_ROW = re.compile(rb"<(?:\w+:)?row[\s>]")


class Workbook:
    """An XLSX file: of its visible sheets the one whose header fits best.

    Parameters
    ----------
    fits : callable
        Scores names of columns, 0..1.

    Raises
    ------
    BadInput
        If it is no workbook, is damaged, or would take more memory than its limits allow.
    """

    kind = "xlsx"
    delimiter = None

    def __init__(self, file: TextFile, fits: Callable[[Sequence[str]], float]) -> None:
        if file.is_packed:
            raise BadInput("is a workbook inside a gz; unpack it first", where=str(file.path))
        look_over(file.path, file.limits)
        try:
            with CalamineWorkbook.from_path(file.path) as book:
                sheets = [Sheet(name, book.get_sheet_by_name(name), fits) for name in _visible(book)]
        except CalamineError as error:
            raise BadInput(
                f"is no workbook that can be read: {error}; save it as XLSX again", where=str(file.path)
            ) from error
        filled = [sheet for sheet in sheets if sheet.columns]
        if not filled:
            raise BadInput("is a workbook without a row of column names; add one", where=str(file.path))
        self._sheet = max(filled, key=lambda sheet: (sheet.score, sheet.n_rows))
        self._n_sheets = len(sheets)
        self._path = file.path
        self.columns = self._sheet.columns
        self.first_row = self._sheet.header_row + 1

    @property
    def notes(self) -> list[str]:
        """Which sheet was taken and which of its rows were skipped; complete once its rows were read."""
        chosen = [f"sheet {self._sheet.name!r} of {self._n_sheets}"] if self._n_sheets > 1 else []
        return chosen + self._sheet.notes

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns named as in the sheet, and the numbers of their rows."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        for number, row in self._sheet.rows():
            numbers.append(number)
            rows.append(row)
            if len(rows) == BATCH_ROWS:
                yield self._batch(numbers, rows)
                numbers, rows = [], []
        if rows:
            yield self._batch(numbers, rows)

    def _batch(self, numbers: list[int], rows: list[list[str]]) -> pa.RecordBatch:
        cells = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        return pa.RecordBatch.from_arrays([*cells, pa.array(numbers, pa.int64())], names=[*self.columns, ROW])


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]  # fmt: skip


def look_over(path: Path, limits: Limits) -> None:
    """Refuse a zip file that is no workbook, or one that would unpack to more than its limits allow; nothing is kept."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_kind({part.filename.lower() for part in parts}, path)
            _check_size(sum(part.file_size for part in parts), path, limits)
            for part in parts:
                if part.filename.lower().endswith(".xml"):
                    with archive.open(part) as stream:
                        _check_grid(part.filename, iter(lambda: stream.read(BLOCK_BYTES), b""), path, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise cut_off(path, error) from error


def _check_kind(names: set[str], path: Path) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise BadInput("is a workbook of another kind than XLSX; save it as XLSX", where=str(path))
    raise BadInput("is a zip file, no workbook; unpack it and name the files in it", where=str(path))


def _check_size(n_bytes: int, path: Path, limits: Limits) -> None:
    ratio = n_bytes / max(path.stat().st_size, 1)
    if n_bytes > limits.workbook_bytes:
        what = f"unpacks to {n_bytes:,} bytes, {limits.workbook_bytes:,} are allowed"
        raise BadInput(f"{what}; save it as CSV, or raise collect.max_workbook_bytes", where=str(path))
    if n_bytes > RATIO_FROM and ratio > limits.unpacked_ratio:
        what = f"unpacks to {ratio:,.0f} times its size, as no workbook of rows does"
        raise BadInput(f"{what}; save it as CSV, or raise collect.max_unpacked_ratio", where=str(path))


def _check_grid(name: str, blocks: Iterable[bytes], path: Path, limits: Limits) -> None:
    """Refuse a sheet with cells so far apart that everything between them would fill the memory."""
    n_rows, n_columns = corner(blocks)
    if n_rows * n_columns * CELL_BYTES > limits.workbook_bytes:
        raise BadInput(
            f"{name} has cells up to row {n_rows:,} and column {n_columns:,}, too many to hold; delete what is empty around "
            "the table, save it as CSV, or raise collect.max_workbook_bytes",
            where=str(path),
        )


def corner(blocks: Iterable[bytes]) -> tuple[int, int]:
    """Tell the last row and the last column with a value of a sheet's XML, given in blocks.

    Cells without an address follow one another.
    """
    n_rows = n_columns = n_row_marks = in_row = 0
    rest = b""
    for block in blocks:
        whole, _, rest = (rest + block).rpartition(b"<")
        rest = b"<" + rest
        cells = _CELL.findall(whole)
        columns, places = map(set, zip(*cells, strict=True)) if cells else (set(), set())
        n_columns = max([n_columns, *(_column(letters.upper()) for letters in columns)])
        n_row_marks += len(_ANY_ROW.findall(whole))
        n_rows = max([n_rows, *map(int, _ROW.findall(whole)), *map(int, places)])
        for place, piece in enumerate(_ANY_ROW.split(whole) if not cells else ()):
            in_row = (0 if place else in_row) + len(_ANY_CELL.findall(piece))
            n_columns = max(n_columns, min(in_row, MOST_COLUMNS))
    return max(n_rows, n_row_marks), n_columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:7]:
        number = number * 26 + letter - 64
    return number


def refuse_compound(head: bytes, path: Path) -> BadInput:
    """Say what an old Office file is: a workbook under a password, an old workbook, or something else."""
    sector = 1 << min(int.from_bytes(head[30:32], "little"), 16)
    place = (int.from_bytes(head[48:52], "little") + 1) * sector
    directory = head[place : place + 8 * sector]
    if len(directory) < sector and not head.startswith(b"\x1f\x8b"):
        with path.open("rb") as stream:
            stream.seek(place)
            directory = stream.read(8 * sector)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        what = "is a workbook under a password; open it, take the password off and save it as XLSX"
    elif any(name.encode("utf-16-le") in directory for name in ("Workbook", "Book")):
        what = "is a workbook of the old kind (.xls); save it as XLSX"
    else:
        what = "is an old Office file, no table; save it as XLSX or CSV"
    return BadInput(what, where=str(path))
