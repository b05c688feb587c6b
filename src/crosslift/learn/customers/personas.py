"""Persona cards: what a group of people is like, from their profiles and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Mention, Middle, Persona
from crosslift.domain.profile import Profile

MIN_PEOPLE = 5
"""People of whom something must be known before the card says it; fewer could be recognized."""
MOST_CATEGORIES = 3
MOST_MENTIONS = 5


def persona_of(
    persona_id: str, members: Iterable[Profile], n_everybody: int, channels: Mapping[str, str] | None = None
) -> Persona:
    """Make the card of a cluster or segment.

    Parameters
    ----------
    persona_id : str
        Of the cluster or segment.
    members : iterable of Profile
        Its people.
    n_everybody : int
        People it was chosen from, at least the members.
    channels : mapping of str to str, optional
        The channel most orders of a person came through, by person id.
    """
    people = list(members)
    return Persona(
        persona_id=persona_id,
        n_people=len(people),
        share=len(people) / n_everybody if n_everybody else 0.0,
        order_value=_middle([person.aov for person in people], "money", "an order value"),
        items_per_order=_middle(
            [person.n_items / person.n_orders if person.n_orders else None for person in people], "count", "orders"
        ),
        interval_days=_middle([person.interval_days for person in people], "days", "a rhythm of buying"),
        categories=_categories(people),
        goals=_mentions(goal for person in people for goal in set(person.goals)),
        needs=_mentions(name for person in people for name in {visits.category for visits in person.returning_intent}),
        channel=_most(None if channels is None else channels.get(person.person_id) for person in people),
        source=_most(person.traffic_source for person in people),
        market=_most(person.market for person in people),
    )


def _middle(values: list[float | None], unit: str, what: str) -> Middle | NotEstimable:
    known = [value for value in values if value is not None]
    if len(known) < MIN_PEOPLE:
        return NotEstimable(f"{len(known)} people with {what}, at least {MIN_PEOPLE} needed")
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75]).tolist()
    return Middle(median, low, high, len(known), unit)


def _categories(people: list[Profile]) -> tuple[tuple[str, float], ...]:
    """Give the largest mean shares over people whose spend is known, of categories that enough of them bought."""
    known = [person.categories for person in people if person.categories]
    buyers = Counter(name for shares in known for name in shares)
    means = {
        name: sum(shares.get(name, 0.0) for shares in known) / len(known)
        for name, n in buyers.items()
        if n >= MIN_PEOPLE
    }
    return tuple(sorted(means.items(), key=lambda found: (-found[1], found[0]))[:MOST_CATEGORIES])


def _mentions(names: Iterable[str]) -> tuple[Mention, ...]:
    told = sorted(Counter(names).items(), key=lambda found: (-found[1], found[0]))
    return tuple(Mention(name, n) for name, n in told if n >= MIN_PEOPLE)[:MOST_MENTIONS]


def _most(names: Iterable[str | None]) -> Mention | None:
    return next(iter(_mentions(name for name in names if name)), None)
