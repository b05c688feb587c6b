"""What to believe of a pair that a handful of baskets speak for: its lift, drawn toward that of its categories.

A shop of 200 orders has pairs that met three times where a fifth of a time was expected. Lift 15 is what the counts say; what
one would bet on lies between that and what pairs of these two categories usually have (SCIENCE 4.1, shrinkage).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.stats.pairs import PairCounts
from crosslift.stats.shrink import prior_weight, shrunk_lift

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

MOST_PAIRS = 125_000
"""Pairs the shop's habits are learned from: all of up to 500 products, a random part of more."""

LEVELS = 3
"""How deep a category path is followed; a pair deeper down takes what is known of its third level."""


@dataclass(frozen=True, slots=True)
class Met:
    """Pairs of sold products, seen or not, how often they met and how often chance would have it."""

    first: Items
    second: Items
    n_both: Ints
    expected: Floats


def reference_pairs(item_counts: Ints, seed: int) -> tuple[Items, Items]:
    """Give all pairs of products that were sold, or where these are too many a random part of them."""
    sold = np.flatnonzero(item_counts).astype(np.int32)
    if len(sold) * (len(sold) - 1) // 2 <= MOST_PAIRS:
        one, two = np.triu_indices(len(sold), 1)
        return sold[one], sold[two]
    drawn = np.random.default_rng(seed).integers(0, len(sold), (2, MOST_PAIRS))
    one, two = drawn[:, drawn[0] != drawn[1]]
    return sold[np.minimum(one, two)], sold[np.maximum(one, two)]


def met(pairs: PairCounts, asked: tuple[Items, Items], expected: Floats) -> Met:
    """Look up how often the reference pairs met; those that chance cannot bring together teach nothing and go."""
    first, second = (items[expected > 0] for items in asked)
    return Met(first, second, look_up(pairs, first, second), expected[expected > 0])


def look_up(pairs: PairCounts, first: Items, second: Items, column: Items | None = None) -> Ints:
    """Give the baskets with both (or another column of `pairs`) for any pairs, first < second; 0 if they never met."""
    if not len(pairs):
        return np.zeros(len(first), dtype=np.int64)
    width = int(max(pairs.second.max(), second.max(initial=0))) + 1
    keys, wanted = pairs.first.astype(np.int64) * width + pairs.second, first.astype(np.int64) * width + second
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, (pairs.n_both if column is None else column)[place], 0).astype(np.int64)


def shrink(
    first: Items, second: Items, n_both: Ints, expected: Floats, known: Met, categories: Sequence[str | None] | None
) -> tuple[Floats, Floats]:
    """Give the lift we would bet on for each pair, and the bound it exceeds with 95 %; shape (pairs,) each.

    The prior starts from the shop as a whole and is refined level by level of the category path; each level's own lift is
    itself shrunk toward the level above it, by weights learned from the data (empirical Bayes).
    """
    if not len(known.n_both) or not len(first):
        return np.full(len(first), np.nan), np.full(len(first), np.nan)
    overall = known.n_both.sum() / known.expected.sum()
    prior, of_known = np.full(len(first), overall), np.full(len(known.first), overall)
    for level in range(1, LEVELS + 1) if categories is not None else ():
        number = _category_numbers(categories or (), level)
        if not number.any():
            break
        cells = _cells(number, known.first, known.second)
        kinds, cell = np.unique(cells, return_inverse=True)
        n, mean = np.bincount(cell, known.n_both), np.bincount(cell, known.expected)
        above = np.bincount(cell, of_known * known.expected) / mean
        lifts, _ = shrunk_lift(n, mean, above, prior_weight(n, mean, above))
        of_known = np.where(cells > 0, lifts[cell], of_known)
        asked = _cells(number, first, second)
        place = np.minimum(np.searchsorted(kinds, asked), len(kinds) - 1)
        prior = np.where((asked > 0) & (kinds[place] == asked), lifts[place], prior)
    return shrunk_lift(n_both, expected, prior, prior_weight(known.n_both, known.expected, of_known))


def _category_numbers(categories: Sequence[str | None], level: int) -> Ints:
    """Number the categories of one level from 1; 0 for items whose path does not reach it."""
    paths = [(path or "").strip("/").split("/") for path in categories]
    names = {"": 0}
    return np.array(
        [
            names.setdefault("/".join(path[:level]), len(names)) if path[0] and len(path) >= level else 0
            for path in paths
        ],
        dtype=np.int64,
    )


def _cells(number: Ints, first: Items, second: Items) -> Ints:
    """Number pairs of categories, in either order; 0 where one of the two is unknown."""
    low, high = np.minimum(number[first], number[second]), np.maximum(number[first], number[second])
    return np.where(low > 0, low * (int(number.max()) + 1) + high, 0)
