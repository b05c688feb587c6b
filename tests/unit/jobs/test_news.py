"""News of jobs: each channel once, whatever another does, and a webhook that its receiver can check."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import Refused, TryAgain
from crosslift.jobs.news import Hook, News, secret_of
from crosslift.shop import Shop

FACTS = {"shop": "Tea", "job": "learn", "run_id": 7, "state": "refused", "why": "no orders"}


class Receiver(BaseHTTPRequestHandler):
    """Remembers what it got, answers what it was told to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.got, server.status = [], 204
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(tmp_path, receiver):
    shops = []

    def opened(**knobs):
        given = {"jobs.webhook_to": f"http://127.0.0.1:{receiver.server_port}/jobs", "webhooks.allow_private": True}
        shops.append(Shop(tmp_path / "home", given | knobs))
        return shops[-1]

    yield opened
    for shop in shops:
        shop.close()


def test_a_webhook_is_signed_so_that_its_receiver_can_check_it(opened, receiver):
    shop = opened()
    Hook(shop)("job.failed", FACTS)
    [(headers, body)] = receiver.got
    StandardWebhooks().verify([secret_of(shop)], headers, body, int(shop.clock().timestamp() * 1e6))
    assert json.loads(body)["type"] == "job.failed"
    assert json.loads(body)["data"] == FACTS
    assert headers["webhook-id"] == "job.failed-7"


def test_who_was_told_is_not_told_again_because_another_was_not(opened, receiver):
    news = News(opened())
    mailed = []
    news._channels["mail"] = lambda kind, facts: mailed.append(kind)
    receiver.status = 503
    for _ in range(2):
        with pytest.raises(TryAgain, match="answers 503 now"):
            news("job.failed", FACTS)
    receiver.status = 200
    news("job.failed", FACTS)
    news("job.failed", FACTS)
    assert mailed == ["job.failed"]
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {"job.failed-7"}
    assert len(receiver.got) == 3


def test_an_address_inside_is_refused_unless_the_shop_says_otherwise(opened, receiver):
    with pytest.raises(Refused, match="leads inside"):
        News(opened(**{"webhooks.allow_private": False, "jobs.webhook_to": "https://127.0.0.1/x"}))("job.failed", FACTS)
    assert receiver.got == []


def test_the_secret_is_the_shops_own_and_always_the_same(opened, tmp_path):
    shop = opened()
    assert secret_of(shop) == secret_of(shop)
    StandardWebhooks().check_secret(secret_of(shop))
    with Shop(tmp_path / "other") as other:
        assert secret_of(other) != secret_of(shop)
