"""Hostile text wherever a request has room for it: names in paths, queries, headers, cookies, tokens, codes, lines of bulk."""

import asyncio
import gzip
import json
import shutil

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crosslift.shop import Shop
from crosslift.web.compat.mount import DOORS
from crosslift.web.openapi import OPERATIONS

HOSTILE = (
    "\x00", "\ud800", "\udfff\ud800", "\u202eabc", "\u200b\u200d\ufeff", "é", "ﷺ" * 40, "𝕏" * 99, "\r\nSet-Cookie: a=b",
    "' or 1=1 --", "'; drop table users; --", "\\", "%", "%00", "%2e%2e%2f", "..", "../../etc/passwd", "..\\..\\x", "....//",
    "/etc/passwd", "file:///etc/passwd", "C:\\x", "{{ 7 * 7 }}", "${jndi:ldap://x}", "{% include '/etc/passwd' %}", "%(a)s",
    "{0.__class__}", "<script>alert(1)</script>", "NaN", "Infinity", "-0", "1e999", "9" * 400, "٣", "²", "null", "[]", "true",
    "customer:", ":x", "a:b:c", "kind:value:" * 20, "*", "?", "#", " ", "\t", "a" * 5_000,
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=30),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Co", "Zl", "Zs"]), max_size=8),
    st.tuples(st.sampled_from(HOSTILE), st.text(max_size=6)).map("".join),
)  # fmt: skip
NAMED = sorted({one.path for one in OPERATIONS if "{" in one.path})
PLACES = [
    *((one.method, one.path) for one in OPERATIONS if "{" in one.path and one.method in ("GET", "DELETE")),
    *(("GET", f"{root}/{{name}}") for root in ("/static", "/pictures", "/preview", "/preview/product", "/app", "/app/products",
                                               "/app/decisions", "/app/imports", "/sign-in/oidc", "/docs", "")),
    *(("GET", f"/compat/{door}/{{name}}") for door in DOORS), ("GET", "/compat/{name}/x"),
]  # fmt: skip
HEADERS = (
    b"authorization", b"x-crosslift-key", b"x-crosslift-customer", b"cookie", b"idempotency-key", b"if-match", b"if-none-match",
    b"accept-encoding", b"accept-language", b"content-type", b"content-encoding", b"content-length", b"x-forwarded-for",
    b"x-forwarded-proto", b"x-request-id", b"x-csrf-token", b"sec-fetch-site", b"host", b"traceparent", b"webhook-id",
)  # fmt: skip
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def one(learned_home, tmp_path_factory, now, open_door):
    home = tmp_path_factory.mktemp("hostile") / "home"
    shutil.copytree(learned_home, home)
    settings = {"shop.currency": "KRW", "limits.address_per_second": 0.0}
    with Shop(home, settings, clock=lambda: now) as shop, open_door(shop) as door:
        yield door.wait_until_ready()


def send(door, method, path, body=b"", headers=(), query=b"", secret=True):
    """Put a request to the application as a server would, whatever a client library thinks of it."""
    told, given, bodies = [], [(b"host", b"shop.test"), *headers], iter((body,))
    if secret and not any(name == b"authorization" for name, _ in given):
        given.append((b"authorization", f"Bearer {door.secret}".encode()))

    async def receive():
        content = next(bodies, None)
        if content is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": content}

    async def hear(message):
        told.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(errors="replace"), "query_string": query,
        "headers": given, "scheme": "http", "server": ("shop.test", 80), "client": ("203.0.113.9", 4), "root_path": "",
    }  # fmt: skip
    door.run(door.app(scope, receive, hear))
    return told[0]["status"], dict(told[0]["headers"]), b"".join(one.get("body", b"") for one in told[1:])


def fine(status, headers, body):
    assert status < 500, (status, body)
    assert b"Traceback" not in body
    assert b"root:x:0" not in body
    for name, value in headers.items():
        assert b"\n" not in name + value
        assert b"\r" not in name + value


@MANY
@given(st.sampled_from(PLACES), TEXT, TEXT)
def test_names_in_paths(one, place, first, second):
    method, pattern = place
    path = pattern.replace("{customer}", first, 1)
    while "{" in pattern and (opened := path.find("{")) >= 0 and (closed := path.find("}", opened)) > 0:
        if path[opened : closed + 1] not in pattern:
            break
        path = path[:opened] + second + path[closed + 1 :]
    fine(*send(one, method, path))


@MANY
@given(
    st.sampled_from([o for o in OPERATIONS if o.method == "GET"]),
    st.lists(st.tuples(TEXT, TEXT), max_size=3),
    st.binary(max_size=9),
)
def test_queries(one, operation, pairs, rest):
    names = [p.name for p in operation.parameters if p.place == "query"] + [
        "after",
        "limit",
        "language",
        "lang",
        "next",
    ]
    query = (
        "&".join(f"{names[n % len(names)]}={value}" for n, (_, value) in enumerate(pairs)).encode(errors="replace")
        + rest
    )
    status, *others = send(one, "GET", operation.path.replace("{", "").replace("}", ""), query=query)
    if operation.name != "readyz":
        fine(status, *others)


@MANY
@given(
    st.sampled_from([("POST", "/v1/decide"), ("GET", "/v1/policies"), ("PUT", "/v1/offers"), ("POST", "/v1/webhooks/x"),
                     ("GET", "/app"), ("GET", "/preview"), ("POST", "/v1/session"), ("GET", "/sign-in/oidc/callback"),
                     ("POST", "/compat/segment/v1/batch"), ("POST", "/compat/personalize/recommendations")]),
    st.lists(st.tuples(st.sampled_from(HEADERS), TEXT | st.binary(max_size=20)), max_size=4),
    st.booleans(),
)  # fmt: skip
@example(("GET", "/v1/policies"), [(b"cookie", "crosslift_session=\x00; =;;a==;\xff")], False)
@example(("GET", "/v1/policies"), [(b"x-crosslift-key", "pk_"), (b"x-crosslift-customer", "ct_" + "A" * 3_000)], False)
def test_headers(one, place, given_headers, secret):
    headers = [
        (name, value if isinstance(value, bytes) else value.encode(errors="replace")) for name, value in given_headers
    ]
    fine(*send(one, *place, b'{"placement": "cart"}', headers, secret=secret))


@MANY
@given(
    st.sampled_from(["/v1/facts/orders", "/v1/facts/events", "/v1/products", "/v1/offers", "/v1/bundles", "/v1/links"]),
    st.lists(st.one_of(
        TEXT, st.dictionaries(st.sampled_from(["order_id", "product_id", "offer_id", "bundle_id", "kind", "title", "price"]),
                              TEXT | st.floats() | st.integers() | st.none(), max_size=5).map(json.dumps),
        st.sampled_from(["[" * 3_000, '{"a":' * 3_000, '{"order_id": NaN}', '{"order_id": 1e999}', '{"a": 1, "a": 2}']),
    ), max_size=6),
    st.booleans(),
)  # fmt: skip
def test_lines(one, path, lines, is_packed):
    lines = [line.replace("\n", " ") for line in lines]
    body = "\n".join(lines).encode(errors="surrogatepass")
    headers = [(b"content-type", b"application/x-ndjson")]
    if is_packed:
        body, headers = gzip.compress(body), [*headers, (b"content-encoding", b"gzip")]
    status, told, answer = send(one, "PUT", path, body, headers)
    fine(status, told, answer)
    if status == 200:
        outcomes = [json.loads(line) for line in answer.splitlines()]
        wanted = [n for n, line in enumerate(body_lines(lines), 1) if line.strip()]
        assert [row["line"] for row in outcomes] == wanted


def body_lines(lines):
    return [line.encode(errors="surrogatepass") for line in lines]


@MANY
@given(TEXT, TEXT)
def test_codes_and_tokens(one, code, token):
    secret = [(b"content-type", b"application/json")]
    for path in (f"/v1/coupons/{code}/redeem", f"/v1/promises/{code}/redeem"):
        fine(
            *send(
                one,
                "POST",
                path,
                json.dumps({"order": token[:100] or "o", "cart_value": "1", "currency": "KRW"}).encode(),
                secret,
            )
        )
    for path, body in (
        ("/v1/consents/confirm", {"token": token}), ("/v1/confirmations/show", {"token": token}),
        ("/v1/session/password", {"token": token, "password": code}), ("/v1/keys/token", {"customer": token}),
        ("/v1/identify", {"customer": code, "identifiers": {"anonymous": token}}),
        ("/v1/policies/check", {"text": f"name = '{code}'\n{token}"}), ("/v1/users", {"login": token, "roles": ["viewer"]}),
    ):  # fmt: skip
        fine(*send(one, "POST", path, json.dumps(body).encode(), secret))
