"""Communities of a weighted graph: nodes that hold together more than their own strength explains."""

from collections import deque

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from crosslift.errors import BadInput
from crosslift.stats.arrays import IntArray

MIN_GAIN = 1e-12
"""Moves that gain less are rounding, and would go back and forth for ever."""


def louvain(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    weight: npt.ArrayLike,
    n_nodes: int,
    *,
    seed: int,
    resolution: float = 1.0,
) -> npt.NDArray[np.int32]:
    """Group the nodes of an undirected graph by greedy modularity; every group is connected.

    Parameters
    ----------
    first, second : array of int, shape (edges,)
        Nodes in 0..n_nodes − 1, each edge once.
    weight : array of float, shape (edges,)
        Above 0.
    seed : int
        Of the order in which nodes are visited; same seed, same groups.
    resolution : float
        Above 1 gives more and smaller groups.

    Returns
    -------
    int32 array, shape (n_nodes,)
        Group of each node, numbered from 0 by first appearance; nodes without an edge are groups of their own.

    Raises
    ------
    BadInput
        If nodes are out of range, an edge leads from a node to itself, or a weight is not above 0.

    References
    ----------
    Blondel et al. (2008), Fast unfolding of communities in large networks. Groups that fell apart, as Traag et al. (2019)
    show they may, are split into their connected parts.

    Examples
    --------
    Two triangles with one edge between them:

    >>> louvain([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3], [1] * 7, 6, seed=0).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    a, b, w = np.asarray(first, np.int64), np.asarray(second, np.int64), np.asarray(weight, np.float64)
    if a.size and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n_nodes):
        raise BadInput(f"an edge has a node that is not in 0..{n_nodes - 1}")
    if np.any(a == b) or not np.all(w > 0):
        raise BadInput("edges lead to another node and have a weight above 0; leave the others out")
    whole = sparse.csr_array((np.r_[w, w], (np.r_[a, b], np.r_[b, a])), shape=(n_nodes, n_nodes))
    chance = np.random.default_rng(seed)
    graph = whole
    label: IntArray = np.arange(n_nodes)
    while True:
        moved = _compact(_moved(graph, chance, resolution))
        label = moved[label]
        n_groups = int(moved.max(initial=-1)) + 1
        if n_groups == graph.shape[0]:
            break
        belongs = sparse.csr_array((np.ones(len(moved)), (np.arange(len(moved)), moved)), shape=(len(moved), n_groups))
        graph = (belongs.T @ graph @ belongs).tocsr()
    return _connected(whole, label)


def _moved(graph: sparse.csr_array, chance: np.random.Generator, resolution: float) -> IntArray:
    """Move each node to the neighboring group that gains most, until none gains; edges within a node are on the diagonal."""
    n = graph.shape[0]
    strength = np.asarray(graph.sum(axis=1)).ravel().tolist()
    total = sum(strength) or 1.0
    starts, neighbors, weights = graph.indptr.tolist(), graph.indices.tolist(), graph.data.tolist()
    label, sums = list(range(n)), list(strength)
    waiting = deque(chance.permutation(n).tolist())
    is_waiting = [True] * n
    while waiting:
        node = waiting.popleft()
        is_waiting[node] = False
        ties: dict[int, float] = {label[node]: 0.0}
        around = range(starts[node], starts[node + 1])
        for at in around:
            if neighbors[at] != node:
                group = label[neighbors[at]]
                ties[group] = ties.get(group, 0.0) + weights[at]
        own, pull = label[node], resolution * strength[node] / total
        sums[own] -= strength[node]
        gains = {group: tie - pull * sums[group] for group, tie in ties.items()}
        best = min(gains, key=lambda group: (-gains[group], group))
        label[node] = best = best if gains[best] > gains[own] + MIN_GAIN else own
        sums[best] += strength[node]
        if best != own:
            for at in around:
                other = neighbors[at]
                if label[other] != best and not is_waiting[other]:
                    is_waiting[other] = True
                    waiting.append(other)
    return np.array(label, dtype=np.int64)


def _connected(graph: sparse.csr_array, label: IntArray) -> npt.NDArray[np.int32]:
    """Split groups into their connected parts, numbered by first appearance."""
    edges = graph.tocoo()
    inner = label[edges.row] == label[edges.col]
    kept = sparse.csr_array((edges.data[inner], (edges.row[inner], edges.col[inner])), shape=graph.shape)
    _, parts = connected_components(kept, directed=False)
    return _compact(parts).astype(np.int32)


def _compact(label: IntArray) -> IntArray:
    """Number groups from 0 by first appearance."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    numbered: IntArray = place[inverse]
    return numbered
