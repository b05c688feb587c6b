"""The dozen orders as the data sets of other recommenders have them."""

import json
from calendar import timegm
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from crosslift.testing.demo.samples.sales import PEOPLE, Sale, catalog
from crosslift.testing.demo.samples.sample import Sample, delimited

INTERACTIONS = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "EVENT_VALUE", "TIMESTAMP")
ITEMS = ("ITEM_ID", "TITLE", "PRICE", "CURRENCY", "CATEGORY_L1", "BRAND", "STOCK")
USERS = ("USER_ID", "LANGUAGE")
AHEAD = timedelta(hours=9)
"""The shop's clock is that of Seoul; these data sets count in UTC."""


def samples(sales: tuple[Sale, ...]) -> tuple[Sample, ...]:
    """Give them; the lines of an order are one event each there and one order here."""
    n, goods = len(sales), len(catalog())
    return (
        Sample("personalize_interactions.csv", "en", "Amazon Personalize interactions", "events",
               delimited(INTERACTIONS, _interactions(sales)), n),
        Sample("personalize_items.csv", "en", "Amazon Personalize products", "products", delimited(ITEMS, _items()), goods),
        Sample("personalize_users.csv", "en", "Amazon Personalize customers", "customers",
               delimited(USERS, ([person[0], "en"] for person in PEOPLE)), len(PEOPLE)),
        Sample("retail_products.jsonl", "en", "Google Retail products", "products", _lines(_retail_products()), goods),
        Sample("retail_user_events.jsonl", "en", "Google Retail user events", "events", _lines(_retail_events(sales)), n),
        Sample("gorse_items.jsonl", "en", "Gorse products", "products", _lines(_gorse_items()), goods),
        Sample("gorse_users.jsonl", "en", "Gorse customers", "customers",
               _lines({"UserId": person[0], "Labels": {"language": "en"}, "Comment": ""} for person in PEOPLE), len(PEOPLE)),
        Sample("gorse_feedback.jsonl", "en", "Gorse feedback", "events", _lines(_feedback(sales)), n),
    )  # fmt: skip


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _utc(sale: Sale) -> str:
    return f"{sale.at - AHEAD:%Y-%m-%dT%H:%M:%S}Z"


def _interactions(sales: tuple[Sale, ...]) -> Iterable[list[object]]:
    for sale in sales:
        seconds = timegm((sale.at - AHEAD).timetuple())
        for line in sale.lines:
            yield [PEOPLE[sale.person][0], line.item.product_id, "Purchase", line.won, seconds]


def _items() -> Iterable[list[object]]:
    for item in catalog():
        yield [item.product_id, item.title, item.price, "KRW", item.category, item.brand, item.stock]


def _retail_products() -> Iterable[dict[str, Any]]:
    for item in catalog():
        yield {
            "id": item.product_id, "title": item.title, "categories": [item.category], "brands": [item.brand],
            "priceInfo": {"currencyCode": "KRW", "price": item.price, "cost": item.cost},
            "availability": "IN_STOCK", "availableQuantity": item.stock,
        }  # fmt: skip


def _retail_events(sales: tuple[Sale, ...]) -> Iterable[dict[str, Any]]:
    for sale in sales:
        told = [
            {"product": {"id": line.item.product_id, "priceInfo": {"price": line.won}}, "quantity": line.quantity}
            for line in sale.lines
        ]
        total = sum(line.won * line.quantity for line in sale.lines)
        yield {
            "eventType": "purchase-complete", "visitorId": f"v-{sale.person}", "userInfo": {"userId": PEOPLE[sale.person][0]},
            "eventTime": _utc(sale), "productDetails": told,
            "purchaseTransaction": {"id": f"A-{sale.place + 1}", "revenue": total, "currencyCode": "KRW"},
        }  # fmt: skip


def _gorse_items() -> Iterable[dict[str, Any]]:
    for item in catalog():
        labels = {"price": float(item.price), "currency": "KRW", "brand": item.brand, "stock": item.stock}
        yield {
            "ItemId": item.product_id, "IsHidden": False, "Categories": [item.category], "Timestamp": "2026-01-01T00:00:00Z",
            "Labels": labels, "Comment": item.title,
        }  # fmt: skip


def _feedback(sales: tuple[Sale, ...]) -> Iterable[dict[str, Any]]:
    for sale in sales:
        for line in sale.lines:
            yield {
                "FeedbackType": "purchase", "UserId": PEOPLE[sale.person][0], "ItemId": line.item.product_id,
                "Value": float(line.quantity), "Timestamp": _utc(sale), "Comment": "",
            }  # fmt: skip
