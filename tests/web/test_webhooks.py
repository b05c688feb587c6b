"""POST /v1/webhooks/{source}: orders and customers as platforms send them; forged and replayed deliveries bring nothing."""

import json
import shutil
from datetime import timedelta

import pytest

from crosslift.shop import Shop

SHOPIFY_ORDER = {
    "id": 450789469, "name": "#1001", "email": "Jane@Mail.example", "created_at": "2026-03-05T12:00:00-05:00",
    "updated_at": "2026-03-05T12:00:00-05:00", "cancelled_at": None, "currency": "KRW", "financial_status": "paid",
    "source_name": "web", "shipping_address": {"country_code": "KR"}, "refunds": [],
    "line_items": [
        {"id": 1, "sku": "DRIP", "name": "Cone dripper", "quantity": 2, "price": "24000.00", "total_discount": "1000.00"},
        {"id": 2, "sku": "", "name": "A thing without a code", "quantity": 1, "price": "5.00", "total_discount": "0.00"},
    ],
}  # fmt: skip
WOO_ORDER = {
    "id": 727, "number": "727", "status": "processing", "currency": "KRW", "date_created_gmt": "2026-03-05T12:00:00",
    "date_modified_gmt": "2026-03-05T12:00:08", "billing": {"email": "Jo@Mail.example", "country": "KR"}, "shipping": {},
    "line_items": [
        {"id": 315, "sku": "FILT", "product_id": 93, "name": "Filters", "quantity": 2, "subtotal": "12000", "total": "11000",
         "subtotal_tax": "1200", "total_tax": "1100"},
        {"id": 316, "sku": "", "product_id": 22, "name": "Premium Quality", "quantity": 1, "subtotal": "6.00", "total": "6.00"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def door(learned_home, tmp_path_factory, open_door, now):
    """One server for all of these; each test has a source of its own."""
    home = tmp_path_factory.mktemp("hooked") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, {"shop.currency": "KRW"}, clock=lambda: now) as shop, open_door(shop) as one:
        yield one.wait_until_ready()


def deliver(door, webhook, body, topic=None, **sign):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = {"shopify": "X-Shopify-Topic", "woocommerce": "X-WC-Webhook-Topic"}.get(webhook.sender)
    headers = {**door.sign(webhook, content, **sign), **({header: topic} if header and topic else {})}
    return door.ask("POST", f"/v1/webhooks/{webhook.source}", content, key=None, headers=headers)


def lines(door, source):
    columns = [
        "order_id",
        "line_id",
        "product_id",
        "customer_id",
        "quantity",
        "unit_price_micros",
        "discount_micros",
        "status",
    ]
    return door.shop.records.table("order_lines", columns, "source = ?", (source,)).to_pylist()


def test_an_order_of_shopify_is_taken_in_as_its_export_would_name_it(door):
    webhook = door.shop.webhooks.create("shopify-a", "shopify")
    assert webhook.address == "/v1/webhooks/shopify-a"
    said = deliver(door, webhook, SHOPIFY_ORDER, "orders/create").json()
    assert said == {"topic": "orders/create", "seen_before": False, "rows": {"orders": 2}}
    first, second = lines(door, "shopify-a")
    assert (first["order_id"], first["product_id"], first["customer_id"]) == ("#1001", "DRIP", "jane@mail.example")
    assert (first["quantity"], first["unit_price_micros"], first["discount_micros"]) == (
        2,
        24_000_000_000,
        1_000_000_000,
    )
    assert second["product_id"] == "A thing without a code"


def test_a_refund_inside_an_order_of_shopify_is_a_return(door):
    webhook = door.shop.webhooks.create("shopify-b", "shopify")
    refund = {"created_at": "2026-03-09T12:00:00Z", "note": "too small", "refund_line_items": [
        {"id": 9, "quantity": 1, "subtotal": "24000.00", "line_item": {"sku": "DRIP"}}]}  # fmt: skip
    order = {**SHOPIFY_ORDER, "name": "#1002", "updated_at": "2026-03-09T12:00:00Z", "refunds": [refund]}
    assert deliver(door, webhook, order, "orders/updated").json()["rows"] == {"orders": 2, "returns": 1}
    [back] = door.shop.records.table(
        "returns", ["order_id", "product_id", "reason"], "source = ?", ("shopify-b",)
    ).to_pylist()
    assert back == {"order_id": "#1002", "product_id": "DRIP", "reason": "too small"}


def test_an_older_version_that_comes_late_does_not_bring_a_cancelled_order_back(door):
    webhook = door.shop.webhooks.create("shopify-c", "shopify")
    off = {**SHOPIFY_ORDER, "cancelled_at": "2026-03-06T00:00:00Z", "updated_at": "2026-03-06T00:00:00Z"}
    deliver(door, webhook, off, "orders/cancelled")
    deliver(door, webhook, SHOPIFY_ORDER, "orders/create")
    assert {one["status"] for one in lines(door, "shopify-c")} == {"cancelled"}


def test_a_test_order_of_shopify_is_kept_as_one_and_counts_for_nobody(door):
    webhook = door.shop.webhooks.create("shopify-t", "shopify")
    tried = {**SHOPIFY_ORDER, "name": "#T1", "email": "tester@mail.example", "test": True}
    assert deliver(door, webhook, tried, "orders/create").status_code == 200
    assert {(one["status"], one["customer_id"]) for one in lines(door, "shopify-t")} == {
        ("test", "tester@mail.example")
    }
    assert door.shop.records.person("customer:tester@mail.example").owned == frozenset()


def test_a_customer_of_shopify_is_known_by_the_address(door):
    webhook = door.shop.webhooks.create("shopify-d", "shopify")
    who = {"id": 7, "email": "New@Mail.example", "phone": None, "created_at": "2026-03-05T12:00:00Z",
           "updated_at": "2026-03-05T12:00:00Z", "default_address": {"country_code": "JP"}}  # fmt: skip
    assert deliver(door, webhook, who, "customers/create").json()["rows"] == {"customers": 1}
    assert door.shop.records.person("customer:new@mail.example").market == "JP"


@pytest.mark.parametrize("topic", ["app/uninstalled", "refunds/create", "orders/delete", "", "orders"])
def test_a_topic_that_tells_us_nothing_is_answered_well(door, topic):
    webhook = door.shop.webhooks.create(f"quiet-{topic.replace('/', '-') or 'none'}", "shopify")
    answer = deliver(door, webhook, {"id": 1} if topic != "orders" else SHOPIFY_ORDER, topic)
    assert answer.status_code == 200


def test_a_new_product_is_upserted_and_of_a_known_one_the_live_values_follow(door):
    webhook = door.shop.webhooks.create("shopify-e", "shopify")
    shirt = {"id": 9, "title": "Apron", "handle": "apron", "status": "active", "vendor": "Moru", "product_type": "Wear",
             "variants": [
        {"title": "S", "sku": "APRON-S", "price": "30000", "inventory_quantity": 3, "inventory_management": "shopify",
         "inventory_policy": "deny"},
        {"title": "M", "sku": "", "price": "30000", "inventory_quantity": 0, "inventory_management": None}]}  # fmt: skip
    assert deliver(door, webhook, shirt, "products/create").json()["rows"] == {"products": 3}
    rows = {row["product_id"]: row for row in door.shop.products().to_pylist()}
    assert (rows["APRON-S"]["parent_id"], rows["APRON-S"]["stock"], rows["APRON-S"]["currency"]) == ("apron", 3, "KRW")
    assert rows["Apron - M"]["stock"] is None
    known = {"id": 1, "title": "Another name", "handle": "drip", "status": "draft", "variants": [
        {"title": "Default Title", "sku": "TOWEL", "price": "4100", "inventory_management": None}]}  # fmt: skip
    deliver(door, webhook, known, "products/update")
    towel = {row["product_id"]: row for row in door.shop.products().to_pylist()}["TOWEL"]
    assert (towel["title"], towel["price_micros"]) == ("Bar towel", 4_100_000_000)
    assert {row[0]: row[4] for row in door.shop.records.live_since(-1)[1]}["TOWEL"] in (0, False)


@pytest.mark.parametrize(("status", "stock", "is_active"), [("publish", 7, 1), ("draft", None, 0)])
def test_a_product_of_woocommerce_is_upserted(door, status, stock, is_active):
    webhook = door.shop.webhooks.create(f"woo-product-{status}", "woocommerce")
    bag = {"id": 50 + is_active, "name": "Bag", "sku": "", "price": "9000", "status": status, "manage_stock": stock is not None,
           "stock_quantity": stock, "stock_status": "instock", "categories": [{"name": "Bags"}], "images": []}  # fmt: skip
    assert deliver(door, webhook, bag, "product.created").json()["rows"] == {"products": 1}
    [row] = [one for one in door.shop.products().to_pylist() if one["product_id"] == f"id:{50 + is_active}"]
    assert (row["title"], row["category"], row["stock"], row["price_micros"]) == ("Bag", "Bags", stock, 9_000_000_000)


def test_an_order_of_woocommerce_has_its_tax_where_the_shops_prices_do(door):
    webhook = door.shop.webhooks.create("woo-a", "woocommerce")
    assert deliver(door, webhook, WOO_ORDER, "order.created").json()["rows"] == {"orders": 2}
    first, second = lines(door, "woo-a")
    assert (first["order_id"], first["product_id"], first["customer_id"]) == ("727", "FILT", "jo@mail.example")
    assert (first["unit_price_micros"], first["discount_micros"]) == (6_600_000_000, 1_100_000_000)
    assert second["product_id"] == "id:22"


@pytest.mark.parametrize("status", ["pending", "failed", "checkout-draft"])
def test_an_order_nobody_paid_yet_is_none(door, status):
    webhook = door.shop.webhooks.create(f"woo-{status}", "woocommerce")
    assert deliver(door, webhook, {**WOO_ORDER, "status": status}, "order.created").json()["rows"] == {}


def test_the_unsigned_ping_of_a_new_webhook_is_answered_well_and_nothing_else_unsigned(door, problem):
    door.shop.webhooks.create("woo-ping", "woocommerce")
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def send(body, headers=form):
        return door.ask("POST", "/v1/webhooks/woo-ping", body, key=None, headers=headers)

    assert send(b"webhook_id=42").json() == {"topic": "ping", "seen_before": False, "rows": {}}
    for answer in (send(b"webhook_id=42", {}), send(b"webhook_id=42&x=1"), send(json.dumps(WOO_ORDER).encode())):
        problem(answer, 401, "signature_needed")


@pytest.mark.data
def test_what_woocommerce_was_recorded_to_send_is_taken_in(door, shared):
    """WooCommerce 11.0.1 on WordPress 7.0.4, recorded with the secret below."""
    files = sorted((shared / "contracts/woocommerce/recorded-11.0.1/webhooks").glob("*.json"))
    webhook = door.shop.webhooks.create("woo-recorded", "woocommerce")
    brought = {}
    for file in files:
        recorded = json.loads(file.read_text(encoding="utf-8"))
        content = recorded["body"].encode()
        topic = recorded["headers"].get("X-WC-Webhook-Topic")
        if topic is None:
            answer = door.ask("POST", "/v1/webhooks/woo-recorded", content, key=None, headers={
                "Content-Type": recorded["headers"]["Content-Type"]
            })  # fmt: skip
        else:
            given = {"x-wc-webhook-signature": recorded["headers"]["X-WC-Webhook-Signature"]}
            webhook.scheme.verify(["whsec_test"], given, content, 0)
            answer = deliver(door, webhook, content, topic)
        assert answer.status_code == 200, (file.name, answer.text)
        brought.setdefault(topic, []).append(answer.json()["rows"])
    assert brought["order.created"] == [{"orders": len(json.loads(_order(files))["line_items"])}]
    assert brought["customer.created"] == [{"customers": 1}]
    assert {one["customer_id"] for one in lines(door, "woo-recorded")} == {"minji@example.test"}


def _order(files):
    return json.loads(next(one for one in files if "order-created" in one.name).read_text(encoding="utf-8"))["body"]


@pytest.mark.data
def test_the_order_in_shopifys_own_test_data_is_taken_in(door, shared):
    order = json.loads((shared / "contracts/shopify/fixtures/order.json").read_text(encoding="utf-8"))["order"]
    webhook = door.shop.webhooks.create("shopify-own", "shopify")
    assert deliver(door, webhook, order, "orders/create").json()["rows"] == {"orders": len(order["line_items"])}
    assert {one["customer_id"] for one in lines(door, "shopify-own")} == {"bob.norman@hostmail.com"}


def test_any_sender_of_standard_webhooks_brings_rows_of_a_dataset(door):
    webhook = door.shop.webhooks.create("till", "facts")
    line = {"order_id": "t1", "ordered_at": "2026-03-05T12:00:00Z", "product_id": "MUG", "quantity": 1, "unit_price": "9000",
            "currency": "KRW"}  # fmt: skip
    assert deliver(door, webhook, {"type": "orders", "data": line}).json()["rows"] == {"orders": 1}
    assert [one["order_id"] for one in lines(door, "till")] == ["t1"]


@pytest.mark.parametrize("sender", ["shopify", "woocommerce", "facts"])
def test_a_forged_delivery_brings_nothing(door, problem, sender):
    webhook = door.shop.webhooks.create(f"forged-{sender}", sender)
    other = door.shop.webhooks.create(f"other-{sender}", sender)
    content = json.dumps(SHOPIFY_ORDER).encode()
    path = f"/v1/webhooks/forged-{sender}"
    for headers in (door.sign(other, content), door.sign(webhook, content + b" ")):
        problem(door.ask("POST", path, content, key=None, headers=headers), 401, "signature_wrong")
    problem(door.ask("POST", path, content, key=None), 401, "signature_needed")
    problem(door.ask("POST", path, content), 401, "signature_needed")  # a key is no signature
    problem(door.ask("POST", "/v1/webhooks/nobody", content, key=None), 401, "signature_wrong")
    assert lines(door, f"forged-{sender}") == []


@pytest.mark.parametrize("sender", ["shopify", "facts"])
def test_a_replayed_delivery_changes_nothing_whatever_id_it_bears(door, sender):
    webhook = door.shop.webhooks.create(f"again-{sender}", sender)
    body = SHOPIFY_ORDER if sender == "shopify" else {"type": "customers", "data": {"customer_id": "c1"}}
    content = json.dumps(body).encode()
    headers = {**door.sign(webhook, content), "X-Shopify-Topic": "orders/create"}
    said = [
        door.ask("POST", f"/v1/webhooks/{webhook.source}", content, key=None, headers={**headers, "X-Shopify-Webhook-Id": one})
        for one in "ab"
    ]  # fmt: skip
    assert [one.json()["seen_before"] for one in said] == [False, True]


def test_a_delivery_signed_too_long_ago_is_refused(door, problem, now):
    webhook = door.shop.webhooks.create("late", "facts")
    body = {"type": "customers", "data": {"customer_id": "c1"}}
    for at in (now - timedelta(seconds=301), now + timedelta(seconds=301)):
        problem(deliver(door, webhook, body, at=at), 401, "signature_wrong")
    assert deliver(door, webhook, body, at=now - timedelta(seconds=299)).status_code == 200


@pytest.mark.parametrize(
    ("sender", "topic", "body"),
    [
        ("shopify", "orders/create", {}), ("shopify", "orders/create", {**SHOPIFY_ORDER, "line_items": 5}),
        ("shopify", "orders/create", {**SHOPIFY_ORDER, "line_items": [{"id": 1}]}),
        ("shopify", "orders/create", {**SHOPIFY_ORDER, "created_at": "yesterday"}), ("shopify", "customers/create", {}),
        ("woocommerce", "order.created", {}), ("woocommerce", "customer.updated", {"email": 5}),
        ("woocommerce", "order.created", {**WOO_ORDER, "line_items": [{"id": 1, "quantity": 1, "subtotal": "1e99", "total": 1}]}),
        ("woocommerce", "order.created", {**WOO_ORDER, "line_items": [{"id": 1, "quantity": "x", "subtotal": 1, "total": 1}]}),
        ("facts", None, {}), ("facts", None, {"type": "consents", "data": {}}), ("facts", None, {"type": "orders", "data": []}),
        ("facts", None, {"type": ["orders"], "data": {}}),
    ],
)  # fmt: skip
def test_a_signed_body_that_is_wrong_is_a_clear_error(door, sender, topic, body):
    webhook = door.shop.webhooks.create(f"wrong-{len(door.shop.webhooks.known())}", sender)
    answer = deliver(door, webhook, body, topic)
    assert answer.status_code in (400, 422) or (answer.status_code, body) == (200, {"email": 5}), answer.text


def test_each_source_has_one_address(door, problem):
    door.shop.webhooks.create("answers", "standard")
    hook = door.shop.webhooks.create("orders", "facts")
    content = b"{}"
    said = door.ask("POST", "/v1/webhooks/answers", content, key=None, headers=door.sign(hook, content))
    assert "another address: /v1/voice/answers" in problem(said, 401, "signature_wrong")["detail"]
    said = door.ask("POST", "/v1/voice/orders", content, key=None, headers=door.sign(hook, content))
    assert "another address: /v1/webhooks/orders" in problem(said, 401, "signature_wrong")["detail"]
