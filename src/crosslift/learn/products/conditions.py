"""When and where a relation holds: the calendar months and the markets in which two products meet beyond chance.

Conditions are claimed only against evidence: a pair holds all year and everywhere unless its meetings crowd into a season, or
stay away from a market, by more than chance allows over all pairs asked. Months are calendar months of one market at a time:
winter in one is summer in another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import betainc

from crosslift.learn.baskets import Baskets, numbered
from crosslift.learn.products import by_chance
from crosslift.learn.products.thin import look_up
from crosslift.settings import Settings
from crosslift.stats.chance import StrataCounts, poisson_tail
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import count_pairs

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.int16]

ALL = -1
"""The mask of what holds all year, or of which nobody can say more."""

MIN_MEETINGS = 10
"""A market with fewer meetings of a pair has no say in its seasons."""

WINDOWS = np.array(
    [[(month - start) % 12 < length for month in range(12)] for length in range(1, 12) for start in range(12)]
)
"""Every run of 1 to 11 months of the year, also across its turn; shape (132, 12)."""

PAIRS_AT_ONCE = 1 << 14

WORTH_A_LOOK = 2.5
"""Standard deviations below which no window can pass the exact test 132 times corrected; spares most of the work."""


@dataclass(frozen=True, slots=True)
class Markets:
    """The market of each basket.

    Attributes
    ----------
    numbers : int64 array, shape (baskets,)
        Place in `names`, −1 where the order names none.
    names : list of str
    """

    numbers: Ints
    names: list[str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Months and markets of pairs.

    Attributes
    ----------
    months : int16 array, shape (pairs,)
        Bit 0 is January. −1: all year, too little known, or not the same in every market that has enough to say.
    is_in : bool array, shape (pairs, markets)
        Whether the pair holds in the market; True where nothing speaks against it.
    months_in : int16 array, shape (pairs, markets)
        The same as `months` for each market.
    names : sequence of str
        The markets.
    """

    months: Masks
    is_in: npt.NDArray[np.bool_]
    months_in: Masks
    names: Sequence[str]

    @property
    def markets(self) -> list[dict[str, Any]]:
        """Say for each pair `markets`, where it does not hold in all, and `seasons` (market to months 1 to 12) if any."""
        told: list[dict[str, Any]] = []
        for is_in, masks in zip(self.is_in, self.months_in.tolist(), strict=True):
            seasons = {name: months_of(mask) for name, mask in zip(self.names, masks, strict=True) if mask != ALL}
            held = [name for name, holds in zip(self.names, is_in, strict=True) if holds]
            told.append({**({} if is_in.all() else {"markets": held}), **({"seasons": seasons} if seasons else {})})
        return told


def months_of(mask: int) -> list[int]:
    """Give the months of a mask, in the order of the season.

    Examples
    --------
    >>> months_of(0b1000_0000_0011), months_of(ALL)
    ([12, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    """
    held = [bool(mask >> month & 1) for month in range(12)]
    start = next((month for month in range(12) if held[month] and not held[month - 1]), 0)
    return [(start + step) % 12 + 1 for step in range(12) if held[(start + step) % 12]]


def markets_of(lines: pa.Table) -> Markets:
    """Give the market of each basket that `baskets.from_lines` makes of these lines, in its order; names in alphabetical."""
    order = numbered([lines.column("source"), lines.column("order_id")])
    _, first = np.unique(order, return_index=True)
    market = lines.column("market").combine_chunks().take(pa.array(first)).dictionary_encode()
    names = sorted(market.dictionary.to_pylist())
    place = np.array([*(names.index(name) for name in market.dictionary.to_pylist()), -1], dtype=np.int64)
    return Markets(place[np.asarray(market.indices.fill_null(-1), dtype=np.int64)], names)


def find_conditions(
    baskets: Baskets,
    first: Items,
    second: Items,
    settings: Settings,
    markets: Markets | None = None,
    expected: Floats | None = None,
) -> Conditions:
    """Find the months and markets in which relations hold.

    A season is claimed for a pair in a market when some run of months holds more of its meetings than chance leaves there (the
    exact binomial tail, corrected for all 132 runs, then Benjamini-Hochberg over pairs and markets) and the other months show
    no relation: their lift misses `learn.min_lift`, or their meetings are what chance may bring. It takes orders in all twelve
    calendar months; one year of them cannot tell a season from a single campaign. A market is taken out when the pair meets
    there significantly less than elsewhere and shows no relation there. In tests of either a customer counts once a month.

    Parameters
    ----------
    baskets : Baskets
        All of them; those above `learn.max_basket_items` are left out here.
    first, second : int32 array, shape (pairs,)
        Relations, first < second.
    markets : Markets, optional
        Aligned with `baskets`; without it the shop is one market without a name. Markets of fewer than 500 baskets are
        pooled: they share the verdict where, and no season is claimed for a pool of several.
    expected : float64 array, shape (pairs,), optional
        The pairs' chance meetings as tested, to which those of single months are scaled: they matter in narrow tables.
    """
    where = markets or Markets(np.full(baskets.n_baskets, -1, dtype=np.int64), [])
    fits = baskets.sizes <= settings["learn.max_basket_items"]
    counted, numbers = baskets.take(fits), where.numbers[fits]
    pool = by_chance.pooled_strata(numbers, by_chance.MIN_STRATUM)
    n_pools = int(pool.max(initial=0)) + 1
    shape = (n_pools, len(first), 12)
    met, customers, chance = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    month = counted.at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12
    for place in range(n_pools):
        inside = pool == place
        met[place], customers[place], chance[place] = _by_month(counted.take(inside), month[inside], first, second)
    if expected is not None:
        whole = chance.sum(axis=(0, 2))
        chance *= np.divide(expected, whole, out=np.ones(len(first)), where=whole > 0)[:, None]
    level, least = settings["learn.max_q_value"], settings["learn.min_lift"]
    can_tell = np.array([
        len(np.unique(numbers[pool == place])) <= 1 and len(np.unique(month[pool == place])) == 12 for place in range(n_pools)
    ])  # fmt: skip
    masks = _seasons(met, customers, chance, can_tell, level, least)
    is_in = _places(met.sum(axis=2), customers.sum(axis=2), chance.sum(axis=2), level, least)
    has_say = can_tell[:, None] & is_in & (met.sum(axis=2) >= MIN_MEETINGS)
    pool_of = np.array([_pool_of(number, numbers, pool) for number in range(len(where.names))], dtype=np.int64)
    return Conditions(_agreed(masks, has_say), is_in[pool_of].T, masks[pool_of].T, where.names)


def _pool_of(number: int, numbers: Ints, pool: Ints) -> int:
    """Give the pool of a market; the first where all its baskets were left out."""
    mine = pool[numbers == number]
    return int(mine[0]) if len(mine) else 0


def _by_month(some: Baskets, month: Ints, first: Items, second: Items) -> tuple[Floats, Floats, Floats]:
    """Count baskets and customers of each pair month by month, and what chance brings; shape (pairs, 12) each."""
    met, customers = np.zeros((len(first), 12)), np.zeros((len(first), 12))
    chance = np.zeros((len(first), 12))
    for number in np.unique(month):
        part = some.take(month == number)
        pairs = count_pairs(part.items, part.offsets, part.n_items, groups=part.customers)
        met[:, number] = look_up(pairs, first, second)
        customers[:, number] = look_up(pairs, first, second, pairs.n_groups)
        one = StrataCounts.of(part.items, part.offsets, part.n_items, np.zeros(part.n_baskets, dtype=np.int64))
        chance[:, number] = one.expected(first, second)
    return met, customers, chance


def _seasons(
    met: Floats, customers: Floats, chance: Floats, can_tell: npt.NDArray[np.bool_], level: float, least: float
) -> Masks:
    """Give the mask of each pool and pair: the run of months that holds most beyond chance, if that is significant."""
    p, best = np.ones(met.shape[:2]), np.zeros(met.shape[:2], dtype=np.int64)
    for place in np.flatnonzero(can_tell):
        for low in range(0, met.shape[1], PAIRS_AT_ONCE):
            part = slice(low, low + PAIRS_AT_ONCE)
            p[place, part], best[place, part] = _best_window(customers[place, part], chance[place, part])
    q: Floats = np.ones(p.shape)
    q[can_tell] = adjust(p[can_tell].ravel(), "bh").reshape(p[can_tell].shape)
    window = WINDOWS[best]
    outside, by_chance_outside = (np.where(window, 0, cells).sum(axis=2) for cells in (met, chance))
    is_season = (q <= level) & _is_absent(outside, by_chance_outside, level, least)
    return np.where(is_season, window @ (1 << np.arange(12)), ALL).astype(np.int16)


def _best_window(customers: Floats, chance: Floats) -> tuple[Floats, Ints]:
    """Give for each pair the run of months with the smallest upper tail, and that tail times the runs there are."""
    n, whole = customers.sum(axis=1, keepdims=True), chance.sum(axis=1, keepdims=True)
    share = np.divide(chance, whole, out=np.zeros_like(chance), where=whole > 0) @ WINDOWS.T
    held = customers @ WINDOWS.T
    beyond = (held - n * share) / np.sqrt(np.maximum(n * share * (1 - share), 1e-12))
    pair, run = np.nonzero((beyond > WORTH_A_LOOK) & (whole > 0))
    p = np.ones(held.shape)
    p[pair, run] = betainc(held[pair, run], n[pair, 0] - held[pair, run] + 1, np.clip(share[pair, run], 0, 1))
    best = p.argmin(axis=1)
    return np.minimum(p[np.arange(len(p)), best] * len(WINDOWS), 1.0), best


def _places(met: Floats, customers: Floats, chance: Floats, level: float, least: float) -> npt.NDArray[np.bool_]:
    """Tell for each pool and pair whether it holds there, shape (pools, pairs)."""
    if len(met) < 2:
        return np.ones(met.shape, dtype=np.bool_)
    n, whole = customers.sum(axis=0), chance.sum(axis=0)
    share = np.divide(chance, whole, out=np.zeros_like(chance), where=whole > 0)
    fewer = (whole > 0) & (customers < n)  # P(X ≤ n) is 1
    p = np.where(fewer, betainc(np.where(fewer, n - customers, 1), customers + 1, np.clip(1 - share, 0, 1)), 1.0)
    q = adjust(p.ravel(), "bh").reshape(p.shape)
    is_in = (q > level) | ~_is_absent(met, chance, level, least)
    return np.where(is_in.any(axis=0), is_in, True)


def _is_absent(met: Floats, chance: Floats, level: float, least: float) -> npt.NDArray[np.bool_]:
    """Tell where a relation cannot be seen: its lift misses the least, or its meetings are what chance may bring."""
    return (met < least * chance) | (poisson_tail(met, chance) > level)


def _agreed(masks: Masks, has_say: npt.NDArray[np.bool_]) -> Masks:
    """Give each pair the mask that all pools which have a say agree on, else −1."""
    low = np.where(has_say, masks, np.iinfo(np.int16).max).min(axis=0)
    high = np.where(has_say, masks, np.iinfo(np.int16).min).max(axis=0)
    return np.where(low == high, low, ALL).astype(np.int16)
