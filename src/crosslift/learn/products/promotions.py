"""What met only while it was promoted: pairs whose meetings crowd into a few days and are no relation on any other.

Two products on sale for a weekend are in hundreds of baskets of that weekend, and so in many together; over the whole
year that is far more than chance, though neither is bought for the other. Chance within the year cannot tell such a pair
from a relation, chance within days can. A pair is *promoted* when all of this holds:

1. More than half of its meetings lie on its `BUSIEST_DAYS` busiest days (a customer meets once a day), more than the
   traffic of those days explains: the binomial tail at their share of all baskets, times the choices of days there were,
   is at most `learn.max_q_value`.
2. On all other days together it is no relation: customers (three baskets each at most) against chance there, which is
   the tested chance scaled to the sales of those days, miss `learn.max_q_value`, `learn.min_lift` or
   `learn.min_customers`.
3. And those days could have spoken: with the sales the two products have there, a pair of this lift would have met
   significantly more often. Where they hardly sell on other days (launched last week, a young shop) nothing is
   concluded; where they do, and without each other, the pair is promoted.

A relation that a promotion made stronger holds on the other days and stays. What happens for weeks is a season
(`conditions`), not a promotion. Thin pairs are spared: fewer than four meetings can crowd into three days by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import betainc, pdtr

from crosslift.learn.baskets import Baskets
from crosslift.settings import Settings
from crosslift.stats.chance import poisson_tail

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DAY = 86_400_000_000

BUSIEST_DAYS = 3
"""Days that are looked at: a promotion of two days of the shop touches three days of UTC."""

BASKETS_AT_ONCE = 4_000_000
"""Baskets of both products of some pairs that are compared at a time; about 50 MB."""


def find_promoted(
    counted: Baskets, first: Items, second: Items, n_customers: Ints, expected: Floats, settings: Settings, *, cap: int
) -> Mask:
    """Mark the pairs that are no relation but on a few days.

    Parameters
    ----------
    counted : Baskets
        The baskets that pairs were counted over.
    first, second : int32 array, shape (pairs,)
        Relations by all other tests.
    n_customers : int64 array, shape (pairs,)
        Distinct customers who bought both.
    expected : float64 array, shape (pairs,)
        Chance meetings, above 0.
    cap : int
        Baskets a customer counts for in a test.

    Returns
    -------
    bool array, shape (pairs,)
    """
    promoted = np.zeros(len(first), dtype=np.bool_)
    sales = _Sales.of(counted)
    most = np.minimum(sales.most[first], sales.most[second])  # meetings that any few days can hold
    possible = np.flatnonzero(2 * most > n_customers)
    for part, met in _meetings(counted, first[possible], second[possible]):
        chosen = possible[part]
        promoted[chosen] = _judge(_Pairs(first[chosen], second[chosen], expected[chosen]), met, sales, settings, cap)
    return promoted


@dataclass(frozen=True, slots=True)
class _Pairs:
    first: Items
    second: Items
    expected: Floats


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Baskets that hold both products of some pair: which pair, the basket's day and customer; shape (meetings,)."""

    pair: Ints
    day: Ints
    customer: Ints


@dataclass(frozen=True, slots=True)
class _Sales:
    """Baskets with each product day by day.

    `keys` are item · days + day where there were any, ascending, `counts` how many; `n_baskets` of each day; `most` those
    of a product on its best days together.
    """

    keys: Ints
    counts: Ints
    totals: Ints
    n_baskets: Ints
    most: Ints

    @classmethod
    def of(cls, counted: Baskets) -> "_Sales":
        day, n_days = _days(counted)
        shape = (counted.n_items, max(n_days, 1))
        ones = np.ones(len(counted.items), dtype=np.int64)
        table = sparse.coo_array((ones, (counted.items, np.repeat(day, counted.sizes))), shape=shape).tocsr()
        table.sort_indices()
        item = np.repeat(np.arange(shape[0]), np.diff(table.indptr))
        order = np.lexsort((-table.data, item))
        is_best = np.arange(len(item)) - np.repeat(table.indptr[:-1], np.diff(table.indptr)) < BUSIEST_DAYS
        most = np.bincount(item, np.where(is_best, table.data[order], 0), minlength=shape[0]).astype(np.int64)
        keys = item.astype(np.int64) * shape[1] + table.indices
        return cls(keys, table.data, counted.item_counts(), np.bincount(day, minlength=shape[1]), most)

    def on(self, item: Items, day: Ints) -> Ints:
        """Give the baskets with an item on a day, shape (asked,)."""
        wanted = item.astype(np.int64) * len(self.n_baskets) + day
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.counts[place], 0)


def _days(counted: Baskets) -> tuple[Ints, int]:
    """Number the days that have orders."""
    days, number = np.unique(counted.at // DAY, return_inverse=True)
    return number.astype(np.int64), len(days)


def _meetings(counted: Baskets, first: Items, second: Items) -> Iterator[tuple[Ints, _Meetings]]:
    """Give the meetings of some pairs at a time, with the places of those pairs."""
    day, _ = _days(counted)
    cells = (np.ones(len(counted.items), dtype=np.int8), counted.items, counted.offsets)
    held = sparse.csr_array(cells, shape=(counted.n_baskets, counted.n_items)).T.tocsr()
    n_sold = counted.item_counts()
    piece = np.cumsum(n_sold[first] + n_sold[second]) // BASKETS_AT_ONCE
    for number in np.unique(piece):
        places = np.flatnonzero(piece == number)
        both = held[first[places]].multiply(held[second[places]]).tocsr()
        pair = np.repeat(np.arange(len(places)), np.diff(both.indptr))
        yield places, _Meetings(pair, day[both.indices], counted.customers[both.indices])


def _judge(pairs: _Pairs, met: _Meetings, sales: _Sales, settings: Settings, cap: int) -> Mask:
    """Apply the three rules."""
    level, n_pairs = settings["learn.max_q_value"], len(pairs.first)
    pair, day, count, is_busy = _busiest(met, n_pairs, len(sales.n_baskets))
    n, inside = np.bincount(pair, count, n_pairs), np.bincount(pair, count * is_busy, n_pairs)
    pair, day = pair[is_busy], day[is_busy]
    on_first, on_second = sales.on(pairs.first[pair], day), sales.on(pairs.second[pair], day)
    a, b, traffic = (np.bincount(pair, of, n_pairs) for of in (on_first, on_second, sales.n_baskets[day]))
    n_a, n_b, n_all = sales.totals[pairs.first], sales.totals[pairs.second], sales.n_baskets.sum()

    choices = comb(len(sales.n_baskets), BUSIEST_DAYS)
    crowds = (2 * inside > n) & (_tail(inside, n, traffic / n_all) * max(choices, 1) <= level)

    per_meeting = pairs.expected * n_all / (n_a * n_b)
    outside = np.divide((n_a - a) * (n_b - b), n_all - traffic, out=np.zeros(n_pairs), where=traffic < n_all)
    is_outside = ~np.isin(met.pair * len(sales.n_baskets) + met.day, pair * len(sales.n_baskets) + day)
    n_effective, n_customers = _people(met.pair[is_outside], met.customer[is_outside], n_pairs, cap)
    holds = _beats(n_effective, per_meeting * outside, settings) & (n_customers >= settings["learn.min_customers"])

    lift = np.divide(n, pairs.expected, out=np.ones(n_pairs), where=pairs.expected > 0)
    could_speak = pdtr(n_effective, lift * per_meeting * outside) <= level
    return np.asarray(crowds & ~holds & could_speak)


def _busiest(met: _Meetings, n_pairs: int, n_days: int) -> tuple[Ints, Ints, Ints, Mask]:
    """Count the customers of each pair day by day, and mark the days with most; of equal days the earlier."""
    people = int(met.customer.max(initial=0)) + 1
    once = np.unique((met.pair * n_days + met.day) * people + met.customer) // people
    cell, count = np.unique(once, return_counts=True)
    pair, day = np.divmod(cell, n_days)
    order = np.lexsort((day, -count, pair))
    begins = np.searchsorted(pair, np.arange(n_pairs))
    is_busy = np.zeros(len(cell), dtype=np.bool_)
    is_busy[order] = np.arange(len(cell)) - begins[pair] < BUSIEST_DAYS
    return pair, day, count, is_busy


def _people(pair: Ints, customer: Ints, n_pairs: int, cap: int) -> tuple[Ints, Ints]:
    """Count for each pair its baskets, of a customer at most so many, and its customers."""
    n_customers = int(customer.max(initial=0)) + 1
    each, count = np.unique(pair * n_customers + customer, return_counts=True)
    of = each // n_customers
    effective = np.bincount(of, np.minimum(count, cap), n_pairs).astype(np.int64)
    return effective, np.bincount(of, minlength=n_pairs)


def _beats(n: npt.NDArray[np.float64 | np.int64], expected: Floats, settings: Settings) -> Mask:
    """Tell what meets more than chance."""
    sure = poisson_tail(n, expected) <= settings["learn.max_q_value"]
    return np.asarray(sure & (n >= settings["learn.min_lift"] * expected) & (n > 0))


def _tail(inside: npt.NDArray[np.float64 | np.int64], n: npt.NDArray[np.float64 | np.int64], share: Floats) -> Floats:
    """Give P(X ≥ inside) of a binomial; 1 where nothing is inside."""
    some = inside > 0
    return np.where(some, betainc(np.where(some, inside, 1), n - inside + 1, np.clip(share, 0, 1)), 1.0)
