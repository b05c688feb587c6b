"""Cells of text to typed columns by a schema; what cannot be read is counted, and the first few named with their place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.collect.findings import Finding, Severity, three
from crosslift.collect.parse import parse
from crosslift.collect.schemas import Field, Schema
from crosslift.errors import BadInput
from crosslift.settings import Settings

MAX_PROBLEMS = 5
Mask = npt.NDArray[np.bool_]


class Problems:
    """Cells that cannot be read, the first few kept with their place.

    Parameters
    ----------
    path : Path
        Where the cells come from, as the message names it.
    place : str
        How a row is called, with its number in the braces.
    is_file : bool
        Whether rows can be left out with `--skip-bad-rows`.
    number_of : callable
        Gives the number a row has in its file, where rows in between were left out.
    n_samples : int
        So many are kept.
    """

    def __init__(
        self, path: Path, place: str = "row {}", *, is_file: bool = True, number_of: Callable[[int], int] = int,
        n_samples: int = MAX_PROBLEMS,
    ) -> None:  # fmt: skip
        self.path = path
        self.number_of = number_of
        self.place = place
        self.is_file = is_file
        self.count = 0
        self.n_faults = 0
        self.samples: list[str] = []
        self._n_samples = n_samples

    def cell(self, row: int, field: Field, value: str | None) -> None:
        """Keep a cell as a sample, while there are few."""
        self._keep(row, field.name, "is empty" if not value else f"{value[:60]!r} is no {field.expected}")

    def fault(self, row: int, name: str, what: str) -> None:
        """Count a fault that is no single cell's."""
        self.count += 1
        self.n_faults += 1
        self._keep(row, name, what)

    def _keep(self, row: int, name: str, what: str) -> None:
        if len(self.samples) < self._n_samples:
            self.samples.append(f"{self.place.format(self.number_of(row))}, {name}: {what}")

    def error(self) -> BadInput:
        """Refuse the whole, naming the first."""
        advice = "mend them, or leave those rows out with --skip-bad-rows"
        return BadInput(
            f"{self._counted('cannot be read')}, nothing was collected; first: {self.samples[0]}; "
            + (advice if self.is_file else "mend them and send again"),
            where=str(self.path),
            problems=tuple(self.samples),
        )

    def _counted(self, unread: str) -> str:
        if not self.n_faults:
            return f"{self.count} cells {unread}"
        return f"{self.count} {'thing is' if self.count == 1 else 'things are'} wrong"

    def finding(self) -> Finding:
        """Say what was left out."""
        return Finding(
            "unreadable_cells", Severity.ERROR, self.count, self._counted("could not be read"),
            "their rows are left out", "mend them in the source and collect the file again", three(self.samples),
        )  # fmt: skip


def read_cells(
    schema: Schema, columns: dict[str, pa.Array], settings: Settings, problems: Problems, first_row: int
) -> tuple[dict[str, pa.Array], Mask]:
    """Read text columns as their fields say.

    Returns
    -------
    typed : dict of str to pa.Array
        The canonical columns that are there.
    rejected : array of bool, shape (rows,)
        Rows with a cell that cannot be read; each such cell is counted in `problems`.
    """
    n_rows = len(next(iter(columns.values())))
    rejected = np.zeros(n_rows, dtype=np.bool_)
    typed: dict[str, pa.Array] = {}
    for field in schema.fields:
        column = columns.get(field.name)
        if column is None:
            continue
        values, bad = parse(field, column, settings["shop.time_zone"])
        if field.is_required and not field.may_be_empty:
            bad = bad | np.asarray(values.is_null())
        for row in np.flatnonzero(bad)[:MAX_PROBLEMS]:
            problems.cell(first_row + int(row), field, _text(column[int(row)]))
        problems.count += int(bad.sum())
        rejected |= bad
        typed[field.name] = values
    return typed, rejected


def _text(cell: Any) -> str | None:
    value: str | None = cell.as_py()
    return value
