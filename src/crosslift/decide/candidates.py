"""What could be offered: each source gives product places, a score and the evidence it rests on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
NOTHING = np.zeros(0, dtype=np.int32)
NO_SCORES = np.zeros(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of all sources of a policy, each product once, kept by the first source that names it.

    `rank` is the place of the source in the policy: what an earlier source names goes before a later one.
    """

    items: Array
    scores: Array
    rank: Array
    sources: tuple[str, ...]


def gather(knowledge: Knowledge, cart: Array, policy: Policy, shows_bestsellers: bool) -> Candidates:
    """Ask each source of the policy.

    Parameters
    ----------
    cart : int32 array
        Places of the products in the cart (and held), known ones only.
    shows_bestsellers : bool
        Whether the placement lets labeled bestsellers fill it.
    """
    merged = knowledge.merger.merge(cart) if len(cart) else (NOTHING, NO_SCORES)
    found: list[tuple[Array, Array]] = []
    names: list[str] = []
    for source in policy.candidates:
        if source == "complement":
            found.append(_complements(knowledge, cart, merged))
        elif source == "completion":
            positive = merged[1] > 0
            found.append((merged[0][positive], merged[1][positive]))
        elif source == "bestseller" and (shows_bestsellers or "completion" in policy.candidates):
            best = knowledge.bestsellers
            found.append((best, knowledge.recent_counts[best] / (1.0 + knowledge.n_baskets)))
        else:
            continue
        names.append(source)
    return _joined(found, names, knowledge.n_items)


def _complements(knowledge: Knowledge, cart: Array, merged: tuple[Array, Array]) -> tuple[Array, Array]:
    """Tested companions of anything in the cart, scored by the whole cart."""
    edges = [knowledge.edges_of(int(item))[0] for item in cart]
    if not edges:
        return NOTHING, NO_SCORES
    items = np.unique(np.concatenate(edges))
    ids, scores = merged
    place = np.searchsorted(ids, items)
    place[place == len(ids)] = 0
    if len(ids) == 0:
        return items, np.zeros(len(items))
    return items, np.where(ids[place] == items, scores[place], 0.0)


def _joined(found: list[tuple[Array, Array]], names: list[str], n_items: int) -> Candidates:
    """Keep each product once, with the first source that names it; a source names a product once."""
    if len(found) == 1:
        items, scores = found[0]
        return Candidates(items, _rounded(scores), np.zeros(len(items), dtype=np.int8), tuple(names))
    if not found:
        return Candidates(NOTHING, NO_SCORES, np.zeros(0, dtype=np.int8), ())
    is_taken = np.zeros(n_items, dtype=np.bool_)
    kept: list[tuple[Array, Array]] = []
    for items, scores in found:
        fresh = ~is_taken[items]
        is_taken[items] = True
        kept.append((items[fresh], scores[fresh]))
    rank = np.repeat(np.arange(len(kept), dtype=np.int8), [len(items) for items, _ in kept])
    scores = np.concatenate([scores for _, scores in kept])
    return Candidates(np.concatenate([items for items, _ in kept]), _rounded(scores), rank, tuple(names))


def _rounded(scores: Array) -> Array:
    """Scores are compared to one millionth, so that every machine orders alike (DESIGN 1)."""
    return np.round(scores, 6)
