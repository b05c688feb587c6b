"""What an offer is worth to the shop, and the limits within which that may count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Objective(StrEnum):
    """What a placement is for."""

    RELEVANCE = "relevance"
    """V = 1: what most probably helps goes first, kinds in the order of the placement."""
    CONVERSION = "conversion"
    MARGIN = "margin"
    REVENUE = "revenue"
    CLV = "clv"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Lever:
    """A merchant's factor on some candidates, until it ends.

    Attributes
    ----------
    products, categories : tuple of str
        What it is on; with `slow_stock` only what of these is slow, and where neither is named all slow stock.
    min_relevance : float
        0..1, how relevant a candidate must be for it, as a share of the best score of its source.
    max_share : float or None
        Its budget: the greatest share of offers (0..1) it may win that would not have won without it.
    """

    lever_id: str
    factor: float
    author: str
    reason: str
    ends_at: datetime
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    starts_at: datetime | None = None
    max_share: float | None = None
    slow_stock: bool = False
    min_relevance: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A threshold bar: from this cart value on, something is free or cheaper.

    `amount` is in `currency`, with tax as the shop's prices are; `worth` what crossing it costs us.
    """

    bar_id: str
    amount: float
    currency: str
    titles: Mapping[str, str]
    markets: tuple[str, ...] = ()
    worth: float = 0.0
    max_overshoot: float = 0.5
    """Fillers may pass the gap by at most this share of the bar."""


@dataclass(frozen=True, slots=True)
class BarState:
    """A bar as one cart sees it; `missing` is 0 where the cart is over it. Amounts in `currency`."""

    bar_id: str
    titles: Mapping[str, str]
    amount: float
    currency: str
    missing: float


@dataclass(frozen=True, slots=True)
class ValueTerms:
    """How a policy values offers.

    Attributes
    ----------
    objectives : mapping of str to Objective
        By placement; `*` for all others.
    context_weights : mapping of str to float
        C: weight of a candidate source, by `source` or `placement:source`; 1 where none is given.
    margin_floor : float or None
        Least margin of what is offered, as a share of its net price; unknown costs pass and are counted.
    max_cross_ratio : float or None
        A companion costs at most so many times the dearest thing in sight (D13).
    max_step : float or None
        A step up costs at most this share more than what it steps up from.
    min_worth : float
        An offer whose priority, in the reporting currency, is below this (and the cost of its contact) is not made.
    start_accept : mapping of str to float
        Starting evidence of P(accepted because shown | in the basket anyway), by source; `*` for the others.
    max_accept : float
        Cap of a starting `p_accept`.
    tax_rates : mapping of str to float
        Tax that prices hold, as a share of the net price, by market; `*` for the others. Empty where prices hold none.
    """

    objectives: Mapping[str, Objective] = field(default_factory=dict)
    context_weights: Mapping[str, float] = field(default_factory=dict)
    margin_floor: float | None = None
    max_cross_ratio: float | None = None
    max_step: float | None = None
    min_worth: float = 0.0
    start_accept: Mapping[str, float] = field(default_factory=dict)
    max_accept: float = 0.3
    levers: tuple[Lever, ...] = ()
    bars: tuple[Bar, ...] = ()
    tax_rates: Mapping[str, float] = field(default_factory=dict)

    def tax_rate(self, market: str | None) -> float:
        """Give the share of the net price that prices hold as tax in a market; 0 where nobody said."""
        return self.tax_rates.get(market or "*", self.tax_rates.get("*", 0.0))

    def objective(self, placement: str) -> Objective:
        """Give what a placement is for."""
        return self.objectives.get(placement, self.objectives.get("*", Objective.RELEVANCE))
