"""The codes a profile speaks in, beside its stages and classes: segments of RFM, evidence, and why a figure is missing.

`wording.profiles` has a sentence for each.
"""

from enum import StrEnum


class RfmSegment(StrEnum):
    """What recency, frequency and monetary value make together; see `learn.customers.rfm` for the cells of each."""

    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    CANNOT_LOSE = "cannot_lose"
    CHAMPIONS = "champions"
    HIBERNATING = "hibernating"
    LOST = "lost"
    LOYAL = "loyal"
    NEEDS_ATTENTION = "needs_attention"
    NEW = "new"
    POTENTIAL_LOYAL = "potential_loyal"
    PROMISING = "promising"


class StageSign(StrEnum):
    """What a stage rests on; days, but for counts of visits, carts, searches and of products held."""

    DAYS_SINCE_ORDER = "days_since_order"
    DAYS_SINCE_SEEN = "days_since_seen"
    SILENCE_DAYS = "silence_days"
    INTERVAL_DAYS = "interval_days"
    VISITS = "visits"
    CARTS = "carts"
    SEARCHES = "searches"
    HELD = "held"
    DAYS_SINCE_USE = "days_since_use"


class ContributionReason(StrEnum):
    """What a contribution class rests on: amounts, two counts and a share."""

    GROSS_MARGIN = "gross_margin"
    RETURNS = "returns"
    DISCOUNTS = "discounts"
    SERVICE = "service"
    DEFAULTS = "defaults"
    ORDERS_WITH_RETURN = "orders_with_return"
    DRAWN_RETURN_SHARE = "drawn_return_share"
    CONTACTS = "contacts"


class Unknown(StrEnum):
    """Why a figure is missing."""

    NO_ORDERS = "no_orders"
    NOTHING_KEPT = "nothing_kept"
    NO_EXCHANGE_RATE = "no_exchange_rate"
    NO_PRICES = "no_prices"
    COSTS_MISSING = "costs_missing"
    ONE_ORDER_DAY = "one_order_day"
    NOTHING_SPENT = "nothing_spent"
    NO_DISCOUNTS = "no_discounts"
    NOTHING_COMPARED = "nothing_compared"
    NEVER_SEEN = "never_seen"
    NO_RATING = "no_rating"
    NO_ANSWER = "no_answer"
    NO_WORDS = "no_words"
    NO_ACTIVITIES = "no_activities"
    FEW_BUYERS = "few_buyers"
    MONEY_UNKNOWN = "money_unknown"
    NO_VALUE = "no_value"
    NO_FORECAST = "no_forecast"
    SHORT_HISTORY = "short_history"
    FEW_REPEATERS = "few_repeaters"
    NO_MODEL = "no_model"
    AMOUNTS_NOT_POSITIVE = "amounts_not_positive"
    AMOUNTS_NOT_CONVERGED = "amounts_not_converged"
    AMOUNTS_TOO_UNEQUAL = "amounts_too_unequal"
    FEW_PEOPLE = "few_people"
    NO_GROUPS = "no_groups"
    NOT_GROUPED = "not_grouped"
    """No learning run has looked for groups yet."""
