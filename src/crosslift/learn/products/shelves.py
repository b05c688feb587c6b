"""Leaf categories in baskets: which shelves people buy from together, and how often chance would have it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import met
from crosslift.stats.margins import fit_margins
from crosslift.stats.pairs import count_pairs

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shelves:
    """Baskets as sets of leaf categories, counted.

    Attributes
    ----------
    leaf : int64 array, shape (items,)
        Number of each product's leaf category, −1 for none.
    names : list of str
        Paths of the leaf categories.
    n_baskets_with : int64 array, shape (categories,)
        Baskets with at least one product of the category.
    first, second : int32 array, shape (pairs,)
        All pairs of categories that were sold, first < second, also those that never met.
    n_both, n_customers : int64 array, shape (pairs,)
        Baskets and distinct customers with both.
    expected : float64 array, shape (pairs,)
        Baskets with both by chance, given how many shelves each basket holds and how common each is.
    """

    leaf: Ints
    names: list[str]
    n_baskets_with: Ints
    first: Items
    second: Items
    n_both: Ints
    n_customers: Ints
    expected: Floats


def count_shelves(counted: Baskets, catalog: Catalog) -> Shelves:
    """Count leaf categories like products; there are few of them, so chance is fitted to both margins."""
    leaf, names = likeness.leaf_numbers(catalog)
    n_shelves = max(len(names), 1)
    basket = np.repeat(np.arange(counted.n_baskets), counted.sizes)
    of_line = leaf[counted.items]
    keys = np.unique(basket[of_line >= 0] * n_shelves + of_line[of_line >= 0])
    sizes = np.bincount(keys // n_shelves, minlength=counted.n_baskets)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    items = (keys % n_shelves).astype(np.int32)
    n_with = np.bincount(items, minlength=len(names)).astype(np.int64)
    sold = np.flatnonzero(n_with > 0)
    row, column = np.triu_indices(len(sold), 1)
    first, second = sold[row].astype(np.int32), sold[column].astype(np.int32)
    pairs = count_pairs(items, offsets, n_shelves, groups=counted.customers)
    n_both, n_customers = met(pairs, first, second, n_shelves)
    expected = fit_margins(n_with, sizes).expected(first, second) if len(first) else np.zeros(0)
    return Shelves(leaf, names, n_with, first, second, n_both, n_customers, expected)
