"""Keep the strongest partners of every item, from a flat list of scored pairs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput, BadUsage
from crosslift.stats import kernels
from crosslift.stats.arrays import IntArray


@dataclass(frozen=True, slots=True)
class Strongest:
    """Partners of every item, strongest first: `ids[offsets[i]:offsets[i + 1]]` are those of item i.

    Attributes
    ----------
    offsets : int64 array, shape (items + 1,)
        Where the partners of each item start.
    ids : int32 array, shape (partners,)
        Item ids.
    pairs : int64 array, shape (partners,)
        Which pair says so: a place in the arrays that were handed in.
    """

    offsets: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]
    pairs: npt.NDArray[np.int64]


def strongest(first: IntArray, second: IntArray, scores: npt.ArrayLike, n_items: int, k: int) -> Strongest:
    """Deal each pair to both its items, best score first, until an item has k.

    Parameters
    ----------
    first, second : int32 array, shape (pairs,)
        Item ids in 0..n_items − 1.
    scores : array of float, shape (pairs,)
        Compared in single precision; equal ones keep the order of the pairs.
    n_items : int
        How many items there are.
    k : int
        Most partners an item keeps.

    Raises
    ------
    BadInput
        If a score is nan, or there are not as many as pairs.
    BadUsage
        If k is below 1.

    Examples
    --------
    Item 0 goes with 1 and 2, and keeps the stronger; items 1 and 2 keep what they have:

    >>> kept = strongest(np.array([0, 0], np.int32), np.array([1, 2], np.int32), [0.2, 0.7], 3, 1)
    >>> kept.offsets.tolist(), kept.ids.tolist(), kept.pairs.tolist()
    ([0, 1, 2, 3], [2, 0, 0], [1, 0, 1])
    """
    if k < 1:
        raise BadUsage(f"k is {k}; keep 1 partner or more")
    single = np.asarray(scores, np.float32)
    if single.shape != first.shape or first.shape != second.shape:
        raise BadInput(f"{single.shape} scores for {first.shape} and {second.shape} items; give one for each pair")
    if np.any(np.isnan(single)):
        raise BadInput(f"the score of pair {int(np.argmax(np.isnan(single)))} is nan; leave out pairs that have none")
    order = _falling(single)
    if kernels.jit_available():
        n_kept, rows, partners = (
            np.zeros(n_items, np.int64),
            np.empty((n_items, k), np.int64),
            np.empty((n_items, k), np.int32),
        )
        kernels.compiled(kernels.deal_pairs)(first, second, order, n_kept, rows, partners)
        is_kept = np.arange(k) < n_kept[:, None]
        pairs, ids = rows[is_kept], partners[is_kept]
    else:
        anchors, pairs = _dealt(first, second, order, k)
        n_kept = np.bincount(anchors, minlength=n_items)
        ids = np.where(first[pairs] == anchors, second[pairs], first[pairs])
    return Strongest(np.concatenate([[0], np.cumsum(n_kept)]).astype(np.int64), ids, pairs)


def _falling(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Give the places of scores, highest first: one sort of numbers that hold score and place, no sort of places."""
    bits = (scores + np.float32(0)).view(np.int32)  # adding 0 turns −0 into 0
    falling = ~(bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF)))  # against the order of the floats
    keys = falling.astype(np.int64)
    keys <<= 32
    keys |= np.arange(scores.size)
    keys.sort()
    keys &= 0xFFFFFFFF
    return keys


def _dealt(
    first: IntArray, second: IntArray, order: npt.NDArray[np.int64], k: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The same by sorting: each item's pairs in falling order, cut after k."""
    anchors = np.column_stack([first[order], second[order]]).ravel()
    by_anchor = np.argsort(anchors, kind="stable")
    anchors, pairs = anchors[by_anchor], np.repeat(order, 2)[by_anchor]
    begins = np.concatenate([[True], anchors[1:] != anchors[:-1]]) if anchors.size else np.zeros(0, bool)
    place = np.arange(anchors.size) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    return anchors[place < k], pairs[place < k]
