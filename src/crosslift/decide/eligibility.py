"""The eligible gate: may this be offered at all? Column operations; one code per candidate, the first that fits."""

from collections.abc import Collection
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import NOTHING, Marks
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import LIVE_CODES, Knowledge
from crosslift.decide.verdicts import NUMBERS
from crosslift.domain.decision import DropCode
from crosslift.domain.placement import GOES_WITH

Array = npt.NDArray[Any]
DAY = 86_400_000_000
REFILL = frozenset({"refill"})
"""What runs out is offered to those who own it."""


_OF_FLAG = np.array([0 if code is None else NUMBERS[code] for code in LIVE_CODES], dtype=np.uint16)
"""The verdict of each live flag."""


@fixed
class Asked:
    """What the gate is asked about beside the candidates.

    `owned` is None where the policy does not ask; `asks_all` is False where the past is completed (purpose
    `evaluation`): there only the cart, the request's own exclusions and bans count.
    """

    context: Context
    excluded: Array
    owned: Collection[int] | None = None
    marks: Marks = NOTHING
    asks_all: bool = True
    on_page: Array = field(default_factory=lambda: NO_ITEMS)


def judge(knowledge: Knowledge, found: Candidates, live: Array, asked: Asked) -> Array:
    """Give each candidate its verdict.

    Parameters
    ----------
    live : uint8 array, shape (candidates,)
        Their live flags, see `knowledge.LIVE_CODES`; zeros where live values are not asked.

    Returns
    -------
    uint16 array, shape (candidates,)
    """
    verdict = np.zeros(len(found.items), dtype=np.uint16)
    if asked.asks_all:
        _judge_relations(knowledge, found, asked, verdict)
    if asked.owned:
        spared = found.from_sources(REFILL)
        for place in _among(found, asked.owned):
            if not spared[place] and not knowledge.is_consumable[found.items[place]]:
                verdict[place] = NUMBERS[DropCode.OWNED]
    if np.count_nonzero(live):
        verdict = np.where(live > 0, _OF_FLAG[live], verdict)
    _mark(verdict, found, asked.context.page, DropCode.SAME_PRODUCT)
    _mark(verdict, found, asked.marks.banned, DropCode.BANNED)
    _mark(verdict, found, asked.on_page, DropCode.ON_PAGE)
    _mark(verdict, found, asked.excluded, DropCode.EXCLUDED)
    _mark(verdict, found, asked.context.cart, DropCode.IN_CART)
    return verdict


def _judge_relations(knowledge: Knowledge, found: Candidates, asked: Asked, verdict: Array) -> None:
    """What typed relations forbid: a substitute beside its own kind, never together, in the box, no fit, past its date."""
    context = asked.context
    beside = context.in_sight
    around = context.anchors if len(beside) == 0 else beside
    if knowledge.has_links("substitute"):
        substitutes = _among(found, knowledge.links("substitute").reached_from(beside))
        goes_with = found.from_sources(GOES_WITH)
        verdict[[place for place in substitutes if goes_with[place]]] = NUMBERS[DropCode.SUBSTITUTE_OF_CART]
    _mark(verdict, found, asked.marks.apart, DropCode.NEVER_TOGETHER)
    if knowledge.has_links("included"):
        _mark(verdict, found, knowledge.links("included").reached_from(around), DropCode.INCLUDED)
    if knowledge.has_links("excludes"):
        fits = frozenset(_among(found, knowledge.links("fits").reached_from(around)))
        unfit = _among(found, knowledge.links("excludes").reached_from(around))
        verdict[[place for place in unfit if place not in fits]] = NUMBERS[DropCode.DOES_NOT_FIT]
    if not knowledge.has_dates:
        return
    dates = knowledge.best_before[found.items]
    verdict[(dates >= 0) & (dates < context.now // DAY)] = NUMBERS[DropCode.EXPIRED]


def _mark(verdict: Array, found: Candidates, stopped: Array | Collection[int], code: DropCode) -> None:
    if len(stopped) == 0:
        return
    for place in _among(found, stopped):
        verdict[place] = NUMBERS[code]


def _among(found: Candidates, items: Array | Collection[int]) -> list[int]:
    """Give where those of some items stand that are candidates."""
    return found.places_of(items.tolist() if isinstance(items, np.ndarray) else items)
