"""Persona cards: what a group of people is like, from their profiles and nothing else."""

from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Mention, Middle, Persona
from crosslift.learn.customers.crowd import Crowd, Said
from crosslift.learn.customers.people import NOBODY

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_PEOPLE = 5
"""People of whom something must be known before the card says it; fewer could be recognized."""
MOST_CATEGORIES = 3
MOST_MENTIONS = 5


def persona_of(persona_id: str, crowd: Crowd, is_in: Bools, n_everybody: int) -> Persona:
    """Make the card of some people.

    Parameters
    ----------
    persona_id : str
        What they have in common, or the id of a segment.
    crowd : Crowd
        Everybody.
    is_in : bool array, shape (people,)
        Whom the card is of.
    n_everybody : int
        People they were chosen from, at least as many.
    """
    figures, n_people = crowd.figures, int(is_in.sum())
    n_orders = figures["n_orders"]
    items = np.divide(figures["n_items"], n_orders, out=np.full(len(crowd), np.nan), where=n_orders > 0)
    return Persona(
        persona_id=persona_id,
        n_people=n_people,
        share=n_people / n_everybody if n_everybody else 0.0,
        order_value=_middle(figures["aov"][is_in], "money", "an order value"),
        items_per_order=_middle(items[is_in], "count", "orders"),
        interval_days=_middle(figures["interval_days"][is_in], "days", "a rhythm of buying"),
        categories=_categories(crowd.spend.among(is_in)),
        goals=_mentions(crowd.goals.among(is_in)),
        needs=_mentions(crowd.needs.among(is_in)),
        channel=_most(crowd.channel.among(is_in)),
        source=_most(crowd.source.among(is_in)),
        market=_most(crowd.market.among(is_in)),
    )


def plain(card: Persona) -> dict[str, Any]:
    """Write a card as plain values; a figure that cannot be told says why."""
    return {one.name: _value(getattr(card, one.name)) for one in fields(card)}


def _value(value: Any) -> Any:
    match value:
        case NotEstimable(why):
            return {"not_estimable": why}
        case Middle() | Mention():
            return asdict(value)
        case tuple():
            return [_value(one) for one in value]
    return value


def _middle(values: Floats, unit: str, what: str) -> Middle | NotEstimable:
    known = values[~np.isnan(values)]
    if len(known) < MIN_PEOPLE:
        return NotEstimable(f"{len(known)} people with {what}, at least {MIN_PEOPLE} needed")
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75]).tolist()
    return Middle(median, low, high, len(known), unit)


def _categories(spend: Said) -> tuple[tuple[str, float], ...]:
    """Give the largest mean shares over people whose spend is known, of categories that enough of them bought."""
    n_known, n_names = int((np.diff(spend.person, prepend=NOBODY) > 0).sum()), len(spend.names)
    shares = np.bincount(spend.name, spend.value, n_names) / max(n_known, 1)
    enough = np.flatnonzero(np.bincount(spend.name, minlength=n_names) >= MIN_PEOPLE).tolist()
    found = sorted(((spend.names[name], float(shares[name])) for name in enough), key=lambda one: (-one[1], one[0]))
    return tuple(found[:MOST_CATEGORIES])


def _mentions(said: Said) -> tuple[Mention, ...]:
    """Give the names that most people have."""
    n_people = np.bincount(said.name, minlength=len(said.names))
    enough = np.flatnonzero(n_people >= MIN_PEOPLE).tolist()
    found = sorted(
        (Mention(said.names[name], int(n_people[name])) for name in enough), key=lambda m: (-m.n_people, m.name)
    )
    return tuple(found[:MOST_MENTIONS])


def _most(said: Said) -> Mention | None:
    return next(iter(_mentions(said)), None)
