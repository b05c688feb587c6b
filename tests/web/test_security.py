"""Who may come in and what for: roles, sessions, a stolen publishable key, limits, headers, and no secret in a log."""

import base64
import json
import shutil

import pytest
from structlog.testing import capture_logs

from crosslift.domain.access import ALLOWED, Permission, Role
from crosslift.shop import Shop
from crosslift.web.limits import MOST, Buckets
from crosslift.web.openapi import OPERATIONS
from crosslift.web.permissions import PERMISSIONS, needed
from crosslift.web.security import Key

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
KEYED = {one.name for one in OPERATIONS if one.keys}


@pytest.fixture(scope="module")
def door(learned_home, tmp_path_factory, open_door):
    """One server for all of these; nobody learns or erases here."""
    home = tmp_path_factory.mktemp("secured") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, {"shop.currency": "KRW"}) as shop, open_door(shop) as one:
        yield one.wait_until_ready()


@pytest.fixture(scope="module")
def mina(door):
    """A marketer who chose a password."""
    invited = door.shop.users.invite("mina", ["marketer"])
    door.shop.users.choose_password(invited["token"], PASSWORD)
    return invited["user_id"]


@pytest.fixture
def session(door, mina):
    """Cookie and CSRF token of a fresh session of hers."""
    token, _ = door.shop.users.sign_in("mina", PASSWORD)
    return {"Cookie": f"crosslift_session={token}"}, {"X-CSRF-Token": door.shop.users.csrf_of(token)}


# roles ---------------------------------------------------------------------------------------------------------------


def test_every_permission_is_of_an_endpoint_that_is_there():
    assert set(PERMISSIONS) - {one.name for one in OPERATIONS} == set()
    assert needed("an endpoint of tomorrow") is Permission.MANAGE


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("method", "path", "name", "body"),
    [
        ("GET", "/v1/policies", "get_policies", None), ("POST", "/v1/decide", "decide", {"placement": "cart", "cart": ["DRIP"]}),
        ("POST", "/v1/policies/check", "check_policy", {"text": 'name = "ours"\nextends = "helpful"\n'}),
        ("GET", "/v1/customers/c2", "get_customer", None), ("GET", "/v1/customers/c2/export", "export_customer", None),
        ("GET", "/v1/audit", "get_audit", None), ("GET", "/v1/keys", "get_keys", None), ("GET", "/v1/users", "get_users", None),
        ("POST", "/v1/collect", "collect", {"batch": []}), ("PUT", "/v1/facts/customers", "put_facts", {"customers": []}),
    ],
)  # fmt: skip
def test_a_key_may_do_what_its_roles_allow_and_nothing_else(door, role, method, path, name, body):
    key = door.shop.keys.create("secret", role, (role,))
    answer = door.ask(method, path, body, key=key)
    if needed(name) in ALLOWED[role]:
        assert answer.status_code in (200, 422), answer.text
    else:
        assert answer.status_code == 403
        assert f"this caller is {role}" in answer.json()["detail"]


def test_the_doors_of_other_vendors_open_to_whoever_may_feed_the_shop(door):
    batch = json.dumps({"batch": []}).encode()
    status = {}
    for role in (Role.AGENT, Role.MERCHANDISER, Role.ADMIN):
        key = door.shop.keys.create("secret", role, (role,))
        basic = base64.b64encode(f"{key}:".encode()).decode()
        status[role] = door.ask(
            "POST", "/compat/segment/v1/batch", batch, key=None, headers={"Authorization": f"Basic {basic}"}
        ).status_code
    assert status == {Role.AGENT: 400, Role.MERCHANDISER: 400, Role.ADMIN: 200}  # a refusal in the vendor's words


def test_an_admin_may_do_everything_and_a_viewer_changes_nothing():
    assert ALLOWED[Role.ADMIN] == set(Permission)
    assert ALLOWED[Role.VIEWER] == {Permission.LOOK}
    assert KEYED


# sessions ------------------------------------------------------------------------------------------------------------


def test_who_signs_in_gets_a_cookie_no_script_reads(door, mina):
    answer = door.ask("POST", "/v1/session", {"login": "Mina", "password": PASSWORD}, key=None)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("crosslift_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    said = answer.json()
    assert (said["user_id"], said["roles"]) == (mina, ["marketer"])
    sent = {"Cookie": cookie.partition(";")[0]}
    assert door.ask("GET", "/v1/session", key=None, headers=sent).json()["csrf"] == said["csrf"]
    out = door.ask("DELETE", "/v1/session", key=None, headers=sent)
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert door.ask("GET", "/v1/session", key=None, headers=sent).json()["user_id"] is None


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(door, mina):
    body = {"login": "mina", "password": PASSWORD}
    answer = door.ask("POST", "/v1/session", body, key=None, headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["set-cookie"].startswith("__Host-crosslift_session=")
    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_a_session_may_what_its_roles_allow(door, session):
    cookie, csrf = session
    assert door.ask("GET", "/v1/policies", key=None, headers=cookie).status_code == 200
    answer = door.ask("GET", "/v1/users", key=None, headers=cookie)
    assert (answer.status_code, "this caller is marketer" in answer.text) == (403, True)
    draft = {"text": 'name = "hers"\nextends = "helpful"\n', "author": "mina", "reason": "try"}
    assert door.ask("PUT", "/v1/policies", draft, key=None, headers={**cookie, **csrf}).status_code == 200


def test_what_a_session_did_is_told_under_its_user(door, session, mina):
    cookie, csrf = session
    draft = {"text": 'name = "told"\nextends = "helpful"\n', "author": "mina", "reason": "try"}
    door.ask("PUT", "/v1/policies", draft, key=None, headers={**cookie, **csrf})
    [entry] = [one for one in door.shop.audit.entries(action="policy.draft") if one["object"] == "told"]
    assert entry["actor"] == f"user:{mina}"
    draft["text"] += "# again"
    door.ask("PUT", "/v1/policies", draft)
    assert door.shop.audit.entries(action="policy.draft")[0]["actor"].startswith("key:")


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 48}, {"X-CSRF-Token": "ü".encode()}],
    ids=["none", "empty", "wrong", "odd"],
)
def test_another_sites_page_cannot_use_a_session(door, problem, session, headers):
    draft = {"text": 'name = "evil"\nextends = "helpful"\n', "author": "a", "reason": "b"}
    answer = door.ask("PUT", "/v1/policies", draft, key=None, headers={**session[0], **headers})
    problem(answer, 403, "csrf_wrong")


def test_a_request_the_browser_says_is_another_sites_is_refused_even_with_the_token(door, problem, session):
    draft = {"text": 'name = "evil"\nextends = "helpful"\n', "author": "a", "reason": "b"}
    sent = {**session[0], **session[1], "Sec-Fetch-Site": "cross-site"}
    problem(door.ask("PUT", "/v1/policies", draft, key=None, headers=sent), 403, "csrf_wrong")


@pytest.mark.parametrize("cookie", ["crosslift_session=", "crosslift_session=x", "a=b; crosslift_session", "=;=;", "ü"])
def test_what_is_no_session_is_nobody(door, problem, cookie):
    sent = {"Cookie": cookie.encode()}
    problem(door.ask("GET", "/v1/policies", key=None, headers=sent), 401, "key_needed")
    assert door.ask("GET", "/v1/session", key=None, headers=sent).json()["user_id"] is None


def test_signing_in_is_tried_only_so_often(door, problem):
    body = {"login": "somebody", "password": "wrong wrong wrong"}
    sent = {"X-Forwarded-For": "203.0.113.9"}
    answers = [door.ask("POST", "/v1/session", body, key=None, headers=sent) for _ in range(12)]
    assert [one.status_code for one in answers[:10]] == [401] * 10
    problem(answers[0], 401, "sign_in_wrong")
    problem(answers[-1], 429, "too_many_requests")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


# a stolen publishable key --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/customers/c2", "/v1/consents?customer=c2", "/v1/audit", "/v1/users", "/v1/keys"])
@pytest.mark.parametrize("with_token", [False, True])
def test_it_reads_no_profile(door, problem, path, with_token):
    headers = {"X-Crosslift-Customer": door.shop.keys.token("c2")} if with_token else {}
    problem(door.ask("GET", path, key="publishable", headers=headers), 403, "refused")


def test_it_names_no_customer(door):
    answer = door.ask(
        "POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"], "customer": "c2"}, key="publishable"
    )
    said = answer.json()
    assert "customer_ignored:publishable_key" in said["warnings"]
    row, _ = door.shop.records.decision(said["decision_id"])
    assert row["identity"] is None


def test_with_a_token_it_speaks_for_that_customer_alone(door, problem):
    token = {"X-Crosslift-Customer": door.shop.keys.token("c2")}
    body = {"placement": "cart", "cart": ["DRIP"]}
    for named in ({}, {"customer": "c2"}):
        said = door.ask("POST", "/v1/decide", {**body, **named}, key="publishable", headers=token).json()
        assert (said["purpose"], said["warnings"]) == ("personalization", [])
    answer = door.ask("POST", "/v1/decide", {**body, "customer": "c4"}, key="publishable", headers=token)
    assert problem(answer, 403, "refused")["detail"].startswith("this customer token speaks for another")
    answer = door.ask("POST", "/v1/decide", {**body, "trace": True}, key="publishable", headers=token)
    problem(answer, 403, "refused")


def test_a_token_that_is_not_good_is_refused(door, problem, learned_home, tmp_path):
    shutil.copytree(learned_home, tmp_path / "other")
    with Shop(tmp_path / "other") as other:
        other.records.set_meta("secret", "ab" * 32)
        theirs = other.keys.token("c2")
    for token in (theirs, "ct_", "c2"):
        answer = door.ask(
            "POST", "/v1/decide", {"placement": "cart"}, key="publishable", headers={"X-Crosslift-Customer": token}
        )
        problem(answer, 401, "token_wrong")


@pytest.mark.parametrize("visitor", [{"anonymous": "a1"}, {"session": "s1"}])
def test_it_answers_no_other_visitors_decision(door, problem, visitor):
    made = door.ask(
        "POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"], "k": 1, **visitor}, key="publishable"
    ).json()
    said = {"decision_id": made["decision_id"], "action": "click", "product": made["offers"][0]["product"]}
    for wrong in ({}, {"anonymous": "a2"}, {"session": "s2"}, {"anonymous": "s1"}, {"session": "a1"}):
        problem(door.ask("POST", "/v1/respond", {**said, **wrong}, key="publishable"), 404, "not_found")
    assert door.ask("POST", "/v1/respond", {**said, **visitor}, key="publishable").json()["new"] == 1


def test_a_customers_decision_is_answered_with_a_token_or_by_the_merchant(door, problem):
    made = door.decide(customer="c2", k=1)
    said = {"decision_id": made["decision_id"], "action": "exposure", "product": made["offers"][0]["product"]}
    problem(door.ask("POST", "/v1/respond", said, key="publishable"), 404, "not_found")
    wrong = {"X-Crosslift-Customer": door.shop.keys.token("c4")}
    problem(door.ask("POST", "/v1/respond", said, key="publishable", headers=wrong), 404, "not_found")
    right = {"X-Crosslift-Customer": door.shop.keys.token("c2")}
    assert door.ask("POST", "/v1/respond", said, key="publishable", headers=right).json()["new"] == 1
    assert door.ask("POST", "/v1/respond", {**said, "action": "click"}).json()["new"] == 1


def test_each_thing_is_told_once_whatever_ids_and_times_are_given(door):
    made = door.ask(
        "POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"], "k": 1, "anonymous": "a9"}, key="publishable"
    ).json()
    said = {
        "decision_id": made["decision_id"], "action": "click", "product": made["offers"][0]["product"], "anonymous": "a9",
    }  # fmt: skip
    extra = ({}, {"response_id": "r1"}, {"response_id": "r2"}, {"at": "2026-03-01T00:00:00Z"})
    assert [door.ask("POST", "/v1/respond", {**said, **one}, key="publishable").json()["new"] for one in extra] == [
        1,
        0,
        0,
        0,
    ]


# limits --------------------------------------------------------------------------------------------------------------


def test_buckets_fill_up_again_and_are_never_more_than_so_many():
    now = [0.0]
    buckets = Buckets(2, 4, lambda: now[0])
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now[0] += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    for number in range(MOST + 50):
        buckets.take(str(number))
    assert len(buckets) == MOST
    assert Buckets(0, 0, lambda: 0.0).take("a") == 0


def test_an_address_that_asks_too_often_is_told_when_to_come_back(door, problem, monkeypatch):
    monkeypatch.setattr(door.served.limits, "_addresses", Buckets(1, 3, lambda: 0.0))
    ask = {"placement": "cart", "cart": ["DRIP"]}

    def come(address, key="publishable"):
        return door.ask("POST", "/v1/decide", ask, key=key, headers={"X-Forwarded-For": address})

    assert [come("203.0.113.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = come("203.0.113.1")
    problem(refused, 429, "too_many_requests")
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["access-control-allow-origin"] == "*"
    assert come("203.0.113.1", key="pk_guessed").status_code == 429
    assert come("203.0.113.2").status_code == 200
    assert come("2001:db8::1").status_code == 200
    assert [come(f"2001:db8::{n}").status_code for n in range(2, 5)] == [200, 200, 429]  # one network is one caller
    assert come("203.0.113.1", key="secret").status_code == 200


def test_pages_and_deliveries_are_counted_by_address_and_health_never_is(door, problem, monkeypatch):
    monkeypatch.setattr(door.served.limits, "_addresses", Buckets(1, 2, lambda: 0.0))
    assert [door.ask("GET", "/docs", key=None).status_code for _ in range(2)] == [200, 200]
    for method, path in (("GET", "/docs"), ("POST", "/v1/webhooks/x"), ("GET", "/v1/policies"), ("GET", "/v1/session")):
        refused = door.ask(method, path, key=None)
        problem(refused, 429, "too_many_requests")
        assert refused.headers["x-content-type-options"] == "nosniff"
    assert [door.ask("GET", path, key=None).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
    assert door.ask("GET", "/v1/policies").status_code == 200


def test_a_key_has_a_limit_where_one_is_set(door, problem, monkeypatch):
    monkeypatch.setattr(door.served.limits, "_keys", Buckets(1, 2, lambda: 0.0))
    assert [door.ask("GET", "/v1/policies").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"), ("127.0.0.1", "1.1.1.1, 203.0.113.1, ::1", "203.0.113.1"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"), ("127.0.0.1", None, "127.0.0.1"),
        ("::ffff:198.51.100.7", None, "198.51.100.7"), ("127.0.0.1", "nonsense", "nonsense"),
    ],
)  # fmt: skip
def test_only_a_trusted_proxy_says_where_somebody_comes_from(door, peer, told, found):
    headers = [(b"x-forwarded-for", told.encode())] if told else []
    assert door.served.limits.address_of({"client": (peer, 1), "headers": headers}) == found


# headers and logs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs"), ("GET", "/preview"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/nowhere"),
        ("GET", "/v1/policies"), ("POST", "/v1/decide"), ("GET", "/v1/decide"), ("GET", "/openapi.json"), ("GET", "/v1/session"),
    ],
)  # fmt: skip
def test_every_answer_tells_the_browser_what_not_to_do(door, method, path):
    headers = door.ask(method, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


def test_no_secret_is_logged_or_shown_whatever_goes_wrong(door, mina, caplog, capfd):
    """Keys, tokens, passwords, cookies and webhook secrets, each sent right and wrong, with a failure of our own on top."""
    webhook = door.shop.webhooks.create("leaky", "typeform")
    key = door.shop.keys.create("secret", "leaky")
    token = door.shop.keys.token("c2")
    link = door.shop.users.link("mina")
    session, _ = door.shop.users.sign_in("mina", PASSWORD)
    csrf = door.shop.users.csrf_of(session)
    secrets = [webhook.secret, key, token, link, session, csrf, PASSWORD, "sk_wrong-one", "a wrong password"]
    shown = []
    with capture_logs() as logs, pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(door.shop), "snapshots", lambda _: 1 / 0)
        sent = {"Cookie": f"crosslift_session={session}", "X-CSRF-Token": csrf, "X-Crosslift-Customer": token}
        for one in (key, "sk_wrong-one"):
            for path in ("/v1/snapshots", "/v1/policies", "/v1/nowhere", "/v1/audit"):
                shown.append(door.ask("GET", path, key=one, headers=sent).text)
        for body in ({"login": "mina", "password": "a wrong password"}, {"login": "mina", "password": 5, "x": key}):
            shown.append(
                door.ask("POST", "/v1/session", body, key=None, headers={"X-Forwarded-For": "203.0.113.77"}).text
            )
        shown.append(door.ask("POST", "/v1/session/password", {"token": link, "password": "short"}, key=None).text)
        shown.append(
            door.ask("POST", "/v1/voice/leaky", b"{}", key=None, headers={"Typeform-Signature": webhook.secret}).text
        )
        shown.append(door.ask("POST", "/v1/decide", b"{", key=key).text)
    assert any(one["event"] == "request_failed" for one in logs)
    written = "\n".join((str(logs), caplog.text, *capfd.readouterr(), *shown, str(door.shop.audit.entries(limit=1000))))
    assert [secret for secret in secrets if secret in written] == []


def test_who_asks_is_shown_without_a_secret():
    assert repr(Key("secret", "key:k1", (Role.ADMIN,))).count("sk_") == 0
