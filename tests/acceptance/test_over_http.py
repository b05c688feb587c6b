"""Rows of the first step over HTTP, inside this process: what the merchant's own server would send."""

import asyncio
import gzip
import json

import httpx
import pytest

from crosslift.web.app import build


@pytest.fixture
def call(shop):
    """Send one request with a secret key: `call("POST", "/v1/decide", {...})` gives status and JSON; bytes give text."""
    app = build(shop)
    app.served.catch_up()
    key = shop.create_key("secret", "acceptance")

    def call(method, path, body=None, **headers):
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}

        async def send():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.request(method, path, headers={"Authorization": f"Bearer {key}", **headers}, **sent)

        answer = asyncio.run(send())
        return answer.status_code, answer.text if isinstance(body, bytes) else answer.json()

    yield call
    app.served.close()


def test_c01_files_rest_and_variants_over_http(call):
    """PUT a variant, it is offered for its product; PATCH its stock, it is not, on the very next decision."""
    ask = {"placement": "product", "cart": ["P00"], "k": 1}
    assert call("POST", "/v1/decide", ask)[1]["offers"][0]["product"] == "P01"
    put = [{"product_id": "P01-XL", "title": "Cup, large", "title_ko": "큰 컵", "price": "6.25", "currency": "USD",
            "stock": 2, "parent_id": "P01"}]  # fmt: skip
    assert call("PUT", "/v1/products", {"products": put}) == (200, {"new": 1, "replaced": 0, "same": 0})
    status, answer = call("POST", "/v1/decide", ask | {"language": "ko"})
    offer = answer["offers"][0]
    assert (status, offer["product"], offer["title"]) == (200, "P01-XL", "큰 컵")
    assert offer["price"] == {"amount": "6.25", "currency": "USD"}
    patch = {"products": [{"product_id": "P01-XL", "stock": 0}, {"product_id": "P99", "stock": 0}]}
    assert call("PATCH", "/v1/products", patch) == (200, {"changed": 1, "unknown": ["P99"]})
    answer = call("POST", "/v1/decide", ask)[1]
    assert (answer["offers"], answer["no_offer"]) == ([], "all_excluded")
    status, problem = call(
        "PUT", "/v1/products", {"products": [*put, {"product_id": "P98", "title": "x", "price": "much"}]}
    )
    assert status == 422
    assert "much" in problem["detail"]
    assert call("PATCH", "/v1/products", {"products": [{"product_id": "P98", "stock": 1}]})[1]["unknown"] == ["P98"]


def test_c02_server_batch_over_http(call, shop):
    """The same batch twice, then once more with a late event added: each event counts once."""
    events = [
        {"type": "track", "event": "Product Viewed", "messageId": f"m{n}", "anonymousId": "a",
         "timestamp": f"2026-10-0{n}T10:00:00Z", "properties": {"product_id": "P00"}}
        for n in range(1, 4)
    ]  # fmt: skip
    late = {**events[0], "messageId": "late", "timestamp": "2024-01-01T00:00:00Z"}
    new = [call("POST", "/v1/collect", {"batch": batch})[1]["new"] for batch in (events, events, [*events, late])]
    assert new == [3, 0, 1]
    assert shop.frames.events("Product Viewed").num_rows == 4


def test_c02_transport_of_many_rows_with_an_outcome_each(call, shop):
    """Three thousand rows, three of them wrong, packed: each line is answered in its order, and sent again nothing changes."""
    rows = [{"customer_id": f"bulk-{n}", "email": f"bulk-{n}@mail.example"} for n in range(3_000)]
    wrong = {700: '{"customer_id": ""}', 1_999: "{not json", 2_500: '{"email": "nobody@mail.example"}'}
    sent = gzip.compress("\n".join(wrong.get(n) or json.dumps(row) for n, row in enumerate(rows)).encode())
    kind = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    for outcome in ("new", "same"):
        status, lines = call("PUT", "/v1/facts/customers", sent, **kind)
        told = [json.loads(line) for line in lines.splitlines()]
        assert (status, [row["line"] for row in told]) == (200, list(range(1, 3_001)))
        refused = {row["line"] - 1: row["code"] for row in told if row["outcome"] == "refused"}
        assert refused == {700: "bad_input", 1_999: "malformed_json", 2_500: "bad_input"}
        assert {row["outcome"] for row in told} == {outcome, "refused"}
    assert shop.records.table("customers", ["customer_id"], "customer_id like ?", ("bulk-%",)).num_rows == 2_997


def test_d17_explained_and_replayed_over_http(call):
    """A decision id answers with the record, the sentence for operators and what became of every candidate."""
    made = call("POST", "/v1/decide", {"placement": "cart", "cart": ["P00", "P02"], "k": 1})[1]
    status, why = call("GET", f"/v1/decisions/{made['decision_id']}?trace=true")
    assert (status, why["replay"]["is_equal"]) == (200, True)
    assert why["offers"][0]["product"] == made["offers"][0]["product"]
    assert "Lift" in why["offers"][0]["sentence"]
    assert {c["dropped"] for c in why["trace"]["candidates"]} == {None, "beyond_count"}
