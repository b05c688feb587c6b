"""The sources of offers: each names products, a score, and the row of evidence it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import Marks
from crosslift.decide.fixed import fixed
from crosslift.decide.found import NO_SCORES, NONE_FOUND, Found, no_rows
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.links import LinkTable
from crosslift.decide.thresholds import fitting
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Policy

Array = npt.NDArray[Any]
DAY = 86_400_000_000
LEAD_DAYS, LEAD_SHARE = 7.0, 0.2
"""A refill is offered this long before it is due, or this share of its interval where that is shorter; never earlier."""


def sources_of(policy: Policy, placement: Placement, kinds: tuple[str, ...]) -> list[str]:
    """Name the sources to ask, in order: those of the placement that the policy allows, and what ranks everything."""
    asked = [name for name in placement.sources if name in policy.candidates]
    if "completion" in policy.candidates:
        asked.append("completion")
    if "bestseller" in policy.candidates and (placement.shows_bestsellers or "completion" in policy.candidates):
        asked.append("bestseller")
    return [name for name in asked if not kinds or name in kinds]


@fixed
class Asked:
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


def _pinned(asked: Asked) -> Found:
    pins = asked.marks.pinned
    if not pins:
        return NONE_FOUND
    items = np.array([item for item, _, _ in pins], dtype=np.int32)
    scores = 1.0 - np.arange(len(pins)) / (len(pins) + 1.0)
    return Found(items, scores, np.arange(len(pins)), np.array([anchor for _, _, anchor in pins]))


def _complements(asked: Asked) -> Found:
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


def _completion(asked: Asked) -> Found:
    ids, scores = asked.merged()
    return Found.without_evidence(ids[scores > 0], scores[scores > 0])


def _bestsellers(asked: Asked) -> Found:
    best = asked.knowledge.bestsellers
    return Found.without_evidence(best, asked.knowledge.recent_counts[best] / (1.0 + asked.knowledge.n_baskets))


def _offers(asked: Asked) -> Found:
    """What the merchant puts beside this, or links to it, or offers to a kind of person."""
    library = asked.knowledge.library
    found, told = Found(*library.beside(asked.context.anchors)), asked.told("complement", len(library))
    return _best(_together(found, told)) if len(told.items) else found


def _fillers(asked: Asked) -> Found:
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


def _required(asked: Asked) -> Found:
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


def _refills(asked: Asked) -> Found:
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


def _held_together(asked: Asked) -> Found:
    return asked.linked("held", asked.context.held if len(asked.context.held) else asked.context.anchors)


def _plugged(asked: Asked) -> Found:
    """What plugins named; the row is the place among all they named."""
    named = asked.marks.plugged
    if not named:
        return NONE_FOUND
    items, scores = np.array([item for item, _ in named], dtype=np.int32), np.array([one.score for _, one in named])
    return _best(Found(items, scores, np.arange(len(named)), no_rows(len(named))))


def _stand_ins(asked: Asked) -> Found:
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


def _nearest(asked: Asked, page: Array) -> Found:
    """Find what serves the same need: its substitutes, else what is alike and stands on the same shelf."""
    category = asked.knowledge.categories
    found = [asked.linked(kind, page) for kind in STAND_IN_KINDS]
    found[1] = found[1].take(category[found[1].items] == category[int(page[0])])
    items, rows = (np.concatenate([getattr(one, name) for one in found]) for name in ("items", "rows"))
    sizes = [len(one.items) for one in found]
    scores = np.concatenate([one.scores + bonus for one, bonus in zip(found, (1.0, 0.0), strict=True)])
    return _best(Found(items, scores, rows, np.repeat(np.arange(len(found)), sizes)))


def _by_key(asked: Asked, kind: str, key: str | None) -> Found:
    """Follow the links of a search term or page."""
    if not key:
        return NONE_FOUND
    table = asked.knowledge.links(kind)
    rows = np.array(table.rows_of_key(key), dtype=np.int64)
    return Found(table.ids[rows], table.scores[rows], rows, no_rows(len(rows))) if len(rows) else NONE_FOUND


SOURCES: Mapping[str, Callable[[Asked], Found]] = {
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
    "own_list": lambda asked: asked.linked("own_list", asked.context.anchors),
    "plugin": _plugged,
    "goal": lambda asked: Found(*asked.knowledge.library.for_goals(asked.context.goals)),
    "searched": lambda asked: _by_key(asked, "searched", asked.context.query),
    "content": lambda asked: _by_key(asked, "content", asked.context.content),
}
"""Every source by name, as policies and placements name them."""
