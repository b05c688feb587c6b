"""What is known of one person: a row of figures, each in its unit, and why one is missing.

A figure that cannot be said is None, and `unknown` says why. `PROFILE_COLUMNS` gives the kind and unit of every figure
once: the rules of segments, tables and screens read it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """Where a person stands on their way with the shop."""

    AWARE = "aware"
    CONSIDER = "consider"
    BUY = "buy"
    USE = "use"
    LAPSE = "lapse"


class ContributionClass(StrEnum):
    """What a person leaves the shop with, and if it is a loss, what eats the margin most."""

    PROFITABLE = "profitable"
    SERIAL_RETURNER = "serial_returner"
    HEAVY_SERVICE = "heavy_service"
    DEFAULTER = "defaulter"
    UNPROFITABLE = "unprofitable"
    UNKNOWN = "unknown"


class ClvBasis(StrEnum):
    """What an expected value is counted in: margin where costs are known, else revenue."""

    MARGIN = "margin"
    REVENUE = "revenue"


class ReturnVisits(NamedTuple):
    """Visits to a category after a purchase in it; `last_at` in microseconds UTC."""

    category: str
    n_visits: int
    last_at: int


Evidence = tuple[tuple[str, float | str], ...]
"""Codes with the values that speak for them; `wording` makes the sentence."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One person, as known at `as_of`. Instants are microseconds UTC, money is in the reporting currency.

    Attributes
    ----------
    person_id : str
        Identity key of the person's earliest seen member, `customer:17850`.
    as_of : int
        The newest fact of the shop, from which every "days ago" counts.
    currency : str or None
        The reporting currency of every amount below.
    first_order_at, last_order_at, last_seen_at : int or None
        Instants of the first and newest order, and of the newest fact of any kind.
    n_orders, n_items : int
        Orders; units kept after returns.
    revenue, margin, aov : float or None
        After returns; margin is None without costs; aov is revenue an order.
    recency_days : float or None
        Days from the newest order to `as_of`.
    rfm_recency, rfm_frequency, rfm_monetary : int or None
        1..5, 5 the best fifth.
    rfm_segment : str or None
        Code of the class these three make.
    clv, clv_low, clv_high : float or None
        Expected margin or revenue (see `clv_basis`) of the next `clv_horizon_days`, and its interval.
    clv_horizon_days : int or None
        Days ahead that `clv`, `expected_orders`, `p_alive` and `churn_risk` speak of.
    clv_basis : ClvBasis or None
        Whether `clv` is margin or revenue.
    clv_model : str or None
        Name of the model it comes from.
    expected_orders : float or None
        Orders expected within the horizon.
    p_alive, churn_risk : float or None
        0..1; the risk is 1 − p_alive over the horizon.
    interval_days : float or None
        Median days between the person's own orders.
    categories, brands, price_bands : mapping of str to float
        Shares of all spend (which sum to 1), the five largest kept.
    price_sensitivity : float or None
        0..1, share of spend at a discount or below the median price of its category, drawn towards the shop's.
    discount_share : float or None
        0..1, share of spend on lines with a discount.
    return_rate : float or None
        0..1, units returned over units bought.
    n_returns : int
        Returns.
    service_cost, discount_given, default_loss : float or None
        What cases and activities, discounts, and payments that never came have cost.
    net_contribution : float or None
        Margin − returns − service − discounts − defaults.
    contribution_class : ContributionClass
        The class, UNKNOWN where costs are missing.
    contribution_reasons : tuple of (code, value)
        What the class rests on.
    stage : Stage or None
        Where the person stands.
    stage_evidence : tuple of (code, value)
        What the stage rests on.
    market, locale, traffic_source : str or None
        Market of most orders, language tag, source of the first visit.
    traits : mapping of str to str
        Declared or collected attributes.
    goals : tuple of str
        Declared goals and needs.
    holdings : tuple of str
        Products of running contracts.
    cluster, persona : str or None
        Behavioral cluster and the persona card it belongs to.
    returning_intent : tuple of ReturnVisits
        Categories visited again after a purchase.
    open_cases, n_activities : int
        Cases not yet solved; visits, calls and other contacts.
    last_activity_at : int or None
        Instant of the newest activity.
    last_rating : float or None
        Newest rating in stars of five (rating / scale × 5).
    last_nps : float or None
        Newest answer to the recommendation question, 0..10.
    sentiment : float or None
        −1..1, mean of the person's feedback weighted by its confidence.
    account_ids : tuple of str
        Companies the person belongs to.
    household_id : str or None
        The household, if known.
    provenance : mapping of str to str
        Where a figure or trait comes from, by its name.
    unknown : mapping of str to str
        Why a figure is None, by its name.
    """

    person_id: str
    as_of: int
    currency: str | None = None
    first_order_at: int | None = None
    last_order_at: int | None = None
    last_seen_at: int | None = None
    n_orders: int = 0
    n_items: int = 0
    revenue: float | None = None
    margin: float | None = None
    aov: float | None = None
    recency_days: float | None = None
    rfm_recency: int | None = None
    rfm_frequency: int | None = None
    rfm_monetary: int | None = None
    rfm_segment: str | None = None
    clv: float | None = None
    clv_low: float | None = None
    clv_high: float | None = None
    clv_horizon_days: int | None = None
    clv_basis: ClvBasis | None = None
    clv_model: str | None = None
    expected_orders: float | None = None
    p_alive: float | None = None
    churn_risk: float | None = None
    interval_days: float | None = None
    categories: Mapping[str, float] = field(default_factory=dict)
    brands: Mapping[str, float] = field(default_factory=dict)
    price_bands: Mapping[str, float] = field(default_factory=dict)
    price_sensitivity: float | None = None
    discount_share: float | None = None
    return_rate: float | None = None
    n_returns: int = 0
    service_cost: float | None = None
    discount_given: float | None = None
    default_loss: float | None = None
    net_contribution: float | None = None
    contribution_class: ContributionClass = ContributionClass.UNKNOWN
    contribution_reasons: Evidence = ()
    stage: Stage | None = None
    stage_evidence: Evidence = ()
    market: str | None = None
    locale: str | None = None
    traffic_source: str | None = None
    traits: Mapping[str, str] = field(default_factory=dict)
    goals: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    cluster: str | None = None
    persona: str | None = None
    returning_intent: tuple[ReturnVisits, ...] = ()
    open_cases: int = 0
    n_activities: int = 0
    last_activity_at: int | None = None
    last_rating: float | None = None
    last_nps: float | None = None
    sentiment: float | None = None
    account_ids: tuple[str, ...] = ()
    household_id: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    TEXT = "text"
    INSTANT = "instant"
    LIST = "list"
    SHARES = "shares"
    """Name to share, 0..1."""
    TEXTS = "texts"
    """Name to text."""
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Column:
    """Kind and unit of a figure; `choices` where only a few texts can stand there."""

    kind: Kind
    unit: str = ""
    choices: tuple[str, ...] = ()


def _number(unit: str) -> Column:
    return Column(Kind.NUMBER, unit)


_TEXT, _LIST, _INSTANT = Column(Kind.TEXT), Column(Kind.LIST), Column(Kind.INSTANT, "microseconds")
_SHARES, _TEXTS, _EVIDENCE = Column(Kind.SHARES, "share"), Column(Kind.TEXTS), Column(Kind.EVIDENCE)
_SHARE, _MONEY, _COUNT, _DAYS = _number("share"), _number("money"), _number("count"), _number("days")


def _choice(choices: type[StrEnum]) -> Column:
    return Column(Kind.TEXT, choices=tuple(choice.value for choice in choices))


PROFILE_COLUMNS: Mapping[str, Column] = {
    "person_id": _TEXT,
    "as_of": _INSTANT,
    "currency": _TEXT,
    "first_order_at": _INSTANT,
    "last_order_at": _INSTANT,
    "last_seen_at": _INSTANT,
    "n_orders": _COUNT,
    "n_items": _COUNT,
    "revenue": _MONEY,
    "margin": _MONEY,
    "aov": _MONEY,
    "recency_days": _DAYS,
    "rfm_recency": _number("1..5"),
    "rfm_frequency": _number("1..5"),
    "rfm_monetary": _number("1..5"),
    "rfm_segment": _TEXT,
    "clv": _MONEY,
    "clv_low": _MONEY,
    "clv_high": _MONEY,
    "clv_horizon_days": _DAYS,
    "clv_basis": _choice(ClvBasis),
    "clv_model": _TEXT,
    "expected_orders": _COUNT,
    "p_alive": _SHARE,
    "churn_risk": _SHARE,
    "interval_days": _DAYS,
    "categories": _SHARES,
    "brands": _SHARES,
    "price_bands": _SHARES,
    "price_sensitivity": _SHARE,
    "discount_share": _SHARE,
    "return_rate": _SHARE,
    "n_returns": _COUNT,
    "service_cost": _MONEY,
    "discount_given": _MONEY,
    "default_loss": _MONEY,
    "net_contribution": _MONEY,
    "contribution_class": _choice(ContributionClass),
    "contribution_reasons": _EVIDENCE,
    "stage": _choice(Stage),
    "stage_evidence": _EVIDENCE,
    "market": _TEXT,
    "locale": _TEXT,
    "traffic_source": _TEXT,
    "traits": _TEXTS,
    "goals": _LIST,
    "holdings": _LIST,
    "cluster": _TEXT,
    "persona": _TEXT,
    "returning_intent": _EVIDENCE,
    "open_cases": _COUNT,
    "n_activities": _COUNT,
    "last_activity_at": _INSTANT,
    "last_rating": _number("0..5"),
    "last_nps": _number("0..10"),
    "sentiment": _number("-1..1"),
    "account_ids": _LIST,
    "household_id": _TEXT,
    "provenance": _TEXTS,
    "unknown": _TEXTS,
}
"""Every field of `Profile`, in its order."""
