"""What a trial shows in each market: alone, and drawn towards all of them by as much as they differ by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.trial import MIN_UNITS, Compared, Plan, Verdict, compared_of
from crosslift.stats.strata import shrunk

LEAST_MARKETS = 2


@dataclass(frozen=True, slots=True)
class OfMarket:
    """One outcome of one arm in one market.

    Attributes
    ----------
    compared : Compared
        The market alone, p-values adjusted over all markets and arms (Holm).
    value, low, high : float
        The effect after it was drawn to that of all markets, and its interval: as many deviations wide as the judgement of
        the trial asks of the market alone.
    """

    market: str
    compared: Compared
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Say what the drawn interval allows to say."""
        if self.low > 0:
            return Verdict.BETTER
        return Verdict.WORSE if self.high < 0 else Verdict.NOT_PROVEN


def by_market(
    table: pa.Table, markets: Sequence[str], plan: Plan, outcome: str, arm: str
) -> Sequence[OfMarket] | NotEstimable:
    """Compare one outcome of one arm with the control in each market.

    Parameters
    ----------
    table : pa.Table
        See `outcomes.outcomes`.
    markets : sequence of str, shape (units,)
        Each unit's, as known before it was assigned.

    Returns
    -------
    sequence of OfMarket, or NotEstimable
        In order of market; markets with fewer than `MIN_UNITS` units in either arm are left out.

    References
    ----------
    Morris (1983), Parametric empirical Bayes inference; DerSimonian & Laird (1986) for the spread.
    """
    column, arms = np.asarray(markets), np.asarray(table["arm"])
    found: list[tuple[str, Compared]] = []
    for market in np.unique(column).tolist():
        inside = column == market
        sizes = [int((inside & (arms == one)).sum()) for one in (arm, plan.control)]
        if min(sizes) >= MIN_UNITS:
            found.append((market, compared_of(table.filter(pa.array(inside)), outcome, arm, plan)))
    told = [(market, one) for market, one in found if one.absolute.standard_error > 0]
    if len(told) < LEAST_MARKETS:
        return NotEstimable(
            f"{len(told)} markets with {MIN_UNITS} units in both arms; to draw them to each other takes {LEAST_MARKETS}"
        )
    errors = np.array([one.absolute.standard_error for _, one in told])
    values, deviations, _ = shrunk([one.absolute.value for _, one in told], errors)
    reach = np.array([one.absolute.high - one.absolute.value for _, one in told]) / errors * deviations
    return [
        OfMarket(market, one, float(value), float(value - wide), float(value + wide))
        for (market, one), value, wide in zip(told, values, reach, strict=True)
    ]
