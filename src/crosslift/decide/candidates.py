"""What could be offered: each source gives products, a score, and the row of evidence it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import NOTHING, Marks
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.links import LinkTable
from crosslift.decide.once import once
from crosslift.decide.thresholds import fitting
from crosslift.domain.placement import GOES_WITH, Placement
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
NO_SCORES = np.zeros(0, dtype=np.float64)
_ONES, _NO_ROWS = np.ones(4_096), np.full(4_096, -1)
_ONES.flags.writeable = _NO_ROWS.flags.writeable = False


def ones(n: int) -> Array:
    """Give the factor 1 for each of so many candidates, read-only."""
    return _ONES[:n] if n <= len(_ONES) else np.ones(n)


def no_rows(n: int) -> Array:
    """Give −1 for each of so many candidates, read-only: no row of evidence, no anchor."""
    return _NO_ROWS[:n] if n <= len(_NO_ROWS) else np.full(n, -1)


DAY = 86_400_000_000
LEAD_DAYS, LEAD_SHARE = 7.0, 0.2
"""A refill is offered this long before it is due, or this share of its interval where that is shorter; never earlier."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one source named: items, scores, the row of evidence and the anchor it starts from (−1 for none).

    `stopped` are verdicts the source knows itself, None where all hold. `is_ascending` where each item stands once, in order.
    """

    items: Array
    scores: Array
    rows: Array
    anchors: Array
    stopped: Array | None = None
    is_ascending: bool = False

    @classmethod
    def without_evidence(cls, items: Array, scores: Array) -> "Found":
        """Give items whose reason is looked for afterwards."""
        return cls(items, scores, no_rows(len(items)), no_rows(len(items)))

    def take(self, chosen: Array) -> "Found":
        """Keep some of them."""
        stopped = None if self.stopped is None else self.stopped[chosen]
        return Found(self.items[chosen], self.scores[chosen], self.rows[chosen], self.anchors[chosen], stopped)


NONE_FOUND = Found.without_evidence(NO_ITEMS, NO_SCORES)


@dataclass(frozen=True)
class Candidates:
    """Candidates of all sources asked, each product once, kept by the first source that may offer it.

    `rank` is the place of its source among `sources`: what an earlier source names goes before a later one. `weights`
    are the merchant's factors on the score. `stopped` are verdicts that the sources themselves know (0 for none): of
    relations that do not hold here or now.
    """

    items: Array
    scores: Array
    rank: Array
    rows: Array
    anchors: Array
    weights: Array
    sources: tuple[str, ...]
    stopped: Array | None = None

    @once
    def place_of(self) -> Mapping[int, int]:
        """Where each product stands among the candidates: to look a few up without a mask over everything."""
        items = self.items.tolist()
        return dict(zip(items, range(len(items)), strict=True))

    def source_of(self, place: int) -> str:
        """Name the source of one candidate."""
        return self.sources[int(self.rank[place])]

    def from_sources(self, names: frozenset[str]) -> npt.NDArray[np.bool_]:
        """Mark the candidates of some sources."""
        if names.isdisjoint(self.present):
            return np.zeros(len(self.items), dtype=np.bool_)
        return _are_among(self.sources, names)[self.rank]

    @once
    def present(self) -> frozenset[str]:
        """The sources that candidates came from."""
        return frozenset(self.sources[rank] for rank in set(self.rank.tolist()))

    def with_weights(self, weights: Array) -> "Candidates":
        """Give the same candidates under other factors."""
        return replace(self, weights=weights)


@lru_cache(maxsize=1024)
def _are_among(sources: tuple[str, ...], names: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([name in names for name in sources], dtype=np.bool_)


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
        """Follow the links of a kind, the merchant's to offers too; an item that several lead to keeps the best."""
        table = self.knowledge.links(kind)
        if not self.marks.linked:
            return _from_table(table, anchors)
        rows, starts = table.rows_from(anchors)
        told = self.told(kind, len(table))
        told = told.take(np.isin(told.anchors, anchors))
        return _best(_together(Found(table.ids[rows], table.scores[rows], rows, starts), told))

    def told(self, kind: str, first_row: int) -> Found:
        """Follow the merchant's links of a kind to offers; their rows are counted from one on, behind those of a table."""
        told = [(item, row, anchor) for row, (item, link, anchor) in enumerate(self.marks.linked, first_row)
                if link.kind == kind]  # fmt: skip
        if not told:
            return NONE_FOUND
        items, rows, anchors = (np.array(column, dtype=np.int64) for column in zip(*told, strict=True))
        return Found(items.astype(np.int32), np.ones(len(items)), rows, anchors)


def _from_table(table: LinkTable, anchors: Array) -> Found:
    """Follow the links of a table."""
    spans = table.spans(anchors)
    if not spans:
        return NONE_FOUND
    if len(spans) > 1:
        rows, starts = table.rows_from(anchors)
        return _best(Found(table.ids[rows], table.scores[rows], rows, starts))
    anchor, begin, end = spans[0]
    ids = table.ids[begin:end]
    order = ids.argsort(kind="stable")  # rows of a source stand best first
    items, rows = ids[order], order + begin
    found = Found(items, table.scores[begin:end][order], rows, np.full(len(rows), anchor))
    is_first = _firsts(items)
    return found if is_first.all() else _best(found)


def _together(one: Found, other: Found) -> Found:
    return Found(
        np.concatenate([one.items, other.items]),
        np.concatenate([one.scores, other.scores]),
        np.concatenate([one.rows, other.rows]),
        np.concatenate([one.anchors, other.anchors]),
    )


def _best(found: Found) -> Found:
    """Keep each item once, with its best score; ties by row."""
    order = np.lexsort((found.rows, -found.scores, found.items))
    items = found.items[order]
    return found.take(order[_firsts(items)])


def _pinned(asked: _Asked) -> Found:
    pins = asked.marks.pinned
    if not pins:
        return NONE_FOUND
    items = np.array([item for item, _, _ in pins], dtype=np.int32)
    scores = 1.0 - np.arange(len(pins)) / (len(pins) + 1.0)
    return Found(items, scores, np.arange(len(pins)), np.array([anchor for _, _, anchor in pins]))


def _complements(asked: _Asked) -> Found:
    """Tested companions of anything in the cart, scored by the whole cart; in and out of their season and market."""
    knowledge, context = asked.knowledge, asked.context
    if len(context.anchors) == 0:
        return NONE_FOUND
    items, scores = knowledge.companions.scored(context.anchors)
    if len(items) == 0:
        return NONE_FOUND
    none = no_rows(len(items))
    return Found(items, scores, none, none, _stopped(knowledge, context), is_ascending=True)


def _stopped(knowledge: Knowledge, context: Context) -> Array | None:
    """Give the verdict of each companion, ascending: one relation that holds is enough; None where all hold."""
    if not knowledge.conditions:
        return None
    ids, rows, _ = knowledge.edges_from(context.anchors)
    stopped = knowledge.conditions.verdicts(rows, context.market, context.month)
    if stopped is None:
        return None
    order = np.lexsort((stopped, ids))
    return np.asarray(stopped[order][_firsts(ids[order])])


def _firsts(ordered: Array) -> npt.NDArray[np.bool_]:
    """Mark the first of each run of equals."""
    is_first = np.empty(len(ordered), dtype=np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return is_first


def _completion(asked: _Asked) -> Found:
    ids, scores = asked.merged()
    return Found.without_evidence(ids[scores > 0], scores[scores > 0])


def _bestsellers(asked: _Asked) -> Found:
    best = asked.knowledge.bestsellers
    return Found.without_evidence(best, asked.knowledge.recent_counts[best] / (1.0 + asked.knowledge.n_baskets))


def _offers(asked: _Asked) -> Found:
    """What the merchant puts beside this, or links to it, or offers to a kind of person."""
    library = asked.knowledge.library
    found, told = Found(*library.beside(asked.context.anchors)), asked.told("complement", len(library))
    return _best(_together(found, told)) if len(told.items) else found


def _fillers(asked: _Asked) -> Found:
    """What brings the cart over its bar without overshooting, the more related and the closer the better."""
    found = asked.context.gap
    if found is None or found.missing <= 0:
        return NONE_FOUND
    ids, scores = asked.merged()
    best = np.lexsort((ids, -scores))[:MOST_FILLERS]
    best = best[scores[best] > 0]
    prices = np.array([np.nan if (p := asked.price_of(item)) is None else p / 1e6 for item in ids[best].tolist()])
    fit = fitting(found, prices)
    fits = fit > 0
    return Found.without_evidence(ids[best][fits], (scores[best] * fit)[fits]) if fits.any() else NONE_FOUND


MOST_FILLERS = 60
"""So many of the cart's nearest products are priced for a bar."""


def _required(asked: _Asked) -> Found:
    """What the page's product or the cart cannot be used without, unless something that serves is there or owned."""
    knowledge, context = asked.knowledge, asked.context
    found = asked.linked("required", context.in_sight)
    if len(found.items) == 0:
        return found
    rows, starts = knowledge.links("required").rows_from(context.in_sight)
    has = {*context.in_sight.tolist(), *context.held.tolist(), *context.history.tolist()}
    ids = knowledge.links("required").ids[rows]
    is_there = np.array([item in has for item in ids.tolist()], dtype=np.bool_)
    if not is_there.any():
        return found
    met = _needs(knowledge, starts[is_there], ids[is_there])
    return found.take(~np.isin(_needs(knowledge, found.anchors, found.items), met))


def _needs(knowledge: Knowledge, anchors: Array, items: Array) -> Array:
    """Number what is needed: something of a category for an anchor."""
    return (anchors.astype(np.int64) << 32) | knowledge.categories[items]


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
    return Found(table.ids[rows], table.scores[rows], rows, no_rows(len(rows))) if len(rows) else NONE_FOUND


SOURCES: Mapping[str, Callable[[_Asked], Found]] = {
    "stand_in": _stand_ins,
    "pinned": _pinned,
    "required": _required,
    "complement": _complements,
    "completion": _completion,
    "bestseller": _bestsellers,
    "refill": _refills,
    "filler": _fillers,
    "held": _held_together,
    "sequence": lambda asked: asked.linked("sequence", asked.context.anchors),
    "category_companion": lambda asked: asked.linked("category_companion", asked.context.in_sight),
    "substitute": lambda asked: asked.linked("substitute", asked.context.in_sight),
    "alike": lambda asked: asked.linked("alike", asked.context.in_sight),
    "upgrade": lambda asked: asked.linked("upgrade", asked.context.anchors),
    "offer": _offers,
    "goal": lambda asked: Found(*asked.knowledge.library.for_goals(asked.context.goals)),
    "searched": lambda asked: _by_key(asked, "searched", asked.context.query),
    "content": lambda asked: _by_key(asked, "content", asked.context.content),
}
"""Every source by name, as policies and placements name them."""


def _joined(found: list[Found], names: list[str], knowledge: Knowledge, context: Context, marks: Marks) -> Candidates:
    """Keep each product once, with the first source that may offer it.

    What would stand in a goes-with slot beside its own substitute, or rests on what does not hold here and now, is left
    to a later source; where none names it, it stays with the first, for the gate to drop and the trace to tell.
    """
    kept = _in_turn(found, names, knowledge, context)
    if not kept:
        none = np.zeros(0, dtype=np.int64)
        return Candidates(NO_ITEMS, NO_SCORES, np.zeros(0, dtype=np.int8), none, none, NO_SCORES, tuple(names))
    if len(kept) == 1 and (kept[0][1].is_ascending or _is_ascending(kept[0][1].items)):
        place, one = kept[0]
        rank = np.full(len(one.items), place, dtype=np.int8)
        said = None if one.stopped is None else one.stopped.astype(np.uint16)
        weights = _weights(one.items, marks)
        alone = Candidates(one.items, _rounded(one.scores), rank, one.rows, one.anchors, weights, tuple(names), said)
        vars(alone)["present"] = frozenset({names[place]})
        return alone
    items = np.concatenate([one.items for _, one in kept])
    once = knowledge.companions.firsts(items)
    parts = [np.concatenate([getattr(one, name) for _, one in kept])[once] for name in ("scores", "rows", "anchors")]
    rank = np.repeat(np.array([place for place, _ in kept], dtype=np.int8), [len(one.items) for _, one in kept])[once]
    stopped = None
    if any(one.stopped is not None for _, one in kept):
        told = [np.zeros(len(one.items), np.uint16) if one.stopped is None else one.stopped for _, one in kept]
        stopped = np.concatenate(told)[once]
    items = items[once]
    return Candidates(
        items, _rounded(parts[0]), rank, parts[1], parts[2], _weights(items, marks), tuple(names), stopped
    )


def _is_ascending(items: Array) -> bool:
    return bool((items[1:] > items[:-1]).all())


def _in_turn(found: list[Found], names: list[str], knowledge: Knowledge, context: Context) -> list[tuple[int, Found]]:
    """Give what each source may offer, in their order, then what it named and may not."""
    blocked = None
    if knowledge.has_links("substitute"):
        substitutes = knowledge.links("substitute").reached_from(context.in_sight)
        blocked = knowledge.mask_of(substitutes) if len(substitutes) else None
    kept: list[tuple[int, Found]] = []
    left: list[tuple[int, Found]] = []
    for place, (name, one) in enumerate(zip(names, found, strict=True)):
        if len(one.items) == 0:
            continue
        is_left = None if one.stopped is None else one.stopped > 0
        if blocked is not None and name in GOES_WITH:
            is_left = blocked[one.items] if is_left is None else is_left | blocked[one.items]
        if is_left is None or not is_left.any():
            kept.append((place, one))
        else:
            kept.append((place, one.take(~is_left)))
            left.append((place, one.take(is_left)))
    return kept + left


def _weights(items: Array, marks: Marks) -> Array:
    """Give the merchant's factor of each item."""
    if not marks.weights:
        return ones(len(items))
    factors = dict(marks.weights)
    return np.array([factors.get(item, 1.0) for item in items.tolist()])


def _rounded(scores: Array) -> Array:
    """Scores are compared to one millionth, so that every machine orders alike (DESIGN 1)."""
    return np.round(scores, 6)
