"""What a decision knows of products: one immutable snapshot, made ready."""

import copy
import math
import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.library import EMPTY, Library
from crosslift.decide.links import LinkTable, empty_table, tables_of
from crosslift.decide.seasons import Conditions
from crosslift.domain.bundle import Bundle, from_plain
from crosslift.domain.channel import HourCounts
from crosslift.domain.decision import DropCode, Reason
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer
from crosslift.domain.variant import Tried
from crosslift.stats.calibrate import Steps
from crosslift.stats.companions import Companions, Edges
from crosslift.stats.merge import Merger, read_only
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


@dataclass(frozen=True, slots=True)
class Worth:
    """What an item brings and costs beside its margin, float64 arrays of shape (items,); see `learn.products.worth`.

    A snapshot learned before these were holds none: every rate is 0 then, and the usual margin unknown.
    """

    return_rates: Array
    service_costs: Array
    repeats: Array
    usual_margin: float
    return_cost_share: float
    safe: frozenset[int] = frozenset()
    """Items of the safe list: see `learn.products.safe`."""

    @classmethod
    def of(cls, arrays: Mapping[str, Array], texts: Mapping[str, Any], n_items: int) -> "Worth":
        """Read the columns of a snapshot."""
        none = np.zeros(n_items)
        margin = arrays.get("usual_margin")
        return cls(
            arrays.get("return_rates", none), arrays.get("service_costs", none), arrays.get("repeats", none),
            float("nan") if margin is None else float(margin[0]), float(texts.get("return_cost_share", 0.0)),
            frozenset(np.flatnonzero(arrays["is_safe"]).tolist() if "is_safe" in arrays else ()),
        )  # fmt: skip

    def longer(self, n_more: int) -> "Worth":
        """Give the same for so many items more, of which nothing is known."""
        rates, costs, repeats = (
            np.concatenate([column, np.zeros(n_more)])
            for column in (self.return_rates, self.service_costs, self.repeats)
        )
        return Worth(rates, costs, repeats, self.usual_margin, self.return_cost_share, self.safe)


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log of decisions said when the snapshot was learned.

    Attributes
    ----------
    accepted : mapping of placement to mapping of source to (shown, accepted)
        Offers really seen, and accepted, within the window.
    lever_shares : mapping of lever id to float
        Share of offers each lever won that would not have been made without it.
    variants : mapping of policy to mapping of set to mapping of option to Tried
        Of the sets of the policies then in force.
    answered : mapping of channel to HourCounts
        Messages by the local hour they went out at, and those clicked or accepted.
    """

    accepted: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    lever_shares: Mapping[str, float] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Mapping[str, Tried]]] = field(default_factory=dict)
    answered: Mapping[str, HourCounts] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, Any]) -> "Logged":
        """Read what a snapshot holds of it; one learned before decisions were looked at holds nothing."""
        told = texts.get("logged", {})
        accepted = {
            placement: {source: (int(n), int(k)) for source, (n, k) in sources.items()}
            for placement, sources in told.get("accepted", {}).items()
        }
        variants = {
            policy: {
                name: {option: Tried(int(n), int(k), float(p)) for option, (n, k, p) in options.items()}
                for name, options in sets.items()
            }
            for policy, sets in told.get("variants", {}).items()
        }
        answered = {
            channel: HourCounts(tuple(counts["sent"]), tuple(counts["answered"]))
            for channel, counts in told.get("answered", {}).items()
        }
        return cls(accepted, told.get("lever_shares", {}), variants, answered)


class Knowledge:
    """A snapshot made ready for decisions; shared by all threads, never changed.

    Parameters
    ----------
    snapshot_id : str
        Stored with every decision.
    arrays, texts : mapping
        Columns and texts as `learn.run` wrote them.

    Attributes
    ----------
    n_products, n_items : int
        What was learned of; with the offers that have a place of their own behind it.
    library : Library
        The merchant's offers, each at its place.
    reasons : dict
        What tested pairs, by row and anchor, say as reasons: kept by `evidence`, the same with any offers.
    """

    def __init__(self, snapshot_id: str, arrays: Mapping[str, Array], texts: Mapping[str, Any]) -> None:
        self.snapshot_id = snapshot_id
        arrays = {name: np.asarray(array) for name, array in arrays.items()}
        self.products: Sequence[str] = texts["products"]
        self.titles: Sequence[Mapping[str, str]] = texts["titles"]
        self.strengths: Sequence[str] = texts["strengths"]
        self.index = {name: i for i, name in enumerate(self.products)}
        self.n_items = self.n_products = len(self.products)
        self.category_names: Sequence[str | None] = texts["categories"]
        self.categories = _numbered(texts["categories"])
        self._shelves = _shelves(texts["categories"])
        self.currencies: Sequence[str | None] = texts["currencies"]
        self.currency_numbers = _currency_numbers(self.currencies)
        self.costs = arrays["costs"]
        self.bundles = tuple(from_plain(row) for row in texts["bundles"])
        self.min_margin: float = texts["min_margin"]
        self._sets_of: dict[str, list[Bundle]] = {}
        for bundle in self.bundles:
            for product_id in bundle.product_ids:
                self._sets_of.setdefault(product_id, []).append(bundle)
        self._links = tables_of(arrays, texts, self.n_items)
        self._no_links = empty_table(self.n_items)
        self.is_slow = arrays["is_slow"]
        self.has_slow = bool(self.is_slow.any())
        self.best_before = arrays["best_before"]
        self.has_dates = bool((self.best_before >= 0).any())
        self.is_consumable = np.zeros(self.n_items, dtype=np.bool_)
        self.is_consumable[texts["consumable"]] = True
        refills = tables_of(arrays, texts, self.n_items).get("refill")
        if refills is not None:
            self.is_consumable[refills.ids] = True
        self.worth, self.logged = Worth.of(arrays, texts, self.n_items), Logged.of(texts)
        self.neighbors = Neighbors(arrays["neighbor_offsets"], arrays["neighbor_ids"], arrays["neighbor_scores"])
        self.neighbor_n_both = arrays["neighbor_n_both"]
        self._mergers = threading.local()
        steps = Steps(arrays["calibration_x"], arrays["calibration_y"])
        self.calibration = steps if len(steps.x) else None
        self._step_scores, self._step_chances = steps.x.tolist(), steps.y.round(6).tolist()
        self.bestsellers = arrays["bestsellers"]
        self.recent_counts = arrays["recent_counts"]
        self.popularity = read_only(arrays["item_counts"], np.int64)
        self._read_pairs(arrays, texts)
        self.groups: Sequence[str] = texts["groups"]
        self.group_of = arrays["group_of"]
        self.as_of, self.window_days, self.n_baskets = (
            int(arrays[name][0]) for name in ("as_of", "window_days", "n_baskets")
        )
        self.library = EMPTY.over(self)
        self.reasons: dict[tuple[int, int], Reason] = {}
        self._plain: Knowledge | None = None

    def _read_pairs(self, arrays: Mapping[str, Array], texts: Mapping[str, Any]) -> None:
        """Read the tested relations: by the item they start from, and their evidence by row."""
        self.edge_offsets, self.edge_ids, self.edge_pairs = (
            arrays["edge_offsets"], arrays["edge_ids"], arrays["edge_pairs"],
        )  # fmt: skip
        self._edge_begins = np.ascontiguousarray(self.edge_offsets).data
        self._pairs = np.column_stack([
            arrays[f"pair_{name}"] if name == "q_value" else np.round(arrays[f"pair_{name}"], 4) for name in PAIR_COLUMNS
        ])  # fmt: skip
        self.pair_lows = arrays["pair_lift_low"]
        self.pair_first, self.pair_second = arrays["pair_first"], arrays["pair_second"]
        self.pair_months: Sequence[int] = arrays["pair_months"].tolist()
        self.pair_markets: Sequence[Any] = texts["pair_markets"]
        self.conditions = Conditions(arrays["pair_months"], self.pair_markets, texts["markets"])
        self._more_of_pairs = {name: arrays[f"pair_{name}"] for name in MORE_PAIR_COLUMNS}
        self.edges = self._edges()

    def with_library(self, library: Library) -> "Knowledge":
        """Give the same snapshot with other offers; what is no product stands behind the products, by id.

        Products keep their places and everything known of them, so that decisions about products alone come out the same.
        """
        plain = self._plain or self
        fresh = copy.copy(plain)
        fresh._plain = plain
        beyond = library.beyond(plain.index)
        if beyond:
            fresh._add(beyond, library)
        if len(library):
            fresh.index = {**{one.offer_id: fresh.index[one.sold_as] for one in library.offers}, **fresh.index}
        fresh.library = library.over(fresh)
        return fresh

    def _add(self, beyond: Mapping[str, Offer], library: Library) -> None:
        """Make room behind the products: of what stands there nothing was learned."""
        n, last = len(beyond), self.n_items
        prices = [library.price_of(one) for one in beyond.values()]
        costs = [math.nan if one.cost is None else float(one.cost.amount) for one in beyond.values()]
        self.products = [*self.products, *beyond]
        self.titles = [*self.titles, *({"": one.title("en"), **one.titles} for one in beyond.values())]
        self.index = {**self.index, **{name: last + i for i, name in enumerate(beyond)}}
        self.n_items = last + n
        self.category_names = [*self.category_names, *(one.category for one in beyond.values())]
        self.categories, self._shelves = _numbered(self.category_names), _shelves(self.category_names)
        self.currencies = [*self.currencies, *(None if price is None else price.currency for price in prices)]
        self.currency_numbers = _currency_numbers(self.currencies)
        self.costs = np.concatenate([self.costs, costs])
        self.is_slow, self.is_consumable = (_longer(one, n, False) for one in (self.is_slow, self.is_consumable))
        self.best_before, self.group_of = (_longer(one, n, -1) for one in (self.best_before, self.group_of))
        self.recent_counts, self.popularity = (_longer(one, n, 0) for one in (self.recent_counts, self.popularity))
        self.popularity = read_only(self.popularity, np.int64)
        self.worth = self.worth.longer(n)
        ends = self.neighbors.offsets
        self.neighbors = Neighbors(_longer(ends, n, ends[-1]), self.neighbors.ids, self.neighbors.scores)
        self.edge_offsets = _longer(self.edge_offsets, n, self.edge_offsets[-1])
        self._edge_begins, self.edges = self.edge_offsets.data, self._edges()
        self._links = {kind: table.longer(n) for kind, table in self._links.items()}
        self._no_links = empty_table(self.n_items)
        self._mergers = threading.local()

    def p_basket(self, score: float) -> float | None:
        """Give the calibrated probability of a score, to one millionth; None where it cannot be estimated."""
        if not self._step_scores:
            return None
        chance: float = self._step_chances[max(bisect_right(self._step_scores, score) - 1, 0)]
        return chance

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

    def has_links(self, kind: str) -> bool:
        """Tell whether there are links of a kind."""
        return kind in self._links and len(self._links[kind]) > 0

    def links(self, kind: str) -> LinkTable:
        """Give the links of a kind; an empty table where none were found."""
        return self._links.get(kind, self._no_links)

    def bundles_with(self, product_ids: frozenset[str]) -> tuple[Bundle, ...]:
        """Give the mined sets that one of these products is part of."""
        found = {b.bundle_id: b for name in sorted(product_ids) for b in self._sets_of.get(name, ())}
        return tuple(found.values())

    def cost_of(self, item: int) -> Money | None:
        """Give what one piece costs us; None where nobody said."""
        cost, currency = float(self.costs[item]), self.currencies[item]
        return None if math.isnan(cost) or currency is None else Money(Decimal(str(round(cost, 6))), currency)

    def items_in(self, category: str) -> Sequence[int]:
        """Find the products of a category and of those below it."""
        below = category.rstrip("/") + "/"
        inside = [items for name, items in self._shelves.items() if (name + "/").startswith(below)]
        return inside[0] if len(inside) == 1 else sorted(item for items in inside for item in items)

    def is_safe_to_offer(self, product_id: str) -> bool:
        """Tell whether a product may be offered without looking anything up: see `learn.products.safe`."""
        return self.index.get(product_id, -1) in self.worth.safe

    def mask_named(self, products: Sequence[str], categories: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Mark products by id and categories with all below them; ids nobody knows mark nothing."""
        mask = self.mask_of([self.index[name] for name in products if name in self.index])
        for category in categories:
            mask[self.items_in(category)] = True
        return mask

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

    @property
    def companions(self) -> Companions:
        """The tested companions as this thread asks them; their scratch memory is not shared."""
        companions: Companions | None = getattr(self._mergers, "companions", None)
        if companions is None:
            companions = self._mergers.companions = Companions(self.edges, self.merger)
        return companions

    def _edges(self) -> Edges:
        return Edges(self.edge_offsets, self.edge_ids, self.edge_pairs, self.pair_lows, self.conditions.of_pair)

    def edges_of(self, item: int) -> tuple[Array, Array]:
        """Give the complements of an item, best first, and the rows of their evidence, wherever and whenever they hold."""
        begin, end = self._edge_begins[item], self._edge_begins[item + 1]
        return self.edge_ids[begin:end], self.edge_pairs[begin:end]

    def edges_from(self, anchors: Array) -> tuple[Array, Array, list[int]]:
        """Give the complements of several items, one after the other: ids, rows, and how many each item has."""
        edges = [self.edges_of(anchor) for anchor in anchors.tolist()]
        if not edges:
            return self.edge_ids[:0], self.edge_pairs[:0], []
        if len(edges) == 1:
            return *edges[0], [len(edges[0][0])]
        ids, rows = (np.concatenate(columns) for columns in zip(*edges, strict=True))
        return ids, rows, [len(one) for one, _ in edges]


def _longer(array: Array, n_more: int, value: object) -> Array:
    return np.concatenate([array, np.full(n_more, value, dtype=array.dtype)])


def _numbered(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Number categories; products without one each get a number of their own, so that variety never drops them."""
    seen: dict[str, int] = {}
    return np.array(
        [seen.setdefault(name, len(seen)) if name is not None else len(names) + i for i, name in enumerate(names)],
        dtype=np.int64,
    )


def _shelves(names: Sequence[str | None]) -> dict[str, list[int]]:
    """Find the items of each category."""
    shelves: dict[str, list[int]] = {}
    for item, name in enumerate(names):
        if name:
            shelves.setdefault(name, []).append(item)
    return shelves


def _currency_numbers(currencies: Sequence[str | None]) -> npt.NDArray[np.int16] | None:
    """Number the currencies of all items; None in a shop of one currency, where nobody has to ask."""
    seen: dict[str | None, int] = {}
    numbers = [seen.setdefault(one, len(seen)) for one in currencies]
    return np.array(numbers, dtype=np.int16) if len(seen) > 1 else None
