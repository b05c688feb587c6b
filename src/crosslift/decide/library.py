"""The merchant's offers over one snapshot: where each stands among the products, beside what, for which goals.

What sells a product of the snapshot stands at that product's place; everything else gets a place of its own behind the
products, so that gates, ladders, sets and pins work on offers as they do on products.

A merchant's word is no evidence of what people want. The sources `offer` and `goal` therefore score by a plain prior: how
near to this moment the merchant put the offer (`PRIORS`), and how many of the person's goals it serves. These scores
order offers within their source and mean nothing more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crosslift.domain.condition import Condition, needs
from crosslift.domain.link import CATEGORY
from crosslift.domain.membership import Predicate, predicate
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind
from crosslift.domain.policy import Goal
from crosslift.domain.segment_grammar import parse
from crosslift.domain.trait import AGE_TRAITS

Array = npt.NDArray[Any]
Columns = tuple[Array, Array, Array, Array]
"""Items, scores, rows (places in `Library.offers`) and anchors (−1 for none)."""
KINDS = tuple(OfferKind)
PRIORS: Mapping[str, float] = {"product": 1.0, "category": 0.8, "audience": 0.5}
"""Score of an offer beside a product, beside a category, and for a kind of person anywhere. What is put beside nothing and
for nobody is offered only where a goal, a step, a link or a set leads to it."""
_NO_COLUMNS: Columns = (
    np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64),
)  # fmt: skip
_Near = dict[int, list[tuple[int, float]]]


class Products(Protocol):
    """What offers are put over: a snapshot with places for them."""

    n_items: int
    categories: Array

    @property
    def index(self) -> Mapping[str, int]:
        """The place of each product, and of each offer with one of its own."""

    def items_in(self, category: str) -> Sequence[int]:
        """Find the products of a category and of those below it."""


class Library:
    """The offers in force; without `over` they have no places yet.

    Parameters
    ----------
    offers : iterable of Offer
        The newest version of each; those taken back are left out.
    currency : str
        Of what is free.

    Attributes
    ----------
    offers : tuple of Offer
        By id.
    kinds : int8 array, shape (items,)
        Places in `KINDS`; a product without an offer is goods.
    min_ages : int16 array, shape (items,)
        Years asked for, 0 for none; of several offers of a product the most.
    is_advice, has_terms : bool array, shape (items,)
        Whether an offer of the item is advice; whether one has terms that must be asked: time, market, age, person.
    free_rows : mapping of int to int
        The place in `offers` of each item's only offer, where that has no terms.
    audiences, avoids : tuple of (Condition, Predicate), or of None twice
        Of each offer, in the order of `offers`.
    needs : Needs
        What the conditions of all offers read of a person.
    """

    def __init__(self, offers: Iterable[Offer] = (), currency: str = "USD") -> None:
        self.offers = tuple(sorted((one for one in offers if one.is_active), key=lambda one: one.offer_id))
        self.currency = currency
        self.place_of: Mapping[str, int] = {}
        self._of_item: dict[int, tuple[int, ...]] = {}
        self._near_items: _Near = {}
        self._near_categories: _Near = {}
        self._unbound: tuple[tuple[int, float], ...] = ()
        self._serving: dict[tuple[Any, ...], Array] = {}
        self._products: Products | None = None
        self.kinds = np.zeros(0, np.int8)
        self.min_ages = np.zeros(0, np.int16)
        self.is_advice = np.zeros(0, np.bool_)
        self.has_terms = np.zeros(0, np.bool_)
        self.free_rows: Mapping[int, int] = {}
        self._of_kinds: dict[frozenset[str], npt.NDArray[np.bool_]] = {}
        self.audiences = tuple(_asked(one.audience) for one in self.offers)
        self.avoids = tuple(_asked(one.avoid) for one in self.offers)
        asked = needs([rule for rule, _ in (*self.audiences, *self.avoids) if rule is not None])
        ages = AGE_TRAITS if any(one.min_age for one in self.offers) else frozenset()
        self.needs = replace(asked, traits=asked.traits | ages)

    def __len__(self) -> int:
        return len(self.offers)

    def beyond(self, index: Mapping[str, int]) -> dict[str, Offer]:
        """Give the names that have no place among some products, each with the first offer sold under it."""
        found: dict[str, Offer] = {}
        for offer in self.offers:
            if offer.sold_as not in index:
                found.setdefault(offer.sold_as, offer)
        return dict(sorted(found.items()))

    def over(self, products: Products) -> "Library":
        """Give the same offers, each at its place."""
        placed = Library(self.offers, self.currency)
        placed._products = products
        placed.place_of = {one.offer_id: products.index[one.sold_as] for one in self.offers}
        of_item: dict[int, list[int]] = {}
        for row, offer in enumerate(self.offers):
            of_item.setdefault(placed.place_of[offer.offer_id], []).append(row)
        placed._of_item = {item: tuple(rows) for item, rows in of_item.items()}
        placed.kinds = np.zeros(products.n_items, np.int8)
        placed.min_ages = np.zeros(products.n_items, np.int16)
        placed.is_advice = np.zeros(products.n_items, np.bool_)
        placed.has_terms = np.zeros(products.n_items, np.bool_)
        free: dict[int, int] = {}
        for item, rows in placed._of_item.items():
            some = [self.offers[row] for row in rows]
            if len(some) == 1 and not _asks_anything(some[0]):
                free[item] = rows[0]
            else:
                placed.has_terms[item] = True
            placed.kinds[item] = KINDS.index(some[0].kind)
            placed.min_ages[item] = max(one.min_age or 0 for one in some)
            placed.is_advice[item] = any(one.is_advice for one in some)
        placed.free_rows = free
        placed._put_near(products)
        return placed

    def _put_near(self, products: Products) -> None:
        """Note beside what each offer stands, and which are for a kind of person wherever they are."""
        unbound = []
        for row, offer in enumerate(self.offers):
            for name in offer.beside:
                if not name.startswith(CATEGORY):
                    if name in products.index:
                        self._near_items.setdefault(products.index[name], []).append((row, PRIORS["product"]))
                    continue
                inside = products.items_in(name.removeprefix(CATEGORY))
                for number in np.unique(products.categories[inside]).tolist() if len(inside) else ():
                    self._near_categories.setdefault(number, []).append((row, PRIORS["category"]))
            if not offer.beside and offer.audience:
                unbound.append((row, PRIORS["audience"]))
        self._unbound = tuple(unbound)

    # one offer --------------------------------------------------------------------------------------------------

    def rows_at(self, item: int) -> tuple[int, ...]:
        """Give the places in `offers` of what is sold at an item; none for a bare product."""
        return self._of_item.get(item, ())

    def offer_at(self, item: int, now: datetime | None = None, market: str | None = None) -> Offer | None:
        """Give the offer sold at an item, of several the first that runs now and there; None for a bare product."""
        for row in self.rows_at(item):
            offer = self.offers[row]
            if (now is None or offer.runs_at(now)) and (market is None or not offer.markets or market in offer.markets):
                return offer
        return None

    def find(self, offer_id: str) -> Offer | None:
        """Give the offer of an id, None where none is in force."""
        return next((one for one in self.offers if one.offer_id == offer_id), None)

    def price_of(self, offer: Offer) -> Money | None:
        """Give what an offer costs in all; None where the catalog says so."""
        return Money.from_micros(0, self.currency) if offer.is_free else offer.pays

    # columns ----------------------------------------------------------------------------------------------------

    def mask(self, test: Callable[[Offer], bool]) -> npt.NDArray[np.bool_]:
        """Mark the items that an offer passing a test is sold at; shape (items,)."""
        marked = np.zeros(len(self.kinds), np.bool_)
        marked[[self.place_of[one.offer_id] for one in self.offers if test(one)]] = True
        return marked

    def of_kinds(self, kinds: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Mark items by kind of offer; a bare product is goods."""
        asked = frozenset(kinds)
        mask = self._of_kinds.get(asked)
        if mask is None:
            mask = self._of_kinds[asked] = np.isin(self.kinds, [KINDS.index(OfferKind(kind)) for kind in asked])
        return mask

    def tagged(self, tags: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Mark items whose offer carries one of some tags."""
        wanted = frozenset(tags)
        return self.mask(lambda one: not wanted.isdisjoint(one.tags))

    def serving(self, goals: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Mark items whose offer says that it serves one of some goals."""
        wanted = frozenset(goals)
        return self.mask(lambda one: not wanted.isdisjoint(one.goals))

    def asking_licence(self, held: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Mark items whose offer needs a licence beyond those held."""
        have = frozenset(held)
        return self.mask(lambda one: not have.issuperset(one.licences))

    # candidates -------------------------------------------------------------------------------------------------

    def beside(self, anchors: Array) -> Columns:
        """Name what the merchant puts beside some items, and what is for a kind of person wherever they are.

        Whom an offer is for is asked by `terms.judge`, so that what it leaves out can be told.
        """
        if self._products is None or not self.offers:
            return _NO_COLUMNS
        best: dict[int, tuple[float, int, int]] = {}
        for anchor in anchors.tolist():
            near = (*self._near_items.get(anchor, ()), *self._near_categories.get(self._category(anchor), ()))
            for row, score in near:
                self._keep(best, row, score, anchor)
        for row, score in self._unbound:
            self._keep(best, row, score, -1)
        return _columns(best)

    def for_goals(self, goals: Sequence[Goal]) -> Columns:
        """Name what serves some goals: offers that say so, and what the policy maps them to.

        The score is the share of the goals it serves; the row is the place in `goals` of the first.
        """
        if self._products is None or not goals:
            return _NO_COLUMNS
        n_served = np.zeros(len(self.kinds), np.int64)
        first = np.zeros(len(self.kinds), np.int64)
        for row in reversed(range(len(goals))):
            items = self._items_for(goals[row])
            n_served[items] += 1
            first[items] = row
        items = np.flatnonzero(n_served).astype(np.int32)
        return items, n_served[items] / len(goals), first[items], np.full(len(items), -1)

    def _items_for(self, goal: Goal) -> Array:
        key = (goal.goal_id, goal.offers, goal.categories, goal.not_offers)
        found = self._serving.get(key)
        if found is None and self._products is not None:
            index = self._products.index
            mask = self.serving((goal.goal_id,))
            mask[[index[name] for name in goal.offers if name in index]] = True
            for category in goal.categories:
                mask[list(self._products.items_in(category))] = True
            mask[[index[name] for name in goal.not_offers if name in index]] = False
            found = self._serving[key] = np.flatnonzero(mask)
        return np.zeros(0, np.int64) if found is None else found

    def _category(self, item: int) -> int:
        return int(self._products.categories[item]) if self._products is not None else -1

    def _keep(self, best: dict[int, tuple[float, int, int]], row: int, score: float, anchor: int) -> None:
        item = self.place_of[self.offers[row].offer_id]
        if item != anchor and (item not in best or score > best[item][0]):
            best[item] = (score, row, anchor)


def _asks_anything(offer: Offer) -> bool:
    moments = offer.starts_at or offer.ends_at or offer.months
    return bool(moments or offer.markets or offer.min_age or offer.audience or offer.avoid)


def _columns(best: Mapping[int, tuple[float, int, int]]) -> Columns:
    if not best:
        return _NO_COLUMNS
    items = sorted(best)
    scores, rows, anchors = zip(*(best[item] for item in items), strict=True)
    return np.array(items, np.int32), np.array(scores), np.array(rows, np.int64), np.array(anchors, np.int64)


def _asked(text: str) -> tuple[Condition | None, Predicate | None]:
    """Make a condition ready to be asked of people."""
    if not text:
        return None, None
    rule = parse(text)
    return rule, predicate(rule)


EMPTY = Library()
