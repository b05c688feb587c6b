"""What people looked at: sessions before an order, sessions without one, two kettles side by side, and a crawler.

A session opens with a product and goes on with siblings of the same shelf (above all the rivals of
`relations.VIEWED_INSTEAD`), with companions, or with something else. Some people are logged in, some are known by
their device only, many are strangers.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import ORDERS, People
from crosslift.testing.demo.process import CHANNELS
from crosslift.testing.demo.receipts import FIRST_SECOND, LAST_SECOND
from crosslift.testing.demo.relations import VIEWED_INSTEAD, goes_with
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.seasons import LAST_DAY, N_DAYS, busy_days
from crosslift.testing.demo.stories import TAGS

#: Sessions that end without an order, at 40,000 orders.
BROWSING = 56_000
STRANGERS, LOGGED_IN = 0.45, 0.35
#: After a view: the next is a sibling, a companion, or (the rest) anything.
SIBLING, COMPANION = 0.5, 0.2
VIEWED_BEFORE_BUYING = 0.85
RIVAL_WEIGHT = 8.0
CRAWLER_VIEWS = 3_000
SATO_LOOKS_AT = ("DRP-V60-02", "DRP-FLAT-185", "KTL-EL-800", "KTL-EL-900", "SRV-600", "KTL-EL-800", "SCL-TIMER")


@dataclass(frozen=True, slots=True)
class Views:
    """One row a product view, in order of time.

    `person` is a place in `People`, −1 for a stranger. `device` numbers the browser or phone: a person's own number,
    or one beyond all people for a stranger. `is_known`: the person was logged in. `channel` is web or app.
    """

    at: Ints
    person: Ints
    device: Ints
    is_known: NDArray[np.bool_]
    channel: Ints
    product: Ints


@cache
def _shown() -> NDArray[np.float64]:
    """Give how often each product's page is opened, relatively; fees and shipping have none."""
    return np.array([0.0 if item.world == "none" else max(item.popularity, 0.5) for item in CATALOG])


@cache
def _next_odds() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give cumulated odds of the next view by the one before, two tables (products, products): sibling, companion."""
    shown, n = _shown(), len(CATALOG)
    shelf = np.array([item.category for item in CATALOG])
    sibling = np.where((shelf[:, None] == shelf[None, :]) & ~np.eye(n, dtype=bool), shown[None, :], 0.0)
    for one, other in VIEWED_INSTEAD:
        sibling[PLACE[one], PLACE[other]] *= RIVAL_WEIGHT
        sibling[PLACE[other], PLACE[one]] *= RIVAL_WEIGHT
    companion = np.zeros((n, n))
    for first, then, take in goes_with():
        companion[PLACE[first], PLACE[then]] = take
        companion[PLACE[then], PLACE[first]] = take / 3
    tables = []
    for table in (sibling, companion):
        table[table.sum(axis=1) == 0] = shown
        total = np.cumsum(table, axis=1)
        tables.append(total / total[:, -1:])
    return tables[0], tables[1]


def _pick(odds: NDArray[np.float64], row: Ints, rng: np.random.Generator) -> Ints:
    """Draw one column a row by cumulated odds."""
    flat = (odds + np.arange(len(odds))[:, None]).ravel()
    place = np.searchsorted(flat, row + rng.random(len(row)), side="right") - row * odds.shape[1]
    drawn: Ints = np.minimum(place, odds.shape[1] - 1)
    return drawn


def _following(product: Ints, rng: np.random.Generator) -> Ints:
    """Draw the view after each view."""
    sibling, companion = _next_odds()
    anything = np.cumsum(_shown())[None, :] / _shown().sum()
    way = rng.random(len(product))
    drawn = _pick(anything, np.zeros(len(product), dtype=np.int64), rng)
    drawn = np.where(way < SIBLING + COMPANION, _pick(companion, product, rng), drawn)
    return np.where(way < SIBLING, _pick(sibling, product, rng), drawn)


def _before_orders(visits: Visits, lines: Lines, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give the views of people about to order online: at, person, device, is_known, channel, product."""
    bought = (_shown()[lines.product] > 0) & (lines.quantity > 0)
    bought &= (visits.channel[lines.order] < CHANNELS.index("till")) & (visits.tag[lines.order] != TAGS.index("bot"))
    line = np.flatnonzero(bought & (rng.random(len(bought)) < VIEWED_BEFORE_BUYING))
    order, product = lines.order[line], lines.product[line]
    aside = np.flatnonzero(rng.random(len(line)) < 0.55)
    product = np.append(product, _following(product[aside], rng))
    order = np.append(order, order[aside])
    at = visits.at[order] - rng.integers(30, 1_500, len(order))
    person = visits.person[order]
    return at, person, person, np.ones(len(order), dtype=np.int64), visits.channel[order], product


def _browsing(n_orders: int, people: People, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give the views of those who only look: at, person, device, is_known, channel, product."""
    n = round(BROWSING * n_orders / ORDERS)
    takers = np.flatnonzero(people.takes_part)
    person = np.where(rng.random(n) < STRANGERS, -1, rng.choice(takers, size=n))
    device = np.where(person >= 0, person, len(people) + np.arange(n))
    known = ((person >= 0) & (rng.random(n) < LOGGED_IN)).astype(np.int64)
    day = np.minimum(np.searchsorted(busy_days(), rng.random(n), side="right"), N_DAYS - 1)
    start = FIRST_SECOND + day * 86_400 + rng.integers(0, 80_000, n)
    channel = (rng.random(n) < 0.4).astype(np.int64)
    size = 1 + rng.poisson(rng.gamma(1.2, 1.75, n))
    product = _pick(np.cumsum(_shown())[None, :] / _shown().sum(), np.zeros(n, dtype=np.int64), rng)
    session, products, steps = [np.arange(n)], [product], [np.zeros(n, dtype=np.int64)]
    for step in range(1, int(size.max())):
        going = np.flatnonzero(size > step)
        product[going] = _following(product[going], rng)
        session.append(going)
        products.append(product[going])
        steps.append(np.full(len(going), step * 47))
    row = np.concatenate(session)
    at = start[row] + np.concatenate(steps) + rng.integers(0, 40, len(row))
    return at, person[row], device[row], known[row], channel[row], np.concatenate(products)


def _told(people: People, n_orders: int) -> tuple[Ints, ...]:
    """Give the crawler's views, and those of 佐藤 健, who has looked around for two evenings and bought nothing."""
    n = round(CRAWLER_VIEWS * min(n_orders / ORDERS, 1.0))
    sato = int(people.is_business.sum()) + 1
    pages = np.flatnonzero(_shown())
    night = int((LAST_DAY - timedelta(days=212, hours=-18)).timestamp())
    evening = int((LAST_DAY - timedelta(days=1, hours=-11)).timestamp())
    n_sato = len(SATO_LOOKS_AT)
    at = np.append(night + np.arange(n), [evening + 86_400 * (turn // 4) + 95 * turn for turn in range(n_sato)])
    person = np.append(np.full(n, -1), np.full(n_sato, sato))
    device = np.append(np.full(n, 10 * len(people) + BROWSING), np.full(n_sato, sato))
    known = (person >= 0).astype(np.int64)
    product = np.append(pages[np.arange(n) % len(pages)], [PLACE[product_id] for product_id in SATO_LOOKS_AT])
    return at, person, device, known, np.zeros(n + n_sato, dtype=np.int64), product


def draw_views(people: People, visits: Visits, lines: Lines, seed: int, *, has_stories: bool = True) -> Views:
    """Draw every product view that goes with these sales, about 7.5 an order; the told ones unless without stories."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    n_orders = len(visits.at)
    parts = [_before_orders(visits, lines, rng), _browsing(n_orders, people, rng)]
    if has_stories:
        parts.append(_told(people, n_orders))
    at, person, device, known, channel, product = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    at = np.minimum(at, LAST_SECOND)
    by_time = np.argsort(at, kind="stable")
    at, person, device, known = at[by_time], person[by_time], device[by_time], known[by_time]
    return Views(at, person, device, known.astype(bool), channel[by_time], product[by_time])
