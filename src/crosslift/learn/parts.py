"""Baskets straight from Parquet parts of numbered order lines, part after part, so that no line is held as a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from crosslift.errors import BadInput

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class PartColumns:
    """How the columns are called; order and customer are whole numbers, the item is one or a text."""

    order: str = "order"
    item: str = "item"
    customer: str = "customer"
    day: str = "day"
    market: str = "market"


@dataclass(frozen=True, slots=True)
class LineBaskets:
    """Baskets with who, when and where.

    Attributes
    ----------
    items : int32 array, shape (lines,)
        Distinct items of each basket, ascending, basket after basket.
    offsets : int64 array, shape (baskets + 1,)
        Where each basket begins.
    customers, days, markets : int32 array, shape (baskets,)
        As in the file, of each order's first line.
    products : list of str, or None
        Names of the items where they were texts, in the order they were met.
    n_items : int
        Items are numbered below it.
    """

    items: Numbers
    offsets: Ints
    customers: Numbers
    days: Numbers
    markets: Numbers
    products: list[str] | None
    n_items: int


def baskets_from_parts(files: Sequence[Path], columns: PartColumns | None = None) -> LineBaskets:
    """Read Parquet parts into baskets; lines of an order may stand apart, an item on several lines counts once.

    Parts whose orders ascend, each in one part, are cut where the order changes; others are sorted first.

    Raises
    ------
    BadInput
        If a column is missing or null, or an order or customer is no whole number that 32 bits hold.
    """
    names = columns or PartColumns()
    known: dict[str, int] = {}
    parts = [_cut(_read(Path(file), names, known)) for file in files]
    parts = [part for part in parts if part["order"].size]
    if not parts:
        none = np.zeros(0, np.int32)
        return LineBaskets(none, np.zeros(1, np.int64), none, none, none, None, 0)
    if any(later["order"][0] <= earlier["order"][-1] for earlier, later in pairwise(parts)):
        parts = [_cut(_sorted(_lines(parts)))]
    _, items, customers, days, markets, sizes = (_joined(parts, name) for name in list(parts[0]))
    offsets = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    n_items = len(known) or int(items.max()) + 1
    return LineBaskets(items, offsets, customers, days, markets, list(known) if known else None, n_items)


def _read(file: Path, names: PartColumns, known: dict[str, int]) -> dict[str, Numbers]:
    """Read the lines of one part as int32 columns, by order and item, none twice."""
    wanted = {field: getattr(names, field) for field in ("order", "item", "customer", "day", "market")}
    schema = pq.read_schema(file)
    missing = [name for name in wanted.values() if name not in schema.names]
    if missing:
        raise BadInput(f"{file.name} has no column {missing[0]!r}; it has {', '.join(schema.names)}")
    kind = schema.field(names.item).type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    table = pq.read_table(file, columns=list(wanted.values()), read_dictionary=[names.item] if is_text else None)
    lines = {field: _numbers(table.column(name), file, name, known) for field, name in wanted.items()}
    step = np.diff(lines["order"])
    in_order = (step > 0) | ((step == 0) & (np.diff(lines["item"]) > 0))
    return lines if in_order.all() else _sorted(lines)


def _cut(lines: dict[str, Numbers]) -> dict[str, Numbers]:
    """Cut lines into baskets: the items of each line, all else of each basket's first, and the sizes."""
    order = lines["order"]
    begins = np.flatnonzero(np.concatenate([[True], order[1:] != order[:-1]])) if order.size else np.zeros(0, np.int64)
    baskets = {name: column if name == "item" else column[begins] for name, column in lines.items()}
    return baskets | {"size": np.diff(np.append(begins, order.size)).astype(np.int32)}


def _lines(parts: list[dict[str, Numbers]]) -> dict[str, Numbers]:
    """Undo the cutting of several parts."""
    sizes = _joined(parts, "size")
    columns = {name: _joined(parts, name) for name in list(parts[0]) if name != "size"}
    return {name: column if name == "item" else np.repeat(column, sizes) for name, column in columns.items()}


def _joined(parts: list[dict[str, Numbers]], name: str) -> Numbers:
    return np.concatenate([part.pop(name) for part in parts])


def _numbers(column: pa.ChunkedArray, file: Path, name: str, known: dict[str, int]) -> Numbers:
    """Give a column as int32; texts are numbered in the order they are met over all parts."""
    if column.null_count:
        raise BadInput(f"{file.name} has no {name} on {column.null_count} lines; fill it or leave the lines out")
    if not pa.types.is_dictionary(column.type):
        if not pa.types.is_integer(column.type):
            raise BadInput(f"{file.name}: {name} is {column.type}; number it 0, 1, 2, ... first")
        try:
            return np.asarray(column.cast(pa.int32()))
        except pa.ArrowInvalid:
            raise BadInput(f"{file.name}: {name} holds numbers beyond 32 bits; number it 0, 1, 2, ... first") from None
    chunks = []
    for chunk in column.chunks:
        number = [known.setdefault(text, len(known)) for text in chunk.dictionary.to_pylist()]
        chunks.append(np.array(number, np.int32)[np.asarray(chunk.indices)])
    return np.concatenate([np.zeros(0, np.int32), *chunks])


def _sorted(part: dict[str, Numbers]) -> dict[str, Numbers]:
    """Sort lines by order and item, and drop repeated ones."""
    places = np.lexsort((part["item"], part["order"]))
    order, item = part["order"][places], part["item"][places]
    is_new = np.ones(order.size, np.bool_)
    is_new[1:] = (order[1:] != order[:-1]) | (item[1:] != item[:-1])
    return {name: column[places[is_new]] for name, column in part.items()}
