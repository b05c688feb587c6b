"""Orders that are sure to hold their product: refills that come due, and paths from one purchase to a later one."""

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.people import ORDERS, People
from crosslift.testing.demo.relations import PATHS, REFILLS
from crosslift.testing.demo.seasons import N_DAYS

Ints = NDArray[np.int64]
#: How far people's rhythms differ from the product's, and one gap from the next (coefficients of variation).
RHYTHM_SPREAD, GAP_SPREAD, LAG_SPREAD = 0.12, 1 / 6, 0.35


def renewals(size: int, people: People, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw the refills that come due: person, day, product."""
    persons, days, products = [], [], []
    for refill in REFILLS:
        pool = np.flatnonzero(people.takes_part & (people.is_business == refill.is_business))
        holders = rng.permutation(pool)[: round(refill.holders * size / ORDERS)]
        n_most = int(N_DAYS / refill.interval_days * 1.8) + 2
        rhythm = refill.interval_days * rng.lognormal(0.0, RHYTHM_SPREAD, len(holders))
        gaps = rhythm[:, None] * rng.gamma(GAP_SPREAD**-2, GAP_SPREAD**2, (len(holders), n_most))
        start = rng.uniform(-refill.spell_days / 2, N_DAYS, len(holders))
        at = start[:, None] + np.cumsum(gaps, axis=1) - gaps[:, :1]
        until = np.minimum(start + rng.exponential(refill.spell_days, len(holders)), N_DAYS)
        row, column = np.nonzero((at >= 0) & (at < until[:, None]))
        persons.append(holders[row])
        days.append(at[row, column].astype(np.int64))
        products.append(np.full(len(row), PLACE[refill.product_id]))
    return np.concatenate(persons), np.concatenate(days), np.concatenate(products)


def paths(size: int, people: People, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw the purchases that lead to a later one: person, day, product."""
    persons, days, products = [], [], []
    households = np.flatnonzero(people.takes_part & ~people.is_business)
    arrived: dict[str, tuple[Ints, NDArray[np.float64]]] = {}
    for path in PATHS:
        if path.starters:
            person = rng.permutation(households)[: round(path.starters * size / ORDERS)]
            day = rng.uniform(0, N_DAYS, len(person))
            persons.append(person)
            days.append(day.astype(np.int64))
            products.append(np.full(len(person), PLACE[path.first]))
        else:
            person, day = arrived[path.first]
        later = day + path.median_days * rng.lognormal(0.0, LAG_SPREAD, len(person))
        comes = (rng.random(len(person)) < path.share) & (later < N_DAYS)
        arrived[path.then] = (person[comes], later[comes])
        persons.append(person[comes])
        days.append(later[comes].astype(np.int64))
        products.append(np.full(int(comes.sum()), PLACE[path.then]))
    return np.concatenate(persons), np.concatenate(days), np.concatenate(products)
