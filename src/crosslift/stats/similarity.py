"""How close two products are, learned from baskets: score matrices and the neighbors kept from them.

Row a of a matrix scores what goes with item a; a cart's scores are the sum over its rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.pairs import PairCounts, check_baskets, count_pairs

Scores = Any  # scipy.sparse.csr_array of float64, shape (items, items), without diagonal


def item_counts(items: npt.ArrayLike, n_items: int) -> npt.NDArray[np.int64]:
    """Count the baskets that hold each item: shape (items,), for baskets without repeated items."""
    return np.bincount(np.asarray(items), minlength=n_items).astype(np.int64, copy=False)


def cosine(pairs: PairCounts, counts: IntArray) -> Scores:
    """Score n_both / √(n_a·n_b), in 0..1; `counts` has shape (items,), as from `item_counts`."""
    a, b = counts[pairs.first], counts[pairs.second]
    return _both_ways(pairs, counts, pairs.n_both / np.sqrt(a * b.astype(np.float64)))


def jaccard(pairs: PairCounts, counts: IntArray) -> Scores:
    """Score n_both / (baskets with either), in 0..1; `counts` as in `cosine`.

    Examples
    --------
    Tea in 4 baskets, honey in 3, both in 2: 2 of the 5 baskets with either.

    >>> one_pair = PairCounts(*(np.array([number], np.int32) for number in (0, 1, 2, 2)))
    >>> jaccard(one_pair, np.array([4, 3])).toarray().tolist()
    [[0.0, 0.4], [0.4, 0.0]]
    """
    either = counts[pairs.first] + counts[pairs.second] - pairs.n_both
    return _both_ways(pairs, counts, pairs.n_both / either)


def confidence(pairs: PairCounts, counts: IntArray) -> Scores:
    """Score P(column | row) = n_both / n_row; not symmetric. `counts` as in `cosine`."""
    return _both_ways(pairs, counts, pairs.n_both / counts[pairs.first], pairs.n_both / counts[pairs.second])


def lift(pairs: PairCounts, counts: IntArray, n_baskets: int) -> Scores:
    """Score n_both·N / (n_a·n_b); the worst ranker there is, kept as a baseline. `counts` as in `cosine`."""
    a, b = counts[pairs.first], counts[pairs.second]
    return _both_ways(pairs, counts, pairs.n_both * float(n_baskets) / (a * b.astype(np.float64)))


def ease(items: npt.ArrayLike, offsets: npt.ArrayLike, n_items: int, ridge: float) -> FloatArray:
    """Learn the item weights that best restore each basket from its other items (EASE).

    Parameters
    ----------
    items, offsets : array of int, shapes (lines,) and (baskets + 1,)
        Baskets as `pairs.count_pairs` takes them.
    n_items : int
        Memory is 8·n_items² bytes, time grows with its cube.
    ridge : float
        λ > 0; larger trusts rare items less.

    Returns
    -------
    float64 array, shape (items, items)
        B = I − P·diag(1/diag P) with P = (XᵀX + λI)⁻¹; zero diagonal, not symmetric, partly negative.

    Raises
    ------
    BadInput
        If λ is not positive, or the baskets do not fit.

    References
    ----------
    Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data, equation 8.
    """
    if not ridge > 0:
        raise BadInput(f"ridge is {ridge}; it must be above 0, 100 is a good start")
    lines, starts = check_baskets(items, offsets, n_items)
    pairs = count_pairs(lines, starts, n_items)
    gram = np.zeros((n_items, n_items), order="F")  # as LAPACK wants it, which then works in place
    gram[pairs.second, pairs.first] = pairs.n_both  # the lower triangle is all it reads
    np.fill_diagonal(gram, item_counts(lines, n_items) + ridge)
    factor, failed = linalg.lapack.dpotrf(gram, lower=True, overwrite_a=True)
    if failed:
        raise BadInput(f"ridge {ridge} is too small for these baskets; raise it")
    inverse, _ = linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)
    for row in range(1, n_items):
        inverse[:row, row] = inverse[row, :row]
    weights: FloatArray = inverse.T  # the same by symmetry, with rows side by side in memory
    weights /= -np.diagonal(weights).copy()
    np.fill_diagonal(weights, 0.0)
    return weights


@dataclass(frozen=True, slots=True)
class Neighbors:
    """The strongest neighbors of every item, strongest first.

    Attributes
    ----------
    offsets : int64 array, shape (items + 1,)
        Where the neighbors of each item start.
    ids : int32 array, shape (neighbors,)
        Item ids.
    scores : float32 array, shape (neighbors,)
        Their scores, falling in magnitude within each item.
    """

    offsets: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]


def top_neighbors(matrix: Scores, k: int) -> Neighbors:
    """Keep the k strongest scores of each row, of either sign; scores equal to 1e-9 are ordered by the lower id.

    What speaks against an item counts as much as what speaks for it: on Online Retail the 800 strongest of 3,625
    EASE weights rank like all of them (NDCG@10 .2923), the 800 highest do not (.2889).

    Parameters
    ----------
    matrix : array or scipy.sparse array, shape (items, items)
        Zeros and the diagonal are no neighbors.
    k : int
        Most neighbors an item keeps.

    Examples
    --------
    >>> kept = top_neighbors(np.array([[0, 0.2, 0.5], [0.2, 0, 0.2], [0.5, 0, 0]]), 1)
    >>> kept.offsets.tolist(), kept.ids.tolist()
    ([0, 1, 2, 3], [2, 0, 0])
    """
    rows: Scores = None if isinstance(matrix, np.ndarray) else matrix.tocsr()
    n_items = matrix.shape[0]
    ids, scores = [], []
    for item in range(n_items):
        if rows is None:
            columns = np.flatnonzero(matrix[item])
            values = matrix[item, columns]
        else:
            cells = slice(rows.indptr[item], rows.indptr[item + 1])
            columns, values = rows.indices[cells], rows.data[cells]
        is_neighbor = (columns != item) & (values != 0)
        columns, rounded = columns[is_neighbor], np.round(values[is_neighbor], 9)
        if columns.size > k:
            strength = np.abs(rounded)
            is_candidate = strength >= np.partition(strength, columns.size - k)[columns.size - k]
            columns, rounded = columns[is_candidate], rounded[is_candidate]
        best = np.lexsort((columns, -np.abs(rounded)))[:k]
        ids.append(columns[best].astype(np.int32))
        scores.append(rounded[best].astype(np.float32))
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.int64)
    none = np.empty(0, np.int32)
    return Neighbors(offsets, np.concatenate([none, *ids]), np.concatenate([none.astype(np.float32), *scores]))


def _both_ways(pairs: PairCounts, counts: IntArray, forth: FloatArray, back: FloatArray | None = None) -> Scores:
    """Fill (first, second) and (second, first)."""
    scores = np.concatenate([forth, forth if back is None else back])
    rows, columns = np.concatenate([pairs.first, pairs.second]), np.concatenate([pairs.second, pairs.first])
    return sparse.coo_array((scores, (rows, columns)), shape=(counts.size, counts.size)).tocsr()
