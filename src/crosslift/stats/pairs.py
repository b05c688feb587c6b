"""Count how often two products share a basket, and for how many distinct customers.

Baskets are compressed rows: `items[offsets[b]:offsets[b + 1]]` are the item ids of basket b. Two engines give
the same integers: compiled kernels, and sparse products that need no compiler.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput, BadUsage
from crosslift.stats import kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.pair_engines import Question, RepeatedItemError, count_by_kernel, count_by_products

Engine = Literal["auto", "numba", "scipy"]


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs of items and how often they met, sorted by (first, second); first < second.

    Attributes
    ----------
    first, second : int32 array, shape (pairs,)
        Item ids.
    n_both : int32 array, shape (pairs,)
        Baskets that hold both.
    n_groups : int32 array, shape (pairs,)
        Distinct groups (customers) among those baskets.
    n_effective : int32 array, shape (pairs,), optional
        Those baskets, of which each group counts for at most `cap_per_group`; None where no cap was asked.
    weight : float64 array, shape (pairs,), optional
        Sum of 1/(size − 1) over those baskets; None where it was not asked.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    n_both: npt.NDArray[np.int32]
    n_groups: npt.NDArray[np.int32]
    n_effective: npt.NDArray[np.int32] | None = None
    weight: FloatArray | None = None

    def __len__(self) -> int:
        return int(self.first.size)


def count_pairs(
    items: npt.ArrayLike,
    offsets: npt.ArrayLike,
    n_items: int,
    *,
    groups: npt.ArrayLike | None = None,
    cap_per_group: int | None = None,
    weighted: bool = False,
    min_count: int = 1,
    engine: Engine = "auto",
    in_order: bool = True,
) -> PairCounts:
    """Count, for every pair of items, the baskets and the groups that hold both.

    Parameters
    ----------
    items : array of int, shape (lines,)
        Item ids in 0..n_items − 1, each at most once in a basket, in any order.
    offsets : array of int, shape (baskets + 1,)
        Where each basket starts in `items`, and at the end the number of lines.
    n_items : int
        How many items there are, sold or not.
    groups : array of int, shape (baskets,), optional
        Who bought the basket, in any order. Without it each basket is a group of its own.
    cap_per_group : int, optional
        Count also `n_effective`, where a group counts for at most so many baskets of a pair: a mega-buyer's habit is
        no relation.
    weighted : bool
        Add up also `weight`: a basket of s items spreads its say over s − 1 partners, so that wholesale orders do not
        drown the others.
    min_count : int
        Pairs in fewer baskets are left out.
    engine : {"auto", "numba", "scipy"}
        "auto" takes the kernels where they can be compiled.
    in_order : bool
        Without it pairs may come in any order, which spares the sorting where they are ranked next anyway.

    Returns
    -------
    PairCounts
        No basket size and no number of pairs is capped.

    Raises
    ------
    BadInput
        Ids out of range, offsets that do not fit, an item twice in one basket.
    BadUsage
        An unknown engine, "numba" where kernels cannot be compiled, `min_count` or `cap_per_group` below 1.

    Examples
    --------
    Customer 7 bought tea and honey twice, customer 8 once, so three baskets but two customers:

    >>> tea_and_honey = count_pairs([0, 1, 1, 0, 0, 1, 2], [0, 2, 4, 7], 3, groups=[7, 7, 8], min_count=2)
    >>> tea_and_honey.n_both, tea_and_honey.n_groups
    (array([3], dtype=int32), array([2], dtype=int32))

    With at most one basket a customer two count; two baskets of two items and one of three weigh 1 + 1 + 1/2:

    >>> both = count_pairs([0, 1, 1, 0, 0, 1, 2], [0, 2, 4, 7], 3, groups=[7, 7, 8], cap_per_group=1, weighted=True)
    >>> both.n_effective[0], both.weight[0]
    (np.int32(2), np.float64(2.5))
    """
    items, offsets = check_baskets(items, offsets, n_items)
    if min_count < 1:
        raise BadUsage(f"min_count is {min_count}; a pair that never met cannot be listed, use 1 or more")
    if cap_per_group is not None and cap_per_group < 1:
        raise BadUsage(f"cap_per_group is {cap_per_group}; let each customer count for 1 basket or more")
    count = {"numba": count_by_kernel, "scipy": count_by_products}[_choose(engine)]
    order, number = (None, None) if groups is None else _by_group(_check_groups(groups, offsets.size - 1))
    if items.size == 0:
        return _no_pairs(cap_per_group is not None, weighted)
    cap = None if groups is None else cap_per_group
    try:
        found = count(items, offsets, Question(n_items, min_count, order, number, cap, weighted, in_order))
    except RepeatedItemError as error:
        raise BadInput(
            f"basket {error.basket} holds item {error.item} more than once; merge its lines with baskets_of() first"
        ) from None
    first, second, n_both = (column.astype(np.int32, copy=False) for column in found[:3])
    n_groups, n_effective = (
        n_both if column is None else column.astype(np.int32, copy=False)
        for column in (found.n_groups, found.n_effective)
    )
    return PairCounts(first, second, n_both, n_groups, None if cap_per_group is None else n_effective, found.weight)


def baskets_of(order_index: npt.ArrayLike, item_index: npt.ArrayLike) -> tuple[IntArray, IntArray, IntArray]:
    """Build baskets from order lines; an item on several lines of an order counts once.

    Parameters
    ----------
    order_index, item_index : array of int, shape (lines,)
        Order and item of each line, both from 0, in any order.

    Returns
    -------
    items : int32 array, shape (distinct lines,)
        Item ids, ascending within each basket.
    offsets : int64 array, shape (baskets + 1,)
        Where each basket starts.
    order_ids_kept : array of int, shape (baskets,)
        The order each basket is, ascending; orders without lines have no basket.

    Examples
    --------
    >>> items, offsets, orders = baskets_of([5, 5, 2, 5], [1, 0, 3, 1])
    >>> items, offsets, orders
    (array([3, 0, 1], dtype=int32), array([0, 1, 3]), array([2, 5]))
    """
    orders, lines = np.asarray(order_index), np.asarray(item_index)
    if orders.shape != lines.shape or orders.ndim != 1:
        raise BadInput(f"{orders.shape} orders for {lines.shape} items; give one order for each line")
    if orders.size == 0:
        return np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.int64)
    _check_ids(lines, 2**31 - 1, "item")
    kept, dense = np.unique(orders, return_inverse=True)
    width = int(lines.max()) + 1
    distinct = np.unique(dense.astype(np.int64) * width + lines)
    basket, item = np.divmod(distinct, width)
    offsets = np.searchsorted(basket, np.arange(kept.size + 1)).astype(np.int64)
    return item.astype(np.int32), offsets, kept


def check_baskets(items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int) -> tuple[IntArray, npt.NDArray[np.int64]]:
    """Refuse baskets whose ids or offsets do not fit; give them as arrays (offsets int64)."""
    lines, starts = np.asarray(items), np.asarray(offsets)
    if lines.size == 0:
        lines = lines.astype(np.int32)
    if starts.ndim != 1 or starts.size == 0 or starts.dtype.kind not in "iu" or starts[0] != 0:
        raise BadInput("offsets must be whole numbers that start with 0")
    if np.any(starts[1:] < starts[:-1]):
        basket = int(np.argmax(starts[1:] < starts[:-1]))
        raise BadInput(f"offsets fall from {starts[basket]} to {starts[basket + 1]} at basket {basket}; sort them")
    if lines.ndim != 1 or starts[-1] != lines.size:
        raise BadInput(f"offsets end at {starts[-1]}, but there are {lines.size} lines; the last must be the count")
    _check_ids(lines, n_items, "item")
    return lines, starts.astype(np.int64)


def _check_ids(ids: npt.NDArray[Any], limit: int, noun: str) -> None:
    if ids.dtype.kind not in "iu":
        raise BadInput(f"{noun} ids are {ids.dtype}; number them 0, 1, 2, ... first")
    if ids.size and (ids.min() < 0 or ids.max() >= limit):
        where = int(np.argmax((ids < 0) | (ids >= limit)))
        raise BadInput(f"{noun} id {ids[where]} at line {where} is not in 0..{limit - 1}")


def _check_groups(groups: npt.ArrayLike, n_baskets: int) -> IntArray:
    given = np.asarray(groups)
    if given.size == 0:
        given = given.astype(np.int64)
    if given.shape != (n_baskets,) or given.dtype.kind not in "iu":
        raise BadInput(
            f"groups are {given.dtype} of shape {given.shape}; "
            f"give one whole number for each of the {n_baskets} baskets"
        )
    return given


def _by_group(groups: IntArray) -> tuple[IntArray | None, IntArray]:
    """Give the order that puts baskets of a group side by side, None where they are, and groups numbered from 1 in it."""
    order: IntArray | None = None
    if np.any(groups[1:] < groups[:-1]):
        lowest = int(groups.min())
        if int(groups.max()) - lowest < 1 << 31 and groups.size < 1 << 32:  # numbers sort faster than their places
            packed = np.sort((groups.astype(np.int64) - lowest) << 32 | np.arange(groups.size))
            order, groups = packed & 0xFFFFFFFF, packed >> 32
        else:
            order = np.argsort(groups, kind="stable")
            groups = groups[order]
    is_new = np.ones(groups.size, np.int32)
    is_new[1:] = groups[1:] != groups[:-1]
    return order, np.cumsum(is_new, dtype=np.int32)


def _no_pairs(is_capped: bool, is_weighted: bool) -> PairCounts:
    none = np.empty(0, np.int32)
    return PairCounts(none, none, none, none, none if is_capped else None, np.empty(0) if is_weighted else None)


def _choose(engine: str) -> str:
    if engine not in ("auto", "numba", "scipy"):
        raise BadUsage(f"engine {engine!r} is unknown; use auto, numba or scipy")
    if engine == "numba" and not kernels.jit_available():
        raise BadUsage("engine 'numba' cannot compile here (CROSSLIFT_NO_JIT=1 or no numba); use engine 'auto'")
    return "scipy" if engine == "scipy" or not kernels.jit_available() else "numba"
