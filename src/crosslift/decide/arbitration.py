"""The best list, not the best items: ordered, varied, at most as many as asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.placement import GOES_WITH, NEEDS
from crosslift.domain.policy import Policy
from crosslift.stats import ranking

Array = npt.NDArray[Any]
WIDER = 8
AT_ONCE = 8
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
    if not (knowledge.has_slow or knowledge.has_dates):
        return candidates
    items = candidates.items
    is_slow = knowledge.is_slow[items]
    if knowledge.has_dates:
        dates = knowledge.best_before[items]
        is_slow |= (dates >= now_day) & (dates - now_day <= near_days)
    if not np.count_nonzero(is_slow):
        return candidates
    places = np.flatnonzero(is_slow & passed & candidates.from_sources(GOES_WITH))
    if len(places) == 0:
        return candidates
    best_of = np.zeros(len(candidates.sources))
    for rank in set(candidates.rank[places].tolist()):
        best_of[rank] = candidates.scores[passed & (candidates.rank == rank)].max()
    enough = places[candidates.scores[places] >= floor * best_of[candidates.rank[places]]]
    enough = enough[candidates.scores[enough] > 0]
    if len(enough) == 0:
        return candidates
    order = np.lexsort((items[enough], -candidates.scores[enough], candidates.rank[enough]))
    weights = candidates.weights.copy()
    weights[enough[order[0]]] *= SLOW_LEVER
    return candidates.with_weights(weights)


@fixed
class Order:
    """By what candidates are ordered, columns over all of them: a lower tier goes before any value of a higher one."""

    tiers: Array
    values: Array

    @classmethod
    def of_sources(cls, candidates: Candidates) -> "Order":
        """Order by source, then by score times the merchant's factor."""
        return cls(candidates.rank, np.round(candidates.scores * candidates.weights, 6))

    def first(self, knowledge: Knowledge, candidates: Candidates, places: Array, n: int) -> Array:
        """Give the first of some places, best first: by tier, value, popularity, product id."""
        return ranking.first_of(self.tiers, self.values, knowledge.popularity, candidates.items, places, n)

    def ranked(self, knowledge: Knowledge, candidates: Candidates, places: Array) -> Array:
        """Give all of some places, best first."""
        return self.first(knowledge, candidates, places, len(places)) if len(places) else places


def choose(
    knowledge: Knowledge,
    candidates: Candidates,
    passed: Array,
    n_offers: int,
    policy: Policy,
    order: Order | None = None,
    n_extras: int | None = None,
) -> tuple[list[int], list[int]]:
    """Pick the list.

    Order: tier, value, popularity, product id; by default source, and score times the merchant's factor. With a cap on
    categories or kinds, what exceeds it is passed over; a kind with a reserved place keeps it where the list is long
    enough. With `n_extras` at most so many are chosen beside what is needed.

    Returns
    -------
    chosen : list of int
        Places in the candidate arrays, best first.
    passed_over : list of int
        Places that scored higher than the last chosen but whose category or kind was full.
    """
    places = passed.nonzero()[0]
    if len(places) == 0 or n_offers < 1:
        return [], []
    order = order or Order.of_sources(candidates)
    if n_extras is not None and n_extras >= n_offers:
        n_extras = None
    is_capped = policy.max_per_category is not None or policy.max_per_kind or policy.reserved or n_extras is not None
    if not is_capped:
        return order.first(knowledge, candidates, places, n_offers).tolist(), []
    top = order.first(knowledge, candidates, places, n_offers * WIDER)
    if len(top) == len(places):
        return _listed(knowledge, candidates, top, n_offers, policy, n_extras)
    kept = _kept(candidates, places, top, policy)
    some = np.concatenate([top, order.ranked(knowledge, candidates, kept)]) if len(kept) else top
    best = _listed(knowledge, candidates, some, n_offers, policy, n_extras)
    below = frozenset(kept.tolist())
    n_below = sum(place in below for place in best[0])
    if len(best[0]) == n_offers and n_below <= sum(policy.reserved.values()):
        return best  # what was left out could have taken no other place than a kept one
    return _listed(knowledge, candidates, order.ranked(knowledge, candidates, places), n_offers, policy, n_extras)


def _kept(candidates: Candidates, places: Array, top: Array, policy: Policy) -> Array:
    """Give, of what is not among the first, what a place may be kept for."""
    kinds = candidates.present.intersection(policy.reserved)
    if not kinds:
        return places[:0]
    is_kept = candidates.from_sources(kinds)
    is_kept[top] = False
    return places[is_kept[places]]


def pools(
    knowledge: Knowledge, candidates: Candidates, passed: Array, chosen: Sequence[int], policy: Policy, order: Order,
    explorable: Array, largest: int,
) -> list[list[int]]:  # fmt: skip
    """Give for each slot of a list what may stand there instead, without breaking a cap; the best survivors first.

    Parameters
    ----------
    explorable : bool array, shape (candidates,)
        What may be drawn, and what a slot may hold to be drawn anew: needs and pins are neither.
    largest : int
        At most so many for each slot.
    """
    rest = np.flatnonzero(passed & explorable)
    rest = rest[~np.isin(rest, chosen)]
    if len(rest) == 0:
        return [[] for _ in chosen]
    ranked = order.ranked(knowledge, candidates, rest)
    found = []
    for slot, place in enumerate(chosen):
        others = [*chosen[:slot], *chosen[slot + 1 :]]
        may = ranked[_fits(knowledge, candidates, ranked, others, policy)] if explorable[place] else ranked[:0]
        found.append(may[:largest].tolist())
    return found


def _fits(
    knowledge: Knowledge, candidates: Candidates, places: Array, others: Sequence[int], policy: Policy
) -> npt.NDArray[np.bool_]:
    """Tell which candidates keep every cap beside the others of a list."""
    may = np.ones(len(places), dtype=np.bool_)
    if policy.max_per_category is not None:
        taken = knowledge.categories[candidates.items[list(others)]]
        category = knowledge.categories[candidates.items[places]]
        may &= (category[:, None] == taken).sum(1) < policy.max_per_category
    for rank, source in enumerate(candidates.sources):
        most = policy.max_per_kind.get(source)
        if most is not None and int((candidates.rank[list(others)] == rank).sum()) >= most:
            may &= candidates.rank[places] != rank
    return may


def _listed(
    knowledge: Knowledge, candidates: Candidates, ranked: Array, n_offers: int, policy: Policy, n_extras: int | None
) -> tuple[list[int], list[int]]:
    waiting = _reserved(candidates, ranked, n_offers if n_extras is None else min(n_offers, n_extras), policy)
    best = _varied(knowledge, candidates, ranked, n_offers, policy, waiting, n_extras)
    if len(best[0]) < n_offers and waiting:  # a kept place that nothing could take is given back
        plain = _varied(knowledge, candidates, ranked, n_offers, policy, {}, n_extras)
        best = max(best, plain, key=lambda one: len(one[0]))
    return best


def _varied(
    knowledge: Knowledge, candidates: Candidates, ranked: Array, n_offers: int, policy: Policy, reserved: dict[str, int],
    n_extras: int | None,
) -> tuple[list[int], list[int]]:  # fmt: skip
    """Walk down the ranking, some at a time; once only kept places are open, among those who may take them."""
    waiting, n_waiting = dict(reserved), sum(reserved.values())
    chosen: list[int] = []
    full: list[int] = []
    in_category: dict[int, int] = {}
    of_kind: dict[str, int] = {}
    told: set[tuple[str, int]] = set()
    n_more = n_offers if n_extras is None else n_extras
    while len(ranked):
        some, ranked = ranked[:AT_ONCE], ranked[AT_ONCE:]
        categories = knowledge.categories[candidates.items[some]].tolist()
        for step, (place, rank, category) in enumerate(
            zip(some.tolist(), candidates.rank[some].tolist(), categories, strict=True)
        ):
            kind = candidates.sources[rank]
            if len(chosen) + n_waiting - (1 if waiting.get(kind) else 0) >= n_offers:
                if not n_waiting:
                    return chosen, full
                ranked = _awaited(candidates, np.concatenate([some[step + 1 :], ranked]), waiting)
                break
            too_many = policy.max_per_category is not None and in_category.get(category, 0) >= policy.max_per_category
            too_many |= kind in ONE_PER_CATEGORY and (kind, category) in told
            too_many |= kind not in NEEDS and n_more - n_waiting + (1 if waiting.get(kind) else 0) < 1
            if too_many or of_kind.get(kind, 0) >= policy.max_per_kind.get(kind, n_offers):
                full.append(place)
                continue
            in_category[category] = in_category.get(category, 0) + 1
            of_kind[kind] = of_kind.get(kind, 0) + 1
            told.add((kind, category))
            n_more -= kind not in NEEDS
            if waiting.get(kind):
                waiting[kind] -= 1
                n_waiting -= 1
            chosen.append(place)
    return chosen, full


def _awaited(candidates: Candidates, ranked: Array, waiting: Mapping[str, int]) -> Array:
    """Keep those of the kinds for which a place is still kept."""
    is_awaited = np.array([waiting.get(kind, 0) > 0 for kind in candidates.sources], dtype=np.bool_)
    kept: Array = ranked[is_awaited[candidates.rank[ranked]]]
    return kept


def _reserved(candidates: Candidates, ranked: Array, n_offers: int, policy: Policy) -> dict[str, int]:
    """Count the places kept for kinds that have something to say."""
    if n_offers < FEWEST_TO_RESERVE or candidates.present.isdisjoint(policy.reserved):
        return {}
    counts = np.bincount(candidates.rank[ranked], minlength=len(candidates.sources))
    present = dict(zip(candidates.sources, counts.tolist(), strict=False))
    return {kind: min(n, present.get(kind, 0)) for kind, n in policy.reserved.items() if present.get(kind, 0)}
