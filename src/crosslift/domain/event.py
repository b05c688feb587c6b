"""What people did: Segment's vocabulary, so that existing trackers fit unchanged."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

PRODUCT_VIEWED = "Product Viewed"
PRODUCT_ADDED = "Product Added"
PRODUCTS_SEARCHED = "Products Searched"
ORDER_COMPLETED = "Order Completed"
CONTENT_VIEWED = "Content Viewed"
"""A guide, FAQ or set-up step was read; properties `content_id`, `title`, `product_id` (what it is about)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing somebody did; idempotent by `message_id`, welcome late and out of order."""

    message_id: str
    name: str
    at: datetime
    identity: str | None = None
    product_id: str | None = None
    channel: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


def normalized(query: str) -> str:
    """Write a search as it is looked up, wherever it comes from: one form of each letter, no case, single spaces.

    Examples
    --------
    >>> normalized("  Ｐａｐｅｒ   FILTER ")
    'paper filter'
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", query).casefold()).split())
