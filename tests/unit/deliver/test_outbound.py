"""Webhooks out: signed, never led inside, never led elsewhere."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from crosslift.deliver import outbound
from crosslift.deliver.outbound import MOST_FETCHED, Target, fetch, is_public, post, target_of
from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import BadInput, Refused, TryAgain

NOW = 1_772_712_000_000_000
SECRET = StandardWebhooks().written(b"k" * 32)
PUBLIC = "93.184.216.34"


class Receiver(BaseHTTPRequestHandler):
    """Answers with the status its path names, and remembers what came."""

    heard: ClassVar[list] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(int(self.path.strip("/").split("?")[0] or 200))
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, b""))
        status, _, length = self.path.strip("/").partition("/")
        self.send_response(int(status))
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", length or "2")
        self.end_headers()
        self.wfile.write(b" " * int(length) if length else b"{}")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def port():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def sent(port, path="/200", **given):
    return post(Target("http", "receiver.example", port, path, "127.0.0.1"), SECRET, "msg_1", b'{"a": 1}', NOW, **given)


def test_a_delivery_is_signed_and_its_receiver_can_check_it(port):
    Receiver.heard.clear()
    assert sent(port, "/204?a=b") == 204
    [(path, headers, body)] = Receiver.heard
    assert path == "/204?a=b"
    StandardWebhooks().verify([SECRET], headers, body, NOW)
    with pytest.raises(Refused):
        StandardWebhooks().verify([SECRET], headers, body + b" ", NOW)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_what_may_work_later_is_tried_again(port, status):
    with pytest.raises(TryAgain, match=f"answers {status} now"):
        sent(port, f"/{status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410])
def test_a_redirect_is_followed_nowhere_and_a_no_is_a_no(port, status):
    Receiver.heard.clear()
    with pytest.raises(Refused, match=f"answers {status}"):
        sent(port, f"/{status}")
    assert len(Receiver.heard) == 1


def test_nobody_there_is_tried_again():
    with pytest.raises(TryAgain, match="does not answer"):
        sent(1)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1",
     "0.0.0.0", "255.255.255.255",  # noqa: S104 - read, not bound
     "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
     "2002:7f00:1::", "64:ff9b::a00:1", "nonsense", ""],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)
    with pytest.raises(Refused, match=r"leads inside.*webhooks.allow_private"):
        target_of("https://shop.example/hook", resolve=lambda *_: [address])


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_outside_is_public(address):
    assert target_of("https://shop.example/hook?x=1", resolve=lambda *_: [address]) == Target(
        "https", "shop.example", 443, "/hook?x=1", address
    )


def test_one_address_inside_among_others_is_enough_to_refuse():
    with pytest.raises(Refused, match="leads inside"):
        target_of("https://shop.example/", resolve=lambda *_: [PUBLIC, "10.0.0.1"])


def test_a_name_that_points_inside_a_moment_later_leads_to_the_address_that_was_looked_at(monkeypatch):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    target = target_of("https://rebound.example/", resolve=lambda *_: next(answers))
    called = []

    def connect(address, *_):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with pytest.raises(TryAgain):
        post(target, SECRET, "msg_1", b"{}", NOW)
    assert called == [(PUBLIC, 443)]


def test_where_the_shop_says_so_addresses_inside_are_called():
    assert target_of("http://10.0.0.5:8080/x", allows_private=True, resolve=lambda *_: ["10.0.0.5"]).port == 8080


@pytest.mark.parametrize(
    "address",
    ["http://shop.example/", "ftp://shop.example/", "file:///etc/passwd", "https://", "https://user:pw@shop.example/", "",
     "https://shop.example:x/", "https://shop.example/ two", "https://shop.example/\r\nX: y", "https://[::1", "https://ü.example/"],
)  # fmt: skip
def test_what_is_no_https_address_is_refused(address):
    with pytest.raises(BadInput):
        target_of(address, resolve=lambda *_: [PUBLIC])


def test_a_name_without_an_address_is_tried_again(monkeypatch):
    def nothing(*_, **__):
        raise OSError("no such name")

    monkeypatch.setattr(outbound.socket, "getaddrinfo", nothing)
    with pytest.raises(TryAgain, match="has no address now"):
        target_of("https://nowhere.example/")


def test_waits_grow_and_end():
    assert list(outbound.RETRY_SECONDS) == sorted(outbound.RETRY_SECONDS)
    assert sum(outbound.RETRY_SECONDS) < 4 * 86_400


def test_what_is_asked_for_comes_whole_from_the_name_that_was_asked(port):
    Receiver.heard.clear()
    assert (
        fetch(Target("http", "login.example", port, "/200", "127.0.0.1"), headers={"Authorization": "Bearer a"})
        == b"{}"
    )
    [(_, headers, _)] = Receiver.heard
    assert (headers["host"], headers["authorization"]) == (f"login.example:{port}", "Bearer a")
    assert fetch(Target("http", "login.example", port, "/200", "127.0.0.1"), "POST", b"a=b") == b""
    assert Receiver.heard[-1][2] == b"a=b"


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [("/302", Refused, "answers 302"), ("/404", Refused, "answers 404"), ("/503", TryAgain, "answers 503 now"),
     ("/429", TryAgain, "answers 429 now"), (f"/200/{MOST_FETCHED + 1}", Refused, "with too much")],
)  # fmt: skip
def test_what_is_asked_for_is_led_nowhere_else_and_is_small(port, path, kind, said):
    with pytest.raises(kind, match=said):
        fetch(Target("http", "login.example", port, path, "127.0.0.1"))
