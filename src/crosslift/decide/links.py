"""The typed links of a snapshot as a decision reads them: one table a kind, rows of a source side by side, best first."""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
SMALL = 0.001
"""Below it a figure is shown with four significant digits: a q-value of 2e-9 is not 0."""
NO_ROWS = np.zeros(0, dtype=np.int64)


class LinkTable:
    """Links of one kind.

    Attributes
    ----------
    offsets : int64 array, shape (sources + 1,)
        Where the rows of each source begin.
    ids : int32 array, shape (links,)
        Items the links lead to.
    scores : float64 array, shape (links,)
        Order among the links of one source.
    keys : sequence of str or None
        What the sources are, where they are no products: search terms, pages.
    """

    def __init__(
        self,
        offsets: Array,
        ids: Array,
        scores: Array,
        columns: Mapping[str, Array],
        texts: Sequence[Mapping[str, Any]] | None,
        keys: Sequence[str] | None,
    ) -> None:
        self.offsets, self.ids, self.scores = offsets, ids, scores
        self._begins = np.ascontiguousarray(offsets).data  # read one by one, many times as fast as the array
        self._columns = {name: column.tolist() for name, column in columns.items()}
        self._texts = texts
        self.keys = keys
        self._place = None if keys is None else {key: place for place, key in enumerate(keys)}

    def __len__(self) -> int:
        return len(self.ids)

    def longer(self, n_more: int) -> "LinkTable":
        """Give the same links for so many sources more, from which none starts."""
        if self.keys is not None:
            return self
        fresh = copy.copy(self)
        fresh.offsets = np.concatenate([self.offsets, np.full(n_more, self.offsets[-1], dtype=self.offsets.dtype)])
        fresh._begins = fresh.offsets.data
        return fresh

    def rows_of(self, source: int) -> range:
        """Give the rows of one source, best first."""
        return range(self._begins[source], self._begins[source + 1])

    def rows_of_key(self, key: str) -> range:
        """Give the rows of a search term or page; none for one nobody knows."""
        place = (self._place or {}).get(key)
        return range(0) if place is None else self.rows_of(place)

    def rows_from(self, sources: Array) -> tuple[Array, Array]:
        """Give the rows of several sources, and the source each starts from."""
        found = self.spans(sources)
        if not found:
            return NO_ROWS, NO_ROWS
        rows = [np.arange(begin, end) for _, begin, end in found]
        starts = np.repeat([source for source, _, _ in found], [end - begin for _, begin, end in found])
        return (rows[0] if len(rows) == 1 else np.concatenate(rows)), starts

    def reached_from(self, sources: Array) -> Array:
        """Give every item some of these sources lead to."""
        found = self.spans(sources)
        if not found:
            return self.ids[:0]
        parts = [self.ids[begin:end] for _, begin, end in found]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def spans(self, sources: Array) -> list[tuple[int, int, int]]:
        """Give the sources that lead anywhere, each with where its rows begin and end."""
        if len(self.ids) == 0 or len(sources) == 0:
            return []
        begins = self._begins
        return [(at, begins[at], begins[at + 1]) for at in sources.tolist() if begins[at] < begins[at + 1]]

    def evidence(self, row: int) -> dict[str, Any]:
        """Give the evidence of one link: its numbers, rounded as they are shown, nan as None, and its texts."""
        numbers = {name: _shown(column[row]) for name, column in self._columns.items()}
        return {**numbers, **(self._texts[row] if self._texts is not None else {})}


def _shown(value: float) -> float | int | None:
    if math.isnan(value):  # nan: nobody knows
        return None
    if float(value).is_integer():
        return int(value)
    return round(value, 4) if abs(value) >= SMALL else float(f"{value:.4g}")


def tables_of(arrays: Mapping[str, Array], texts: Mapping[str, Any], n_items: int) -> dict[str, LinkTable]:
    """Read every link table of a snapshot, by kind."""
    tables: dict[str, LinkTable] = {}
    for kind, about in texts.get("link_kinds", {}).items():
        prefix = f"link_{kind}_"
        columns = {name: arrays[f"{prefix}{name}"] for name in about["columns"]}
        tables[kind] = LinkTable(
            arrays[f"{prefix}offsets"], arrays[f"{prefix}ids"], arrays[f"{prefix}scores"], columns,
            texts.get(f"link_{kind}_texts"), about["keys"],
        )  # fmt: skip
    return tables


def empty_table(n_items: int) -> LinkTable:
    """Give a table without links, for kinds a snapshot does not have."""
    return LinkTable(np.zeros(n_items + 1, np.int64), np.zeros(0, np.int32), np.zeros(0), {}, None, None)
