"""What happened to every candidate, as the operator sees it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.knowledge import Knowledge
from crosslift.decide.verdicts import rule_told, verdict_name
from crosslift.decide.weighing import Chosen
from crosslift.domain.decision import DropCode, Trace, Traced
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate

Array = npt.NDArray[Any]
GATES = tuple(gate.value for gate in Gate)


def trace(knowledge: Knowledge, chosen: Chosen, verdict: Array, policy: Policy) -> Trace:
    """Tell what happened to every candidate, best scores first.

    What no gate stopped and still is not in `passed` had no evidence that could be told: it was never a candidate.
    """
    candidates, passed, scored = chosen.found, chosen.passed, chosen.scored
    place_of = {place: i for i, place in enumerate(chosen.places)}
    over = set(chosen.passed_over)
    order = np.lexsort((candidates.items, -candidates.scores, candidates.rank))
    rows = []
    for place in order[(verdict[order] > 0) | passed[order]].tolist():
        dropped: str | None = None
        if verdict[place]:
            dropped = verdict_name(int(verdict[place]), policy)
        elif place in over:
            dropped = DropCode.CATEGORY_FULL
        elif place not in place_of:
            dropped = DropCode.BEYOND_COUNT
        name = knowledge.products[int(candidates.items[place])]
        source = candidates.source_of(place)
        score = float(candidates.scores[place])
        rule = rule_told(int(verdict[place]), policy)
        rows.append(Traced(name, source, score, dropped, place_of.get(place), scored.factors(place), rule))
    return Trace(tuple(rows), GATES)
