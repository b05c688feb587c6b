"""What was looked at in one visit, and how much more often than chance: evidence for substitutes and step-ups."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.catalog import Catalog
from crosslift.settings import Settings
from crosslift.stats import chance
from crosslift.stats.pairs import PairCounts, count_pairs

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
MINUTE = 60_000_000

VISITS_PER_PERSON = 3
"""In a test a pair's people count for at most this many visits each on average: one collector is no crowd."""


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits counted like baskets: which products were looked at in the same one.

    Attributes
    ----------
    n_viewed : int64 array, shape (items,)
        Visits in which the product was looked at.
    pairs : PairCounts
        Pairs looked at in one visit; `n_both` counts visits, `n_groups` distinct identities.
    n_visits : int
        All visits, also those with one product.
    kappa : float
        By how much unequal visits raise what chance brings.
    """

    n_viewed: Ints
    pairs: PairCounts
    n_visits: int
    kappa: float

    def both(self, first: Items, second: Items) -> tuple[Ints, Ints]:
        """Give the visits and the distinct identities that looked at both; 0 where nobody did."""
        return met(self.pairs, first, second, len(self.n_viewed))

    def expected(self, first: Items, second: Items) -> Floats:
        """Give the visits with both that size-aware chance alone would bring."""
        if not self.n_visits:
            return np.zeros(len(first))
        return chance.expected_pairs(self.n_viewed[first], self.n_viewed[second], self.n_visits, self.kappa)

    def p_values(self, first: Items, second: Items) -> Floats:
        """Give P(as many visits with both, or more, by chance)."""
        n_both, n_people = self.both(first, second)
        return chance.poisson_tail(np.minimum(n_both, VISITS_PER_PERSON * n_people), self.expected(first, second))


def count_visits(views: pa.Table, catalog: Catalog, settings: Settings) -> Visits:
    """Cut views into visits and count pairs.

    A visit ends when its visitor looks at nothing for `learn.view_minutes`. Visits of more than
    `learn.max_basket_items` distinct products (crawlers) are not counted.

    Parameters
    ----------
    views : pa.Table
        identity, product_id, at (microseconds). Unknown products are left out; the table may be empty.
    """
    who, items, at = _known(views, catalog)
    order = np.lexsort((items, at, who))
    who, items, at = who[order], items[order], at[order]
    is_new = np.ones(len(who), dtype=bool)
    is_new[1:] = (np.diff(who) != 0) | (np.diff(at) > settings["learn.view_minutes"] * MINUTE)
    visit = np.cumsum(is_new) - 1
    visitors = who[is_new]
    keys = np.unique(visit * max(catalog.n_items, 1) + items)
    visit, items = keys // max(catalog.n_items, 1), keys % max(catalog.n_items, 1)
    sizes = np.bincount(visit, minlength=len(visitors))
    kept = sizes <= settings["learn.max_basket_items"]
    items, sizes, visitors = items[kept[visit]].astype(np.int32), sizes[kept], visitors[kept]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Visits(
        np.bincount(items, minlength=catalog.n_items).astype(np.int64),
        count_pairs(items, offsets, catalog.n_items, groups=visitors),
        len(sizes),
        chance.kappa(sizes) if len(items) else 0.0,
    )


def met(pairs: PairCounts, first: Items, second: Items, n_items: int) -> tuple[Ints, Ints]:
    """Look pairs up, in either order: how often they met, and in how many groups; 0 for pairs that never met."""
    if not len(pairs):
        return np.zeros(len(first), np.int64), np.zeros(len(first), np.int64)
    known = pairs.first.astype(np.int64) * n_items + pairs.second
    wanted = np.minimum(first, second).astype(np.int64) * n_items + np.maximum(first, second)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found = known[place] == wanted
    return np.where(found, pairs.n_both[place], 0).astype(np.int64), np.where(found, pairs.n_groups[place], 0).astype(
        np.int64
    )


def _known(views: pa.Table, catalog: Catalog) -> tuple[Ints, Ints, Ints]:
    """Number visitors and products of the views whose product is in the catalog."""
    place = pc.index_in(views.column("product_id"), value_set=pa.array(list(catalog.products), pa.string()))
    views, items = views.filter(pc.is_valid(place)), pc.drop_null(place)
    who = pc.fill_null(views.column("identity"), "").combine_chunks().dictionary_encode()
    return (
        np.asarray(who.indices, dtype=np.int64),
        np.asarray(items, dtype=np.int64),
        np.asarray(views.column("at"), dtype=np.int64),
    )
