"""Order lines as baskets: which products were together in which order, of whom, when, in which market."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Baskets:
    """Orders as sets of products.

    Attributes
    ----------
    products : list of str, length n_items
        Product ids in sorted order; item i of every array is `products[i]`.
    items : int32, shape (lines,)
        Distinct items of each basket, basket after basket.
    offsets : int64, shape (baskets + 1,)
        Where each basket begins.
    at : int64, shape (baskets,)
        Time of the order, microseconds.
    customers : int64, shape (baskets,)
        Number of the customer; orders without one get a number of their own.
    known : bool, shape (baskets,)
        Whether the customer is known.
    strata : int64, shape (baskets,)
        Market and channel of the order, numbered; −1 where neither is given.
    """

    products: list[str]
    items: Items
    offsets: Ints
    at: Ints
    customers: Ints
    known: npt.NDArray[np.bool_]
    strata: Ints

    @property
    def n_baskets(self) -> int:
        """All baskets, also those with one product."""
        return len(self.offsets) - 1

    @property
    def n_items(self) -> int:
        """All products."""
        return len(self.products)

    @property
    def sizes(self) -> Ints:
        """Distinct products of each basket."""
        return np.diff(self.offsets)

    def contents(self) -> npt.NDArray[np.uint64]:
        """Hash what each basket holds, whatever the order of its lines."""
        return _content(self.items, self.offsets)

    def item_counts(self) -> Ints:
        """Baskets that hold each product."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.int64)

    def among(self, products: Sequence[str]) -> "Baskets":
        """Number the same baskets by a longer list of products, sold or not."""
        place = {name: i for i, name in enumerate(products)}
        items = np.array([place[name] for name in self.products], dtype=np.int32)[self.items]
        return replace(self, products=list(products), items=items)

    def take(self, chosen: npt.NDArray[Any]) -> "Baskets":
        """Keep some baskets (a mask or positions), the same products."""
        places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        sizes = self.sizes[places]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
        items = self.items[np.repeat(self.offsets[places], sizes) + within]
        return Baskets(
            self.products,
            items,
            offsets,
            self.at[places],
            self.customers[places],
            self.known[places],
            self.strata[places],
        )


def from_lines(lines: pa.Table) -> Baskets:
    """Build baskets from cleaned order lines (source, order_id, product_id, customer_id, ordered_at, market, channel).

    Orders and strata are numbered in the order of their names, customers by what they bought when: neither the order of
    the lines nor the names of people change anything.
    """
    if lines.num_rows == 0:
        none = np.zeros(0, dtype=np.int64)
        return Baskets([], none.astype(np.int32), np.zeros(1, np.int64), none, none, none.astype(bool), none)
    order = numbered([lines.column("source"), lines.column("order_id")])
    encoded = lines.column("product_id").combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    rank = {name: i for i, name in enumerate(sorted(names))}
    item = np.array([rank[name] for name in names], dtype=np.int64)[np.asarray(encoded.indices)]
    keys = np.unique(order * len(names) + item)
    basket, items = keys // len(names), (keys % len(names)).astype(np.int32)
    n = int(order.max()) + 1
    offsets = np.searchsorted(basket, np.arange(n + 1)).astype(np.int64)
    _, first = np.unique(order, return_index=True)
    at = np.asarray(lines.column("ordered_at"), dtype=np.int64)[first]
    known = np.asarray(pc.is_valid(lines.column("customer_id")))[first]
    customer = _by_history(numbered([lines.column("customer_id")])[first], at, items, offsets)
    customer = np.where(known, customer, customer.max() + 1 + np.arange(n))
    strata = numbered([lines.column("market"), lines.column("channel")])[first]
    is_told = np.asarray(pc.or_(pc.is_valid(lines.column("market")), pc.is_valid(lines.column("channel"))))[first]
    return Baskets(sorted(names), items, offsets, at, customer, known, np.where(is_told, strata, -1))


def numbered(columns: Sequence[pa.ChunkedArray]) -> Ints:
    """Number distinct rows of text columns in the order of their texts, the first column first; no text goes first."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
        place = np.empty(len(encoded.dictionary), dtype=np.int64)
        place[np.asarray(pc.sort_indices(encoded.dictionary))] = np.arange(len(encoded.dictionary))
        number = number * max(len(place), 1) + place[np.asarray(encoded.indices, dtype=np.int64)]
    return np.unique(number, return_inverse=True)[1].astype(np.int64)


def _by_history(customers: Ints, at: Ints, items: Items, offsets: Ints) -> Ints:
    """Number customers anew by a hash of their baskets; whose histories are the same are interchangeable."""
    age = (at.max() - at).astype(np.uint64)
    of_basket = _mixed(_content(items, offsets) ^ age)
    of_customer = np.zeros(int(customers.max()) + 1, dtype=np.uint64)
    np.add.at(of_customer, customers, of_basket)
    place = np.empty(len(of_customer), dtype=np.int64)
    place[np.argsort(of_customer, kind="stable")] = np.arange(len(of_customer))
    return place[customers]


def _content(items: Items, offsets: Ints) -> npt.NDArray[np.uint64]:
    """Add up hashes of the items of each basket; no basket is empty."""
    hashed = _mixed(items.astype(np.uint64) + np.uint64(1))
    return np.add.reduceat(hashed, offsets[:-1]) if len(offsets) > 1 else hashed


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread bits so that sums of them tell sets apart (the finalizer of splitmix64)."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
