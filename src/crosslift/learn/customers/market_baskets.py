"""Baskets as sets of categories: how often pairs meet, in whose baskets, and how much that number varies by itself."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from crosslift.stats.margins import Margins

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

COMMON = 64
"""Categories in most baskets, for whose pairs the variance is worked out from every basket."""
MOST_BASKETS = 300_000
"""Baskets of more are a sample of customers, whose numbers are a hash of what they bought."""
BASKETS_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True)
class MarketBaskets:
    """Baskets of one market.

    Attributes
    ----------
    items : int64 array, shape (lines,)
        Distinct categories of each basket, ascending, basket after basket.
    sizes : int64 array, shape (baskets,)
        Categories of each basket.
    customers : int64 array, shape (baskets,)
        Numbered from 0.
    n_items : int
        Categories there are.
    """

    items: Ints
    sizes: Ints
    customers: Ints
    n_items: int

    @property
    def n_with(self) -> Floats:
        """Baskets with each category."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.float64)

    @property
    def _starts(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    def meetings(self, first: Ints, second: Ints) -> tuple[Floats, Floats, Floats]:
        """Give baskets and customers with both, and Σ (baskets with both of a customer)², shape (pairs,); first < second."""
        n_customers = int(self.customers.max(initial=0)) + 1
        starts, cells = self._starts, [np.zeros(0, np.int64)]
        for size in np.unique(self.sizes[self.sizes > 1]).tolist():
            alike = np.flatnonzero(self.sizes == size)
            held = self.items[starts[alike][:, None] + np.arange(size)]
            one, other = np.triu_indices(size, 1)
            pair = held[:, one] * self.n_items + held[:, other]
            cells.append((pair * n_customers + self.customers[alike][:, None]).ravel())
        cell, n_of_customer = np.unique(np.concatenate(cells), return_counts=True)
        wanted, pair = first * self.n_items + second, cell // n_customers
        weights = (n_of_customer.astype(np.float64), np.ones(len(cell)), n_of_customer.astype(np.float64) ** 2)
        n, customers, squares = (np.bincount(pair, weight, self.n_items**2)[wanted] for weight in weights)
        return n, customers, squares

    def spread(self, margins: Margins, first: Ints, second: Ints) -> Floats:
        """Give the variance of baskets with both less those expected, shape (pairs,); nan for pairs of a rare category.

        Where categories are common, popularity fixes most of the meetings and what is left varies less than Poisson; where
        customers keep to their taste it varies more. So each basket tells what it adds to observed less expected, with what
        it adds to the popularity of either category taken off, a customer's baskets are added up, and the sums are squared.
        """
        common = np.sort(np.argsort(-self.n_with, kind="stable")[:COMMON])
        filled = np.flatnonzero(self.sizes > 0)
        chances = _Chances.of(margins, self.sizes[filled], common)
        kept = filled[np.argsort(self.customers[filled], kind="stable")][:MOST_BASKETS]
        variance = self._squares(kept, common, chances) * (len(filled) / max(len(kept), 1))
        variance = np.maximum(variance, chances.variance)
        place = self._places(common)
        one, other = np.minimum(place[first], place[second]), np.maximum(place[first], place[second])
        return np.where(one >= 0, variance[one, other], np.nan)

    def _squares(self, kept: Ints, common: Ints, chances: "_Chances") -> Floats:
        """Add up what the baskets of each customer tell, square it, and add up over customers; above the diagonal."""
        n, weight = len(common), chances.weight
        squares, place = np.zeros((n, n)), self._places(common)
        begins = np.flatnonzero(np.diff(self.customers[kept], prepend=-1))
        low = 0
        while low < len(begins):
            high = max(int(np.searchsorted(begins, begins[low] + BASKETS_AT_ONCE)), low + 1)
            rows = kept[begins[low] : begins[high] if high < len(begins) else len(kept)]
            within = begins[low:high] - begins[low]
            held, of_size = np.zeros((len(rows), n)), np.searchsorted(chances.sizes, self.sizes[rows])
            held[self._lines(rows, place)] = 1
            p, both = chances.p[of_size], chances.in_pairs[of_size]
            more = np.add.reduceat(held - p, within, axis=0)
            for one in range(n - 1):
                others = slice(one + 1, n)
                met = held[:, [one]] * held[:, others] - both[:, [one]] * both[:, others]
                told = np.add.reduceat(met, within, axis=0)
                told -= more[:, [one]] * weight[one, others] + more[:, others] * weight[others, one]
                squares[one, others] += (told**2).sum(axis=0)
            low = high
        return squares

    def _lines(self, baskets: Ints, place: Ints) -> tuple[Ints, Ints]:
        """Give row and column of every common category that some baskets hold."""
        sizes = self.sizes[baskets]
        row = np.repeat(np.arange(len(baskets)), sizes)
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        column = place[self.items[np.repeat(self._starts[baskets], sizes) + within]]
        return row[column >= 0], column[column >= 0]

    def _places(self, common: Ints) -> Ints:
        place = np.full(self.n_items, -1)
        place[common] = np.arange(len(common))
        return place


@dataclass(frozen=True, slots=True)
class _Chances:
    """The chance of a basket of each size to hold each common category, by the fitted margins.

    `in_pairs` is `p`, and 0 for baskets of one. `weight[a, b]` is how many meetings of a and b one basket more with a promises;
    `variance` is that of meetings if all baskets were of customers of their own.
    """

    sizes: Ints
    p: Floats
    in_pairs: Floats
    weight: Floats
    variance: Floats

    @classmethod
    def of(cls, margins: Margins, basket_sizes: Ints, common: Ints) -> "_Chances":
        sizes, n_of_size = np.unique(basket_sizes, return_counts=True)
        odds = np.outer(_size_odds(margins, sizes), margins.item_odds[common])
        p = odds / (1 + odds)
        in_pairs = np.where(sizes[:, None] > 1, p, 0.0)
        single = p * (1 - p) * n_of_size[:, None]
        total = single.sum(axis=0)[:, None]
        weight = np.divide(single.T @ in_pairs, total, out=np.zeros((len(common), len(common))), where=total > 0)
        variance = (single * (sizes[:, None] > 1)).T @ (p * (1 - p))
        return cls(sizes, p, in_pairs, weight, variance)


def _size_odds(margins: Margins, sizes: Ints) -> Floats:
    """Give the odds of every size; those of baskets of one, which bring no pair, such that they hold one."""
    if not sizes.size or sizes[0] > 1:
        return margins.size_odds
    sold = margins.item_odds[margins.item_odds > 0]
    if len(sold) < 2:
        return np.concatenate([[0.0], margins.size_odds])

    def too_many(log_odds: float) -> float:
        odds = sold * np.exp(log_odds)
        return float((odds / (1 + odds)).sum() - 1)

    alone = np.exp(brentq(too_many, -60, 60))
    return np.concatenate([[alone], margins.size_odds])
