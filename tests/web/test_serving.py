"""A real server on a real socket: found, killed, stopped gently."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from crosslift.errors import BadUsage
from crosslift.shop import Shop
from crosslift.web.app import serve

SERVER = """
import sys
from crosslift.shop import Shop
from crosslift.web.app import serve
with Shop(sys.argv[1]) as shop:
    serve(shop, "127.0.0.1", 0, on_ready=lambda url: print("READY", url, flush=True))
print("CLOSED", flush=True)
"""


@pytest.fixture
def server(shop):
    """A server of a copied shop in a process of its own, and a key."""
    key = shop.create_key("secret", "test")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(shop.home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "CROSSLIFT_NO_JIT": "1"},
    )  # fmt: skip
    url = next(line.split()[1] for line in process.stdout if line.startswith("READY"))
    yield process, urlsplit(url), key
    if process.poll() is None:
        process.kill()
    process.communicate()


def post(url, key, path, body):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_what_was_answered_survives_a_kill(server, shop, now):
    process, url, key = server
    answers = [post(url, key, "/v1/decide", {"placement": "cart", "cart": ["DRIP"]}) for _ in range(20)]
    view = {"type": "track", "event": "Product Viewed", "anonymousId": "a", "messageId": "m"}
    assert post(url, key, "/v1/collect", [view]) == (200, {"received": 1, "new": 1, "seen_before": 0})
    said = {"decision_id": answers[0][1]["decision_id"], "action": "exposure", "product": "FILT"}
    assert post(url, key, "/v1/respond", said)[0] == 200
    process.kill()
    process.wait(10)
    with Shop(shop.home, clock=lambda: now) as again:
        assert all(again.decision(answer["decision_id"])["offers"] for _, answer in answers)
        assert again.records.table("events", ["name"]).num_rows == 1
        assert again.records.table("exposures", ["product_id"]).num_rows == 1


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_requests_end_and_closes_the_shop(server, one):
    process, url, key = server
    body = json.dumps({"placement": "cart", "cart": ["DRIP"]}).encode()
    with socket.create_connection((url.hostname, url.port), timeout=20) as wire:
        head = (
            f"POST /v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        wire.sendall(head.encode() + body[:5])
        time.sleep(0.2)
        process.send_signal(one)
        time.sleep(0.2)
        wire.sendall(body[5:])
        assert wire.recv(65536).startswith(b"HTTP/1.1 200")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "CLOSED" in out
    assert "Traceback" not in err


def test_a_taken_port_is_named(shop):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadUsage, match=f"cannot listen on 127.0.0.1:{port}"):
            serve(shop, "127.0.0.1", port)
