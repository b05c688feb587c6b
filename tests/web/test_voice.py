"""POST /v1/voice/{source}: what survey and review services send, believed by its signature alone."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crosslift.collect.answers.known import SENDERS

SAMPLES = Path(__file__).parents[1] / "unit" / "collect" / "answers" / "samples"
ANSWER = {
    "feedback_id": "f1",
    "at": "2026-03-31T10:00:00Z",
    "customer_id": "c1",
    "kind": "nps",
    "rating": 2,
    "scale": 10,
}
BODIES = {
    "standard": {"type": "survey.answered", "data": ANSWER},
    **{name: json.loads((SAMPLES / f"{name}.json").read_bytes()) for name in SENDERS if name != "standard"},
}
N_ANSWERS = {"standard": 1, "typeform": 9, "tally": 13, "judgeme": 1}


@pytest.fixture
def expected(door):
    """Make a source: `expected("typeform")` gives its webhook."""
    return lambda sender, **options: door.shop.webhooks.create(f"the-{sender}", sender, **options)


@pytest.fixture
def post(door):
    """Send a delivery to a webhook's address, signed unless `headers` are given."""

    def send(webhook, body, headers=None, **options):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = door.sign(webhook, content, **options) if headers is None else headers
        return door.ask("POST", f"/v1/voice/{webhook.source}", content, key=None, headers=headers)

    return send


def feedback(door, *columns):
    return door.shop.records.table("feedback", columns or ["feedback_id"]).to_pylist()


def test_every_sender_has_a_sample():
    assert set(BODIES) == set(SENDERS)


@pytest.mark.parametrize("sender", SENDERS)
def test_a_signed_delivery_is_kept_once_however_often_it_comes(door, expected, post, sender):
    webhook = expected(sender)
    first = post(webhook, BODIES[sender])
    assert first.status_code == 200, first.text
    assert first.json() == {"received": N_ANSWERS[sender], "new": N_ANSWERS[sender], "seen_before": 0, "conflicts": []}
    again = post(webhook, BODIES[sender], delivery_id="msg_2")
    assert again.json() == {"received": N_ANSWERS[sender], "new": 0, "seen_before": N_ANSWERS[sender], "conflicts": []}
    assert len(feedback(door)) == N_ANSWERS[sender]


@pytest.mark.parametrize("sender", SENDERS)
def test_without_a_signature_nothing_is_read(door, expected, post, problem, sender):
    webhook = expected(sender)
    said = problem(post(webhook, b"\xff not even JSON", headers={}), 401, "signature_needed")
    assert webhook.scheme.headers[0] in said["detail"]
    for name in webhook.scheme.headers:
        headers = dict.fromkeys(webhook.scheme.headers, "x") | {name: ""}
        assert name in problem(post(webhook, BODIES[sender], headers), 401, "signature_needed")["detail"]
    assert feedback(door) == []


@pytest.mark.parametrize("sender", SENDERS)
def test_a_wrong_signature_is_refused(door, expected, post, problem, sender):
    webhook = expected(sender)
    body = json.dumps(BODIES[sender]).encode()
    right = door.sign(webhook, body)
    last = webhook.scheme.headers[-1]
    for headers, content in (
        (right, body + b" "), (right, body[:-1] + b" }"), (right | {last: right[last][:-2] + "AA"}, body),
        (right | {last: "ü"}, body), (right | {last: "v1," + "A" * 43 + "="}, body), (dict.fromkeys(right, "x"), body),
    ):  # fmt: skip
        said = problem(
            post(webhook, content, {name: value.encode() for name, value in headers.items()}), 401, "signature_wrong"
        )
        assert webhook.secret not in str(said)
    assert feedback(door) == []
    assert post(webhook, body, right).status_code == 200


@pytest.mark.parametrize("sender", SENDERS)
def test_a_key_is_no_signature_and_another_sources_secret_neither(door, expected, post, problem, sender):
    webhook = expected(sender)
    other = door.shop.webhooks.create("another", sender)
    body = json.dumps(BODIES[sender]).encode()
    problem(post(webhook, body, door.sign(other, body)), 401, "signature_wrong")
    answer = door.ask("POST", f"/v1/voice/{webhook.source}", body, headers=dict.fromkeys(webhook.scheme.headers, "x"))
    problem(answer, 401, "signature_wrong")


@pytest.mark.parametrize("source", ["nobody", "%00", "a" * 250])
def test_an_unknown_source_is_answered_before_its_body_is_read(door, problem, source):
    """401, not 404: Typeform switches a webhook off for good at the first 404."""
    answer = door.ask("POST", f"/v1/voice/{source}", b"x" * 100, key=None)
    assert "is expected; `crosslift keys webhook` makes one" in problem(answer, 401, "signature_wrong")["detail"]


def test_a_revoked_secret_stops_with_the_next_delivery(door, expected, post, problem):
    webhook = expected("tally")
    assert post(webhook, BODIES["tally"]).status_code == 200
    door.shop.webhooks.revoke(webhook.webhook_id)
    problem(post(webhook, BODIES["tally"]), 401, "signature_wrong")


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (4, 200), (-4, 200), (6, 401), (-6, 401)])
def test_a_delivery_that_says_when_it_was_signed_cannot_be_replayed_later(expected, post, now, minutes, status):
    webhook = expected("standard")
    answer = post(webhook, BODIES["standard"], at=now - timedelta(minutes=minutes))
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "signature_wrong"
        assert "sign it anew" in answer.json()["detail"]


def test_what_a_sender_leaves_out_follows_from_its_delivery(door, expected, post):
    said = {name: ANSWER[name] for name in ("customer_id", "kind", "rating", "scale")}
    webhook = expected("standard")
    assert [post(webhook, {"data": said}, delivery_id="msg_7").json()["new"] for _ in "ab"] == [1, 0]
    assert feedback(door, "feedback_id", "at") == [{"feedback_id": "msg_7", "at": 1775044800000000}]


def test_an_answer_that_changed_keeps_its_first_version(door, expected, post):
    webhook = expected("judgeme")
    post(webhook, BODIES["judgeme"])
    edited = BODIES["judgeme"] | {"event": "review/updated", "review": BODIES["judgeme"]["review"] | {"rating": 1}}
    assert post(webhook, edited).json() == {"received": 1, "new": 0, "seen_before": 0, "conflicts": ["judgeme:434"]}
    assert feedback(door, "rating") == [{"rating": 5}]


def test_somebody_who_is_still_answering_is_thanked_and_not_kept(door, expected, post):
    answer = post(expected("typeform"), BODIES["typeform"] | {"event_type": "form_response_partial"})
    assert answer.json() == {"received": 0, "new": 0, "seen_before": 0, "conflicts": []}
    assert feedback(door) == []


@pytest.mark.parametrize(
    ("sender", "body", "pointer", "said"),
    [
        ("typeform", {}, "/event_type", "required field `event_type`"),
        ("typeform", {"event_type": "form_response"}, "/form_response", "required field `form_response`"),
        ("typeform", {"event_type": "paid", "form_response": {}}, "/event_type", "'paid'"),
        ("tally", {"eventType": "FORM_RESPONSE", "data": {"responseId": "r"}}, "/data/createdAt", "`createdAt`"),
        ("judgeme", {"review": {"id": 1, "rating": 9, "created_at": "2026-01-01T00:00:00Z"}}, "/review/rating", "<= 5"),
        ("standard", {"data": {"rating": 3}}, "/data", "kind is missing"),
        ("standard", {"data": [ANSWER, ANSWER | {"kind": "poem"}]}, "/data/1/kind", "'poem' is no one of review, nps"),
        ("standard", {"data": ANSWER | {"rating": 12}}, "/data/rating", "is 12 on a scale up to 10"),
        ("standard", {"rating": 3}, "", "kind is missing"),
        ("standard", {"kind": "nps", "rating": 11, "scale": 10}, "/rating", "is 11 on a scale up to 10"),
        ("standard", {"type": "ping"}, "/data", "is missing"),
        ("standard", [ANSWER], "", "Expected `object`"),
    ],
)  # fmt: skip
def test_a_body_of_another_shape_names_what_is_missing(door, expected, post, problem, sender, body, pointer, said):
    answer = problem(post(expected(sender), body), 422, "bad_input")
    assert answer["errors"][0]["pointer"] == pointer
    assert said in answer["detail"]
    assert feedback(door) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": 1} x'])
def test_signed_bytes_that_are_no_json_are_told_so(expected, post, problem, body):
    problem(post(expected("tally"), body), 400, "malformed_json")


def test_a_body_over_the_limit_is_refused_unread(shop, open_door, problem):
    shop.settings._values["serve.max_body_bytes"] = 1000
    with open_door(shop) as door:
        webhook = shop.webhooks.create("s", "tally")
        answer = door.ask("POST", "/v1/voice/s", b" " * 1500, key=None, headers=door.sign(webhook, b" " * 1500))
        problem(answer, 413, "body_too_large")


@pytest.mark.parametrize("sender", SENDERS)
def test_neither_secrets_nor_words_are_logged(door, expected, post, sender):
    with capture_logs() as logs:
        webhook = expected(sender)
        post(webhook, BODIES[sender])
        post(webhook, BODIES[sender], headers={})
        post(webhook, b"{}")
    for text in (webhook.secret, "laura", "alice", "Hello", "fulfiment"):
        assert text not in str(logs)


def test_an_answer_named_by_an_address_is_of_whoever_has_it(door, expected, post):
    door.shop.put_facts("customers", [{"customer_id": "c1", "email": "Alice@Example.com"}])
    post(expected("tally", scales={"RATING": "5", "LINEAR_SCALE": "nps"}), BODIES["tally"])
    person = door.shop.records.person("customer:c1")
    assert {"customer:alice@example.com", "email:alice@example.com"} <= set(person.identities)
    assert (
        door.shop.customers.show("c1")["counts"]["feedback"] == N_ANSWERS["tally"] + 1
    )  # two ratings: the words stay apart


def test_a_team_mailbox_is_nobody(door, expected, post):
    review = BODIES["judgeme"]["review"] | {"rating": 1, "reviewer": {"email": "info@shop.example"}}
    assert post(expected("judgeme"), {"review": review}).json()["new"] == 1
    assert feedback(door, "customer_id") == [{"customer_id": None}]
    assert door.shop.records.table("cases", ["id"]).num_rows == 0


def test_an_erased_person_does_not_come_back_by_a_delivery_sent_again(door, expected, post):
    webhook = expected("tally")
    post(webhook, BODIES["tally"])
    assert door.shop.privacy.erase("alice@example.com")["found"] == []
    assert post(webhook, BODIES["tally"]).status_code == 200
    assert feedback(door) == []
    assert not door.shop.records.person("email:alice@example.com").is_known


def test_other_methods_do_nothing_here(door, problem):
    assert problem(door.ask("GET", "/v1/voice/spring"), 405, "method_not_allowed")["detail"] == "this path answers POST"
