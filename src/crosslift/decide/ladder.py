"""Which step of a ladder suits somebody who watches prices: the lowest that may be offered (row U05).

Prices are the same for everybody; what differs is which of several steps up somebody is shown first. Whoever buys mostly at
a discount or below the usual price of a shelf is not taken past the nearest step by what earns the shop more.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.membership import predicate
from crosslift.domain.segment_grammar import parse

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
STEPS = frozenset({"upgrade"})
"""The source whose offers are steps up."""
WATCHES_PRICES = predicate(parse("price_sensitivity >= 0.7"))
"""Seven tenths of what they spend, drawn towards the shop's share, is at a discount or below the usual price."""


def higher_steps(
    knowledge: Knowledge, found: Candidates, verdict: Array, price_of: Callable[[int], int | None]
) -> Mask:
    """Mark the steps up that a lower one from the same product stands below, among those nothing stopped so far.

    A step of which nothing better can be said is never offered, so it is no lower step either.

    Parameters
    ----------
    verdict : uint16 array, shape (candidates,)
        0 for what may be offered so far.
    price_of : callable
        Live price of an item in millionths, None where there is none. Prices of two currencies are not compared.

    Returns
    -------
    bool array, shape (candidates,)
    """
    higher: Mask = np.zeros(len(verdict), dtype=np.bool_)
    lowest: dict[tuple[int, str | None], int] = {}
    priced = []
    for place in np.flatnonzero(found.from_sources(STEPS) & (verdict == 0)).tolist():
        item = int(found.items[place])
        price = price_of(item)
        if price is not None and _can_be_told(knowledge, int(found.rows[place])):
            ladder = (int(found.anchors[place]), knowledge.currencies[item])
            lowest[ladder] = min(price, lowest.get(ladder, price))
            priced.append((place, ladder, price))
    for place, ladder, price in priced:
        higher[place] = price > lowest[ladder]
    return higher


def _can_be_told(knowledge: Knowledge, row: int) -> bool:
    """Tell whether a step gives anything that has a name; what the merchant links to is told in their words."""
    table = knowledge.links("upgrade")
    return row >= len(table) or bool(table.evidence(row).get("benefits"))
