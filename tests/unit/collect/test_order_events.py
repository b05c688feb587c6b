"""Orders and returns that events tell of."""

import pytest

from crosslift.collect.order_events import orders_told
from crosslift.collect.rows import LINE_COLUMNS, ORDER_COLUMNS, RETURN_COLUMNS
from crosslift.collect.sources.segment import Message

NOW = 1_700_000_000_000_000
AT = "2024-01-01T10:00:00Z"
AT_MICROS = 1_704_103_200_000_000
COLUMNS = {"orders": ORDER_COLUMNS, "order_lines": LINE_COLUMNS, "returns": RETURN_COLUMNS}


def message(name="Order Completed", *, user="c1", at=AT, **properties):
    given = {
        "order_id": "o1",
        "currency": "usd",
        "products": [{"product_id": "A", "price": 19, "quantity": 2}],
        **properties,
    }
    return Message(event=name, user_id=user, anonymous_id="a1", timestamp=at, properties=given)


def told(*messages):
    """Give rows by table as dicts, and what was not kept."""
    found = orders_told(messages, NOW, "shop")
    return {
        table: [dict(zip(COLUMNS[table], row, strict=True)) for row in rows] for table, columns, rows in found.tables
    }, found.untold


def lines(*messages):
    return told(*messages)[0]["order_lines"]


def test_a_completed_order_becomes_lines_with_every_value():
    made, untold = told(message(
        products=[
            {"product_id": "A", "name": "Mug", "price": "19.00", "quantity": 1, "decision_id": "d1"},
            {"sku": 7, "name": "Jug", "price": 3, "quantity": 2},
        ],
        discount=2.5, tax="2.00", coupon="HASBROS", channel="POS", market="US",
    ))  # fmt: skip
    assert untold == []
    first, second = made["order_lines"]
    assert {name: first[name] for name in ("source", "order_id", "line_id", "has_line_id", "ordered_at", "updated_at")} == {
        "source": "shop", "order_id": "o1", "line_id": "1", "has_line_id": False, "ordered_at": AT_MICROS,
        "updated_at": AT_MICROS,
    }  # fmt: skip
    assert {name: first[name] for name in ("customer_id", "product_id", "title", "quantity", "currency", "status")} == {
        "customer_id": "c1", "product_id": "A", "title": "Mug", "quantity": 1, "currency": "USD", "status": "placed",
    }  # fmt: skip
    assert [line["unit_price_micros"] for line in (first, second)] == [19_000_000, 3_000_000]
    assert (first["channel"], first["market"], first["decision_id"], second["decision_id"]) == (
        "till",
        "US",
        "d1",
        None,
    )
    assert (second["line_id"], second["product_id"], second["quantity"]) == ("2", "7", 2)
    assert first["attributes"] == '{"coupon":"HASBROS"}'
    [header] = made["orders"]
    assert header == {
        "source": "shop", "order_id": "o1", "ordered_at": AT_MICROS, "customer_id": "c1", "channel": "till", "market": "US",
        "currency": "USD", "status": "placed", "updated_at": AT_MICROS,
    }  # fmt: skip


def test_what_is_said_of_the_whole_order_is_shared_out_by_value_to_the_last_millionth():
    products = [{"product_id": code, "price": price} for code, price in (("A", 1), ("B", 1), ("C", 1))]
    found = lines(message(products=products, discount="1.00", tax=0))
    assert [line["discount_micros"] for line in found] == [333_334, 333_333, 333_333]
    assert [line["tax_micros"] for line in found] == [0, 0, 0]


def test_amounts_of_the_lines_themselves_go_before_those_of_the_order():
    products = [{"product_id": "A", "price": 5, "discount": 1}, {"product_id": "B", "price": 5}]
    assert [line["discount_micros"] for line in lines(message(products=products, discount=4))] == [1_000_000, None]


def test_without_prices_nothing_is_shared_out():
    assert lines(message(products=[{"product_id": "A"}], discount=4))[0]["discount_micros"] is None


def test_an_anonymous_buyer_is_kept_beside_the_line():
    [line] = lines(message(user=None))
    assert (line["customer_id"], line["attributes"]) == (None, '{"anonymous_id":"a1"}')


def test_a_message_without_a_time_has_that_of_its_arrival_and_is_never_newer():
    [line] = lines(message(at=None))
    assert (line["ordered_at"], line["updated_at"]) == (NOW, None)


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_messages_about_one_order_the_newest_counts(turned):
    both = [message(), message(at="2024-01-01T10:00:05Z", products=[{"product_id": "B"}])]
    assert [line["product_id"] for line in lines(*(reversed(both) if turned else both))] == ["B"]


def test_a_cancelled_order_is_its_lines_cancelled():
    found = lines(message(), message("Order Cancelled", at="2024-01-02T10:00:00Z"))
    assert [(line["status"], line["line_id"]) for line in found] == [("cancelled", "1")]


def test_the_first_version_of_the_vocabulary_is_understood():
    assert lines(message("Completed Order"))[0]["product_id"] == "A"


def test_a_refund_becomes_returns_one_a_product():
    products = [
        {"product_id": "A", "quantity": 1, "price": 10}, {"product_id": "B"}, {"product_id": "A", "quantity": 2, "price": 5},
    ]  # fmt: skip
    made, untold = told(message("Order Refunded", reason="too small", total=30, products=products))
    assert untold == []
    names = ("source", "order_id", "line_id", "product_id", "quantity", "returned_at", "refund_micros")
    assert [tuple(back[name] for name in names) for back in made["returns"]] == [
        ("shop", "o1", f"A@{AT_MICROS}", "A", 3, AT_MICROS, 20_000_000),
        ("shop", "o1", f"B@{AT_MICROS}", "B", 1, AT_MICROS, None),
    ]
    assert {(r["reason"], r["currency"]) for r in made["returns"]} == {("too small", "USD")}


def test_the_total_of_a_refund_of_one_product_is_what_was_paid_back():
    [back] = told(message("Order Refunded", total="12.34"))[0]["returns"]
    assert back["refund_micros"] == 12_340_000


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"order_id": None}, "Order Completed without order_id: it names no order_id"),
        ({"order_id": " "}, "Order Completed without order_id: it names no order_id"),
        ({"products": None}, "Order Completed o1: it names no products"),
        ({"products": []}, "Order Completed o1: it names no products"),
        ({"products": ["A"]}, "Order Completed o1: a product is no object"),
        ({"products": [{"price": 3}]}, "Order Completed o1: a product has no product_id"),
        ({"products": [{"product_id": {}}]}, "Order Completed o1: a product has no product_id"),
        ({"products": [{"product_id": "A", "quantity": 0}]}, "quantity '0' is no whole number above 0"),
        ({"products": [{"product_id": "A", "quantity": 1.5}]}, "quantity '1.5' is no whole number above 0"),
        ({"products": [{"product_id": "A", "quantity": "two"}]}, "quantity 'two' is no number"),
        ({"products": [{"product_id": "A", "price": "$5"}]}, "price '$5' is no number"),
        ({"products": [{"product_id": "A", "price": True}]}, "price 'True' is no number"),
        ({"products": [{"product_id": "A", "price": "1e999999"}]}, "price '1e999999' is no number"),
        ({"products": [{"product_id": "A", "price": "nan"}]}, "price 'nan' is no number"),
        ({"products": [{"product_id": "A", "price": 1e15}]}, "price '1000000000000000.0' is too large"),
        ({"discount": "lots"}, "discount 'lots' is no number"),
    ],
)
def test_an_order_nobody_could_keep_is_named_and_the_others_are_kept(properties, why):
    made, untold = told(message(**properties), message(order_id="o2"))
    assert len(untold) == 1
    assert why in untold[0]
    assert [line["order_id"] for line in made["order_lines"]] == ["o2"]


def test_other_events_tell_nothing_of_orders():
    assert told(message("Checkout Started"), message("Order Updated"), Message(type="page", user_id="c1")) == ({}, [])


def test_a_file_of_events_brings_its_orders(collect, read):
    line = (
        '{"type":"track","event":"Order Completed","messageId":"%s","userId":"c1","timestamp":"2024-01-01T10:00:00Z",'
        '"properties":{"order_id":"%s","products":[{"product_id":"A","price":5}]}}'
    )
    report = collect("\n".join(line % pair for pair in (("m1", "o1"), ("m2", ""), ("m3", "o3"))), "events.jsonl")
    assert (report.dataset, report.n_new) == ("events", 3)
    [finding] = report.findings
    assert (finding.code, finding.count) == ("orders_untold", 1)
    assert read("order_lines", "source", "order_id", "customer_id") == [("events", "o1", "c1"), ("events", "o3", "c1")]
    assert read("orders", "order_id") == [("o1",), ("o3",)]


def test_the_source_of_told_orders_is_a_setting(collect, read):
    line = (
        '{"event":"Order Completed","messageId":"m1","userId":"c1","timestamp":"2024-01-01T10:00:00Z",'
        '"properties":{"order_id":"o1","products":[{"product_id":"A"}]}}'
    )
    collect(line, "events.jsonl", {"collect.events_source": "shopify"})
    assert read("order_lines", "source") == [("shopify",)]
    collect(
        "order_id,ordered_at,product_id,quantity,unit_price,currency\no1,2024-01-01,A,1,5,EUR\n",
        "o.csv",
        source="shopify",
    )
    assert read("order_lines", "source", "unit_price_micros") == [("shopify", 5_000_000)]
