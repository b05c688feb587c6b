"""Pairs of one basket: which go together, which never do, and which only in some months.

A pair's *lift* is its baskets over those expected by size-aware chance, `kappa · n_a · n_b / N` with
`kappa = N · Σ s(s−1) / (Σ s)²` over basket sizes s (DESIGN 4). From 1.3 a pair is *planted*, from 1.1 *induced*.

Two products are *apart* when their lift is under .3 although one demo shop expects at least five baskets with both by
chance. By design those are products of one need (`item.need`) and wrong fits (`relations.WRONG_FITS`); whatever else
comes out so low is apart all the same and is named `counted`. Findable is what the exact Poisson test at .001 sees with
power .95 in one demo shop.

A planted pair is *seasonal* when there are calendar months in which its share of all baskets is at least 1.5 times that
of the whole year (every month weighing the same, however often the window holds it), and these months hold at least
40 % of its year. Only pairs that one demo shop holds in at least ten baskets are judged; findable are those of 30.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from crosslift.testing.demo import people, process, relations
from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.seasons import MONTHS, month_of_day

PLANTED, INDUCED = 1.3, 1.1
LARGEST_BASKET = 100
SELLABLE = ("goods", "service", "warranty", "plan", "bundle")
APART, FEWEST_BY_CHANCE = 0.3, 5.0
IN_SEASON, SEASON_SHARE, JUDGED_BASKETS, SEASON_BASKETS = 1.5, 0.4, 10, 30
ALPHA, POWER = 0.001, 0.95


@dataclass(frozen=True, slots=True)
class TruePair:
    """A pair that goes together: `lift` over size-aware chance, `p_basket` the share of baskets that hold both."""

    first: str
    second: str
    lift: float
    p_basket: float
    kind: str

    @property
    def p_by_chance(self) -> float:
        """Share of baskets that would hold both by size-aware chance."""
        return self.p_basket / self.lift

    @property
    def is_findable(self) -> bool:
        """Whether it is planted, and the baskets of one demo shop show it almost surely."""
        by_chance, both = self.p_by_chance * people.ORDERS, self.p_basket * people.ORDERS
        return self.kind == "planted" and is_seen(both, by_chance)


@dataclass(frozen=True, slots=True)
class TrueApart:
    """A pair that is never together: by `need`, as a `wrong_fit`, or only as `counted`; expected in one demo shop."""

    first: str
    second: str
    basis: str
    lift: float
    expected: float

    @property
    def is_findable(self) -> bool:
        """Whether so few baskets would be seen by chance in less than a thousandth of shops, almost surely."""
        return is_missed(self.lift * self.expected, self.expected)


@dataclass(frozen=True, slots=True)
class TrueSeason:
    """A planted pair of some months (1 to 12), with the share of its year they hold, and its baskets in a demo shop."""

    first: str
    second: str
    months: tuple[int, ...]
    share: float
    n_shop: float

    @property
    def is_findable(self) -> bool:
        """Whether one demo shop shows it often enough."""
        return self.n_shop >= SEASON_BASKETS


def is_seen(n_true: float, n_by_chance: float, alpha: float = ALPHA) -> bool:
    """Tell whether the exact Poisson test sees so many instead of so many by chance with power .95."""
    critical = stats.poisson.isf(alpha, n_by_chance)
    return bool(stats.poisson.sf(critical, n_true) >= POWER)


def is_missed(n_true: float, n_by_chance: float, alpha: float = ALPHA) -> bool:
    """Tell whether the exact Poisson test sees so few instead of so many by chance with power .95."""
    critical = stats.poisson.ppf(alpha, n_by_chance) - 1
    return bool(stats.poisson.cdf(critical, n_true) >= POWER)


@dataclass(slots=True)
class PairCounts:
    """Additive counts of baskets: of products and pairs (`both`), and of basket sizes."""

    both: NDArray[np.int64]
    n_orders: int = 0
    sum_sizes: int = 0
    sum_size_pairs: int = 0

    @property
    def kappa(self) -> float:
        """How much more than one basket size bunches lines together."""
        return self.n_orders * self.sum_size_pairs / self.sum_sizes**2

    def expected(self) -> NDArray[np.float64]:
        """Baskets that would hold each pair by size-aware chance, shape (products, products)."""
        single = np.diag(self.both).astype(np.float64)
        return self.kappa * np.outer(single, single) / self.n_orders

    def lift(self) -> NDArray[np.float64]:
        """Counted over expected, 0 where nothing is expected."""
        expected = self.expected()
        return np.divide(self.both, expected, out=np.zeros_like(expected), where=expected > 0)


def sellable() -> NDArray[np.bool_]:
    """Tell which products count: shipping, fees and gift cards do not."""
    return np.array([item.kind in SELLABLE for item in CATALOG])


def no_pairs() -> PairCounts:
    """Give pair counts of nothing."""
    return PairCounts(np.zeros((len(CATALOG), len(CATALOG)), dtype=np.int64))


def count_pairs(orders: process.Orders, into: PairCounts | None = None) -> PairCounts:
    """Count the products and pairs of drawn baskets, added to earlier counts where given."""
    counts = into or no_pairs()
    kept = sellable()[orders.product]
    size = count_baskets(counts.both, orders.order[kept], orders.product[kept], len(orders.person))
    counts.n_orders += len(size)
    counts.sum_sizes += int(size.sum())
    counts.sum_size_pairs += int((size * (size - 1)).sum())
    return counts


def count_baskets(both: NDArray[np.int64], row: Ints, product: Ints, n_rows: int) -> Ints:
    """Add products and pairs of baskets of at most a hundred products; give the sizes of those baskets."""
    size = np.bincount(row, minlength=n_rows)
    fits = size <= LARGEST_BASKET
    kept = fits[row]
    ones = np.ones(int(kept.sum()), dtype=np.int64)
    baskets = sparse.csr_array((ones, (row[kept], product[kept])), shape=(n_rows, len(CATALOG)))
    both += (baskets.T @ baskets).toarray()
    return size[fits].astype(np.int64)


@dataclass(slots=True)
class MonthCounts:
    """Additive counts of baskets with both by month of the window, shape (months, products, products)."""

    both: NDArray[np.int64]
    n_orders: Ints

    def add(self, orders: process.Orders) -> None:
        """Count one sister shop."""
        kept = sellable()[orders.product]
        order, product = orders.order[kept], orders.product[kept]
        month = month_of_day()[orders.day]
        for place in range(len(MONTHS)):
            mine = month[order] == place
            count_baskets(self.both[place], order[mine], product[mine], len(month))
        self.n_orders += np.bincount(month, minlength=len(MONTHS))


def no_months() -> MonthCounts:
    """Give month counts of nothing."""
    n = len(CATALOG)
    return MonthCounts(np.zeros((len(MONTHS), n, n), dtype=np.int64), np.zeros(len(MONTHS), dtype=np.int64))


def pairs_of(counts: PairCounts) -> tuple[TruePair, ...]:
    """Name the pairs that go together."""
    lift, ids, pairs = counts.lift(), [item.product_id for item in CATALOG], []
    for one, other in np.argwhere(np.triu(lift >= INDUCED, 1)).tolist():
        strength = round(float(lift[one, other]), 3)
        kind = "planted" if strength >= PLANTED else "induced"
        p_basket = round(int(counts.both[one, other]) / counts.n_orders, 8)
        pairs.append(TruePair(ids[one], ids[other], strength, p_basket, kind))
    return tuple(pairs)


def apart_of(counts: PairCounts) -> tuple[TrueApart, ...]:
    """Name the pairs that are never together."""
    expected, lift = counts.expected() * people.ORDERS / counts.n_orders, counts.lift()
    wrong = {frozenset(pair) for pair in relations.WRONG_FITS}
    found = []
    for one, other in np.argwhere(np.triu((expected >= FEWEST_BY_CHANCE) & (lift < APART), 1)).tolist():
        first, second = CATALOG[one], CATALOG[other]
        basis = "need" if first.need and first.need == second.need else "counted"
        basis = "wrong_fit" if {first.product_id, second.product_id} in wrong else basis
        rounded = (round(float(lift[one, other]), 4), round(float(expected[one, other]), 2))
        found.append(TrueApart(first.product_id, second.product_id, basis, *rounded))
    return tuple(found)


def seasons_of(months: MonthCounts, pairs: Sequence[TruePair]) -> tuple[TrueSeason, ...]:
    """Name the planted pairs that belong to some months."""
    place = {item.product_id: number for number, item in enumerate(CATALOG)}
    calendar = np.array([month - 1 for _, month in MONTHS])
    n_orders = np.bincount(calendar, weights=months.n_orders, minlength=12)
    found = []
    for pair in pairs:
        n_shop = round(pair.p_basket * people.ORDERS, 1)
        if pair.kind != "planted" or n_shop < JUDGED_BASKETS:
            continue
        both = np.bincount(calendar, weights=months.both[:, place[pair.first], place[pair.second]], minlength=12)
        rate = both / n_orders
        high = rate >= IN_SEASON * rate.mean()
        share = float(rate[high].sum() / rate.sum())
        if high.any() and share >= SEASON_SHARE:
            names = tuple((np.flatnonzero(high) + 1).tolist())
            found.append(TrueSeason(pair.first, pair.second, names, round(share, 3), n_shop))
    return tuple(found)
