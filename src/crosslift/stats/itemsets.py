"""Textbook itemsets and association rules: sets of products that share baskets, and what one says about another.

An Eclat over packed bits: each itemset carries the baskets that hold it, one bit a basket, and grows by one item at a
time. No label or shopper sentence rests on these rules: they know neither basket sizes nor chance, see `chance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray
from crosslift.stats.pairs import check_baskets

Bits = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

WORD = 64
NOBODY = -1
"""Fills the left side of rules that are shorter than the longest."""


@dataclass(frozen=True, slots=True)
class Itemsets:
    """Frequent itemsets by size, each size sorted like words in a dictionary.

    Attributes
    ----------
    rows : sequence of int32 array, shapes (sets, 1), (sets, 2), ...
        Items of each set, ascending.
    counts : sequence of int64 array, shapes (sets,)
        Baskets that hold the whole set.
    keys : sequence of int64 array, shapes (sets,)
        Each set as one number, ascending: where its first items stand one size below, times `n_items`, plus its last.
    n_items : int
        How many items there are.
    """

    rows: Sequence[Rows]
    counts: Sequence[Ints]
    keys: Sequence[Ints]
    n_items: int

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.rows)

    def find(self, wanted: IntArray) -> Ints:
        """Find sets of one size by their items; every subset of a frequent set is itself there.

        Parameters
        ----------
        wanted : array of int, shape (sets, size)
            Items of each set, ascending.

        Returns
        -------
        int64 array, shape (sets,)
            Places in `rows[size - 1]`; −1 where a set is not frequent.
        """
        if wanted.shape[1] > len(self.keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        return _found(self.keys[: wanted.shape[1]], wanted, self.n_items)


def frequent_itemsets(
    items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int, min_count: int, max_size: int | None = None
) -> Itemsets:
    """Find every set of items that enough baskets hold.

    Parameters
    ----------
    items, offsets : array of int, shapes (lines,) and (baskets + 1,)
        Baskets as `pairs.count_pairs` takes them, each item at most once in a basket.
    n_items : int
        How many items there are.
    min_count : int
        Baskets a set needs; a wanted support s of n baskets is ceil(s·n).
    max_size : int, optional
        Items of the largest sets looked for.

    Returns
    -------
    Itemsets
        Sets of one item included.

    Raises
    ------
    BadInput
        If the baskets do not fit together, one holds an item twice, or `min_count` is below 1.

    References
    ----------
    Zaki (2000), Scalable algorithms for association mining (Eclat).

    Examples
    --------
    Tea with honey in two of three baskets:

    >>> found = frequent_itemsets([0, 1, 0, 1, 2], [0, 2, 4, 5], n_items=3, min_count=2)
    >>> [rows.tolist() for rows in found.rows], [counts.tolist() for counts in found.counts]
    ([[[0], [1]], [[0, 1]]], [[2, 2], [2]])
    """
    if min_count < 1 or (max_size is not None and max_size < 1):
        raise BadInput(f"min_count {min_count} and max_size {max_size}; both start at 1")
    lines, starts = check_baskets(items, offsets, n_items)
    baskets = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    counts = np.bincount(lines, minlength=n_items)
    frequent = np.flatnonzero(counts >= min_count)
    frequent = frequent[np.argsort(counts[frequent], kind="stable")]  # rare first: the fewest baskets to carry along
    bits = _packed(lines, baskets, frequent, n_items, starts.size - 1)
    if not np.array_equal(np.bitwise_count(bits).sum(axis=1), counts[frequent]):
        raise BadInput("a basket holds an item twice; merge its lines first (pairs.baskets_of does)")
    grown: list[list[tuple[Rows, Ints]]] = []
    _grow(np.empty(0, np.int32), frequent.astype(np.int32), bits, counts[frequent], min_count, max_size, grown)
    return _sorted(grown, n_items)


def _packed(lines: IntArray, baskets: IntArray, frequent: IntArray, n_items: int, n_baskets: int) -> Bits:
    """Mark the baskets of each frequent item, one bit a basket; shape (frequent items, words)."""
    place = np.full(n_items, -1, dtype=np.int64)
    place[frequent] = np.arange(frequent.size)
    is_kept = place[lines] >= 0
    row, basket = place[lines[is_kept]], baskets[is_kept]
    bits = np.zeros((frequent.size, -(-n_baskets // WORD)), dtype=np.uint64)
    np.bitwise_or.at(bits, (row, basket // WORD), np.uint64(1) << (basket % WORD).astype(np.uint64))
    return bits


def _grow(
    prefix: Rows,
    items: Rows,
    bits: Bits,
    counts: IntArray,
    min_count: int,
    max_size: int | None,
    grown: list[list[tuple[Rows, Ints]]],
) -> None:
    """Keep prefix + each item, then grow each of these by the items after it."""
    if items.size == 0:
        return
    if len(grown) == prefix.size:
        grown.append([])
    grown[prefix.size].append((np.column_stack([np.tile(prefix, (items.size, 1)), items]), counts.astype(np.int64)))
    if prefix.size + 1 == max_size:
        return
    for place in range(items.size - 1):
        holds = np.flatnonzero(bits[place])  # words in which the prefix lives at all; the others stay 0
        both = bits[place + 1 :, holds] & bits[place, holds]
        met = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
        enough = met >= min_count
        longer = np.append(prefix, items[place])
        _grow(longer, items[place + 1 :][enough], both[enough], met[enough], min_count, max_size, grown)


def _sorted(grown: list[list[tuple[Rows, Ints]]], n_items: int) -> Itemsets:
    rows: list[Rows] = []
    counts: list[Ints] = []
    keys: list[Ints] = []
    for parts in grown:
        sets = np.sort(np.concatenate([part for part, _ in parts]), axis=1)
        sets_in_order = sets[order := np.lexsort(sets.T[::-1])]
        rows.append(sets_in_order)
        counts.append(np.concatenate([count for _, count in parts])[order])
        keys.append(_found(keys, sets_in_order[:, :-1], n_items) * n_items + sets_in_order[:, -1])
    return Itemsets(rows, counts, keys, n_items)


def _found(keys: Sequence[Ints], wanted: IntArray, n_items: int) -> Ints:
    """Walk from the first item of each set to its last; −1 where the way ends, since every subset is there too."""
    place = np.zeros(len(wanted), dtype=np.int64)
    for known, item in zip(keys, wanted.T, strict=True):
        key = np.where(place >= 0, place * n_items + item, -1)
        near = np.minimum(np.searchsorted(known, key), known.size - 1)
        place = np.where(known[near] == key, near, -1)
    return place


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules "who has the left side has the right side", by size, then left side, then right side.

    Attributes
    ----------
    lhs : int32 array, shape (rules, longest left side)
        Items of the left side, ascending, filled with −1; all −1 where it is empty.
    rhs : int32 array, shape (rules,)
        The one item of the right side.
    size : int64 array, shape (rules,)
        Items of both sides.
    count : int64 array, shape (rules,)
        Baskets that hold both sides.
    support, confidence, lift : float64 array, shape (rules,)
        Share of all baskets with both sides; P(right | left); confidence over the share of the right side.
    """

    lhs: Rows
    rhs: Rows
    size: Ints
    count: Ints
    support: FloatArray
    confidence: FloatArray
    lift: FloatArray

    def __len__(self) -> int:
        return int(self.rhs.size)

    def take(self, chosen: IntArray | BoolArray) -> "Rules":
        """Keep some rules (a mask or places), in the given order."""
        return Rules(
            self.lhs[chosen], self.rhs[chosen], self.size[chosen], self.count[chosen], self.support[chosen],
            self.confidence[chosen], self.lift[chosen],
        )  # fmt: skip

    def left_side(self, rule: int) -> list[int]:
        """Give the items of one left side."""
        left = self.lhs[rule]
        items: list[int] = left[left != NOBODY].tolist()
        return items


def rules(itemsets: Itemsets, min_confidence: float, n_baskets: int, *, with_empty_left_side: bool = False) -> Rules:
    """Make the rules with one item on the right side that itemsets hold.

    Parameters
    ----------
    itemsets : Itemsets
        As `frequent_itemsets` found them.
    min_confidence : float
        Least P(right | left), 0..1.
    n_baskets : int
        All baskets of the window.
    with_empty_left_side : bool
        Whether "anyone buys it" counts as a rule, as R's arules has it unless told `minlen = 2`.

    Raises
    ------
    BadInput
        If `min_confidence` is outside 0..1, or an item is in more baskets than there are.

    References
    ----------
    Agrawal, Imieliński & Swami (1993), Mining association rules between sets of items in large databases.

    Examples
    --------
    Everyone with honey has tea; tea is in three of four baskets:

    >>> found = frequent_itemsets([0, 1, 0, 1, 0, 2], [0, 2, 4, 5, 6], n_items=3, min_count=2)
    >>> who = rules(found, 0.9, 4)
    >>> who.left_side(0), who.rhs.tolist(), who.confidence.tolist(), who.lift.round(3).tolist()
    ([1], [0], [1.0], [1.333])
    """
    if not 0 <= min_confidence <= 1:
        raise BadInput(f"min_confidence {min_confidence}; it is a share, 0..1")
    most = int(itemsets.counts[0].max()) if itemsets.rows else 0
    if most > n_baskets:
        raise BadInput(f"an item is in {most} of {n_baskets} baskets; n_baskets counts all of them")
    width = max(len(itemsets.rows) - 1, 1)
    share = np.full(itemsets.n_items, np.nan)
    if itemsets.rows:
        share[itemsets.rows[0][:, 0]] = itemsets.counts[0] / n_baskets
    parts = []
    for size in range(1 if with_empty_left_side else 2, len(itemsets.rows) + 1):
        parts.extend(_rules_of_size(itemsets, size, n_baskets, min_confidence, width))
    if not parts:
        parts = [(np.empty((0, width), np.int32), *(np.empty(0, np.int64),) * 3, np.empty(0))]
    lhs, rhs, n_of, count, confidence = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((rhs, *lhs.T[::-1], n_of))
    found = Rules(
        lhs.astype(np.int32), rhs.astype(np.int32), n_of, count, count / n_baskets, confidence, confidence / share[rhs]
    )
    return found.take(order)


Part = tuple[Rows, Ints, Ints, Ints, FloatArray]


def _rules_of_size(itemsets: Itemsets, size: int, n_baskets: int, min_confidence: float, width: int) -> list[Part]:
    """Put each item of each set on the right side once; one part for each place in the set."""
    sets, count = itemsets.rows[size - 1], itemsets.counts[size - 1]
    parts: list[Part] = []
    for place in range(size):
        left = np.delete(sets, place, axis=1)
        n_left = itemsets.counts[size - 2][itemsets.find(left)] if size > 1 else np.full(len(sets), n_baskets)
        confidence = count / n_left
        holds = confidence >= min_confidence
        padded = np.full((int(holds.sum()), width), NOBODY, dtype=np.int32)
        padded[:, : size - 1] = left[holds]
        right = sets[holds, place].astype(np.int64)
        parts.append((padded, right, np.full(len(right), size, np.int64), count[holds], confidence[holds]))
    return parts
