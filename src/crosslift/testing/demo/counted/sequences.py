"""Which product leads to which later purchase: counted by person, against people who ordered then, and as much.

For every person and product A the first purchase counts, where the window can still be watched to its end (`DAYS` days
before the last day); the pair (A, B) has happened when the same person takes B on a later day within `DAYS`.
By independence it would happen as often as B follows *any* order of the same month, by the same sort of customer
(household or business), who takes about as many things within `DAYS` after it: a comparable person on a comparable day,
who bought something else. A pair is a *sequence* when

- it happens at least 1.3 times as often as that (`PLANTED`), and
- forward at least 1.3 times as often as backward (B first, A later, counted alike), both relative to what independence
  gives, and by four standard errors of the counts.

From 1.1 on, in whichever direction, a pair is *induced*: one does follow the other more often than independence has it
(segments, refills), though no way leads only from one to the other. Where one demo shop sees fewer than three customers
go that way, or the sisters cannot tell it from chance (4.5 standard errors, for there are fifty thousand pairs),
nothing is said.

The lag is in days, from the first purchase of A to the first later B, among pairs within `DAYS`: none is censored,
because only people enter who were watched for all of `DAYS`; purchases of B that have nothing to do with A are in it.

Findable is what one demo shop almost surely shows (power .95) in two exact tests at .001: more customers than by
independence (Poisson), and more of them forward than back (binomial).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from crosslift.testing.demo import process
from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.counted.together import ALPHA, POWER, is_seen
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.seasons import MONTHS, N_DAYS, month_of_day

DAYS = 365
PLANTED, INDUCED = 1.3, 1.1
FEWEST_IN_SHOP, ERRORS = 3, 4.5
#: People are comparable who take so many things in the year after; the last bin is open.
ACTIVITY = np.array([1, 2, 3, 4, 5, 7, 10, 15, 22, 35])
N = len(CATALOG)


@dataclass(frozen=True, slots=True)
class TrueSequence:
    """`first`, then `then`. Rates are of people who could be watched; lags in days; `n_shop` customers in one demo shop.

    `n_shop` counts everybody who is seen to follow in a shop of 40,000 orders, also those not watched to the end;
    `n_back` everybody seen to go the other way round.
    """

    first: str
    then: str
    kind: str
    lift: float
    back_lift: float
    p_follows: float
    lag_median: float
    lag_q1: float
    lag_q3: float
    n_shop: float
    n_back: float

    @property
    def is_findable(self) -> bool:
        """Whether one demo shop almost surely shows that it is more than chance and goes forward."""
        return self.kind == "planted" and is_seen(self.n_shop, self.n_shop / self.lift) and self._leads()

    def _leads(self) -> bool:
        """Tell whether an exact binomial test sees forward among both directions, with power .95."""
        forward, back = self.n_shop / self.lift, self.n_back / self.back_lift if self.back_lift else 0.0
        n, by_chance = round(self.n_shop + self.n_back), forward / (forward + back)
        critical = stats.binom.isf(ALPHA, n, max(by_chance, 0.5))
        return bool(stats.binom.sf(critical, n, self.n_shop / (self.n_shop + self.n_back)) >= POWER)


class SequenceCounts:
    """Additive counts over sister shops."""

    def __init__(self) -> None:
        self.n_first = np.zeros(N)
        self.n_both = np.zeros((N, N))
        self.n_seen = np.zeros((N, N))
        self.expected = np.zeros((N, N))
        self.lags = np.zeros((N * N, DAYS + 1), dtype=np.uint32)
        self.n_shops = 0

    def add(self, orders: process.Orders, sellable: NDArray[np.bool_]) -> None:
        """Count one sister shop."""
        person, day, product, before = _purchases(orders, sellable)
        start, stop = _rows_of(person, len(orders.people))
        first = np.flatnonzero(before < 0)
        anchor, line = _later(day[first], start[person[first]], stop[person[first]], day, before)
        lag, pair = day[line] - day[first][anchor], product[first][anchor] * N + product[line]
        self.n_seen += np.bincount(pair, minlength=N * N).reshape(N, N)
        watched = day[first] < N_DAYS - DAYS
        kept = watched[anchor]
        self.n_both += np.bincount(pair[kept], minlength=N * N).reshape(N, N)
        self.n_first += np.bincount(product[first][watched], minlength=N)
        cells, counts = np.unique(pair[kept] * (DAYS + 1) + lag[kept], return_counts=True)
        self.lags.reshape(-1)[cells] += counts.astype(np.uint32)
        self.expected += _by_independence(orders, person, day, product, before, first[watched])
        self.n_shops += 1

    def sequences(self) -> tuple[TrueSequence, ...]:
        """Name what holds."""
        lift = np.divide(self.n_both, self.expected, out=np.zeros((N, N)), where=self.expected > 0)
        error = np.sqrt(1 / np.maximum(self.n_both, 1) + 1 / np.maximum(self.n_both.T, 1))
        ahead = np.log(np.maximum(lift, 1e-9) / np.maximum(lift.T, 1e-9))
        planted = (lift >= PLANTED) & (ahead >= np.maximum(np.log(PLANTED), 4 * error))
        seen = self.n_seen >= FEWEST_IN_SHOP * self.n_shops
        said = (lift >= INDUCED) & seen & (self.n_both - self.expected >= ERRORS * np.sqrt(self.expected))
        np.fill_diagonal(said, val=False)
        found = []
        for one, other in np.argwhere(said).tolist():
            q1, median, q3 = quartiles(self.lags[one * N + other])
            found.append(TrueSequence(
                CATALOG[one].product_id, CATALOG[other].product_id, "planted" if planted[one, other] else "induced",
                round(float(lift[one, other]), 3), round(float(lift[other, one]), 3),
                round(float(self.n_both[one, other] / self.n_first[one]), 5),
                median, q1, q3, round(float(self.n_seen[one, other] / self.n_shops), 2),
                round(float(self.n_seen[other, one] / self.n_shops), 2),
            ))  # fmt: skip
        return tuple(found)


def _purchases(orders: process.Orders, sellable: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Ints]:
    """Give each person's purchases by day: person, day, product, and the day of that product's purchase before (or −1)."""
    kept = sellable[orders.product]
    order, product = orders.order[kept], orders.product[kept]
    key = (orders.person[order] * N + product) * N_DAYS + orders.day[order]
    key = np.unique(key)
    whose, day = np.divmod(key, N_DAYS)
    before = np.where(np.diff(whose, prepend=-1) == 0, np.concatenate([[-1], day[:-1]]), -1)
    person, product = np.divmod(whose, N)
    return person, day, product, before


def _rows_of(person: Ints, n_people: int) -> tuple[Ints, Ints]:
    """Give where each person's purchases start and stop."""
    edges = np.searchsorted(person, np.arange(n_people + 1))
    return edges[:-1], edges[1:]


def _later(anchor_day: Ints, start: Ints, stop: Ints, day: Ints, before: Ints) -> tuple[Ints, Ints]:
    """Pair each anchor with the first later purchase of every product within `DAYS`: places of anchors and purchases."""
    size = stop - start
    anchor = np.repeat(np.arange(len(size)), size)
    line = np.arange(len(anchor)) + np.repeat(start - (np.cumsum(size) - size), size)
    since = anchor_day[anchor]
    follows = (day[line] > since) & (before[line] <= since) & (day[line] - since <= DAYS)
    return anchor[follows], line[follows]


def _by_independence(
    orders: process.Orders, person: Ints, day: Ints, product: Ints, before: Ints, first: Ints
) -> NDArray[np.float64]:
    """Give how many of these first purchases would be followed by each product if what is bought did not matter."""
    moments = np.sort(person * N_DAYS + day)
    business = orders.people.is_business.astype(np.int64)
    n_groups = 2 * len(MONTHS) * (len(ACTIVITY) + 1)

    def group(who: Ints, when: Ints) -> Ints:
        """Number the month, the sort of customer and the bin of how much follows."""
        moment = who * N_DAYS + when
        until, since = (np.searchsorted(moments, moment + wait, side="right") for wait in (DAYS, 0))
        bins = np.searchsorted(ACTIVITY, until - since, side="right")
        return (month_of_day()[when] * 2 + business[who]) * (len(ACTIVITY) + 1) + bins

    who, when = np.divmod(np.unique(moments), N_DAYS)
    who, when = who[when < N_DAYS - DAYS], when[when < N_DAYS - DAYS]
    start, stop = _rows_of(person, len(orders.people))
    anchor, line = _later(when, start[who], stop[who], day, before)
    groups = group(who, when)
    cells = groups[anchor] * N + product[line]
    follows = np.bincount(cells, minlength=n_groups * N).reshape(n_groups, N)
    rate = follows / np.maximum(np.bincount(groups, minlength=n_groups), 1)[:, None]
    mine = group(person[first], day[first])
    anchors = np.bincount(product[first] * n_groups + mine, minlength=N * n_groups).reshape(N, n_groups)
    expected: NDArray[np.float64] = anchors @ rate
    return expected


def quartiles(histogram: NDArray[np.uint32]) -> tuple[float, float, float]:
    """Read the quartiles of days from counts per day."""
    total = np.cumsum(histogram)
    q1, median, q3 = (float(np.searchsorted(total, share * total[-1])) for share in (0.25, 0.5, 0.75))
    return q1, median, q3
