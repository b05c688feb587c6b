"""Requests are named, slow ones told, spans made where they are asked for; and nothing of a person gets into any of it."""

import io
import json
import subprocess
import sys

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from crosslift.cli.output import log_to_stderr
from crosslift.errors import BadUsage, StoreDown
from crosslift.settings import Settings
from crosslift.web.otel import OtelSpans, sent_to
from crosslift.web.watch import NOTHING, NoSpans, Watch, watch_of

PEOPLE = ("mina@mail.example", "customer-4711", "browser-4711", "+82 10 1234 5678")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def spans():
    return InMemorySpanExporter()


@pytest.fixture
def watched(shop, open_door, spans):
    """The shop served with spans kept in memory and every request told as slow."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with open_door(shop, watch=Watch("home", 0.000_1, OtelSpans(provider, "home"))) as door:
        door.wait_until_ready()
        spans.clear()
        yield door


def slow(logs):
    return [one for one in logs if one["event"] == "slow_request"]


def test_a_slow_request_is_told_by_route_status_and_names(watched):
    with capture_logs([merge_contextvars]) as logs:
        decided = watched.ask("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"]})
        read = watched.ask("GET", f"/v1/decisions/{decided.json()['decision_id']}?trace=true")
        refused = watched.ask("POST", "/v1/decide", b"{")
    first, second, third = slow(logs)
    assert first.pop("ms") > 0
    assert first == {
        "event": "slow_request", "log_level": "warning", "route": "POST /v1/decide", "status": 200, "shop": "home",
        "request_id": decided.headers["x-request-id"], "decision_id": decided.json()["decision_id"],
    }  # fmt: skip
    assert (second["route"], second["request_id"]) == (
        "GET /v1/decisions/{decision_id}", read.headers["x-request-id"],
    )  # fmt: skip
    assert (third["status"], third["request_id"]) == (400, refused.headers["x-request-id"])
    assert not {"decision_id"} & (second.keys() | third.keys())
    assert len({one["request_id"] for one in (first, second, third)}) == 3
    assert get_contextvars() == {}


@pytest.mark.parametrize(("slow_ms", "n"), [(0.0, 0), (60_000.0, 0), (0.000_1, 1)])
def test_only_what_takes_so_long_is_told(slow_ms, n):
    with capture_logs() as logs, Watch("home", slow_ms, NoSpans()).request({"headers": []}):
        pass
    assert len(logs) == n


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("c0ffee00" * 4, True), ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", True), ("mina@mail.example", False), ("1" * 16, False),
     ("f" * 37, False), ("", False)],
)  # fmt: skip
def test_a_name_of_the_proxy_is_kept_where_it_can_be_nobodys_address(given, is_kept):
    with Watch("home", 0.0, NoSpans()).request({"headers": [(b"x-request-id", given.encode())]}) as asked:
        assert (asked.request_id == given) is is_kept
        assert len(asked.request_id) >= 32


def test_spans_of_a_decision_are_below_its_request_and_in_the_callers_trace(watched, spans):
    parent = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = watched.ask("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"]}, headers=parent)
    decide, commit, request = spans.get_finished_spans()
    assert (decide.name, commit.name, request.name) == ("decide", "commit", "POST /v1/decide")
    assert {one.parent.span_id for one in (decide, commit)} == {request.context.span_id}
    assert {f"{one.context.trace_id:032x}" for one in (decide, commit, request)} == {TRACE}
    assert dict(request.attributes) == {
        "crosslift.shop": "home", "http.request.method": "POST", "http.route": "/v1/decide",
        "http.response.status_code": 200, "crosslift.request_id": answer.headers["x-request-id"],
        "crosslift.decision_id": answer.json()["decision_id"], "crosslift.degraded": False,
    }  # fmt: skip


def test_without_a_collector_a_step_is_one_empty_context_for_all():
    watch = watch_of("home", Settings({"serve.traces_to": "", "serve.slow_ms": 250.0}))
    assert watch.step("decide") is NOTHING
    assert watch.step("commit") is NOTHING


def test_without_a_collector_the_sdk_is_not_imported():
    program = "import crosslift.cli, crosslift.web.app, sys; print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_spans_are_refused_with_a_reason_where_opentelemetry_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "crosslift.web.otel", None)
    with pytest.raises(BadUsage, match=r"pip install 'crosslift\[otel\]'"):
        watch_of("home", Settings.load({"serve.traces_to": "http://127.0.0.1:9/v1/traces"}))


def test_no_share_sends_nothing_even_if_the_caller_wants_it(monkeypatch):
    sent = []
    monkeypatch.setattr("crosslift.web.otel.BatchSpanProcessor.on_end", lambda _, span: sent.append(span))
    parent = [(b"traceparent", f"00-{TRACE}-b7ad6b7169203331-01".encode())]
    for share in (0.0, 1.0):
        watch = Watch("home", 0.0, sent_to("http://127.0.0.1:9/v1/traces", share, "home"))
        with watch.request({"headers": parent, "method": "GET"}):
            pass
        watch.close()
        assert len([one for one in sent if one.context.trace_flags.sampled]) == int(share)


def test_nothing_of_a_person_and_no_key_gets_into_logs_and_spans(watched, spans, monkeypatch):
    """Requests that work, that are wrong and that fail inside, with people in paths, queries, headers and bodies."""
    mail, customer, browser, phone = PEOPLE
    with capture_logs([merge_contextvars]) as logs:
        watched.ask("PUT", "/v1/facts/customers", {"rows": [{"customer_id": customer, "email": mail, "phone": phone}]})
        watched.decide(customer=customer, anonymous=browser, query=mail)
        for path in (f"/v1/customers/{customer}", f"/v1/consents?customer={mail}", f"/{mail}?key={watched.secret}"):
            watched.ask("GET", path, headers={"X-Request-Id": mail, "Referer": f"https://shop.example/{phone}"})
        watched.ask("POST", "/v1/decide", {"placement": mail, "customer": customer})
        watched.ask("POST", "/v1/decide", {"placement": "cart"}, key=watched.secret[:-1])

        def gone(*_, **__):
            raise StoreDown("cannot read records.db: disk I/O error")

        def broken(*_, **__):
            raise ValueError(f"{customer} {mail} {watched.secret}")

        for failure in (gone, broken):
            monkeypatch.setattr(watched.shop.records, "person", failure)
            watched.ask("POST", "/v1/decide", {"placement": "cart", "customer": customer, "anonymous": browser})
    assert {"slow_request", "store_down", "request_failed"} <= {one["event"] for one in logs}
    assert all("request_id" in one for one in logs if one["event"] in ("slow_request", "store_down", "request_failed"))
    told = json.dumps(logs, default=str) + "".join(one.to_json() for one in spans.get_finished_spans())
    assert spans.get_finished_spans()
    secrets = (watched.secret, watched.secret[:-1], watched.publishable)
    assert [one for one in (*PEOPLE, *secrets) if one in told] == []


def test_log_lines_are_json_where_it_is_asked_for(monkeypatch):
    kept = structlog.get_config()
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    try:
        log_to_stderr(is_wordy=True, is_json=True)
        with Watch("tea", 0.000_1, NoSpans()).request({"headers": []}) as asked:
            asked.route, asked.status = "GET /healthz", 200
    finally:
        structlog.configure(**kept)
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["shop"], line["route"]) == (
        "slow_request",
        "warning",
        "tea",
        "GET /healthz",
    )
    assert line["request_id"] == asked.request_id
    assert line["timestamp"].endswith("Z")
