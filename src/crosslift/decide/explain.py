"""What happened to every candidate, as the operator sees it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.eligibility import CODES
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.decision import DropCode, Trace, Traced

Array = npt.NDArray[Any]
GATES = ("eligible", "applicable", "suitable", "allowed")


def trace(
    knowledge: Knowledge, candidates: Candidates, verdict: Array, passed: Array, chosen: list[int], full: list[int]
) -> Trace:
    """Tell what happened to every candidate, best scores first.

    What no gate stopped and still is not in `passed` had no evidence that could be told: it was never a candidate.
    """
    place_of = {place: i for i, place in enumerate(chosen)}
    over = set(full)
    order = np.lexsort((candidates.items, -candidates.scores, candidates.rank))
    rows = []
    for place in order[(verdict[order] > 0) | passed[order]].tolist():
        dropped: DropCode | None = None
        if verdict[place]:
            dropped = CODES[int(verdict[place]) - 1]
        elif place in over:
            dropped = DropCode.CATEGORY_FULL
        elif place not in place_of:
            dropped = DropCode.BEYOND_COUNT
        name = knowledge.products[int(candidates.items[place])]
        source = candidates.source_of(place)
        rows.append(Traced(name, source, float(candidates.scores[place]), dropped, place_of.get(place)))
    return Trace(tuple(rows), GATES)
