"""POST /v1/respond: what was shown and what became of it, by decision."""

import json

import pytest


def kept(door, table):
    rows = door.shop.records.table(table, ["decision_id", "product_id"]).to_pylist()
    return [(row["decision_id"], row["product_id"]) for row in rows]


@pytest.mark.parametrize("key", ["secret", "publishable"])
def test_exposures_and_responses_are_recorded_under_their_decision(door, key):
    one = door.decide(k=1)["decision_id"]
    said = [{"decision_id": one, "action": action, "product": "FILT"} for action in ("exposure", "click", "accept")]
    answer = door.ask("POST", "/v1/respond", {"responses": said}, key=key).json()
    assert answer == {"received": 3, "new": 3, "seen_before": 0}
    assert kept(door, "exposures") == [(one, "FILT")]
    assert kept(door, "responses") == [(one, "FILT")] * 2


def test_a_single_response_needs_no_list_and_counts_once(door):
    body = {"decision_id": door.decide(k=1)["decision_id"], "action": "decline", "product": "FILT", "reason": "have it"}
    assert door.ask("POST", "/v1/respond", body).json()["new"] == 1
    assert door.ask("POST", "/v1/respond", body).json() == {"received": 1, "new": 0, "seen_before": 1}


def test_a_response_id_makes_two_clicks_two(door):
    body = {"decision_id": door.decide(k=1)["decision_id"], "action": "click", "product": "FILT"}
    assert [door.ask("POST", "/v1/respond", {**body, "response_id": one}).json()["new"] for one in "aab"] == [1, 0, 1]


def test_an_unknown_decision_refuses_the_whole_batch(door, problem):
    good = {"decision_id": door.decide(k=1)["decision_id"], "action": "exposure", "product": "FILT"}
    body = {"responses": [good, {**good, "decision_id": "0" * 32}]}
    said = problem(door.ask("POST", "/v1/respond", body), 404, "not_found")
    assert "0" * 32 in said["detail"]
    assert kept(door, "exposures") == []


def test_what_was_not_offered_was_not_shown(door, problem):
    good = {"decision_id": door.decide(k=1)["decision_id"], "action": "exposure", "product": "FILT"}
    said = problem(
        door.ask("POST", "/v1/respond", {"responses": [good, {**good, "product": "TOWEL"}]}), 422, "bad_input"
    )
    assert "TOWEL" in said["detail"]
    assert kept(door, "exposures") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "click"}, "/decision_id"),
        ({"decision_id": "x"}, "/action"),
        ({"decision_id": "x", "action": "bought"}, "/action"),
        ({"decision_id": "x", "action": "click", "at": 5}, "/at"),
        ({"decision_id": "x", "action": "click", "product": ""}, "/product"),
        ({"decision_id": "x", "action": "click", "note": "?"}, "/note"),
        ({"responses": [{"decision_id": "x", "action": 1}]}, "/responses/0/action"),
        ({"responses": {}}, "/responses"),
        ({"responses": [], "at": 1}, "/at"),
        ([], ""),
    ],
)
def test_a_wrong_body_is_named_by_its_place(door, problem, body, pointer):
    said = problem(door.ask("POST", "/v1/respond", json.dumps(body).encode()), 422, "bad_input")
    assert said["errors"][0]["pointer"] == pointer
