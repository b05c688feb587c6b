"""Segment's own Python client, unmodified, against the door."""

import base64
import gzip
import json

import httpx
import pytest
from segment.analytics.client import Client
from segment.analytics.request import APIError


@pytest.fixture
def client(site):
    def of(key=site.secret, **options):
        found = Client(key, host=f"{site.url}/compat/segment", sync_mode=True, max_retries=0, **options)
        found.retries = 0
        return found

    return of


def events_of(site, identity):
    return {event["name"]: event for event in site.shop.records.about([identity]).get("events", ())}


@pytest.mark.parametrize("is_packed", [True, False])
def test_every_call_goes_in_packed_or_plain(site, client, is_packed):
    user = f"seg-{is_packed}"
    sender = client(gzip=is_packed)
    sender.identify(user, traits={"email": f"{user.lower()}@example.com"})
    sender.track(user, "Product Added", {"product_id": "DRIP", "price": 24000})
    sender.track(user, "Order Completed", {"order_id": user, "currency": "KRW", "products": [
        {"product_id": "DRIP", "quantity": 2, "price": 24000}
    ]})  # fmt: skip
    sender.page(user, "Docs", "Home", {"url": "http://x/"})
    sender.screen(user, "App", "Start")
    sender.group(user, "acme", {"name": "ACME"})
    sender.alias(f"anon-{user}", user)
    assert set(events_of(site, f"customer:{user}")) == {
        "identify", "Product Added", "Order Completed", "page", "screen", "group", "alias",
    }  # fmt: skip
    lines = site.shop.records.about([f"customer:{user}"])["order_lines"]
    assert [(line["order_id"], line["product_id"], line["quantity"]) for line in lines] == [(user, "DRIP", 2)]


def test_a_batch_of_the_client_with_its_own_thread_arrives(site):
    sender = Client(site.secret, host=f"{site.url}/compat/segment", gzip=True, upload_size=5, upload_interval=0.1)
    for number in range(12):
        sender.track("seg-batch", "Quiz Finished", {"n": number})
    sender.flush()
    sender.join()
    events = site.shop.records.about(["customer:seg-batch"])["events"]
    assert len(events) == 12


def test_the_same_message_twice_counts_once_also_through_our_own_door(site, client):
    message = {"messageId": "seg-once", "type": "track", "event": "Product Viewed", "userId": "seg-once",
               "properties": {"product_id": "MUG"}, "timestamp": "2026-03-05T12:00:00Z"}  # fmt: skip
    basic = base64.b64encode(f"{site.secret}:".encode()).decode()
    for path in ("/v1/batch", "/v1/import"):
        answer = httpx.post(
            f"{site.url}/compat/segment{path}", json={"batch": [message]}, headers={"Authorization": f"Basic {basic}"}
        )
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    single = httpx.post(f"{site.url}/compat/segment/v1/track", json={**message, "writeKey": site.secret})
    assert single.status_code == 200
    ours = httpx.post(f"{site.url}/v1/collect", json=[message], headers={"Authorization": f"Bearer {site.secret}"})
    assert ours.json()["seen_before"] == 1
    assert len(site.shop.records.about(["customer:seg-once"])["events"]) == 1


def test_a_publishable_key_speaks_for_nobody(site, client):
    with pytest.raises(APIError) as refused:
        client(site.publishable).track("seg-known", "Product Viewed", {"product_id": "MUG"})
    assert refused.value.status == 400
    client(site.publishable).track(anonymous_id="seg-anon", event="Product Viewed", properties={"product_id": "MUG"})
    assert "Product Viewed" in events_of(site, "anonymous:seg-anon")
    assert not site.shop.records.about(["customer:seg-known"]).get("events")


def test_wrong_input_is_told_in_their_shape(site, client):
    with pytest.raises(APIError) as unknown:
        client("sk_nobody").track("u", "Product Viewed")
    assert unknown.value.status == 401
    assert unknown.value.code == "key_unknown"
    basic = {"Authorization": f"Basic {base64.b64encode(f'{site.secret}:'.encode()).decode()}"}
    for content, headers in (
        (b"{", {}), (b"[]", {}), (b'{"batch": 1}', {}), (b'{"batch": [{"type": "quack"}]}', {}),
        (b"no gzip", {"Content-Encoding": "gzip"}), (gzip.compress(b'{"batch": []}')[:-9], {"Content-Encoding": "gzip"}),
        (json.dumps({"batch": [{"type": "track", "event": "x"}]}).encode(), {}),
    ):  # fmt: skip
        answer = httpx.post(f"{site.url}/compat/segment/v1/batch", content=content, headers={**basic, **headers})
        assert answer.status_code == 400, content
        assert answer.json()["success"] is False
        assert answer.json()["message"]


def test_a_small_packed_body_that_unpacks_to_a_huge_one_is_refused(site):
    bomb = gzip.compress(b'{"batch": [], "x": "' + b" " * 30_000_000 + b'"}')
    answer = httpx.post(f"{site.url}/compat/segment/v1/batch", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert "body" in answer.json()["message"]
