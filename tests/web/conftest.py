"""A small real shop, collected and learned once, copied for each test; and its application behind a real event loop."""

import asyncio
import csv
import json
import random
import shutil
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from crosslift.shop import Shop
from crosslift.web.app import DemoInfo, build

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script> \"Mug\" & {{ 7 * 7 }}"
CATALOG = r"""
DRIP | Cone dripper | 원추형 드리퍼 | 円すいドリッパー | brew/drippers | 24000 | 9 | pictures/drip.svg | | {"price_JPY": 2580}
FILT | Paper filters | 종이 필터 | ペーパーフィルター | brew/filters | 6500 | 90 | pictures/missing.svg | |
SERV | Glass server | 유리 서버 | ガラスサーバー | brew/servers | 21000 | 20 | | |
MUG | HOSTILE | 머그 | マグ | | 9000 | 30 | https://elsewhere.example/mug.png | |
SPOON | Spoon | 스푼 | スプーン | | 3000 | 50 | ../secret.svg | |
BEANS | House beans | 하우스 원두 | ハウスブレンド | coffee | 15000 | 70 | | |
BEANS-1KG | House beans, 1 kg | 하우스 원두 (1kg) | ハウスブレンド（1kg） | coffee | 52000 | 5 | | BEANS |
BEANS-200 | House beans, 200 g | 하우스 원두 (200g) | ハウスブレンド（200g） | coffee | 15000 | 65 | | BEANS |
KETTLE | Gooseneck kettle | 드립 주전자 | ドリップケトル | kettles | 89000 | 4 | | |
TOWEL | Bar towel | 바 타월 | バータオル | kettles | 4000 | | | |
"""
PRODUCTS = [
    [HOSTILE if cell.strip() == "HOSTILE" else cell.strip() for cell in line.split("|")]
    for line in CATALOG.strip().splitlines()
]
COLUMNS = [
    "product_id",
    "title",
    "title_ko",
    "title_ja",
    "category",
    "price",
    "stock",
    "image",
    "parent_id",
    "attributes",
]
BASKETS = [
    one.split("+")
    for one in ("DRIP+FILT+SERV", "DRIP+FILT", "MUG+SPOON", "BEANS+FILT", "KETTLE", "TOWEL", "BEANS", "MUG")
]
PRICES = {row[0]: row[5] for row in PRODUCTS}


@pytest.fixture(autouse=True, scope="module")
def _without_jit():
    """Compiling takes longer than these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        yield


def write_files(folder):
    """Write the catalog and 480 orders of 90 customers, the same every time."""
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*COLUMNS, "currency"])
        out.writerows([*row, "KRW"] for row in PRODUCTS)
    chance = random.Random(7)
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["order_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price", "currency"])
        for number in range(480):
            at = NOW - timedelta(days=90) + timedelta(hours=4 * number)
            basket = {*chance.choice(BASKETS), *([chance.choice(list(PRICES))] if chance.random() < 0.2 else [])}
            for product in sorted(basket):
                out.writerow(
                    [f"o{number}", at.isoformat(), f"c{chance.randrange(90)}", product, 1, PRICES[product], "KRW"]
                )
    consents = ["customer_id,purpose,channel,status,source,wording,at"]
    consents += [f"c{n},personalization,*,granted,test,v1,2026-01-01T00:00:00Z" for n in range(0, 90, 2)]
    (folder / "consents.csv").write_text("\n".join(consents), encoding="utf-8")


@pytest.fixture(scope="session")
def learned_home(tmp_path_factory):
    """A shop's folder after `collect` and `learn`."""
    folder = tmp_path_factory.mktemp("web-shop")
    write_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with Shop(folder / "home", {"shop.currency": "KRW"}, clock=lambda: NOW) as shop:
            shop.collect(folder / "products.csv", folder / "orders.csv", folder / "consents.csv")
            shop.learn()
    return folder / "home"


@pytest.fixture
def shop(learned_home, tmp_path):
    """A copy of the learned shop."""
    shutil.copytree(learned_home, tmp_path / "home")
    with Shop(tmp_path / "home", {"shop.currency": "KRW", "serve.slow_ms": 0.0}, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "drip.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    (folder / "link.svg").symlink_to(tmp_path / "secret.svg")
    (folder / "notes.txt").write_text("private")
    return folder


class Door:
    """An application on an event loop of its own, asked from the test as if over a wire."""

    def __init__(self, app):
        self.app, self.served, self.shop = app, app.served, app.served.shop
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")
        self.secret = self.shop.create_key("secret", "test")
        self.publishable = self.shop.create_key("publishable", "test")
        assert self._started.wait(10)

    async def _live(self):
        async def receive():
            if self._started.is_set():
                await self._stop.wait()
                return {"type": "lifespan.shutdown"}
            return {"type": "lifespan.startup"}

        async def send(message):
            self._started.set()

        await self.app({"type": "lifespan"}, receive, send)

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while not self.served.is_ready or not self.served.catalog.products:
            assert time.monotonic() < deadline, "never ready"
            time.sleep(0.01)
        return self

    def ask(self, method, path, body=None, *, key="secret", headers=None, **options):
        """Send a request; `key` is secret, publishable, None or a key itself."""
        given = {"secret": self.secret, "publishable": self.publishable}.get(key, key)
        headers = {**({"Authorization": f"Bearer {given}"} if given else {}), **(headers or {})}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return self.run(self.client.request(method, path, content=content, headers=headers, **options))

    def sign(self, webhook, body, delivery_id="msg_1", at=None):
        """Give the headers a webhook's sender would send with these bytes."""
        if webhook.sender not in ("standard", "facts"):
            return {webhook.scheme.header: webhook.scheme.sign(webhook.secret, body)}
        time = str(int((at or self.shop.clock()).timestamp()))
        signature = webhook.scheme.sign(webhook.secret, delivery_id, time, body)
        return {"webhook-id": delivery_id, "webhook-timestamp": time, "webhook-signature": signature}

    def raw(self, path):
        """Get a path exactly as it stands, as no well-behaved client would send it; its status and body."""
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": [], "scheme": "http", "server": ("shop.test", 80), "root_path": ""}  # fmt: skip
        self.run(self.app(scope, receive, send))
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def decide(self, **body):
        answer = self.ask("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"], **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self):
        self.run(self.client.aclose())
        self._loop.call_soon_threadsafe(self._stop.set)
        self._life.result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def opened(shop, **options):
    door = Door(build(shop, **options))
    try:
        yield door
    finally:
        door.close()


@pytest.fixture
def door(shop):
    """The shop served, with a preview of the storefront."""
    with opened(shop) as one:
        yield one.wait_until_ready()


@pytest.fixture
def demo(shop, pictures):
    """The shop served as the demo is, the storefront at `/`."""
    names = {"en": "Moru", "ko": "모루", "ja": "モル"}
    with opened(shop, demo=DemoInfo(names, pictures, {"brew": {"en": "Brewing", "ko": "추출"}})) as one:
        yield one.wait_until_ready()


@pytest.fixture(scope="session")
def open_door():
    """Serve a shop within a test."""
    return opened


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture
def hostile():
    return HOSTILE


def problem_of(answer, status, code):
    """Check the one shape of every problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert {"type", "title", "status", "detail", "code", "instance"} <= said.keys() <= {
        "type", "title", "status", "detail", "code", "instance", "errors",
    }  # fmt: skip
    assert (said["status"], said["code"]) == (status, code)
    assert said["type"] == f"/docs#problem-{code}"
    return said


@pytest.fixture
def problem():
    return problem_of
