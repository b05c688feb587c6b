"""Which rows speak of people at this moment: read alike for one person and for everybody, or the two would disagree."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from crosslift.domain.contact import UNSETTLED
from crosslift.domain.holding import HELD, SubscriptionStatus
from crosslift.learn.customers.seen import Texts

EVENTS = ("id", "name", "at", "identity", "product_id", "channel", "properties")
SHELF = ("product_id", "parent_id", "category", "brand", "cost_micros", "currency")
PLANS = ("customer_id", "account_id", "product_id", "usage_limit", "used", "attributes")
HELD_BY = ("customer_id", "account_id", "product_id")
CASES = ("customer_id", "account_id")
TOLD = ("customer_id", "created_at", "traits", "locale", "market")
SAID = ("customer_id", "feedback_id", "at", "kind", "rating", "scale", "sentiment", "sentiment_confidence")
"""Columns of events, products, subscriptions with their limits and without, cases, customers and feedback."""

LIVE = {"last_rating": "rating", "last_nps": "nps", "sentiment": "sentiment"}
"""Columns of the profile that feedback sets at once, and what `learn.customers.voice.Voice` calls them."""


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


RUNS = (
    f"(status in ({_quoted(HELD)}) and (ended_at is null or ended_at > ?) "
    f"or status = '{SubscriptionStatus.CANCELLED}' and ended_at > ?)"
)
"""A contract that is held at an instant, given twice."""
HAS_LIMIT = "used is not null and usage_limit > 0"
IS_OPEN = f"status in ({_quoted(UNSETTLED)})"
BELONGS = "(until is null or until > ?)"
"""A membership in force at an instant."""
IS_NEWS = "at <= ?"
"""What has happened by an instant."""


def properties_of(text: str, channel: str | None) -> dict[str, Any]:
    """Read an event's own properties, its channel among them."""
    said = msgspec.json.decode(text)
    properties: dict[str, Any] = said if isinstance(said, dict) else {}
    return properties if channel is None else {**properties, "channel": channel}


def category_said(properties: Mapping[str, Any]) -> str | None:
    """Give the category an event names itself; it counts where the catalog knows none for the product."""
    said = properties.get("category")
    return said.strip() or None if isinstance(said, str) else None


def meter_of(attributes: str | None) -> str | None:
    """Name what a contract's limit is of, where it says so beside its product.

    Examples
    --------
    >>> meter_of('{"meter": "api calls"}'), meter_of("{}")
    ('api calls', None)
    """
    said = msgspec.json.decode(attributes) if attributes else {}
    meter = said.get("meter") if isinstance(said, dict) else None
    return meter if isinstance(meter, str) and meter else None


CALLS = "events"
"""What provenance begins with where an `identify` call said it; calls count over customer records."""
NO_CALLS = Texts(np.zeros(0, np.int32), np.zeros(0, np.int64), pa.array([], pa.string()))
"""What such calls say is learned, so that of customer records alone is read here."""
