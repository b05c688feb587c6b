"""Catalog and user events of Google Retail, as its imports take them."""

import json

import pytest

from crosslift.collect.recognition import Options, look
from crosslift.collect.sources import retail
from crosslift.collect.sources.segment import decode_lines
from crosslift.errors import BadInput
from crosslift.settings import Settings

BOUGHT = {
    "eventType": "purchase-complete", "visitorId": "v", "userInfo": {"userId": "u"}, "eventTime": "2026-01-02T03:05:05Z",
    "productDetails": [{"product": {"id": "A", "priceInfo": {"price": 2}}, "quantity": 2}, {"product": {"id": "B"}}],
    "purchaseTransaction": {"id": "o1", "revenue": 4.5, "currencyCode": "USD"}, "attributionToken": "d1",
}  # fmt: skip


def test_user_events_become_events(write):
    searched = {"eventType": "search", "visitorId": "v", "eventTime": "2026-01-02T03:04:05Z", "searchQuery": "tea"}
    path = write("e.jsonl", "\n".join(map(json.dumps, (searched, BOUGHT))).encode())
    found = look(path, Settings.load(environment={}), Options())
    (batch,) = found.table.batches()
    search, order = decode_lines(
        list(zip(batch.column("number").to_pylist(), batch.column("line").to_pylist(), strict=True)), "e"
    )
    assert found.format == "Google Retail user events"
    assert (search.event, search.anonymous_id, search.properties) == ("Products Searched", "v", {"query": "tea"})
    assert (order.event, order.user_id, order.properties["order_id"]) == ("Order Completed", "u", "o1")
    assert order.properties["products"] == [{"product_id": "A", "quantity": 2, "price": 2}, {"product_id": "B"}]
    assert (order.properties["currency"], order.properties["decision_id"]) == ("USD", "d1")


def test_the_only_product_of_a_sale_cost_what_the_sale_brought():
    one = {**BOUGHT, "productDetails": [{"product": {"id": "A"}, "quantity": 3}]}
    assert retail.message_of(one, "here").properties["products"] == [{"product_id": "A", "quantity": 3, "price": 1.5}]


def test_a_catalog_becomes_products(renamed_text):
    found = renamed_text("\n".join(map(json.dumps, (
        {"name": "projects/p/branches/0/products/A", "title": "Tea", "categories": ["Drinks > Tea", "Gifts"], "uri": "http://x",
         "priceInfo": {"price": 4.5, "currencyCode": "EUR"}, "availability": "OUT_OF_STOCK", "tags": ["new"]},
        {"id": "B", "title": "Pot", "categories": [], "priceInfo": {"price": 9, "currencyCode": "EUR"}, "availableQuantity": 3},
    ))).encode(), "p.jsonl")  # fmt: skip
    names = ("product_id", "title", "category", "price", "currency", "stock", "url")
    assert found.rows(*names) == [
        ("A", "Tea", "Drinks/Tea", "4.5", "EUR", "0", "http://x"), ("B", "Pot", None, "9", "EUR", "3", None),
    ]  # fmt: skip
    assert json.loads(found.columns["attributes"][0])["tags"] == ["new"]


@pytest.mark.parametrize("number", [1, "IN_STOCK"])
def test_what_is_back_in_stock_says_so_without_a_number(number):
    told = retail.product_of({"id": "A", "title": "T", "availability": number}, "here")
    assert told["stock"] is None
    assert "stock" not in retail.product_of({"id": "A", "title": "T"}, "here")


@pytest.mark.parametrize(
    "event", [{"visitorId": "v"}, {"eventType": "x"}, {**BOUGHT, "productDetails": []}, {**BOUGHT, "eventTime": "soon"}]
)
def test_an_event_that_cannot_be_read_is_refused(event):
    with pytest.raises(BadInput, match="here"):
        retail.message_of(event, "here")
