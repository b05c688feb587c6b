"""Add up the neighbors of everything in a cart: the innermost step of a decision."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats import cart_kernels, kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.similarity import Neighbors

Merged = tuple[npt.NDArray[np.int32], FloatArray]


class Merger:
    """Merges one set of neighbors again and again; one for each thread, as its scratch memory is shared.

    Parameters
    ----------
    neighbors : Neighbors
        As published; its arrays may be read-only or mapped from a file.
    n_items : int
        How many items there are.

    Attributes
    ----------
    columns : offsets, ids and scores of the neighbors
        Read-only, as the kernels take them.
    scratch : sums, one bit an item, ids and scores
        Memory of the kernels; sums and bits are 0 between two calls.

    Raises
    ------
    BadInput
        If the neighbors are not those of `n_items` items.
    """

    def __init__(self, neighbors: Neighbors, n_items: int) -> None:
        offsets, ids = neighbors.offsets, neighbors.ids
        if offsets.shape != (n_items + 1,):
            raise BadInput(f"neighbors of {offsets.size - 1} items for {n_items}; use one snapshot's")
        if offsets[0] or np.any(offsets[1:] < offsets[:-1]) or {offsets[-1], ids.size} != {neighbors.scores.size}:
            raise BadInput("offsets, ids and scores of the neighbors do not fit together; publish them again")
        if ids.size and (ids.min() < 0 or ids.max() >= n_items):
            raise BadInput(f"a neighbor's id is not in 0..{n_items - 1}; use one snapshot's neighbors")
        self.n_items = n_items
        self.columns = (
            read_only(offsets, np.int64),
            read_only(ids, np.int32),
            read_only(neighbors.scores, np.float32),
        )
        self._kernel: Any = kernels.compiled(cart_kernels.merge_scores) if kernels.jit_available() else None
        n_words, room = n_items // 64 + 1, n_items if self._kernel else 0
        self.scratch = np.zeros(room), np.zeros(n_words, np.uint64), np.empty(room, np.int32), np.empty(room)

    @property
    def is_compiled(self) -> bool:
        """Whether there is machine code."""
        return self._kernel is not None

    def merge(self, cart: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Merged:
        """Sum the neighbors' scores over the whole cart.

        Parameters
        ----------
        cart : array of int, shape (c,)
            Item ids; one that stands twice counts twice.
        weights : array of float, shape (c,), optional
            How much each of them counts, 1 by default.

        Returns
        -------
        ids : int32 array, shape (touched,)
            Every item that is a neighbor of the cart, ascending; those in the cart are not taken out.
        scores : float64 array, shape (touched,)
            Added in the order of the cart, so that both paths give the same bits.

        Raises
        ------
        BadInput
            If an id is out of range or the weights do not fit.
        """
        items = np.array(cart, np.int32)  # copies: machine code is typed by what may be written to
        factors = np.ones(items.size) if weights is None else np.array(weights, np.float64)
        if factors.shape != items.shape:
            raise BadInput(f"{factors.size} weights for {items.size} items; give one for each")
        merged = self._by_arrays(items, factors) if self._kernel is None else self._by_kernel(items, factors)
        if merged is None:
            raise BadInput(f"an item of the cart is not in 0..{self.n_items - 1}; leave out unknown products")
        return merged

    def _by_kernel(self, cart: IntArray, weights: FloatArray) -> Merged | None:
        count = self._kernel(*self.columns, cart, weights, *self.scratch)
        return None if count < 0 else (self.scratch[2][:count].copy(), self.scratch[3][:count].copy())

    def _by_arrays(self, cart: IntArray, weights: FloatArray) -> Merged | None:
        """Do the same with arrays alone; `bincount` adds in the order it is given."""
        if np.any((cart < 0) | (cart >= self.n_items)):
            return None
        offsets, ids, scores = self.columns
        sizes = offsets[cart + 1] - offsets[cart]
        cells = np.arange(sizes.sum()) + np.repeat(offsets[cart] - np.cumsum(sizes) + sizes, sizes)
        total = np.bincount(ids[cells], np.repeat(weights, sizes) * scores[cells], minlength=self.n_items)
        touched = np.unique(ids[cells])
        return touched, total[touched]


def merge_scores(
    neighbors: Neighbors, cart: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, n_items: int
) -> Merged:
    """Merge once, as `Merger.merge`; keep a `Merger` where it happens often.

    Examples
    --------
    Item 2 is a neighbor of both items in the cart:

    >>> rows = np.array([0, 1, 3, 3]), np.array([2, 2, 0], np.int32), np.array([0.5, 0.25, 0.125], np.float32)
    >>> ids, scores = merge_scores(Neighbors(*rows), [0, 1], n_items=3)
    >>> ids.tolist(), scores.tolist()
    ([0, 2], [0.125, 0.75])
    """
    return Merger(neighbors, n_items).merge(cart, weights)


def read_only(array: npt.NDArray[np.generic], kind: type[np.generic]) -> IntArray:
    """Give a plain, aligned, read-only view, so that every caller meets the same machine code."""
    view: IntArray = np.require(array, kind, ["C", "A"]).view(np.ndarray)
    view = view[:]
    view.flags.writeable = False
    return view
