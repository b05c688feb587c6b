"""Signing in by an OpenID provider, against one made here with real keys: in as told, and refused for every trick."""

import asyncio
import base64
import hmac
import json
import shutil
import threading
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from crosslift.shop import Shop
from crosslift.web.app import build
from crosslift.web.office.single_sign_on import CALLBACK, OUT, START, link_of

CLIENT, SECRET = "crosslift-shop", "s3cret of:the client"


@cache
def key(name):
    """The keys of the provider, made when the first test needs them; `two` is an elliptic one."""
    return ECKey.generate_key("P-256", {"kid": name}) if name == "two" else RSAKey.generate_key(2048, {"kid": name})


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class Provider:
    """An OpenID provider on loopback; what it tells is in the hands of the test."""

    def __init__(self, now):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self)

            def do_POST(self):
                provider.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.now = now
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.reset()

    def reset(self):
        self.published, self.said, self.claims, self.header, self.sign = (
            ["one"],
            {},
            {},
            {"alg": "RS256", "kid": "one"},
            None,
        )
        self.asked, self.n_keys, self.codes, self.userinfo = [], 0, {}, {}

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        path = handler.path
        self.asked.append((path, handler.headers.get("authorization"), body))
        status, told = 200, {}
        if path == "/.well-known/openid-configuration":
            told = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo", "end_session_endpoint": f"{self.issuer}/end",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"], **self.said,
            }  # fmt: skip
        elif path == "/keys":
            self.n_keys += 1
            told = {"keys": [key(name).as_dict(private=False) for name in self.published]}
        elif path == "/userinfo":
            told = self.userinfo
        elif path == "/token":
            status, told = self.exchange(dict(parse_qsl(body.decode())), handler.headers.get("authorization"))
        content = json.dumps(told).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def exchange(self, form, authorization):
        begun = self.codes.pop(form.get("code"), None)
        challenge = (
            base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        )
        name, _, secret = base64.b64decode((authorization or " ").partition(" ")[2]).decode().partition(":")
        is_client = (name, secret) == (CLIENT, "s3cret%20of%3Athe%20client")
        if begun is None or begun["code_challenge"] != challenge or form["redirect_uri"] != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if not is_client:
            return 401, {"error": "invalid_client"}
        return 200, {"id_token": self.id_token(begun["nonce"]), "access_token": "at", "token_type": "Bearer"}

    def id_token(self, nonce):
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "248289", "exp": now + 300, "iat": now, "nonce": nonce,
            "email": "mina@shop.example", "email_verified": True, "groups": ["shop-team"], **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode(self.header, claims, key(self.header["kid"]))

    def authorize(self, address):
        """Be the page of the provider: its user says yes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        assert address.startswith(f"{self.issuer}/authorize?")
        code = f"code-{len(self.asked)}"
        self.codes[code] = asked
        return asked, {"code": code, "state": asked["state"]}


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, app):
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")

    def get(self, path, **options):
        return asyncio.run(self._client.get(path, **options))

    def delete(self, path, **options):
        return asyncio.run(self._client.delete(path, **options))


@pytest.fixture(scope="module")
def world(little, pantry_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("oidc")
    shutil.copytree(pantry_home, folder / "home")
    (folder / "secret").write_text(f"{SECRET}\n")
    clock = little.Clock()
    provider = Provider(clock)
    settings = {
        "oidc.issuer": provider.issuer, "oidc.client_id": CLIENT, "oidc.client_secret_file": str(folder / "secret"),
        "oidc.public_address": "http://shop.test/", "oidc.roles": "shop-team = merchandiser + marketer, desk = agent",
        "oidc.allow_private": True, "oidc.name": "Example login", "limits.sign_ins_per_minute": 10_000.0,
    }  # fmt: skip
    with Shop(folder / "home", settings, clock=clock) as shop:
        yield shop, provider, clock
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def begun(world):
    """A fresh application and browser; the provider tells the truth."""
    shop, provider, _ = world
    provider.reset()
    app = build(shop)
    yield shop, provider, Browser(app)
    app.served.close()


def come_in(provider, browser, to="/app/products", **changed):
    """Go there and come back, as `changed` says of the way back."""
    started = browser.get(START, params={"next": to})
    assert started.status_code == 303, started.text
    _, back = provider.authorize(started.headers["location"])
    query = {name: value for name, value in {**back, **changed}.items() if value is not None}
    return browser.get(CALLBACK, params=query), query


def refused(answer, what):
    assert answer.status_code == 403, answer.text
    assert what in answer.text
    assert "crosslift_session" not in answer.headers.get("set-cookie", "")


def test_o03_single_sign_on_opens_a_session_with_the_roles_of_the_group(begun):
    shop, provider, browser = begun
    answer, _ = come_in(provider, browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/products")
    session = browser.get("/v1/session").json()
    assert (session["login"], session["roles"]) == ("mina@shop.example", ["merchandiser", "marketer"])
    assert browser.get("/v1/policies").status_code == 200
    assert browser.get("/v1/keys").status_code == 403
    assert "oidc" in str(shop.audit.entries(action="session.open")[0]["details"])
    assert not any("code" in path for path, _, _ in provider.asked)


def test_o03_single_sign_on_gives_other_roles_with_another_group_and_never_an_admin(begun):
    shop, provider, browser = begun
    come_in(provider, browser)
    provider.claims = {"groups": ["desk", "admins"]}
    come_in(provider, browser)
    assert browser.get("/v1/session").json()["roles"] == ["agent"]
    shop.users.invite("owner@shop.example", ["admin"])
    provider.claims = {"sub": "owner", "email": "owner@shop.example", "groups": ["desk"]}
    come_in(provider, browser)
    assert browser.get("/v1/session").json()["roles"] == ["agent", "admin"]


def test_o03_single_sign_on_lets_nobody_in_without_a_group_or_an_invitation(begun):
    shop, provider, browser = begun
    provider.claims = {"sub": "eve", "email": "eve@shop.example", "groups": []}
    refused(come_in(provider, browser)[0], "nobody invited your address")
    shop.users.invite("eve@shop.example", ["viewer"])
    assert come_in(provider, browser)[0].status_code == 303
    assert browser.get("/v1/session").json()["roles"] == ["viewer"]
    shop.users.change("eve@shop.example", is_active=False)
    refused(come_in(provider, browser)[0], "was shut out")


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_o03_single_sign_on_believes_verified_addresses_alone(begun, verified):
    _, provider, browser = begun
    provider.claims = {"sub": "mallory", "email": "m@shop.example", "email_verified": verified}
    refused(come_in(provider, browser)[0], "not verified your address")


def test_o03_single_sign_on_does_not_hand_a_user_to_another_account(begun):
    _, provider, browser = begun
    come_in(provider, browser)
    provider.claims = {"sub": "somebody-else"}
    refused(come_in(provider, browser)[0], "belongs to another account")
    provider.claims = {"email": "new-address@shop.example", "email_verified": False}
    assert come_in(provider, browser)[0].status_code == 303  # the same account, whatever its address
    assert browser.get("/v1/session").json()["login"] == "mina@shop.example"


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"nonce": "another"}, "wrong nonce"), ({"nonce": None}, "wrong nonce"), ({"aud": "another"}, "wrong audience"),
        ({"aud": [CLIENT, "another"]}, "wrong authorized party"), ({"azp": "another"}, "wrong authorized party"),
        ({"iss": "https://evil.example"}, "wrong issuer"), ({"exp": 1_000}, "wrong end"), ({"exp": None}, "wrong end"),
        ({"exp": "soon"}, "wrong end"), ({"iat": 99_999_999_999}, "wrong beginning"), ({"sub": ""}, "wrong subject"),
        ({"sub": 7}, "wrong subject"),
    ],
)  # fmt: skip
def test_o03_single_sign_on_refuses_tokens_that_are_not_for_this_sign_in(begun, claims, what):
    _, provider, browser = begun
    provider.claims = claims
    refused(come_in(provider, browser)[0], what)


def none_alg(claims):
    return f"{packed({'alg': 'none', 'typ': 'JWT'})}.{packed(claims)}."


def hs256_of(secret):
    def sign(claims):
        text = f"{packed({'alg': 'HS256', 'kid': 'one'})}.{packed(claims)}"
        stamp = hmac.new(secret, text.encode(), sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(stamp).decode().rstrip('=')}"

    return sign


def by_the_public_key(claims):
    """Sign with what everybody knows, for whoever takes the algorithm from the token."""
    return hs256_of(key("one").as_pem(private=False))(claims)


@pytest.mark.parametrize(
    "sign",
    [
        none_alg, by_the_public_key, hs256_of(SECRET.encode()),
        lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, key("forged")),
        lambda claims: jwt.encode({"alg": "ES256", "kid": "two"}, claims, key("two")),
        lambda claims: "not.a.token", lambda claims: "", lambda claims: "x" * 30_000,
        lambda claims: f"{packed([])}..{packed(claims)}",
    ],
    ids=["none", "hs256-public-key", "hs256-secret", "other-key", "unpublished-key", "garbage", "empty", "long", "no-header"],
)  # fmt: skip
def test_o03_single_sign_on_refuses_tokens_the_provider_did_not_sign(begun, sign):
    _, provider, browser = begun
    provider.sign = sign
    answer, _ = come_in(provider, browser)
    refused(answer, "")


def test_o03_single_sign_on_follows_the_provider_to_new_keys(begun, world):
    _, provider, browser = begun
    clock = world[2]
    assert come_in(provider, browser)[0].status_code == 303
    provider.published, provider.header = ["two"], {"alg": "ES256", "kid": "two"}
    clock.move(minutes=1)
    assert come_in(provider, browser)[0].status_code == 303
    assert provider.n_keys == 2
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "x"}, claims, key("x"))
    for _ in range(3):
        refused(come_in(provider, browser)[0], "not signed by the provider")
    assert provider.n_keys == 2, "whoever forges tokens does not make us ask for keys all the time"


def test_o03_single_sign_on_answers_each_state_once_and_only_the_browser_that_began(begun):
    _, provider, browser = begun
    answer, query = come_in(provider, browser)
    assert answer.status_code == 303
    refused(browser.get(CALLBACK, params=query), "not begun here")
    refused(come_in(provider, browser, state="another")[0], "not begun here")
    refused(come_in(provider, Browser(browser._client._transport.app), state=None)[0], "not begun here")
    refused(browser.get(CALLBACK, params={"code": "x", "state": query["state"]}), "not begun here")


def test_o03_single_sign_on_refuses_a_ticket_that_is_replayed_or_altered(begun):
    _, provider, browser = begun
    started = browser.get(START)
    cookie = started.headers["set-cookie"].split(";")[0]
    _, back = provider.authorize(started.headers["location"])
    other = Browser(browser._client._transport.app)
    assert other.get(CALLBACK, params=back, headers={"Cookie": cookie}).status_code == 303
    refused(
        Browser(browser._client._transport.app).get(CALLBACK, params=back, headers={"Cookie": cookie}), "used already"
    )
    name, _, ticket = cookie.partition("=")
    text, _, stamp = ticket.partition(".")
    altered = packed({**json.loads(base64.urlsafe_b64decode(text + "==")), "to": "https://evil.example"})
    for bad in (f"{altered}.{stamp}", f"{text}.", text, "a.b", ".", f"{text}.{'0' * 48}"):
        found = Browser(browser._client._transport.app).get(CALLBACK, params=back, headers={"Cookie": f"{name}={bad}"})
        refused(found, "not begun here")


def test_o03_single_sign_on_that_takes_too_long_begins_again(begun, world):
    _, provider, browser = begun
    clock = world[2]
    started = browser.get(START)
    _, back = provider.authorize(started.headers["location"])
    cookie = started.headers["set-cookie"].split(";")[0]
    clock.move(minutes=11)
    refused(browser.get(CALLBACK, params=back, headers={"Cookie": cookie}), "took too long")


def test_o03_single_sign_on_is_not_mixed_up_with_another_provider(begun):
    _, provider, browser = begun
    refused(come_in(provider, browser, iss="https://evil.example")[0], "another provider")
    assert come_in(provider, browser, iss=provider.issuer)[0].status_code == 303
    provider.said = {"authorization_response_iss_parameter_supported": True}
    app = build(begun[0])
    refused(come_in(provider, Browser(app))[0], "another provider")
    provider.said = {"issuer": "https://evil.example"}
    strange = build(begun[0])
    refused(Browser(strange).get(START), "oidc.issuer has to be just that")
    for one in (app, strange):
        one.served.close()


def test_o03_single_sign_on_needs_the_code_the_verifier_and_a_yes(begun):
    _, provider, browser = begun
    refused(come_in(provider, browser, code=None)[0], "no code")
    refused(come_in(provider, browser, code="stolen")[0], "answers 400")
    refused(come_in(provider, browser, error="access_denied")[0], "Example login says access_denied")
    refused(come_in(provider, browser, error="<script>")[0], "says no")


def test_o03_single_sign_on_asks_for_the_address_where_the_token_has_none(begun):
    _, provider, browser = begun
    provider.claims = {"sub": "quiet", "email": None, "email_verified": None}
    provider.userinfo = {"sub": "quiet", "email": "quiet@shop.example", "email_verified": True}
    assert come_in(provider, browser)[0].status_code == 303
    provider.claims["sub"] = "other"
    refused(come_in(provider, browser)[0], "somebody else")


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "/app/../../x", "javascript:1"]
)
def test_o03_single_sign_on_leads_to_pages_of_ours_alone(begun, to):
    _, provider, browser = begun
    answer, _ = come_in(provider, browser, to=to)
    assert answer.headers["location"] == "/app"


def test_o03_single_sign_on_leads_out_at_the_provider_as_well(begun):
    shop, provider, browser = begun
    come_in(provider, browser)
    browser.delete("/v1/session")
    assert browser.get("/v1/session").json()["login"] is None
    place = browser.get(OUT).headers["location"]
    assert place.startswith(
        f"{provider.issuer}/end?client_id={CLIENT}&post_logout_redirect_uri=http%3A%2F%2Fshop.test%2F"
    )
    assert link_of(build(shop).served, "/app/audit") == (f"{START}?next=%2Fapp%2Faudit", "Example login")


def test_o03_single_sign_on_fetches_nothing_from_inside_unless_the_settings_let_it(
    little, pantry_home, tmp_path, world
):
    shutil.copytree(pantry_home, tmp_path / "home")
    settings = {"oidc.issuer": world[1].issuer, "oidc.client_id": CLIENT, "oidc.public_address": "https://shop.example"}
    world[1].reset()
    with Shop(tmp_path / "home", settings, clock=little.Clock()) as shop:
        app = build(shop)
        refused(Browser(app).get(START), "https")
        app.served.close()
    assert world[1].asked == []


def test_o03_single_sign_on_makes_no_admins_by_a_setting_and_is_not_there_unset(little, pantry_home, tmp_path):
    shutil.copytree(pantry_home, tmp_path / "home")
    for settings, status in (
        ({}, 404),
        ({"oidc.issuer": "https://login.example"}, 400),
        ({"oidc.issuer": "https://login.example", "oidc.client_id": "c", "oidc.public_address": "https://s.example",
          "oidc.roles": "boss = admin"}, 400),
    ):  # fmt: skip
        with Shop(tmp_path / "home", settings, clock=little.Clock()) as shop:
            app = build(shop)
            assert Browser(app).get(START).status_code == status
            assert Browser(app).get(CALLBACK).status_code == status
            app.served.close()
