"""What could be offered: each source gives products, a score, and the row of evidence it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.curation import NOTHING, Marks
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.customer import Due
from crosslift.domain.offer import GOES_WITH, Placement
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
NO_ITEMS = np.zeros(0, dtype=np.int32)
NO_SCORES = np.zeros(0, dtype=np.float64)
DAY = 86_400_000_000
LEAD_DAYS, LEAD_SHARE = 7.0, 0.2
"""A refill is offered this long before it is due, or this share of its interval where that is shorter; never earlier."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision looks at, as places in the snapshot.

    Attributes
    ----------
    page, cart, held, history : int32 arrays
        The product the page is about (none or one), the basket, contracts and things the caller says are owned, and
        what the person bought before (empty without consent).
    uses_history : bool
        Whether history stands in for an empty cart here.
    dues : mapping of int to Due
        Refills and services of this person, by item.
    now : int
        The request's instant, microseconds UTC.
    """

    page: Array = field(default_factory=lambda: NO_ITEMS)
    cart: Array = field(default_factory=lambda: NO_ITEMS)
    held: Array = field(default_factory=lambda: NO_ITEMS)
    history: Array = field(default_factory=lambda: NO_ITEMS)
    uses_history: bool = False
    dues: Mapping[int, Due] | None = None
    query: str | None = None
    content: str | None = None
    market: str | None = None
    now: int = 0

    @property
    def in_sight(self) -> Array:
        """The page's product and the cart: what an offer stands beside."""
        return self.cart if len(self.page) == 0 else np.union1d(self.page, self.cart).astype(np.int32)

    @property
    def anchors(self) -> Array:
        """What an offer is made for: page and cart, else what is held, else, where the placement says so, history."""
        if len(self.page) or len(self.cart):
            return self.in_sight
        return self.held if len(self.held) or not self.uses_history else self.history


@dataclass(frozen=True, slots=True)
class Found:
    """What one source named: items, scores, the row of evidence and the anchor it starts from (−1 for none)."""

    items: Array
    scores: Array
    rows: Array
    anchors: Array

    @classmethod
    def without_evidence(cls, items: Array, scores: Array) -> "Found":
        """Give items whose reason is looked for afterwards."""
        none = np.full(len(items), -1)
        return cls(items, scores, none, none)

    def take(self, chosen: Array) -> "Found":
        """Keep some of them."""
        return Found(self.items[chosen], self.scores[chosen], self.rows[chosen], self.anchors[chosen])


NONE_FOUND = Found.without_evidence(NO_ITEMS, NO_SCORES)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of all sources asked, each product once, kept by the first source that may offer it.

    `rank` is the place of its source among `sources`: what an earlier source names goes before a later one. `weights`
    are the merchant's factors on the score.
    """

    items: Array
    scores: Array
    rank: Array
    rows: Array
    anchors: Array
    weights: Array
    sources: tuple[str, ...]

    def source_of(self, place: int) -> str:
        """Name the source of one candidate."""
        return self.sources[int(self.rank[place])]

    def from_sources(self, names: frozenset[str]) -> npt.NDArray[np.bool_]:
        """Mark the candidates of some sources."""
        is_among = np.array([name in names for name in self.sources], dtype=np.bool_)
        return is_among[self.rank] if len(self.sources) else np.zeros(len(self.items), dtype=np.bool_)

    def with_weights(self, weights: Array) -> "Candidates":
        """Give the same candidates under other factors."""
        return replace(self, weights=weights)


def sources_of(policy: Policy, placement: Placement, kinds: tuple[str, ...]) -> list[str]:
    """Name the sources to ask, in order: those of the placement that the policy allows, and what ranks everything."""
    asked = [name for name in placement.sources if name in policy.candidates]
    if "completion" in policy.candidates:
        asked.append("completion")
    if "bestseller" in policy.candidates and (placement.shows_bestsellers or "completion" in policy.candidates):
        asked.append("bestseller")
    return [name for name in asked if not kinds or name in kinds]


def gather(
    knowledge: Knowledge,
    context: Context,
    names: list[str],
    marks: Marks = NOTHING,
    price_of: Callable[[int], int | None] = lambda _item: None,
    can_offer: Callable[[int], bool] = lambda _item: True,
) -> Candidates:
    """Ask each source.

    Parameters
    ----------
    names : list of str
        Sources, the first preferred; one nobody knows finds nothing.
    marks : Marks
        The merchant's pins, and factors on the scores.
    price_of, can_offer : callable
        Live price of an item in millionths, None where there is none; which items can be sold now. Stand-ins ask.
    """
    asked = _Asked(knowledge, context, marks, price_of, can_offer)
    known = [name for name in names if name in SOURCES]
    return _joined([SOURCES[name](asked) for name in known], known, knowledge, context, marks)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a source may look at."""

    knowledge: Knowledge
    context: Context
    marks: Marks
    price_of: Callable[[int], int | None]
    can_offer: Callable[[int], bool]

    def merged(self) -> tuple[Array, Array]:
        """Add up the neighbors of everything the offer is for."""
        anchors = self.context.anchors
        return self.knowledge.merger.merge(anchors) if len(anchors) else (NO_ITEMS, NO_SCORES)

    def linked(self, kind: str, anchors: Array) -> Found:
        """Follow the links of a kind; an item that several lead to keeps the best."""
        table = self.knowledge.links(kind)
        rows, starts = table.rows_from(anchors)
        return _best(Found(table.ids[rows], table.scores[rows], rows, starts)) if len(rows) else NONE_FOUND


def _best(found: Found) -> Found:
    """Keep each item once, with its best score; ties by row."""
    order = np.lexsort((found.rows, -found.scores, found.items))
    items = found.items[order]
    is_first = np.ones(len(items), dtype=np.bool_)
    is_first[1:] = items[1:] != items[:-1]
    return found.take(order[is_first])


def _pinned(asked: _Asked) -> Found:
    pins = asked.marks.pinned
    if not pins:
        return NONE_FOUND
    items = np.array([item for item, _, _ in pins], dtype=np.int32)
    scores = 1.0 - np.arange(len(pins)) / (len(pins) + 1.0)
    return Found(items, scores, np.arange(len(pins)), np.array([anchor for _, _, anchor in pins]))


def _complements(asked: _Asked) -> Found:
    """Tested companions of anything in the cart, scored by the whole cart."""
    market = asked.context.market
    edges = [asked.knowledge.edges_of(int(item), market)[0] for item in asked.context.anchors]
    if not edges:
        return NONE_FOUND
    items = np.unique(np.concatenate(edges))
    ids, scores = asked.merged()
    place = np.searchsorted(ids, items)
    place[place == len(ids)] = 0
    if len(ids) == 0:
        return Found.without_evidence(items, np.zeros(len(items)))
    return Found.without_evidence(items, np.where(ids[place] == items, scores[place], 0.0))


def _completion(asked: _Asked) -> Found:
    ids, scores = asked.merged()
    return Found.without_evidence(ids[scores > 0], scores[scores > 0])


def _bestsellers(asked: _Asked) -> Found:
    best = asked.knowledge.bestsellers
    return Found.without_evidence(best, asked.knowledge.recent_counts[best] / (1.0 + asked.knowledge.n_baskets))


def _required(asked: _Asked) -> Found:
    """What the page's product or the cart cannot be used without, unless something that serves is there or owned."""
    knowledge, context = asked.knowledge, asked.context
    found = asked.linked("required", context.in_sight)
    if len(found.items) == 0:
        return found
    table = knowledge.links("required")
    has = knowledge.mask_of(np.concatenate([context.in_sight, context.held, context.history]).astype(np.int64))
    is_open = np.ones(len(found.items), dtype=np.bool_)
    for place, (item, anchor) in enumerate(zip(found.items.tolist(), found.anchors.tolist(), strict=True)):
        serves = table.ids[table.rows_of(anchor)]
        serves = serves[knowledge.categories[serves] == knowledge.categories[item]]
        is_open[place] = not has[serves].any()
    return found.take(is_open)


def _refills(asked: _Asked) -> Found:
    """What this person is about to run out of: near its day, never before."""
    ready = []
    for item, due in (asked.context.dues or {}).items():
        lead = min(LEAD_DAYS, LEAD_SHARE * due.interval_days)
        early = due.due_at - lead * DAY
        if asked.context.now >= early:
            late = max(asked.context.now - due.due_at, 0) / DAY
            ready.append((item, 1.0 / (1.0 + late / max(due.interval_days, 1.0))))
    if not ready:
        return NONE_FOUND
    ready.sort()
    return Found.without_evidence(
        np.array([item for item, _ in ready], dtype=np.int32), np.array([score for _, score in ready])
    )


def _held_together(asked: _Asked) -> Found:
    return asked.linked("held", asked.context.held if len(asked.context.held) else asked.context.anchors)


def _stand_ins(asked: _Asked) -> Found:
    """For a page whose product cannot be sold now: the nearest that can, at the same price or less before dearer ones."""
    page = asked.context.page
    if len(page) == 0 or asked.can_offer(int(page[0])):
        return NONE_FOUND
    near = _nearest(asked, page)
    own = asked.price_of(int(page[0]))
    if own is None or len(near.items) == 0:
        return near
    prices = np.array([price if (price := asked.price_of(item)) is not None else own for item in near.items.tolist()])
    closeness = near.scores / (1.0 + np.abs(prices - own) / max(own, 1))
    return replace(near, scores=np.where(prices > own, closeness / 4.0, 1.0 + closeness))


STAND_IN_KINDS = ("substitute", "alike")
"""Where stand-ins come from, the surer first; the anchor of a stand-in is its place here."""


def _nearest(asked: _Asked, page: Array) -> Found:
    """Find what serves the same need: its substitutes, else what is alike and stands on the same shelf."""
    category = asked.knowledge.categories
    found = [asked.linked(kind, page) for kind in STAND_IN_KINDS]
    found[1] = found[1].take(category[found[1].items] == category[int(page[0])])
    items, rows = (np.concatenate([getattr(one, name) for one in found]) for name in ("items", "rows"))
    sizes = [len(one.items) for one in found]
    scores = np.concatenate([one.scores + bonus for one, bonus in zip(found, (1.0, 0.0), strict=True)])
    return _best(Found(items, scores, rows, np.repeat(np.arange(len(found)), sizes)))


def _by_key(asked: _Asked, kind: str, key: str | None) -> Found:
    """Follow the links of a search term or page."""
    if not key:
        return NONE_FOUND
    table = asked.knowledge.links(kind)
    rows = np.array(table.rows_of_key(key), dtype=np.int64)
    return Found(table.ids[rows], table.scores[rows], rows, np.full(len(rows), -1)) if len(rows) else NONE_FOUND


SOURCES: Mapping[str, Callable[[_Asked], Found]] = {
    "stand_in": _stand_ins,
    "pinned": _pinned,
    "required": _required,
    "complement": _complements,
    "completion": _completion,
    "bestseller": _bestsellers,
    "refill": _refills,
    "held": _held_together,
    "sequence": lambda asked: asked.linked("sequence", asked.context.anchors),
    "category_companion": lambda asked: asked.linked("category_companion", asked.context.in_sight),
    "substitute": lambda asked: asked.linked("substitute", asked.context.in_sight),
    "alike": lambda asked: asked.linked("alike", asked.context.in_sight),
    "upgrade": lambda asked: asked.linked("upgrade", asked.context.anchors),
    "searched": lambda asked: _by_key(asked, "searched", asked.context.query),
    "content": lambda asked: _by_key(asked, "content", asked.context.content),
}
"""Every source by name, as policies and placements name them."""


def _joined(found: list[Found], names: list[str], knowledge: Knowledge, context: Context, marks: Marks) -> Candidates:
    """Keep each product once, with the first source that may offer it.

    What would stand in a goes-with slot beside its own substitute is left to a later source of another kind; where
    none names it, it stays with the first, for the gate to drop and the trace to tell.
    """
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return Candidates(NO_ITEMS, NO_SCORES, np.zeros(0, dtype=np.int8), none, none, NO_SCORES, ())
    blocked = knowledge.mask_of(knowledge.links("substitute").reached_from(context.in_sight))
    is_taken = np.zeros(knowledge.n_items, dtype=np.bool_)
    kept: list[tuple[int, Found]] = []
    left: list[tuple[int, Found]] = []
    has_blocked = bool(blocked.any())
    for place, (name, one) in enumerate(zip(names, found, strict=True)):
        fresh = ~is_taken[one.items]
        if has_blocked and name in GOES_WITH:
            left.append((place, one.take(fresh & blocked[one.items])))
            fresh &= ~blocked[one.items]
        is_taken[one.items[fresh]] = True
        kept.append((place, one if fresh.all() else one.take(fresh)))
    for place, one in left:
        fresh = ~is_taken[one.items]
        is_taken[one.items[fresh]] = True
        kept.append((place, one.take(fresh)))
    items = np.concatenate([one.items for _, one in kept])
    weights = np.ones(len(items))
    for item, factor in marks.weights:
        weights[items == item] *= factor
    return Candidates(
        items,
        _rounded(np.concatenate([one.scores for _, one in kept])),
        np.repeat(np.array([place for place, _ in kept], dtype=np.int8), [len(one.items) for _, one in kept]),
        np.concatenate([one.rows for _, one in kept]),
        np.concatenate([one.anchors for _, one in kept]),
        weights,
        tuple(names),
    )


def _rounded(scores: Array) -> Array:
    """Scores are compared to one millionth, so that every machine orders alike (DESIGN 1)."""
    return np.round(scores, 6)
