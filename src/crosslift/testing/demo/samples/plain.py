"""The dozen orders in the canonical columns: what to write where no platform writes it."""

import json
from collections.abc import Iterator

from crosslift.testing.demo.samples.sales import PEOPLE, REFUNDED, Sale, catalog, n_lines
from crosslift.testing.demo.samples.sample import Sample, delimited

ORDERS = ("order_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price", "currency", "title")
PRODUCTS = (
    "product_id",
    "title",
    "title_ko",
    "title_ja",
    "category",
    "brand",
    "price",
    "currency",
    "cost",
    "stock",
    "parent_id",
)
LISTED = (*PRODUCTS, "recommended_ids")
BESIDE = {
    "DRP-V60-02": ("FLT-02", "KTL-EL-800", "SRV-600"), "DRP-V60-02-PL": ("FLT-02", "SRV-600"),
    "KTL-EL-800": ("DRP-V60-02", "FLT-02"), "BEAN-ETH-YIR": ("FLT-02", "MUG-STONE"), "BLD-SEOUL": ("MUG-STONE",),
}  # fmt: skip
"""What a shop might want beside its goods, the dearest to it first."""
CUSTOMERS = ("customer_id", "email", "locale", "market", "created_at")
CONSENTS = ("customer_id", "purpose", "channel", "status", "source", "wording", "at")
RETURNS = ("order_id", "product_id", "quantity", "returned_at", "reason")


def samples(sales: tuple[Sale, ...]) -> tuple[Sample, ...]:
    """Give them."""
    n_products = sum(1 + len(item.variants) for item in catalog())
    returned = sales[REFUNDED].lines
    events = [
        json.dumps({
            "type": "track", "event": "Product Viewed", "messageId": f"sample-{sale.place}-{place}",
            "userId": PEOPLE[sale.person][0], "timestamp": f"{sale.at:%Y-%m-%dT%H:%M:%S}+09:00",
            "properties": {"product_id": line.code},
        }, ensure_ascii=False)
        for sale in sales for place, line in enumerate(sale.lines)
    ]  # fmt: skip
    return (
        Sample("orders.csv", "en", "canonical orders", "orders", delimited(ORDERS, _orders(sales)), n_lines(sales)),
        Sample("products.csv", "en", "canonical products", "products", delimited(PRODUCTS, _products()), n_products),
        Sample("own_list.csv", "en", "canonical products", "products", delimited(LISTED, _listed()), n_products),
        Sample("customers.csv", "en", "canonical customers", "customers", delimited(CUSTOMERS, _customers()), len(PEOPLE)),
        Sample("consents.csv", "en", "canonical consents", "consents", delimited(CONSENTS, _consents()), 3),
        Sample("returns.csv", "en", "canonical returns", "returns", delimited(RETURNS, (
            [f"A-{REFUNDED + 1}", line.code, line.quantity, f"{sales[REFUNDED].at:%Y-%m-%d}T20:00:00+09:00", "changed my mind"]
            for line in returned
        )), len(returned)),
        Sample("events.jsonl", "en", "Segment events", "events", ("\n".join(events) + "\n").encode(), len(events)),
    )  # fmt: skip


def _orders(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for sale in sales:
        for line in sale.lines:
            at = f"{sale.at:%Y-%m-%dT%H:%M:%S}+09:00"
            yield [
                f"A-{sale.place + 1}",
                at,
                PEOPLE[sale.person][0],
                line.code,
                line.quantity,
                line.won,
                "KRW",
                line.title("en"),
            ]


def _products() -> Iterator[list[object]]:
    for item in catalog():
        titles = [item.title, item.title_ko, item.title_ja]
        rest = [item.category, item.brand, item.price, "KRW", item.cost, item.stock]
        yield [item.product_id, *titles, *rest, None]
        for variant in item.variants:
            own = [
                f"{item.title} - {variant.title}",
                f"{item.title_ko} - {variant.title_ko}",
                f"{item.title_ja} - {variant.title_ja}",
            ]
            yield [f"{item.product_id}-{variant.code}", *own, *rest, item.product_id]


def _listed() -> Iterator[list[object]]:
    for row in _products():
        yield [*row, "|".join(BESIDE.get(str(row[0]), ()))]


def _customers() -> Iterator[list[object]]:
    for place, person in enumerate(PEOPLE):
        yield [person[0], person[1], "ko" if place % 2 == 0 else "ja", "KR", f"2025-0{place + 1}-15T09:00:00+09:00"]


def _consents() -> Iterator[list[object]]:
    for person in PEOPLE[:3]:
        yield [person[0], "marketing", "email", "granted", "newsletter form", "2026-01 v2", "2026-08-01T10:00:00+09:00"]
