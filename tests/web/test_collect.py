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
