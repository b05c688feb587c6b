"""Who bought one thing of a family and, on a later day, another of it: evidence for a step up."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.stats import chance

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
DAY = 86_400_000_000
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Switches:
    """Customers who first bought one product and on a later day, for the first time, another of its family.

    Attributes
    ----------
    before, after : int32 array, shape (pairs,)
        Items, sorted by (before, after).
    n_switched : int64 array, shape (pairs,)
        Distinct customers.
    n_owners : int64 array, shape (items,)
        Customers with at least two days of purchases who ever bought the product.
    n_customers : int
        Customers with at least two days of purchases.
    kappa : float
        By how much unequal appetites raise what chance brings; see `chance.kappa`.
    """

    before: Items
    after: Items
    n_switched: Ints
    n_owners: Ints
    n_customers: int
    kappa: float

    def count(self, before: Items, after: Items) -> Ints:
        """Give the customers of pairs, 0 where nobody switched."""
        if not len(self.before):
            return np.zeros(len(before), np.int64)
        n_items = len(self.n_owners)
        known = self.before.astype(np.int64) * n_items + self.after
        wanted = before.astype(np.int64) * n_items + after
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[place] == wanted, self.n_switched[place], 0).astype(np.int64)

    def expected(self, before: Items, after: Items) -> Floats:
        """Give the customers by chance: half of those who own both by chance, for the order of the two is open."""
        if not self.n_customers:
            return np.zeros(len(before))
        return chance.expected_pairs(self.n_owners[before], self.n_owners[after], self.n_customers, self.kappa) / 2.0


def count_switches(histories: Baskets, family: Ints, most_items: int) -> Switches:
    """Count switches within families among known customers.

    Parameters
    ----------
    family : int64 array, shape (items,)
        Number of the family, −1 for none.
    most_items : int
        Customers with more distinct products of one family (who resell, or equip an office) tell nothing of switches.
    """
    n_items = histories.n_items
    known = np.repeat(histories.known, histories.sizes)
    who = np.repeat(histories.customers, histories.sizes)[known]
    day = np.repeat(histories.at // DAY, histories.sizes)[known]
    item = histories.items[known].astype(np.int64)
    order = np.lexsort((day, item, who))
    who, day, item = who[order], day[order], item[order]
    is_first = np.ones(len(who), dtype=bool)
    is_first[1:] = (np.diff(who) != 0) | (np.diff(item) != 0)
    _, number = np.unique(who, return_inverse=True)
    earliest, latest = np.full(len(who), np.iinfo(np.int64).max), np.full(len(who), np.iinfo(np.int64).min)
    np.minimum.at(earliest, number, day)
    np.maximum.at(latest, number, day)
    kept = is_first & (latest[number] > earliest[number])
    number, day, item = number[kept], day[kept], item[kept]
    sizes = np.unique(number, return_counts=True)[1]
    before, after, n = _ordered_pairs(number, day, item, family, most_items)
    return Switches(
        before, after, n, np.bincount(item, minlength=n_items).astype(np.int64), len(sizes),
        chance.kappa(sizes) if len(sizes) else 0.0,
    )  # fmt: skip


def _ordered_pairs(who: Ints, day: Ints, item: Ints, family: Ints, most_items: int) -> tuple[Items, Items, Ints]:
    """Count, over customers, the pairs of one family whose first purchases lie on different days, earlier first."""
    n_items = max(len(family), 1)
    belongs = family[item] >= 0
    who, day, item = who[belongs], day[belongs], item[belongs]
    order = np.lexsort((day, family[item], who))
    who, day, item = who[order], day[order], item[order]
    group = np.zeros(len(who), dtype=np.int64)
    group[1:] = np.cumsum((np.diff(who) != 0) | (np.diff(family[item]) != 0))
    sizes = np.bincount(group)
    start = np.concatenate([[0], np.cumsum(sizes)])
    later = np.where(sizes[group] <= most_items, start[group + 1] - np.arange(len(who)) - 1, 0)
    keys, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = np.cumsum(later)
    cuts = np.searchsorted(ends, np.arange(_CHUNK, int(later.sum()) + _CHUNK, _CHUNK), side="right")
    for low, high in zip([0, *cuts.tolist()], [*cuts.tolist(), len(later)], strict=True):
        n = later[low:high]
        one = np.repeat(np.arange(low, high), n)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(n) - n, n)
        apart = day[one] < day[other]
        found, times = np.unique(item[one[apart]] * n_items + item[other[apart]], return_counts=True)
        keys, place = np.unique(np.concatenate([keys, found]), return_inverse=True)
        counts = np.bincount(place, weights=np.concatenate([counts, times]), minlength=len(keys)).astype(np.int64)
    return (keys // n_items).astype(np.int32), (keys % n_items).astype(np.int32), counts
