"""POST /v1/decide: offers with true reasons, recorded before they are answered."""

import json
import threading

import pytest

from crosslift.web.api.decide import CUSTOMER_IGNORED

ANSWER = {"decision_id", "offers", "sets", "no_offer", "purpose", "warnings", "bar", "degraded", "variants", "arms"}
TERMS = {
    "offer", "offer_version", "lines", "total", "total_includes_tax", "benefits", "proofs", "terms", "cancellation", "guarantee",
    "ends_at",
}  # fmt: skip
OFFER = {"product", "kind", "p", "priority", "reason", "labels", "title", "price", "image"} | TERMS


def test_an_answer_holds_offers_with_title_price_and_reason(door):
    answer = door.decide(cart=["DRIP"], k=1)
    assert answer.keys() == ANSWER
    (offer,) = answer["offers"]
    assert offer.keys() == OFFER | {"evidence"}
    assert offer["product"] == "FILT"
    assert offer["title"] == "Paper filters"
    assert offer["price"] == {"amount": "6500", "currency": "KRW"}
    assert offer["reason"].startswith("Bought together with Cone dripper in")
    assert str(offer["evidence"]["n_both"]) in offer["reason"]
    assert answer["no_offer"] is None


def test_titles_and_reasons_follow_the_language(door):
    (offer,) = door.decide(k=1, language="ja")["offers"]
    assert offer["title"] == "ペーパーフィルター"
    assert "円すいドリッパー" in offer["reason"]


def test_an_answered_decision_is_already_in_the_store(door):
    asked = [door.decide()["decision_id"] for _ in range(5)]
    assert all(door.shop.decision(decision_id)["offers"] for decision_id in asked)


def test_decisions_of_the_same_moment_share_a_commit_and_all_are_kept(door, monkeypatch):
    batches = []
    record = door.shop.records.record_decisions
    monkeypatch.setattr(
        door.shop.records, "record_decisions", lambda slim, *more: (batches.append(len(slim)), record(slim, *more))[1]
    )

    async def at_once():
        import asyncio

        body = json.dumps({"placement": "cart", "cart": ["DRIP"]}).encode()
        headers = {"Authorization": f"Bearer {door.secret}"}
        return await asyncio.gather(*(door.client.post("/v1/decide", content=body, headers=headers) for _ in range(40)))

    answers = door.run(at_once())
    ids = {answer.json()["decision_id"] for answer in answers}
    assert len(ids) == 40
    assert all(door.shop.decision(one) for one in ids)
    assert sum(batches) == 40
    assert len(batches) < 40


def test_nothing_is_answered_when_the_commit_fails(door, problem, monkeypatch):
    def full(*_):
        raise OSError("disk full at /srv/private")

    monkeypatch.setattr(door.shop.records, "record_decisions", full)
    answer = door.ask("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"]})
    said = problem(answer, 500, "internal_error")
    assert "private" not in answer.text
    assert "decision_id" not in said


def test_a_slow_commit_does_not_hold_up_others(door, monkeypatch):
    let_go, began = threading.Event(), threading.Event()
    record = door.shop.records.record_decisions

    def slow(*rows):
        began.set()
        assert let_go.wait(10)
        return record(*rows)

    monkeypatch.setattr(door.shop.records, "record_decisions", slow)
    waiting = threading.Thread(target=door.decide)
    waiting.start()
    assert began.wait(10)
    assert door.ask("GET", "/healthz", key=None).status_code == 200
    let_go.set()
    waiting.join(10)


def test_unknown_products_and_customers_are_warnings(door):
    answer = door.decide(cart=["DRIP", "no-such"], customer="nobody")
    assert answer["offers"]
    assert set(answer["warnings"]) == {"unknown_product:no-such", "unknown_customer:nobody"}


def test_nothing_to_offer_is_an_answer(door):
    answer = door.decide(placement="cart", cart=["no-such"])
    assert answer["offers"] == []
    assert answer["no_offer"] == "no_candidates"


def test_a_known_customer_with_consent_is_answered_personally(door):
    assert door.decide(customer="c2")["purpose"] == "personalization"
    assert door.decide(customer="c1")["purpose"] == "contextual"


def test_excluded_products_are_not_offered(door):
    assert "FILT" not in {offer["product"] for offer in door.decide(exclude=["FILT"])["offers"]}


def test_a_trace_tells_what_became_of_every_candidate(door):
    trace = door.decide(cart=["DRIP", "FILT"], trace=True)["trace"]
    by_product = {one["product"]: one for one in trace["candidates"]}
    assert by_product["FILT"]["dropped"] == "in_cart"
    assert by_product["FILT"]["why"]
    assert trace["gates"]
    assert "trace" not in door.decide()


def test_at_decides_as_of_then(door):
    decision_id = door.decide(at="2026-02-01T00:00:00Z")["decision_id"]
    assert door.ask("GET", f"/v1/decisions/{decision_id}").json()["at"] == "2026-02-01T00:00:00+00:00"


def test_a_publishable_key_is_answered_from_context_without_evidence(door):
    body = {"placement": "cart", "cart": ["DRIP"], "customer": "c2", "k": 1}
    answer = door.ask("POST", "/v1/decide", body, key="publishable").json()
    assert answer["purpose"] == "contextual"
    assert answer["warnings"] == [CUSTOMER_IGNORED]
    assert answer["offers"][0].keys() == OFFER
    assert door.shop.decision(answer["decision_id"])["identity"] is None


@pytest.mark.parametrize("extra", [{"at": "2026-01-01T00:00:00Z"}, {"trace": True}])
def test_a_publishable_key_gets_neither_trace_nor_another_time(door, problem, extra):
    body = {"placement": "cart", "cart": ["DRIP"], **extra}
    said = problem(door.ask("POST", "/v1/decide", body, key="publishable"), 403, "refused")
    assert next(iter(extra)) in said["detail"]


@pytest.mark.parametrize("key", ["secret", "publishable"])
def test_evaluation_is_refused_live(door, problem, key):
    body = {"placement": "cart", "cart": ["DRIP"], "purpose": "evaluation"}
    problem(door.ask("POST", "/v1/decide", body, key=key), 403, "refused")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"placement": "cart", "k": 0}, "/k"),
        ({"placement": "cart", "k": -3}, "/k"),
        ({"placement": "cart", "k": 10**30}, "/k"),
        ({"placement": "cart", "k": "3"}, "/k"),
        ({"placement": "cart", "k": True}, "/k"),
        ({"placement": "cart", "cart": ["DRIP", 7]}, "/cart/1"),
        ({"placement": "cart", "cart": "DRIP"}, "/cart"),
        ({"placement": "cart", "cart": ["x" * 201]}, "/cart/0"),
        ({"placement": "cart", "cart": ["x"] * 501}, "/cart"),
        ({"placement": "cart", "customer": 5}, "/customer"),
        ({"placement": "cart", "price": 5}, "/price"),
        ({"cart": []}, "/placement"),
        ({"placement": "shelf"}, "/placement"),
        ({"placement": "cart", "policy": "greedy"}, "/policy"),
        ({"placement": "cart", "purpose": "fun"}, "/purpose"),
        ({"placement": "cart", "at": "yesterday"}, "/at"),
        ({"placement": "cart", "at": "9999-01-01T00:00:00Z"}, "/at"),
        ({"placement": "cart", "at": "0001-01-01T00:00:00Z"}, "/at"),
        ([], ""),
        ("cart", ""),
        (None, ""),
    ],
)
def test_a_wrong_body_is_named_by_its_place(door, problem, body, pointer):
    said = problem(door.ask("POST", "/v1/decide", json.dumps(body).encode()), 422, "bad_input")
    assert [fault["pointer"] for fault in said["errors"]] == [pointer]


def test_before_anything_was_learned_it_is_not_ready(open_door, problem, tmp_path):
    from crosslift.shop import Shop

    with Shop(tmp_path / "empty") as shop, open_door(shop) as door:
        answer = door.ask("POST", "/v1/decide", {"placement": "cart"})
        problem(answer, 503, "not_ready")
        assert answer.headers["retry-after"]


def test_hostile_text_in_ids_is_just_text(door):
    names = ["\x00", "'; drop table decisions; --", "<script>", "\u202e", "😀", "\\"]
    answer = door.decide(cart=["DRIP", *names])
    assert len(answer["warnings"]) == len(names)
    assert door.ask("GET", f"/v1/decisions/{answer['decision_id']}").status_code == 200
