"""A sequence states two lags, and the interval of each holds the median it is about at least about 95 times in 100.

Among all who come back are those whom the path sends and those who would have come anyway, whoever they are: the sentence
says "half of them within", and it has to be true of the people it counts. The excess is about those whom the path sends
alone, however many others there are, be these evenly spread or in a rhythm of their own.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binom

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products.sequences import find_sequences
from crosslift.settings import Settings
from crosslift.stats.excess import Excess, excess_quantiles
from crosslift.stats.lag_background import lag_background
from crosslift.stats.sequences import Visits, lag_edges

DAY = 86_400_000_000
N_ITEMS, N_DAYS, WINDOW = 20, 540, 365
NAMES = [f"p{item:02}" for item in range(N_ITEMS)]
CATALOG = catalog_of(NAMES, pa.table({"product_id": pa.array([], pa.string())}))
SETTINGS = Settings.load({"learn.narrow_items": 0, "learn.narrow_share": 1.0, "learn.sequence_days": WINDOW})
FIRST, THEN = 0, 1
SHARE, SPREAD = 0.45, 0.35
SHOPS, N_PEOPLE, SISTERS = 200, 900, 120


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


@dataclass(frozen=True, slots=True)
class Orders:
    """One line an order: who, on which day, what."""

    who: np.ndarray
    day: np.ndarray
    item: np.ndarray


def draw(random, median_days, popularity):
    """Draw orders of a window and the year after it; of the buyers of `FIRST` some come back for `THEN`, others happen to."""
    n_days = N_DAYS + WINDOW
    n_orders = 1 + random.poisson(random.gamma(2.0, 2.0, N_PEOPLE) * n_days / N_DAYS)
    who = np.repeat(np.arange(N_PEOPLE), n_orders)
    day = random.uniform(0, n_days, who.size)
    weights = np.full(N_ITEMS, (1 - popularity) / (N_ITEMS - 1))
    weights[THEN] = popularity
    item = random.choice(N_ITEMS, who.size, p=weights)
    sent = np.flatnonzero((item == FIRST) & (random.random(who.size) < SHARE))
    later = day[sent] + median_days * random.lognormal(0, SPREAD, sent.size)
    who, item = np.append(who, who[sent]), np.append(item, np.full(sent.size, THEN))
    return Orders(who, np.append(day, later), item)


def lags_of(orders):
    """Days from everybody's first `FIRST` of the window to their next `THEN`, of those who come within `WINDOW`."""
    lags = []
    for person in np.unique(orders.who[(orders.item == FIRST) & (orders.day < N_DAYS)]):
        mine = orders.who == person
        since = orders.day[mine & (orders.item == FIRST)].min()
        after = orders.day[mine & (orders.item == THEN) & (orders.day > since)] - since
        if after.size and after.min() <= WINDOW:
            lags.append(after.min())
    return lags


def seen(orders):
    """Give the orders of the window as the learner gets them: the year after is not known yet."""
    kept = np.flatnonzero(orders.day < N_DAYS)
    at, none = (orders.day[kept] * DAY).astype(np.int64), np.full(kept.size, -1)
    items, offsets = orders.item[kept].astype(np.int32), np.arange(kept.size + 1)
    return Baskets(NAMES, items, offsets, at, orders.who[kept].astype(np.int64), none < 0, none)


@pytest.mark.long
@pytest.mark.parametrize(("median_days", "popularity"), [(30, 0.05), (60, 0.06), (120, 0.05), (180, 0.03)])
def test_the_stated_interval_holds_the_median_of_all_who_come_back(median_days, popularity):
    random = np.random.default_rng([median_days, 5])
    truth = float(np.median(np.concatenate([lags_of(draw(random, median_days, popularity)) for _ in range(SISTERS)])))
    held, by_path = [], []
    for _ in range(SHOPS):
        links = find_sequences(seen(draw(random, median_days, popularity)), CATALOG, SETTINGS, N_DAYS * DAY)
        place = np.flatnonzero((links.sources == FIRST) & (links.targets == THEN))
        if place.size:
            low, high = links.columns["median_low"][place[0]], links.columns["median_high"][place[0]]
            held.append(low <= truth <= high)
            by_path.append(low <= median_days <= high)
    print(
        f"path of {median_days} days, found in {len(held)} of {SHOPS} shops: the interval holds the median of all who come "
        f"back ({truth:.0f} days) in {np.mean(held):.3f}, that of the path alone in {np.mean(by_path):.3f}"
    )
    assert len(held) >= 0.5 * SHOPS
    assert np.mean(held) >= 0.92


RUNS = 300
QUARTERS = ("first quarter", "median", "third quarter")
LEAST_HELD = int(binom.ppf(0.01, RUNS, 0.95))
"""Of `RUNS` intervals, so many hold the truth in 99 of 100 tries where each does with .95."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who comes: share of first buyers sent, with this median; others by popularity, and so many in a rhythm of 60 days."""

    median_days: float
    popularity: float
    share: float = 0.3
    n_people: int = 900
    n_regular: int = 0


def draw_once(random, case):
    """Draw orders of which everybody's first `FIRST` may send them to `THEN`, and `THEN` is a renewal process of some."""
    who = np.repeat(np.arange(case.n_people), 1 + random.poisson(random.gamma(2.0, 2.0, case.n_people)))
    day = random.uniform(0, N_DAYS, who.size)
    weights = np.full(N_ITEMS, (1 - case.popularity) / (N_ITEMS - 1))
    weights[THEN] = case.popularity
    item = random.choice(N_ITEMS, who.size, p=weights)
    of_first = np.flatnonzero(item == FIRST)
    of_first = of_first[np.lexsort((day[of_first], who[of_first]))]
    sent = of_first[np.append(True, np.diff(who[of_first]) != 0) & (random.random(of_first.size) < case.share)]
    later = day[sent] + case.median_days * random.lognormal(0, SPREAD, sent.size)
    regular = np.repeat(random.permutation(case.n_people)[: case.n_regular], 12)
    begin = random.uniform(-60, N_DAYS, (case.n_regular, 1))
    again = (begin + np.cumsum(random.gamma(36, 60 / 36, (case.n_regular, 12)), axis=1)).ravel()
    more = np.full(sent.size + again.size, THEN)
    drawn = Orders(
        np.concatenate([who, who[sent], regular]), np.concatenate([day, later, again]), np.append(item, more)
    )
    kept = (drawn.day >= 0) & (drawn.day < N_DAYS)
    return Orders(drawn.who[kept], drawn.day[kept], drawn.item[kept])


def excess_of(orders) -> Excess:
    """Learn the lag beyond the background of the one pair, found or not: what is found is a choice of lucky draws."""
    at, offsets = (orders.day * DAY).astype(np.int64), np.arange(orders.who.size + 1)
    visits = Visits.of(orders.item, offsets, orders.who, at, N_ITEMS, max_days=WINDOW, max_orders=30)
    first, then = np.array([FIRST], np.int32), np.array([THEN], np.int32)
    lags = visits.lags(first, then, N_DAYS * DAY)
    background = lag_background(visits, np.zeros(visits.customers.size, np.int64), first, then)
    return excess_quantiles(lags.events, lags.censored, background.expected, lag_edges(WINDOW), background.error)


@pytest.mark.long
@pytest.mark.parametrize(
    "case",
    [
        Case(30, 0.05, 0.45), Case(120, 0.05, 0.45), Case(30, 0.15), Case(60, 0.15), Case(120, 0.10), Case(200, 0.10, 0.4),
        Case(60, 0.05, n_regular=60), Case(120, 0.05, 0.4, n_regular=90), Case(30, 0.03, n_people=300),
        Case(120, 0.03, n_people=300),
    ],
    ids=str,
)  # fmt: skip
def test_the_interval_of_the_excess_holds_the_quartiles_of_the_path(case):
    lags = np.random.default_rng(1).lognormal(0, SPREAD, 400_000) * case.median_days
    truth = np.quantile(lags[lags <= WINDOW], (0.25, 0.5, 0.75))
    random = np.random.default_rng([int(case.median_days), int(case.popularity * 100), case.n_people, case.n_regular])
    told = [excess_of(draw_once(random, case)) for _ in range(RUNS)]
    low, high, values = (np.array([getattr(one, name)[0] for one in told]) for name in ("low", "high", "values"))
    held = ((low <= truth) & (truth <= high)).sum(axis=0)
    said = ", ".join(
        f"{name} {days:.0f} held {n / RUNS:.3f}, estimated {np.nanmedian(values[:, place]):.0f}"
        for place, (name, days, n) in enumerate(zip(QUARTERS, truth, held, strict=True))
    )
    print(f"{case}: {said}, width {np.nanmedian(high[:, 1] - low[:, 1]):.0f}")
    assert held.min() >= LEAST_HELD
    assert np.nanmedian(values[:, 1]) == pytest.approx(truth[1], rel=0.15)
