"""Everything about products in one basket, from baskets to tested relations, at the size of tens of millions of lines.

The maths is that of `chance` and `multiplicity`; here it is done in pieces on all cores, the exact tail only where
more is met than expected, the interval only for pairs that hold. Pairs below `min_count` are never written down.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray
from crosslift.stats.chance import StrataCounts, kappa, lift_interval, poisson_tail
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import PairCounts, count_pairs
from crosslift.stats.strongest import Strongest, strongest

LINES_PER_PIECE = 1 << 22
PAIRS_PER_PIECE = 1 << 19


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a pair must reach to be a relation; see the settings of the same names."""

    min_count: int = 3
    min_groups: int = 3
    cap_per_group: int = 3
    max_q_value: float = 0.05
    min_lift: float = 1.2
    n_strongest: int = 100


@dataclass(frozen=True, slots=True)
class Relations:
    """Pairs that meet more often than size-aware chance explains, first < second; arrays of shape (relations,).

    `confidence_forth` is P(second | first), `confidence_back` P(first | second). `n_counted` pairs reached
    `min_count`, `n_tests` is all the false-discovery rate was controlled over. `strongest` points at the relations of
    each item, highest lower bound of the lift first.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    n_both: npt.NDArray[np.int32]
    n_groups: npt.NDArray[np.int32]
    n_effective: npt.NDArray[np.int32]
    expected: FloatArray
    lift: FloatArray
    lift_low: FloatArray
    lift_high: FloatArray
    q_value: FloatArray
    confidence_forth: FloatArray
    confidence_back: FloatArray
    strongest: Strongest
    n_counted: int
    n_tests: int

    def __len__(self) -> int:
        return int(self.first.size)


def relate(
    items: IntArray,
    offsets: IntArray,
    n_items: int,
    groups: IntArray,
    *,
    strata: IntArray | None = None,
    bounds: Bounds | None = None,
) -> Relations:
    """Count, test and bound all pairs of items; keep those that hold.

    Parameters
    ----------
    items, offsets, n_items, groups
        Baskets and their customers as `pairs.count_pairs` takes them.
    strata : array of int, shape (baskets,), optional
        Market of each basket, numbered from 0; chance is worked out within each.
    bounds : Bounds, optional
        A relation survives Benjamini-Hochberg over all possible pairs at `max_q_value`, tested with at most
        `cap_per_group` baskets of a customer, and reaches the lowest lift, baskets and customers.

    Raises
    ------
    BadInput
        If the baskets do not fit.

    Examples
    --------
    Items 0 and 1 together in 30 of 130 baskets, each of another customer, 2 and 3 alone in 50 each:

    >>> items = np.array([0, 1] * 30 + [2] * 50 + [3] * 50, np.int32)
    >>> offsets = np.concatenate([np.arange(0, 60, 2), np.arange(60, 161)])
    >>> found = relate(items, offsets, 4, np.arange(130))
    >>> found.first.tolist(), found.second.tolist(), found.n_both.tolist()
    ([0], [1], [30])
    """
    wanted = bounds or Bounds()
    if len(offsets) < 2 or offsets[-1] == 0:
        raise BadInput("no basket holds an item, so nothing can be related; collect orders first")
    counts = count_pairs(
        items, offsets, n_items, groups=groups, cap_per_group=wanted.cap_per_group, min_count=wanted.min_count
    )
    baskets = count_strata(items, offsets, n_items, strata)
    return relate_counts(counts, baskets, wanted)


def relate_counts(pairs: PairCounts, baskets: StrataCounts, bounds: Bounds) -> Relations:
    """Test pairs that are counted already (with their `n_effective`); otherwise as `relate`."""
    if pairs.n_effective is None:
        raise BadInput("pairs have no n_effective; count them with cap_per_group")
    n_items = baskets.item_counts.shape[1]
    n_tests = n_items * (n_items - 1) // 2
    candidates = _candidates(pairs, pairs.n_effective, baskets, bounds, n_tests)
    expected, p_value = (np.concatenate(column) for column in zip(*(part[1:] for part in candidates), strict=True))
    rows = np.concatenate([part[0] for part in candidates])
    q_value = adjust(p_value, "bh", n_tests=n_tests)
    holds = (q_value <= bounds.max_q_value) & _is_enough(pairs, pairs.n_effective[rows], rows, expected, bounds)
    rows, expected, q_value = rows[holds], expected[holds], q_value[holds]

    first, second, n_both = pairs.first[rows], pairs.second[rows], pairs.n_both[rows]
    low, high = np.empty(rows.size), np.empty(rows.size)

    def bound(piece: slice) -> None:
        low[piece], high[piece] = lift_interval(n_both[piece], expected[piece])

    _over_pieces(bound, rows.size)
    totals = baskets.item_counts.sum(axis=0)
    return Relations(
        first, second, n_both, pairs.n_groups[rows], pairs.n_effective[rows],
        expected, n_both / expected, low, high, q_value, n_both / totals[first], n_both / totals[second],
        strongest(first, second, low, n_items, bounds.n_strongest), len(pairs), n_tests,
    )  # fmt: skip


def _candidates(
    pairs: PairCounts, effective: IntArray, baskets: StrataCounts, bounds: Bounds, n_tests: int
) -> list[tuple[IntArray, FloatArray, FloatArray]]:
    """Give places, expected counts and p-values of the pairs that could still be relations, piece by piece.

    A pair whose p is above max_q · pairs / tests is rejected in no step of Benjamini-Hochberg, and lowers no other's
    q below max_q; so leaving it out changes nothing that is kept.
    """
    highest = bounds.max_q_value * len(pairs) / max(n_tests, 1) if bounds.max_q_value < 1 else 1.0

    def test(piece: slice) -> tuple[IntArray, FloatArray, FloatArray]:
        expected = baskets.expected(pairs.first[piece], pairs.second[piece])
        met = effective[piece]
        worth = np.flatnonzero(met > expected) if highest < 0.5 else np.arange(met.size)  # else p is 0.5 or more
        p_value = poisson_tail(met[worth], expected[worth])
        low = p_value <= highest
        return worth[low] + piece.start, expected[worth[low]], p_value[low]

    return _over_pieces(test, len(pairs))


def _is_enough(
    pairs: PairCounts, effective: IntArray, rows: IntArray, expected: FloatArray, bounds: Bounds
) -> BoolArray:
    """Say which pairs reach the bounds; and a sentence with the expected count to one decimal must be able to say so."""
    says_more = np.round(np.round(expected, 4), 1) < pairs.n_both[rows]
    enough: BoolArray = (effective >= bounds.min_lift * expected) & (pairs.n_groups[rows] >= bounds.min_groups)
    return enough & says_more


def count_strata(items: IntArray, offsets: IntArray, n_items: int, strata: IntArray | None) -> StrataCounts:
    """Count baskets by stratum and item, as `StrataCounts.of` does, some lines at a time."""
    sizes = np.diff(offsets)
    stratum = np.zeros(sizes.size, np.int64) if strata is None else np.asarray(strata)
    if stratum.shape != sizes.shape or stratum.min() < 0:
        raise BadInput(f"strata of shape {stratum.shape} for {sizes.size} baskets; number one from 0 for each")
    n_strata = int(stratum.max()) + 1
    cells = np.zeros(n_strata * n_items, np.int64)
    cuts = np.searchsorted(offsets, np.arange(0, items.size + LINES_PER_PIECE, LINES_PER_PIECE))
    for low, high in pairwise(np.minimum(cuts, sizes.size).tolist()):
        row = np.repeat(stratum[low:high].astype(np.int64) * n_items, sizes[low:high])
        cells += np.bincount(row + items[offsets[low] : offsets[high]], minlength=cells.size)
    members = [sizes[stratum == number] for number in range(n_strata)]
    return StrataCounts(
        cells.reshape(n_strata, n_items),
        np.array([len(member) for member in members], np.int64),
        np.array([kappa(member) if member.sum() else 0.0 for member in members]),
    )


def _over_pieces(job: Callable[[slice], Any], n_pairs: int) -> list[Any]:
    """Do a job on slices of the pairs, side by side; numpy and scipy let each other run."""
    n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(n_threads) as threads:
        return list(threads.map(job, _pieces(n_pairs)))


def _pieces(n_pairs: int) -> Iterator[slice]:
    return (slice(low, min(low + PAIRS_PER_PIECE, n_pairs)) for low in range(0, max(n_pairs, 1), PAIRS_PER_PIECE))
