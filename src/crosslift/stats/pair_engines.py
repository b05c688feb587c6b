"""Two ways to the same pair counts: compiled half counting, and sparse products.

Both take checked baskets, those of a group side by side, and give (first, second, n_both, n_groups) with
first < second, the pairs in any order.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.stats import kernels
from crosslift.stats.arrays import IntArray

Pairs = tuple[IntArray, IntArray, IntArray, IntArray | None]
ROOM_PER_BLOCK = 1 << 22  # pairs a block may have to hold: 50 MB
INCREMENTS_PER_PRODUCT = 4_000_000  # meetings a sparse product expands at once: about 100 MB


class RepeatedItemError(Exception):
    """A basket holds an item twice; counting cannot go on."""

    def __init__(self, basket: int, item: int) -> None:
        super().__init__(basket, item)
        self.basket, self.item = basket, item


def count_by_kernel(items: IntArray, offsets: IntArray, n_items: int, groups: IntArray | None, min_count: int) -> Pairs:
    """Count each item with the more popular ones only, block by block over all cores.

    Items are renamed by popularity, so that the accumulators hit most lie together in the cache. Item i has
    at most min(i, meetings // min_count) pairs worth keeping, which sizes each block without guessing.
    """
    by_popularity = np.argsort(-np.bincount(items, minlength=n_items), kind="stable")
    rank_of = np.empty(n_items, np.uint16 if n_items <= 1 << 16 else np.uint32)
    rank_of[by_popularity] = np.arange(n_items)
    ranks, width = rank_of[items], np.uint32 if items.size < 1 << 32 else np.int64
    n_threads = _cores()
    parts = np.searchsorted(offsets, np.linspace(0, items.size, n_threads + 1).astype(np.int64))
    parts[-1] = offsets.size - 1
    bounds = [(int(low), int(high)) for low, high in pairwise(parts)]
    lines, increments = np.zeros((2, n_threads, n_items), np.int64)
    with ThreadPoolExecutor(n_threads) as threads:
        sort = kernels.compiled(kernels.sort_baskets)
        sorting = [
            threads.submit(sort, ranks, offsets, *bound, lines[part], increments[part])
            for part, bound in enumerate(bounds)
        ]
        repeated = [basket for basket in (task.result() for task in sorting) if basket >= 0]
        if repeated:
            _refuse(items, offsets, min(repeated))

        starts = np.concatenate([[0], np.cumsum(lines.sum(axis=0))])
        cursors = starts[:-1] + np.cumsum(lines, axis=0) - lines
        spans = np.empty((items.size, 2), width)
        group_of_span = None if groups is None else np.empty(items.size, np.int32)
        place = kernels.compiled(kernels.place_spans)
        placing = [
            threads.submit(place, ranks, offsets, groups, *bound, cursors[part], spans, group_of_span)
            for part, bound in enumerate(bounds)
        ]
        for task in placing:
            task.result()

        met = increments.sum(axis=0)
        room = np.minimum(np.arange(n_items), met // min_count)
        cuts = _blocks(room / ROOM_PER_BLOCK + met / max(int(met.sum()) // (32 * n_threads), 1 << 16))
        count = kernels.compiled(kernels.count_block)
        counting = [
            threads.submit(count, ranks, spans, group_of_span, starts, low, high, int(room[low:high].sum()), min_count)
            for low, high in cuts
        ]
        blocks = [task.result() for task in counting]
    partner, n_both, n_groups, kept = (np.concatenate(column) for column in zip(*blocks, strict=True))
    one, two = by_popularity[partner], np.repeat(by_popularity, kept)
    return np.minimum(one, two), np.maximum(one, two), n_both, None if groups is None else n_groups


def count_by_products(
    items: IntArray, offsets: IntArray, n_items: int, groups: IntArray | None, min_count: int
) -> Pairs:
    """Count by X'X, some items at a time; with groups by way of (item, group) rows, each cell one group."""
    n_baskets = offsets.size - 1
    baskets = sparse.csr_array((np.ones(items.size, np.int32), items, offsets), shape=(n_baskets, n_items))
    baskets.sort_indices()
    repeated = np.flatnonzero(np.diff(baskets.indices) == 0)
    in_basket = np.repeat(np.arange(n_baskets), np.diff(offsets))
    repeated = repeated[in_basket[repeated] == in_basket[repeated + 1]]
    if repeated.size:
        _refuse(items, offsets, int(in_basket[repeated[0]]))
    holders = baskets.T.tocsr()
    met = holders @ np.diff(offsets)
    found: list[Pairs] = []
    for low, high in _blocks(met / INCREMENTS_PER_PRODUCT):
        block = holders[low:high]
        if groups is None:
            both, distinct = sparse.coo_array(block @ baskets), None
        else:
            both, distinct = _through_groups(block, baskets, groups)
        keep = (both.col > both.row + low) & (both.data >= min_count)
        found.append(
            (
                both.row[keep] + low,
                both.col[keep],
                both.data[keep],
                None if distinct is None else distinct[keep],
            )
        )
    first, second, n_both = (np.concatenate([pairs[column] for pairs in found]) for column in range(3))
    return first, second, n_both, None if groups is None else np.concatenate([pairs[3] for pairs in found])


def _through_groups(block: Any, baskets: Any, groups: IntArray) -> tuple[Any, IntArray]:
    """Baskets and distinct groups per pair for some items: sum over groups of (item, group) × item."""
    lines = block.tocoo()
    keys, row = np.unique(lines.row.astype(np.int64) * (int(groups[-1]) + 1) + groups[lines.col], return_inverse=True)
    shape = (keys.size, baskets.shape[0])
    meetings = sparse.csr_array((lines.data, (row, lines.col)), shape=shape) @ baskets
    item_of_row = keys // (int(groups[-1]) + 1)
    ones = np.ones(keys.size, np.int32)
    gather = sparse.csr_array((ones, (item_of_row, np.arange(keys.size))), shape=(block.shape[0], keys.size))
    both = gather @ meetings
    meetings.data[:] = 1
    distinct = gather @ meetings
    both.sort_indices()
    distinct.sort_indices()  # same cells as `both`, now in the same order
    return both.tocoo(), distinct.data


def _blocks(load: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Cut items into runs whose load is about 1 each, or one item where it alone is more."""
    share = np.floor(np.cumsum(load)).astype(np.int64)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(share)) + 1, [load.size]])
    return ((int(low), int(high)) for low, high in pairwise(cuts) if high > low)


def _cores() -> int:
    """Count the processors this process may use, which in a container is not what the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _refuse(items: IntArray, offsets: IntArray, basket: int) -> None:
    held = np.sort(items[offsets[basket] : offsets[basket + 1]])
    raise RepeatedItemError(basket, int(held[1:][held[1:] == held[:-1]][0]))
