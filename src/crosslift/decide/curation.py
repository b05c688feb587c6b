"""What the merchant wrote down about pairs, live: pins, boosts, burials, bans, and what never goes together.

One precedence, printed by `crosslift learn --report` and held by a property test:

1. a ban holds everywhere, under every policy and purpose;
2. what does not fit, is in the box or never goes together is not offered;
3. a pin comes first, with the merchant's own reason;
4. a boost or burial multiplies the place among offers of the same source;
5. what was learned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.link import ANYTHING, CATEGORY, EXPLAINED, LinkAction, LinkKind, factor_of
from crosslift.domain.plugin import Proposed

Array = npt.NDArray[Any]
PRECEDENCE = ("ban", "does not fit, in the box, never together", "pin", "boost or bury", "learned")
BOOST, BURY = 1.5, 0.5
"""Factors of a boost and a burial that name none."""


@dataclass(frozen=True, slots=True)
class CuratedLink:
    """One row of the merchant's links; `expires_at` in microseconds UTC, None where it holds until taken back."""

    from_id: str
    to_id: str
    kind: str
    action: str
    reason: str | None = None
    author: str | None = None
    value: str | None = None
    expires_at: int | None = None
    market: str | None = None

    def holds(self, now: int, market: str | None) -> bool:
        """Tell whether it has not expired and speaks of this market."""
        return (self.expires_at is None or now < self.expires_at) and self.market in (None, market)


@dataclass(frozen=True, slots=True)
class Marks:
    """What curation says in one moment, for the anchors of one request.

    `pinned`: items in the merchant's order, the row and the anchor of each (−1 for the whole shop). `banned`, `apart`: items.
    `weights`: a factor an item. `rows` are the links all this rests on, for the record. `linked`: plain links to offers,
    each with the item it leads to and its anchor. `plugged`: what plugins named, each with its item.
    """

    pinned: tuple[tuple[int, CuratedLink, int], ...]
    banned: frozenset[int]
    apart: frozenset[int]
    weights: tuple[tuple[int, float], ...]
    rows: tuple[CuratedLink, ...]
    linked: tuple[tuple[int, CuratedLink, int], ...] = ()
    plugged: tuple[tuple[int, Proposed], ...] = ()


LIVED = frozenset({LinkKind.UPGRADE, LinkKind.REQUIRED, LinkKind.COMPLEMENT})
"""Kinds of plain links that make a candidate of the offer they lead to at once: of an offer nothing is learned."""
NOTHING = Marks((), frozenset(), frozenset(), (), ())


class Curated:
    """The merchant's links over one snapshot, found by where they start; never changed."""

    def __init__(self, knowledge: Knowledge, links: Iterable[CuratedLink]) -> None:
        self._knowledge = knowledge
        self._everywhere: list[CuratedLink] = []
        self._from: dict[int, list[CuratedLink]] = {}
        for link in dict.fromkeys((*links, *_steps(knowledge))):
            if link.action not in EXPLAINED and link.kind != LinkKind.APART and not self._leads_to_offer(link):
                continue  # plain links between products are learned from, not lived by
            if link.from_id == ANYTHING:
                self._everywhere.append(link)
            for item in self._items(link.from_id) if link.from_id != ANYTHING else ():
                self._from.setdefault(item, []).append(link)
            if link.kind == LinkKind.APART:  # it holds both ways
                for item in self._items(link.to_id):
                    self._from.setdefault(item, []).append(_turned(link))

    def __bool__(self) -> bool:
        return bool(self._everywhere or self._from)

    def at(self, anchors: Sequence[int], now: int, market: str | None = None) -> Marks:
        """Say what holds now for what is in the cart or on the page."""
        if not self:
            return NOTHING
        found = [(link, -1) for link in self._everywhere if link.holds(now, market)]
        for anchor in anchors:
            found += [(link, anchor) for link in self._from.get(anchor, ()) if link.holds(now, market)]
        if not found:
            return NOTHING
        banned, apart, linked = set[int](), set[int](), list[tuple[int, CuratedLink, int]]()
        pinned: dict[int, tuple[CuratedLink, int]] = {}
        weights: dict[int, float] = {}
        for link, anchor in found:
            items = self._items(link.to_id)
            if link.action == LinkAction.BAN:
                banned.update(items)
            elif link.kind == LinkKind.APART:
                apart.update(items)
            elif link.action == LinkAction.PIN:
                for item in items:
                    pinned.setdefault(item, (link, anchor))
            elif link.action == LinkAction.LINK:
                linked += [(item, link, anchor) for item in items if item != anchor]
            else:
                factor = _factor(link)
                for item in items:
                    weights[item] = weights.get(item, 1.0) * factor
        return Marks(
            tuple((item, link, anchor) for item, (link, anchor) in pinned.items()),
            frozenset(banned),
            frozenset(apart),
            tuple(sorted(weights.items())),
            tuple(dict.fromkeys(link for link, _ in found)),
            tuple(linked),
        )

    def _leads_to_offer(self, link: CuratedLink) -> bool:
        return link.action == LinkAction.LINK and link.kind in LIVED and link.to_id in self._knowledge.library.place_of

    def _items(self, name: str) -> Sequence[int]:
        """Find the items an id means: a product, or everything in a category and below it."""
        if name.startswith(CATEGORY):
            return self._knowledge.items_in(name.removeprefix(CATEGORY))
        place = self._knowledge.index.get(name)
        return () if place is None else (place,)


def _steps(knowledge: Knowledge) -> list[CuratedLink]:
    """Give what each offer is a step up from, as links."""
    return [
        CuratedLink(offer.step_of, offer.offer_id, LinkKind.UPGRADE.value, LinkAction.LINK.value)
        for offer in knowledge.library.offers
        if offer.step_of is not None
    ]


def _turned(link: CuratedLink) -> CuratedLink:
    return replace(link, from_id=link.to_id, to_id=link.from_id)


def _factor(link: CuratedLink) -> float:
    """Read the factor of a boost or burial; one that names none takes the house's."""
    told = factor_of(link.value) if link.value else None
    return told if told is not None else (BOOST if link.action == LinkAction.BOOST else BURY)
