"""What people leave the shop with once everything is paid, and who of those who leave less than nothing does so by habit.

    net contribution = gross margin − returns − discounts − service − defaults

Gross margin is what everything sold would have brought at list price, net of tax. Returns take the margin of what came
back, what was refunded beyond its price, and a share of its price for handling and lost value. A default takes the whole
payment. Where a cost of goods is unknown the net is unknown too; but whoever loses money even on goods that cost nothing
is a loss for certain.

A class other than profitable needs a loss, and names what takes most of the margin. Returning counts as a habit when the
share of orders with a return, drawn to the shop's by as many orders as people's shares tell it is worth, is high and the
returns are several: one return makes nobody a serial returner.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.profile import ContributionClass
from crosslift.domain.profile_codes import ContributionReason as Reason
from crosslift.learn.customers import written

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CLASSES = tuple(ContributionClass)
LEAST_WORTH, MOST_WORTH = 2.0, 50.0
USUAL_RATE, USUAL_WORTH = 0.1, 10.0
"""Of a shop where nobody ordered twice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a figure makes a class.

    Attributes
    ----------
    min_contribution : float
        Less than this is a loss, in the reporting currency.
    return_cost_share : float
        Handling and lost value of what comes back, as a share of its price.
    serial_rate, serial_returns : float, int
        Drawn share of orders with a return, and orders with one, that make a habit.
    heavy_contacts : int
        Cases and contacts that make service heavy.
    """

    min_contribution: float
    return_cost_share: float
    serial_rate: float
    serial_returns: int
    heavy_contacts: int


@dataclass(frozen=True, slots=True)
class ReturnHabit:
    """The share of orders with a return, over all people, and how many orders it is worth beside a person's own."""

    rate: float
    worth: float

    @classmethod
    def of(cls, n_orders: Ints, n_returns: Ints) -> "ReturnHabit":
        """Learn from people with orders, by the moments of a beta-binomial distribution.

        References
        ----------
        Kleinman (1973), Proportions with extraneous variance: single and independent samples.

        Examples
        --------
        People who return everything or nothing differ as much as they can; their own few orders count for much:

        >>> ReturnHabit.of(np.array([4, 4, 4, 4]), np.array([4, 0, 0, 0]))
        ReturnHabit(rate=0.25, worth=2.0)
        """
        some = n_orders >= 2
        n, back = n_orders[some].astype(np.float64), n_returns[some].astype(np.float64)
        if not n.size:
            return cls(USUAL_RATE, USUAL_WORTH)
        rate = float(n_returns.sum() / n_orders.sum())
        scatter = rate * (1 - rate)
        if scatter == 0:
            return cls(rate, MOST_WORTH)
        between = float(np.mean((back / n - rate) ** 2 - scatter / n) / np.mean(1 - 1 / n))
        worth = scatter / between - 1 if between > 0 else MOST_WORTH
        return cls(rate, float(np.clip(worth, LEAST_WORTH, MOST_WORTH)))

    def drawn(self, n_orders: Ints, n_returns: Ints) -> Floats:
        """Give each person's share of orders with a return, drawn to the shop's."""
        return np.asarray((n_returns + self.worth * self.rate) / (n_orders + self.worth), np.float64)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What each person brought and took, in the reporting currency; arrays of shape (people,).

    Attributes
    ----------
    margin, lost : float64 array
        Margin of what was kept, after discounts; of what was taken back, before them. nan where a cost is unknown.
    revenue : float64 array
        Of what was kept; nan where unknown.
    taken, refunded : float64 array
        Price of what was taken back, and what was refunded beyond it.
    discounts, service, defaults : float64 array
        nan where unknown.
    n_orders, n_returns, n_contacts : int64 array
        Orders with those taken back as a whole, orders with a return, cases and contacts.
    """

    margin: Floats
    lost: Floats
    revenue: Floats
    taken: Floats
    refunded: Floats
    discounts: Floats
    service: Floats
    defaults: Floats
    n_orders: Ints
    n_returns: Ints
    n_contacts: Ints


@dataclass(frozen=True, slots=True)
class Contribution:
    """Net contribution (nan where unknown), class (place in `CLASSES`), and its reasons as JSON; shape (people,)."""

    net: Floats
    of_class: npt.NDArray[np.int8]
    reasons: pa.Array

    @classmethod
    def of(cls, ledger: Ledger, habit: ReturnHabit, limits: Limits) -> "Contribution":
        """Settle accounts with everybody who ever ordered; of others nothing is said."""
        has_ordered = ledger.n_orders > 0
        handling = limits.return_cost_share * ledger.taken + ledger.refunded
        net = np.where(has_ordered, ledger.margin - handling - ledger.service - ledger.defaults, np.nan)
        at_best = np.where(has_ordered, ledger.revenue - handling - ledger.service - ledger.defaults, np.nan)
        drawn = habit.drawn(ledger.n_orders, ledger.n_returns)
        returns = np.nan_to_num(ledger.lost) + handling
        takes = np.nan_to_num(np.stack([returns, ledger.service, ledger.defaults, ledger.discounts]))
        most = np.argmax(takes, axis=0)
        is_loss = (net < limits.min_contribution) | (np.isnan(net) & (at_best < min(limits.min_contribution, 0.0)))
        is_serial = (drawn >= limits.serial_rate) & (ledger.n_returns >= limits.serial_returns)
        of_class = _places(
            (ContributionClass.PROFITABLE, ~np.isnan(net)),
            (ContributionClass.UNPROFITABLE, is_loss),
            (ContributionClass.SERIAL_RETURNER, is_loss & (most == 0) & is_serial),
            (ContributionClass.HEAVY_SERVICE, is_loss & (most == 1) & (ledger.n_contacts >= limits.heavy_contacts)),
            (ContributionClass.DEFAULTER, is_loss & (most == 2) & (ledger.defaults > 0)),
        )
        gross = ledger.margin + ledger.discounts + ledger.lost
        said = {
            Reason.GROSS_MARGIN: gross, Reason.RETURNS: returns, Reason.DISCOUNTS: ledger.discounts,
            Reason.SERVICE: ledger.service, Reason.DEFAULTS: ledger.defaults,
        }  # fmt: skip
        columns = [(np.where(has_ordered & ((values != 0) | (name is Reason.GROSS_MARGIN)), values, np.nan), 2)
                   for name, values in said.items()]  # fmt: skip
        columns.append((np.where(ledger.n_returns > 0, ledger.n_returns, np.nan), 0))
        columns.append((np.where(ledger.n_returns > 0, drawn, np.nan), 4))
        columns.append((np.where(has_ordered & (ledger.n_contacts > 0), ledger.n_contacts, np.nan), 0))
        codes = (*said, Reason.ORDERS_WITH_RETURN, Reason.DRAWN_RETURN_SHARE, Reason.CONTACTS)
        return cls(net, of_class, written.pairs(codes, columns))


def _places(*chosen: tuple[ContributionClass, Bools]) -> npt.NDArray[np.int8]:
    """Give the place of the last class that fits."""
    found = np.full(len(chosen[0][1]), CLASSES.index(ContributionClass.UNKNOWN), np.int8)
    for name, fits in chosen:
        found[fits] = CLASSES.index(name)
    return found
