"""`/v1/policies`: texts in, faults out line by line; published policies and the stop switch on the very next decision."""

import pytest

from crosslift.domain.policy import HELPFUL

TEXT = 'name = "ours"\nextends = "helpful"\n\n[offers]\nat_most = 1\n'
WHO = {"author": "mina", "reason": "fewer offers"}


@pytest.fixture
def ask(door):
    def asked(method, path, body=None, status=200, **options):
        answer = door.ask(method, f"/v1/policies{path}", body, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


@pytest.fixture
def published(ask):
    ask("PUT", "", {"text": TEXT, **WHO})
    ask("POST", "/ours/publish", {"version": 1, "author": "mina"})


def test_a_policy_is_drafted_compared_published_and_decides(door, ask):
    assert ask("PUT", "", {"text": TEXT, **WHO}) == {"name": "ours", "version": 1, "state": "draft"}
    changed = [f"[offers] at_most: was {HELPFUL.max_offers}, is 1"]
    assert ask("GET", "/ours/diff") == {"name": "ours", "from_version": None, "to_version": 1, "changes": changed}
    refused = door.ask("POST", "/v1/decide", {"placement": "cart", "cart": ["DRIP"], "policy": "ours"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/policy")
    done = ask("POST", "/ours/publish", {"version": 1, "author": "mina"})
    assert done == {"name": "ours", "version": 1, "state": "published", "findings": []}
    assert len(door.decide(policy="helpful")["offers"]) > 1
    assert len(door.decide(policy="ours")["offers"]) == 1


def test_every_fault_of_a_text_stands_in_the_problem_with_its_line(door, problem):
    wrong = {"text": 'name = "Ours"\n[offers]\nsorces = []\n', **WHO}
    said = problem(door.ask("PUT", "/v1/policies", wrong), 422, "bad_input")
    assert said["detail"].startswith("line 1: name: 'Ours': small letters")
    assert [(one["pointer"], one["detail"].partition(": ")[0]) for one in said["errors"]] == [
        ("/text", "line 1"), ("/text", "line 3"),
    ]  # fmt: skip
    assert said["errors"][1]["detail"] == 'line 3: offers.sorces: "sorces" is not known; did you mean sources?'


def test_checking_keeps_nothing(ask):
    found = ask("POST", "/check", {"text": TEXT})
    assert found["precedence"] == [f"helpful {HELPFUL.version}", "the text itself"]
    assert found["findings"] == []
    assert [one["name"] for one in ask("GET", "")["policies"]] == ["helpful", "relevance", "doors"]


def test_a_policy_is_shown_with_its_history(ask, published):
    shown = ask("GET", "/ours")
    assert (shown["text"], shown["state"]) == (TEXT, "published")
    assert "at_most = 1" in shown["resolved"]
    assert [one["action"] for one in shown["steps"]] == ["publish", "draft"]
    assert "text" not in shown["versions"][0]
    assert ask("GET", "/helpful")["state"] == "built_in"
    ask("GET", "/nothing", status=404)
    ask("GET", "/ours", status=404, params={"version": 7})
    ask("GET", "/ours", status=422, params={"version": -1})


def test_rolling_back_and_what_is_refused(door, ask, published, problem):
    ask("PUT", "", {"text": TEXT.replace("1", "2"), **WHO})
    ask("POST", "/ours/publish", {"version": 2, "author": "mina"})
    assert len(door.decide(policy="ours")["offers"]) == 2
    assert ask("POST", "/ours/rollback", {"version": 1, **WHO}) == {"name": "ours", "version": 1, "state": "published"}
    assert len(door.decide(policy="ours")["offers"]) == 1
    ask("POST", "/ours/rollback", {"version": 1, **WHO}, status=400)
    ask("POST", "/ours/rollback", {"version": 9, **WHO}, status=404)
    ask("POST", "/ours/publish", {"version": 2, "author": "mina"}, status=400)
    ask("PUT", "", {"text": "needs_approval = true\n" + TEXT, **WHO})
    said = problem(door.ask("POST", "/v1/policies/ours/publish", {"version": 3, "author": "mina"}), 403, "refused")
    assert "needs an approval" in said["detail"]
    ask("POST", "/ours/publish", {"version": 3, "author": "mina", "approved_by": "jun"})


def test_a_check_that_refuses_names_its_rules(ask, problem, door):
    nagging = TEXT + '[[cooldowns]]\nafter = "declined"\nlasts = "1 day"\n'
    assert ask("POST", "/check", {"text": nagging})["findings"][0]["is_severe"] is True
    ask("PUT", "", {"text": nagging, **WHO})
    said = problem(door.ask("POST", "/v1/policies/ours/publish", {"version": 1, "author": "mina"}), 422, "bad_input")
    assert "not published: nagging" in said["detail"]
    assert said["errors"][0]["detail"].startswith("nagging")


def test_the_stop_switch_silences_the_very_next_decision(door, ask):
    assert door.decide()["no_offer"] is None
    stopped = ask("POST", "/stop", WHO)
    assert (stopped["is_stopped"], stopped["author"], stopped["reason"]) == (True, "mina", "fewer offers")
    answer = door.decide()
    assert (answer["offers"], answer["no_offer"]) == ([], "stopped")
    assert door.ask("GET", f"/v1/decisions/{answer['decision_id']}").status_code == 200
    assert door.decide(policy="relevance")["no_offer"] is None
    assert ask("GET", "")["stop"] == stopped
    assert ask("POST", "/resume", WHO) == {"is_stopped": False, "at": None, "author": None, "reason": None}
    assert door.decide()["no_offer"] is None


def test_the_schema_is_published(ask):
    assert ask("GET", "/schema")["properties"]["rules"]["type"] == "array"
