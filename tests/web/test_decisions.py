"""GET /v1/decisions/{id} and /v1/snapshots: why, as the merchant may see it."""


def why(door, decision_id, query=""):
    return door.ask("GET", f"/v1/decisions/{decision_id}{query}")


def test_a_decision_is_told_with_the_operators_sentence(door):
    made = door.decide(k=1)
    told = why(door, made["decision_id"]).json()
    assert told["decision_id"] == made["decision_id"]
    assert told["snapshot_id"] == door.shop.knowledge.snapshot_id
    assert told["at"] == "2026-04-01T12:00:00+00:00"
    assert told["dropped"] == {}
    assert told["replay"] == {"is_replayable": True, "is_equal": True, "why": None}
    (offer,) = told["offers"]
    assert offer["product"] == "FILT"
    assert "size-aware chance alone gives" in offer["sentence"]
    assert "trace" not in told


def test_the_trace_comes_by_replay(door):
    told = why(door, door.decide(cart=["DRIP", "FILT"])["decision_id"], "?trace=true").json()
    assert {"FILT": "in_cart"}.items() <= {
        one["product"]: one["dropped"] for one in told["trace"]["candidates"]
    }.items()


def test_an_unknown_decision_is_not_found(door, problem):
    said = problem(why(door, "0" * 32), 404, "not_found")
    assert said["instance"] == f"/v1/decisions/{'0' * 32}"


def test_a_decision_without_inputs_is_told_but_not_replayed(door, problem):
    decision_id = door.decide()["decision_id"]
    door.shop.records.expire(2**62)
    told = why(door, decision_id).json()
    assert told["replay"]["is_replayable"] is False
    assert told["replay"]["why"]
    assert all(offer["sentence"] is None for offer in told["offers"])
    problem(why(door, decision_id, "?trace=true"), 410, "not_replayable")


def test_a_wrong_parameter_is_named(door, problem):
    said = problem(why(door, "x", "?trace=perhaps"), 422, "bad_input")
    assert said["errors"][0]["parameter"] == "trace"


def test_what_was_learned_is_listed(door):
    (learned,) = door.ask("GET", "/v1/snapshots").json()["snapshots"]
    assert learned["is_current"]
    assert learned["state"] == "published"
