"""WooCommerce's webhooks: orders, customers and products as its REST API gives them, named as the exports name them.

Topics `order.created`, `order.updated`, `customer.created`, `customer.updated`, `product.created`,
`product.updated`. Amounts of lines come without tax; where the
shop's prices include it, it is added. Orders nobody paid yet are left out. The ping of a new webhook tells nothing.
https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
"""

from collections.abc import Mapping
from decimal import Decimal, DecimalException
from typing import Any

from crosslift.collect.deliveries.platform import Platform, Row, Sent, Told, items, mapping, needed, text
from crosslift.domain.signature import BodySignature
from crosslift.errors import BadInput

_OFF = frozenset({"cancelled", "refunded"})
_UNFINISHED = frozenset({"pending", "failed", "checkout-draft", "auto-draft", "draft", "trash"})
_PLACES = 6


def rows(sent: Sent) -> Told:
    """Give the rows of a delivery."""
    kind, _, verb = sent.topic.partition(".")
    if verb not in ("created", "updated"):
        return []
    if kind == "order" and text(sent.body.get("status")) not in _UNFINISHED:
        return _order(sent)
    if kind == "product":
        return [("products", [_product(sent)])]
    return [("customers", [_customer(sent.body)])] if kind == "customer" else []


def _order(sent: Sent) -> Told:
    body = sent.body
    needed(body, "id", "date_created_gmt", "currency", "status")
    billing, shipping = mapping(body.get("billing")), mapping(body.get("shipping"))
    who = text(billing.get("email")) or text(billing.get("phone"))
    order: Row = {
        "source": sent.source, "order_id": text(body.get("number")) or str(body["id"]),
        "ordered_at": _instant(body["date_created_gmt"]), "updated_at": _instant(body.get("date_modified_gmt")),
        "customer_id": who.lower() if who else None, "currency": body["currency"],
        "market": text(shipping.get("country")) or text(billing.get("country")),
        "status": "cancelled" if str(body["status"]) in _OFF else "placed",
    }  # fmt: skip
    found = [order | _line(line, sent.includes_tax) for line in items(body, "line_items") if _amount(line, "quantity")]
    return [("orders", found)] if found else []


def _line(line: Mapping[str, Any], includes_tax: bool) -> Row:
    needed(line, "id", "quantity", "subtotal", "total")
    before = _amount(line, "subtotal") + (_amount(line, "subtotal_tax") if includes_tax else 0)
    after = _amount(line, "total") + (_amount(line, "total_tax") if includes_tax else 0)
    sku, number, name = text(line.get("sku")), text(line.get("product_id")), text(line.get("name"))
    return {
        "line_id": str(line["id"]), "product_id": sku or (f"id:{number}" if number else name),
        "quantity": line["quantity"], "unit_price": str(round(before / _amount(line, "quantity"), _PLACES)),
        "discount": str(before - after), "title": name,
    }  # fmt: skip


def _customer(body: Mapping[str, Any]) -> Row:
    billing = mapping(body.get("billing"))
    who = text(body.get("email")) or text(billing.get("email")) or text(billing.get("phone"))
    return {
        "customer_id": who.lower() if who else None, "email": text(body.get("email")),
        "phone": text(billing.get("phone")), "created_at": _instant(body.get("date_created_gmt")),
        "updated_at": _instant(body.get("date_modified_gmt")), "market": text(billing.get("country")),
    }  # fmt: skip


def _product(sent: Sent) -> Row:
    """Give a product as it is sold now; variations come by file, their webhooks tell of the whole product alone."""
    body = sent.body
    needed(body, "id", "name")
    counted = body.get("stock_quantity") if body.get("manage_stock") is True else None
    gone = 0 if body.get("stock_status") == "outofstock" else None
    categories, images = items(body, "categories"), items(body, "images")
    return {
        "product_id": text(body.get("sku")) or f"id:{body['id']}", "title": str(body["name"]),
        "price": text(body.get("price")), "currency": sent.currency,
        "stock": gone if counted is None else counted, "url": text(body.get("permalink")),
        "category": text(categories[0].get("name")) if categories else None,
        "image": text(images[0].get("src")) if images else None, "active": body.get("status") == "publish",
    }  # fmt: skip


def _amount(line: Mapping[str, Any], name: str) -> Decimal:
    try:
        found = Decimal(str(line.get(name) or 0))
    except DecimalException:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > 10**12 or 0 < abs(found) < Decimal("1e-6"):
        raise BadInput(f"{name} is no amount", where=name)
    return found


def _instant(value: object) -> str | None:
    """Say of an instant that it is UTC, which WooCommerce leaves out."""
    found = text(value)
    return f"{found}Z" if found and found[-1].isdigit() and "+" not in found else found


PLATFORM = Platform(
    "woocommerce", "orders, customers and products of WooCommerce", BodySignature("x-wc-webhook-signature"), "x-wc-webhook-topic",
    rows,
)  # fmt: skip
