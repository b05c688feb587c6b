"""The compiled loops: count pairs, swap lines. numba is named here and in `prefetch` only.

Every kernel is a plain function; `compiled` turns it into machine code on first use, so importing this file
costs nothing. Kernels release the GIL and write to places of their own; threads come from Python, not numba:
nothing here starts OpenMP, several callers may count at once, a process that has counted may still fork.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from crosslift.stats import cart_kernels, walk_kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.prefetch import PREFETCH_AHEAD, instruction, prefetch

_lock = threading.RLock()
_machine_code: dict[str, Callable[..., Any]] = {}


def jit_available() -> bool:
    """Say whether kernels can be compiled: numba imports and CROSSLIFT_NO_JIT is not 1."""
    return os.environ.get("CROSSLIFT_NO_JIT") != "1" and _numba() is not None


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Give the machine code of one kernel, from the cache on disk where it is there already."""
    code = _machine_code.get(kernel.__name__)
    if code is None:
        with _lock:
            code = _machine_code.get(kernel.__name__) or _compile(kernel)
    return code


def code_of(kernel: Callable[..., Any]) -> Callable[..., Any] | None:
    """Give the machine code of one kernel, None where nothing can be compiled; cheap to ask once it is there."""
    return _machine_code.get(kernel.__name__) or (compiled(kernel) if jit_available() else None)


def warm(cache_dir: Path) -> float:
    """Compile every kernel into a folder, so that no later call waits for the compiler.

    Parameters
    ----------
    cache_dir : Path
        Where machine code is kept; made if missing. A set NUMBA_CACHE_DIR goes before it.

    Returns
    -------
    float
        Seconds it took, most of them spent only the first time; 0.0 where nothing can be compiled.
    """
    if not jit_available():
        return 0.0
    started = time.perf_counter()
    if not os.environ.get("NUMBA_CACHE_DIR"):
        Path(cache_dir).mkdir(parents=True, exist_ok=True)
        with _lock:
            _numba().config.CACHE_DIR = str(cache_dir)
            _machine_code.clear()
    for kernel, arguments in _smallest_calls():
        compiled(kernel)(*arguments)
    return time.perf_counter() - started


def tally(items: IntArray, low: int, high: int, counts: IntArray) -> None:
    """Add the lines low..high to the count of their items."""
    for line in range(low, high):
        counts[items[line]] += 1


def sort_baskets(
    items: IntArray,
    offsets: IntArray,
    order: IntArray | None,
    rank_of: IntArray,
    ranks: IntArray,
    starts: IntArray,
    low: int,
    high: int,
    lines: IntArray,
    increments: IntArray,
) -> int:
    """Rename, sort and tally the items of baskets low..high (in `order`); give a basket with a repeated item, or −1.

    `lines[i]` gains the baskets where item i has items before it, `increments[i]` how many these are. Baskets that
    stay in their order may be renamed in place. Each item counts those before it: nothing to guess for the processor.
    """
    repeated, held, place = -1, np.empty(64, ranks.dtype), np.empty(64, np.uint16)
    for basket in range(low, high):
        first, last = starts[basket], starts[basket + 1]
        shift = offsets[basket if order is None else order[basket]] - first
        if order is not None:
            prefetch(offsets, np.intp(order[min(basket + 2 * PREFETCH_AHEAD, high - 1)]))
            prefetch(items, np.intp(offsets[order[min(basket + PREFETCH_AHEAD, high - 1)]]))
        if last - first > 64:
            for k in range(first, last):
                ranks[k] = rank_of[items[shift + k]]
            ranks[first:last].sort()
        else:
            for k in range(last - first):
                rank, n_before = rank_of[items[shift + first + k]], 0
                for other in range(k):
                    is_after = held[other] > rank
                    place[other] += is_after
                    n_before += not is_after
                held[k], place[k] = rank, n_before
            for k in range(last - first):
                ranks[first + place[k]] = held[k]
        for k in range(first + 1, last):
            lines[ranks[k]] += 1
            increments[ranks[k]] += k - first
            if ranks[k] == ranks[k - 1]:
                repeated = basket if repeated < 0 else repeated
    return repeated


def place_spans(
    ranks: IntArray,
    offsets: IntArray,
    groups: IntArray | None,
    low: int,
    high: int,
    cursor: IntArray,
    spans: IntArray,
) -> None:
    """List, item by item, where in `ranks` the more popular items of its baskets stand: start, end.

    With groups a third column names the basket's group; the last of four columns is the basket's size.
    """
    for basket in range(low, high):
        for k in range(offsets[basket] + 1, offsets[basket + 1]):
            span = cursor[ranks[k]]
            spans[span, 0], spans[span, 1] = offsets[basket], k
            if groups is not None:
                spans[span, 2] = groups[basket]
            if spans.shape[1] == 4:
                spans[span, 3] = offsets[basket + 1] - offsets[basket]
            cursor[ranks[k]] = span + 1


def count_block(
    ranks: IntArray,
    spans: IntArray,
    starts: IntArray,
    low: int,
    high: int,
    room: int,
    min_count: int,
    cap: int | None,
    is_weighted: bool | None,
) -> tuple[IntArray, IntArray, IntArray, IntArray, FloatArray, IntArray]:
    """Count items low..high with every more popular one; `room` bounds the pairs that can reach `min_count`.

    Gives partners, baskets with both, distinct groups with both, baskets with both of which a group counts for
    `cap`, their weight, pairs kept per item. Without cap there are no groups, and None for `is_weighted` means no.
    Spans of a group are neighbors, so the last group of a pair tells a new one; repeats are rare and kept apart.
    """
    partner, n_both = np.empty(room, ranks.dtype), np.empty(room, np.int32)
    n_groups, n_effective = (
        np.empty(0 if cap is None else room, np.int32),
        np.empty(0 if cap is None else room, np.int32),
    )
    weight = np.empty(0 if is_weighted is None else room, np.float64)
    kept, end = np.zeros(high - low, np.int64), 0
    touched = np.empty(high + 1, ranks.dtype)
    met = np.zeros(high if cap is None else 2 * high, np.int32)  # baskets with both; beside it the last group
    again = np.zeros((0 if cap is None else high, 4), np.int32)  # repeats, beyond the cap; a group, its repeats
    total = np.zeros(0 if is_weighted is None else high, np.float64)
    for item in range(low, high):
        n_touched, last = 0, starts[item + 1]
        for span in range(starts[item], last):
            prefetch(ranks, np.intp(spans[min(span + PREFETCH_AHEAD, last - 1), 0]))
            if cap is not None:
                group = np.int32(spans[span, 2])
            if is_weighted is not None:
                size = np.int64(spans[span, 3])
                share = 1.0 / (size - 1) if size > 1 else 0.0
            for k in range(spans[span, 0], spans[span, 1]):
                other = np.uint32(ranks[k])
                cell = other if cap is None else np.uint32(2) * other
                before = met[cell]
                touched[n_touched] = other
                n_touched += before == 0
                met[cell] = before + 1
                if is_weighted is not None:
                    total[other] += share
                if cap is not None:
                    if met[cell + 1] == group:
                        again[other, 3] = again[other, 3] + 1 if again[other, 2] == group else 1
                        again[other, 2] = group
                        again[other, 1] += again[other, 3] >= cap
                        again[other, 0] += 1
                    met[cell + 1] = group
        begin = end
        for k in range(n_touched):
            other = np.uint32(touched[k])
            cell = other if cap is None else np.uint32(2) * other
            if met[cell] >= min_count:
                partner[end], n_both[end] = other, met[cell]
                if cap is not None:
                    n_groups[end], n_effective[end] = met[cell] - again[other, 0], met[cell] - again[other, 1]
                if is_weighted is not None:
                    weight[end] = total[other]
                end += 1
            met[cell] = 0
            if cap is not None:
                met[cell + 1] = 0
                again[other] = 0
            if is_weighted is not None:
                total[other] = 0.0
        kept[item - low] = end - begin
    parts = n_groups[:end].copy(), n_effective[:end].copy(), weight[:end].copy()
    return partner[:end].copy(), n_both[:end].copy(), parts[0], parts[1], parts[2], kept


def tally_at(keys: IntArray, places: IntArray, low: int, high: int, counts: IntArray) -> None:
    """Add the keys at places[low..high] to their counts."""
    for k in range(low, high):
        counts[keys[places[k]]] += 1


def scatter_at(keys: IntArray, places: IntArray, low: int, high: int, cursor: IntArray, target: IntArray) -> None:
    """Put places[low..high] where the cursor of their key stands: one pass of sorting by counting."""
    for k in range(low, high):
        prefetch(keys, np.intp(places[min(k + PREFETCH_AHEAD, high - 1)]))
        key = keys[places[k]]
        target[cursor[key]] = places[k]
        cursor[key] += 1


def deal_pairs(
    first: IntArray, second: IntArray, order: IntArray, n_kept: IntArray, rows: IntArray, partners: IntArray
) -> None:
    """Give each pair, in `order`, to both its items as long as these have room: row i of `rows` is item i's hand."""
    for place in range(order.size):
        ahead = np.intp(order[min(place + PREFETCH_AHEAD, order.size - 1)])
        prefetch(first, ahead)
        prefetch(second, ahead)
        pair = order[place]
        one, two = first[pair], second[pair]
        for item, other in ((one, two), (two, one)):
            if n_kept[item] < rows.shape[1]:
                rows[item, n_kept[item]], partners[item, n_kept[item]] = pair, other
                n_kept[item] += 1


def swap_lines(items: IntArray, basket_of: IntArray, offsets: IntArray, left: IntArray, right: IntArray) -> int:
    """Swap the items of line pairs (left, right), in turn, where neither basket holds the other's item."""
    swapped = 0
    for draw in range(left.size):
        one, two = left[draw], right[draw]
        item_one, item_two = items[one], items[two]
        if basket_of[one] == basket_of[two] or item_one == item_two:
            continue
        free = True
        for k in range(offsets[basket_of[one]], offsets[basket_of[one] + 1]):
            if items[k] == item_two:
                free = False
                break
        if free:
            for k in range(offsets[basket_of[two]], offsets[basket_of[two] + 1]):
                if items[k] == item_one:
                    free = False
                    break
        if free:
            items[one], items[two] = item_two, item_one
            swapped += 1
    return swapped


def trade_baskets(
    items: IntArray,
    offsets: IntArray,
    left: IntArray,
    right: IntArray,
    draws: FloatArray,
    holders: IntArray,
    pool: IntArray,
) -> None:
    """Deal out anew, basket pair by pair, the items that only one of the two holds (a curveball trade)."""
    drawn = 0
    for trade in range(left.size):
        one, two = left[trade], right[trade]
        if one == two:
            continue
        n_pool = 0
        for k in range(offsets[one], offsets[one + 1]):
            holders[items[k]] = 1
        for k in range(offsets[two], offsets[two + 1]):
            if holders[items[k]] == 1:
                holders[items[k]] = 2
            else:
                pool[n_pool] = k
                n_pool += 1
        for k in range(offsets[one], offsets[one + 1]):
            if holders[items[k]] == 1:
                pool[n_pool] = k
                n_pool += 1
            holders[items[k]] = 0
        for k in range(n_pool - 1, 0, -1):
            other = int(draws[drawn] * (k + 1))
            drawn += 1
            items[pool[k]], items[pool[other]] = items[pool[other]], items[pool[k]]


@cache
def _numba() -> Any:
    """Give the numba module, or None where it is missing or refuses this numpy."""
    try:
        import numba
    except (ImportError, OSError):
        return None
    return numba


def _compile(kernel: Callable[..., Any]) -> Callable[..., Any]:
    numba = _numba()
    if "prefetch" in kernel.__globals__:
        kernel.__globals__["prefetch"] = instruction()
    code: Callable[..., Any]
    try:
        code = numba.njit(nogil=True, cache=True)(kernel)
    except RuntimeError:  # no folder to cache in can be written
        code = numba.njit(nogil=True)(kernel)
    _machine_code[kernel.__name__] = code
    return code


def _smallest_calls() -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """One call for each combination of argument types that this room uses."""
    offsets, lines, one = np.array([0, 2], np.int64), np.zeros(2, np.int64), np.zeros(1, np.int64)
    calls: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
    for width in (np.uint16, np.uint32):
        names = np.array([1, 0], width)
        calls.append((tally, (names, 0, 2, lines.copy())))
        for order in (None, one):
            ranks = names.copy()
            renamed = (names.copy(), offsets, order, names, ranks, offsets, 0, 1, lines.copy(), lines.copy())
            calls.append((sort_baskets, renamed))
        for groups, cap, is_weighted in ((None, None, None), (np.ones(1, np.int32), 1, None), (None, 1, True)):
            spans = np.zeros((2, 4), np.uint32)
            calls.append((place_spans, (ranks, offsets, groups, 0, 1, np.array([0, 1], np.int64), spans)))
            calls.append((count_block, (ranks, spans, np.array([0, 1, 2]), 0, 2, 2, 1, cap, is_weighted)))
    items = np.zeros(2, np.int32)
    calls.append((tally, (items, 0, 2, lines.copy())))
    calls.append((tally_at, (items, one, 0, 1, lines.copy())))
    calls.append((scatter_at, (items, one, 0, 1, lines.copy(), lines.copy())))
    calls.append(
        (deal_pairs, (items[:1], items[1:], one, lines.copy(), np.zeros((2, 1), np.int64), np.zeros((2, 1), np.int32)))
    )
    calls.append((swap_lines, (items, lines, offsets, lines, lines)))
    calls.append((trade_baskets, (items, offsets, one, one, np.zeros(1), np.zeros(1, np.int8), lines)))
    return calls + walk_kernels.smallest_calls() + cart_kernels.smallest_calls()
