"""How many would have come for the second item anyway, lag by lag: what others buy who did not buy the first.

Of those who buy A and later B, some would have bought B whatever they had bought before. How many is told by the others: at
each later order of A's buyers, while they have not bought B yet, a line that is not A is B as often as in orders of the same
cell (market, activity, time) without A that nobody made after A. What A's buyers bought with it and after it is left out of
that comparison: the way from A to B would else count as background of itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.sequences import DAY, Ints, Visits, lag_edges

MOST = 0.999
"""Largest share of lines that counts: of what everybody buys, nobody can be seen to come for a reason."""


@dataclass(frozen=True, slots=True)
class LagBackground:
    """What would have come anyway, of chosen ordered pairs, in the bins of `Visits.lags`.

    Attributes
    ----------
    expected : float64 array, shape (pairs, bins)
        Customers whose first lag would have ended in each bin, of those whose lag had not ended before it.
    error : float64 array, shape (pairs,)
        Standard error of the sum relative to it: the others who bought B are a sample too.
    """

    expected: FloatArray
    error: FloatArray


def lag_background(visits: Visits, cells: IntArray, first: IntArray, second: IntArray) -> LagBackground:
    """Expect the first lags of chosen ordered pairs from what others buy.

    Orders of s lines beside A in all, in one bin, hold B by chance with probability 1 − (1 − p)^s, p the share of B among
    the lines of the others in their cell (of all lines where a cell has no others).

    Parameters
    ----------
    visits : Visits
    cells : int array, shape (orders,)
        Comparable orders, numbered from 0.
    first, second : int array, shape (pairs,)

    Examples
    --------
    Two buy a grinder (0) and order a year's beans (1) or tea (2) ten days later; in the orders of others every other line is
    beans:

    >>> day = 86_400_000_000
    >>> visits = Visits.of([0, 1, 0, 2, 1, 2], np.arange(7), [1, 1, 2, 2, 3, 4], np.array([0, 10, 0, 10, 3, 3]) * day, 3,
    ...                    max_days=100, max_orders=30)
    >>> lag_background(visits, np.zeros(6, np.int64), np.array([0]), np.array([1])).expected.sum().round(3)
    np.float64(1.0)
    """
    n_bins = lag_edges(visits.max_days).size - 1
    expected, error = np.zeros((first.size, n_bins)), np.zeros(first.size)
    if not (first.size and visits.items.size):
        return LagBackground(expected, error)
    shop = _Shop.of(visits, cells, first, second)
    for item in np.unique(first):
        after = _After.of(shop, int(item))
        for pair in np.flatnonzero(first == item):
            expected[pair], error[pair] = after.background(shop, int(second[pair]))
    return LagBackground(expected, error)


@dataclass(frozen=True, slots=True)
class _Shop:
    """All orders, ready to be asked: which hold an item, the lines of each cell, and those of some items.

    `n_of`, shape (cells, items asked for), counts lines; `place` numbers those items, −1 for the others.
    """

    visits: Visits
    cells: Ints
    sizes: Ints
    ends: Ints
    lines_in: FloatArray
    place: Ints
    n_of: FloatArray
    orders_of: dict[int, Ints]

    @classmethod
    def of(cls, visits: Visits, cells: IntArray, first: IntArray, second: IntArray) -> "_Shop":
        sizes = np.diff(visits.offsets)
        n_cells, asked = int(np.max(cells, initial=-1)) + 1, np.unique(second)
        place = np.full(visits.n_items, -1, np.int64)
        place[asked] = np.arange(asked.size)
        cell_of_line = np.repeat(np.asarray(cells, np.int64), sizes)
        told = place[visits.items]
        n_of = np.bincount(cell_of_line[told >= 0] * asked.size + told[told >= 0], minlength=n_cells * asked.size)
        is_source = np.zeros(visits.n_items, np.bool_)
        is_source[first] = True
        lines = np.flatnonzero(is_source[visits.items])
        lines = lines[np.argsort(visits.items[lines], kind="stable")]
        orders = np.repeat(np.arange(sizes.size), sizes)[lines]
        items, starts = np.unique(visits.items[lines], return_index=True)
        return cls(
            visits, np.asarray(cells, np.int64), sizes, np.searchsorted(visits.customers, visits.customers, side="right"),
            np.bincount(cells, sizes, minlength=n_cells).astype(np.float64), place,
            n_of.reshape(n_cells, asked.size).astype(np.float64),
            dict(zip(items.tolist(), np.split(orders, starts[1:]), strict=True)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _After:
    """What an item's buyers ordered from their first order with it on, buyer by buyer; arrays of shape (orders,).

    `run` numbers the buyers, `days` says how long after, `sizes` counts lines beside the item; `items` and `order_of` unfold
    the orders, shape (lines,). `left_out` has the lines of each cell that are no background.
    """

    orders: Ints
    run: Ints
    days: FloatArray
    sizes: Ints
    items: npt.NDArray[np.int32]
    order_of: Ints
    left_out: FloatArray
    n_runs: int

    @classmethod
    def of(cls, shop: _Shop, item: int) -> "_After":
        visits, holding = shop.visits, shop.orders_of[item]
        first = holding[np.append(True, np.diff(visits.customers[holding]) != 0)]
        length = shop.ends[first] - first
        run = np.repeat(np.arange(first.size), length)
        orders = np.arange(run.size) + np.repeat(first - (np.cumsum(length) - length), length)
        sizes = shop.sizes[orders]
        begin = np.cumsum(sizes) - sizes
        lines = np.arange(int(sizes.sum())) + np.repeat(visits.offsets[orders] - begin, sizes)
        left_out = np.bincount(shop.cells[orders], sizes, minlength=shop.lines_in.size)
        days = (visits.at[orders] - visits.at[first][run]) / DAY
        items, order_of = visits.items[lines], np.repeat(np.arange(run.size), sizes)
        beside = sizes - np.bincount(order_of[items == item], minlength=run.size)
        return cls(orders, run, days, beside, items, order_of, left_out.astype(np.float64), first.size)

    def background(self, shop: _Shop, item: int) -> tuple[FloatArray, float]:
        """Expect the customers of each bin, and the standard error of their sum relative to it."""
        n_cells, cells = shop.lines_in.size, shop.cells[self.orders]
        holding = self.order_of[self.items == item]
        n_others = shop.n_of[:, shop.place[item]] - np.bincount(cells[holding], minlength=n_cells)
        lines = shop.lines_in - self.left_out
        everyone = shop.n_of[:, shop.place[item]] / np.maximum(shop.lines_in, 1)
        share = np.where(lines > 0, n_others / np.maximum(lines, 1), everyone)
        came = np.full(self.n_runs, np.inf)
        later = holding[self.days[holding] > 0]
        np.minimum.at(came, self.run[later], self.days[later])
        edges = lag_edges(shop.visits.max_days)
        n_bins, bins = edges.size - 1, np.searchsorted(edges, self.days) - 1
        waits = bins <= (np.searchsorted(edges, came) - 1)[self.run]
        waiting = np.flatnonzero((self.days > 0) & (self.days <= edges[-1]) & waits)
        hazard = -self.sizes[waiting] * np.log1p(-np.minimum(share[cells[waiting]], MOST))
        who_when, place = np.unique(self.run[waiting] * n_bins + bins[waiting], return_inverse=True)
        chance = -np.expm1(-np.bincount(place, hazard, minlength=who_when.size))
        by_cell = np.bincount(cells[waiting], hazard, minlength=n_cells)
        total = float(by_cell.sum())
        error = np.sqrt((by_cell**2 / np.maximum(n_others, 1)).sum()) / total if total > 0 else 0.0
        return np.bincount(who_when % n_bins, chance, minlength=n_bins).astype(np.float64), float(error)
