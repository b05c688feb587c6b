"""Items, users and feedback as Gorse's bulk export writes them."""

import json

import pytest

from crosslift.collect.recognition import Options, look
from crosslift.collect.sources import gorse
from crosslift.collect.sources.segment import decode_lines
from crosslift.errors import BadInput
from crosslift.settings import Settings


def lines(*rows):
    return "\n".join(map(json.dumps, rows)).encode()


def test_feedback_becomes_events_and_orders_and_its_value_no_price(write):
    both = {"UserId": "u", "Timestamp": "2026-01-01T00:00:00Z", "Value": 2.0}
    path = write("f.jsonl", lines(
        {"FeedbackType": "read", "ItemId": "A", **both}, {"FeedbackType": "purchase", "ItemId": "A", **both},
        {"FeedbackType": "purchase", "ItemId": "B", **both},
    ))  # fmt: skip
    found = look(path, Settings.load(environment={}), Options())
    (batch, orders) = found.table.batches()
    read, order = (
        decode_lines(list(zip(one.column("number").to_pylist(), one.column("line").to_pylist(), strict=True)), "f")[0]
        for one in (batch, orders)
    )
    assert found.format == "Gorse feedback"
    assert (read.event, read.properties) == ("Product Viewed", {"product_id": "A", "value": 2.0})
    assert [(one["product_id"], one["price"]) for one in order.properties["products"]] == [("A", None), ("B", None)]


def test_items_become_products(renamed_text):
    found = renamed_text(lines({
        "ItemId": "A", "IsHidden": True, "Categories": ["tea"], "Timestamp": "2026-01-01T00:00:00Z",
        "Labels": {"price": 4, "currency": "EUR"}, "Comment": "Sencha",
    }), "i.jsonl")  # fmt: skip
    names = ("product_id", "title", "category", "price", "currency", "active")
    assert found.rows(*names) == [("A", "Sencha", "tea", "4", "EUR", "false")]


def test_users_become_customers(renamed_text):
    found = renamed_text(lines({"UserId": "u", "Labels": ["a"], "Comment": ""}), "u.jsonl")
    assert found.rows("customer_id", "traits") == [("u", '{"Labels":["a"]}')]


@pytest.mark.parametrize("missing", ["FeedbackType", "UserId", "ItemId", "Timestamp"])
def test_feedback_needs_all_it_is_made_of(missing):
    row = {"FeedbackType": "read", "UserId": "u", "ItemId": "A", "Timestamp": "2026-01-01"}
    with pytest.raises(BadInput, match="a feedback needs"):
        gorse.interaction_of({name: value for name, value in row.items() if name != missing}, "row 1")
