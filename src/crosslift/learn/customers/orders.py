"""Orders of known people: what was kept of each, in the order of person and time, and the days between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.customers.bought import Bought, total
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.people import Numbers

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of which something was kept, by person and time; amounts are micros of the reporting currency.

    Attributes
    ----------
    person : int32 array, shape (orders,)
        Who, ascending.
    at : int64 array
        Microseconds UTC, ascending within a person.
    spent, margin : int64 array
        Of what was kept.
    is_priced, has_margin : bool array
        Whether every line has a price that converts, and a margin.
    n_people : int
        Everybody, also those without an order.
    """

    person: Numbers
    at: Ints
    spent: Ints
    margin: Ints
    is_priced: Bools
    has_margin: Bools
    n_people: int

    @classmethod
    def of(cls, bought: Bought, n_people: int) -> "Orders":
        """Put lines together; an order that names several people counts for the last of them."""
        kept = (bought.kept > 0) & (bought.person >= 0)
        order = bought.order[kept]
        n = int(order.max(initial=-1)) + 1
        person, at = np.full(n, -1, np.int32), np.full(n, np.iinfo(np.int64).max)
        np.maximum.at(person, order, bought.person[kept])
        np.minimum.at(at, order, bought.at[kept])
        chosen = np.flatnonzero(person >= 0)
        spent, margin, unpriced, without = (
            total(order, column[kept], n)[chosen]
            for column in (bought.spent, bought.margin, ~bought.is_priced, ~bought.has_margin)
        )
        place = np.lexsort((margin, spent, at[chosen], person[chosen]))
        return cls(
            person[chosen][place], at[chosen][place], spent[place], margin[place], unpriced[place] == 0,
            without[place] == 0, n_people,
        )  # fmt: skip

    @property
    def n_orders(self) -> Ints:
        """How many each person placed, shape (people,)."""
        return np.bincount(self.person, minlength=self.n_people)

    @property
    def first_at(self) -> Ints:
        """Instant of each person's first order, −1 where there is none, shape (people,)."""
        return self._end(np.flatnonzero(np.diff(self.person, prepend=-1)))

    @property
    def last_at(self) -> Ints:
        """Instant of each person's newest order, −1 where there is none, shape (people,)."""
        return self._end(np.flatnonzero(np.diff(self.person, append=self.n_people)))

    def days(self) -> "Days":
        """Give the days (UTC) on which people ordered: orders of one day are one purchase."""
        day = self.at // DAY
        begins = np.flatnonzero((np.diff(self.person, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0))
        return Days(self.person[begins], day[begins], self.n_people)

    def _end(self, rows: Ints) -> Ints:
        found = np.full(self.n_people, -1, np.int64)
        found[self.person[rows]] = self.at[rows]
        return found


@dataclass(frozen=True, slots=True)
class Days:
    """Days on which people bought, by person and time; `day` counts from 1970."""

    person: Numbers
    day: Ints
    n_people: int

    def gaps(self) -> tuple[Numbers, Ints]:
        """Give the days between each two neighboring purchases of a person, and whose they are."""
        same = np.flatnonzero(np.diff(self.person) == 0) + 1
        return self.person[same], self.day[same] - self.day[same - 1]


def median_by(person: Numbers, values: Ints, n_people: int) -> tuple[Floats, Ints]:
    """Give each person's median, nan where there is nothing, and how many values there are; shape (people,).

    Examples
    --------
    >>> median_by(np.array([0, 0, 0, 2], np.int32), np.array([9, 1, 4, 7]), 3)[0].tolist()
    [4.0, nan, 7.0]
    """
    ordered = values[np.lexsort((values, person))]
    n = np.bincount(person, minlength=n_people)
    begin = np.cumsum(n) - n
    some = np.flatnonzero(n > 0)
    low, high = (ordered[begin[some] + (n[some] - 1 + odd) // 2] for odd in (0, 1))
    found = np.full(n_people, np.nan)
    found[some] = (low + high) / 2
    return found, n
