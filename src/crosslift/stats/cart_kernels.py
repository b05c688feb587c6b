"""The loops of one decision, over the neighbors and the tested companions of a cart; `kernels.compiled` makes them fast.

Sets of items are kept as one bit an item and their words are walked in order, so that ids come out ascending without a sort.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from crosslift.stats.arrays import FloatArray, IntArray

DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # its 64 windows of 6 bits all differ, so they name the lowest bit
PLACE_OF_BIT = np.zeros(64, np.int64)
PLACE_OF_BIT[[int(DE_BRUIJN) << bit >> 58 & 63 for bit in range(64)]] = np.arange(64)


def merge_scores(
    offsets: IntArray,
    neighbor_ids: IntArray,
    neighbor_scores: FloatArray,
    cart: IntArray,
    weights: FloatArray,
    total: FloatArray,
    touched: IntArray,
    ids: IntArray,
    scores: FloatArray,
) -> int:
    """Add up the neighbors of a cart, item after item; give how many there are, −1 for an unknown item.

    Ids come out ascending: `touched` has one bit an item, and its words are walked in order.
    """
    for position in range(cart.size):
        if not 0 <= cart[position] < offsets.size - 1:
            return -1
    for position in range(cart.size):
        for k in range(offsets[cart[position]], offsets[cart[position] + 1]):
            item = np.uint32(neighbor_ids[k])
            total[item] += weights[position] * np.float64(neighbor_scores[k])
            touched[item >> np.uint32(6)] |= np.uint64(1) << np.uint64(item & np.uint32(63))
    n_ids = 0
    for word in range(touched.size):
        bits = touched[word]
        touched[word] = 0
        while bits:
            lowest = bits & (~bits + np.uint64(1))
            item = np.uint32(word * 64 + PLACE_OF_BIT[(lowest * DE_BRUIJN) >> np.uint64(58)])
            ids[n_ids], scores[n_ids] = item, total[item]
            total[item] = 0.0
            n_ids += 1
            bits ^= lowest
    return n_ids


def companion_scores(
    edge_offsets: IntArray,
    edge_ids: IntArray,
    offsets: IntArray,
    neighbor_ids: IntArray,
    neighbor_scores: FloatArray,
    cart: IntArray,
    total: FloatArray,
    touched: IntArray,
    ids: IntArray,
    scores: FloatArray,
) -> int:
    """Give what the edges of a cart lead to, ascending, each with the added scores of the cart's neighbors, 0 for none.

    How many there are, −1 for an unknown item. Scores are added in the order of the cart, as `merge_scores` does.
    """
    for position in range(cart.size):
        if not 0 <= cart[position] < edge_offsets.size - 1:
            return -1
    for position in range(cart.size):
        for k in range(edge_offsets[cart[position]], edge_offsets[cart[position] + 1]):
            item = np.uint32(edge_ids[k])
            touched[item >> np.uint32(6)] |= np.uint64(1) << np.uint64(item & np.uint32(63))
        for k in range(offsets[cart[position]], offsets[cart[position] + 1]):
            total[np.uint32(neighbor_ids[k])] += np.float64(neighbor_scores[k])
    n_ids = 0
    for word in range(touched.size):
        bits = touched[word]
        touched[word] = 0
        while bits:
            lowest = bits & (~bits + np.uint64(1))
            item = np.uint32(word * 64 + PLACE_OF_BIT[(lowest * DE_BRUIJN) >> np.uint64(58)])
            ids[n_ids], scores[n_ids] = item, total[item]
            n_ids += 1
            bits ^= lowest
    for position in range(cart.size):
        for k in range(offsets[cart[position]], offsets[cart[position] + 1]):
            total[np.uint32(neighbor_ids[k])] = 0.0
    return n_ids


def firsts(items: IntArray, touched: IntArray, places: IntArray) -> int:
    """List the places at which each item stands for the first time; how many there are."""
    n_places = 0
    for place in range(items.size):
        item = np.uint32(items[place])
        word, bit = item >> np.uint32(6), np.uint64(1) << np.uint64(item & np.uint32(63))
        if not touched[word] & bit:
            touched[word] |= bit
            places[n_places] = place
            n_places += 1
    for place in range(n_places):
        touched[np.uint32(items[places[place]]) >> np.uint32(6)] = 0
    return n_places


def strongest_edges(
    edge_offsets: IntArray,
    edge_ids: IntArray,
    edge_pairs: IntArray,
    lows: FloatArray,
    of_pair: IntArray,
    stopped: IntArray,
    cart: IntArray,
    items: IntArray,
    rows: IntArray,
    anchors: IntArray,
) -> None:
    """Find for each item the edge from the cart to it with the highest lower bound, of equals the first.

    Only edges whose condition, `of_pair` of their row, is not `stopped`. Gives their `rows` and the item of the cart they
    start from; where there is none both stay as they are.
    """
    for place in range(items.size):
        best = -np.inf
        for position in range(cart.size):
            for k in range(edge_offsets[cart[position]], edge_offsets[cart[position] + 1]):
                if edge_ids[k] == items[place]:
                    row = edge_pairs[k]
                    if stopped[of_pair[row]] == 0 and lows[row] > best:
                        best, rows[place], anchors[place] = lows[row], row, cart[position]


def first_ranked(
    tiers: IntArray,
    values: FloatArray,
    popularity: IntArray,
    items: IntArray,
    places: IntArray,
    best: IntArray,
) -> int:
    """Fill `best` with the first of some places, in order; how many there are. See `ranking.first_of`."""
    n_best = 0
    for place in places:
        at = n_best
        while at:
            other = best[at - 1]
            if tiers[place] != tiers[other]:
                is_before = tiers[place] < tiers[other]
            elif values[place] != values[other]:
                is_before = values[place] > values[other]
            elif popularity[items[place]] != popularity[items[other]]:
                is_before = popularity[items[place]] > popularity[items[other]]
            else:
                is_before = items[place] < items[other]
            if not is_before:
                break
            at -= 1
        if at < best.size:
            n_best = min(n_best + 1, best.size)
            for later in range(n_best - 1, at, -1):
                best[later] = best[later - 1]
            best[at] = place
    return n_best


def smallest_calls() -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """One call of each kernel, by the types of a published snapshot, whose columns are read-only."""
    neighbors = (np.zeros(2, np.int64), np.zeros(1, np.int32), np.zeros(1, np.float32))
    edges = (np.zeros(2, np.int64), np.zeros(1, np.int32), np.zeros(1, np.int32))
    tested = np.zeros(1), np.zeros(1, np.uint16), np.zeros(1, np.uint16)
    for column in (*neighbors, *edges, *tested):
        column.flags.writeable = False
    total, touched, ids, scores = np.zeros(1), np.zeros(1, np.uint64), np.zeros(1, np.int32), np.zeros(1)
    cart, places = np.zeros(1, np.int32), np.zeros(1, np.int64)
    return [
        (merge_scores, (*neighbors, cart, np.zeros(1), total, touched, ids, scores)),
        (companion_scores, (*edges[:2], *neighbors, cart, total, touched, ids, scores)),
        (firsts, (cart, touched, places)),
        (strongest_edges, (*edges, *tested, cart, cart, places, places.copy())),
        (first_ranked, (np.zeros(1, np.int8), np.zeros(1), neighbors[0], cart, places, places.copy())),
    ]
