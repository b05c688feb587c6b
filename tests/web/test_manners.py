"""What holds of every request: versions, pages of lists, packed answers, requests sent again, rows by line."""

import gzip
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from crosslift.shop import Shop
from crosslift.web import again, lines
from crosslift.web.conditional import GUARDED
from crosslift.web.openapi import OPERATIONS
from crosslift.web.paging import LISTS

POLICY = 'name = "ours"\nextends = "helpful"\n[offers]\nat_most = {}\n'
OFFER = {"offer_id": "visit", "kind": "service", "title_en": "Visit", "currency": "KRW", "lines": [{"price": "30000"}],
         "total": "30000", "benefit_en": ["set up at home"], "cancellation_en": "any time", "beside": ["KETTLE"]}  # fmt: skip
ND = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def one(learned_home, tmp_path_factory, now, open_door):
    home = tmp_path_factory.mktemp("manners") / "home"
    shutil.copytree(learned_home, home)
    settings = {"shop.currency": "KRW", "serve.max_body_bytes": 200_000}
    with Shop(home, settings, clock=lambda: now) as shop, open_door(shop) as door:
        yield door.wait_until_ready()


def rows(*values):
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in values).encode()


def told(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def order(number, product="DRIP", **more):
    return {"order_id": number, "ordered_at": "2026-03-05T00:00:00Z", "product_id": product, "quantity": 1,
            "unit_price": "24000", "currency": "KRW", **more}  # fmt: skip


def test_tables_name_operations_there_are():
    names = {one.name for one in OPERATIONS}
    assert GUARDED.keys() | LISTS.keys() <= names
    paths = {(one.method, one.path) for one in OPERATIONS}
    assert lines.BULK.keys() <= paths


def test_what_is_read_has_a_version_and_is_not_sent_twice(one):
    first = one.ask("GET", "/v1/policies")
    same = one.ask("GET", "/v1/policies", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    one.ask("PUT", "/v1/policies", {"text": POLICY.format(4), "author": "mina", "reason": "fewer"})
    changed = one.ask("GET", "/v1/policies", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_a_change_holds_only_where_nobody_changed_it_meanwhile(one, problem):
    one.ask("PUT", "/v1/policies", {"text": POLICY.format(3), "author": "mina", "reason": "fewer"})
    mine = one.ask("GET", "/v1/policies/ours").headers["etag"]
    version = one.ask("GET", "/v1/policies/ours").json()["version"]
    sent = {"version": version, "author": "mina"}
    one.ask("PUT", "/v1/policies", {"text": POLICY.format(6), "author": "jun", "reason": "more"})
    refused = one.ask("POST", "/v1/policies/ours/publish", sent, headers={"If-Match": mine})
    assert "read it again" in problem(refused, 412, "changed_meanwhile")["detail"]
    read = one.ask("GET", "/v1/policies/ours").headers["etag"]
    assert one.ask("POST", "/v1/policies/ours/publish", sent, headers={"If-Match": read}).status_code == 200
    problem(one.ask("POST", "/v1/policies/ours/publish", sent, headers={"If-Match": read}), 412, "changed_meanwhile")
    problem(one.ask("POST", "/v1/policies/none/publish", sent, headers={"If-Match": "*"}), 412, "changed_meanwhile")


def test_if_match_where_nothing_is_compared_is_refused_not_ignored(one, problem):
    answer = one.ask("PUT", "/v1/products", {"products": []}, headers={"If-Match": '"a"'})
    problem(answer, 400, "bad_usage")


def test_a_change_with_the_version_of_another_page_of_the_list_counts_as_well(one):
    one.ask("PUT", "/v1/offers", {"offers": [OFFER, {**OFFER, "offer_id": "visit-2"}], "author": "m", "reason": "r"})
    page = one.ask("GET", "/v1/offers?limit=1")
    assert [row["offer_id"] for row in page.json()["offers"]] == ["visit"]
    last = one.ask("GET", f"/v1/offers?limit=1&after={page.json()['next']}")
    assert ([row["offer_id"] for row in last.json()["offers"]], last.json()["next"]) == (["visit-2"], None)
    assert page.headers["etag"] == last.headers["etag"]
    put = {"offers": [{**OFFER, "total": "30000", "title_en": "A visit"}], "author": "m", "reason": "r"}
    assert one.ask("PUT", "/v1/offers", put, headers={"If-Match": last.headers["etag"]}).status_code == 200
    assert one.ask("PUT", "/v1/offers", put, headers={"If-Match": last.headers["etag"]}).status_code == 412


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=0", "limit"), ("limit=1001", "limit"), ("limit=²", "limit"), ("after=gone", "after")],
)
def test_wrong_pages_are_told(one, problem, query, parameter):
    said = problem(one.ask("GET", f"/v1/policies?{query}"), 422, "bad_input")
    assert said["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize("operation", sorted(LISTS))
def test_every_list_has_a_cursor(one, operation):
    path = next(o.path for o in OPERATIONS if o.name == operation).replace("{offer_id}", "visit")
    one.ask("PUT", "/v1/offers", {"offers": [OFFER], "author": "m", "reason": "r"})
    assert "next" in one.ask("GET", path).json()


def test_long_answers_come_packed_and_keep_their_version(one):
    plain = one.ask("GET", "/openapi.json", headers={"Accept-Encoding": "identity"})
    packed = one.ask("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    read = one.ask("GET", "/v1/policies/schema", headers={"Accept-Encoding": "gzip"})
    assert read.headers["etag"].endswith('-gz"')
    known = one.ask("GET", "/v1/policies/schema", headers={"If-None-Match": read.headers["etag"]})
    assert known.status_code == 304
    assert "content-encoding" not in one.ask("GET", "/docs", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/identify"])
def test_bodies_may_come_packed_and_do_not_unpack_to_anything(one, problem, path):
    body = {"placement": "cart"} if path == "/v1/decide" else {"customer": "c1", "identifiers": {"anonymous": "a"}}
    zipped = {"Content-Encoding": "gzip"}
    assert one.ask("POST", path, gzip.compress(json.dumps(body).encode()), headers=zipped).status_code == 200
    problem(one.ask("POST", path, gzip.compress(b" " * 10_000_000), headers=zipped), 413, "body_too_large")
    problem(one.ask("POST", path, b"no gzip", headers=zipped), 400, "bad_usage")
    problem(one.ask("POST", path, b"{}", headers={"Content-Encoding": "br"}), 400, "bad_usage")


def test_a_request_sent_again_with_its_key_is_done_once(one, problem):
    named = {"Idempotency-Key": "k-1"}
    first = one.ask("POST", "/v1/keys", {"label": "till"}, headers=named)
    second = one.ask("POST", "/v1/keys", {"label": "till"}, headers=named)
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert [row["label"] for row in one.shop.keys.known()].count("till") == 1
    problem(one.ask("POST", "/v1/keys", {"label": "other"}, headers=named), 409, "conflict")
    problem(one.ask("POST", "/v1/keys", {"label": "till"}, headers={"Idempotency-Key": "k" * 201}), 400, "bad_usage")


def test_a_decision_asked_for_again_is_the_same_decision(one):
    asked = ("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"]})
    first, second = (one.ask(*asked, headers={"Idempotency-Key": "d-1"}).json() for _ in range(2))
    assert first == second
    assert one.ask(*asked).json()["decision_id"] != first["decision_id"]


def test_what_was_refused_may_be_mended_under_the_same_key(one):
    named = {"Idempotency-Key": "k-2"}
    assert one.ask("POST", "/v1/keys", {"kind": "golden"}, headers=named).status_code == 422
    assert one.ask("POST", "/v1/keys", {"kind": "publishable"}, headers=named).status_code == 200


def test_a_key_of_another_caller_is_another_key(one):
    other = one.shop.create_key("secret", "other")
    first = one.ask("POST", "/v1/decide", {"placement": "cart"}, headers={"Idempotency-Key": "d-2"})
    second = one.ask("POST", "/v1/decide", {"placement": "cart"}, key=other, headers={"Idempotency-Key": "d-2"})
    assert first.json()["decision_id"] != second.json()["decision_id"]


def test_an_answer_that_is_kept_is_given_to_nobody_whose_key_was_revoked(one, problem):
    gone = one.shop.create_key("secret", "gone")
    asked = ("POST", "/v1/keys", {"label": "spare"})
    assert one.ask(*asked, key=gone, headers={"Idempotency-Key": "k-3"}).status_code == 200
    found = next(row["key_id"] for row in one.shop.keys.known() if row["label"] == "gone")
    one.shop.keys.revoke(found)
    problem(one.ask(*asked, key=gone, headers={"Idempotency-Key": "k-3"}), 401, "key_unknown")


def test_another_process_does_not_do_it_again(one, problem, monkeypatch):
    asked = ("POST", "/v1/keys", {"label": "elsewhere"})
    assert one.ask(*asked, headers={"Idempotency-Key": "k-4"}).status_code == 200
    monkeypatch.setattr(one.app, "_manners", type(one.app._manners)(one.served))
    problem(one.ask(*asked, headers={"Idempotency-Key": "k-4"}), 409, "already_done")
    problem(one.ask("POST", "/v1/keys", {"label": "x"}, headers={"Idempotency-Key": "k-4"}), 409, "conflict")
    assert [row["label"] for row in one.shop.keys.known()].count("elsewhere") == 1


def test_answers_kept_to_be_given_again_are_bounded(one, monkeypatch):
    monkeypatch.setattr(again, "MOST_KEPT", 3)
    manners = type(one.app._manners)(one.served)
    monkeypatch.setattr(one.app, "_manners", manners)
    for number in range(5):
        one.ask("POST", "/v1/keys/token", {"customer": "c1"}, headers={"Idempotency-Key": f"t-{number}"})
    assert len(manners._again._answers) == 3


def test_each_line_has_its_outcome_in_the_same_order_and_good_rows_are_kept(one):
    sent = rows(
        order("n1"), "{no json", "", order("n2", quantity="some"), order("n3"), "[1]", order("n4", "FILT"), order("n4")
    )
    found = told(one.ask("PUT", "/v1/facts/orders", sent, headers=ND))
    assert [(row["line"], row["outcome"]) for row in found] == [
        (1, "refused"), (2, "refused"), (4, "refused"), (5, "refused"), (6, "refused"), (7, "refused"), (8, "refused"),
    ]  # fmt: skip
    assert [row["code"] for row in found][1::4] == ["malformed_json", "bad_input"]
    assert "line 2 beside it cannot be read" in found[0]["detail"]
    sent = rows(order("n1"), order("n2", quantity="some"), order("n2", "FILT"), order("n3"), order("n4", "FILT"))
    found = told(one.ask("PUT", "/v1/facts/orders", sent, headers=ND))
    assert [row["outcome"] for row in found] == ["new", "refused", "refused", "new", "new"]
    assert (found[1]["pointer"], found[2]["detail"]) == ("/quantity", "line 2 of the same order_id is refused")
    again = told(one.ask("PUT", "/v1/facts/orders", sent, headers=ND))
    assert [row["outcome"] for row in again] == ["same", "refused", "refused", "same", "same"]


def test_rows_of_every_kind_go_by_line(one):
    cases = {
        ("PUT", "/v1/products"): [{"product_id": "N1", "title": "New"}, {"title": "no id"}],
        ("PATCH", "/v1/products"): [{"product_id": "MUG", "stock": 4}, {"product_id": "nobody", "stock": 1}],
        ("PUT", "/v1/offers"): [OFFER, {**OFFER, "offer_id": "bare", "total": None, "lines": [], "author": "m"}],
        ("POST", "/v1/consents"): [{
            "customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "granted", "source": "form",
            "at": "2026-01-01T00:00:00Z",
        }, {"customer_id": "c1"}],
        ("POST", "/v1/collect"): [{"type": "track", "event": "Product Viewed", "anonymousId": "a"}, {"type": "dance"}],
        ("PUT", "/v1/links"): [{"from_id": "MUG", "to_id": "SPOON", "kind": "refill"}, {"from_id": "MUG"}],
        ("PUT", "/v1/facts/customers"): [{"customer_id": "c900"}, {"customer_id": ""}],
    }  # fmt: skip
    outcomes = {
        key: [row["outcome"] for row in told(one.ask(*key, rows(*sent), headers=ND))] for key, sent in cases.items()
    }
    assert outcomes.pop(("PATCH", "/v1/products")) == ["kept", "unknown"]
    assert outcomes.pop(("PUT", "/v1/facts/customers")) == ["new", "refused"]
    assert outcomes.pop(("PUT", "/v1/offers"))[1] == "refused"
    assert set(map(tuple, outcomes.values())) == {("kept", "refused")}


def test_more_rows_than_one_call_takes_go_by_line_packed(one):
    sent = [{"customer_id": f"bulk-{number}", **({"email": 5} if number == 777 else {})} for number in range(1_600)]
    body = gzip.compress(rows(*sent))
    headers = {**ND, "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    answer = one.ask("PUT", "/v1/facts/customers", body, headers=headers)
    found = told(answer)
    assert answer.headers["content-encoding"] == "gzip"
    assert [row["line"] for row in found] == list(range(1, 1_601))
    assert {row["outcome"] for row in found} <= {"new", "refused"}
    cut = one.ask("PUT", "/v1/facts/customers", body[:-9], headers=headers)
    assert "outcome" in cut.text or cut.status_code == 400


def test_what_is_wrong_with_the_call_is_one_answer(one, problem):
    sent = rows(order("x1"), order("x2"))
    problem(one.ask("PUT", "/v1/facts/orders", sent, headers=ND, key=None), 401, "key_needed")
    problem(one.ask("PUT", "/v1/facts/orders", sent, headers=ND, key="publishable"), 403, "refused")
    problem(one.ask("PUT", "/v1/facts/nothing", sent, headers=ND), 404, "not_found")
    problem(one.ask("PUT", "/v1/facts/orders", b"\n\n", headers=ND), 422, "bad_input")
    problem(one.ask("PUT", "/v1/facts/orders", b"x" * 300_000, headers=ND), 413, "body_too_large")
    problem(one.ask("PUT", "/v1/facts/orders", b"x", headers={**ND, "Content-Encoding": "gzip"}), 400, "bad_usage")


def test_a_publishable_key_sends_events_of_nobody_by_line(one):
    sent = rows({"type": "track", "event": "x", "anonymousId": "a"}, {"type": "track", "event": "x", "userId": "c1"})
    assert one.ask("POST", "/v1/collect", sent, headers=ND, key="publishable").status_code == 403
    assert told(one.ask("POST", "/v1/collect", rows({"type": "track", "event": "x", "anonymousId": "a"}), headers=ND,
                        key="publishable"))[0]["outcome"] == "kept"  # fmt: skip


def test_the_second_of_two_at_once_is_told_to_come_back(one, monkeypatch):
    begun, let_go = threading.Event(), threading.Event()
    create = one.shop.keys.create

    def slow(*given):
        begun.set()
        assert let_go.wait(20)
        return create(*given)

    monkeypatch.setattr(one.shop.keys, "create", slow)
    asked = ("POST", "/v1/keys", {"label": "slow"})
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(one.ask, *asked, headers={"Idempotency-Key": "k-5"})
        assert begun.wait(20)
        second = one.ask(*asked, headers={"Idempotency-Key": "k-5"})
        let_go.set()
        assert (second.status_code, second.json()["code"], second.headers["retry-after"]) == (503, "busy", "1")
        assert first.result(20).status_code == 200
    assert [row["label"] for row in one.shop.keys.known()].count("slow") == 1


def test_of_two_who_read_the_same_version_one_changes_it(one):
    one.ask("PUT", "/v1/offers", {"offers": [OFFER], "author": "m", "reason": "r"})
    read = one.ask("GET", "/v1/offers").headers["etag"]
    puts = [{"offers": [{**OFFER, "title_en": f"Visit {n}"}], "author": "m", "reason": "r"} for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda put: one.ask("PUT", "/v1/offers", put, headers={"If-Match": read}), puts))
    assert sorted(answer.status_code for answer in found) == [200] + [412] * 7


def test_lines_end_where_too_many_came_and_what_came_before_is_kept(one, monkeypatch):
    monkeypatch.setattr(lines, "MOST_ROWS", 3)
    found = told(
        one.ask("PUT", "/v1/facts/customers", rows(*({"customer_id": f"most-{n}"} for n in range(5))), headers=ND)
    )
    assert [row["outcome"] for row in found] == ["new", "new", "new", "stopped"]
    assert (found[-1]["line"], found[-1]["code"]) == (None, "body_too_large")


def test_an_order_is_not_parted_between_steps(one, monkeypatch):
    monkeypatch.setattr(lines, "BATCH", 2)
    sent = [order("p1", product) for product in ("DRIP", "FILT", "SERV", "MUG")] + [
        order("p2"),
        order("p3", quantity="?"),
    ]
    found = told(one.ask("PUT", "/v1/facts/orders", rows(*sent), headers=ND))
    assert [row["outcome"] for row in found] == ["new"] * 5 + ["refused"]
    kept = one.shop.records.table("order_lines", ["product_id"], "order_id like ?", ("%p1",))
    assert kept.num_rows == 4


def test_lines_of_nobody_are_not_read(one):
    read = []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": b'{"a": 1}\n', "more_body": True}

    said = []

    async def send(message):
        said.append(message)

    headers = [(b"content-type", b"application/x-ndjson"), (b"x-crosslift-key", b"sk_nobody")]
    scope = {"type": "http", "method": "PUT", "path": "/v1/facts/orders", "raw_path": b"/v1/facts/orders", "query_string": b"",
             "headers": headers, "scheme": "http", "server": ("shop.test", 80), "root_path": ""}  # fmt: skip
    one.run(one.app(scope, receive, send))
    assert (said[0]["status"], read) == (401, [])
