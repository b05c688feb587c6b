"""The shop's own list: which products it wants beside each, the dearest to it first, as a column of the products file."""

import re
from collections.abc import Iterable

import pyarrow as pa

COLUMN = "recommended_ids"
"""The column, and the attribute it is kept as: a list of product ids in their order."""
MOST = 100
_BETWEEN = re.compile(r"[|,;、，；\s]+")


def ids_of(cell: str) -> list[str]:
    """Read the ids of a cell, each once, in their order: a JSON list, else what stands between | , ; or spaces.

    Ids that hold such signs themselves are written between |, which then parts alone, or as a JSON list.

    Examples
    --------
    >>> ids_of("F-12|F 13 | F-12"), ids_of("F-12, F-13"), ids_of('["F-12", 7]')
    (['F-12', 'F 13'], ['F-12', 'F-13'], ['F-12', '7'])
    """
    text = cell.strip()
    if text.startswith("["):
        return _once(_of_json(text))
    return _once(text.split("|") if "|" in text else _BETWEEN.split(text))


def _of_json(text: str) -> Iterable[str]:
    import msgspec

    try:
        found = msgspec.json.decode(text, type=list[str | int])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _BETWEEN.split(text.strip("[]"))
    return map(str, found)


def _once(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(one.strip() for one in names) if name]


def lists_of(column: pa.Array | None, n_rows: int) -> list[list[str] | None]:
    """Read the lists of a column, one a row; None where a row says nothing of one."""
    if column is None:
        return [None] * n_rows
    return [ids_of(cell) if cell else None for cell in column.to_pylist()]
