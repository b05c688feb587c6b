"""What could be offered: what every source asked names, each product once."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import NOTHING, Marks
from crosslift.decide.fixed import fixed_with_memory
from crosslift.decide.found import NO_SCORES, Found, ones
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.once import Once
from crosslift.decide.sources import SOURCES, Asked
from crosslift.domain.placement import GOES_WITH

Array = npt.NDArray[Any]


@fixed_with_memory
class Candidates:
    """Candidates of all sources asked, each product once, kept by the first source that may offer it.

    `rank` is the place of its source among `sources`: what an earlier source names goes before a later one. `weights`
    are the merchant's factors on the score. `stopped` are verdicts that the sources themselves know (0 for none): of
    relations that do not hold here or now. `is_ascending` where products stand in order.
    """

    items: Array
    scores: Array
    rank: Array
    rows: Array
    anchors: Array
    weights: Array
    sources: tuple[str, ...]
    stopped: Array | None = None
    is_ascending: bool = False

    @Once
    def listed(self) -> list[int]:
        """The products; nobody changes the list."""
        items: list[int] = self.items.tolist()
        return items

    @Once
    def _place_of(self) -> Mapping[int, int]:
        return dict(zip(self.listed, range(len(self.listed)), strict=True))

    def places_of(self, items: Iterable[int]) -> list[int]:
        """Give where those of a few products stand that are candidates, without a mask over everything."""
        if not self.is_ascending:
            return [place for item in items if (place := self._place_of.get(item)) is not None]
        listed, n, places = self.listed, len(self.listed), list[int]()
        for item in items:
            place = bisect_left(listed, item)
            if place < n and listed[place] == item:
                places.append(place)
        return places

    def source_of(self, place: int) -> str:
        """Name the source of one candidate."""
        return self.sources[int(self.rank[place])]

    def from_sources(self, names: frozenset[str]) -> npt.NDArray[np.bool_]:
        """Mark the candidates of some sources."""
        if names.isdisjoint(self.present):
            return np.zeros(len(self.items), dtype=np.bool_)
        return _are_among(self.sources, names)[self.rank]

    @Once
    def present(self) -> frozenset[str]:
        """The sources that candidates came from."""
        return frozenset(self.sources[rank] for rank in set(self.rank.tolist()))

    def with_weights(self, weights: Array) -> "Candidates":
        """Give the same candidates under other factors."""
        return replace(self, weights=weights)


@lru_cache(maxsize=1024)
def _are_among(sources: tuple[str, ...], names: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([name in names for name in sources], dtype=np.bool_)


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
    asked = Asked(knowledge, context, marks, price_of, can_offer)
    known = [name for name in names if name in SOURCES]
    return _joined([SOURCES[name](asked) for name in known], known, knowledge, context, marks)


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
        alone = Candidates(
            one.items, _rounded(one.scores), rank, one.rows, one.anchors, weights, tuple(names), said, True
        )
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
