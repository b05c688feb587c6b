"""The best list, not the best items: ordered, varied, at most as many as asked for."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.offer import GOES_WITH
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
WIDER = 8
SLOW_LEVER = 3.0
"""What slow stock counts for where it is relevant enough; one product a list, the most relevant."""
ONE_PER_CATEGORY = frozenset({"required"})
"""Of what serves the same need one is told: the others are a choice, and choices stand on the page of that need."""
FEWEST_TO_RESERVE = 3
"""Shorter lists keep no place for a kind: there the best goes."""


def prefer_slow(
    knowledge: Knowledge, candidates: Candidates, passed: Array, now_day: int, near_days: int, floor: float
) -> Candidates:
    """Prefer one slow or near-date product among those that go with the cart, where it is relevant enough.

    Relevant enough is `floor` times the best score of its own source: below it slow stock is left where it stands.
    """
    items = candidates.items
    dates = knowledge.best_before[items]
    is_near = (dates >= now_day) & (dates - now_day <= near_days)
    is_slow = passed & (knowledge.is_slow[items] | is_near) & candidates.from_sources(GOES_WITH)
    places = np.flatnonzero(is_slow)
    if len(places) == 0:
        return candidates
    best_of = np.zeros(len(candidates.sources))
    np.maximum.at(best_of, candidates.rank[passed], candidates.scores[passed])
    enough = places[candidates.scores[places] >= floor * best_of[candidates.rank[places]]]
    enough = enough[candidates.scores[enough] > 0]
    if len(enough) == 0:
        return candidates
    order = np.lexsort((items[enough], -candidates.scores[enough], candidates.rank[enough]))
    weights = candidates.weights.copy()
    weights[enough[order[0]]] *= SLOW_LEVER
    return candidates.with_weights(weights)


def choose(
    knowledge: Knowledge,
    candidates: Candidates,
    passed: Array,
    n_offers: int,
    policy: Policy,
) -> tuple[list[int], list[int]]:
    """Pick the list.

    Order: source, score times the merchant's factor, popularity, product id. With a cap on categories or kinds, what
    exceeds it is passed over; a kind with a reserved place keeps it where the list is long enough.

    Returns
    -------
    chosen : list of int
        Places in the candidate arrays, best first.
    passed_over : list of int
        Places that scored higher than the last chosen but whose category or kind was full.
    """
    places = np.flatnonzero(passed)
    if len(places) == 0:
        return [], []
    is_capped = policy.max_per_category is not None or policy.max_per_kind or policy.reserved
    wanted = min(len(places), n_offers * WIDER) if is_capped else n_offers
    if len(places) > 4 * wanted and not policy.reserved:
        best = _listed(knowledge, candidates, _shortlist(candidates, places, wanted), n_offers, policy)
        if len(best[0]) == n_offers:
            return best
    return _listed(knowledge, candidates, places, n_offers, policy)


def _listed(
    knowledge: Knowledge, candidates: Candidates, places: Array, n_offers: int, policy: Policy
) -> tuple[list[int], list[int]]:
    items = candidates.items[places]
    value = np.round(candidates.scores[places] * candidates.weights[places], 6)
    order = np.lexsort((items, -knowledge.popularity[items], -value, candidates.rank[places]))
    ranked = places[order]
    if policy.max_per_category is None and not policy.max_per_kind and not policy.reserved:
        return ranked[:n_offers].tolist(), []
    waiting = _reserved(candidates, ranked, n_offers, policy)
    best = _varied(knowledge, candidates, ranked, n_offers, policy, waiting)
    if len(best[0]) < n_offers and waiting:  # a kept place that nothing could take is given back
        best = max(best, _varied(knowledge, candidates, ranked, n_offers, policy, {}), key=lambda one: len(one[0]))
    return best


def _shortlist(candidates: Candidates, places: Array, wanted: int) -> Array:
    """Drop what certainly ranks below the wanted best, ties kept."""
    key = np.round(candidates.scores[places] * candidates.weights[places], 6) - candidates.rank[places] * 1e6
    threshold = np.partition(key, len(key) - wanted)[len(key) - wanted]
    kept: Array = places[key >= threshold]
    return kept


def _varied(
    knowledge: Knowledge, candidates: Candidates, ranked: Array, n_offers: int, policy: Policy, reserved: dict[str, int]
) -> tuple[list[int], list[int]]:
    waiting = dict(reserved)
    chosen: list[int] = []
    full: list[int] = []
    in_category: dict[int, int] = {}
    of_kind: dict[str, int] = {}
    told: set[tuple[str, int]] = set()
    for place in ranked.tolist():
        kind = candidates.source_of(place)
        if len(chosen) + sum(waiting.values()) - (1 if waiting.get(kind) else 0) >= n_offers:
            if not any(waiting.values()):
                break
            continue
        category = int(knowledge.categories[candidates.items[place]])
        too_many = policy.max_per_category is not None and in_category.get(category, 0) >= policy.max_per_category
        too_many |= kind in ONE_PER_CATEGORY and (kind, category) in told
        if too_many or of_kind.get(kind, 0) >= policy.max_per_kind.get(kind, n_offers):
            full.append(place)
            continue
        in_category[category] = in_category.get(category, 0) + 1
        of_kind[kind] = of_kind.get(kind, 0) + 1
        told.add((kind, category))
        waiting[kind] = max(waiting.get(kind, 0) - 1, 0)
        chosen.append(place)
    return chosen, full


def _reserved(candidates: Candidates, ranked: Array, n_offers: int, policy: Policy) -> dict[str, int]:
    """Count the places kept for kinds that have something to say."""
    if n_offers < FEWEST_TO_RESERVE or not policy.reserved:
        return {}
    counts = np.bincount(candidates.rank[ranked], minlength=len(candidates.sources))
    present = dict(zip(candidates.sources, counts.tolist(), strict=False))
    return {kind: min(n, present.get(kind, 0)) for kind, n in policy.reserved.items() if present.get(kind, 0)}
