"""An offer's own terms: when, where, from which age and for whom it is; and which offer each candidate is sold under here.

A product that an offer sells can be had without the offer too. So time, market and audience bar only what was named as an
offer; a product found otherwise is then offered bare, at its own price. What protects people bars both: an offer's least
age, and the condition under which it must not be offered.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.fixed import fixed
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.library import EMPTY, Library
from crosslift.decide.verdicts import NUMBERS
from crosslift.decide.who import Answers
from crosslift.domain.condition import Compares, Every, Sign, UsageShare
from crosslift.domain.decision import DropCode
from crosslift.domain.membership import PersonFacts, Predicate
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer
from crosslift.domain.rule import Gate
from crosslift.domain.trait import age_of

Array = npt.NDArray[Any]
PROPOSED = frozenset({"offer", "goal"})
"""Sources that name offers as offers."""


@fixed
class Occasion:
    """When and where terms are asked: the instant, the day by the person's clock, and the market where it is known."""

    at: datetime
    local_on: date
    market: str | None = None


class Sold:
    """The offer each candidate is sold under here; a bare product stands in none.

    Parameters
    ----------
    rows : mapping of int to int
        Item to the place in the library of its offer, whose terms hold; offers without terms are known to the library.
    """

    def __init__(self, library: Library, rows: Mapping[int, int]) -> None:
        self._library = library
        self._rows = rows

    def offer_of(self, item: int) -> Offer | None:
        """Give the offer an item is sold under; None for a bare product."""
        row = self._rows.get(item, self._library.free_rows.get(item))
        return None if row is None else self._library.offers[row]

    def price_of(self, item: int, catalog: Money | None) -> Money | None:
        """Give what an item costs here in all: what its offer says, else the catalog."""
        offer = self.offer_of(item)
        return (self._library.price_of(offer) if offer is not None else None) or catalog

    def used_share(self, item: int) -> tuple[str, float] | None:
        """Read of the offer's audience, which held, how far something is used up at least: the meter and its share."""
        row = self._rows.get(item)
        rule = None if row is None else self._library.audiences[row][0]
        for part in rule.parts if isinstance(rule, Every) else (rule,):
            match part:
                case Compares(UsageShare(meter), Sign.AT_LEAST | Sign.MORE, limit):
                    return meter, limit
        return None


BARE = Sold(EMPTY, {})


class Terms:
    """The terms of the offers among some candidates, asked gate by gate; without offers it asks nothing.

    An unknown age is none and an unknown market is no market: what asks for one is not offered then. Conditions on the
    person are asked last, and only of what everything else lets pass.

    Parameters
    ----------
    found : Candidates
        Of them those that have an offer are asked.
    occasion : Occasion
        When and where.
    answers : Answers
        What holds of the person.
    """

    def __init__(self, knowledge: Knowledge, found: Candidates, occasion: Occasion, answers: Answers) -> None:
        self._library = library = knowledge.library
        self._occasion = occasion
        self._answers = answers
        self._items = found.items
        self._rows: dict[int, list[int]] = {}
        self._is_bare: dict[int, bool] = {}
        if len(library):
            proposed = found.from_sources(PROPOSED)
            for place in np.flatnonzero(library.has_terms[found.items]).tolist():
                item = int(found.items[place])
                self._rows[place] = list(library.rows_at(item))
                self._is_bare[place] = item < knowledge.n_products and not proposed[place]

    def judge(self, gate: Gate, verdict: Array) -> None:
        """Write what the terms of one gate stop into `verdict`, where nothing stopped it before; gates in their order.

        Parameters
        ----------
        verdict : uint16 array, shape (candidates,)
            0 passed, else see `verdicts.NUMBERS`.
        """
        for place in self._rows:
            if verdict[place] == 0 and (code := self._stops(gate, place)) is not None:
                verdict[place] = NUMBERS[code]

    def sold(self, verdict: Array) -> Sold:
        """Give, after the last gate, what each candidate that passed is sold under."""
        rows_of = {int(self._items[place]): rows[0]
                  for place, rows in self._rows.items() if rows and verdict[place] == 0}  # fmt: skip
        return Sold(self._library, rows_of)

    def _stops(self, gate: Gate, place: int) -> DropCode | None:
        match gate:
            case Gate.ELIGIBLE:
                return self._too_young(place)
            case Gate.APPLICABLE:
                return self._untimely(place)
            case Gate.SUITABLE:
                return self._unsuited(place)
        return None

    def _too_young(self, place: int) -> DropCode | None:
        for row in self._here(place):
            least = self._library.offers[row].min_age
            if least and not self._answers.hold(f"age:{least}", reached(least)):
                return DropCode.TOO_YOUNG
        return None

    def _untimely(self, place: int) -> DropCode | None:
        here = self._here(place)
        running = [row for row in here if self._runs(self._library.offers[row])]
        if not running and not self._is_bare[place]:
            return DropCode.NOT_YET if here else DropCode.WRONG_MARKET
        self._rows[place] = running
        return None

    def _unsuited(self, place: int) -> DropCode | None:
        library = self._library
        for row in self._library.rows_at(int(self._items[place])):
            if self._holds("avoid", row, library.avoids[row][1]) and self._is_here(library.offers[row]):
                return DropCode.NOT_FOR_PERSON
        fitting = [row for row in self._rows[place] if library.audiences[row][1] is None
                   or self._holds("audience", row, library.audiences[row][1])]  # fmt: skip
        if not fitting and not self._is_bare[place]:
            return DropCode.NOT_FOR_PERSON
        self._rows[place] = fitting
        return None

    def _here(self, place: int) -> list[int]:
        return [row for row in self._rows[place] if self._is_here(self._library.offers[row])]

    def _is_here(self, offer: Offer) -> bool:
        return not offer.markets or self._occasion.market in offer.markets

    def _runs(self, offer: Offer) -> bool:
        return offer.runs_at(self._occasion.at) and (not offer.months or self._occasion.local_on.month in offer.months)

    def _holds(self, what: str, row: int, asked: Predicate | None) -> bool:
        offer = self._library.offers[row]
        return asked is not None and self._answers.hold(f"{what}:{offer.offer_id}:{offer.version}", asked)


def reached(years: int) -> Predicate:
    """Give the question whether somebody is known to have so many years."""

    def holds(facts: PersonFacts, now: int) -> bool:
        age = age_of(facts.profile.traits, datetime.fromtimestamp(now / 1e6, UTC).date())
        return age is not None and age >= years

    return holds
