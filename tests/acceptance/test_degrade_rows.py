"""Row O07: with the store down a shopper gets a safe list, never an error; metrics, logs and traces tell the operator."""

import asyncio
import time

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from crosslift.errors import StoreDown
from crosslift.web.app import build
from crosslift.web.otel import OtelSpans
from crosslift.web.watch import Watch

pytestmark = pytest.mark.usefixtures("_no_compiler")
INLINE, INTERRUPTING = "cart", "popup"


def down(*_, **__):
    raise StoreDown("cannot read or write records.db: disk I/O error")


async def asked_while_down(app, shop, broken, monkeypatch):
    """Ask once while all is well, then with methods of the store broken; give the answers and the figures."""
    key = {"Authorization": f"Bearer {shop.create_key('secret', 'test')}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop.test", headers=key
    ) as client:

        async def ask(placement):
            body = {"placement": placement, "cart": ["P00"], "customer": "c1", "k": 3}
            return await client.post("/v1/decide", json=body)

        deadline = time.monotonic() + 20
        while (await client.get("/readyz")).status_code != 200:
            app.served.catch_up()
            assert time.monotonic() < deadline, "never ready"
        well = await ask(INLINE)
        with monkeypatch.context() as patch:
            for name in broken:
                patch.setattr(shop.records, name, down)
            while_down = [await ask(INLINE), await ask(INTERRUPTING)]
            assert (await client.get("/readyz")).status_code == 200, "a restart would take the safe list away"
        return well, *while_down, await ask(INLINE), (await client.get("/metrics")).text


@pytest.mark.parametrize("broken", [("person",), ("record_decisions",), ("person", "record_decisions")])
def test_o07_degrade_safe_list_and_traces(shop, monkeypatch, broken):
    """Reading, writing or both fail: inline places answer from the safe list, others with nothing, all with 200."""
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = build(shop, watch=Watch("home", 250.0, OtelSpans(provider, "home")))
    with capture_logs([merge_contextvars]) as logs:
        well, inline, popup, after, figures = asyncio.run(asked_while_down(app, shop, broken, monkeypatch))
    app.served.close()

    assert [one.status_code for one in (well, inline, popup, after)] == [200] * 4
    assert well.json()["decision_id"]
    assert inline.json()["degraded"] is True
    assert inline.json()["decision_id"] is None
    offered = [offer["product"] for offer in inline.json()["offers"]]
    assert offered
    assert all(shop.knowledge.is_safe_to_offer(product) for product in offered)
    assert (popup.json()["offers"], popup.json()["no_offer"]) == ([], "store_down")
    assert after.json()["decision_id"], "the store is back and so are decisions"

    assert 'crosslift_degraded_total{no_offer="store_down",placement="popup"} 1.0' in figures
    told = [one for one in logs if one["event"] == "store_down"]
    assert [one["request_id"] for one in told] == [one.headers["x-request-id"] for one in (inline, popup)]

    spans = kept.get_finished_spans()
    by_request = {one.attributes.get("crosslift.request_id"): one for one in spans if one.name == "POST /v1/decide"}
    traced = [by_request[one.headers["x-request-id"]] for one in (well, inline, popup, after)]
    assert [one.attributes["crosslift.degraded"] for one in traced] == [False, True, True, False]
    assert traced[0].attributes["crosslift.decision_id"] == well.json()["decision_id"]
    assert "crosslift.decision_id" not in traced[1].attributes
    failed = [
        one for one in spans if one.parent and one.parent.span_id == traced[1].context.span_id and not one.status.is_ok
    ]
    assert [one.attributes["error.type"] for one in failed] == ["StoreDown"]
