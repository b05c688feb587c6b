"""The least that counting could cost on this machine: bare increments in cache, and each cache line moved once.

Half counting fetches a run of a basket for each line, which is at least one cache line of 64 bytes, and streams the
list of runs; the increments themselves hit accumulators that fit the cache. Both yardsticks are measured here and now.
"""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from crosslift.stats.arrays import IntArray
from crosslift.stats.pairs import count_pairs

CACHE_LINE = 64
SPAN = 8  # bytes: start and end of a run, 32 bits each
Figures = list[tuple[str, float, str, str]]


def measure(items: IntArray, offsets: IntArray, n_items: int) -> Figures:
    """Give the CPU seconds of counting beside the sum of the two yardsticks."""
    sizes = np.diff(offsets)
    increments, n_spans = int((sizes * (sizes - 1) // 2).sum()), int((sizes - 1).sum())
    spent = min(_cpu(lambda: count_pairs(items, offsets, n_items, min_count=5)) for _ in range(3))
    moved = n_spans * (CACHE_LINE + 2 * SPAN) + 4 * items.nbytes
    bare = increments * _seconds_per_increment(items[:8192].astype(np.int64), n_items)
    moving = moved / bytes_per_second()
    return [
        ("counting, all of it", spent, "CPU s", f"{1e9 * spent / increments:.2f} ns an increment"),
        ("yardstick: as many bare increments in cache", bare, "CPU s", f"{increments:,} increments"),
        ("yardstick: every byte moved once", moving, "CPU s", f"{moved / 2**30:.1f} GiB: a cache line a run, lists, lines"),
        ("distance to the limit", spent / (bare + moving), "× the limit", "1 cannot be reached: runs are fetched at random"),
    ]  # fmt: skip


def _seconds_per_increment(index: npt.NDArray[np.int64], n_items: int) -> float:
    import numba

    @numba.njit
    def increment(index: npt.NDArray[np.int64], total: npt.NDArray[np.int32], rounds: int) -> None:
        for _ in range(rounds):
            for k in index:
                total[k] += 1

    total, rounds = np.zeros(n_items, np.int32), 4_000
    increment(index, total, 1)
    return min(_cpu(lambda: increment(index, total, rounds)) for _ in range(3)) / (rounds * index.size)


def bytes_per_second() -> float:
    """Bytes one core reads and writes a second when it copies a large array."""
    source = np.arange(1 << 26)  # written: untouched memory is one page of zeros, read from the cache
    target = source.copy()
    return 2 * source.nbytes / min(_cpu(lambda: np.copyto(target, source)) for _ in range(3))


def _cpu(job: Callable[[], object]) -> float:
    begun = time.process_time()
    job()
    return time.process_time() - begun
