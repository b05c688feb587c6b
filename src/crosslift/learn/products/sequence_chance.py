"""How many customers would buy A and later B if people bought at random, only as much and as often as they do.

Chance keeps what is no relation: how many orders each customer has and when, how large each order is, and how popular
each product is in each market, at each time, among customers who buy little or much: a café of forty large orders would by
chance buy everything after everything, and outweigh a thousand households. Orders are put into cells (market and channel
× how many lines their customer ordered × a slice of time); within a cell any order of the same size could hold any
product as well as another.

**Computed.** An order of size s holds A with probability s·p_A, p_A the share of A among the lines of its cell. Over all
pairs of orders i before j of one customer within the window that gives ``Σ s_i s_j p_A(i) p_B(j)``: the expected number of
order pairs, and so an upper bound of the expected customers, whom it counts more than once where they buy both often.
Too high an expectation makes a test find less, never more. Products that stand in a large share of orders are set apart,
for they fill large orders less than in proportion, and the others accordingly more.

**Drawn.** In narrow tables a formula is not good enough, so customers are counted in swap shuffles of every cell:
(sum + 1) / (draws + 1).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.settings import Settings
from crosslift.stats.sequences import Visits, rows_product
from crosslift.stats.shuffle import swap_shuffle

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Items = npt.NDArray[np.int32]

MIN_CELL = 500
"""Orders a market or a slice of time needs for a chance of its own."""

MOST_SLICES = 12
"""Slices of time, each with equally many orders of its market."""

MIN_MOMENT, MOST_MOMENTS = 100, 36
"""Orders a slice needs, and slices at most, where popularity over time is all that is asked."""

MOST_DRAWN_LINES = 2_000_000
"""Larger tables are never shuffled; there the computed upper bound stands."""

FIRST_SWEEPS, NEXT_SWEEPS = 25, 3
"""The first shuffle forgets the real orders; each next one starts from the one before."""


def visits_of(baskets: Baskets, settings: Settings, as_of: int) -> Visits:
    """Put the newest orders of known customers in order, each with its window; orders that are not counted left out."""
    chosen = baskets.known & (baskets.at <= as_of) & (baskets.sizes <= settings["learn.max_basket_items"])
    visits = Visits.of(
        baskets.items[np.repeat(chosen, baskets.sizes)],
        np.concatenate([[0], np.cumsum(baskets.sizes[chosen])]),
        baskets.customers[chosen],
        baskets.at[chosen],
        baskets.n_items,
        max_days=settings["learn.sequence_days"],
        max_orders=settings["learn.sequence_orders"],
        apart=(baskets.contents() + baskets.strata.astype(np.uint64))[chosen],
    )
    return replace(visits, places=np.flatnonzero(chosen)[visits.places])


def is_narrow(visits: Visits, settings: Settings) -> bool:
    """Tell whether chance has to be drawn: few products, or one that stands in a large share of all orders."""
    if visits.items.size > MOST_DRAWN_LINES:
        return False
    n_sold = np.unique(visits.items).size
    return n_sold < settings["learn.narrow_items"] or bool(_is_popular(visits, settings).any())


def cells_of(visits: Visits, baskets: Baskets) -> Ints:
    """Number the cell of each order: market and channel, activity of the customer, then equal slices of time."""
    market = _markets(visits, baskets)
    lines = np.bincount(visits.customers, np.diff(visits.offsets))[visits.customers]
    activity = _merged(market, np.log2(np.maximum(lines, 1)).astype(np.int64))
    group = np.unique(np.stack([market, activity]), axis=1, return_inverse=True)[1]
    return _sliced(visits, group, MIN_CELL, MOST_SLICES)


def moments_of(visits: Visits, baskets: Baskets) -> Ints:
    """Number the moment of each order: market and channel, then fine slices of time; for what comes before what."""
    return _sliced(visits, _markets(visits, baskets), MIN_MOMENT, MOST_MOMENTS)


def _markets(visits: Visits, baskets: Baskets) -> Ints:
    """Number markets and channels; unknown and small ones together."""
    strata = baskets.strata[visits.places]
    number = np.unique(strata, return_inverse=True)[1] + 1
    return _merged(np.zeros_like(number), np.where(strata >= 0, number, 0))


def _sliced(visits: Visits, group: Ints, n_least: int, n_most: int) -> Ints:
    """Cut each group into equal slices of time, of at least so many orders each."""
    order = np.lexsort((visits.at, group))
    _, first, size = np.unique(group[order], return_index=True, return_counts=True)
    within = np.arange(order.size) - np.repeat(first, size)
    piece = within * np.repeat(np.clip(size // n_least, 1, n_most), size) // np.repeat(size, size)
    cell = np.empty(order.size, np.int64)
    cell[order] = group[order] * n_most + piece
    return np.unique(cell, return_inverse=True)[1].astype(np.int64)


def _merged(within: Ints, levels: Ints) -> Ints:
    """Merge levels (0, 1, 2 ...) of fewer than `MIN_CELL` orders into the one below, in each group by itself."""
    merged = levels.copy()
    for group in np.unique(within):
        inside = within == group
        for level in range(int(levels[inside].max()), 0, -1):
            here = inside & (merged == level)
            if 0 < here.sum() < MIN_CELL:
                merged[here] = level - 1
        lowest = inside & (merged == merged[inside].min())
        rest = inside & ~lowest
        if rest.any() and lowest.sum() < MIN_CELL:
            merged[lowest] = merged[rest].min()
    return merged


@dataclass(frozen=True, slots=True)
class OrderChance:
    """Chance as a bilinear form: expected(A, B) = share_A' · weights · share_B.

    Attributes
    ----------
    shares : float64 array, shape (items, cells)
        Share of each product among the lines of each cell; cells appear twice, once for the popular products.
    before, around : float64 arrays, shape (items, cells)
        `shares` times the weights: Σ s_i s_j over pairs of orders, i in the first cell, j later in the second; and
        times the weights of both directions.
    """

    shares: Floats
    before: Floats
    around: Floats

    @classmethod
    def of(cls, visits: Visits, cells: Ints, settings: Settings) -> "OrderChance":
        """Add up order sizes over all windows, and the lines of every product in every cell."""
        popular = _is_popular(visits, settings)
        n_cells, n_orders = int(cells.max(initial=-1)) + 1, visits.customers.size
        order_of_line = np.repeat(np.arange(n_orders), np.diff(visits.offsets))
        kinds = [~popular, np.ones_like(popular)] if popular.any() else [~popular]
        sizes = [_sum(order_of_line, kind[visits.items], n_orders) for kind in kinds]
        lines = np.bincount(
            cells[order_of_line] + n_cells * visits.items.astype(np.int64), minlength=n_cells * visits.n_items
        ).reshape(visits.n_items, n_cells)
        shares = []
        for kind, size in zip((~popular, popular), sizes, strict=False):
            total = _sum(cells, size, n_cells)
            shares.append(np.where(kind[:, None], lines / np.maximum(total, 1), 0.0))
        weights = np.block([[_weights(visits, cells, one, other, n_cells) for other in sizes] for one in sizes])
        share = np.concatenate(shares, axis=1)
        return cls(share, share @ weights, share @ (weights + weights.T))

    def expected(self, first: Items, second: Items) -> Floats:
        """Give the expected order pairs with `first` before `second`, shape (pairs,)."""
        return rows_product(self.before, self.shares, first, second)

    def both_ways(self, first: Items, second: Items) -> Floats:
        """Give the expected order pairs of either direction."""
        return rows_product(self.around, self.shares, first, second)


def drawn(
    visits: Visits,
    cells: Ints,
    first: Items,
    second: Items,
    n_draws: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Give the mean customers of each ordered pair over swap shuffles of every cell, (sum + 1) / (draws + 1).

    The second array has the customers of the pair in either order, direction by direction.
    """
    by_cell = np.argsort(cells, kind="stable")
    sizes = np.diff(visits.offsets)[by_cell]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    line = np.arange(starts[-1]) + np.repeat(visits.offsets[:-1][by_cell] - starts[:-1], sizes)
    bounds = np.searchsorted(cells[by_cell], np.arange(int(cells.max(initial=-1)) + 2))
    seeds = np.random.default_rng(seed).integers(0, 2**32, (n_draws, bounds.size - 1))

    def chain(draws: range) -> tuple[Floats, Floats]:
        items, shuffled = visits.items[line], visits.items.copy()
        forward, back = np.zeros(first.size), np.zeros(first.size)
        for draw in draws:
            for cell, (low, high) in enumerate(pairwise(bounds)):
                part = slice(int(starts[low]), int(starts[high]))
                items[part] = swap_shuffle(
                    items[part], starts[low : high + 1] - starts[low], visits.n_items,
                    seed=int(seeds[draw, cell]), sweeps=NEXT_SWEEPS if draw > draws.start else FIRST_SWEEPS,
                )  # fmt: skip
            shuffled[line] = items
            found = replace(visits, items=shuffled).count()
            forward += found.of(first, second)
            back += found.of(second, first)
        return forward, back

    middle = n_draws // 2
    with ThreadPoolExecutor(2) as threads:  # always two chains, so that the number of cores changes nothing
        chains = list(threads.map(chain, (range(middle), range(middle, n_draws))))
    forward, back = (np.sum([one[place] for one in chains], axis=0) for place in (0, 1))
    return (forward + 1) / (n_draws + 1), (forward + back + 2) / (n_draws + 1)


def _is_popular(visits: Visits, settings: Settings) -> npt.NDArray[np.bool_]:
    """Mark products that stand in more than `learn.narrow_share` of the orders."""
    held = np.bincount(visits.items, minlength=visits.n_items)
    return np.asarray(held > settings["learn.narrow_share"] * visits.customers.size)


def _sum(group: Ints, values: npt.NDArray[Any], n_groups: int) -> Floats:
    """Add up values group by group."""
    return np.bincount(group, values.astype(np.float64), minlength=n_groups).astype(np.float64)


def _weights(visits: Visits, cells: Ints, one: Floats, other: Floats, n_cells: int) -> Floats:
    """Add up, over pairs of orders in a window, the size of the earlier times the size of the later, cell by cell."""
    table = np.zeros((n_cells, n_cells))
    for cell in range(n_cells):
        running = np.concatenate([[0.0], np.cumsum(np.where(cells == cell, other, 0.0))])
        table[:, cell] = _sum(cells, one * (running[visits.end] - running[visits.begin]), n_cells)
    return table
