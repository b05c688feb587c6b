"""One sheet as rows of text: its row of names found below titles, totals and notes below the rows left out."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import CalamineSheet

Cell = int | float | str | bool | time | date | datetime | timedelta
LOOK_FOR_NAMES = 30
"""The row of names stands in one of the first so many rows."""
TOTALS = frozenset({
    "합계", "총계", "총합계", "소계", "계", "合計", "総計", "総合計", "小計", "計", "total", "totals", "grandtotal", "subtotal",
    "sum",
})  # fmt: skip
_NOISE = re.compile(r"[\s:()\[\]【】<>]+")


class Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    fits : callable
        Scores names of columns, 0..1: the row of names is the one that scores best.

    Attributes
    ----------
    columns : list of str
        The names found; empty for a sheet without any.
    header_row : int
        The number of their row, as a person counts.
    """

    def __init__(self, name: str, sheet: CalamineSheet, fits: Callable[[Sequence[str]], float]) -> None:
        self.name = name
        self.n_rows = sheet.height
        self._sheet = sheet
        first = [
            [text_of(cell).strip() for cell in row] for _, row in zip(range(LOOK_FOR_NAMES), self._all(), strict=False)
        ]
        scores = [fits([cell for cell in row if cell]) if _may_be_names(row) else -1.0 for row in first]
        self.score = max(scores, default=-1.0)
        place = _first_wide_row(first) if self.score <= 0 else scores.index(self.score)
        names = first[place] if place is not None else []
        self._places = [i for i, cell in enumerate(names) if cell]
        self.columns = [names[i] for i in self._places]
        self.header_row = (place or 0) + 1
        self._n_titles = sum(any(row) for row in first[: place or 0])
        self._n_left_out = 0

    @property
    def notes(self) -> list[str]:
        """Which rows were skipped; complete once the rows were read."""
        above = f"{self._n_titles} title {_rows(self._n_titles)} above the names skipped"
        below = f"{self._n_left_out} {_rows(self._n_left_out)} of totals or notes skipped"
        return [note for note, count in ((above, self._n_titles), (below, self._n_left_out)) if count]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row of data with its number; blank rows, totals, and what stands below the last row are left out."""
        self._n_left_out = 0
        usual = 0
        held: list[tuple[int, list[str]]] = []
        for number, cells in enumerate(self._all(), 1):
            if number <= self.header_row:
                continue
            row = [text_of(cells[i]) for i in self._places]
            filled = [cell for cell in row if cell.strip()]
            if not filled:
                continue
            usual = usual or len(filled)
            if _is_total(filled) and len(filled) < max(usual, 2):
                self._n_left_out += 1
            elif usual > 2 and (len(filled) == 1 or (not row[0].strip() and len(filled) * 2 < usual)):
                held.append((number, row))  # a note or a sum, if nothing follows
            else:
                yield from held
                held = []
                yield number, row
        self._n_left_out += len(held)

    def _all(self) -> Iterator[list[Cell]]:
        return iter(self._sheet.iter_rows()) if self._sheet.height else iter(())


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _may_be_names(row: Sequence[str]) -> bool:
    names = [cell for cell in row if cell]
    return len(names) > 1 and len(set(names)) == len(names)


def _first_wide_row(first: Sequence[Sequence[str]]) -> int | None:
    """The first row about as wide as any, made of words: a header nobody knows."""
    widest = max((sum(map(bool, row)) for row in first), default=0)
    for place, row in enumerate(first):
        if _may_be_names(row) and sum(map(bool, row)) * 2 > widest and not any(_is_number(cell) for cell in row):
            return place
    return None


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,]+", cell))


def _is_total(filled: Sequence[str]) -> bool:
    """Tell whether one of the first cells says that this is a sum."""
    return any(_NOISE.sub("", unicodedata.normalize("NFKC", cell)).casefold() in TOTALS for cell in filled[:3])


def text_of(cell: Cell) -> str:
    """Write a cell as text: numbers as a person reads them, times in ISO 8601.

    Spreadsheets keep fifteen digits; those are written, without exponent and without a needless point.

    Examples
    --------
    >>> text_of(5100.0), text_of(0.1 + 0.2), text_of(20261122000123.0), text_of("00123")
    ('5100', '0.3', '20261122000123', '00123')
    >>> text_of(datetime(2026, 11, 22, 14, 3)), text_of(date(2026, 11, 22)), text_of(True)
    ('2026-11-22 14:03:00', '2026-11-22', 'true')
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _decimal(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _decimal(value: float) -> str:
    text = format(value, ".15g")
    return format(Decimal(text), "f") if "e" in text else text
