"""Count who bought one item and, in a later order, another; and how long it took them.

Orders stand customer by customer in the order of time, so that what a customer bought within a window after an order
is one run of lines. Item by item, the kernels walk those runs; runs of one customer overlap and are walked once. The
work is the sum, over customers, of line pairs from different orders, at most the newest `max_orders` of each.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.errors import BadInput, BadUsage
from crosslift.stats import kernels, walk_kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.cores import cores
from crosslift.stats.pairs import check_baskets

Ints = npt.NDArray[np.int64]
DAY = 86_400_000_000
SHORTEST_LAG_DAYS = 0.5
LAG_BINS = 96
"""Bins of a lag histogram: each 7 % wider than the one before, over half a day to a year."""

PAIRS_AT_ONCE = 1 << 22
"""Pairs that a compiled block of items may have to hold: 25 MB."""

LINES_AT_ONCE = 4_000_000
"""Lines that are gathered or walked with arrays alone at a time: about 150 MB."""


@dataclass(frozen=True, slots=True)
class SequenceCounts:
    """Ordered pairs of different items, sorted by (first, second).

    Attributes
    ----------
    first, second : int32 arrays, shape (pairs,)
        Items; the second was bought in a later order than the first.
    n_customers : int32 array, shape (pairs,)
        Distinct customers who did so within the window.
    n_repeats : int64 array, shape (items,)
        Distinct customers who bought the item again in a later order within the window.
    bins : int32 array, shape (pairs, `LAG_BINS`)
        Customers by the lag from their first purchase of the first item to the next of the second (`lag_edges`);
        0 columns where lags were not asked for. Whose first lag is longer than the window is in no bin.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    n_customers: npt.NDArray[np.int32]
    n_repeats: Ints
    bins: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.first.size)

    def of(self, first: IntArray, second: IntArray) -> npt.NDArray[np.int32]:
        """Look up the customers of some ordered pairs; 0 for a pair that is not listed."""
        if not len(self):
            return np.zeros(np.shape(first), np.int32)
        width = int(max(self.second.max(), np.max(second, initial=0))) + 1
        keys = self.first.astype(np.int64) * width + self.second
        wanted = np.asarray(first, np.int64) * width + second
        place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        return np.where(keys[place] == wanted, self.n_customers[place], 0).astype(np.int32)


@dataclass(frozen=True, slots=True)
class LagCounts:
    """Histograms of the first lag of chosen ordered pairs, ready for `survival.quantiles_from_bins`.

    Attributes
    ----------
    n_customers : int32 array, shape (pairs,)
        As `SequenceCounts.n_customers`.
    n_watched : int64 array, shape (pairs,)
        Distinct customers with the first item who could be watched afterwards at all.
    events : int32 array, shape (pairs, bins)
        Customers whose lag ended in each bin.
    censored : int32 array, shape (pairs, bins + 1)
        Customers last seen in each bin without the second item; the last column: after the whole window.
    """

    n_customers: npt.NDArray[np.int32]
    n_watched: Ints
    events: npt.NDArray[np.int32]
    censored: npt.NDArray[np.int32]


def count_sequences(
    items: npt.ArrayLike,
    offsets: npt.ArrayLike,
    customers: npt.ArrayLike,
    at: npt.ArrayLike,
    n_items: int,
    *,
    max_days: float,
    max_orders: int,
    min_customers: int = 1,
) -> SequenceCounts:
    """Count, for every ordered pair of items, the customers who bought the first and later the second.

    Parameters
    ----------
    items, offsets : array of int, shapes (lines,) and (orders + 1,)
        Orders as `pairs.count_pairs` takes baskets, in any order.
    customers : array of int, shape (orders,)
        Who ordered; leave out orders of nobody known.
    at : array of int, shape (orders,)
        When, in microseconds. Orders of the same instant are not later than each other.
    n_items : int
        How many items there are.
    max_days : float
        Window: the later order comes at most so many days after an order with the first item.
    max_orders : int
        Only so many newest orders of each customer are looked at.
    min_customers : int
        Pairs of fewer customers are left out.

    Raises
    ------
    BadInput
        Ids out of range, offsets, customers or times that do not fit.
    BadUsage
        A window, `max_orders` or `min_customers` that leaves nothing to count.

    Examples
    --------
    One buys a grinder (0), ten days later beans (1), ten days later beans again; two buy beans, then a grinder:

    >>> days = np.array([0, 10, 20, 0, 5, 0, 5]) * 86_400_000_000
    >>> found = count_sequences(
    ...     [0, 1, 1, 1, 0, 1, 0], np.arange(8), [7, 7, 7, 8, 8, 9, 9], days, 2, max_days=365, max_orders=30
    ... )
    >>> found.first.tolist(), found.second.tolist(), found.n_customers.tolist(), found.n_repeats.tolist()
    ([0, 1], [1, 0], [1, 2], [0, 1])
    """
    visits = Visits.of(items, offsets, customers, at, n_items, max_days=max_days, max_orders=max_orders)
    found = visits.count(min_customers)
    lags = visits.lags(found.first, found.second, until=int(visits.at.max(initial=0)))
    return SequenceCounts(found.first, found.second, found.n_customers, found.n_repeats, lags.events)


def rows_product(left: FloatArray, right: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Multiply row `first` of one matrix with row `second` of another: float64 array of shape (pairs,)."""
    product = np.empty(first.size)
    if not kernels.jit_available():
        return np.einsum("pc,pc->p", left[first], right[second], out=product)
    multiply = kernels.compiled(walk_kernels.multiply_rows)
    bounds = np.linspace(0, first.size, cores() + 1).astype(np.int64).tolist()
    one, other = np.ascontiguousarray(left), np.ascontiguousarray(right)
    with ThreadPoolExecutor(cores()) as threads:
        parts = [slice(low, high) for low, high in pairwise(bounds)]
        tasks = [threads.submit(multiply, one, other, first[part], second[part], product[part]) for part in parts]
        for task in tasks:
            task.result()
    return product


def lag_edges(max_days: float) -> FloatArray:
    """Give the edges of the lag bins in days: 0, then evenly spaced on a log scale up to the window."""
    shortest = min(SHORTEST_LAG_DAYS, max_days / 2)
    return np.concatenate([[0.0], np.geomspace(shortest, max_days, LAG_BINS)])


@dataclass(frozen=True, slots=True)
class Visits:
    """Orders customer by customer in time; arrays of shape (orders,) unless said otherwise.

    Attributes
    ----------
    places : int64 array
        Where each order stood among those handed in.
    items, offsets : int32 and int64 arrays, shapes (lines,) and (orders + 1,)
        What each order holds.
    customers : int32 array
        Customers numbered from 0, ascending.
    at : int64 array
        Microseconds.
    begin, end : int64 arrays
        The run of later orders of the same customer within the window.
    n_items : int
    max_days : float
    """

    places: Ints
    items: npt.NDArray[np.int32]
    offsets: Ints
    customers: npt.NDArray[np.int32]
    at: Ints
    begin: Ints
    end: Ints
    n_items: int
    max_days: float

    @classmethod
    def of(
        cls,
        items: npt.ArrayLike,
        offsets: npt.ArrayLike,
        customers: npt.ArrayLike,
        at: npt.ArrayLike,
        n_items: int,
        *,
        max_days: float,
        max_orders: int,
        apart: npt.NDArray[np.uint64] | None = None,
    ) -> "Visits":
        """Sort orders by customer and time, keep the newest of each customer, find each one's window.

        Orders of one customer at one instant stand by the number that tells them `apart`, shape (orders,); without it as
        they were handed in.
        """
        lines, starts = check_baskets(items, offsets, n_items)
        who, when = np.asarray(customers), np.asarray(at, np.int64)
        if who.shape != (starts.size - 1,) or when.shape != who.shape:
            raise BadInput(f"{who.shape} customers and {when.shape} times for {starts.size - 1} orders; give one each")
        if max_days <= 0 or max_orders < 2:
            raise BadUsage(f"max_days {max_days}, max_orders {max_orders}; a sequence needs time and two orders")
        order = _in_time(who, when, apart)
        is_last = np.append(who[order][1:] != who[order][:-1], True)[: order.size]
        ends = np.flatnonzero(is_last)
        from_end = np.repeat(ends, np.diff(ends, prepend=-1)) - np.arange(order.size)
        order = order[from_end < max_orders]
        number = np.cumsum(np.append(False, who[order][1:] != who[order][:-1])[: order.size], dtype=np.int32)
        begin, end = _windows(number, when[order], round(max_days * DAY))
        kept, kept_offsets = _gather(lines, starts, order)
        return cls(order, kept, kept_offsets, number, when[order], begin, end, n_items, max_days)

    def count(self, min_customers: int = 1) -> SequenceCounts:
        """Count all ordered pairs, without lags."""
        if min_customers < 1:
            raise BadUsage(
                f"min_customers is {min_customers}; a pair that nobody bought cannot be listed, use 1 or more"
            )
        engine = _count_by_kernel if kernels.jit_available() and self.items.size else _count_by_arrays
        first, second, n_customers, n_repeats = engine(self, min_customers)
        rows = sparse.coo_array((n_customers.astype(np.int32), (first, second)), shape=(self.n_items,) * 2).tocsr()
        rows.sort_indices()
        return SequenceCounts(
            np.repeat(np.arange(self.n_items, dtype=np.int32), np.diff(rows.indptr)),
            rows.indices.astype(np.int32, copy=False), rows.data, n_repeats, np.zeros((rows.nnz, 0), np.int32),
        )  # fmt: skip

    def lags(self, first: IntArray, second: IntArray, until: int) -> LagCounts:
        """Histogram the first lags of chosen ordered pairs, watching each customer until an instant (microseconds)."""
        if self.at.size and int(self.at.max()) > until:
            raise BadInput(f"an order of {self.at.max()} is later than the end of watching, {until}; leave it out")
        if np.any(first == second):
            raise BadUsage("a repeat of one item is no sequence; its gaps are counted elsewhere")
        order = np.lexsort((second, first))
        sources, slots = np.unique(first[order], return_index=True)
        slots = np.append(slots, order.size).astype(np.int64)
        engine = _lags_by_kernel if kernels.jit_available() and self.items.size else _lags_by_arrays
        n_customers, events, exits, base = engine(self, sources, slots, second[order].astype(np.int64), until / DAY)
        censored = np.repeat(base, np.diff(slots), axis=0) - exits
        back = np.argsort(order)
        n_watched = np.repeat(base.sum(axis=1, dtype=np.int64), np.diff(slots))
        return LagCounts(n_customers[back], n_watched[back], events[back], censored[back])

    @property
    def days(self) -> FloatArray:
        """Times in days."""
        return self.at / DAY


def _in_time(who: npt.NDArray[Any], when: Ints, apart: npt.NDArray[np.uint64] | None) -> Ints:
    """Sort by customer, then time, then what tells orders of one instant apart."""
    order = np.lexsort((when, who))
    if apart is None:
        return order
    is_tie = (who[order][1:] == who[order][:-1]) & (when[order][1:] == when[order][:-1])
    places = np.flatnonzero(np.append(is_tie, False) | np.append(False, is_tie)) if is_tie.any() else order[:0]
    tied = order[places]
    order[places] = tied[np.lexsort((apart[tied], when[tied], who[tied]))]
    return order


def _windows(customers: IntArray, at: Ints, window: int) -> tuple[Ints, Ints]:
    """Find, for each order, the first later one and the end of those within the window, order distance by distance."""
    place = np.arange(customers.size)
    begin, end = place + 1, place + 1
    distance = 1
    while place.size:
        place = place[place + distance < customers.size]
        lag = at[place + distance] - at[place]
        near = (customers[place + distance] == customers[place]) & (lag <= window)
        place, lag = place[near], lag[near]
        begin[place[lag == 0]] += 1
        end[place] += 1
        distance += 1
    return begin, end


def _gather(lines: IntArray, offsets: Ints, order: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
    """Take the lines of orders in a given order, some millions at a time."""
    sizes = np.diff(offsets)[order]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    if order.size == offsets.size - 1 and np.array_equal(order, np.arange(order.size)):
        return lines.astype(np.int32, copy=False), starts
    kept = np.empty(starts[-1], np.int32)
    for low, high in _blocks(sizes / LINES_AT_ONCE):
        shift = np.repeat(offsets[order[low:high]] - starts[low:high], sizes[low:high])
        kept[starts[low] : starts[high]] = lines[np.arange(starts[low], starts[high]) + shift]
    return kept, starts


def _placed(visits: Visits) -> tuple[npt.NDArray[Any], npt.NDArray[Any], Ints, IntArray, Ints]:
    """Rename items by popularity and list the orders of each: (ranks, item of rank, starts, orders, lines to walk)."""
    by_popularity = np.argsort(-np.bincount(visits.items, minlength=visits.n_items), kind="stable")
    rank_of = np.empty(visits.n_items, np.uint16 if visits.n_items <= 1 << 16 else np.uint32)
    rank_of[by_popularity] = np.arange(visits.n_items)
    ranks = rank_of[visits.items]
    starts = np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=visits.n_items))]).astype(np.int64)
    orders, walked = np.empty(ranks.size, np.int32), np.zeros(visits.n_items, np.int64)
    place = kernels.compiled(walk_kernels.place_orders)
    place(ranks, visits.offsets, visits.begin, visits.end, starts[:-1].copy(), orders, walked)
    return ranks, by_popularity, starts, orders, walked


def _count_by_kernel(visits: Visits, min_customers: int) -> tuple[IntArray, IntArray, IntArray, Ints]:
    ranks, item_of, starts, orders, walked = _placed(visits)
    room = np.minimum(visits.n_items, walked // min_customers)
    cuts = _blocks(room / PAIRS_AT_ONCE + walked / max(int(walked.sum()) // (32 * cores()), 1 << 16))
    count = kernels.compiled(walk_kernels.count_later)
    runs = (ranks, visits.offsets, visits.customers, visits.begin, visits.end, starts, orders)
    with ThreadPoolExecutor(cores()) as threads:
        tasks = [
            threads.submit(count, *runs, visits.n_items, low, high, int(room[low:high].sum()), min_customers)
            for low, high in cuts
        ]
        blocks = [task.result() for task in tasks]
    second, n_customers, kept, repeats = (np.concatenate(column) for column in zip(*blocks, strict=True))
    n_repeats = np.zeros(visits.n_items, np.int64)
    n_repeats[item_of] = repeats
    names = item_of.astype(np.int32)
    return np.repeat(names, kept), names[second], n_customers, n_repeats


def _lags_by_kernel(
    visits: Visits, sources: IntArray, slots: Ints, targets: Ints, until: float
) -> tuple[npt.NDArray[np.int32], ...]:
    ranks, item_of, starts, orders, walked = _placed(visits)
    rank_of = np.argsort(item_of)
    edges = lag_edges(visits.max_days)
    tables = _empty_tables(sources.size, targets.size, edges.size - 1)
    count = kernels.compiled(walk_kernels.count_lags)
    runs = (ranks, visits.offsets, visits.customers, visits.begin, visits.end, starts, orders, visits.days)
    wanted = (rank_of[sources], slots, rank_of[targets], visits.n_items, until, edges)
    load = walked[rank_of[sources]] / max(int(walked.sum()) // (32 * cores()), 1 << 16)
    with ThreadPoolExecutor(cores()) as threads:
        for task in [threads.submit(count, *runs, *wanted, low, high, *tables) for low, high in _blocks(load)]:
            task.result()
    return tables


def _empty_tables(n_sources: int, n_pairs: int, n_bins: int) -> tuple[npt.NDArray[np.int32], ...]:
    """Make room for customers, events and exits of each pair, and for all followed customers of each source."""
    shapes = ((n_pairs,), (n_pairs, n_bins), (n_pairs, n_bins + 1), (n_sources, n_bins + 1))
    return tuple(np.zeros(shape, np.int32) for shape in shapes)


def _count_by_arrays(visits: Visits, min_customers: int) -> tuple[IntArray, IntArray, IntArray, Ints]:
    """Count without a compiler: each customer's run of an item lists what was later, distinct rows are counted."""
    found: list[tuple[Ints, Ints, Ints]] = [(np.zeros(0, np.int64),) * 3]
    n_repeats = np.zeros(visits.n_items, np.int64)
    for walk in _walks(visits, np.arange(visits.n_items)):
        pairs, n_customers = np.unique(walk.item * visits.n_items + walk.other, return_counts=True)
        first, second = np.divmod(pairs, visits.n_items)
        again = first == second
        n_repeats[first[again]] = n_customers[again]
        kept = ~again & (n_customers >= min_customers)
        found.append((first[kept], second[kept], n_customers[kept]))
    firsts, seconds, customers = (np.concatenate(column) for column in zip(*found, strict=True))
    return firsts, seconds, customers, n_repeats


def _lags_by_arrays(
    visits: Visits, sources: IntArray, slots: Ints, targets: Ints, until: float
) -> tuple[npt.NDArray[np.int32], ...]:
    edges, days = lag_edges(visits.max_days), visits.days
    tables = _empty_tables(sources.size, targets.size, edges.size - 1)
    n_customers, events, exits, base = tables
    keys = np.repeat(sources.astype(np.int64), np.diff(slots)) * visits.n_items + targets
    for walk in _walks(visits, sources):
        rows = np.searchsorted(sources, walk.starters)
        followed = _followed(edges, until - days[walk.first_orders])
        np.add.at(base, (rows[followed >= 0], followed[followed >= 0]), 1)
        wanted = walk.item * visits.n_items + walk.other
        slot = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
        hit = np.flatnonzero(keys[slot] == wanted) if keys.size else np.zeros(0, np.int64)
        slot, start = slot[hit], days[walk.first_orders[walk.run[hit]]]
        np.add.at(n_customers, slot, 1)
        lag = np.searchsorted(edges, days[walk.order[hit]] - start) - 1
        inside = lag < edges.size - 1
        np.add.at(events, (slot[inside], lag[inside]), 1)
        np.add.at(exits, (slot[inside], _followed(edges, until - start)[inside]), 1)
    return tables


def _followed(edges: FloatArray, days: FloatArray) -> Ints:
    """Number the bin in which watching ends; −1 where it never began, one past the last after the whole window."""
    return np.where(days >= edges[-1], edges.size - 1, np.searchsorted(edges, days, side="left") - 1)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What customers bought after some items, each other item once a customer: arrays of shape (finds,).

    `run` numbers (item, customer); `starters` and `first_orders`, shape (runs,), say of which item, from which order.
    """

    item: Ints
    other: Ints
    order: Ints
    run: Ints
    starters: Ints
    first_orders: Ints


def _walks(visits: Visits, sources: IntArray) -> Iterator[_Walk]:
    """Walk the windows of some items with arrays alone, a few million lines at a time."""
    order_of_line = np.repeat(np.arange(visits.customers.size), np.diff(visits.offsets))
    by_item = np.argsort(visits.items, kind="stable")
    bounds = np.searchsorted(visits.items[by_item], np.stack([sources, sources + 1]))
    length = visits.offsets[visits.end] - visits.offsets[visits.begin]
    load = np.array([length[order_of_line[by_item[low:high]]].sum() for low, high in bounds.T], np.float64)
    for low, high in _blocks(load / LINES_AT_ONCE) if load.size else ():
        lines = np.concatenate([by_item[bounds[0, k] : bounds[1, k]] for k in range(low, high)])
        if lines.size:
            yield _walk(visits, visits.items[lines].astype(np.int64), order_of_line[lines])


def _walk(visits: Visits, item: Ints, order: Ints) -> _Walk:
    """Expand the windows of occurrences sorted by item and order, each later line once a run."""
    starts_run = np.append(True, (item[1:] != item[:-1]) | (np.diff(visits.customers[order]) != 0))
    run = np.cumsum(starts_run) - 1
    reached = np.where(starts_run, 0, np.append(0, visits.end[order][:-1]))
    first = np.maximum(visits.begin[order], reached)
    low, high = visits.offsets[first], visits.offsets[visits.end[order]]
    occurrence = np.repeat(np.arange(order.size), high - low)
    line = np.arange(occurrence.size) + np.repeat(high - np.cumsum(high - low), high - low)
    _, place = np.unique(run[occurrence] * visits.n_items + visits.items[line], return_index=True)
    line, occurrence = line[place], occurrence[place]
    found_in = np.searchsorted(visits.offsets, line, side="right") - 1
    return _Walk(
        item[occurrence], visits.items[line].astype(np.int64), found_in, run[occurrence],
        item[starts_run], order[starts_run],
    )  # fmt: skip


def _blocks(load: FloatArray) -> Iterator[tuple[int, int]]:
    """Cut a row into runs whose load is about 1 each, or one element where it alone is more."""
    share = np.floor(np.cumsum(load)).astype(np.int64)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(share)) + 1, [load.size]])
    return ((int(low), int(high)) for low, high in pairwise(cuts) if high > low)
