"""What completes a basket: ranking neighbors per product, from EASE or, beyond its reach, from Jaccard.

Lift explains and filters, it never ranks (SCIENCE 0).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.settings import Settings
from crosslift.stats import similarity
from crosslift.stats.pairs import PairCounts
from crosslift.stats.similarity import Neighbors


@dataclass(frozen=True, slots=True)
class Completion:
    """Neighbors with scores, and how many baskets hold both, aligned with `neighbors.ids`."""

    model: str
    neighbors: Neighbors
    n_both: npt.NDArray[np.int32]


def fit(counted: Baskets, pairs: PairCounts, settings: Settings) -> Completion:
    """Fit the ranking model on baskets of two and more products and keep each product's strongest neighbors."""
    model, weights = weigh(counted, pairs, settings)
    return keep(model, weights, pairs, settings)


def weigh(counted: Baskets, pairs: PairCounts, settings: Settings) -> tuple[str, Any]:
    """Give the model's name and its weights, shape (items, items)."""
    several = counted.take(counted.sizes >= 2)
    if counted.n_items <= settings["learn.ease_items"]:
        return "EASE", similarity.ease(several.items, several.offsets, counted.n_items, settings["learn.ease_lambda"])
    return "Jaccard", similarity.jaccard(pairs, several.item_counts())


def keep(model: str, weights: Any, pairs: PairCounts, settings: Settings) -> Completion:
    """Keep the strongest neighbors of each product."""
    n_items = weights.shape[0]
    neighbors = similarity.top_neighbors(weights, min(settings["learn.neighbors"], max(n_items - 1, 1)))
    return Completion(model, neighbors, baskets_with_both(neighbors, pairs, n_items))


def baskets_with_both(neighbors: Neighbors, pairs: PairCounts, n_items: int) -> npt.NDArray[np.int32]:
    """Look up how often each product was bought with each of its neighbors."""
    anchor = np.repeat(np.arange(n_items, dtype=np.int64), np.diff(neighbors.offsets))
    other = neighbors.ids.astype(np.int64)
    wanted = np.minimum(anchor, other) * n_items + np.maximum(anchor, other)
    keys = pairs.first.astype(np.int64) * n_items + pairs.second
    place = np.searchsorted(keys, wanted)
    place[place == len(keys)] = 0
    found = keys[place] == wanted if len(keys) else np.zeros(len(wanted), dtype=np.bool_)
    return np.where(found, pairs.n_both[place] if len(keys) else 0, 0).astype(np.int32)
