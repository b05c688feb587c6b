"""What one source names: items with scores, and the row of evidence each rests on."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.context import NO_ITEMS
from crosslift.decide.fixed import fixed

Array = npt.NDArray[Any]
NO_SCORES = np.zeros(0, dtype=np.float64)
_ONES, _NO_ROWS = np.ones(4_096), np.full(4_096, -1)
_ONES.flags.writeable = _NO_ROWS.flags.writeable = False


def ones(n: int) -> Array:
    """Give the factor 1 for each of so many candidates, read-only."""
    return _ONES[:n] if n <= len(_ONES) else np.ones(n)


def are_ones(factors: Array) -> bool:
    """Tell whether factors are those of `ones`: what is multiplied by them stays as it is."""
    return factors.base is _ONES


def no_rows(n: int) -> Array:
    """Give −1 for each of so many candidates, read-only: no row of evidence, no anchor."""
    return _NO_ROWS[:n] if n <= len(_NO_ROWS) else np.full(n, -1)


@fixed
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
