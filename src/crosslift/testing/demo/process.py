"""The purchase process: who comes on which day, what they take, and what comes along.

`draw` is the whole process; every step is a handful of array operations, so that fifty shops can be drawn to compute
the truth. A basket grows like this:

1. **Errands.** Refills come due in a person's own rhythm, and paths lead from one purchase to a later one. Each is an
   order that is certain to hold its product. The remaining orders are free: people by how often they buy, days by how
   busy the shop is since they joined.
2. **Free lines.** A basket draws its lines from the catalog by popularity × leaning of the segment × season of the
   market. Sizes are overdispersed: households a long-tailed handful, cafés a dozen.
3. **Habits.** Beans and filters often turn into the person's own bean and filter.
4. **Companions.** Each line may bring the companions designed for it (`relations.goes_with`).
5. **Sense.** Nothing twice, no durable that the household owns or has outgrown, nothing that shares a need with an
   earlier line, nothing of a wrong size.
6. **Gift wrap** is added to orders at one constant rate, whatever is in them.

Nothing here knows the truth: it is counted afterwards (`truth`).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.errands import Ints, paths, renewals
from crosslift.testing.demo.people import (
    BASKET_TAILS,
    ERRAND_SHRINK,
    LEANINGS,
    OWN_BEAN,
    OWN_FILTER,
    SEGMENTS,
    People,
    draw_people,
    is_bean,
)
from crosslift.testing.demo.relations import PATHS, WRONG_FITS, goes_with
from crosslift.testing.demo.seasons import MARKETS, MONTHS, N_DAYS, busy_days, month_of_day, season_factors

#: Raised with every change of what is drawn or written; the stored truth names the version it speaks of. Version 2 writes
#: searches, pages read, holdings, meters, links and sets beside the orders and views of version 1, which stayed the same;
#: version 3 writes the trials of `trials` beside all of that.
GENERATOR_VERSION = 3

GIFT_WRAP = PLACE["GIFT-WRAP"]
GIFT_WRAP_RATE = 0.15
CHANNELS = ("web", "app", "till", "phone")
#: Channel shares by market for households, then for business.
CHANNEL_SHARES = ((0.40, 0.38, 0.19, 0.03), (0.60, 0.38, 0.0, 0.02), (0.74, 0.25, 0.0, 0.01), (0.45, 0.10, 0.05, 0.40))

#: A household owns one of each product of these needs.
DURABLE_NEEDS = frozenset({"dripper", "server", "kettle", "scale", "hand-grinder", "electric-grinder"}) | frozenset(
    {"espresso-machine", "tamper", "pitcher", "moka-pot", "air-press", "french-press", "syphon", "cold-brewer"}
)


@dataclass(frozen=True, slots=True)
class Orders:
    """Drawn orders as columns: one row an order (`person`, `day`, `channel`), one row a line (`order`, `product`).

    Orders stand in the order of their days; the lines of an order stand together.
    """

    people: People
    person: Ints
    day: Ints
    channel: Ints
    order: Ints
    product: Ints

    @property
    def market(self) -> Ints:
        """The market of each order, a place in `MARKETS`."""
        return self.people.market[self.person]


@cache
def _product_odds() -> NDArray[np.float64]:
    """Give cumulated odds of every product, shape (segments × months × markets, products), rows ending at 1."""
    odds = np.empty((len(SEGMENTS), len(MONTHS), len(MARKETS), len(CATALOG)))
    seasons = season_factors()
    for place, item in enumerate(CATALOG):
        leaning = np.array([LEANINGS[segment].get(item.world, 1.0) for segment in SEGMENTS])
        season = seasons[item.season] if item.season else np.ones((len(MONTHS), len(MARKETS)))
        odds[..., place] = item.popularity * leaning[:, None, None] * season[None, :, :]
    total = np.cumsum(odds.reshape(-1, len(CATALOG)), axis=1)
    return total / total[:, -1:]


@cache
def _companions() -> tuple[Ints, Ints, Ints, NDArray[np.float64]]:
    """Give the designed pairs as adjacency: start and count per anchor, then companions and their probabilities."""
    pairs = sorted((PLACE[first], PLACE[then], take) for first, then, take in goes_with())
    anchors = np.array([first for first, _, _ in pairs])
    count = np.bincount(anchors, minlength=len(CATALOG))
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    return start, count, np.array([then for _, then, _ in pairs]), np.array([take for *_, take in pairs])


@cache
def _needs() -> Ints:
    """Give each product's need as a number; −1 where it has none to share."""
    names = sorted({item.need for item in CATALOG if item.need})
    return np.array([names.index(item.need) if item.need else -1 for item in CATALOG])


@cache
def _is_durable() -> NDArray[np.bool_]:
    """Tell which products nobody buys twice."""
    return np.array([item.need in DURABLE_NEEDS for item in CATALOG])


def _visits(n_orders: int, size: int, people: People, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw all orders: person, day, and the product of the errand, −1 for a free visit."""
    both = zip(renewals(size, people, rng), paths(size, people, rng), strict=True)
    errands = [np.concatenate(columns) for columns in both]
    kept = rng.permutation(len(errands[0]))[: n_orders // 2]
    n_free = n_orders - len(kept)
    shares = busy_days()
    before = np.where(people.joined_day > 0, shares[people.joined_day - 1], 0.0)
    weights = np.cumsum(people.rate * (1 - before))
    person = np.searchsorted(weights, rng.random(n_free) * weights[-1], side="right")
    since = before[person]
    day = np.searchsorted(shares, since + rng.random(n_free) * (1 - since), side="right")
    free = (np.minimum(person, len(people) - 1), np.minimum(day, N_DAYS - 1), np.full(n_free, -1))
    person, day, errand = (np.concatenate([mine[kept], own]) for mine, own in zip(errands, free, strict=True))
    by_day = np.argsort(day, kind="stable")
    return person[by_day], day[by_day], errand[by_day]


def _free_lines(visits: tuple[Ints, Ints, Ints], people: People, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw the lines that people take by themselves: order, product. An errand's product stands first."""
    person, day, errand = visits
    segment = people.segment[person]
    mean, shape = np.array([BASKET_TAILS[name] for name in SEGMENTS])[segment].T
    mean = np.where((errand >= 0) & ~people.is_business[person], mean * ERRAND_SHRINK, mean)
    size = 1 + rng.poisson(rng.gamma(shape, mean / shape))
    order = np.repeat(np.arange(len(person)), size)
    group = (segment * len(MONTHS) + month_of_day()[day]) * len(MARKETS) + people.market[person]
    odds = _product_odds()
    flat = (odds + np.arange(len(odds))[:, None]).ravel()
    product = np.searchsorted(flat, group[order] + rng.random(len(order)), side="right") - group[order] * len(CATALOG)
    product = np.clip(product, 0, len(CATALOG) - 1)
    beans = np.array([is_bean(item.product_id) for item in CATALOG])[product]
    filters = np.array([item.shape == "filter" and item.world == "pour" for item in CATALOG])[product]
    habit, household = rng.random(len(order)), ~people.is_business[person[order]]
    product = np.where(beans & household & (habit < OWN_BEAN), people.own_bean[person[order]], product)
    product = np.where(filters & household & (habit < OWN_FILTER), people.own_filter[person[order]], product)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    product[first] = np.where(errand >= 0, errand, product[first])
    return order, product


def _with_companions(order: Ints, product: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Let every line bring the companions designed for it."""
    start, count, companion, take = _companions()
    n_chances = count[product]
    line = np.repeat(np.arange(len(order)), n_chances)
    first = np.cumsum(n_chances) - n_chances
    pair = start[product[line]] + np.arange(len(line)) - first[line]
    comes = rng.random(len(line)) < take[pair]
    return np.concatenate([order, order[line[comes]]]), np.concatenate([product, companion[pair[comes]]])


def _once(order: Ints, product: Ints) -> tuple[Ints, Ints]:
    """Keep each product once in a basket, at its first place."""
    _, kept = np.unique(order * len(CATALOG) + product, return_index=True)
    kept.sort()
    return order[kept], product[kept]


def _not_owned(order: Ints, product: Ints, person: Ints, people: People) -> Ints:
    """Let households take their own bean instead of a durable they have bought before, or have outgrown."""
    buyer = person[order]
    household = ~people.is_business[buyer]
    in_time = np.argsort(order, kind="stable")
    _, first = np.unique((buyer * len(CATALOG) + product)[in_time], return_index=True)
    again = np.ones(len(order), dtype=bool)
    again[in_time[first]] = False
    needless = _is_durable()[product] & again
    for path in PATHS:
        if path.kind == "step_up":
            stepped_up = np.full(len(people), len(person))
            higher = product == PLACE[path.then]
            np.minimum.at(stepped_up, buyer[higher], order[higher])
            needless |= (product == PLACE[path.first]) & (order > stepped_up[buyer])
    return np.where(needless & household, people.own_bean[buyer], product)


def _sensible(order: Ints, product: Ints, n_orders: int) -> tuple[Ints, Ints]:
    """Keep a need once in a basket, and leave out what does not fit."""
    need = _needs()[product]
    n_needs = int(need.max()) + 1
    unique = np.where(need >= 0, order * n_needs + need, n_orders * n_needs + np.arange(len(order)))
    _, kept = np.unique(unique, return_index=True)
    kept.sort()
    order, product = order[kept], product[kept]
    fits = np.ones(len(order), dtype=bool)
    for owned, wrong in WRONG_FITS:
        holds = np.zeros(n_orders, dtype=bool)
        holds[order[product == PLACE[owned]]] = True
        fits &= ~((product == PLACE[wrong]) & holds[order])
    return order[fits], product[fits]


def draw(n_orders: int, seed: int, *, shop_size: int | None = None) -> Orders:
    """Draw orders of the demo shop; the same numbers for the same seed.

    Parameters
    ----------
    n_orders : int
        How many orders.
    seed : int
        Of `numpy.random.PCG64`.
    shop_size : int, optional
        Orders of the shop by which people, accounts and rhythms are sized (9,000 people at 40,000 orders), where that
        differs from `n_orders` because some orders are told instead.

    Returns
    -------
    Orders
        Without the mess (`mess`), without the people of the stories (`stories`).

    Examples
    --------
    >>> orders = draw(2_000, seed=1)
    >>> len(orders.person), bool((np.diff(orders.day) >= 0).all())
    (2000, True)
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    size = shop_size or n_orders
    people = draw_people(size, rng)
    visits = _visits(n_orders, size, people, rng)
    order, product = _once(*_with_companions(*_free_lines(visits, people, rng), rng))
    product = _not_owned(order, product, visits[0], people)
    order, product = _sensible(*_once(order, product), n_orders)
    wrapped = np.flatnonzero(rng.random(n_orders) < GIFT_WRAP_RATE)
    order, product = np.concatenate([order, wrapped]), np.concatenate([product, np.full(len(wrapped), GIFT_WRAP)])
    by_order = np.argsort(order, kind="stable")
    person, day, _ = visits
    household_row = people.market[person]
    shares = np.cumsum(np.array(CHANNEL_SHARES), axis=1)[np.where(people.is_business[person], 3, household_row)]
    channel = np.minimum((rng.random(n_orders)[:, None] > shares).sum(axis=1), len(CHANNELS) - 1)
    return Orders(people, person, day, channel, order[by_order], product[by_order])
