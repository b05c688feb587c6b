"""Who did what with which item, as recommenders keep it, as messages of our own vocabulary.

A purchase is told item by item there; those of one person at one instant become one `Order Completed`, so that baskets
are seen. Everything else stays one event a row.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from crosslift.collect.sources.segment import Message
from crosslift.domain.event import ORDER_COMPLETED, PRODUCT_ADDED, PRODUCT_VIEWED, name_of
from crosslift.errors import BadInput

_WORDS: Mapping[str, tuple[str, ...]] = {
    ORDER_COMPLETED: (
        "purchase", "purchased", "buy", "bought", "order", "ordered", "checkout", "purchasecomplete", "transaction", "sale",
    ),
    PRODUCT_VIEWED: ("view", "viewed", "itemview", "productview", "detailpageview", "read", "watch", "watched", "visit"),
    PRODUCT_ADDED: ("cart", "addtocart", "addcart", "addedtocart"),
    "Product Removed": ("removefromcart", "removedfromcart"),
    "Product Clicked": ("click", "clicked", "itemclick"),
    "Product Added to Wishlist": ("wishlist", "addtowishlist", "favorite", "favourite", "star", "like"),
    "Products Searched": ("search",),
    "Product List Viewed": ("categorypageview",),
    "Cart Viewed": ("shoppingcartpageview",),
    "Home Page Viewed": ("homepageview",),
}  # fmt: skip
_NAMES: Mapping[str, str] = {word: name for name, words in _WORDS.items() for word in words}
_NO_LETTER = re.compile(r"[^a-z]")
UNNAMED = "Interaction"
"""An interaction without a type."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One row of an interactions data set, or one event of a recommender's API.

    Attributes
    ----------
    at : str
        ISO 8601 instant.
    value : float, optional
        What the vendor calls the value of the event: of a purchase the price of a piece.
    id : str, optional
        The vendor's own id of the event; the same again changes nothing.
    properties : mapping
        Whatever else it says; `order_id`, `price`, `quantity` and `currency` are understood, in any case.
    """

    kind: str
    at: str
    user: str | None
    item: str | None = None
    anonymous: str | None = None
    value: float | None = None
    id: str | None = None
    decision: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


def event_name(kind: str) -> str:
    """Give a recommender's type of event the name our vocabulary has for it; others keep theirs.

    Examples
    --------
    >>> event_name("Purchase"), event_name("add-to-cart"), event_name("quiz")
    ('Order Completed', 'Product Added', 'quiz')
    """
    return _NAMES.get(_NO_LETTER.sub("", kind.casefold())) or name_of(kind) or UNNAMED


def messages_of(interactions: Iterable[Interaction]) -> list[Message]:
    """Turn interactions into messages, purchases of one person at one instant into one order."""
    found: list[Message] = []
    orders: dict[tuple[str | None, ...], list[Interaction]] = {}
    for one in interactions:
        if event_name(one.kind) == ORDER_COMPLETED and one.item:
            told = _said(one, "order_id")
            orders.setdefault((one.user, one.anonymous, str(told) if told else one.at), []).append(one)
        else:
            found.append(_event(one))
    return found + [_order(lines) for lines in orders.values()]


def _event(one: Interaction) -> Message:
    said = dict(one.properties)
    if one.item:
        said["product_id"] = one.item
    if one.value is not None:
        said["value"] = one.value
    if one.decision:
        said["decision_id"] = one.decision
    return Message(
        event=event_name(one.kind), message_id=one.id, user_id=one.user, anonymous_id=one.anonymous, timestamp=one.at,
        properties=said,
    )  # fmt: skip


def _order(lines: Sequence[Interaction]) -> Message:
    """Give an order; one that names no id is known by who bought what when."""
    first = lines[0]
    products: list[dict[str, Any]] = []
    for line in lines:
        price, quantity = _said(line, "price"), _said(line, "quantity", "qty")
        product: dict[str, Any] = {"product_id": line.item, "price": line.value if price is None else price}
        if quantity is not None:
            product["quantity"] = quantity
        if line.decision:
            product["decision_id"] = line.decision
        products.append(product)
    content = "\n".join((first.user or "", first.anonymous or "", first.at, *(line.item or "" for line in lines)))
    own = first.id or blake2b(content.encode(), digest_size=12).hexdigest()
    said: dict[str, Any] = {"order_id": str(_said(first, "order_id") or own), "products": products}
    currency = _said(first, "currency")
    if currency is not None:
        said["currency"] = currency
    return Message(
        event=ORDER_COMPLETED, message_id=first.id, user_id=first.user, anonymous_id=first.anonymous, timestamp=first.at,
        properties=said,
    )  # fmt: skip


def _said(one: Interaction, *names: str) -> Any:
    """Find a property by any of its names, in any case: order_id is ORDER_ID and orderId too."""
    wanted = {name.replace("_", "") for name in names}
    return next((v for n, v in one.properties.items() if n.replace("_", "").casefold() in wanted), None)


def instant(seconds: object, where: str) -> str:
    """Write an instant given as seconds or milliseconds since 1970, or as text, as ISO 8601.

    Raises
    ------
    BadInput
        If it is none.

    Examples
    --------
    >>> instant(1767323045, "here"), instant("2026-01-02T03:04:05Z", "here")
    ('2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05Z')
    """
    text = str(seconds).strip()
    try:
        number = float(text)
    except ValueError:
        return _checked(text, where)
    if not abs(number) <= 1e14:
        raise BadInput(f"{text[:60]!r} is no instant", where=where)
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) > 1e11 else number, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        raise BadInput(f"{text[:60]!r} is no instant", where=where) from None


def _checked(text: str, where: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text[:60]!r} is no instant; give seconds since 1970 or ISO 8601", where=where) from None
    return text
