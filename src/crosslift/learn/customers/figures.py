"""What each person bought, brought and sent back, added up from the lines."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.learn.customers.bought import Bought, total
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.orders import Orders, median_by
from crosslift.learn.customers.people import NOBODY, Numbers

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Arrays of shape (people,); money in units of the reporting currency, nan where a figure cannot be said.

    Attributes
    ----------
    n_orders, n_items : int64 array
        Orders of which something was kept, and units kept.
    n_ordered, n_returns : int64 array
        Orders, those sent back as a whole included; orders from which something came back.
    first_at, last_at : int64 array
        First and newest order, −1 for none.
    has_rates, has_prices, has_margins : bool array
        Whether every price converts, any line has one, every line has a margin.
    revenue, margin, lost, taken, discounts : float64 array
        See `bought.Bought`.
    aov, return_rate, recency_days, interval_days : float64 array
    n_gaps : int64 array
        Gaps the interval is the median of.
    market, category : int32 array
        Place of the market of most orders, and of the category most was spent on in the newest order; −1 for none.
    """

    n_orders: Ints
    n_items: Ints
    n_ordered: Ints
    n_returns: Ints
    first_at: Ints
    last_at: Ints
    has_rates: Bools
    has_prices: Bools
    has_margins: Bools
    revenue: Floats
    margin: Floats
    lost: Floats
    taken: Floats
    discounts: Floats
    aov: Floats
    return_rate: Floats
    recency_days: Floats
    interval_days: Floats
    n_gaps: Ints
    market: Numbers
    category: Numbers

    @classmethod
    def of(cls, bought: Bought, orders: Orders, as_of: int) -> "Figures":
        """Add up."""
        n = orders.n_people

        def summed(values: npt.NDArray[np.integer] | Bools) -> Ints:
            return total(bought.person, values, n)

        units = summed(bought.units)
        has_rates = summed(bought.is_foreign) == 0
        has_prices = (summed(bought.is_priced) > 0) | (units == 0)
        has_margins = has_rates & (summed(~bought.has_margin) == 0)
        n_orders, last_at = orders.n_orders, orders.last_at
        revenue = _money(summed(bought.spent), has_rates & has_prices)
        n_ordered, n_returns = _ordered(bought, n)
        interval, n_gaps = median_by(*orders.days().gaps(), n)
        return cls(
            n_orders, summed(bought.kept), n_ordered, n_returns, orders.first_at, last_at, has_rates, has_prices,
            has_margins, revenue, _money(summed(bought.margin), has_margins), _money(summed(bought.lost), has_margins),
            _money(summed(bought.taken), has_rates), _money(summed(bought.discount), has_rates),
            np.divide(revenue, n_orders, out=np.full(n, np.nan), where=n_orders > 0),
            np.divide(units - summed(bought.kept), units, out=np.full(n, np.nan), where=units > 0),
            np.where(n_orders > 0, np.maximum(as_of - last_at, 0) / DAY, np.nan),
            interval, n_gaps, most_orders(bought.person, bought.order, bought.market, n),
            _newest_category(bought, last_at),
        )  # fmt: skip


def _money(micros: Ints, is_known: Bools) -> Floats:
    return np.where(is_known, micros / MICROS, np.nan)


def _ordered(bought: Bought, n_people: int) -> tuple[Ints, Ints]:
    """Count the orders of each person, and those from which something came back."""
    n = int(bought.order.max(initial=NOBODY)) + 1
    owner = np.full(n, NOBODY, np.int32)
    np.maximum.at(owner, bought.order, bought.person)
    came_back = total(bought.order, bought.kept < bought.units, n) > 0
    return total(owner, owner >= 0, n_people), total(owner, came_back, n_people)


def most_orders(person: Numbers, order: Numbers, name: Numbers, n_people: int) -> Numbers:
    """Give the name most orders of each person have, of several the lowest; −1 for none.

    Parameters
    ----------
    person, order, name : int32 array, shape (lines,)
        Whose a line is, the number of its order, and the place of a name such as its market; −1 for none.
    n_people : int
        Shape of what is given.
    """
    n_orders, n_names = int(order.max(initial=NOBODY)) + 1, max(int(name.max(initial=NOBODY)) + 1, 1)
    owner, of_order = (np.full(n_orders, NOBODY, np.int32) for _ in range(2))
    np.maximum.at(owner, order, person)
    np.maximum.at(of_order, order, name)
    told = (owner >= 0) & (of_order >= 0)
    cell, n = np.unique(owner[told].astype(np.int64) * n_names + of_order[told], return_counts=True)
    whose, which = np.divmod(cell, n_names)
    return _first(whose, which, -n, n_people)


def _newest_category(bought: Bought, last_at: Ints) -> Numbers:
    """Give the category most was spent on in each person's newest order, the first by name of several."""
    known = (bought.person >= 0) & (bought.category >= 0) & (bought.kept > 0)
    rows = np.flatnonzero(known)
    rows = rows[bought.at[rows] == last_at[bought.person[rows]]]
    n_categories = int(bought.category.max(initial=NOBODY)) + 1
    cell, place = np.unique(
        bought.person[rows].astype(np.int64) * max(n_categories, 1) + bought.category[rows], return_inverse=True
    )
    spent = total(place.astype(np.int32), bought.spent[rows], len(cell))
    person, category = np.divmod(cell, max(n_categories, 1))
    return _first(person, category, -spent, len(last_at))


def _first(person: Ints, name: Ints, rank: Ints, n_people: int) -> Numbers:
    """Give the name of the lowest rank of each person, of equals the lowest name."""
    order = np.lexsort((name, rank, person))
    rows = order[np.flatnonzero(np.diff(person[order], prepend=-1))]
    found = np.full(n_people, NOBODY, np.int32)
    found[person[rows]] = name[rows]
    return found


def text_of(place: Numbers, names: pa.Array) -> pa.Array:
    """Give the names of places, null for −1."""
    return names.take(pa.array(place, mask=place < 0))
