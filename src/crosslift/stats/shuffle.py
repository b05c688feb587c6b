"""Baskets as chance would fill them: same basket sizes, same item counts, everything else at random.

What a test finds in shuffled baskets it finds by mistake; `tests/golden/test_false_pairs.py` counts that.
"""

import numpy as np
import numpy.typing as npt

from crosslift.stats import kernels
from crosslift.stats.arrays import IntArray
from crosslift.stats.pairs import check_baskets

LARGE_BASKET = 60  # above it single swaps are refused too often, and old pairs survive 25 sweeps


def swap_shuffle(
    items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int, *, seed: int, sweeps: int = 25
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
    sizes = np.diff(starts)
    basket_of = np.repeat(np.arange(sizes.size), sizes)
    chance = np.random.default_rng(seed)
    if not lines.size:
        return shuffled
    sweep = _swaps_and_trades if kernels.jit_available() else _trades_of_all
    for _ in range(sweeps):
        sweep(shuffled, starts, basket_of, n_items, chance)
    return shuffled


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
