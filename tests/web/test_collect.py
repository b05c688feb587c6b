"""POST /v1/collect: Segment messages, idempotent, on disk before they are acknowledged."""

import json

import pytest

VIEW = {"type": "track", "event": "Product Viewed", "anonymousId": "a1", "messageId": "m1",
        "properties": {"product_id": "DRIP"}}  # fmt: skip


def viewed(n):
    return [{**VIEW, "messageId": f"m{i}"} for i in range(n)]


def kept(door):
    return door.shop.records.table("events", ["name", "identity"]).to_pylist()


@pytest.mark.parametrize(
    "body", [{"batch": [VIEW]}, [VIEW], {"batch": [VIEW], "sentAt": "2026-04-01T00:00:00Z", "writeKey": "x"}]
)
@pytest.mark.parametrize("key", ["secret", "publishable"])
def test_a_batch_is_kept_once(door, body, key):
    assert door.ask("POST", "/v1/collect", body, key=key).json() == {"received": 1, "new": 1, "seen_before": 0}
    assert kept(door) == [{"name": "Product Viewed", "identity": "anonymous:a1"}]
    assert door.ask("POST", "/v1/collect", body, key=key).json() == {"received": 1, "new": 0, "seen_before": 1}


def test_an_empty_batch_is_fine(door):
    assert door.ask("POST", "/v1/collect", {"batch": []}).json()["received"] == 0


def test_a_thousand_messages_fit_and_one_more_does_not(door, problem):
    assert door.ask("POST", "/v1/collect", {"batch": viewed(1000)}).json()["new"] == 1000
    said = problem(door.ask("POST", "/v1/collect", {"batch": viewed(1001)}), 422, "bad_input")
    assert said["errors"][0]["pointer"] == "/batch"


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ({**VIEW, "anonymousId": None}, "/batch/1"),
        ({**VIEW, "timestamp": "yesterday"}, "/batch/1"),
        ({**VIEW, "event": "x" * 81}, "/batch/1"),
        ({**VIEW, "properties": []}, "/batch/1/properties"),
        ("no object", "/batch/1"),
    ],
)
def test_one_wrong_message_refuses_the_batch_by_its_place(door, problem, message, pointer):
    said = problem(
        door.ask("POST", "/v1/collect", {"batch": [{**VIEW, "messageId": "good"}, message]}), 422, "bad_input"
    )
    assert said["errors"][0]["pointer"] == pointer
    assert kept(door) == []


@pytest.mark.parametrize(
    ("message", "pointer"),
    [({**VIEW, "userId": "c1"}, "/batch/0/userId"), ({"type": "identify", "anonymousId": "a1"}, "/batch/0/type")],
)
def test_a_publishable_key_cannot_speak_for_a_customer(door, problem, message, pointer):
    said = problem(door.ask("POST", "/v1/collect", {"batch": [message]}, key="publishable"), 403, "refused")
    assert said["errors"][0]["pointer"] == pointer
    assert kept(door) == []
    assert door.ask("POST", "/v1/collect", {"batch": [message]}).status_code == 200


def test_deep_nesting_is_refused_and_not_a_crash(door, problem):
    deep = b'{"batch":[{"anonymousId":"a","properties":{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}}]}"
    problem(door.ask("POST", "/v1/collect", deep), 400, "malformed_json")


def test_hostile_text_is_kept_as_it_came(door):
    text = "'; drop table events; --\u0000\u202e<script>"
    message = {"type": "track", "event": "Said", "anonymousId": text, "properties": {"text": text}}
    assert door.ask("POST", "/v1/collect", json.dumps([message]).encode()).json()["new"] == 1
    assert kept(door)[0]["identity"] == f"anonymous:{text}"


ORDER = {"type": "track", "event": "Order Completed", "anonymousId": "a1", "messageId": "o1", "timestamp": "2026-03-30T10:00:00Z",
         "properties": {"order_id": "w1", "currency": "KRW", "products": [{"product_id": "DRIP", "price": 24000}]}}  # fmt: skip


def test_an_order_told_with_a_secret_key_is_an_order(door):
    assert door.ask("POST", "/v1/collect", [{**ORDER, "userId": "c1"}]).json()["new"] == 1
    assert "DRIP" in door.shop.records.person("customer:c1").owned
    [line] = door.shop.records.table("order_lines", ["order_id", "customer_id"], "source = 'events'").to_pylist()
    assert line == {"order_id": "w1", "customer_id": "c1"}


def test_a_browser_is_not_believed_about_orders(door):
    assert door.ask("POST", "/v1/collect", [ORDER], key="publishable").json()["new"] == 1
    assert kept(door) == [{"name": "Order Completed", "identity": "anonymous:a1"}]
    assert door.shop.records.table("order_lines", ["id"], "source = 'events'").num_rows == 0


def test_an_order_nobody_can_read_is_kept_as_an_event_and_told(door):
    answer = door.ask("POST", "/v1/collect", [{**ORDER, "properties": {"order_id": "w1", "products": "undefined"}}])
    assert answer.json() == {
        "received": 1, "new": 1, "seen_before": 0, "untold": ["Order Completed w1: it names no products"],
    }  # fmt: skip
