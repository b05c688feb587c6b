"""The live values over a snapshot: price, stock, activity, the merchant's links and sets, as of one change number."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.curation import Curated, CuratedLink, Marks
from crosslift.decide.facets import Facets, Wanted
from crosslift.decide.knowledge import Knowledge, LiveRow
from crosslift.decide.sets import LivePart, SetsKept
from crosslift.domain.bundle import Bundle
from crosslift.domain.money import Money

Array = npt.NDArray[Any]
Flags = npt.NDArray[np.uint8]
NO_PRICE = -1


class Overlay:
    """The live values over a snapshot, as columns: one flag a product says whether it can be offered and why not.

    A product with variants is as offerable as the best of them, and is offered as that variant. Unknown stock counts
    as in stock. One overlay is one change number; `with_changes` gives the next one.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        change_number: int,
        rows: Mapping[str, LiveRow],
        links: Sequence[CuratedLink] = (),
        bundles: Sequence[Bundle] = (),
        facets: Facets | None = None,
    ) -> None:
        self.change_number = change_number
        self._bundles = tuple(bundles)
        self.curated = Curated(knowledge, links)
        self._links = tuple(links)
        self._knowledge = knowledge
        own = {name: row for name, row in _own_rows(knowledge).items() if name not in rows}
        self._own = frozenset(own)
        self._rows = {**rows, **own}
        self._children: dict[str, list[str]] = {}
        self._parents = {
            row.product_id: row.parent_id for row in rows.values() if row.parent_id not in (None, "", row.product_id)
        }
        for row in rows.values():
            if row.parent_id:
                self._children.setdefault(row.parent_id, []).append(row.product_id)
        self.facets = Facets(knowledge, {}) if facets is None else facets
        self.flags: Flags = np.zeros(knowledge.n_items, dtype=np.uint8)
        self._prices = np.full(knowledge.n_items, NO_PRICE, dtype=np.int64)
        self._variant: dict[int, str] = {}
        self._parts: dict[str, LivePart | None] = {}
        self.sets: SetsKept = {}
        for item, name in enumerate(knowledge.products):
            self._place(item, name)

    def with_changes(self, change_number: int, changed: Sequence[LiveRow]) -> "Overlay":
        """Give a new overlay with some rows replaced; this one stays as it is for decisions under way."""
        if any(self._is_new(row) for row in changed):
            everything = {**self._of_catalog(), **{row.product_id: row for row in changed}}
            return Overlay(self._knowledge, change_number, everything, self._links, self._bundles, self.facets)
        fresh = object.__new__(Overlay)
        fresh.curated, fresh._links, fresh._bundles = self.curated, self._links, self._bundles
        fresh.change_number, fresh._knowledge = change_number, self._knowledge
        fresh._children, fresh._parents = self._children, self._parents
        fresh._rows = {**self._rows, **{row.product_id: row for row in changed}}
        fresh.flags, fresh._variant, fresh._own = self.flags.copy(), dict(self._variant), self._own
        fresh.facets, fresh._prices, fresh._parts, fresh.sets = self.facets, self._prices.copy(), {}, {}
        for name in {name for row in changed for name in (row.product_id, row.parent_id) if name}:
            item = self._knowledge.index.get(name)
            if item is not None:
                fresh._place(item, name)
        return fresh

    def over(self, knowledge: Knowledge) -> "Overlay":
        """Give the same live values over the same snapshot with other offers."""
        rows, facets = self._of_catalog(), self.facets.over(knowledge)
        return Overlay(knowledge, self.change_number, rows, self._links, self._bundles, facets)

    def with_curation(self, links: Sequence[CuratedLink], bundles: Sequence[Bundle]) -> "Overlay":
        """Give a new overlay with the merchant's links and sets replaced."""
        fresh = self.with_changes(self.change_number, ())
        fresh.curated, fresh._links, fresh._bundles = Curated(self._knowledge, links), tuple(links), tuple(bundles)
        return fresh

    def with_facets(self, facets: Facets) -> "Overlay":
        """Give a new overlay with what the catalog says of products replaced."""
        fresh = self.with_changes(self.change_number, ())
        fresh.facets = facets
        return fresh

    def carries(self, wanted: Wanted, items: Array) -> npt.NDArray[np.bool_]:
        """Tell of which items the catalog says now what is wanted."""
        return self.facets.mask(wanted)[items]

    def kept(self, n: int) -> None:
        """Give no mask: all is worked out now."""

    def bundles_with(self, product_ids: frozenset[str]) -> tuple[Bundle, ...]:
        """Give the merchant's sets that one of these products is part of."""
        return tuple(bundle for bundle in self._bundles if not product_ids.isdisjoint(bundle.product_ids))

    def part(self, product_id: str) -> LivePart | None:
        """Give what a set needs to know of a product now: the variant that can be bought, its price, stock and cost."""
        if product_id not in self._parts:
            self._parts[product_id] = self._part(product_id)
        return self._parts[product_id]

    def _part(self, product_id: str) -> LivePart | None:
        item = self._knowledge.index.get(product_id)
        name = product_id if item is None else self.offered_as(item)
        row = self._rows.get(name)
        if row is None:
            return None
        price = None
        if row.price_micros is not None and row.currency is not None:
            price = Money(Decimal(row.price_micros) / 1_000_000, row.currency)
        cost = None if item is None else self._knowledge.cost_of(item)
        can_be_sold = bool(_flag(row) == 0 if item is None else self.flags[item] == 0)
        return LivePart(name, price, row.stock, cost, can_be_sold)

    def price_of(self, item: int) -> int | None:
        """Give the price of an item, or of the variant it is offered as, in millionths."""
        row = self._rows.get(self.offered_as(item))
        return row.price_micros if row else None

    def prices(self, items: Array) -> npt.NDArray[np.int64]:
        """Give the prices of items, each as the variant it is offered as, in millionths, −1 where there is none."""
        return self._prices[items]

    def can_offer(self, item: int) -> bool:
        """Tell whether an item can be sold now."""
        return bool(self.flags[item] == 0)

    def marks(self, anchors: Sequence[int], now: int, market: str | None) -> Marks:
        """Give the merchant's pins, bans and factors for what is in sight."""
        return self.curated.at(anchors, now, market)

    def parent_of(self, product_id: str) -> str:
        """Map a variant to the product that relations know; others to themselves."""
        return self._parents.get(product_id, product_id)

    def parents_among(self, product_ids: Iterable[str]) -> Mapping[str, str]:
        """Give the parent of each variant among some names; nothing of the others."""
        parents = self._parents
        return {name: parents[name] for name in parents.keys() & set(product_ids)} if parents else parents

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

    def _is_new(self, row: LiveRow) -> bool:
        """Tell whether a row stands otherwise among the products than the one before it, if there was one."""
        old = self._rows.get(row.product_id)
        return old is None or old.parent_id != row.parent_id or row.product_id in self._own

    def _of_catalog(self) -> dict[str, LiveRow]:
        return {name: row for name, row in self._rows.items() if name not in self._own}

    def _place(self, item: int, name: str) -> None:
        """Flag one item. A product known by its variants alone, as feeds with group ids have it, is as they are."""
        row, children = self._rows.get(name), self._children.get(name)
        if not children:
            self.flags[item] = _flag(row) if row else 2
            if row and row.parent_id in self._knowledge.index:
                self.flags[item] = 5  # became a variant after the snapshot: its product stands for it
            self._prices[item] = _price(row)
            return
        ranked = sorted((_flag(self._rows[child]), self._rows[child].price_micros or 0, child) for child in children)
        own = _flag(row) if row else 0
        self.flags[item] = own if own in (1, 2) else ranked[0][0]
        self._variant[item] = ranked[0][2]
        self._prices[item] = _price(self._rows[ranked[0][2]])


def _price(row: LiveRow | None) -> int:
    return NO_PRICE if row is None or row.price_micros is None else row.price_micros


def _flag(row: LiveRow) -> int:
    if not row.is_sellable:
        return 1
    if not row.is_active:
        return 2
    if row.stock is not None and row.stock <= 0:
        return 3
    return 4 if row.price_micros is None or row.currency is None else 0  # an amount of nobody knows what is no price


def _own_rows(knowledge: Knowledge) -> dict[str, LiveRow]:
    """Give the live values of offers that are no products; a product of the same id goes before one."""
    rows = {}
    for offer in knowledge.library.offers:
        if offer.product_id is None:
            paid = knowledge.library.price_of(offer)
            price, currency = (None, None) if paid is None else (paid.to_micros(), paid.currency)
            rows[offer.offer_id] = LiveRow(offer.offer_id, price, currency, None, True, True, None)
    return rows
