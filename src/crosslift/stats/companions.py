"""What a cart's tested edges lead to, how its neighbors score that, and which edge speaks the strongest for an item."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.stats import cart_kernels, kernels
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.merge import Merged, Merger, read_only


@dataclass(frozen=True, slots=True)
class Edges:
    """Tested relations by the item they start from.

    Attributes
    ----------
    offsets : int64 array, shape (items + 1,)
        Where the edges of each item begin.
    ids : int32 array, shape (edges,)
        Where they lead to; of one item each once.
    rows : int32 array, shape (edges,)
        The row of evidence of each.
    lows : float64 array, shape (rows,)
        How strong the evidence of a row surely is.
    of_row : uint16 array, shape (rows,)
        The condition under which it holds; 0 for none.
    """

    offsets: IntArray
    ids: IntArray
    rows: IntArray
    lows: FloatArray
    of_row: IntArray


class Companions:
    """Asks the same edges and neighbors again and again; one for each thread, as its scratch memory is shared.

    Parameters
    ----------
    edges : Edges
        Of the items of `merger`.
    merger : Merger
        The neighbors' scores; of the same thread.
    """

    def __init__(self, edges: Edges, merger: Merger) -> None:
        self._edges, self._merger = edges, merger
        self._offsets, self._ids = read_only(edges.offsets, np.int64), read_only(edges.ids, np.int32)
        self._rows, self._of_row = read_only(edges.rows, np.int32), read_only(edges.of_row, np.uint16)
        self._lows: FloatArray = np.asarray(read_only(edges.lows, np.float64), np.float64)
        self._last: tuple[bytes | None, Merged] = (None, (np.zeros(0, np.int32), np.zeros(0)))
        self._kernels: tuple[Callable[..., Any], ...] | None = None
        if merger.is_compiled:
            self._kernels = tuple(
                kernels.compiled(kernel)
                for kernel in (cart_kernels.companion_scores, cart_kernels.firsts, cart_kernels.strongest_edges)
            )

    def scored(self, cart: IntArray) -> Merged:
        """Give what the cart's edges lead to, ascending, each with the neighbors' scores added over the cart; 0 for none.

        Parameters
        ----------
        cart : int32 array, shape (c,)
            Item ids.

        Returns
        -------
        ids : int32 array, shape (companions,)
        scores : float64 array, shape (companions,)
            Both read-only: the placements of one page ask the same again, and are given the same.
        """
        asked = cart.tobytes()
        if asked != self._last[0]:
            ids, scores = self._scored(cart)
            ids.flags.writeable = scores.flags.writeable = False
            self._last = asked, (ids, scores)
        return self._last[1]

    def _scored(self, cart: IntArray) -> Merged:
        if self._kernels is not None:
            scratch, given = self._merger.scratch, np.array(cart, np.int32)  # typed by what may be written to
            n = self._kernels[0](self._offsets, self._ids, *self._merger.columns, given, *scratch)
            return scratch[2][:n].copy(), scratch[3][:n].copy()
        items = np.unique(self._ids[self._cells(cart)]).astype(np.int32)
        found: FloatArray = np.zeros(len(items))
        near, scores = self._merger.merge(cart)
        if len(near):
            place = np.minimum(np.searchsorted(near, items), len(near) - 1)
            found = np.where(near[place] == items, scores[place], 0.0)
        return items, found

    def strongest(self, items: IntArray, cart: IntArray, stopped: IntArray) -> tuple[list[int], list[int]]:
        """Find for each item the edge from the cart that holds and is surely the strongest, of equals the first.

        Parameters
        ----------
        items, cart : int32 array, shape (n,), (c,)
            Item ids.
        stopped : uint16 array, shape (conditions + 1,)
            0 for each condition that holds.

        Returns
        -------
        rows, anchors : list of int, shape (n,)
            The row of evidence and the item of the cart it starts from; −1 where no edge holds.
        """
        rows = np.full((2, len(items)), -1)
        kernel = cart_kernels.strongest_edges if self._kernels is None else self._kernels[2]
        given = np.array(cart, np.int32), np.array(items, np.int32)
        kernel(self._offsets, self._ids, self._rows, self._lows, self._of_row, stopped, *given, rows[0], rows[1])
        return rows[0].tolist(), rows[1].tolist()

    def firsts(self, items: IntArray) -> IntArray:
        """Give the places at which each item stands for the first time, ascending.

        Parameters
        ----------
        items : int32 array, shape (n,)
            Item ids.

        Returns
        -------
        int64 array, shape (distinct items,)
        """
        if self._kernels is None:
            return np.sort(np.unique(items, return_index=True)[1])
        places: npt.NDArray[np.int64] = np.empty(len(items), np.int64)
        return places[: self._kernels[1](items, self._merger.scratch[1], places)]

    def _cells(self, cart: IntArray) -> IntArray:
        """Give the places of the edges of a cart, item after item."""
        spans = [np.arange(self._offsets[item], self._offsets[item + 1]) for item in cart.tolist()]
        return np.concatenate(spans) if spans else np.zeros(0, np.int64)
