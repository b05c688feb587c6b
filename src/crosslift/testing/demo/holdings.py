"""What people hold rather than buy: beans and filters that come by themselves, plans, warranties; and machines' meters.

About a third of the households hold something: a product or two by taste, and with some of them, more often than chance
would have it, what goes with them (`HOLDS_WITH`). Nothing of it depends on the orders. Meters do: who bought a machine
or a large grinder may have connected it, and it tells its shots or kilograms from time to time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import PLACE, get_item
from crosslift.testing.demo.customers import customer_ids, instant
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import LEANINGS, SEGMENTS, People
from crosslift.testing.demo.receipts import DAY_SECONDS, FIRST_SECOND, LAST_SECOND
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.seasons import N_DAYS

HOLDER_SHARE, MORE_HELD, ENDED = 0.36, 0.35, 0.18
#: Who holds the first, holds each of the others with this probability, whatever else they hold.
HOLDS_WITH: dict[str, dict[str, float]] = {
    "BLD-ESP": {"PLAN-DESC": 0.26, "WTR-CART": 0.14},
    "PLAN-CARE-ESP": {"WAR-ESP-2Y": 0.30, "PLAN-DESC": 0.22},
    "PLAN-CARE-GRD": {"WAR-GRD-2Y": 0.32},
    "BEAN-ETH-YIR": {"FLT-02": 0.28},
    "PLAN-BEANS": {"PLAN-CARE-GRD": 0.16},
}


@dataclass(frozen=True, slots=True)
class Holdable:
    """A product that can be held: how popular that is, whose taste it is, how often it renews."""

    product_id: str
    popularity: float
    world: str
    every_days: int


HOLDABLE = (
    Holdable("BLD-MORNING", 16, "pour", 30),
    Holdable("BEAN-ETH-YIR", 14, "pour", 30),
    Holdable("BLD-SEOUL", 10, "pour", 30),
    Holdable("BLD-ESP", 12, "espresso", 30),
    Holdable("BLD-DECAF", 6, "gift", 30),
    Holdable("FLT-02", 9, "pour", 90),
    Holdable("WTR-CART", 5, "espresso", 60),
    Holdable("PLAN-BEANS", 10, "pour", 30),
    Holdable("PLAN-DESC", 6, "espresso", 90),
    Holdable("PLAN-CARE-ESP", 8, "espresso", 30),
    Holdable("PLAN-CARE-GRD", 6, "pour", 30),
    Holdable("WAR-ESP-2Y", 4, "espresso", 730),
    Holdable("WAR-GRD-2Y", 5, "pour", 730),
)
NUMBER = {one.product_id: place for place, one in enumerate(HOLDABLE)}
SUBSCRIPTION_COLUMNS = (
    "subscription_id,customer_id,product_id,status,started_at,renews_at,ended_at,"
    "quantity,recurring_price,currency,period"
)
USAGE_COLUMNS = "customer_id,product_id,meter,value,unit,at"
#: Which machines can tell, what they count, the unit, and how much a household makes a day.
METERS = {
    "ESP-HOME-54": ("shots", "shots", 3.2),
    "ESP-HOME-58": ("shots", "shots", 3.6),
    "ESP-DUAL-58": ("shots", "shots", 5.0),
    "GRD-E-54": ("ground", "kg", 0.035),
    "GRD-E-ESP": ("ground", "kg", 0.05),
    "GRD-E-PRO64": ("ground", "kg", 0.06),
}
CONNECTED, BUSINESS_FACTOR, READING_DAYS = 0.45, 12.0, 24.0
#: The café of 박서준 stands first among the people: its machine is under a care plan, and always connected.
TOLD = ((0, "PLAN-CARE-ESP"), (0, "BLD-ESP"))


@dataclass(frozen=True, slots=True)
class Holdings:
    """One row a subscription, by person: `held` a place in `HOLDABLE`, days since the first; `ended_day` −1 if none."""

    person: Ints
    held: Ints
    started_day: Ints
    ended_day: Ints

    @property
    def is_active(self) -> NDArray[np.bool_]:
        """Whether it runs on the last day."""
        active: NDArray[np.bool_] = self.ended_day < 0
        return active


@cache
def _odds() -> NDArray[np.float64]:
    """Give cumulated odds of what a segment holds, shape (segments, holdable), rows ending at 1."""
    table = np.array(
        [[one.popularity * LEANINGS[segment].get(one.world, 1.0) for one in HOLDABLE] for segment in SEGMENTS]
    )
    total = np.cumsum(table, axis=1)
    odds: NDArray[np.float64] = total / total[:, -1:]
    return odds


def draw_holdings(people: People, seed: int) -> Holdings:
    """Draw who holds what since when."""
    rng = np.random.Generator(np.random.PCG64([seed, 6]))
    households = np.flatnonzero(people.takes_part & ~people.is_business)
    holders = households[rng.random(len(households)) < HOLDER_SHARE]
    person = np.repeat(holders, 1 + rng.poisson(MORE_HELD, len(holders)))
    held = (rng.random(len(person))[:, None] > _odds()[people.segment[person]]).sum(axis=1)
    person, held = _with_companions(person, held, rng)
    told = np.array([(place, NUMBER[product_id]) for place, product_id in TOLD])
    person, held = np.append(person, told[:, 0]), np.append(held, told[:, 1])
    _, kept = np.unique(person * len(HOLDABLE) + held, return_index=True)
    person, held = person[kept], held[kept]
    since = people.joined_day[person]
    started = since + (rng.random(len(person)) * (N_DAYS - since)).astype(np.int64)
    ends = (rng.random(len(person)) < ENDED) & ~people.is_business[person]
    ended = np.where(ends, started + (rng.random(len(person)) * (N_DAYS - started)).astype(np.int64), -1)
    return Holdings(person, held, started, ended)


def _with_companions(person: Ints, held: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Let what is held bring what it is held with."""
    persons, more = [person], [held]
    for first, companions in HOLDS_WITH.items():
        holds = person[held == NUMBER[first]]
        for then, take in companions.items():
            persons.append(holds[rng.random(len(holds)) < take])
            more.append(np.full(len(persons[-1]), NUMBER[then]))
    return np.concatenate(persons), np.concatenate(more)


def subscription_rows(people: People, holdings: Holdings) -> Iterator[tuple[object, ...]]:
    """Give the rows of subscriptions.csv."""
    ids = customer_ids(people)
    columns = (holdings.person, holdings.held, holdings.started_day, holdings.ended_day)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (person, held, started, ended) in enumerate(rows, 1):
        one = HOLDABLE[held]
        item = get_item(one.product_id)
        periods = (N_DAYS - started) // one.every_days + 1
        renews = "" if ended >= 0 else _day(started + periods * one.every_days)
        status = "ended" if ended >= 0 else "active"
        yield (
            f"S-{number:05d}", ids[person], one.product_id, status, _day(started), renews,
            _day(ended) if ended >= 0 else "", 1, item.price, "KRW", f"{one.every_days} days",
        )  # fmt: skip


def usage_rows(people: People, visits: Visits, lines: Lines, seed: int) -> list[tuple[object, ...]]:
    """Give the rows of usage.csv in order of time: meters of some of the machines that were bought, ever growing."""
    rng = np.random.Generator(np.random.PCG64([seed, 7]))
    ids, business = customer_ids(people), people.is_business
    person = visits.person[lines.order]
    rows: list[tuple[int, tuple[object, ...]]] = []
    for product_id, (meter, unit, a_day) in METERS.items():
        line = np.flatnonzero((lines.product == PLACE[product_id]) & (person >= 0) & ~lines.is_cancelled)
        owners, first = np.unique(person[line], return_index=True)
        connected = (rng.random(len(owners)) < CONNECTED) | (owners == 0)
        bought = visits.at[lines.order[line[first]]][connected]
        paces = (
            a_day * rng.lognormal(0.0, 0.45, len(bought)) * np.where(business[owners[connected]], BUSINESS_FACTOR, 1)
        )
        for owner, begun, pace in zip(owners[connected].tolist(), bought.tolist(), paces.tolist(), strict=True):
            days = np.cumsum(READING_DAYS * rng.uniform(0.6, 1.4, N_DAYS // 14))
            days = days[begun + days * DAY_SECONDS <= LAST_SECOND]
            reading = np.cumsum(np.diff(days, prepend=0.0) * pace * rng.uniform(0.8, 1.2, len(days)))
            for at, value in zip((begun + days * DAY_SECONDS).astype(np.int64).tolist(), reading.tolist(), strict=True):
                shown = round(value) if unit == "shots" else round(value, 2)
                rows.append((at, (ids[owner], product_id, meter, shown, unit, instant(at))))
    return [row for _, row in sorted(rows, key=lambda one: (one[0], str(one[1])))]


def _day(day: int) -> str:
    """Write a day of the window as the instant it begins."""
    return instant(FIRST_SECOND + day * DAY_SECONDS)
