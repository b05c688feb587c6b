"""What a page of another site asks: one request without a preflight, a publishable key in the address, a token in the body."""

import json
from datetime import timedelta

import pytest
import structlog

from crosslift.web.openapi import OPERATIONS
from crosslift.web.router import HOT

SHOP = "https://shop.example"
PLAIN = "text/plain;charset=UTF-8"
BODIES = {
    "/v1/decide": {"placement": "cart", "cart": ["DRIP"]},
    "/v1/decide/page": {"cart": ["DRIP"], "page": [{"placement": "cart"}]},
    "/v1/collect": {"batch": [{"type": "page", "anonymousId": "a1", "messageId": "m1"}]},
    "/v1/respond": {"responses": []},
    "/compat/segment/v1/batch": {"batch": [{"type": "page", "anonymousId": "a1", "messageId": "m1"}]},
}


@pytest.fixture
def foreign(door):
    """Ask as a page of another site does: nothing in the headers that would need a preflight."""

    def foreign(path, body, *, key=None, origin=SHOP, **parameters):
        params = {"key": door.publishable if key is None else key, **parameters}
        headers = {"Content-Type": PLAIN, "Origin": origin, "Host": "crosslift.example"}
        return door.ask("POST", path, json.dumps(body).encode(), key=None, headers=headers, params=params)

    return foreign


@pytest.fixture
def listed(door):
    """A publishable key that answers pages of one origin."""
    return door.shop.keys.create("publishable", origins=[SHOP])


@pytest.mark.parametrize("path", BODIES)
def test_a_page_of_another_site_asks_in_one_request(foreign, path):
    answer = foreign(path, BODIES[path])
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", HOT)
def test_a_key_that_names_origins_answers_their_pages_alone(foreign, listed, problem, path):
    body = BODIES.get(path, {"decision_id": "d", "product": "DRIP"})
    answer = foreign(path, body, key=listed)
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "Origin"
    for other in ("https://elsewhere.example", "http://shop.example", "https://shop.example.evil.example", "null"):
        said = problem(foreign(path, body, key=listed, origin=other), 403, "origin_refused")
        assert "crosslift keys create publishable --origin" in said["detail"]


def test_our_own_pages_and_programs_may_use_a_key_that_names_origins(door, foreign, listed):
    assert (
        foreign("/v1/decide", BODIES["/v1/decide"], key=listed, origin="https://crosslift.example").status_code == 200
    )
    assert door.ask("POST", "/v1/decide", BODIES["/v1/decide"], key=listed).status_code == 200


@pytest.mark.parametrize("path", BODIES)
def test_a_secret_key_in_the_address_is_refused_and_said_nowhere(door, foreign, path):
    with structlog.testing.capture_logs() as logs:
        answer = foreign(path, BODIES[path], key=door.secret)
    assert answer.status_code == (400 if path.startswith("/compat") else 403)  # Segment says so
    assert "crosslift keys rotate" in answer.text
    assert door.secret not in answer.text + json.dumps(logs, default=str)


def test_a_key_in_the_address_stands_in_no_log_line(door, foreign, monkeypatch):
    monkeypatch.setattr(door.served.watch, "_slow_ms", 1e-9)
    with structlog.testing.capture_logs() as logs:
        foreign("/v1/decide", BODIES["/v1/decide"])
        foreign("/v1/decide", {"placement": 3})
        foreign("/v1/decide", BODIES["/v1/decide"], key="pk_unknown")
    assert [one["event"] for one in logs] == ["slow_request"] * 3
    assert "pk_" not in json.dumps(logs, default=str)


def test_an_unknown_key_in_the_address_is_no_key(foreign, problem):
    problem(foreign("/v1/decide", BODIES["/v1/decide"], key="pk_nobody"), 401, "key_unknown")
    problem(foreign("/v1/decide", BODIES["/v1/decide"], key=""), 401, "key_needed")


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/decide/page"])
def test_a_customer_token_comes_in_the_body(door, foreign, problem, path):
    token = door.shop.keys.token("c2")

    def first(answer):
        assert answer.status_code == 200, answer.text
        return answer.json().get("answers", [answer.json()])[0]

    known = first(foreign(path, {**BODIES[path], "customer_token": token}))
    assert known["purpose"] == "personalization"
    assert first(foreign(path, BODIES[path]))["purpose"] == "contextual"
    problem(foreign(path, {**BODIES[path], "customer_token": token + "x"}), 401, "token_wrong")
    problem(foreign(path, {**BODIES[path], "customer_token": token, "customer": "c4"}), 403, "refused")


def test_a_customer_answers_for_their_decision_by_a_token_in_the_body(foreign, door, problem):
    token = door.shop.keys.token("c2")
    made = foreign("/v1/decide", {**BODIES["/v1/decide"], "customer_token": token}).json()
    seen = {"decision_id": made["decision_id"], "action": "exposure", "product": made["offers"][0]["product"]}
    problem(foreign("/v1/respond", seen), 404, "not_found")
    assert foreign("/v1/respond", {**seen, "customer_token": token}).json()["new"] == 1
    again = foreign("/v1/respond", {"responses": [seen], "customer_token": token}).json()
    assert (again["new"], again["seen_before"]) == (0, 1)


def test_a_key_in_the_address_is_counted_by_where_it_comes_from(door, foreign, monkeypatch):
    counted = []
    monkeypatch.setattr(door.served.limits, "address", counted.append)
    foreign("/v1/decide", BODIES["/v1/decide"])
    foreign("/v1/decide", BODIES["/v1/decide"], key="pk_nobody")
    assert len(counted) == 2


def test_every_endpoint_a_publishable_key_may_ask_is_asked_from_other_sites():
    assert {one.path for one in OPERATIONS if "publishable" in one.keys and one.method == "POST"} == set(HOT)


def test_a_key_with_origins_goes_on_naming_them_when_it_is_replaced(door, listed):
    (row,) = [one for one in door.shop.keys.known() if one["origins"]]
    assert (row["origins"], row["roles"]) == ([SHOP], [])
    assert door.shop.keys.find(door.shop.keys.rotate(row["key_id"])).origins == (SHOP,)
    made = door.ask("POST", "/v1/keys", {"kind": "publishable", "origins": [f"{SHOP}:443/", SHOP]})
    assert door.shop.keys.find(made.json()["key"]).origins == (SHOP,)


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/cart", "ftp://shop.example", "https://", "https://a:x"]
)
def test_what_is_no_origin_is_refused(door, problem, origin):
    said = problem(door.ask("POST", "/v1/keys", {"kind": "publishable", "origins": [origin]}), 400, "bad_usage")
    assert "write scheme and host alone" in said["detail"]


def test_a_secret_key_names_no_origins(door, problem):
    said = problem(door.ask("POST", "/v1/keys", {"kind": "secret", "origins": [SHOP]}), 400, "bad_usage")
    assert "never in a browser" in said["detail"]


# who does not count

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PHONE = "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36 NAVER(inapp; 1)"
SEEN = {"type": "track", "event": "Product Viewed", "anonymousId": "a1", "properties": {"product_id": "DRIP"}}


def n_kept(shop):
    return [shop.records.table(name, ["id"]).num_rows for name in ("events", "responses")] + [n_decisions(shop)]


def n_decisions(shop):
    return len(shop.records.table("decisions", ["decision_id"]))


@pytest.mark.parametrize("told", ["robot", "staff", "test", GOOGLEBOT])
def test_whoever_is_no_shopper_is_answered_and_nothing_is_kept(door, told):
    headers, member = ({"User-Agent": told}, {}) if "/" in told else ({}, {"traffic": told})
    made = door.ask("POST", "/v1/decide", {**BODIES["/v1/decide"], "anonymous": "a1"}, key="publishable").json()
    before = n_kept(door.shop)

    def ask(path, body):
        return door.ask("POST", path, {**body, **member}, key="publishable", headers=headers).json()

    answer = ask("/v1/decide", {**BODIES["/v1/decide"], "anonymous": "a1"})
    (of_page,) = ask("/v1/decide/page", BODIES["/v1/decide/page"])["answers"]
    kind = member.get("traffic", "robot")
    assert [one["product"] for one in answer["offers"]] == [one["product"] for one in made["offers"]]
    assert answer["decision_id"] is of_page["decision_id"] is None
    assert f"not_counted:{kind}" in answer["warnings"]
    assert f"not_counted:{kind}" in of_page["warnings"]
    seen = {"decision_id": made["decision_id"], "action": "exposure", "anonymous": "a1"}
    assert (
        ask("/v1/respond", seen)
        == ask("/v1/respond", {"responses": [seen]})
        == {"received": 1, "new": 0, "seen_before": 0, "left_out": 1}
    )
    assert ask("/v1/collect", {"batch": [SEEN]}) == {"received": 1, "new": 0, "seen_before": 0, "left_out": 1}
    assert n_kept(door.shop) == before


def test_robots_are_told_by_what_browsers_call_themselves_and_programs_are_none(door):
    for agent in (PHONE, "python-httpx/0.28", "okhttp/4.12", "curl/8.5"):
        answer = door.ask("POST", "/v1/decide", BODIES["/v1/decide"], key="publishable", headers={"User-Agent": agent})
        assert answer.json()["decision_id"]
    for agent in (
        "Mozilla/5.0 HeadlessChrome/140.0",
        "Mozilla/5.0 (compatible; Yeti/1.1)",
        "facebookexternalhit/1.1",
        "bingbot/2.0",
    ):
        answer = door.ask("POST", "/v1/decide", BODIES["/v1/decide"], key="publishable", headers={"User-Agent": agent})
        assert answer.json()["decision_id"] is None
    server = door.ask("POST", "/v1/decide", BODIES["/v1/decide"], headers={"User-Agent": GOOGLEBOT})
    assert server.json()["decision_id"]  # whoever holds a secret key says itself whom it asks for


def test_a_robot_at_the_door_of_segment_leaves_no_event(door):
    sent = {"batch": [SEEN], "writeKey": door.publishable}
    for agent, n in ((GOOGLEBOT, 0), (PHONE, 1)):
        assert (
            door.ask("POST", "/compat/segment/v1/batch", sent, key=None, headers={"User-Agent": agent}).status_code
            == 200
        )
        assert door.shop.records.table("events", ["name"]).num_rows == n


def test_a_try_counts_nowhere_from_the_door_to_the_figures(door):
    shop = door.shop
    products = [{"product_id": "DRIP", "price": 24000, "quantity": 3}]

    def order(name, **said):
        told = {"order_id": name, "currency": "KRW", "products": products, **said}
        return {"type": "track", "event": "Order Completed", "userId": "c1", "messageId": name, "properties": told}

    def counted():
        return [shop.cleaned().lines.num_rows, shop.records.person("customer:c1").owned]

    before = counted()
    answer = door.ask(
        "POST", "/v1/collect", {"batch": [order("try", test=True), {**SEEN, "context": {"test": True}}]}
    ).json()
    assert answer == {"received": 2, "new": 0, "seen_before": 0, "left_out": 2}
    shop.seal()
    assert counted() == before
    (finding,) = [one for one in shop.quality().findings if one.code == "set_apart_test"]
    assert finding.count == 1
    assert door.ask("POST", "/v1/collect", {"batch": [order("real")]}).json()["new"] == 1
    shop.seal()
    assert counted()[0] == before[0] + 1


def test_a_product_that_only_a_page_knows_is_told_as_a_gap_and_sold_nowhere(door):
    seen = {**SEEN, "properties": {"product_id": "NEW", "name": "A page made it up", "price": "9"}}
    assert door.ask("POST", "/v1/collect", {"batch": [seen, SEEN]}, key="publishable").json()["new"] == 2
    door.shop.seal()
    (gap,) = [one for one in door.shop.quality().findings if one.code == "viewed_unknown_product"]
    assert gap.samples == ("NEW: 1 times",)
    assert door.shop.records.known_products({"NEW", "DRIP"}) == {"DRIP"}


# whoever is signed in, and what the browser's clock says


def test_identify_names_the_customer_of_the_token_and_nobody_else(door, problem):
    token = door.shop.keys.token("c2")
    named = {"type": "identify", "anonymousId": "a1", "traits": {"email": "c4@mail.example"}}
    problem(door.ask("POST", "/v1/collect", {"batch": [named]}, key="publishable"), 403, "refused")
    other = {"batch": [{**named, "userId": "c4"}], "customer_token": token}
    problem(door.ask("POST", "/v1/collect", other, key="publishable"), 403, "refused")
    problem(
        door.ask("POST", "/v1/collect", {"batch": [named], "customer_token": "ct_x"}, key="publishable"),
        401,
        "token_wrong",
    )
    assert (
        door.ask("POST", "/v1/collect", {"batch": [], "customer_token": "ct_x"}, key="publishable").status_code == 200
    )
    sent = {"batch": [named, SEEN], "customer_token": token}
    assert door.ask("POST", "/v1/collect", sent, key="publishable").json()["new"] == 2
    rows = door.shop.records.table("events", ["identity", "properties"]).to_pylist()
    assert [(row["identity"], json.loads(row["properties"]).get("traits")) for row in rows] == [
        ("customer:c2", None), ("anonymous:a1", None)
    ]  # fmt: skip
    answer = door.ask("POST", "/v1/decide", {**BODIES["/v1/decide"], "customer": "c2"}).json()
    assert answer["purpose"] == "personalization"
    known = door.ask("GET", "/v1/customers/c2").json()
    assert "anonymous:a1" in json.dumps(known)


@pytest.mark.parametrize(
    ("wrong_by", "is_moved"), [(timedelta(days=400), True), (timedelta(hours=-5), True), (timedelta(seconds=20), False)]
)
def test_a_browsers_clock_is_set_right_by_when_it_sent(door, now, wrong_by, is_moved):
    sent = now + wrong_by
    message = {**SEEN, "timestamp": (sent - timedelta(seconds=9)).isoformat()}
    body = {"batch": [message], "sentAt": sent.isoformat()}
    assert door.ask("POST", "/v1/collect", body, key="publishable").json()["new"] == 1
    (at,) = door.shop.records.table("events", ["at"]).column("at").to_pylist()
    true = now - timedelta(seconds=9)
    assert at == int((true if is_moved else true + wrong_by).timestamp() * 1e6)


@pytest.mark.parametrize("sent_at", ["yesterday", "2026-01-01", "9999-12-31T23:59:59Z"])
def test_a_clock_that_says_nothing_sensible_moves_nothing_out_of_reach(door, sent_at):
    body = {"batch": [{**SEEN, "timestamp": "2026-03-01T00:00:00Z"}], "sentAt": sent_at}
    assert door.ask("POST", "/v1/collect", body, key="publishable").status_code == 200
