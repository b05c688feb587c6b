"""Put products in order, and say how good an order was. No order depends on chance or on the machine."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats import cart_kernels, kernels
from crosslift.stats.arrays import BoolArray, FloatArray, IntArray

Ids = npt.NDArray[np.int64]
FEW = 64
"""So many of the first are found by a walk over all; more by a sort."""


def rank_scores(
    scores: npt.ArrayLike,
    popularity: npt.NDArray[np.generic],
    masked: IntArray | BoolArray,
    k: int,
    ids_order: IntArray | None = None,
) -> Ids:
    """Give the k best items, best first.

    Parameters
    ----------
    scores, popularity : array, shape (items,)
        Scores equal to 1e-9 are ordered by popularity, higher first.
    masked : array of int or bool
        Items that may not appear: their indexes, or one truth value an item.
    k : int
        Length of the list; fewer come back where fewer are left.
    ids_order : array of int, shape (items,), optional
        Place of each item in order of product id, which breaks the last ties. Without it items are numbered
        in that order already.

    Returns
    -------
    int64 array, shape (at most k,)
        Item indexes.

    Examples
    --------
    Item 3 is in the cart; 1 and 2 tie, and more people buy 2:

    >>> rank_scores(np.array([0.1, 0.5, 0.5, 0.9]), np.array([9, 1, 4, 7]), np.array([3]), 2).tolist()
    [2, 1]
    """
    rounded = np.round(np.asarray(scores, np.float64), 9)
    rounded[masked] = -np.inf
    items = np.flatnonzero(rounded > -np.inf)
    if items.size > k > 0:
        items = items[rounded[items] >= np.partition(rounded[items], items.size - k)[items.size - k]]
    last = items if ids_order is None else ids_order[items]
    return items[np.lexsort((last, -popularity[items].astype(np.float64), -rounded[items]))][:k]


def recall_at(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> float:
    """Give the hits among the first k, of the most there could be: min(k, |truth|). In 0..1."""
    hits = _hits(ranked, truth, k)
    return float(hits.sum() / min(k, np.size(truth)))


def ndcg_at(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> float:
    """Give Σ hit/log2(place + 1) over the first k, of the most there could be with min(k, |truth|) hits.

    Examples
    --------
    Two wanted, found at places 1 and 3: (1 + 1/2) / (1 + 1/log2 3).

    >>> round(ndcg_at([4, 9, 7], [7, 4], 3), 4)
    0.9197
    """
    hits = _hits(ranked, truth, k)
    return float(_discounts(hits.size) @ hits / _discounts(min(k, np.size(truth))).sum())


def ndcg_full(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> float:
    """Give NDCG whose ideal holds the whole truth, also what cannot fit in k places; at most `ndcg_at`."""
    hits = _hits(ranked, truth, k)
    return float(_discounts(hits.size) @ hits / _discounts(np.size(truth)).sum())


def hit_rate_at(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> float:
    """Give 1 if any of the first k was wanted, else 0."""
    return float(_hits(ranked, truth, k).any())


def mrr_at(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> float:
    """Give 1 / place of the first hit among the first k, 0 without one."""
    hits = _hits(ranked, truth, k)
    return float(1 / (np.argmax(hits) + 1)) if hits.any() else 0.0


def coverage(ranked_lists: Sequence[npt.ArrayLike], k: int, n_items: int) -> float:
    """Give the share of all items that appear in the first k of at least one list."""
    return float(np.unique(_heads(ranked_lists, k)).size / n_items)


def novelty(ranked_lists: Sequence[npt.ArrayLike], popularity: IntArray, n_baskets: int, k: int) -> float:
    """Give the mean of −log2(share of baskets with the item) over all shown items; nan where none is shown.

    Items in no basket count as in one. `popularity` has shape (items,), in baskets.
    """
    shown = popularity[_heads(ranked_lists, k)]
    return float(-np.log2(np.maximum(shown, 1) / n_baskets).mean()) if shown.size else float("nan")


def evaluate(
    ranked_lists: Sequence[npt.ArrayLike], truths: Sequence[npt.ArrayLike], k: int, n_items: int
) -> tuple[dict[str, float], dict[str, FloatArray]]:
    """Measure one ranked list a query against what was really wanted.

    Parameters
    ----------
    ranked_lists, truths : sequence of array of int, length queries
        Items shown, best first; items wanted, each once, at least one.
    k : int
        Places that count.
    n_items : int
        Items that could be shown.

    Returns
    -------
    figures : dict
        Means of recall, ndcg, ndcg_full, hit_rate and mrr; coverage; queries.
    per_query : dict of float64 array, shape (queries,)
        The five figures of each query, for `resample.paired_bootstrap`.

    Raises
    ------
    BadInput
        If there is no query, or one with nothing to find.
    """
    if not truths or len(ranked_lists) != len(truths):
        raise BadInput(f"{len(ranked_lists)} lists for {len(truths)} queries; give one list for each, at least one")
    measures = {
        "recall": recall_at,
        "ndcg": ndcg_at,
        "ndcg_full": ndcg_full,
        "hit_rate": hit_rate_at,
        "mrr": mrr_at,
    }
    per_query = {
        name: np.array([measure(*query, k) for query in zip(ranked_lists, truths, strict=True)])
        for name, measure in measures.items()
    }
    figures = {name: float(values.mean()) for name, values in per_query.items()}
    figures["coverage"] = coverage(ranked_lists, k, n_items)
    figures["queries"] = float(len(truths))
    return figures, per_query


def _hits(ranked: npt.ArrayLike, truth: npt.ArrayLike, k: int) -> BoolArray:
    wanted = np.asarray(truth)
    if not wanted.size:
        raise BadInput("a query has nothing to find; leave it out")
    return np.isin(np.asarray(ranked)[:k], wanted)


def _heads(ranked_lists: Sequence[npt.ArrayLike], k: int) -> Ids:
    return np.concatenate([np.empty(0, np.int64), *(np.asarray(ranked, np.int64)[:k] for ranked in ranked_lists)])


def _discounts(places: int) -> FloatArray:
    return 1.0 / np.log2(np.arange(2, places + 2))


def first_of(
    tiers: IntArray, values: FloatArray, popularity: IntArray, items: IntArray, places: IntArray, n: int
) -> Ids:
    """Give the first of some places: by lowest tier, highest value, most popular item, smallest item id.

    Parameters
    ----------
    tiers : int8 array, shape (candidates,)
        A lower tier goes before any value of a higher one.
    values : float64 array, shape (candidates,)
        Finite.
    popularity : int64 array, shape (items,)
        Read-only, as a snapshot's columns are.
    items : int32 array, shape (candidates,)
        What stands at each place.
    places : int64 array, shape (p,)
        The places to order.
    n : int
        How many are wanted.

    Returns
    -------
    int64 array, shape (min(n, p),)

    Examples
    --------
    >>> tiers, values = np.array([1, 0, 0], np.int8), np.array([9.0, 1.0, 2.0])
    >>> first_of(tiers, values, np.zeros(3, np.int64), np.arange(3, dtype=np.int32), np.arange(3), 2).tolist()
    [2, 1]
    """
    kernel = kernels.code_of(cart_kernels.first_ranked) if n <= FEW else None
    if kernel is not None:
        best: Ids = np.empty(min(n, len(places)), np.int64)
        columns = np.asarray(tiers, np.int8), values, popularity, np.asarray(items, np.int32)
        return best[: kernel(*columns, places, best)]
    named = items[places]
    order = np.lexsort((named, -popularity[named], -values[places], tiers[places]))
    return np.asarray(places[order[:n]], np.int64)
