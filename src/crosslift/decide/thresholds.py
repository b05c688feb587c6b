"""The bar "from this cart value on …": how far it is, and which candidates would bring the cart over it without overshooting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.value import Bar

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """A bar as this cart sees it: amounts in the bar's currency.

    `missing` is 0 where the cart is over it.
    """

    bar: Bar
    cart_value: float
    missing: float


def gap(bars: Sequence[Bar], cart_value: float, currency: str | None, market: str | None) -> Gap | None:
    """Find the bar that counts: the lowest not yet reached, else the highest reached; None where none is for this cart.

    A bar of another currency or market says nothing; an empty cart has no gap to fill.

    Examples
    --------
    >>> low, high = Bar("post", 50, "EUR", {"en": "Free delivery"}), Bar("gift", 80, "EUR", {"en": "A gift"})
    >>> gap([high, low], 42.5, "EUR", None).missing
    7.5
    >>> gap([high, low], 42.5, "USD", None) is None
    True
    """
    of_cart = [bar for bar in bars if bar.currency == currency and (not bar.markets or market in bar.markets)]
    if not of_cart or cart_value <= 0:
        return None
    ahead = [bar for bar in of_cart if bar.amount > cart_value]
    bar = min(ahead, key=lambda b: b.amount) if ahead else max(of_cart, key=lambda b: b.amount)
    return Gap(bar, cart_value, max(round(bar.amount - cart_value, 6), 0.0))


def fitting(found: Gap, prices: Array) -> Array:
    """Score how well each candidate alone fills the gap: 1 exactly, falling to 0 at the most it may overshoot, 0 below.

    Parameters
    ----------
    prices : float64 array, shape (candidates,)
        Live prices in the bar's currency; nan fits nothing.

    Returns
    -------
    float64 array, shape (candidates,)

    Examples
    --------
    Seven and a half are missing of fifty; a filler may pass that by half a bar:

    >>> bar = Bar("post", 50, "EUR", {"en": "Free delivery"})
    >>> fitting(Gap(bar, 42.5, 7.5), np.array([5.0, 7.5, 20.0, 32.5, 80.0])).tolist()
    [0.0, 1.0, 0.5, 0.0, 0.0]
    """
    if found.missing <= 0:
        return np.zeros(len(prices))
    room = found.bar.max_overshoot * found.bar.amount
    over = prices - found.missing
    with np.errstate(invalid="ignore"):
        fit = np.where((over >= 0) & (over <= room), 1.0 - over / room if room > 0 else (over == 0).astype(float), 0.0)
    return np.asarray(fit)


@dataclass(frozen=True, slots=True)
class Suggested:
    """One bar that could be set, and what it would bring a thousand orders under a stated answer of the customers.

    `n_near` orders a thousand lie within reach below it, `n_over` above. `gain_low` and `gain_high` are margins gained,
    net of what the bar gives away, where 10 % and 30 % of those within reach add what is missing. From `break_even` on, a
    share of those within reach, it loses nothing.
    """

    amount: float
    n_near: float
    n_over: float
    gain_low: float
    gain_high: float
    break_even: float


REACH = 0.25
"""Orders within a quarter below a bar can be brought over it by one filler."""
ANSWERS = (0.10, 0.30)
"""Share of those within reach who add something: an assumption, said as one."""


OVERSHOOT = 0.5
"""By how much of the bar a filler may pass the gap at most."""


def gains(
    order_values: Array, amount: float, margin_share: float, worth: float, answer: float, fillers: Array | None = None
) -> Array:
    """Give the expected margin that a bar would add to each order, net of what it gives away.

    Parameters
    ----------
    order_values : float64 array, shape (orders,)
        In the currency of `amount` and `worth`.
    answer : float
        0..1, share of the orders within reach below the bar that add just what is missing; the others stay as they are.
    fillers : float64 array, sorted, optional
        Prices of what could be added; an order whose gap none of them fits is out of reach. By default anything fits.

    Returns
    -------
    float64 array, shape (orders,)
        An order over the bar costs its `worth`, one out of reach nothing.

    Examples
    --------
    Four tenths of ten missing are earned by every second of those near, and postage of 2 is given away:

    >>> gains(np.array([20.0, 40.0, 50.0]), 50.0, 0.4, 2.0, 0.5).tolist()
    [0.0, 1.0, -2.0]
    """
    is_over = order_values >= amount
    is_near = near(order_values, amount, fillers)
    return np.where(is_over, -worth, np.where(is_near, answer * ((amount - order_values) * margin_share - worth), 0.0))


def near(order_values: Array, amount: float, fillers: Array | None = None) -> npt.NDArray[np.bool_]:
    """Mark the orders within reach below a bar whose gap one of the fillers fits: it reaches it and does not go far over.

    Examples
    --------
    >>> near(np.array([30.0, 40.0, 45.0, 50.0]), 50.0, np.array([3.0, 12.0, 60.0])).tolist()
    [False, True, True, False]
    """
    mask: npt.NDArray[np.bool_] = (order_values >= amount * (1 - REACH)) & (order_values < amount)
    if fillers is None:
        return mask
    gaps = amount - order_values
    nearest = np.append(fillers, np.inf)[np.searchsorted(fillers, gaps)]
    return mask & (nearest <= gaps + OVERSHOOT * amount)


def suggest(
    order_values: Array, margin_share: float, worth: float, fillers: Array | None = None, n_steps: int = 20
) -> list[Suggested]:
    """Weigh bars between the median and the 90th percentile of order values; the best first, none that loses for certain.

    None at which an order just over it would earn less than what crossing it costs us.

    Parameters
    ----------
    order_values : float64 array, shape (orders,)
        In one currency, tax as prices have it.
    margin_share : float
        0..1, margin of what is added.
    worth : float
        What reaching the bar costs us an order, such as the postage; it is given to those over it already as well.
    fillers : float64 array, sorted, optional
        Prices of what could be added, as `gains` has them.

    Returns
    -------
    list of Suggested
        Empty where no bar gains even at the higher answer: then there should be none.
    """
    values = np.asarray(order_values, np.float64)
    values = values[values > 0]
    if len(values) == 0:
        return []
    low, high = np.quantile(values, [0.5, 0.9])
    found = []
    for amount in np.unique([_round(x) for x in np.linspace(low, high, n_steps)]).tolist():
        few, many = (
            float(gains(values, amount, margin_share, worth, answer, fillers).mean()) * 1000 for answer in ANSWERS
        )
        if max(few, many) > 0 and amount * margin_share >= worth:
            n_near, n_over = (float(mask.mean()) * 1000 for mask in (near(values, amount, fillers), values >= amount))
            found.append(Suggested(amount, n_near, n_over, min(few, many), max(few, many), _break_even(few, many)))
    return sorted(found, key=lambda one: (-one.gain_low - one.gain_high, one.amount))


def _break_even(few: float, many: float) -> float:
    """Give the answer from which on nothing is lost, of a bar that gains at one of both: a straight line over the answer."""
    low, high = ANSWERS
    slope = (many - few) / (high - low)
    start = few - slope * low
    return -start / slope if start < 0 else 0.0


def _round(amount: float) -> float:
    """Round to an amount people say: two leading digits, the second 0 or 5."""
    size = 10.0 ** np.floor(np.log10(amount))
    return float(np.round(amount / size * 2) / 2 * size)
