"""Confirmations and the guard over HTTP: asked, shown, answered; alarms and the look-back; and what is refused."""

from datetime import timedelta

import pytest


@pytest.fixture
def sold(door):
    """Seven agents who sold contracts; those of mina are many, and nobody confirmed them."""
    now = door.shop.clock()
    rows = [
        {
            "subscription_id": f"{agent}-{n}", "customer_id": f"c{n}", "product_id": "BEANS", "status": "active",
            "started_at": (now - timedelta(days=10 + n)).isoformat(), "recurring_price": "15000", "currency": "KRW",
            "period": "year", "agent_id": agent,
        }
        for agent in ("mina", *(f"a{n}" for n in range(6)))
        for n in range(60 if agent == "mina" else 10)
    ]  # fmt: skip
    door.shop.put_facts("subscriptions", rows)
    signed = [
        {
            "confirmation_id": row["subscription_id"], "customer_id": row["customer_id"], "method": "signature",
            "subscription_id": row["subscription_id"], "proof": "scan", "at": row["started_at"],
        }
        for row in rows if row["agent_id"] != "mina"
    ]  # fmt: skip
    door.shop.put_facts("confirmations", signed)
    return door


ASK = {"customer": "c0", "wording": "Yes, I want this.", "subscription": "mina-0", "agent": "mina", "language": "ko"}


def test_a_sale_is_asked_about_shown_in_full_and_answered(sold):
    asked = sold.ask("POST", "/v1/confirmations/ask", ASK).json()
    [line] = asked["content"]["lines"]
    assert (line["title"], line["amount"], line["currency"], line["period"]) == ("하우스 원두", "15000", "KRW", "year")
    shown = sold.ask("POST", "/v1/confirmations/show", {"token": asked["token"]}).json()
    assert shown == {"customer_id": "c0", "wording": ASK["wording"], "content": asked["content"], "answer": None}
    answered = sold.ask("POST", "/v1/confirmations/confirm", {"token": asked["token"]}).json()
    assert (answered["answer"], answered["content"]) == ("yes", asked["content"])
    assert sold.ask("POST", "/v1/confirmations/confirm", {"token": asked["token"]}).json() == answered
    listed = sold.ask("GET", "/v1/guard/review", params={"agent": "mina"}).json()["sales"]
    assert "mina-0" not in {row["subscription_id"] for row in listed}
    assert len(listed) == 59


def test_a_no_is_a_finding_at_once(sold):
    token = sold.ask("POST", "/v1/confirmations/ask", ASK).json()["token"]
    sold.ask("POST", "/v1/confirmations/confirm", {"token": token, "answer": "no"})
    listed = sold.ask("GET", "/v1/guard/review", params={"agent": "mina"}).json()["sales"]
    assert next(row["findings"] for row in listed if row["subscription_id"] == "mina-0") == "denied"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("ask", {**ASK, "subscription": None}, 400, "bad_usage"),
        ("ask", {**ASK, "order": "o1"}, 400, "bad_usage"),
        ("ask", {**ASK, "subscription": "nothing"}, 404, "not_found"),
        ("ask", {**ASK, "customer": "c9"}, 403, "refused"),
        ("ask", {"customer": "c0"}, 422, "bad_input"),
        ("show", {"token": "forged"}, 403, "refused"),
        ("confirm", {"token": "forged"}, 403, "refused"),
        ("confirm", {"token": "x", "answer": "maybe"}, 422, "bad_input"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_problem(sold, problem, path, body, status, code):
    problem(sold.ask("POST", f"/v1/confirmations/{path}", body), status, code)


def test_alarms_come_as_questions(sold):
    told = sold.ask("GET", "/v1/guard/alarms").json()
    assert (told["n_sales"], told["n_agents"]) == (120, 7)
    assert {one["agent_id"] for one in told["alarms"]} == {"mina"}
    assert all("a question, not a verdict" in one["says"] for one in told["alarms"])
    assert sold.ask("GET", "/v1/guard/alarms", params={"agent": "a1"}).json()["alarms"] == []


def test_the_time_can_be_named_in_any_zone(sold):
    now = sold.shop.clock()
    time = {"since": (now - timedelta(days=20)).isoformat(), "until": (now - timedelta(days=12)).isoformat()}
    told = sold.ask("GET", "/v1/guard/review", params={"agent": "mina", **time}).json()
    assert told["n_sales"] == 8
    assert told["manifest"]["n_rows"] == 8
    assert told["refunds"] == [{"amount": "120000", "currency": "KRW"}]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"since": "soon"}, 422, "bad_input"),
        ({"since": "2026-03-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}, 422, "bad_input"),
        ({"since": "0001-01-01T00:00:00Z"}, 422, "bad_input"),
        ({"until": "9999-12-31T23:59:59Z"}, 422, "bad_input"),
        ({"agent": "nobody"}, 404, "not_found"),
        ({"agent": ""}, 422, "bad_input"),
    ],
)
def test_a_look_back_that_cannot_be_is_refused(sold, problem, params, status, code):
    problem(sold.ask("GET", "/v1/guard/review", params=params), status, code)


def test_agents_are_put_and_their_licences_hold_at_once(door):
    rows = {"agents": [{"agent_id": "mina", "name": "Mina", "licences": ["tax"]}]}
    assert door.ask("PUT", "/v1/facts/agents", rows).json()["new"] == 1
    assert door.shop.agents.get("mina").licences == {"tax"}
