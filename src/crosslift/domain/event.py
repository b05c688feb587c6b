"""What people did: Segment's vocabulary, so that existing trackers fit unchanged."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FORMAT = "Segment events"
"""What an import of events is called; the orders they tell of are imported under the same name."""

PRODUCT_VIEWED = "Product Viewed"
PRODUCT_ADDED = "Product Added"
PRODUCTS_SEARCHED = "Products Searched"
ORDER_COMPLETED = "Order Completed"
ORDER_CANCELLED = "Order Cancelled"
ORDER_REFUNDED = "Order Refunded"
CONTENT_VIEWED = "Content Viewed"
"""A guide, FAQ or set-up step was read; properties `content_id`, `title`, `product_id` (what it is about)."""
CONTENT_DOWNLOADED = "Content Downloaded"
"""A manual, e-book or data sheet was taken along; properties as for `CONTENT_VIEWED`."""

VOCABULARY = (
    PRODUCTS_SEARCHED, "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
    "Product Clicked", PRODUCT_VIEWED, PRODUCT_ADDED, "Product Removed", "Cart Viewed", "Checkout Started",
    "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", "Order Updated", ORDER_COMPLETED,
    ORDER_REFUNDED, ORDER_CANCELLED, "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
    "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared",
    "Cart Shared", "Product Reviewed", CONTENT_VIEWED, CONTENT_DOWNLOADED,
)  # fmt: skip
"""Segment's e-commerce specification, version 2, and what is read; other names are kept as they come."""

_FIRST_VERSION: Mapping[str, str] = {
    "Viewed Product": PRODUCT_VIEWED, "Added Product": PRODUCT_ADDED, "Removed Product": "Product Removed",
    "Completed Order": ORDER_COMPLETED, "Viewed Product Category": "Product List Viewed",
    "Searched Products": PRODUCTS_SEARCHED, "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed", "Started Order": "Checkout Started",
    "Refunded Order": ORDER_REFUNDED, "Updated Order": "Order Updated", "Clicked Product": "Product Clicked",
}  # fmt: skip
_NAMES: Mapping[str, str] = {
    **{name.casefold(): name for name in VOCABULARY},
    **{old.casefold(): name for old, name in _FIRST_VERSION.items()},
}


class Channel(StrEnum):
    """Where something happened; other words are kept as they are."""

    WEB = "web"
    APP = "app"
    TILL = "till"
    PHONE = "phone"
    SALES = "sales"
    DESK = "desk"


_CHANNEL_WORDS: Mapping[str, Channel | None] = {
    **{channel.value: channel for channel in Channel},
    "browser": Channel.WEB, "website": Channel.WEB, "online": Channel.WEB,
    "mobile": Channel.APP, "ios": Channel.APP, "android": Channel.APP,
    "pos": Channel.TILL, "store": Channel.TILL, "in-store": Channel.TILL, "retail": Channel.TILL,
    "call": Channel.PHONE, "call center": Channel.PHONE, "call centre": Channel.PHONE, "telephone": Channel.PHONE,
    "sales visit": Channel.SALES, "field sales": Channel.SALES,
    "agent": Channel.DESK, "service desk": Channel.DESK, "help desk": Channel.DESK,
    "server": None,
}  # fmt: skip


def name_of(text: str) -> str:
    """Give an event the name the vocabulary has for it, its first version and other spellings of case included.

    Examples
    --------
    >>> name_of("Completed Order"), name_of("product viewed"), name_of("Quiz Finished")
    ('Order Completed', 'Product Viewed', 'Quiz Finished')
    """
    return _NAMES.get(text.casefold(), text)


def channel_of(text: str) -> str | None:
    """Write a channel in one word, None where it names none: `server` is how a message came, not where it happened.

    Examples
    --------
    >>> channel_of("POS"), channel_of("kiosk"), channel_of("server")
    ('till', 'kiosk', None)
    """
    found = _CHANNEL_WORDS.get(text.strip().casefold(), text.strip() or None)
    return found.value if isinstance(found, Channel) else found


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
