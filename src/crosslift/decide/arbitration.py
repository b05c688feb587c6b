"""The best list, not the best items: ordered, varied, at most as many as asked for."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.knowledge import Knowledge

Array = npt.NDArray[Any]
WIDER = 8


def choose(
    knowledge: Knowledge, candidates: Candidates, passed: Array, n_offers: int, max_per_category: int | None
) -> tuple[list[int], list[int]]:
    """Pick the list.

    Order: source of the policy, score, popularity, product id. With a category cap, what exceeds it is passed over
    while enough others are left.

    Returns
    -------
    chosen : list of int
        Places in the candidate arrays, best first.
    passed_over : list of int
        Places that scored higher than the last chosen but whose category was full.
    """
    places = np.flatnonzero(passed)
    if len(places) == 0:
        return [], []
    wanted = n_offers if max_per_category is None else min(len(places), n_offers * WIDER)
    if len(places) > 4 * wanted:
        best = _listed(knowledge, candidates, _shortlist(candidates, places, wanted), n_offers, max_per_category)
        if len(best[0]) == n_offers:
            return best
    return _listed(knowledge, candidates, places, n_offers, max_per_category)


def _listed(
    knowledge: Knowledge, candidates: Candidates, places: Array, n_offers: int, max_per_category: int | None
) -> tuple[list[int], list[int]]:
    items = candidates.items[places]
    order = np.lexsort((items, -knowledge.popularity[items], -candidates.scores[places], candidates.rank[places]))
    ranked = places[order]
    if max_per_category is None:
        return ranked[:n_offers].tolist(), []
    return _varied(knowledge, candidates, ranked, n_offers, max_per_category)


def _shortlist(candidates: Candidates, places: Array, wanted: int) -> Array:
    """Drop what certainly ranks below the wanted best, ties kept."""
    key = candidates.scores[places] - candidates.rank[places] * 1e6
    threshold = np.partition(key, len(key) - wanted)[len(key) - wanted]
    kept: Array = places[key >= threshold]
    return kept


def _varied(
    knowledge: Knowledge, candidates: Candidates, ranked: Array, n_offers: int, max_per_category: int
) -> tuple[list[int], list[int]]:
    chosen: list[int] = []
    full: list[int] = []
    seen: dict[int, int] = {}
    for place in ranked.tolist():
        if len(chosen) == n_offers:
            break
        category = int(knowledge.categories[candidates.items[place]])
        if seen.get(category, 0) >= max_per_category:
            full.append(place)
            continue
        seen[category] = seen.get(category, 0) + 1
        chosen.append(place)
    return chosen, full
