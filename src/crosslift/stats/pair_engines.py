"""Two ways to the same pair counts: compiled half counting, and sparse products.

Both take checked baskets, those of a group side by side, and give `Columns`: first < second, the pairs sorted by
(first, second).
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.stats import kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.cores import cores

ROOM_PER_BLOCK = 1 << 22  # pairs a block may have to hold: 50 MB
INCREMENTS_PER_PRODUCT = 4_000_000  # meetings a sparse product expands at once: about 100 MB


class RepeatedItemError(Exception):
    """A basket holds an item twice; counting cannot go on."""

    def __init__(self, basket: int, item: int) -> None:
        super().__init__(basket, item)
        self.basket, self.item = basket, item


class Columns(NamedTuple):
    """Pairs and what was asked about them; None where it was not."""

    first: IntArray
    second: IntArray
    n_both: IntArray
    n_groups: IntArray | None
    n_effective: IntArray | None
    weight: FloatArray | None


@dataclass(frozen=True, slots=True)
class Question:
    """What to count beside the baskets with both.

    `order` puts baskets of a group side by side, `groups` numbers them from 1 in that order; with `cap` a group
    counts for at most so many baskets of a pair; `is_weighted` asks for the sum of 1/(size − 1). Pairs come sorted unless
    `in_order` is False.
    """

    n_items: int
    min_count: int
    order: IntArray | None = None
    groups: IntArray | None = None
    cap: int | None = None
    is_weighted: bool = False
    in_order: bool = True


class Sorted(NamedTuple):
    """Baskets whose items are named by popularity and ascend, cut into a part for each thread.

    `lines` and `increments`, of shape (parts, items), say in how many baskets of a part items precede this one, and
    how many these are.
    """

    ranks: IntArray
    starts: IntArray
    parts: list[tuple[int, int]]
    lines: IntArray
    increments: IntArray


def count_by_kernel(items: IntArray, offsets: IntArray, asked: Question) -> Columns:
    """Count each item with the more popular ones only, block by block over all cores.

    Items are renamed by popularity, so that the accumulators hit most lie together in the cache. Item i has
    at most min(i, meetings // min_count) pairs worth keeping, which sizes each block without guessing.
    """
    if asked.is_weighted and asked.groups is None:  # one kernel weighs, and it wants groups
        asked = replace(asked, groups=np.arange(1, offsets.size, dtype=np.int32))
    with ThreadPoolExecutor(cores()) as threads:
        first, *columns = _count(threads, *_sort(threads, items, offsets, asked), asked)
        is_asked = True, True, asked.groups is not None, asked.cap is not None, asked.is_weighted
        wanted: list[Any] = [column if is_told else None for column, is_told in zip(columns, is_asked, strict=True)]
        if not asked.in_order:
            return Columns(first, *wanted)
        order = _order(threads, first, columns[0], asked.n_items)
        n_first = _tally(threads, first, asked.n_items)
        sorting = [None if column is None else threads.submit(column.__getitem__, order) for column in wanted]
        in_order: list[Any] = [task and task.result() for task in sorting]
    return Columns(np.repeat(np.arange(asked.n_items, dtype=np.int32), n_first), *in_order)


def _count(threads: ThreadPoolExecutor, by_popularity: IntArray, baskets: Sorted, asked: Question) -> list[IntArray]:
    """Count block by block; give all that `kernels.count_block` does, items by their own numbers."""
    n_items, met = asked.n_items, baskets.increments.sum(axis=0)
    spans, starts = _place(threads, baskets, asked)
    room = np.minimum(np.arange(n_items), met // asked.min_count)
    cap = None if asked.groups is None else asked.cap or baskets.ranks.size
    kernel = kernels.compiled(kernels.count_block)

    def count(low: int, high: int) -> tuple[IntArray, ...]:
        most = int(room[low:high].sum())
        options = most, asked.min_count, cap, asked.is_weighted or None
        partner, *counts, kept = kernel(baskets.ranks, spans, starts, low, high, *options)
        one, two = by_popularity[partner], np.repeat(by_popularity[low:high], kept)
        return np.minimum(one, two), np.maximum(one, two), *counts

    share = max(int(met.sum()) // (32 * len(baskets.parts)), 1 << 16)
    cuts = _blocks(room / ROOM_PER_BLOCK + met / share)
    blocks = [task.result() for task in [threads.submit(count, *cut) for cut in cuts]]
    return [np.concatenate(column) for column in zip(*blocks, strict=True)]


def _order(threads: ThreadPoolExecutor, first: IntArray, second: IntArray, n_items: int) -> IntArray:
    """Give the places of pairs sorted by (first, second), by counting: once by second, then by first."""
    places = np.arange(first.size)
    cuts = list(pairwise(np.linspace(0, first.size, cores() + 1).astype(np.int64).tolist()))
    for keys in (second, first):
        counts, target = np.zeros((len(cuts), n_items), np.int64), np.empty_like(places)
        _together(threads, kernels.tally_at, [(keys, places, *cut, counts[part]) for part, cut in enumerate(cuts)])
        cursors = _starts(counts.sum(axis=0))[:-1] + np.cumsum(counts, axis=0) - counts
        tasks = [(keys, places, *cut, cursors[part], target) for part, cut in enumerate(cuts)]
        _together(threads, kernels.scatter_at, tasks)
        places = target
    return places


def _sort(threads: ThreadPoolExecutor, items: IntArray, offsets: IntArray, asked: Question) -> tuple[IntArray, Sorted]:
    """Rename items by popularity, most popular 0, and sort each basket; give the items in that order as well."""
    n_items, n_parts = asked.n_items, cores()
    names: IntArray = items.astype(np.uint16 if n_items <= 1 << 16 else np.uint32)
    cuts = np.linspace(0, items.size, n_parts + 1).astype(np.int64)
    counts = _tally(threads, names, n_items)
    by_popularity = np.argsort(-counts, kind="stable").astype(np.int32)
    rank_of = np.empty(n_items, names.dtype)
    rank_of[by_popularity] = np.arange(n_items)

    order = asked.order
    starts = offsets if order is None else _starts(np.diff(offsets)[order])
    ranks = names if order is None else np.empty_like(names)
    bounds = np.searchsorted(starts, cuts)
    bounds[-1] = offsets.size - 1
    baskets = Sorted(ranks, starts, list(pairwise(bounds.tolist())), *np.zeros((2, n_parts, n_items), np.int64))
    tasks = [
        (names, offsets, order, rank_of, ranks, starts, *bound, baskets.lines[part], baskets.increments[part])
        for part, bound in enumerate(baskets.parts)
    ]
    repeated = np.array(_together(threads, kernels.sort_baskets, tasks))
    if np.any(repeated >= 0):
        found = repeated[repeated >= 0]
        _refuse(items, offsets, int(np.min(found if order is None else order[found])))
    return by_popularity, baskets


def count_items(items: IntArray, n_items: int) -> npt.NDArray[np.int64]:
    """Count the lines of each item, by the kernel where there is one."""
    if not kernels.jit_available():
        return np.bincount(items, minlength=n_items).astype(np.int64, copy=False)
    with ThreadPoolExecutor(cores()) as threads:
        return _tally(threads, items.astype(np.uint16 if n_items <= 1 << 16 else np.uint32), n_items)


def _tally(threads: ThreadPoolExecutor, names: IntArray, n_items: int) -> npt.NDArray[np.int64]:
    cuts = pairwise(np.linspace(0, names.size, cores() + 1).astype(np.int64).tolist())
    counts = np.zeros((cores(), n_items), np.int64)
    _together(threads, kernels.tally, [(names, *cut, counts[part]) for part, cut in enumerate(cuts)])
    total: npt.NDArray[np.int64] = counts.sum(axis=0)
    return total


def _place(threads: ThreadPoolExecutor, baskets: Sorted, asked: Question) -> tuple[IntArray, IntArray]:
    """List for each item where the more popular items of its baskets stand; give that list and each item's start."""
    n_lines = baskets.ranks.size
    starts = _starts(baskets.lines.sum(axis=0))
    cursors = starts[:-1] + np.cumsum(baskets.lines, axis=0) - baskets.lines
    n_columns = 4 if asked.is_weighted else 2 if asked.groups is None else 3
    spans = np.empty((int(starts[-1]), n_columns), np.uint32 if n_lines < 1 << 32 else np.int64)
    tasks = [
        (baskets.ranks, baskets.starts, asked.groups, *bound, cursors[part], spans)
        for part, bound in enumerate(baskets.parts)
    ]
    _together(threads, kernels.place_spans, tasks)
    return spans, starts


def count_by_products(items: IntArray, offsets: IntArray, asked: Question) -> Columns:
    """Count by X'X, some items at a time; with groups by way of (item, group) rows, each cell one group."""
    n_baskets, sizes = offsets.size - 1, np.diff(offsets)
    baskets = sparse.csr_array((np.ones(items.size, np.int32), items, offsets), shape=(n_baskets, asked.n_items))
    baskets.sort_indices()
    repeated = np.flatnonzero(np.diff(baskets.indices) == 0)
    in_basket = np.repeat(np.arange(n_baskets), sizes)
    repeated = repeated[in_basket[repeated] == in_basket[repeated + 1]]
    if repeated.size:
        _refuse(items, offsets, int(in_basket[repeated[0]]))
    if asked.order is not None:
        baskets, sizes = baskets[asked.order], sizes[asked.order]
    holders = baskets.T.tocsr()
    shares = baskets.astype(np.float64)
    shares.data /= np.repeat(np.maximum(sizes - 1, 1), sizes)
    found: list[Columns] = []
    for low, high in _blocks(holders @ sizes / INCREMENTS_PER_PRODUCT):
        block = holders[low:high]
        both, n_groups, n_effective = _through_groups(block, baskets, asked)
        keep = (both.col > both.row + low) & (both.data >= asked.min_count)
        weight = _in_order(block @ shares).data if asked.is_weighted else None
        more = (None if column is None else column[keep] for column in (n_groups, n_effective, weight))
        found.append(Columns(both.row[keep] + low, both.col[keep], both.data[keep], *more))
    columns: list[Any] = [None if part[0] is None else np.concatenate(part) for part in zip(*found, strict=True)]
    return Columns(*columns)


def _through_groups(block: Any, baskets: Any, asked: Question) -> tuple[Any, IntArray | None, IntArray | None]:
    """Baskets, distinct groups and capped baskets per pair of some items: sum over groups of (item, group) × item."""
    if asked.groups is None:
        return _in_order(block @ baskets).tocoo(), None, None
    lines, n_groups = block.tocoo(), int(asked.groups[-1]) + 1
    keys, row = np.unique(lines.row.astype(np.int64) * n_groups + asked.groups[lines.col], return_inverse=True)
    meetings = sparse.csr_array((lines.data, (row, lines.col)), shape=(keys.size, baskets.shape[0])) @ baskets
    ones = np.ones(keys.size, np.int32)
    gather = sparse.csr_array((ones, (keys // n_groups, np.arange(keys.size))), shape=(block.shape[0], keys.size))
    both, effective = _in_order(gather @ meetings), None  # all three have the same cells
    if asked.cap is not None:
        meetings.data = np.minimum(meetings.data, asked.cap)
        effective = _in_order(gather @ meetings).data
    meetings.data[:] = 1
    return both.tocoo(), _in_order(gather @ meetings).data, effective


def _in_order(cells: Any) -> Any:
    cells.sort_indices()
    return cells


def _together(threads: ThreadPoolExecutor, kernel: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Run one kernel on many inputs, which it lets run side by side."""
    code = kernels.compiled(kernel)
    return [task.result() for task in [threads.submit(code, *arguments) for arguments in tasks]]


def _starts(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes)])


def _blocks(load: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Cut items into runs whose load is about 1 each, or one item where it alone is more."""
    share = np.floor(np.cumsum(load)).astype(np.int64)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(share)) + 1, [load.size]])
    return ((int(low), int(high)) for low, high in pairwise(cuts) if high > low)


def _refuse(items: IntArray, offsets: IntArray, basket: int) -> None:
    held = np.sort(items[offsets[basket] : offsets[basket + 1]])
    raise RepeatedItemError(basket, int(held[1:][held[1:] == held[:-1]][0]))
