"""The loops over customers' orders in time, and one over pairs of rows; `kernels.compiled` turns them into machine code."""

from collections.abc import Callable
from typing import Any

import numpy as np

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.prefetch import PREFETCH_AHEAD, prefetch


def place_orders(
    ranks: IntArray,
    offsets: IntArray,
    begin: IntArray,
    end: IntArray,
    cursor: IntArray,
    orders: IntArray,
    walked: IntArray,
) -> None:
    """List, item by item, the orders that hold it; `walked[i]` gains the lines that stand in their windows."""
    for order in range(offsets.size - 1):
        later = offsets[end[order]] - offsets[begin[order]]
        for k in range(offsets[order], offsets[order + 1]):
            item = np.uint32(ranks[k])
            orders[cursor[item]] = order
            cursor[item] += 1
            walked[item] += later


def count_later(
    ranks: IntArray,
    offsets: IntArray,
    customers: IntArray,
    begin: IntArray,
    end: IntArray,
    starts: IntArray,
    orders: IntArray,
    n_items: int,
    low: int,
    high: int,
    room: int,
    min_count: int,
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Count the customers who bought items low..high and each other item in the window of a later order.

    Gives the later items, their customers, pairs kept per item, customers who bought the item itself again.
    """
    later, n_customers = np.empty(room, ranks.dtype), np.empty(room, np.int32)
    kept, repeats, bound = np.zeros(high - low, np.int64), np.zeros(high - low, np.int64), 0
    state, touched = np.zeros((n_items, 2), np.int64), np.empty(n_items, ranks.dtype)  # customers, the last one's run
    for item in range(low, high):
        n_touched, customer, reached, run, last = 0, np.int32(-1), np.int64(0), np.int64(0), starts[item + 1]
        for place in range(starts[item], last):
            order = orders[place]
            prefetch(ranks, np.intp(offsets[begin[orders[min(place + PREFETCH_AHEAD, last - 1)]]]))
            if customers[order] != customer:
                customer, reached, run = customers[order], np.int64(0), np.int64(place + 1)
            for k in range(offsets[max(begin[order], reached)], offsets[end[order]]):
                other = np.uint32(ranks[k])
                if state[other, 1] != run:
                    state[other, 1] = run
                    touched[n_touched] = other
                    n_touched += state[other, 0] == 0
                    state[other, 0] += 1
            reached = end[order]
        first = bound
        for k in range(n_touched):
            other = np.uint32(touched[k])
            if other == item:
                repeats[item - low] = state[other, 0]
            elif state[other, 0] >= min_count:
                later[bound], n_customers[bound] = other, state[other, 0]
                bound += 1
            state[other, 0] = 0
        kept[item - low] = bound - first
    return later[:bound].copy(), n_customers[:bound].copy(), kept, repeats


def count_lags(
    ranks: IntArray,
    offsets: IntArray,
    customers: IntArray,
    begin: IntArray,
    end: IntArray,
    starts: IntArray,
    orders: IntArray,
    days: FloatArray,
    sources: IntArray,
    slots: IntArray,
    targets: IntArray,
    n_items: int,
    until: float,
    edges: FloatArray,
    low: int,
    high: int,
    n_customers: IntArray,
    events: IntArray,
    exits: IntArray,
    base: IntArray,
) -> None:
    """Tally the first lags from sources low..high to their targets by bin, and how long everybody was watched.

    `targets[slots[s]:slots[s + 1]]` are those of source s. `exits` holds, by the bin in which watching ends, the
    customers whose lag is in `events`; `base` all customers of a source.
    """
    slot_of, seen, n_bins = np.full(n_items, -1, np.int64), np.zeros(n_items, np.int64), edges.size - 1
    for source in range(low, high):
        item = sources[source]
        for slot in range(slots[source], slots[source + 1]):
            slot_of[targets[slot]] = slot
        customer, reached, run, first_day, followed = np.int32(-1), np.int64(0), np.int64(0), 0.0, 0
        for place in range(starts[item], starts[item + 1]):
            order = orders[place]
            if customers[order] != customer:
                customer, reached, run, first_day = customers[order], np.int64(0), np.int64(place + 1), days[order]
                followed = n_bins
                if until - first_day < edges[n_bins]:
                    followed = np.searchsorted(edges, until - first_day) - 1
                if followed >= 0:
                    base[source, followed] += 1
            for later in range(max(begin[order], reached), end[order]):
                lag = np.searchsorted(edges, days[later] - first_day) - 1
                for k in range(offsets[later], offsets[later + 1]):
                    other = np.uint32(ranks[k])
                    slot = slot_of[other]
                    if slot >= 0 and seen[other] != run:
                        seen[other] = run
                        n_customers[slot] += 1
                        if lag < n_bins:
                            events[slot, lag] += 1
                            exits[slot, followed] += 1
            reached = end[order]
        for slot in range(slots[source], slots[source + 1]):
            slot_of[targets[slot]] = -1


def multiply_rows(left: FloatArray, right: FloatArray, first: IntArray, second: IntArray, product: FloatArray) -> None:
    """Multiply row `first` of one matrix with row `second` of another, pair by pair."""
    for pair in range(first.size):
        one, other, total = first[pair], second[pair], 0.0
        for column in range(left.shape[1]):
            total += left[one, column] * right[other, column]
        product[pair] = total


def smallest_calls() -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """One call of the kernels of sequences for each combination of argument types."""
    offsets, begin, end = np.array([0, 1, 2], np.int64), np.array([1, 2], np.int64), np.array([2, 2], np.int64)
    customers, orders, starts = np.zeros(2, np.int32), np.array([0, 1], np.int32), np.array([0, 1, 2], np.int64)
    one, slots, edges = np.zeros(1, np.int64), np.array([0, 1], np.int64), np.array([0.0, 1.0])
    tables = tuple(np.zeros(shape, np.int32) for shape in ((1,), (1, 1), (1, 2), (1, 2)))
    calls: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
    for width in (np.uint16, np.uint32):
        ranks = np.array([0, 1], width)
        calls.append(
            (place_orders, (ranks, offsets, begin, end, starts[:-1].copy(), orders.copy(), np.zeros(2, np.int64)))
        )
        runs = (ranks, offsets, customers, begin, end, starts, orders)
        calls.append((count_later, (*runs, 2, 0, 2, 4, 1)))
        calls.append((count_lags, (*runs, np.zeros(2), one, slots, one + 1, 2, 1.0, edges, 0, 1, *tables)))
    row, place = np.zeros((1, 1)), np.zeros(1, np.int32)
    calls.append((multiply_rows, (row, row, place, place, np.zeros(1))))
    return calls
