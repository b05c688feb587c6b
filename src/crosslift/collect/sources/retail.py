"""Catalog and user events of Google Cloud Retail (Vertex AI Search for commerce), as its imports take them: JSON lines.

Enumerations are read as names and as the integers its clients send.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

import msgspec
import pyarrow as pa

from crosslift.collect.schemas import PRODUCTS
from crosslift.collect.sources.interactions import event_name, instant
from crosslift.collect.sources.segment import Message
from crosslift.collect.sources.source import Columns, Export, Source
from crosslift.domain.event import ORDER_COMPLETED
from crosslift.errors import BadInput

NAME = "Google Retail"
NEEDED = frozenset({"eventType", "visitorId"})
"""What every user event has."""
OUT_OF_STOCK = ("OUT_OF_STOCK", 2)
IN_STOCK = "IN_STOCK"
LARGEST = 2**53
_AVAILABILITY: Mapping[Any, str] = {1: IN_STOCK, 2: "OUT_OF_STOCK", 3: "PREORDER", 4: "BACKORDER"}
_KEPT = (
    "tags", "description", "colorInfo", "sizes", "materials", "patterns", "conditions", "gtin", "languageCode", "audience",
)  # fmt: skip
_ABOUT = ("uri", "referrerUri", "pageViewId", "cartId", "filter", "orderBy", "entity", "experimentIds", "attributes")


def message_of(event: Mapping[str, Any], where: str) -> Message:
    """Read one user event.

    Raises
    ------
    BadInput
        For an event without type or visitor, or a purchase without its products.
    """
    kind, visitor = event.get("eventType"), event.get("visitorId")
    if not isinstance(kind, str) or not kind or not isinstance(visitor, str) or not visitor:
        raise BadInput("a user event needs eventType and visitorId", where=where)
    name, products = event_name(kind), list(map(_line, _objects(event.get("productDetails"), where)))
    said: dict[str, Any] = {name: event[name] for name in _ABOUT if event.get(name)}
    if event.get("searchQuery"):
        said["query"] = event["searchQuery"]
    if event.get("pageCategories"):
        said["category"] = "; ".join(map(str, _list(event["pageCategories"])))
    if event.get("attributionToken"):
        said["decision_id"] = str(event["attributionToken"])
    if name == ORDER_COMPLETED:
        said |= _sale(event, products, where)
    elif products:
        said |= products[0]
        if len(products) > 1:
            said["products"] = products
    user = _mapping(event.get("userInfo")).get("userId")
    known = str(user) if isinstance(user, str | int) and user else None
    return Message(event=name, user_id=known, anonymous_id=visitor, timestamp=_time(event, where), properties=said)


def _sale(event: Mapping[str, Any], products: list[dict[str, Any]], where: str) -> dict[str, Any]:
    """Give a purchase; one without an id of its own is known by visitor and instant."""
    sale = _mapping(event.get("purchaseTransaction"))
    if not products:
        raise BadInput("purchase-complete needs productDetails", where=where)
    currency = sale.get("currencyCode") or next((one["currency"] for one in products if "currency" in one), None)
    own = sale.get("id") or f"{event['visitorId']}/{event.get('eventTime') or ''}"
    told = {"order_id": str(own), "revenue": sale.get("revenue"), "currency": currency, "tax": sale.get("tax")}
    revenue, quantity = sale.get("revenue"), products[0].get("quantity") or 1
    if len(products) == 1 and "price" not in products[0] and _is_number(revenue) and _is_number(quantity):
        products[0]["price"] = revenue / max(quantity, 1)
    return {**{name: value for name, value in told.items() if value is not None}, "products": products}


def _line(detail: Mapping[str, Any]) -> dict[str, Any]:
    product = _mapping(detail.get("product"))
    price = _mapping(product.get("priceInfo"))
    found: dict[str, Any] = {
        "product_id": product.get("id") or last_part(product.get("name")),
        "quantity": detail.get("quantity"),
    }
    found |= {"name": product.get("title"), "price": price.get("price"), "currency": price.get("currencyCode")}
    return {name: value for name, value in found.items() if value is not None}


def product_of(product: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Give a product in canonical columns.

    Raises
    ------
    BadInput
        For one without id or title.

    Examples
    --------
    >>> product_of({"id": "A", "title": "Tea", "categories": ["Drinks > Tea"], "priceInfo": {"price": 4.5,
    ...     "currencyCode": "EUR"}, "availability": 2}, "products[0]")["stock"]
    0
    """
    own, title = product.get("id") or last_part(product.get("name")), product.get("title")
    if not own or not title:
        raise BadInput("a product needs id and title", where=where)
    price, categories = _mapping(product.get("priceInfo")), _list(product.get("categories"))
    brands, images = _list(product.get("brands")), _list(product.get("images"))
    parent = product.get("primaryProductId")
    found: dict[str, Any] = {
        "product_id": str(own), "title": str(title), "price": price.get("price"), "currency": price.get("currencyCode"),
        "cost": price.get("cost"), "category": str(categories[0]).replace(" > ", "/") if categories else None,
        "brand": str(brands[0]) if brands else None, "url": product.get("uri"), "stock": _stock(product),
        "image": _mapping(images[0]).get("uri") if images else None, "parent_id": parent if parent != own else None,
        "attributes": _attributes(product, categories),
    }  # fmt: skip
    is_back = product.get("availability") in (IN_STOCK, 1) and found["stock"] is None
    return {name: value for name, value in found.items() if value is not None or (is_back and name == "stock")}


def _stock(product: Mapping[str, Any]) -> int | None:
    """Say how much is left: none where it says so, unknown where it names no number."""
    if product.get("availability") in OUT_OF_STOCK:
        return 0
    left = product.get("availableQuantity")
    if isinstance(left, str) and left.isascii() and left.isdigit() and len(left) < 16:  # a cell of a file
        return int(left)
    return int(left) if _is_number(left) and abs(left) < LARGEST else None


def _attributes(product: Mapping[str, Any], categories: Sequence[Any]) -> dict[str, Any]:
    found = {name: product[name] for name in _KEPT if product.get(name)}
    if len(categories) > 1:
        found["categories"] = list(categories)
    if len(_list(product.get("brands"))) > 1:
        found["brands"] = product["brands"]
    availability = product.get("availability")
    if isinstance(availability, str | int) and availability:
        found["availability"] = _AVAILABILITY.get(availability, availability)
    for name, values in _mapping(product.get("attributes")).items():
        told = _mapping(values)
        found[name] = told.get("text") or told.get("numbers") or values
    return found


def last_part(name: object) -> str | None:
    """Give the id at the end of a resource name.

    Examples
    --------
    >>> last_part("projects/p/locations/global/catalogs/default_catalog/branches/0/products/A")
    'A'
    """
    return str(name).rpartition("/")[2] or None if name else None


def _time(event: Mapping[str, Any], where: str) -> str | None:
    """Give when it was; None where it does not say."""
    told = event.get("eventTime")
    return None if told is None else instant(told, f"{where}.eventTime")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any, where: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadInput("productDetails is no list of objects", where=where)
    return value


def object_of(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """Give the object that a line of JSON was, from its cells as text.

    Examples
    --------
    >>> object_of({"id": "7", "priceInfo": '{"price": 2}', "title": None})
    {'id': '7', 'priceInfo': {'price': 2}}
    """
    return {name: _value(cell) for name, cell in cells.items() if cell is not None}


def _value(cell: str) -> Any:
    if cell[:1] not in ("{", "["):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


class Products(Export):
    """Reads a catalog."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Take each product apart as the API's door does."""
        names, rows = list(given), zip(*(column.to_pylist() for column in given.values()), strict=True)
        found = [product_of(object_of(dict(zip(names, row, strict=True))), "catalog") for row in rows]
        encoded = msgspec.json.encode
        texts = {name: [_text(one.get(name), encoded) for one in found] for name in PRODUCTS.names}
        present = {name: cells for name, cells in texts.items() if name in _ALWAYS or any(c is not None for c in cells)}
        return {name: pa.array(cells, pa.string()) for name, cells in present.items()}


def _text(value: Any, encoded: Callable[[Any], bytes]) -> str | None:
    return None if value is None else encoded(value).decode() if isinstance(value, dict) else str(value)


_ALWAYS = ("product_id", "title", "price", "currency", "category", "stock", "attributes")

SOURCE = Source(
    name=NAME,
    schema=PRODUCTS,
    signature=frozenset({"title", "categories", "priceInfo"}),
    names={"product_id": ("id", "name"), "title": ("title",), "price": ("priceInfo",), "currency": ("priceInfo",)},
    renamer=Products,
)
