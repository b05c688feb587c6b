"""The eligible gate: may this be offered at all? Column operations; one code per candidate, the first that fits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates, Context
from crosslift.decide.curation import NOTHING, Marks
from crosslift.decide.knowledge import LIVE_CODES, Knowledge
from crosslift.domain.decision import DropCode
from crosslift.domain.offer import GOES_WITH

Array = npt.NDArray[Any]
DAY = 86_400_000_000

CODES: tuple[DropCode, ...] = (
    DropCode.IN_CART,
    DropCode.EXCLUDED,
    DropCode.BANNED,
    DropCode.NOT_SELLABLE,
    DropCode.INACTIVE,
    DropCode.OUT_OF_STOCK,
    DropCode.PRICE_MISSING,
    DropCode.SAME_PRODUCT,
    DropCode.OWNED,
    DropCode.EXPIRED,
    DropCode.DOES_NOT_FIT,
    DropCode.INCLUDED,
    DropCode.NEVER_TOGETHER,
    DropCode.SUBSTITUTE_OF_CART,
)
"""In gate order; verdict n means `CODES[n - 1]`, 0 passed."""


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


def judge(knowledge: Knowledge, found: Candidates, live: Array, asked: Asked) -> Array:
    """Give each candidate its verdict.

    Parameters
    ----------
    live : uint8 array, shape (candidates,)
        Their live flags, see `knowledge.LIVE_CODES`; zeros where live values are not asked.

    Returns
    -------
    uint8 array, shape (candidates,)
    """
    items = found.items
    verdict = np.zeros(len(items), dtype=np.uint8)
    if asked.asks_all:
        _judge_relations(knowledge, found, asked, verdict)
    if asked.owned is not None and len(asked.owned):
        verdict[knowledge.mask_of(asked.owned)[items] & ~knowledge.is_consumable[items]] = _number(DropCode.OWNED)
    for place, code in reversed(list(enumerate(LIVE_CODES))):
        if code is not None:
            verdict[live == place] = _number(code)
    _mark(knowledge, verdict, items, asked.context.page, DropCode.SAME_PRODUCT)
    _mark(knowledge, verdict, items, asked.marks.banned, DropCode.BANNED)
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
        verdict[is_beside] = _number(DropCode.SUBSTITUTE_OF_CART)
    _mark(knowledge, verdict, items, asked.marks.apart, DropCode.NEVER_TOGETHER)
    around = context.anchors if len(beside) == 0 else beside
    _mark(knowledge, verdict, items, knowledge.links("included").reached_from(around), DropCode.INCLUDED)
    unfit = knowledge.links("excludes").reached_from(around)
    if len(unfit):
        fits = knowledge.mask_of(knowledge.links("fits").reached_from(around))
        verdict[knowledge.mask_of(unfit)[items] & ~fits[items]] = _number(DropCode.DOES_NOT_FIT)
    dates = knowledge.best_before[items]
    verdict[(dates >= 0) & (dates < context.now // DAY)] = _number(DropCode.EXPIRED)


def barred(knowledge: Knowledge, asked: Asked, items: Array) -> frozenset[int]:
    """Name those of some items that may be no part of a set here; what is on the page or in the cart may."""
    none = np.zeros(len(items))
    alone = Candidates(items, none, none.astype(np.int8), none, none, none + 1.0, ("part",))
    verdict = judge(knowledge, alone, np.zeros(len(items), dtype=np.uint8), asked)
    beside = knowledge.mask_of(asked.context.in_sight)[items]
    return frozenset(items[(verdict > 0) & ~beside].tolist())


def _mark(knowledge: Knowledge, verdict: Array, items: Array, stopped: Array | frozenset[int], code: DropCode) -> None:
    if len(stopped):
        verdict[knowledge.mask_of(list(stopped) if isinstance(stopped, frozenset) else stopped)[items]] = _number(code)


def _number(code: DropCode) -> int:
    return CODES.index(code) + 1
