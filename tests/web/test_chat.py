"""/v1/chat: from a page with a publishable key, of a customer by token, and of anybody by the merchant's server."""

import pytest

from crosslift.wording.chat import say


def ask(door, text, key="publishable", **more):
    return door.ask("POST", "/v1/chat", {"text": text, "anonymous": "b1", **more}, key=key)


def test_a_page_asks_in_one_request_and_the_answer_names_its_source(door):
    answer = door.ask(
        "POST", f"/v1/chat?key={door.publishable}", {"text": "How much is the spoon?", "anonymous": "b1"}, key=None,
        headers={"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://shop.example"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    told = answer.json()
    assert (told["kind"], told["answer"]) == ("price", "Spoon costs ₩3,000, tax included.")
    assert [one["id"] for one in told["sources"]] == ["SPOON"]
    assert told["conversation"]


def test_a_page_names_no_customer_and_a_token_names_its_own(door):
    told = ask(door, "When does my stuff run out?", customer="c2").json()
    assert told["answer"] == say("runs_out.sign_in", "en")
    token = door.shop.keys.token("c2")
    told = ask(door, "When does my stuff run out?", customer_token=token).json()
    assert say("runs_out.sign_in", "en") not in told["answer"]
    told = ask(door, "When does my stuff run out?", key="secret", customer="c2").json()
    assert say("runs_out.sign_in", "en") not in told["answer"]


def test_the_conversation_goes_on_and_a_foreign_one_is_refused(door, problem):
    first = ask(door, "How much is the spoon?").json()
    after = ask(door, "Is it in stock?", conversation=first["conversation"]).json()
    assert after["answer"] == "Spoon is in stock."
    problem(ask(door, "Is it in stock?", conversation="A" * 90), 403, "refused")


def test_offers_of_the_chat_can_be_answered_like_any_other(door):
    told = ask(door, "What goes well with the cone dripper?").json()
    said = [
        {
            "decision_id": told["decision_id"],
            "action": "decline",
            "product": told["offers"][0]["product"],
            "anonymous": "b1",
        }
    ]
    answer = door.ask("POST", "/v1/respond", {"responses": said}, key="publishable")
    assert answer.json()["new"] == 1
    why = ask(door, "why do I see this?", decision=told["decision_id"]).json()
    assert told["offers"][0]["reason"] in why["answer"]


def test_a_robot_leaves_nothing(door):
    told = ask(door, "What goes well with the cone dripper?", traffic="robot").json()
    assert told["offers"]
    assert told["decision_id"] is None
    assert ask(door, "Do you roast at night?", traffic="test").json()["handover"] is None


def test_a_page_is_not_told_why_by_an_older_snapshot(door):
    told = ask(door, "What goes well with the cone dripper?").json()
    door.shop.learn(force=True)
    door.served.catch_up()
    why = {
        key: ask(door, "why do I see this?", key=key, decision=told["decision_id"]).json()
        for key in ("publishable", "secret")
    }
    assert why["publishable"]["answer"] == say("why.gone", "en")
    assert told["offers"][0]["reason"] in why["secret"]["answer"]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "a" * 501}, {"text": "hi", "who": "me"}, {"text": 1}])
def test_a_body_that_is_wrong_is_refused_by_name(door, problem, body):
    problem(door.ask("POST", "/v1/chat", body), 422, "bad_input")
