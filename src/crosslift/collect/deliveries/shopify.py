"""Shopify's webhooks in their JSON format: orders with their refunds, customers and products, named as the exports name them.

Topics `orders/*` (create, updated, paid, cancelled, ...) and `customers/create`, `customers/update`. What came back stands
inside the order; `refunds/create` names the order by another number and is left to `orders/updated`, which follows it.
https://shopify.dev/docs/api/webhooks
"""

from collections.abc import Mapping
from typing import Any

from crosslift.collect.deliveries.platform import Platform, Row, Sent, Told, items, mapping, needed, text
from crosslift.domain.signature import BodySignature

_OFF = frozenset({"refunded", "voided", "expired"})


def rows(sent: Sent) -> Told:
    """Give the rows of a delivery."""
    kind, _, verb = sent.topic.partition("/")
    if kind == "orders" and verb not in ("delete", "edited"):
        return _order(sent)
    if kind == "products" and verb in ("create", "update"):
        return [("products", _products(sent))]
    if kind == "customers" and verb in ("create", "update"):
        return [("customers", [_customer(sent.body)])]
    return []


def _order(sent: Sent) -> Told:
    body = sent.body
    needed(body, "name", "created_at", "currency")
    is_off = text(body.get("cancelled_at")) is not None or text(body.get("financial_status")) in _OFF
    address = mapping(body.get("shipping_address")) or mapping(body.get("billing_address"))
    order: Row = {
        "source": sent.source, "order_id": str(body["name"]), "ordered_at": body["created_at"],
        "updated_at": body.get("updated_at"), "customer_id": _who(body), "currency": body["currency"],
        "market": text(address.get("country_code")), "channel": text(body.get("source_name")),
        "status": "test" if body.get("test") is True else "cancelled" if is_off else "placed",
    }  # fmt: skip
    lines = items(body, "line_items")
    for line in lines:
        needed(line, "id", "quantity", "price")
    told = [("orders", [order | _line(line) for line in lines])] if lines else []
    back = [
        _back(order, refund, one) for refund in items(body, "refunds") for one in items(refund, "refund_line_items")
    ]
    return [*told, ("returns", back)] if back else told


def _line(line: Mapping[str, Any]) -> Row:
    return {
        "line_id": str(line["id"]), "product_id": _product(line), "quantity": line["quantity"], "unit_price": line["price"],
        "discount": text(line.get("total_discount")), "title": text(line.get("name") or line.get("title")),
    }  # fmt: skip


def _back(order: Row, refund: Mapping[str, Any], one: Mapping[str, Any]) -> Row:
    needed(one, "id", "quantity")
    needed(refund, "created_at")
    return {
        "source": order["source"], "order_id": order["order_id"], "line_id": str(one["id"]),
        "product_id": _product(mapping(one.get("line_item"))), "quantity": one["quantity"],
        "returned_at": refund["created_at"], "reason": text(refund.get("note")), "refund_amount": text(one.get("subtotal")),
    }  # fmt: skip


def _customer(body: Mapping[str, Any]) -> Row:
    return {
        "customer_id": _who(body), "email": text(body.get("email")), "phone": text(body.get("phone")),
        "created_at": body.get("created_at"), "updated_at": body.get("updated_at"),
        "market": text(mapping(body.get("default_address")).get("country_code")),
    }  # fmt: skip


def _products(sent: Sent) -> list[Row]:
    """Give the product before its variants, or itself alone where it has none."""
    body = sent.body
    needed(body, "title", "handle")
    image = text(mapping(body.get("image")).get("src"))
    whole: Row = {
        "title": str(body["title"]), "category": text(body.get("product_type")), "brand": text(body.get("vendor")),
        "image": image, "active": text(body.get("status")) in (None, "active"), "currency": sent.currency,
    }  # fmt: skip
    variants = items(body, "variants")
    for variant in variants:
        needed(variant, "price")
    if len(variants) == 1 and text(variants[0].get("title")) in (None, "Default Title"):
        return [whole | _sold(variants[0], whole["title"])]
    called = [f"{whole['title']} - {one.get('title')}" for one in variants]
    parent = {"product_id": str(body["handle"]), **whole}
    return [parent, *(
        {**whole, "parent_id": parent["product_id"], "title": name, **_sold(one, name)}
        for one, name in zip(variants, called, strict=True)
    )]  # fmt: skip


def _sold(variant: Mapping[str, Any], name: str) -> Row:
    """Name a variant as an order line does; stock counts where Shopify counts it and stops selling at its end."""
    counts = variant.get("inventory_management") == "shopify" and variant.get("inventory_policy") != "continue"
    return {
        "product_id": text(variant.get("sku")) or name, "price": variant["price"],
        "stock": variant.get("inventory_quantity") if counts else None,
    }  # fmt: skip


def _product(line: Mapping[str, Any]) -> str | None:
    return text(line.get("sku")) or text(line.get("name")) or text(line.get("title"))


def _who(body: Mapping[str, Any]) -> str | None:
    """Name the customer as the exports do: by the address, else by the telephone."""
    who = mapping(body.get("customer"))
    found = text(body.get("email")) or text(who.get("email")) or text(body.get("phone")) or text(who.get("phone"))
    return found.lower() if found else None


PLATFORM = Platform(
    "shopify",
    "orders, customers and products of Shopify",
    BodySignature("x-shopify-hmac-sha256"),
    "x-shopify-topic",
    rows,
)
