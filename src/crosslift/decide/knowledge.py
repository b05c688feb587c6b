"""What a decision knows of products: one immutable snapshot, and the live overlay of price, stock and activity."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.decision import DropCode
from crosslift.stats.calibrate import Steps
from crosslift.stats.merge import Merger
from crosslift.stats.similarity import Neighbors

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.uint8]

LIVE_CODES = (
    None, DropCode.NOT_SELLABLE, DropCode.INACTIVE, DropCode.OUT_OF_STOCK, DropCode.PRICE_MISSING, DropCode.SAME_PRODUCT,
)  # fmt: skip
"""What a live flag means, in the order in which the eligible gate asks."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """Price, stock and activity of one product or variant at this moment."""

    product_id: str
    price_micros: int | None
    currency: str | None
    stock: int | None
    is_active: bool
    is_sellable: bool
    parent_id: str | None


PAIR_COLUMNS = (
    "first", "second", "strength", "n_both", "n_customers", "expected", "lift", "lift_low", "lift_high", "q_value",
    "npmi", "llr",
)  # fmt: skip


class Knowledge:
    """A snapshot made ready for decisions; shared by all threads, never changed.

    Parameters
    ----------
    snapshot_id : str
        Stored with every decision.
    arrays, texts : mapping
        Columns and texts as `learn.run` wrote them.
    """

    def __init__(self, snapshot_id: str, arrays: Mapping[str, Array], texts: Mapping[str, Any]) -> None:
        self.snapshot_id = snapshot_id
        arrays = {name: np.asarray(array) for name, array in arrays.items()}
        self.products: Sequence[str] = texts["products"]
        self.titles: Sequence[Mapping[str, str]] = texts["titles"]
        self.strengths: Sequence[str] = texts["strengths"]
        self.index = {name: i for i, name in enumerate(self.products)}
        self.n_items = len(self.products)
        self.categories = _numbered(texts["categories"])
        self.is_consumable = np.zeros(self.n_items, dtype=np.bool_)
        self.is_consumable[texts["consumable"]] = True
        self.neighbors = Neighbors(arrays["neighbor_offsets"], arrays["neighbor_ids"], arrays["neighbor_scores"])
        self.neighbor_n_both = arrays["neighbor_n_both"]
        self._mergers = threading.local()
        steps = Steps(arrays["calibration_x"], arrays["calibration_y"])
        self.calibration = steps if len(steps.x) else None
        self.bestsellers = arrays["bestsellers"]
        self.recent_counts = arrays["recent_counts"]
        self.popularity = arrays["item_counts"]
        self.edge_offsets, self.edge_ids, self.edge_pairs = (
            arrays["edge_offsets"], arrays["edge_ids"], arrays["edge_pairs"],
        )  # fmt: skip
        self._pairs = np.column_stack([
            arrays[f"pair_{name}"] if name == "q_value" else np.round(arrays[f"pair_{name}"], 4) for name in PAIR_COLUMNS
        ])  # fmt: skip
        self.pair_lows = arrays["pair_lift_low"]
        self.as_of = int(arrays["as_of"][0])
        self.window_days = int(arrays["window_days"][0])
        self.n_baskets = int(arrays["n_baskets"][0])

    def pair(self, row: int) -> list[float]:
        """Give the evidence of a tested pair in the order of `PAIR_COLUMNS`, rounded as it is shown."""
        values: list[float] = self._pairs[row].tolist()
        return values

    def named(self, anchor: int) -> dict[str, Any]:
        """Name a product for a sentence: its id, its title, its translations."""
        return {
            "anchor": self.products[anchor],
            "anchor_title": self.titles[anchor][""],
            "anchor_titles": self.titles[anchor],
        }

    def mask_of(self, places: Array | list[int]) -> npt.NDArray[np.bool_]:
        """Mark some places among all products."""
        mask = np.zeros(self.n_items, dtype=np.bool_)
        mask[places] = True
        return mask

    @property
    def merger(self) -> Merger:
        """The merger of this thread; its scratch memory is not shared."""
        merger: Merger | None = getattr(self._mergers, "merger", None)
        if merger is None:
            merger = self._mergers.merger = Merger(self.neighbors, self.n_items)
        return merger

    def edges_of(self, item: int) -> tuple[Array, Array]:
        """Give the complements of an item, best first, and the rows of their evidence."""
        begin, end = self.edge_offsets[item], self.edge_offsets[item + 1]
        return self.edge_ids[begin:end], self.edge_pairs[begin:end]


class Overlay:
    """The live values over a snapshot, as columns: one flag a product says whether it can be offered and why not.

    A product with variants is as offerable as the best of them, and is offered as that variant. Unknown stock counts
    as in stock. One overlay is one change number; `with_changes` gives the next one.
    """

    def __init__(self, knowledge: Knowledge, change_number: int, rows: Mapping[str, LiveRow]) -> None:
        self.change_number = change_number
        self._knowledge = knowledge
        self._rows = dict(rows)
        self._children: dict[str, list[str]] = {}
        for row in rows.values():
            if row.parent_id:
                self._children.setdefault(row.parent_id, []).append(row.product_id)
        self.flags: Flags = np.zeros(knowledge.n_items, dtype=np.uint8)
        self._variant: dict[int, str] = {}
        for item, name in enumerate(knowledge.products):
            self._place(item, name)

    def with_changes(self, change_number: int, changed: Sequence[LiveRow]) -> "Overlay":
        """Give a new overlay with some rows replaced; this one stays as it is for decisions under way."""
        if any((old := self._rows.get(row.product_id)) is None or old.parent_id != row.parent_id for row in changed):
            return Overlay(self._knowledge, change_number, {**self._rows, **{r.product_id: r for r in changed}})
        fresh = object.__new__(Overlay)
        fresh.change_number, fresh._knowledge, fresh._children = (
            change_number,
            self._knowledge,
            self._children,
        )
        fresh._rows = {**self._rows, **{row.product_id: row for row in changed}}
        fresh.flags, fresh._variant = self.flags.copy(), dict(self._variant)
        for name in {name for row in changed for name in (row.product_id, row.parent_id) if name}:
            item = self._knowledge.index.get(name)
            if item is not None:
                fresh._place(item, name)
        return fresh

    def parent_of(self, product_id: str) -> str:
        """Map a variant to the product that relations know; others to themselves."""
        row = self._rows.get(product_id)
        return row.parent_id if row and row.parent_id else product_id

    def is_known(self, product_id: str) -> bool:
        """Tell whether a product or variant is in the catalog or the snapshot."""
        return product_id in self._rows or product_id in self._knowledge.index

    def row(self, product_id: str) -> LiveRow | None:
        """Give the live values of one product or variant."""
        return self._rows.get(product_id)

    def codes(self, items: Array) -> Flags:
        """Give the live flag of each item: 0 can be offered, else the place in `LIVE_CODES`."""
        return self.flags[items]

    def offered_as(self, item: int) -> str:
        """Name the sellable variant of an item, or the item itself."""
        return self._variant.get(item) or self._knowledge.products[item]

    def _place(self, item: int, name: str) -> None:
        """Flag one item. A product known by its variants alone, as feeds with group ids have it, is as they are."""
        row, children = self._rows.get(name), self._children.get(name)
        if not children:
            self.flags[item] = _flag(row) if row else 2
            if row and row.parent_id in self._knowledge.index:
                self.flags[item] = 5  # became a variant after the snapshot: its product stands for it
            return
        ranked = sorted((_flag(self._rows[child]), self._rows[child].price_micros or 0, child) for child in children)
        own = _flag(row) if row else 0
        self.flags[item] = own if own in (1, 2) else ranked[0][0]
        self._variant[item] = ranked[0][2]


def _flag(row: LiveRow) -> int:
    if not row.is_sellable:
        return 1
    if not row.is_active:
        return 2
    if row.stock is not None and row.stock <= 0:
        return 3
    return 4 if row.price_micros is None else 0


def _numbered(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Number categories; products without one each get a number of their own, so that variety never drops them."""
    seen: dict[str, int] = {}
    return np.array(
        [seen.setdefault(name, len(seen)) if name is not None else len(names) + i for i, name in enumerate(names)],
        dtype=np.int64,
    )
