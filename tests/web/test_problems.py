"""Errors: one shape on every route, the same on hot and cold ones, and nothing told that is nobody's business."""

import asyncio

import pytest
from structlog.testing import capture_logs

from crosslift import errors
from crosslift.web import wire
from crosslift.web.problems import STATUS, TITLES, Problem, of

HOT = [("POST", "/v1/decide"), ("POST", "/v1/collect"), ("POST", "/v1/respond")]
COLD = [("PUT", "/v1/products"), ("PATCH", "/v1/products")]
DIFFERENT = ("instance", "type")


def every_error(kind=errors.CrossliftError):
    return [kind, *(one for child in kind.__subclasses__() for one in every_error(child))]


def test_every_error_has_a_status_and_a_title():
    for kind in every_error():
        found = of(kind("what happened", None) if kind is errors.Unconfirmed else kind("what happened"))
        nearest = next(one for one in kind.__mro__ if one in STATUS)
        assert found.status == STATUS[nearest]
        assert found.code in TITLES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b"\xff\xfe",
        b'{"a": 1} x',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b"5",
        b'"text"',
        b"null",
        b"true",
        b"[1]",
    ],
)
def test_the_same_wrong_body_is_the_same_problem_on_hot_and_cold_routes(door, body):
    def said(method, path):
        answer = door.ask(method, path, body)
        content = answer.json()
        content.pop("instance")
        if content["status"] == 422:  # what would have fitted differs by route; how it is said does not
            content.pop("detail")
            content["errors"] = [sorted(fault) for fault in content["errors"]]
        return answer.status_code, answer.headers["content-type"], answer.headers["cache-control"], content

    found = [said(*route) for route in (*HOT, *COLD)]
    assert all(one == found[0] for one in found), found
    assert found[0][0] in (400, 422)


@pytest.mark.parametrize("route", [*HOT, *COLD])
@pytest.mark.parametrize("is_declared", [True, False])
def test_a_body_over_the_limit_is_refused(shop, open_door, problem, route, is_declared):
    shop.settings._values["serve.max_body_bytes"] = 1000

    async def pieces():
        for _ in range(3):
            yield b" " * 500

    with open_door(shop) as door:
        headers = {"Authorization": f"Bearer {door.secret}"}
        content = b" " * 1500 if is_declared else pieces()
        answer = door.run(door.client.request(*route, content=content, headers=headers))
        problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v2/decide", "/v1/decide/", "/v1", "/favicon.ico", "/.env", "/v1/%00"]
)
def test_an_unknown_path_is_a_problem(door, problem, path):
    said = problem(door.ask("GET", path), 404, "not_found")
    assert said["instance"].startswith("/")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/decide", "POST, OPTIONS"),
        ("DELETE", "/v1/collect", "POST, OPTIONS"),
        ("POST", "/v1/products", "PUT, PATCH"),
        ("OPTIONS", "/v1/products", "PUT, PATCH"),
        ("POST", "/v1/decisions/x", "GET"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(door, problem, method, path, allowed):
    answer = door.ask(method, path)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/decide"), ("GET", "/v1/decisions/x"), ("GET", "/preview")])
def test_our_own_failure_tells_nothing_and_logs_no_values(door, problem, monkeypatch, method, path):
    def fail(*_, **__):
        raise ValueError("password hunter2 of kim@example.com")

    for name in ("decide_page_unrecorded", "decision"):
        monkeypatch.setattr(door.shop, name, fail)
    with capture_logs() as logs:
        answer = door.ask(method, path, {"placement": "cart", "cart": ["DRIP"]} if method == "POST" else None)
    problem(answer, 500, "internal_error")
    (logged,) = logs
    assert logged["event"] == "request_failed"
    assert logged["error"] == "ValueError"
    assert any("test_problems" in place for place in logged["places"])
    for text in (answer.text, str(logs)):
        assert "hunter2" not in text
        assert "kim@" not in text
        assert door.secret not in text
    assert "Traceback" not in answer.text


def test_busy_says_when_to_come_back(door, problem, monkeypatch):
    def busy(*_):
        raise errors.Busy("/srv/shop/records.db is being written by another process")

    monkeypatch.setattr(door.shop, "patch_products", busy)
    answer = door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", "stock": 1}]})
    problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "1"
    assert "/srv" not in answer.text


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/products"])
def test_a_caller_who_hangs_up_is_no_failure(door, path):
    async def hang_up():
        sent = []

        async def receive():
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        headers = [(b"authorization", f"Bearer {door.secret}".encode())]
        scope = {"type": "http", "method": "POST" if "decide" in path else "PUT", "path": path, "raw_path": path.encode(),
                 "query_string": b"", "headers": headers, "scheme": "http", "server": ("x", 1), "root_path": ""}  # fmt: skip
        await asyncio.wait_for(door.app(scope, receive, send), 5)

    with capture_logs() as logs:
        door.run(hang_up())
    assert logs == []


@pytest.mark.parametrize("route", [HOT[0], COLD[0]])
@pytest.mark.parametrize("begins", [True, False])
def test_a_body_that_never_ends_is_given_up(door, problem, monkeypatch, route, begins):
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.05)

    async def trickle():
        if begins:
            yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    headers = {"Authorization": f"Bearer {door.secret}"}
    problem(door.run(door.client.request(*route, content=trickle(), headers=headers)), 408, "body_too_slow")


def test_a_problem_without_single_faults_has_no_errors_member():
    assert b"errors" not in Problem(404, "not_found", "no such thing").body("/v1/x")
