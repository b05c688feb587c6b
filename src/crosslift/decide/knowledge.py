"""What a decision knows of products: one immutable snapshot, made ready."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.links import LinkTable, empty_table, tables_of
from crosslift.domain.bundle import Bundle, from_plain
from crosslift.domain.decision import DropCode
from crosslift.domain.money import Money
from crosslift.stats.calibrate import Steps
from crosslift.stats.merge import Merger
from crosslift.stats.similarity import Neighbors

Array = npt.NDArray[Any]

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


MORE_PAIR_COLUMNS = ("n_effective", "weight", "n_returned_together", "shrunk_lift")


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
        self.category_names: Sequence[str | None] = texts["categories"]
        self.categories = _numbered(texts["categories"])
        self.currencies: Sequence[str | None] = texts["currencies"]
        self._costs = arrays["costs"]
        self.bundles = tuple(from_plain(row) for row in texts["bundles"])
        self.min_margin: float = texts["min_margin"]
        self._sets_of: dict[str, list[Bundle]] = {}
        for bundle in self.bundles:
            for product_id in bundle.product_ids:
                self._sets_of.setdefault(product_id, []).append(bundle)
        self._links = tables_of(arrays, texts, self.n_items)
        self._no_links = empty_table(self.n_items)
        self.is_slow = arrays["is_slow"]
        self.best_before = arrays["best_before"]
        self.is_consumable = np.zeros(self.n_items, dtype=np.bool_)
        self.is_consumable[texts["consumable"]] = True
        refills = tables_of(arrays, texts, self.n_items).get("refill")
        if refills is not None:
            self.is_consumable[refills.ids] = True
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
        self.pair_first, self.pair_second = arrays["pair_first"], arrays["pair_second"]
        self.pair_months: Sequence[int] = arrays["pair_months"].tolist()
        self.pair_markets: Sequence[Any] = texts["pair_markets"]
        self._only_in = {
            row: frozenset(told["markets"]) for row, told in enumerate(self.pair_markets) if "markets" in told
        }
        self._markets = frozenset(texts["markets"])
        self._more_of_pairs = {name: arrays[f"pair_{name}"] for name in MORE_PAIR_COLUMNS}
        self.groups: Sequence[str] = texts["groups"]
        self.group_of = arrays["group_of"]
        self.as_of = int(arrays["as_of"][0])
        self.window_days = int(arrays["window_days"][0])
        self.n_baskets = int(arrays["n_baskets"][0])

    def pair(self, row: int) -> list[float]:
        """Give the evidence of a tested pair in the order of `PAIR_COLUMNS`, rounded as it is shown."""
        values: list[float] = self._pairs[row].tolist()
        return values

    def more_of_pair(self, row: int) -> dict[str, float]:
        """Give the evidence of a tested pair that reports show and sentences do not need."""
        return {name: round(float(column[row]), 4) for name, column in self._more_of_pairs.items()}

    def named(self, anchor: int) -> dict[str, Any]:
        """Name a product for a sentence: its id, its title, its translations."""
        return {
            "anchor": self.products[anchor],
            "anchor_title": self.titles[anchor][""],
            "anchor_titles": self.titles[anchor],
        }

    def links(self, kind: str) -> LinkTable:
        """Give the links of a kind; an empty table where none were found."""
        return self._links.get(kind, self._no_links)

    def bundles_with(self, product_ids: frozenset[str]) -> tuple[Bundle, ...]:
        """Give the mined sets that one of these products is part of."""
        found = {b.bundle_id: b for name in sorted(product_ids) for b in self._sets_of.get(name, ())}
        return tuple(found.values())

    def cost_of(self, item: int) -> Money | None:
        """Give what one piece costs us; None where nobody said."""
        cost, currency = float(self._costs[item]), self.currencies[item]
        return None if math.isnan(cost) or currency is None else Money(Decimal(str(round(cost, 6))), currency)

    def items_in(self, category: str) -> Sequence[int]:
        """Find the products of a category and of those below it."""
        below = category.rstrip("/") + "/"
        return [i for i, name in enumerate(self.category_names) if name and (name + "/").startswith(below)]

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

    def edges_of(self, item: int, market: str | None = None) -> tuple[Array, Array]:
        """Give the complements of an item, best first, and the rows of their evidence.

        With a market, without those that orders say do not hold there; a market nobody ordered from speaks against none.
        """
        begin, end = self.edge_offsets[item], self.edge_offsets[item + 1]
        ids, rows = self.edge_ids[begin:end], self.edge_pairs[begin:end]
        if market is None or not self._only_in or market not in self._markets:
            return ids, rows
        holds = np.array([market in self._only_in.get(row, self._markets) for row in rows.tolist()], dtype=np.bool_)
        return ids[holds], rows[holds]


def _numbered(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Number categories; products without one each get a number of their own, so that variety never drops them."""
    seen: dict[str, int] = {}
    return np.array(
        [seen.setdefault(name, len(seen)) if name is not None else len(names) + i for i, name in enumerate(names)],
        dtype=np.int64,
    )
