"""Returning intent: people who come back to look at a category after they bought in it.

Two visits or more within a window, since the last purchase in the category, say that somebody is about to buy again. How
long the window is the shop's own history says: of those who did buy again after at least two such visits, the day before
which nine in ten had made the last but one. Too few of them, and the window is the one that is set.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers import written
from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.seen import Act, Seen
from crosslift.learn.customers.shelf import Shelf
from crosslift.learn.customers.visits import begins

Ints = npt.NDArray[np.int64]

MIN_VISITS = 2
MIN_REPURCHASES = 50
"""Purchases after repeat visits below which no window is learned."""
USUAL_DAYS = 21.0
LONGEST_DAYS = 365.0
SECOND = 1_000_000
SETTLING = DAY
"""Visits so soon after a purchase look after the order, not for the next; microseconds."""
QUANTILE = 0.9
MOST_ACTS = 2_000_000
"""Views from which the window is learned, those of so many people."""


class Basis(StrEnum):
    """Where a window comes from."""

    LEARNED = "learned"
    SET = "set"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Window:
    """How many days repeat visits count together, where that comes from, and purchases after repeat visits found."""

    days: float
    basis: Basis
    n_repurchases: int

    @classmethod
    def of(cls, visits: "Revisits", set_days: float) -> "Window":
        """Learn the window; above 0 `set_days` is taken instead."""
        lags = visits.lags()
        if set_days > 0:
            return cls(set_days, Basis.SET, len(lags))
        if len(lags) < MIN_REPURCHASES:
            return cls(USUAL_DAYS, Basis.USUAL, len(lags))
        learned = float(np.quantile(lags, QUANTILE)) / DAY
        return cls(min(max(learned, 1.0), LONGEST_DAYS), Basis.LEARNED, len(lags))


@dataclass(frozen=True, slots=True)
class Revisits:
    """Purchases in a category and visits to it by those who bought in it, each by owner and time.

    Attributes
    ----------
    owners : int64 array, shape (owners,)
        Person × `n_categories` + category, ascending.
    buyer, bought_at : int64 array, shape (purchases,)
        Place of the owner, and microseconds.
    visitor, visited_at : int64 array, shape (visits,)
        The same of visits.
    n_categories : int
        Of the shelf.
    """

    owners: Ints
    buyer: Ints
    bought_at: Ints
    visitor: Ints
    visited_at: Ints
    n_categories: int

    @classmethod
    def of(
        cls, bought: Bought, seen: Seen, shelf: Shelf, minutes: float, since: int = 0, stride: int = 1
    ) -> "Revisits":
        """Put purchases beside visits.

        Parameters
        ----------
        minutes : float
            The longest break within a visit.
        since : int
            Microseconds; earlier visits are left out.
        stride : int
            Every so many-th person only.
        """
        n = max(len(shelf.categories), 1)
        rows = (bought.person >= 0) & (bought.category >= 0) & (bought.person % stride == 0)
        owners, buyer = np.unique(bought.person[rows].astype(np.int64) * n + bought.category[rows], return_inverse=True)
        order = np.lexsort((bought.at[rows], buyer))
        looks = (seen.act == Act.VIEW) | (seen.act == Act.LIST)
        looks &= (seen.category >= 0) & (seen.at >= since) & (seen.person % stride == 0)
        visitor, at = seen.person[looks].astype(np.int64) * n + seen.category[looks], seen.at[looks]
        place = np.searchsorted(owners, visitor)
        is_buyer = np.append(owners, -1)[place] == visitor
        visitor, at = place[is_buyer], at[is_buyer]
        by_time = np.lexsort((at, visitor))
        visitor, at = visitor[by_time], at[by_time]
        first = begins(visitor, at, minutes)
        return cls(owners, buyer[order], bought.at[rows][order], visitor[first], at[first], n)

    def lags(self) -> Ints:
        """Give, for each purchase after repeat visits since the one before, the time since the last visit but one."""
        current = np.flatnonzero(np.diff(self.buyer, prepend=-1) == 0)
        visits = _key(self.visitor, self.visited_at)
        until = np.searchsorted(visits, _key(self.buyer[current], self.bought_at[current]))
        since = np.searchsorted(visits, _key(self.buyer[current], self.bought_at[current - 1] + SETTLING))
        enough = until - since >= MIN_VISITS
        return self.bought_at[current][enough] - self.visited_at[until[enough] - MIN_VISITS]

    def written(self, window: Window, names: pa.Array, as_of: int, n_people: int) -> pa.Array:
        """Write the categories each person comes back to as JSON lists of name, visits and the instant of the last.

        The newest first; visits of the same instant by name.
        """
        last = np.zeros(len(self.owners), np.int64)
        np.maximum.at(last, self.buyer, self.bought_at)
        counted = (self.visited_at > last[self.visitor] + SETTLING) & (self.visited_at > as_of - window.days * DAY)
        n = np.bincount(self.visitor[counted], minlength=len(self.owners))
        newest = np.zeros(len(self.owners), np.int64)
        np.maximum.at(newest, self.visitor[counted], self.visited_at[counted])
        rows = np.flatnonzero(n >= MIN_VISITS)
        person, category = np.divmod(self.owners[rows], self.n_categories)
        order = np.lexsort((category, -newest[rows], person))
        rows, person, category = rows[order], person[order], category[order]
        texts = pc.binary_join_element_wise(
            "[", written.quoted(names).take(pa.array(category)), ",", pa.array(n[rows]).cast(pa.string()), ",",
            pa.array(newest[rows]).cast(pa.string()), "]", "",
        )  # fmt: skip
        return written.lists(person, texts, n_people)


def stride_of(seen: Seen) -> int:
    """Choose every how many-th person the window is learned from, so that views stay few enough."""
    return max(1, -(-len(seen.at) // MOST_ACTS))


def _key(owner: Ints, at: Ints) -> Ints:
    """Put owner and second into one number that sorts as both."""
    return owner << 34 | at // SECOND
