"""What a sample file is, and how rows become one."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to download and collect.

    Attributes
    ----------
    format : str
        What the report calls it.
    n_rows : int
        Rows of its dataset that a fresh shop has after collecting it.
    is_certain : bool
        Whether it is collected unasked; otherwise it is proposed first.
    """

    name: str
    language: str
    format: str
    dataset: str
    content: bytes
    n_rows: int
    is_certain: bool = True


def delimited(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", mark: str = ","
) -> bytes:
    """Write rows under their header as most platforms do: lines end with CR LF, cells are quoted where they must be."""
    stream = io.StringIO(newline="")
    out = csv.writer(stream, delimiter=mark, lineterminator="\r\n")
    out.writerow(header)
    for row in rows:
        out.writerow(["" if cell is None else cell for cell in row])
    return stream.getvalue().encode(encoding)
