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
from crosslift.stats.btyd import Histories, PurchaseModel
from crosslift.stats.gamma_gamma import FrequencyLink, GammaGamma, fit_gamma_gamma, frequency_link
from crosslift.stats.maximum_likelihood import MANY_ROWS, Fit
from crosslift.stats.purchase_choice import Choice, choose_purchase_model
from crosslift.stats.value_model import ValueModel

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
    fitted : ValueModel
        All this rests on: what says the same of other customers, or of the same ones later.
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
    fitted: ValueModel
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
    fitted = ValueModel(
        purchases=_plausible(choice, histories, seed),
        amounts=amounts.model if amounts else None,
        doubt=amounts.covariance if amounts else np.zeros((3, 3)),
        horizon=horizon,
        discount=discount,
        n_first=int(has_first),
        level=level,
    )
    future = fitted.future(histories, seen)
    return Values(
        future.p_alive, future.churn_risk, future.expected_orders, future.orders_low, future.orders_high, future.clv,
        future.low, future.high, choice, amounts, link, tuple(notes), fitted, unknown,
    )  # fmt: skip


def _plausible(choice: Choice, histories: Histories, seed: int) -> tuple[PurchaseModel, ...]:
    """Give the best model and draw others to mix over; where histories are very many the best one is enough."""
    if histories.n.size > MANY_ROWS:
        return (choice.model,)
    return (choice.model, *choice.fitted.draw(DRAWS, np.random.default_rng(seed)))


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
