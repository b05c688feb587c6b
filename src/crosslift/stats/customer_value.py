"""What customers will be worth: expected orders times expected amount, discounted, with an interval each.

The interval is a predictive one: it holds what this customer will spend, not only what such customers spend on average.
The number of orders has its exact distribution, given the model (chance of having left, rate, leaving on the way), mixed
over models as plausible as the data leave them; the amounts have theirs, given the customer's own. Where most alike buy
nothing any more the interval is 0 to 0 while the expected value, an average over many, is above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.btyd import Histories, PurchaseModel, blocks, discounted_orders
from crosslift.stats.gamma_gamma import FrequencyLink, GammaGamma, amount_variance, fit_gamma_gamma, frequency_link
from crosslift.stats.maximum_likelihood import MANY_ROWS, Fit
from crosslift.stats.purchase_choice import Choice, choose_purchase_model
from crosslift.stats.spending import total_quantiles

DAYS_A_YEAR = 365.25
DRAWS = 24  # models the intervals are mixed over, up to MANY_ROWS histories
MIN_REPEATERS = 50
MAX_NOT_POSITIVE = 0.2  # share of customers whose mean amount is 0 or less, above which amounts are not modeled
STRONG_LINK = 0.3  # correlation of amounts and number of orders that is told


@dataclass(frozen=True, slots=True)
class Values:
    """What each customer will be worth; arrays of shape (customers,).

    Attributes
    ----------
    p_alive : float64 array
        Probability of not having left yet.
    churn_risk : float64 array
        Probability of having left by the end of the horizon.
    expected_orders : float64 array
        Within the horizon, not discounted.
    orders_low, orders_high : int64 array
        Interval of how many orders come.
    clv, low, high : float64 array
        Expected discounted value within the horizon and the interval of what it will be; nan where unknown.
    choice : Choice
        The model of purchases, and why.
    amounts : Fit, optional
        The model of amounts; None where there is none.
    link : FrequencyLink, optional
        How amounts hang together with the number of orders.
    notes : tuple of (str, float or str)
        What to know before use: the reasons of the choice; ``purchases_<problem>`` and ``amounts_<problem>`` of the
        fits; ``amounts_follow_frequency`` (correlation), ``horizon_beyond_data`` (horizon over the longest age).
    unknown : mapping of str to str
        Why clv, low and high are nan, as "code: numbers".
    """

    p_alive: FloatArray
    churn_risk: FloatArray
    expected_orders: FloatArray
    orders_low: IntArray
    orders_high: IntArray
    clv: FloatArray
    low: FloatArray
    high: FloatArray
    choice: Choice
    amounts: Fit[GammaGamma] | None
    link: FrequencyLink | None
    notes: tuple[tuple[str, float | str], ...]
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The models used, such as "MBG/NBD + gamma-gamma"."""
        return self.choice.model.name + (" + gamma-gamma" if self.amounts else "")


@dataclass(frozen=True, slots=True)
class NoValues:
    """Nothing can be said of any customer: a code and the number behind it.

    ``few_repeaters`` (customers who came back), ``no_model`` (none of the candidates converged).
    """

    code: str
    number: float


def customer_values(
    histories: Histories,
    means: npt.ArrayLike,
    *,
    horizon: float,
    rate_per_year: float,
    seed: int,
    days_a_unit: float = 1.0,
    has_first: bool = False,
    level: float = 0.8,
    min_repeaters: int = MIN_REPEATERS,
) -> Values | NoValues:
    """Work out what customers will be worth.

    Parameters
    ----------
    histories : Histories
        Of all customers, in any unit of time, with sums of log gaps.
    means : array of float, shape (customers,)
        Mean amount of each customer's orders, in the order the histories were handed in. It may be 0 or less (margins);
        such customers are valued at their mean drawn to everybody's, with the spread of orders alone.
    horizon : float
        In the unit of the histories.
    rate_per_year : float
        Yearly discount rate, 0.1 for 10 %.
    seed : int
        Of the models the intervals are mixed over; the expected values do not depend on it.
    days_a_unit : float
        7 for weeks.
    has_first : bool
        Whether the means are of all x + 1 orders; otherwise of the x repeat orders, as in the papers.
    level : float
        Of the intervals; as much is left out above as below, but nothing can lie below 0: who buys nothing with more
        than that probability has the low end 0 and the interval holds more than `level`.
    min_repeaters : int
        Customers who came back, below which nothing is said.

    Returns
    -------
    Values or NoValues

    Raises
    ------
    BadInput
        Shapes that differ, a mean that is no number where it counts, horizon, rate or level out of range.
    """
    seen = _checked(histories, means, horizon, rate_per_year, level)
    repeaters = int(histories.n[histories.x > 0].sum())
    if repeaters < min_repeaters:
        return NoValues("few_repeaters", repeaters)
    choice = choose_purchase_model(histories)
    if choice is None:
        return NoValues("no_model", repeaters)
    n_seen = histories.x[histories.row_of] + int(has_first)
    amounts, link, unknown = _amounts(n_seen, seen)
    notes = [*choice.why, *(("purchases_" + problem, choice.model.name) for problem in choice.fitted.problems)]
    notes += _notes(histories, horizon, amounts, link)
    discount = float(np.log1p(rate_per_year)) * days_a_unit / DAYS_A_YEAR
    future = _Future.of(choice, amounts, histories, horizon, discount, int(has_first), level, seed)
    return _values(future, choice, amounts, link, n_seen, seen, histories.row_of, tuple(notes), unknown)


@dataclass(frozen=True, slots=True)
class _Future:
    """What is the same for all customers of a row; totals are over what is known of a customer's amounts (γ')."""

    p_alive: FloatArray
    p_after: FloatArray
    orders: FloatArray
    discounted: FloatArray
    count_ends: tuple[IntArray, IntArray]
    total_ends: tuple[FloatArray, FloatArray]

    @classmethod
    def of(
        cls,
        choice: Choice,
        amounts: Fit[GammaGamma] | None,
        histories: Histories,
        horizon: float,
        discount: float,
        n_first: int,
        level: float,
        seed: int,
    ) -> "_Future":
        model, rows = choice.model, (histories.x, histories.t_x, histories.age)
        orders = model.expected_orders(horizon, *rows)
        discounted = discounted_orders(model, horizon, *rows, discount) if discount else orders
        counts = np.zeros((2, orders.size), np.int64)
        totals = np.zeros((2, orders.size))
        models, shares = _plausible(choice, histories, seed), ((1 - level) / 2, (1 + level) / 2)
        reach = model.most_orders(horizon, *rows)
        for part in blocks(histories.x, reach):
            n_max = int(reach[part].max()) * (1 if len(models) == 1 else 2)
            x, t_x, age = int(histories.x[part[0]]), histories.t_x[part], histories.age[part]
            tails = np.mean([one.tails(horizon, x, t_x, age, n_max) for one in models], axis=0)
            counts[:, part] = [(tails > 1 - share).sum(axis=1) for share in shares]
            if amounts is not None:
                totals[:, part] = _total_ends(tails, amounts, x + n_first, shares)
        p_after = model.p_alive_after(horizon, *rows)
        return cls(model.p_alive(*rows), p_after, orders, discounted, (counts[0], counts[1]), (totals[0], totals[1]))


def _plausible(choice: Choice, histories: Histories, seed: int) -> list[PurchaseModel]:
    """Draw models to mix over; where histories are very many their parameters are known, and one is enough."""
    if histories.n.size > MANY_ROWS:
        return [choice.model]
    return choice.fitted.draw(DRAWS, np.random.default_rng(seed))


def _total_ends(tails: FloatArray, amounts: Fit[GammaGamma], n_seen: int, shares: tuple[float, float]) -> FloatArray:
    """Give the ends of the total over γ'; uncertain parameters count as so many orders forgotten."""
    known = amounts.model.q + amounts.model.p * n_seen
    kept = 1 / (1 / known + float(amount_variance(amounts, [n_seen])[0]))
    return total_quantiles(tails, amounts.model.p, kept, shares) * (kept / known)


def _values(
    future: _Future,
    choice: Choice,
    amounts: Fit[GammaGamma] | None,
    link: FrequencyLink | None,
    n_seen: IntArray,
    means: FloatArray,
    each: IntArray,
    notes: tuple[tuple[str, float | str], ...],
    unknown: Mapping[str, str],
) -> Values:
    """Give every customer their row's future, in money."""
    clv = low = high = np.full(each.size, np.nan)
    if amounts is not None:
        expected = amounts.model.expected_amount(n_seen, means)
        clv = future.discounted[each] * expected
        kept = np.divide(future.discounted, future.orders, out=np.ones(future.orders.size), where=future.orders > 0)
        spent = n_seen * np.where(n_seen > 0, means, 0.0)
        per_order = np.where(spent >= 0, amounts.model.gamma + spent, expected)
        ends = [
            kept[each] * per_order * np.where(spent >= 0, total[each], count[each])
            for total, count in zip(future.total_ends, future.count_ends, strict=True)
        ]
        low, high = np.minimum(*ends), np.maximum(*ends)
    few, many = future.count_ends
    return Values(
        future.p_alive[each], 1 - future.p_after[each], future.orders[each], few[each], many[each],
        clv, low, high, choice, amounts, link, notes, unknown,
    )  # fmt: skip


def _amounts(
    n_seen: IntArray, means: FloatArray
) -> tuple[Fit[GammaGamma] | None, FrequencyLink | None, Mapping[str, str]]:
    """Fit the amounts of those who have any, or say why not."""
    some = n_seen > 0
    positive = some & (means > 0)
    not_positive = 1 - positive.sum() / some.sum()
    if not_positive > MAX_NOT_POSITIVE:
        return None, None, {"clv": f"amounts_not_positive: {not_positive:.0%} of customers"}
    fitted = fit_gamma_gamma(n_seen[positive], means[positive])
    link = frequency_link(n_seen[positive], means[positive])
    if not fitted.is_converged:
        return None, link, {"clv": "amounts_not_converged: no gamma-gamma model fits"}
    if fitted.model.q <= 1:
        return None, link, {"clv": f"amounts_too_unequal: gamma-gamma q {fitted.model.q:.2f}, their mean is not finite"}
    return fitted, link, {}


def _notes(
    histories: Histories, horizon: float, amounts: Fit[GammaGamma] | None, link: FrequencyLink | None
) -> list[tuple[str, float | str]]:
    notes: list[tuple[str, float | str]] = []
    if amounts is not None:
        notes += [("amounts_" + problem, "gamma-gamma") for problem in amounts.problems]
    if link is not None and abs(link.correlation) > STRONG_LINK:
        notes.append(("amounts_follow_frequency", link.correlation))
    if horizon > histories.age.max():
        notes.append(("horizon_beyond_data", float(horizon / histories.age.max())))
    return notes


def _checked(
    histories: Histories, means: npt.ArrayLike, horizon: float, rate_per_year: float, level: float
) -> FloatArray:
    seen = np.asarray(means, np.float64)
    if seen.shape != histories.row_of.shape:
        raise BadInput(f"{seen.shape} mean amounts for {histories.row_of.shape} customers; give one for each")
    if not (horizon > 0 and rate_per_year > -1 and 0 < level < 1):
        raise BadInput(f"horizon {horizon}, rate {rate_per_year}, level {level}; horizon > 0, rate > −1, 0 < level < 1")
    if not np.isfinite(seen[histories.x[histories.row_of] > 0]).all():
        raise BadInput("the mean amount of a customer with orders is no number; leave the customer out")
    return seen
