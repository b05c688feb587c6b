"""Who may come in and who did what: roles and rotation, the audit under attack, forged and replayed deliveries."""

import asyncio
import json
import sqlite3
from contextlib import closing

import httpx
import pytest

from crosslift.errors import BadInput, Conflict, Refused
from crosslift.web.app import build

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


class Client:
    """Asks the application without a wire, keeping cookies as a browser does."""

    def __init__(self, app):
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")

    def request(self, method, path, **options):
        return asyncio.run(self._client.request(method, path, **options))

    def __getattr__(self, method):
        return lambda path, **options: self.request(method.upper(), path, **options)


@pytest.fixture
def client(shop):
    app = build(shop)
    app.served.catch_up()
    yield Client(app)
    app.served.close()


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_o03_roles_decide_what_a_key_may(shop, client):
    """An agent's key serves a customer; it publishes nothing, makes no keys, and reads no audit."""
    agent = bearer(shop.keys.create("secret", "desk", ["agent"]))
    assert client.get("/v1/policies", headers=agent).status_code == 200
    for method, path in (
        ("GET", "/v1/keys"),
        ("GET", "/v1/users"),
        ("GET", "/v1/audit"),
        ("POST", "/v1/policies/stop"),
    ):
        answer = client.request(
            method, path, headers=agent, json={"author": "a", "reason": "b"} if method == "POST" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "refused")
    assert not shop.policies.standing()["is_stopped"]


def test_o03_roles_of_people_hold_for_their_sessions(shop, client):
    """Invited by a link that works once, signed in by a cookie, held to the role and to the CSRF token."""
    invited = shop.users.invite("mina", ["merchandiser"])
    chosen = {"token": invited["token"], "password": PASSWORD}
    assert client.post("/v1/session/password", json=chosen).status_code == 200
    assert client.post("/v1/session/password", json=chosen).status_code == 403
    signed_in = client.post("/v1/session", json={"login": "mina", "password": PASSWORD})
    assert "HttpOnly" in signed_in.headers["set-cookie"]
    draft = {"text": 'name = "ours"\nextends = "helpful"\n', "author": "mina", "reason": "spring"}
    assert client.put("/v1/policies", json=draft).json()["code"] == "csrf_wrong"
    ours = {"X-CSRF-Token": signed_in.json()["csrf"]}
    assert client.put("/v1/policies", json=draft, headers=ours).status_code == 200
    assert client.get("/v1/users").status_code == 403
    shop.users.change("mina", is_active=False)
    assert client.get("/v1/policies").status_code == 401


def test_o03_roles_and_rotation_without_a_gap(shop, client):
    """While one key takes another's place both work; then the old one does not."""
    old = shop.keys.create("secret", "server")
    [row] = shop.keys.known()
    new = shop.keys.rotate(row["key_id"], hours=1)
    assert [client.get("/v1/policies", headers=bearer(key)).status_code for key in (old, new)] == [200, 200]
    shop.keys.revoke(row["key_id"])
    assert [client.get("/v1/policies", headers=bearer(key)).status_code for key in (old, new)] == [401, 200]


def test_o03_publishable_key_speaks_for_its_own_visitor_alone(shop, client):
    """Stolen from a page it reads no profile, names no customer, and answers nobody else's decision."""
    stolen = bearer(shop.keys.create("publishable"))
    for path in ("/v1/customers/c1", "/v1/consents?customer=c1", "/v1/segments", "/v1/audit"):
        assert client.get(path, headers=stolen).status_code == 403
    ask = {"placement": "home", "k": 1, "anonymous": "victim"}
    made = client.post("/v1/decide", headers=stolen, json=ask).json()
    offered = [one["product"] for one in made["offers"]]
    assert offered
    said = {"decision_id": made["decision_id"], "action": "decline", "product": offered[0]}
    assert client.post("/v1/respond", headers=stolen, json=said).status_code == 404
    assert client.post("/v1/respond", headers=stolen, json={**said, "anonymous": "thief"}).status_code == 404
    assert client.post("/v1/respond", headers=stolen, json={**said, "anonymous": "victim"}).json()["new"] == 1


def test_o04_an_edit_of_the_audit_is_found(shop):
    """Draft, approve, publish, roll back: each is in a chain; whoever edits it with a database tool is found out."""
    text = 'name = "ours"\nextends = "helpful"\nneeds_approval = true\n'
    first = shop.policies.draft(text, "mina", "spring")["version"]
    for approver in (None, "mina"):  # four eyes
        with pytest.raises(Refused):
            shop.policies.publish("ours", first, "mina", approver)
    shop.policies.publish("ours", first, "mina", "jun")
    second = shop.policies.draft(text + "# again\n", "mina", "summer")["version"]
    shop.policies.publish("ours", second, "mina", "jun")
    shop.policies.rollback("ours", first, "mina", "summer was too early", "jun")
    told = [one["action"] for one in reversed(shop.audit.entries(action="policy."))]
    assert told == ["policy.draft", "policy.publish", "policy.draft", "policy.publish", "policy.rollback"]
    assert shop.audit.verify()["is_whole"]
    with closing(sqlite3.connect(shop.home / "records.db", isolation_level=None)) as raw:
        with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
            raw.execute("update audit set details = '{}'")
        raw.execute("drop trigger audit_refuses_update")
        raw.execute("update audit set details = replace(details, 'jun', 'ann') where action = 'policy.publish'")
    found = shop.audit.verify()
    assert not found["is_whole"]
    assert "was altered" in found["faults"][0]


def test_o04_no_change_without_its_entry_and_no_entry_without_its_change(shop):
    before = shop.records.audit_head()
    with pytest.raises(BadInput):
        shop.policies.draft("name = 5", "mina", "why")
    shop.users.invite("mina", ["viewer"])
    head = shop.records.audit_head()
    with pytest.raises(Conflict):
        shop.users.invite("mina", ["viewer"])
    assert shop.records.audit_head() == head != before
    shop.consents.record([{
        "customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "withdrawn", "source": "form",
        "at": "2026-03-01T00:00:00Z",
    }])  # fmt: skip
    assert shop.audit.entries(limit=1)[0]["action"] == "consent.withdrawn"


@pytest.mark.parametrize("sender", ["shopify", "woocommerce", "facts"])
def test_o09_a_forged_or_replayed_webhook_brings_nothing(shop, client, sender):
    _forged_and_replayed(shop, client, sender)


def test_c04_forged_webhook_is_rejected(shop, client):
    _forged_and_replayed(shop, client, "shopify")


def test_c01_webhook_upserts_a_product(shop, client):
    """A product made at the platform can be offered; its price and stock follow, and what files say of it stays."""
    webhook = shop.webhooks.create("shop-kr", "shopify")
    body = {"title": "Caddy", "handle": "caddy", "status": "active", "variants": [
        {"title": "Default Title", "sku": "CADDY", "price": "9.00", "inventory_management": "shopify",
         "inventory_quantity": 2}]}  # fmt: skip
    for price, stock in (("9.00", 2), ("8.00", 0)):
        body["variants"][0] |= {"price": price, "inventory_quantity": stock}
        content = json.dumps(body).encode()
        headers = {**signed(shop, webhook, content), "X-Shopify-Topic": "products/update"}
        assert client.post("/v1/webhooks/shop-kr", content=content, headers=headers).status_code == 200
        [row] = [one for one in shop.products().to_pylist() if one["product_id"] == "CADDY"]
        assert (row["price_micros"], row["stock"]) == (float(price) * 1e6, stock)


def _forged_and_replayed(shop, client, sender):
    """Unsigned, signed by another, altered: 401; the same bytes once more: nothing new."""
    webhook, other = (shop.webhooks.create(name, sender) for name in ("ours", "theirs"))
    body = {
        "shopify": {"name": "#1", "created_at": "2026-03-05T12:00:00Z", "currency": "USD", "email": "a@mail.example",
                    "line_items": [
            {"id": 1, "sku": "tea", "quantity": 1, "price": "5.00"}]},
        "woocommerce": {"id": 1, "status": "processing", "currency": "USD", "date_created_gmt": "2026-03-05T12:00:00",
                        "line_items": [
            {"id": 1, "sku": "tea", "quantity": 1, "subtotal": "5.00", "total": "5.00"}]},
        "facts": {"type": "orders", "data": {"order_id": "1", "ordered_at": "2026-03-05T12:00:00Z", "product_id": "tea",
                                             "quantity": 1, "unit_price": "5.00", "currency": "USD"}},
    }[sender]  # fmt: skip
    content = json.dumps(body).encode()
    topics = {"X-Shopify-Topic": "orders/create", "X-WC-Webhook-Topic": "order.created"}

    def send(headers) -> httpx.Response:
        return client.post("/v1/webhooks/ours", content=content, headers={**headers, **topics})

    def n_lines():
        return shop.records.table("order_lines", ["order_id"], "source = 'ours'").num_rows

    for headers in ({}, signed(shop, other, content), signed(shop, webhook, content + b" ")):
        assert send(headers).status_code == 401
    assert n_lines() == 0
    good = signed(shop, webhook, content)
    assert [send(good).json()["seen_before"] for _ in range(2)] == [False, True]
    assert n_lines() == 1


def signed(shop, webhook, content):
    if webhook.sender != "facts":
        return {webhook.scheme.header: webhook.scheme.sign(webhook.secret, content)}
    at = str(int(shop.clock().timestamp()))
    signature = webhook.scheme.sign(webhook.secret, "msg_1", at, content)
    return {"webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": signature}
