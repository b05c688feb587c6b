"""The eligible gate: may this be offered at all? Column operations; one code per candidate, the first that fits."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.curation import NOTHING, Marks
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gate is asked about beside the candidates.

    `owned` is None where the policy does not ask; `asks_all` is False where the past is completed (purpose
    `evaluation`): there only the cart, the request's own exclusions and bans count.
    """

    context: Context
    excluded: Array
    owned: Array | None = None
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
    items = found.items
    verdict = np.zeros(len(items), dtype=np.uint16)
    if asked.asks_all:
        _judge_relations(knowledge, found, asked, verdict)
    if asked.owned is not None and len(asked.owned):
        is_owned = knowledge.mask_of(asked.owned)[items] & ~knowledge.is_consumable[items]
        verdict[is_owned & ~found.from_sources(REFILL)] = NUMBERS[DropCode.OWNED]
    if live.any():
        verdict = np.where(live > 0, _OF_FLAG[live], verdict)
    _mark(knowledge, verdict, items, asked.context.page, DropCode.SAME_PRODUCT)
    _mark(knowledge, verdict, items, asked.marks.banned, DropCode.BANNED)
    _mark(knowledge, verdict, items, asked.on_page, DropCode.ON_PAGE)
    _mark(knowledge, verdict, items, asked.excluded, DropCode.EXCLUDED)
    _mark(knowledge, verdict, items, asked.context.cart, DropCode.IN_CART)
    return verdict


def _judge_relations(knowledge: Knowledge, found: Candidates, asked: Asked, verdict: Array) -> None:
    """What typed relations forbid: a substitute beside its own kind, never together, in the box, no fit, past its date."""
    items, context = found.items, asked.context
    beside = context.in_sight
    substitutes = knowledge.links("substitute").reached_from(beside)
    if len(substitutes):
        is_beside = knowledge.mask_of(substitutes)[items] & found.from_sources(GOES_WITH)
        verdict[is_beside] = NUMBERS[DropCode.SUBSTITUTE_OF_CART]
    _mark(knowledge, verdict, items, asked.marks.apart, DropCode.NEVER_TOGETHER)
    around = context.anchors if len(beside) == 0 else beside
    _mark(knowledge, verdict, items, knowledge.links("included").reached_from(around), DropCode.INCLUDED)
    unfit = knowledge.links("excludes").reached_from(around)
    if len(unfit):
        fits = knowledge.mask_of(knowledge.links("fits").reached_from(around))
        verdict[knowledge.mask_of(unfit)[items] & ~fits[items]] = NUMBERS[DropCode.DOES_NOT_FIT]
    if not knowledge.has_dates:
        return
    dates = knowledge.best_before[items]
    verdict[(dates >= 0) & (dates < context.now // DAY)] = NUMBERS[DropCode.EXPIRED]


def _mark(knowledge: Knowledge, verdict: Array, items: Array, stopped: Array | frozenset[int], code: DropCode) -> None:
    if len(stopped):
        verdict[knowledge.mask_of(list(stopped) if isinstance(stopped, frozenset) else stopped)[items]] = NUMBERS[code]
