"""What the shop could earn and does not: its own figures turned into lists, the largest first, each with what it rests on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from crosslift.domain.estimate import Estimate, NotEstimable
from crosslift.errors import BadInput
from crosslift.shop.credited import USUAL_DAYS
from crosslift.shop.missed import KINDS, Missed, Opportunity, Sources

Row = dict[str, Any]
USUAL_WEEKS = 4
MOST = 20


class Opportunities:
    """The opportunity finder of one shop.

    Parameters
    ----------
    sources : Sources
        What it reads.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, sources: Sources, clock: Callable[[], datetime]) -> None:
        self._sources = sources
        self._clock = clock

    def found(
        self, since: datetime | None = None, until: datetime | None = None, most: int = MOST, weeks: int = USUAL_WEEKS
    ) -> Row:
        """Find what could be earned and is not.

        Parameters
        ----------
        since, until : datetime, optional
            What is looked at, `until` not included; the last `USUAL_DAYS` days by default.
        most : int
            So many of each list, the largest first.
        weeks : int
            Stock has to last so long.

        Returns
        -------
        dict
            since, until, currency, `amounts` (margin, or revenue where the cost of less than half of what was sold is
            known), weeks; `lists` by kind of `KINDS`, each row with subject, title, value (value, low, high and n, or
            not_estimable), basis and facts; `n_found` of each kind in all.

        Raises
        ------
        BadInput
            If the period ends before it begins, or weeks or most are below 1.
        NotReady
            If nothing has been learned yet.
        """
        end = until or self._clock()
        begin = since or end - timedelta(days=USUAL_DAYS)
        if begin >= end:
            raise BadInput(f"the period ends ({end:%Y-%m-%d}) before it begins ({begin:%Y-%m-%d})")
        if weeks < 1 or most < 1:
            raise BadInput("ask for at least 1 row of each list, and stock for at least 1 week")
        seen = Missed(self._sources, int(begin.timestamp() * 1e6), int(end.timestamp() * 1e6), weeks)
        every = [*seen.alone(), *seen.rules(), *seen.underserved(), *seen.restock(), *seen.searches(), *seen.required()]
        lists = {kind: sorted((one for one in every if one.kind == kind), key=_size) for kind in KINDS}
        return {
            "since": begin.isoformat(), "until": end.isoformat(), "currency": self._sources.sales.currency,
            "amounts": seen.amounts, "weeks": weeks,
            "lists": {kind: [one.told() for one in rows[:most]] for kind, rows in lists.items()},
            "n_found": {kind: len(rows) for kind, rows in lists.items()},
        }  # fmt: skip


def _size(one: Opportunity) -> tuple[bool, float, str]:
    """Order by what there is to win; what nobody can say comes last."""
    value = one.value.value if isinstance(one.value, Estimate) else 0.0
    return isinstance(one.value, NotEstimable), -value, one.subject
