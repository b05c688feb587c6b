"""What the shop tried before crosslift came: a standing holdout, a launch that worked, and a test whose split broke.

A box showed households, before they paid, a product it guessed they would take, and it guessed well: it drew from what
each of them ever buys. So most of what is credited to it would have been bought without it, and what it changed is planted
apart: from `LAUNCH_DAY` half of the households had it in a new place too, and each of their orders brought `LIFT` of another
one, begun by a bag of beans that was shown there.
From `HELD_SHARE` of the households the box was kept back all the time. `BROKEN` lost some of the units of one arm.

All of it enters as trials run elsewhere do: arms as `assignments`, what the box showed as `logged_choices` with the
probability it was shown with, order lines that name the choice; the orders the launch brought, in a file of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.domain.experiment import HELD, TREATED
from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.customers import customer_ids, instant
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import CHANNELS, DURABLE_NEEDS
from crosslift.testing.demo.receipts import LAST_SECOND, prices, variants
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.seasons import MARKETS

HOLDOUT, LAUNCH, BROKEN = "standing-holdout", "buy-again-launch", "gift-banner"
HOLDOUT_DAY, LAUNCH_DAY, BROKEN_DAY = (datetime(*day, 1, tzinfo=UTC) for day in ((2025, 11), (2026, 9), (2026, 10)))
HELD_SHARE, LIFT, LOST = 0.05, 0.15, 0.2
BANNER_SHARE = 0.3
"""So many of the households were in the test whose split broke."""
OWN = 0.8
"""The new place shows somebody's own bag of beans so often, else any bag alike."""
BEFORE_PAYING = (60, 900)
"""Seconds between the box and the order."""
OTHER_VISITS = 0.2
"""Visits on which nothing was ordered, for each on which something was."""
ASSIGNMENT_COLUMNS = "experiment_id,unit_id,arm,at,planned_share"
CHOICE_COLUMNS = "choice_id,at,unit_id,action,probability,outcome,outcome_at,source"
SOURCE = "buy-again-box"
NEVER = int(np.iinfo(np.int64).max)
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: a row a unit. `person` is a place in `People`, `arm` one in `arms`, `at` seconds since 1970."""

    name: str
    arms: tuple[str, ...]
    shares: tuple[float, ...]
    person: Ints
    arm: Ints
    at: Ints


@dataclass(frozen=True, slots=True)
class Shown:
    """What the box showed, a row a product. `line` is the place of the order line that it became, −1 for none."""

    person: Ints
    at: Ints
    product: Ints
    probability: NDArray[np.float64]
    ordered_at: Ints
    line: Ints


@dataclass(frozen=True, slots=True)
class Tried:
    """Everything the shop tried; `brought` are the orders that the launch brought, with a line of `Shown` each."""

    trials: tuple[Trial, ...]
    brought: tuple[Visits, Lines]
    shown: Shown
    shown_brought: Shown


@dataclass(frozen=True, slots=True)
class _Sold:
    """What the process sold, and when people joined."""

    people: People
    visits: Visits
    lines: Lines
    signed: Ints


def draw_trials(people: People, visits: Visits, lines: Lines, signed: Ints, seed: int) -> Tried:
    """Draw who was in which arm, what the box showed, and what the launch brought."""
    rng = np.random.Generator(np.random.PCG64([seed, 12]))
    sold = _Sold(people, visits, lines, signed)
    households = np.flatnonzero(people.takes_part & ~people.is_business)
    holdout = _split(HOLDOUT, (HELD, TREATED), (HELD_SHARE, 1 - HELD_SHARE), HOLDOUT_DAY, households, sold, rng)
    treated = holdout.person[holdout.arm == 1]
    launch = _split(LAUNCH, ("control", "new_place"), (0.5, 0.5), LAUNCH_DAY, treated, sold, rng)
    some = treated[rng.random(len(treated)) < BANNER_SHARE]
    banner = _split(BROKEN, ("control", "banner"), (0.5, 0.5), BROKEN_DAY, some, sold, rng)
    kept = (banner.arm == 0) | (rng.random(len(banner.arm)) > LOST)
    banner = Trial(banner.name, banner.arms, banner.shares, banner.person[kept], banner.arm[kept], banner.at[kept])
    brought, shown_brought = _brought(sold, launch, rng)
    return Tried((holdout, launch, banner), brought, _shown(sold, holdout, rng), shown_brought)


def _split(
    name: str, arms: tuple[str, str], shares: tuple[float, float], day: datetime, persons: Ints, sold: _Sold,
    rng: np.random.Generator,
) -> Trial:  # fmt: skip
    """Split people by chance; each is in it from its day or from when they signed up."""
    at = np.maximum(int(day.timestamp()), sold.signed[persons])
    arm = (rng.random(len(persons)) >= shares[0]).astype(np.int64)
    inside = at < LAST_SECOND
    return Trial(name, arms, shares, persons[inside], arm[inside], at[inside])


def _since(trial: Trial, arm: int, n_people: int) -> Ints:
    """Give since when each person is in an arm; never, for those who are not."""
    since = np.full(n_people + 1, NEVER)  # the last place is that of a nameless customer, −1
    inside = trial.arm == arm
    since[trial.person[inside]] = trial.at[inside]
    return since


@cache
def _durables() -> Ints:
    """Number the need of each product that a household buys once; 0 of the others."""
    names = sorted(DURABLE_NEEDS)
    return np.array([names.index(item.need) + 1 if item.need in DURABLE_NEEDS else 0 for item in CATALOG])


def _drawn(own: Ints, everyones: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.float64]]:
    """Draw what the box shows people whose own product is given, and with which probability it does."""
    every = np.unique(everyones)
    shown = np.where(rng.random(len(own)) < OWN, own, rng.choice(every, len(own)))
    return shown, np.where(shown == own, OWN, 0.0) + (1 - OWN) / len(every)


def _online(sold: _Sold, since: Ints) -> Ints:
    """Give the online orders that nobody told and nobody cancelled, of people since they are in an arm."""
    visits, lines = sold.visits, sold.lines
    whole = np.ones(len(visits.at), dtype=bool)
    whole[lines.order[lines.is_cancelled]] = False
    online = (visits.channel < CHANNELS.index("till")) & (visits.tag == 0) & whole
    return np.flatnonzero(online & (visits.at >= since[visits.person]))


def _shown(sold: _Sold, holdout: Trial, rng: np.random.Generator) -> Shown:
    """Show the box before each online order, and on visits that came to nothing."""
    people, visits = sold.people, sold.visits
    since = _since(holdout, 1, len(people))
    buyer, _ = _goods(sold)
    order = _online(sold, since)
    order = order[np.isin(visits.person[order], buyer)]
    person = visits.person[order]
    others = rng.choice(person, round(OTHER_VISITS * len(person)))
    idle = since[others] + (rng.random(len(others)) * (LAST_SECOND - since[others])).astype(np.int64)
    before = np.maximum(visits.at[order] - rng.integers(*BEFORE_PAYING, len(order)), since[person])
    at = np.append(before, idle)
    who, of = np.append(person, others), np.append(order, np.full(len(others), -1))
    product, probability = _guessed(sold, who, rng)
    line = _line_of(sold.lines, of, product)
    by_time = np.argsort(at, kind="stable")
    ordered_at = np.where(line >= 0, visits.at[of], -1)
    who, at, product, ordered_at, line = (column[by_time] for column in (who, at, product, ordered_at, line))
    return Shown(who, at, product, probability[by_time], ordered_at, line)


def _guessed(sold: _Sold, person: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.float64]]:
    """Draw for each person one of the lines of goods they ever buy; with the probability of its product."""
    buyer, product = _goods(sold)
    start, end = np.searchsorted(buyer, person), np.searchsorted(buyer, person, side="right")
    drawn = product[start + (rng.random(len(person)) * (end - start)).astype(np.int64)]
    pairs, count = np.unique(buyer * len(CATALOG) + product, return_counts=True)
    return drawn, count[np.searchsorted(pairs, person * len(CATALOG) + drawn)] / (end - start)


def _goods(sold: _Sold) -> tuple[Ints, Ints]:
    """Give the lines of goods that were bought: buyer and product, in order of buyer."""
    lines = sold.lines
    goods = np.array([item.kind == "goods" for item in CATALOG])[lines.product] & ~lines.is_cancelled
    buyer, product = sold.visits.person[lines.order[goods]], lines.product[goods]
    by_buyer = np.argsort(buyer, kind="stable")
    return buyer[by_buyer], product[by_buyer]


def _line_of(lines: Lines, order: Ints, product: Ints) -> Ints:
    """Find the line of a product in an order, −1 for none."""
    keys = lines.order * len(CATALOG) + lines.product
    wanted = order * len(CATALOG) + product
    by_key = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys[by_key], wanted), len(keys) - 1)
    found: Ints = np.where((keys[by_key][place] == wanted) & (order >= 0), by_key[place], -1)
    return found


def _brought(sold: _Sold, launch: Trial, rng: np.random.Generator) -> tuple[tuple[Visits, Lines], Shown]:
    """Let orders of the new place bring another: a bag that was shown there, and a basket as others of the market have."""
    people, visits = sold.people, sold.visits
    since = _since(launch, 1, len(people))
    order = np.flatnonzero((visits.tag == 0) & (visits.at >= since[visits.person]))
    person = visits.person[order[rng.random(len(order)) < LIFT]]
    at = since[person] + (rng.random(len(person)) * (LAST_SECOND - since[person])).astype(np.int64)
    by_time = np.argsort(at, kind="stable")
    person, at = person[by_time], at[by_time]
    first, probability = _drawn(people.own_bean[person], people.own_bean[people.takes_part], rng)
    template, market = _templates(sold, person, rng), people.market[person]
    lines = _begun_by(first, market, sold.lines, template, rng)
    brought = Visits(at, person, visits.channel[template], market, np.zeros(len(at), np.int64))
    before = np.maximum(at - rng.integers(*BEFORE_PAYING, len(at)), since[person])
    return (brought, lines), Shown(person, before, first, probability, at, np.flatnonzero(lines.number == 1))


def _begun_by(first: Ints, market: Ints, lines: Lines, template: Ints, rng: np.random.Generator) -> Lines:
    """Give orders of a product and of everything another order holds."""
    start = np.searchsorted(lines.order, template)
    count = np.searchsorted(lines.order, template, side="right") - start
    rest = np.repeat(np.arange(len(first)), count)
    like = np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
    kept = lines.product[like] != first[rest]
    rest, like = rest[kept], like[kept]
    variant, one = variants(first, market, rng), np.ones(len(first), dtype=np.int64)
    price = prices()[first, variant + 1]
    tax = np.where(market == MARKETS.index("US"), 0, np.rint(price / 11)).astype(np.int64)
    begun = (np.arange(len(first)), first, variant, one, price, 0 * one, tax)
    taken = (lines.product, lines.variant, lines.quantity, lines.unit_price, lines.discount, lines.tax)
    columns = [np.concatenate([new, old]) for new, old in zip(begun, (rest, *(c[like] for c in taken)), strict=True)]
    by_order = np.argsort(columns[0], kind="stable")
    order, product, variant, quantity, price, discount, tax = (column[by_order] for column in columns)
    number = np.arange(len(order)) - np.searchsorted(order, order) + 1
    return Lines(order, product, variant, number, quantity, price, discount, tax, np.zeros(len(order), dtype=bool))


def _templates(sold: _Sold, person: Ints, rng: np.random.Generator) -> Ints:
    """Give each person an online order of a household of their market to be like, without durables they ever bought."""
    people, visits, lines = sold.people, sold.visits, sold.lines
    launched = np.where(people.takes_part & ~people.is_business, int(LAUNCH_DAY.timestamp()), NEVER)
    usable = _online(sold, np.append(launched, NEVER))
    durable = _durables()
    of_line, buyer = durable[lines.product], visits.person[lines.order]
    bought = np.zeros((len(people) + 1, durable.max() + 1), dtype=bool)
    bought[buyer, of_line] = True
    holds = np.zeros((len(visits.at), durable.max() + 1), dtype=bool)
    holds[lines.order, of_line] = True
    bought[:, 0] = holds[:, 0] = False
    like = np.empty(len(person), dtype=np.int64)
    for place, one in enumerate(person.tolist()):
        fits = usable[(visits.market[usable] == people.market[one]) & ~(holds[usable] & bought[one]).any(axis=1)]
        like[place] = rng.choice(fits)
    return like


def assignment_rows(people: People, tried: Tried) -> Iterator[Row]:
    """Give the rows of assignments.csv."""
    ids = customer_ids(people)
    for trial in tried.trials:
        for person, arm, at in zip(*(c.tolist() for c in (trial.person, trial.arm, trial.at)), strict=True):
            yield trial.name, ids[person], trial.arms[arm], instant(at), trial.shares[arm]


def choice_rows(people: People, tried: Tried) -> Iterator[Row]:
    """Give the rows of logged_choices.csv: what the box showed, and whether it was taken."""
    ids = customer_ids(people)
    for letter, shown in (("S", tried.shown), ("B", tried.shown_brought)):
        columns = (shown.person, shown.at, shown.product, shown.probability, shown.ordered_at, shown.line)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for place, (person, at, product, probability, ordered_at, line) in enumerate(rows):
            taken = (1, instant(ordered_at)) if line >= 0 else (0, "")
            what = CATALOG[product].product_id, f"{probability:.6f}"
            yield choice_id(letter, place), instant(at), ids[person], *what, *taken, SOURCE


def choice_id(letter: str, place: int) -> str:
    """Name a choice of the box."""
    return f"box-{letter}{place + 1:06d}"


def named_choices(n_lines: int, shown: Shown, letter: str) -> list[str]:
    """Give each order line the choice it names, empty for none."""
    named = [""] * n_lines
    for place in np.flatnonzero(shown.line >= 0).tolist():
        named[int(shown.line[place])] = choice_id(letter, place)
    return named
