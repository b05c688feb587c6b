"""Several shops in one process: whatever is asked, nothing of one is reachable from another."""

import asyncio
import json
import shutil
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.shop import Shop, shops
from crosslift.store import snapshot
from crosslift.web.street import Street

NOW = datetime(2026, 11, 1, 11, 47, 13, tzinfo=UTC)
NAMES = ("brook", "cliff")
HOSTS = {"brook": "brook.example", "cliff": "cliff.example"}
PATIENCE = 30


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


class Town:
    """A street on an event loop of its own, asked as if over a wire."""

    def __init__(self, folder, clocks):
        self.street = Street(folder, lambda home: Shop(home, clock=clocks.get(home.name, lambda: NOW)))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stop, self._started = asyncio.Event(), threading.Event()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        transport = httpx.ASGITransport(self.street, client=("10.1.2.3", 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://nobody.example")

    async def _live(self):
        async def receive():
            if self._started.is_set():
                await self._stop.wait()
                return {"type": "lifespan.shutdown"}
            return {"type": "lifespan.startup"}

        async def send(_):
            self._started.set()

        await self.street({"type": "lifespan"}, receive, send)

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def ask(self, method, path, host=None, key=None, body=None, **options):
        headers = {"Host": host or "nobody.example"} | ({"Authorization": f"Bearer {key}"} if key else {})
        content = None if body is None else json.dumps(body)
        return self.run(self.client.request(method, path, content=content, headers=headers, **options))

    def until(self, is_so, what):
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, what
            time.sleep(0.01)

    def close(self):
        self.run(self.client.aclose())
        self._loop.call_soon_threadsafe(self._stop.set)
        self._life.result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def folder(little, tmp_path_factory):
    """Two shops that learned, and their keys."""
    folder = tmp_path_factory.mktemp("town") / "shops"
    for number, name in enumerate(NAMES):
        made = shops.add(folder, name, [HOSTS[name]], {"shop.name": f"{name} house"})
        (folder / f".{name}.keys").write_text(json.dumps([made.secret, made.publishable]))
        upper = name.upper()
        baskets = [(f"{upper}-A", f"{upper}-B"), (f"{upper}-C",)] * 40
        orders = [
            little.Order(basket, f"{name}-customer-{n}", 12.0 * n, None, None) for n, basket in enumerate(baskets)
        ]
        catalog = [{"product_id": f"{upper}-{end}", "title": f"{name} thing {end}", "category": name, "price": "5.00",
                    "currency": "USD"} for end in "ABC"]  # fmt: skip
        clock = little.Clock(NOW + timedelta(minutes=number))
        little.stocked(made.home, orders, catalog, clock).close()
    return folder


@pytest.fixture(scope="module")
def town(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        town = Town(folder, {})
        town.until(lambda: len(town.street.shops) == 2, "the shops never came")
        town.until(
            lambda: all(town.ask("GET", "/readyz", host).status_code == 200 for host in HOSTS.values()), "not ready"
        )
        yield town
        town.close()


@pytest.fixture(scope="module")
def keys(folder):
    return {name: json.loads((folder / f".{name}.keys").read_text()) for name in NAMES}


@pytest.fixture(scope="module")
def known(town, keys, folder):
    """By shop, what belongs to it alone: ids, names, keys, figures that would give it away."""
    found = {}
    for name in NAMES:
        ask = {"placement": "cart", "cart": [f"{name.upper()}-A"], "customer": f"{name}-customer-1"}
        made = town.ask("POST", "/v1/decide", HOSTS[name], keys[name][0], ask).json()
        promise = town.ask(
            "POST", f"/v1/decisions/{made['decision_id']}/promise", HOSTS[name], keys[name][0],
            {"product": made["offers"][0]["product"]},
        ).json()  # fmt: skip
        ids = [row["key_id"] for row in town.street.shops[name].records.api_keys()]
        found[name] = {
            "decision": made["decision_id"], "code": promise["code"], "customer": f"{name}-customer-1",
            "product": f"{name.upper()}-A", "snapshot": snapshot.current_id(folder / name / "snapshots"),
            "markers": [made["decision_id"], promise["code"], f"{name}-customer", f"{name.upper()}-", f"{name} house",
                        f"{name} thing", snapshot.current_id(folder / name / "snapshots"), *keys[name], *ids],
        }  # fmt: skip
    return found


PATHS = (
    ("GET", "/v1/decisions/{decision}"), ("GET", "/v1/decisions/{decision}?trace=true"), ("GET", "/v1/promises/{code}"),
    ("GET", "/v1/customers/{customer}"), ("GET", "/v1/customers/{customer}/export"), ("GET", "/v1/links"), ("GET", "/v1/bundles"),
    ("GET", "/v1/links?after=1"), ("GET", "/v1/snapshots"), ("GET", "/v1/policies"), ("GET", "/v1/jobs"), ("GET", "/v1/offers"),
    ("GET", "/v1/jobs/learn/runs?before=99"), ("GET", "/v1/segments"), ("GET", "/v1/how-we-recommend"), ("GET", "/preview"),
    ("GET", "/v1/consents?customer={customer}"), ("GET", "/metrics"), ("GET", "/readyz"), ("GET", "/healthz"), ("GET", "/docs"),
    ("GET", "/"), ("GET", "/openapi.json"), ("GET", "/no/such/path"), ("POST", "/v1/decide"), ("POST", "/v1/decide/page"),
    ("POST", "/v1/explain"), ("POST", "/v1/respond"), ("POST", "/v1/collect"), ("POST", "/v1/promises/{code}/redeem"),
)  # fmt: skip
BODIES = {
    "/v1/decide": {"placement": "cart", "cart": ["{product}"], "customer": "{customer}"},
    "/v1/decide/page": {"cart": ["{product}"], "page": [{"placement": "cart"}, {"placement": "product"}]},
    "/v1/explain": {"decision_id": "{decision}", "product": "{product}"},
    "/v1/respond": {"responses": [{"response_id": "r", "decision_id": "{decision}", "action": "click", "product": "{product}"}]},
    "/v1/collect": {"batch": [{"type": "track", "event": "Product Viewed", "messageId": "m1", "userId": "{customer}"}]},
    "/v1/promises/{code}/redeem": {"order": "o1"},
}  # fmt: skip


def filled(text, facts):
    for name in ("decision", "code", "customer", "product"):
        text = text.replace("{" + name + "}", facts[name])
    return text


@given(
    asked=st.sampled_from(PATHS), about=st.sampled_from(NAMES), host=st.sampled_from([None, *NAMES]),
    key=st.sampled_from([None, ("brook", 0), ("brook", 1), ("cliff", 0), ("cliff", 1), "garbage"]),
)  # fmt: skip
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_one_shop_is_reachable_from_another(town, keys, known, asked, about, host, key):
    """No key, id, cursor, customer, product, snapshot, figure or log line, whatever host and key are put together."""
    method, path = asked
    sent_key = key if key is None or key == "garbage" else keys[key[0]][key[1]]
    sent_path = filled(path, known[about])
    body = json.loads(filled(json.dumps(BODIES[path]), known[about])) if path in BODIES else None
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logged:
        answer = town.ask(method, sent_path, HOSTS.get(host), sent_key, body)
    assert answer.status_code < 500, (answer.text, logged)
    whose = host or (key[0] if isinstance(key, tuple) else None)
    sent = f"{sent_path} {json.dumps(body)} {sent_key}"
    told = f"{answer.text} {dict(answer.headers)}"
    for name in NAMES:
        if name == whose:
            continue
        for marker in known[name]["markers"]:
            assert marker not in told or marker in sent, (marker, answer.status_code)
            assert all(marker not in str(line) for line in logged), marker
    assert {line["shop"] for line in logged if "shop" in line} <= {whose}
    assert answer.status_code < 500
    if (
        whose is not None
        and isinstance(key, tuple)
        and key[0] != whose
        and path.startswith("/v1/")
        and path != "/v1/how-we-recommend"
    ):
        assert answer.status_code in (401, 404, 405), answer.text


def test_the_host_leads_whatever_its_port_and_case_and_else_the_key(town, keys):
    ask = {"placement": "cart", "cart": ["BROOK-A"]}
    for host in ("brook.example", "BROOK.example:8765", "brook.example."):
        assert [o["product"] for o in town.ask("POST", "/v1/decide", host, keys["brook"][1], ask).json()["offers"]] == [
            "BROOK-B"
        ]
    assert town.ask("POST", "/v1/decide", None, keys["brook"][1], ask).json()["offers"]
    assert town.ask("GET", "/v1/snapshots", "brook.example", keys["cliff"][0]).status_code == 401


def test_a_key_in_the_address_leads_a_page_and_its_scripts_to_the_shop(town, keys, problem):
    ask, plain = {"placement": "cart", "cart": ["BROOK-A"]}, {"params": {"key": keys["brook"][1]}}
    assert [o["product"] for o in town.ask("POST", "/v1/decide", body=ask, **plain).json()["offers"]] == ["BROOK-B"]
    assert town.ask("GET", "/widget/track.js", **plain).status_code == 200
    problem(town.ask("POST", "/v1/decide", body=ask, params={"key": keys["brook"][0]}), 403, "key_in_address")
    problem(town.ask("POST", "/v1/decide", body=ask, params={"key": "pk_nobody"}), 404, "shop_unknown")


def test_who_brings_neither_is_told_so_without_a_name(town, problem):
    said = problem(town.ask("GET", "/v1/snapshots"), 404, "shop_unknown")
    assert "brook" not in str(said)
    assert town.ask("GET", "/readyz").json() == {"status": "ready", "n_shops": 2, "n_ready": 2}
    problem(town.ask("GET", "/metrics"), 403, "refused")


def test_a_revoked_key_leads_nowhere_even_where_it_led_before(town):
    shop = town.street.shops["brook"]
    key = shop.create_key("secret", "for a moment")
    assert town.ask("GET", "/v1/snapshots", None, key).status_code == 200
    row = shop.records.api_keys()[-1]
    shop.revoke_key(next(r["key_id"] for r in shop.records.api_keys() if r["label"] == "for a moment"))
    assert row is not None
    assert town.ask("GET", "/v1/snapshots", None, key).status_code == 401


def test_figures_of_all_are_labelled_and_for_this_machine_alone(town):
    local = httpx.AsyncClient(transport=httpx.ASGITransport(town.street, client=("127.0.0.1", 1)), base_url="http://x")
    text = town.run(local.get("/metrics")).text
    assert 'crosslift_requests_total{shop="brook",' in text
    assert 'crosslift_requests_total{shop="cliff",' in text
    assert text.count("process_resident_memory_bytes ") == 3  # its help, its type, its one sample
    assert town.run(local.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"})).status_code == 403
    town.run(local.aclose())
    own = town.ask("GET", "/metrics", "brook.example").text
    assert "crosslift_requests_total" in own
    assert "shop=" not in own


def test_a_shop_comes_and_goes_while_the_others_are_served(town, folder, tmp_path):
    made = shops.add(folder, "mug", ["mug.example"])
    town.until(lambda: town.ask("GET", "/v1/jobs", "mug.example", made.secret).status_code == 200, "it never came")
    assert [row["name"] for row in shops.listed(folder) if row["is_served"]] == ["brook", "cliff", "mug"]
    (made.home / "shop.toml").write_text('[shop]\nhosts = "glass.example"\n')
    town.until(lambda: town.ask("GET", "/v1/jobs", "glass.example").status_code == 401, "its host never changed")
    assert town.ask("GET", "/v1/jobs", "mug.example").json()["code"] == "shop_unknown"
    kept = shops.remove(folder, "mug", tmp_path / "mug.tar.zst", NOW)
    assert kept.path.exists()
    assert sorted(town.street.shops) == ["brook", "cliff"]
    assert town.ask("GET", "/v1/jobs", None, made.secret).json()["code"] == "shop_unknown"
    assert not (folder / "mug").exists()


def test_a_shop_that_cannot_be_opened_keeps_no_other_out(town, folder):
    (folder / "bad").mkdir()
    (folder / "bad" / "shop.toml").write_text("[shop]\nnosuch = 1\n")
    town.until(lambda: folder / "bad" in town.street._refused, "it was never looked at")
    assert sorted(town.street.shops) == ["brook", "cliff"]
    shutil.rmtree(folder / "bad")


def test_a_shop_whose_traces_cannot_be_sent_is_refused_and_the_others_are_served(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "crosslift.web.otel", None)
    for name, more in (("north", {"serve.traces_to": "http://127.0.0.1:9/v1/traces"}), ("south", None)):
        shops.add(tmp_path, name, [f"{name}.example"], settings=more)

    async def looked():
        street = Street(tmp_path)
        await street.look()
        found = set(street.shops)
        for one in list(street._open.values()):
            await street._close(one)
        return found

    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(looked()) == {"south"}
    assert [one["shop"] for one in logs if one["event"] == "shop_refused"] == ["north"]
