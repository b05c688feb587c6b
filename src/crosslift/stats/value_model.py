"""What fitted models say of customers: orders and value of the time ahead, the same for one alone as among a million.

Everything about a customer is worked out from their own history and the models; who else is asked about changes no digit.
So figures of a few can be renewed at any time, also after a way of the models through JSON.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.beta_geometric import BetaGeometric
from crosslift.stats.btyd import Histories, PurchaseModel, blocks, discounted_orders
from crosslift.stats.cores import cores
from crosslift.stats.gamma_gamma import GammaGamma, amount_variance
from crosslift.stats.pareto_nbd import ParetoNbd
from crosslift.stats.spending import total_quantiles


@dataclass(frozen=True, slots=True)
class Future:
    """What is ahead of each customer; arrays of shape (customers,), explained in `customer_value.Values`."""

    p_alive: FloatArray
    churn_risk: FloatArray
    expected_orders: FloatArray
    orders_low: IntArray
    orders_high: IntArray
    clv: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class ValueModel:
    """Fitted models of purchases and amounts, with what they are asked.

    Attributes
    ----------
    purchases : tuple of PurchaseModel
        The best one; after it, where the data leave a doubt, others as plausible, over which intervals are mixed.
    amounts : GammaGamma, optional
        None where there is none: then there are no values.
    doubt : float64 array, shape (3, 3)
        Covariance of the logarithms of its parameters.
    horizon : float
        In the unit of the histories.
    discount : float
        Continuous rate per unit of time.
    n_first : int
        1 where mean amounts are of all x + 1 orders, 0 where they are of the x repeat orders.
    level : float
        Of the intervals.
    """

    purchases: tuple[PurchaseModel, ...]
    amounts: GammaGamma | None
    doubt: FloatArray
    horizon: float
    discount: float
    n_first: int
    level: float

    def future(self, histories: Histories, means: npt.ArrayLike) -> Future:
        """Work out what is ahead.

        Parameters
        ----------
        histories : Histories
            In the unit the models were fitted in.
        means : array of float, shape (customers,)
            Mean amount of each, in the order the histories were handed in.
        """
        rows = _Rows.of(self, histories)
        each, seen = histories.row_of, np.asarray(means, np.float64)
        n_seen = histories.x[each] + self.n_first
        clv = low = high = np.full(each.size, np.nan)
        if self.amounts is not None:
            expected = self.amounts.expected_amount(n_seen, seen)
            clv = rows.discounted[each] * expected
            kept = np.divide(rows.discounted, rows.orders, out=np.ones(rows.orders.size), where=rows.orders > 0)
            spent = n_seen * np.where(n_seen > 0, seen, 0.0)
            per_order = np.where(spent >= 0, self.amounts.gamma + spent, expected)
            ends = [
                kept[each] * per_order * np.where(spent >= 0, total[each], count[each])
                for total, count in zip(rows.total_ends, rows.count_ends, strict=True)
            ]
            low, high = np.minimum(*ends), np.maximum(*ends)
        few, many = rows.count_ends
        return Future(
            rows.p_alive[each], 1 - rows.p_after[each], rows.orders[each], few[each], many[each], clv, low, high
        )

    @property
    def plain(self) -> dict[str, Any]:
        """Plain values, as they are stored."""
        return {
            "purchases": [model.parameters for model in self.purchases],
            "amounts": None if self.amounts is None else asdict(self.amounts),
            "doubt": self.doubt.tolist(),
            "horizon": self.horizon,
            "discount": self.discount,
            "n_first": self.n_first,
            "level": self.level,
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "ValueModel":
        """Read what `plain` gave."""
        amounts = stored["amounts"]
        return cls(
            purchases=tuple(_purchase_model(parameters) for parameters in stored["purchases"]),
            amounts=None if amounts is None else GammaGamma(**amounts),
            doubt=np.array(stored["doubt"], np.float64),
            horizon=float(stored["horizon"]),
            discount=float(stored["discount"]),
            n_first=int(stored["n_first"]),
            level=float(stored["level"]),
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is the same for all customers of a row; totals are over what is known of a customer's amounts (γ')."""

    p_alive: FloatArray
    p_after: FloatArray
    orders: FloatArray
    discounted: FloatArray
    count_ends: tuple[IntArray, IntArray]
    total_ends: tuple[FloatArray, FloatArray]

    @classmethod
    def of(cls, fitted: ValueModel, histories: Histories) -> "_Rows":
        model, horizon, rows = fitted.purchases[0], fitted.horizon, (histories.x, histories.t_x, histories.age)
        orders = model.expected_orders(horizon, *rows)
        discounted = discounted_orders(model, horizon, *rows, fitted.discount) if fitted.discount else orders
        counts = np.zeros((2, orders.size), np.int64)
        totals = np.zeros((2, orders.size))
        shares = ((1 - fitted.level) / 2, (1 + fitted.level) / 2)
        reach = model.most_orders(horizon, *rows)
        mixed = fitted.purchases[1:] or fitted.purchases

        def ends(part: IntArray) -> None:
            n_max = int(reach[part[0]]) * (1 if len(mixed) == 1 else 2)
            x, t_x, age = int(histories.x[part[0]]), histories.t_x[part], histories.age[part]
            tails = np.mean([one.tails(horizon, x, t_x, age, n_max) for one in mixed], axis=0)
            counts[:, part] = [(tails > 1 - share).sum(axis=1) for share in shares]
            if fitted.amounts is not None:
                totals[:, part] = _total_ends(tails, fitted.amounts, fitted.doubt, x + fitted.n_first, shares)

        with ThreadPoolExecutor(cores()) as threads:
            list(threads.map(ends, blocks(histories.x, reach)))
        p_after = model.p_alive_after(horizon, *rows)
        return cls(model.p_alive(*rows), p_after, orders, discounted, (counts[0], counts[1]), (totals[0], totals[1]))


def _total_ends(
    tails: FloatArray, amounts: GammaGamma, doubt: FloatArray, n_seen: int, shares: tuple[float, float]
) -> FloatArray:
    """Give the ends of the total over γ'; uncertain parameters count as so many orders forgotten."""
    known = amounts.q + amounts.p * n_seen
    kept = 1 / (1 / known + float(amount_variance(amounts, doubt, [n_seen])[0]))
    return total_quantiles(tails, amounts.p, kept, shares) * (kept / known)


def _purchase_model(parameters: Mapping[str, Any]) -> PurchaseModel:
    return ParetoNbd(**parameters) if "beta" in parameters else BetaGeometric(**parameters)
