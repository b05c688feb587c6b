"""How often people buy: each one's own interval, that of each category, and the silence after which somebody is gone.

Silence is judged by the gaps of those who came back. Open gaps count as still waiting, so that a young shop does not take
its short past for short gaps. A person's own gaps say more the more there are: the shop's 90 % quantile, stretched or
shortened as the person's median stands to the shop's, is drawn from the shop's by as much as `PRIOR_GAPS` gaps are worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.orders import Days, median_by
from crosslift.learn.customers.people import Numbers
from crosslift.learn.customers.shelf import Shelf
from crosslift.stats.survival import conditional_quantiles

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MIN_GAPS = 20
"""Finished gaps below which nothing is said of a shop or a category."""
PRIOR_GAPS = 3.0
MOST_PEOPLE = 100_000
"""People whose gaps the shop's quantiles are read from."""
SILENCE = 0.9


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the gaps of all people say, in days.

    Attributes
    ----------
    median, silence : float or None
        Median gap, and the one only a tenth exceed, of those who came back; None where too few did.
    n_gaps : int
        Finished gaps these rest on.
    of_category : mapping of str to float
        Median days until somebody bought in the category again.
    """

    median: float | None
    silence: float | None
    n_gaps: int
    of_category: Mapping[str, float]

    @classmethod
    def of(cls, days: Days, bought: Bought, shelf: Shelf, as_of: int, horizon: float) -> "Rhythm":
        """Learn from everybody's purchases.

        Parameters
        ----------
        horizon : float
            Days within which coming back counts.
        """
        of_category = _of_category(bought, shelf)
        lags, is_event, member = _sample(days, as_of // DAY)
        n_gaps = int((is_event & (lags <= horizon)).sum())
        if n_gaps < MIN_GAPS:
            return cls(None, None, n_gaps, of_category)
        found = conditional_quantiles(lags, is_event, horizon, (0.5, SILENCE), clusters=member)
        return cls(float(found.values[0]), float(found.values[1]), n_gaps, of_category)

    def silence_of(self, own_median: Floats, n_gaps: Ints) -> Floats:
        """Give the days of silence after which each person is taken for gone; nan where nothing is known of any."""
        if self.silence is None or self.median is None:
            return np.full(len(own_median), np.nan)
        own = np.maximum(own_median, 1.0) * self.silence / max(self.median, 1.0)
        share = np.where(n_gaps > 0, n_gaps / (n_gaps + PRIOR_GAPS), 0.0)
        log_own = np.log(np.where(n_gaps > 0, own, 1.0))
        days: Floats = np.exp(share * log_own + (1 - share) * np.log(self.silence))
        return days

    def interval_of(self, own_median: Floats, category: Numbers, shelf: Shelf) -> Floats:
        """Give the days until each person is expected again: their own, else of the category, else of the shop."""
        known = [self.of_category.get(name, np.nan) for name in shelf.categories.to_pylist()]
        by_category = np.append(np.array(known, np.float64), np.nan)[category]
        of_shop = np.nan if self.median is None else self.median
        return np.where(np.isnan(own_median), np.where(np.isnan(by_category), of_shop, by_category), own_median)


def _sample(days: Days, today: int) -> tuple[Floats, npt.NDArray[np.bool_], Numbers]:
    """Give finished gaps and those still open, of a sample of people."""
    stride = -(-days.n_people // MOST_PEOPLE)
    rows = np.flatnonzero(days.person % stride == 0) if stride > 1 else np.arange(len(days.person))
    person, day = days.person[rows], days.day[rows]
    is_last = np.diff(person, append=-1) != 0
    until = np.where(is_last, today, np.roll(day, -1))
    waited = (until - day).astype(np.float64)
    kept = ~is_last | (waited > 0)
    return waited[kept], ~is_last[kept], person[kept]


def _of_category(bought: Bought, shelf: Shelf) -> dict[str, float]:
    """Give the median gap of every category in which enough people bought again."""
    n_categories = len(shelf.categories)
    rows = (bought.person >= 0) & (bought.category >= 0) & (bought.kept > 0)
    owner = bought.person[rows].astype(np.int64) * n_categories + bought.category[rows]
    day = bought.at[rows] // DAY
    order = np.lexsort((day, owner))
    owner, day = owner[order], day[order]
    gap = np.diff(day, prepend=0)
    is_gap = (np.diff(owner, prepend=-1) == 0) & (gap > 0)
    category = (owner[is_gap] % max(n_categories, 1)).astype(np.int32)
    medians, n = median_by(category, gap[is_gap], n_categories)
    names = shelf.categories.to_pylist()
    return {names[place]: float(medians[place]) for place in np.flatnonzero(n >= MIN_GAPS).tolist()}
