"""Baskets as chance would fill them: same basket sizes, same item counts, everything else at random.

What a test finds in shuffled baskets it finds by mistake; `tests/golden/test_false_pairs.py` counts that. In narrow
tables, where no formula for chance is good enough, the shuffles themselves say how often two items meet by chance.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.errors import BadInput, BadUsage
from crosslift.stats import kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.pairs import check_baskets

LARGE_BASKET = 60  # above it single swaps are refused too often, and old pairs survive 25 sweeps
BURN_IN = 25  # sweeps until nothing of the real pairs is left
SWEEPS_BETWEEN = 3  # sweeps between two draws of a chain: pair counts of neighbors then correlate at about .02
N_CHAINS = 2  # always, so that one seed is one result on any number of cores


def swap_shuffle(
    items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int, *, seed: int, sweeps: int = BURN_IN
) -> npt.NDArray[np.int32]:
    """Shuffle items between baskets, keeping every basket's size and every item's count exactly.

    A Markov chain whose every state is equally likely in the long run. One sweep tries as many swaps of two
    lines as there are lines, and lets each basket of more than 60 items trade all it can with a random
    other one. Without a compiler a sweep pairs up all baskets at random for such trades, which mixes faster.

    Parameters
    ----------
    items, offsets : array of int, shapes (lines,) and (baskets + 1,)
        Baskets as `pairs.count_pairs` takes them, each item at most once in a basket.
    n_items : int
        How many items there are.
    seed : int
        Same seed, same result, on the same path (compiled or not).
    sweeps : int
        Fewer than 25 leave traces of the real pairs.

    Returns
    -------
    int32 array, shape (lines,)
        New items for the same offsets; no basket holds an item twice.

    References
    ----------
    Gionis et al. (2007), Assessing data mining results via swap randomization; Strona et al. (2014) and
    Carstens et al. (2018) for the trades ("curveball").
    """
    lines, starts = check_baskets(items, offsets, n_items)
    shuffled = lines.astype(np.int32)
    _Chain(shuffled, starts, n_items).sweep(sweeps, np.random.default_rng(seed))
    return shuffled


def expected_by_shuffles(
    items: npt.ArrayLike,
    offsets: npt.ArrayLike,
    n_items: int,
    *,
    first: IntArray,
    second: IntArray,
    strata: IntArray | None = None,
    n_draws: int = 100,
    seed: int = 0,
) -> FloatArray:
    """Give the baskets with both items that chance alone would bring: (sum over shuffles + 1) / (shuffles + 1).

    Two Markov chains with seeds of their own, one a thread, run 25 sweeps in and then yield a draw every three sweeps.
    For tables of few items: meetings are added up in a square of the items that occur, 8 bytes a cell.

    Parameters
    ----------
    items, offsets : array of int, shapes (lines,) and (baskets + 1,)
        Baskets as `pairs.count_pairs` takes them, each item at most once in a basket.
    n_items : int
        How many items there are, sold or not.
    first, second : array of int, shape (pairs,)
        The pairs asked for.
    strata : array of int, shape (baskets,), optional
        Market, channel: items are shuffled within a stratum only.
    n_draws : int
        Shuffles in all. For pairs that meet often the added one leaves the mean 1/(n_draws + 1) too low: 1 % at 100.
    seed : int
        Same seed, same result, on the same path (compiled or not), in whatever order baskets and strata come.

    Returns
    -------
    float64 array, shape (pairs,)
        Never 0: what was not seen in 100 shuffles may still happen once in 101.

    Raises
    ------
    BadInput
        If baskets, strata or pairs do not fit.
    BadUsage
        If `n_draws` is below 2.

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, 4.2, for the added one.
    """
    lines, starts = check_baskets(items, offsets, n_items)
    if n_draws < N_CHAINS:
        raise BadUsage(f"n_draws is {n_draws}; chance is drawn from at least {N_CHAINS} shuffles, 100 or more are good")
    if strata is not None and np.shape(strata) != (starts.size - 1,):
        raise BadInput(f"strata of shape {np.shape(strata)} for {starts.size - 1} baskets; give one for each")
    sold, numbered = np.unique(lines, return_inverse=True)
    stratum = np.zeros(starts.size - 1, np.int64) if strata is None else np.asarray(strata)
    compact, starts, bounds = _in_canonical_order(numbered, starts, stratum)
    seeds = np.random.SeedSequence(seed).spawn(N_CHAINS)
    draws = [len(part) for part in np.array_split(np.arange(n_draws), N_CHAINS)]
    with ThreadPoolExecutor(N_CHAINS) as threads:
        running = [
            threads.submit(_meetings, compact.copy(), starts, bounds, sold.size, n, one)
            for n, one in zip(draws, seeds, strict=True)
        ]
        total = np.sum([chain.result() for chain in running], axis=0)
    met = np.zeros(np.shape(first), np.int64)
    asked = np.isin(first, sold) & np.isin(second, sold)
    met[asked] = total[np.searchsorted(sold, first[asked]), np.searchsorted(sold, second[asked])]
    return np.asarray((met + 1.0) / (n_draws + 1.0), np.float64)


def _meetings(
    items: npt.NDArray[np.int32],
    offsets: IntArray,
    bounds: list[tuple[int, int]],
    n_items: int,
    n_draws: int,
    seed: np.random.SeedSequence,
) -> npt.NDArray[np.int64]:
    """Run one chain and add up, cell by cell of the square of items, the baskets with both over its draws."""
    chance = np.random.default_rng(seed)
    chains = [
        _Chain(items[offsets[low] : offsets[high]], offsets[low : high + 1] - offsets[low], n_items)
        for low, high in bounds
    ]
    ones, total = np.ones(items.size, np.int32), np.zeros((n_items, n_items), np.int64)
    for draw in range(n_draws):
        for chain in chains:
            chain.sweep(SWEEPS_BETWEEN if draw else BURN_IN, chance)
        held = sparse.csr_array((ones, items, offsets), shape=(offsets.size - 1, n_items))
        total += (held.T @ held).toarray()
    return total


def _in_canonical_order(
    items: IntArray, offsets: npt.NDArray[np.int64], strata: IntArray
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], list[tuple[int, int]]]:
    """Sort items in baskets, baskets in strata and strata by what they hold, so that chance depends on that alone.

    Also gives the first basket and the end of each stratum. Baskets are known by the sum of random names of their items.
    """
    sizes = np.diff(offsets)
    basket_of = np.repeat(np.arange(sizes.size), sizes)
    items = items[np.lexsort((items, basket_of))]
    names = np.random.default_rng(0).integers(0, 1 << 63, int(items.max(initial=-1)) + 1, np.uint64)
    content = np.zeros(sizes.size, np.uint64)
    np.add.at(content, basket_of, names[items])
    _, stratum = np.unique(strata, return_inverse=True)
    content_of, n_of = np.zeros(stratum.max(initial=-1) + 1, np.uint64), np.bincount(stratum)
    np.add.at(content_of, stratum, content)
    order = np.lexsort((content, sizes, stratum, content_of[stratum], n_of[stratum]))
    starts = np.concatenate([[0], np.cumsum(sizes[order])])
    within = np.arange(items.size) - np.repeat(starts[:-1], sizes[order])
    moved = items[within + np.repeat(offsets[:-1][order], sizes[order])].astype(np.int32)
    cuts = [0, *(np.flatnonzero(np.diff(stratum[order])) + 1).tolist(), sizes.size]
    return moved, starts, list(pairwise(cuts))


@dataclass(slots=True)
class _Chain:
    """Baskets that are shuffled in place, sweep after sweep."""

    items: npt.NDArray[np.int32]
    offsets: IntArray
    n_items: int
    basket_of: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.basket_of = np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))

    def sweep(self, times: int, chance: np.random.Generator) -> None:
        """Do some sweeps, the fast way where kernels can be compiled."""
        if not self.items.size:
            return
        once = _swaps_and_trades if kernels.jit_available() else _trades_of_all
        for _ in range(times):
            once(self.items, self.offsets, self.basket_of, self.n_items, chance)


def _swaps_and_trades(
    items: npt.NDArray[np.int32],
    offsets: IntArray,
    basket_of: IntArray,
    n_items: int,
    chance: np.random.Generator,
) -> None:
    """Do one sweep in machine code, in place."""
    left, right = chance.integers(0, items.size, (2, items.size))
    kernels.compiled(kernels.swap_lines)(items, basket_of, offsets, left, right)
    sizes = np.diff(offsets)
    large = np.flatnonzero(sizes > LARGE_BASKET)
    partner = basket_of[chance.integers(0, items.size, large.size)]
    draws = chance.random(int(sizes[large].sum() + sizes[partner].sum()))
    pool, holders = np.empty(2 * int(sizes.max()), np.int64), np.zeros(n_items, np.int8)
    kernels.compiled(kernels.trade_baskets)(items, offsets, large, partner, draws, holders, pool)


def _trades_of_all(
    items: npt.NDArray[np.int32],
    offsets: IntArray,
    basket_of: IntArray,
    n_items: int,
    chance: np.random.Generator,
) -> None:
    """Do one sweep with arrays alone, in place: all trade once, large baskets once more among themselves."""
    sizes = np.diff(offsets)
    for traders in (np.arange(sizes.size), np.flatnonzero(sizes > LARGE_BASKET)):
        pair_of = np.full(sizes.size, -1)
        pair_of[chance.permutation(traders)] = np.arange(traders.size) // 2
        lines = np.flatnonzero(pair_of[basket_of] >= 0)
        pair = pair_of[basket_of[lines]]
        order = np.argsort(pair * n_items + items[lines], kind="stable")
        lines, pair = lines[order], pair[order]
        both_hold = np.zeros(lines.size + 1, np.bool_)
        both_hold[1:-1] = (pair[1:] == pair[:-1]) & (items[lines[1:]] == items[lines[:-1]])
        free = ~(both_hold[1:] | both_hold[:-1])
        lines, pair = lines[free], pair[free]
        items[lines] = items[lines[np.lexsort((chance.random(lines.size), pair))]]
