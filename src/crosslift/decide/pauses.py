"""What is left alone for a while: products and categories a person refused, muted, overlooked, complained of or returned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.domain.pressure import Cooldown, PressureLimits, PressureState, Reacted, Reaction, is_below

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
ANSWERS = frozenset({Reaction.CLICKED, Reaction.ACCEPTED})
_at = attrgetter("at")


@fixed
class Pauses:
    """What is left alone for a while, by place in the snapshot and by category, each with the reactions it rests on."""

    places: Mapping[int, Sequence[Reacted]] = field(default_factory=dict)
    categories: Mapping[str, Sequence[Reacted]] = field(default_factory=dict)

    def mask(self, knowledge: Knowledge, found: Candidates) -> Mask | None:
        """Mark the candidates that rest; None where none does."""
        places = found.places_of(self.places)
        if not (places or self.categories):
            return None
        mask = np.zeros(len(found.items), dtype=np.bool_)
        mask[places] = True
        return mask | in_categories(knowledge, found.items, tuple(self.categories)) if self.categories else mask


NO_PAUSES = Pauses()


def pauses(
    state: PressureState, limits: PressureLimits, knowledge: Knowledge, now: int, parent_of: Callable[[str], str] = str
) -> Pauses:
    """Find what this person is not to be shown now: after a cool-down's reaction, as often as it asks; for good what was muted.

    Parameters
    ----------
    now : int
        Microseconds UTC.
    parent_of : callable
        Gives the product of a variant: who said no to one size said no to the shirt.
    """
    if not state.reactions:
        return NO_PAUSES
    index = knowledge.index
    asks_categories = any(one.scope == "category" for one in limits.cooldowns)
    of_places, of_categories, muted = _Told(), _Told(), dict[Any, Sequence[Reacted]]()
    for one in state.reactions:
        place = index.get(one.product_id)
        if place is None and one.product_id:
            place = index.get(parent_of(one.product_id))
        if place is not None:
            of_places.add(place, one)
        if asks_categories and (category := _category_of(knowledge, one, place)):
            of_categories.add(category, one)
        if one.reaction is Reaction.MUTED and one.category and not one.product_id:
            muted[one.category] = (one,)
    places: dict[Any, Sequence[Reacted]] = {
        place: told[-1:] for place, told in of_places.by.get(Reaction.MUTED, {}).items()
    }
    for asked in limits.cooldowns:
        if asked.scope == "product" and asked.after in of_places.by:
            _add_pauses(places, of_places, asked, now)
        elif asked.scope == "category":
            _add_pauses(muted, of_categories, asked, now)
    return Pauses(places, muted)


class _Told:
    """Reactions by what they are and what they are about, and when something was last answered."""

    def __init__(self) -> None:
        self.by: dict[Reaction, dict[Any, list[Reacted]]] = {}
        self.answered: dict[Any, int] = {}

    def add(self, key: int | str | None, one: Reacted) -> None:
        told = self.by.get(one.reaction)
        if told is None:
            told = self.by[one.reaction] = {}
        rows = told.get(key)
        if rows is None:
            told[key] = [one]
        else:
            rows.append(one)
        if one.reaction is Reaction.CLICKED or one.reaction is Reaction.ACCEPTED:
            self.answered[key] = max(one.at, self.answered.get(key, one.at))


def _add_pauses(found: dict[Any, Sequence[Reacted]], told: _Told, asked: Cooldown, now: int) -> None:
    for key, rows in told.by.get(asked.after, {}).items():
        if len(rows) >= asked.n_times and key not in found:
            rests_on = _rest_after(rows, told.answered.get(key), asked, now)
            if rests_on:
                found[key] = rests_on


def _category_of(knowledge: Knowledge, one: Reacted, place: int | None) -> str:
    """Give the category a product has now, else the one it had when it was shown."""
    return one.category if place is None else knowledge.category_names[place] or one.category


def rests_altogether(state: PressureState, limits: PressureLimits, now: int) -> Sequence[Reacted]:
    """Give what everything rests on: a mute of everything, or a cool-down with scope `all`."""
    if not state.reactions:
        return ()
    for one in state.reactions:
        if one.reaction is Reaction.MUTED and not (one.product_id or one.category):
            return (one,)
    for asked in limits.cooldowns:
        rows = [one for one in state.reactions if one.reaction is asked.after] if asked.scope == "all" else []
        if len(rows) >= asked.n_times:
            answered = max((one.at for one in state.reactions if one.reaction in ANSWERS), default=None)
            if found := _rest_after(rows, answered, asked, now):
                return found
    return ()


def _rest_after(told: list[Reacted], answered: int | None, asked: Cooldown, now: int) -> Sequence[Reacted]:
    """Give the reactions a pause rests on, none where there is none; sightings before an answer do not count."""
    n, span = asked.n_times, asked.span
    if n == len(told) == 1 and asked.after is not Reaction.SEEN:
        return told if now < told[0].at + span and asked.within > 0 else ()
    rows = sorted(told, key=_at) if len(told) > 1 else told
    if asked.after is Reaction.SEEN and answered is not None:
        rows = [one for one in rows if one.at > answered]
    for last in range(len(rows) - 1, n - 2, -1):
        if now >= rows[last].at + span:
            return ()
        if rows[last].at - rows[last - n + 1].at < asked.within:
            return rows[last - n + 1 : last + 1]
    return ()


def in_categories(knowledge: Knowledge, items: Array, categories: Sequence[str]) -> Mask:
    """Mark what stands in some categories or below them; each category among the candidates is looked at once."""
    numbers, first = np.unique(knowledge.categories[items], return_index=True)
    names = [knowledge.category_names[item] for item in items[first].tolist()]
    inside = [name is not None and any(is_below(name, one) for one in categories) for name in names]
    return np.isin(knowledge.categories[items], numbers[inside])


def as_known(one: Reacted, knowledge: Knowledge, parent_of: Callable[[str], str]) -> Reacted:
    """Name the product and category of a reaction as the snapshot does: it then says the same by itself."""
    place = knowledge.index.get(one.product_id)
    if place is None and one.product_id:
        place = knowledge.index.get(parent_of(one.product_id))
    name = one.product_id if place is None else knowledge.products[place]
    return replace(one, product_id=name, category=_category_of(knowledge, one, place))
