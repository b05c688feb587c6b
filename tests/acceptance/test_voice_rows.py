"""Row C06 by webhook: what a survey tool or a review service sends is a condition within a second, and a bad answer a case."""

import asyncio
import json
import time

import httpx
import pytest

from crosslift.web.app import build

FORM = {
    "event_id": "e1", "event_type": "form_response",
    "form_response": {
        "form_id": "spring", "token": "t1", "submitted_at": "2026-10-31T10:00:00Z", "hidden": {"user_id": "ann"},
        "definition": {
            "id": "spring", "title": "Spring", "fields": [
                {"id": "q1", "ref": "recommend", "type": "opinion_scale", "title": "Would you recommend us?"},
                {"id": "q2", "ref": "why", "type": "long_text", "title": "Why?"},
                {"id": "q3", "ref": "where", "type": "multiple_choice", "title": "Where did you buy?"},
            ],
        },
        "answers": [
            {"type": "number", "number": 2, "field": {"id": "q1", "type": "opinion_scale", "ref": "recommend"}},
            {"type": "text", "text": "배송이 너무 느려요", "field": {"id": "q2", "type": "long_text", "ref": "why"}},
            {"type": "choice", "choice": {"label": "Online"}, "field": {"id": "q3", "type": "multiple_choice", "ref": "where"}},
        ],
    },
}  # fmt: skip
REVIEW = {
    "event": "review/created",
    "review": {
        "id": 7, "rating": 1, "title": "Broke at once", "body": "Terrible.", "created_at": "2026-10-31T11:00:00Z",
        "product_external_id": 4711, "reviewer": {"email": "Ben@Mail.example", "external_id": 99},
    },
}  # fmt: skip


@pytest.fixture
def webhooks(fresh):
    return {
        "survey": fresh.webhooks.create("survey", "typeform", scales={"recommend": "nps"}),
        "reviews": fresh.webhooks.create("reviews", "judgeme"),
    }


@pytest.fixture
def post(fresh, webhooks):
    """Deliver a body to a source as its sender does, or `sent` under the signature of `body`."""
    app = build(fresh)

    def send(source, body, sent=None):
        content = json.dumps(body, ensure_ascii=False).encode()
        webhook = webhooks[source]
        headers = {webhook.scheme.header: webhook.scheme.sign(webhook.secret, content)}
        content = content if sent is None else json.dumps(sent, ensure_ascii=False).encode()

        async def deliver():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as client:
                return await client.post(f"/v1/voice/{source}", content=content, headers=headers)

        return asyncio.run(deliver())

    yield send
    app.served.close()


@pytest.fixture
def asked(fresh):
    fresh.put_facts("customers", [{"customer_id": "ann"}, {"customer_id": "ben", "email": "ben@mail.example"}])
    for name, rule in (("cross", "nps <= 6"), ("let-down", "rating <= 2"), ("waiting", "open_cases > 0")):
        fresh.segments.put(name, {"en": name}, rule, "mina", "to call them")
    return fresh


def cases(shop):
    return shop.records.table("cases", ["case_id", "customer_id", "text", "severity", "status"]).to_pylist()


def test_c06_intake_by_webhook_makes_an_answer_a_condition_within_a_second(asked, post):
    assert asked.segments.of("ann") == ()
    began = time.perf_counter()
    assert post("survey", FORM).json() == {"received": 2, "new": 2, "seen_before": 0, "conflicts": []}
    assert asked.segments.of("ann") == ("cross", "waiting")
    seconds = time.perf_counter() - began
    print(f"answer delivered, checked, committed and the segment told in {seconds * 1000:.0f} ms")
    assert seconds < 1
    assert asked.segments.members("cross") == ("customer:ann",)


def test_c06_intake_by_webhook_opens_one_case_as_a_file_does(asked, post, tmp_path):
    for _ in range(3):
        assert post("survey", FORM).status_code == 200
    by_webhook = cases(asked)
    assert by_webhook == [
        {"case_id": "voice:typeform:t1:q1", "customer_id": "ann", "text": "배송이 너무 느려요", "severity": "high",
         "status": "open"}
    ]  # fmt: skip
    (tmp_path / "survey.csv").write_text(
        "feedback_id,at,customer_id,kind,rating,scale,text\nfile,2026-10-31T10:00:00Z,ann,nps,2,10,배송이 너무 느려요\n",
        encoding="utf-8",
    )
    asked.collect(tmp_path / "survey.csv")
    (by_file,) = [case for case in cases(asked) if case["case_id"] == "voice:file"]
    assert by_file == by_webhook[0] | {"case_id": "voice:file"}


def test_c06_intake_by_webhook_of_a_review_finds_the_customer_by_the_address(asked, post):
    assert post("reviews", REVIEW).status_code == 200
    assert asked.segments.of("ben") == ("let-down", "waiting")
    row = next(iter(asked.customers.show("ben")["rows"]["feedback"]))
    assert (row["kind"], row["rating"], row["product_id"], row["text"]) == (
        "review",
        1.0,
        "4711",
        "Broke at once\nTerrible.",
    )
    assert row["sentiment"] < 0


def test_c06_intake_by_webhook_believes_no_unsigned_word(asked, post):
    assert post("survey", FORM, sent=FORM | {"event_id": "e2"}).status_code == 401
    assert asked.segments.of("ann") == ()
    assert cases(asked) == []
