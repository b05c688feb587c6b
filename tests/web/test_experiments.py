"""/v1/experiments and /v1/holdout by HTTP."""

from crosslift.errors import StoreDown

WORDS = {"experiment_id": "words", "kind": "variant", "arms": {"short": 0.5, "long": 0.5}}
BY = {"author": "mina", "reason": "which reads better"}
ASK = {"placement": "cart", "cart": ["DRIP"]}


def put(door, **changed):
    return door.ask("PUT", "/v1/experiments", {"experiments": [{**WORDS, **changed}], **BY})


def test_an_arm_to_render_is_answered_and_its_units_are_counted(door):
    assert put(door).json() == {"experiments": [{"experiment_id": "words", "version": 1, "outcome": "new"}]}
    arms = {
        door.ask("POST", "/v1/decide", {**ASK, "customer": f"c{number}"}).json()["arms"]["words"]
        for number in range(20)
    }
    assert arms == {"short", "long"}
    shown = door.ask("GET", "/v1/experiments/words").json()
    assert (shown["state"], shown["version"], shown["n_crossovers"]) == ("running", 1, 0)
    assert [one["experiment_id"] for one in door.ask("GET", "/v1/experiments").json()["experiments"]] == ["words"]


def test_who_is_held_out_is_never_told_which_arm(door):
    told = door.ask("POST", "/v1/holdout", {"share": 0.5, **BY}).json()
    assert (told["outcome"], told["version"]) == ("told", None)
    agreed = door.ask("POST", "/v1/holdout", {"share": 0.5, **BY, "agreed": True}).json()
    assert (agreed["outcome"], agreed["version"]) == ("new", 1)
    answers = [door.ask("POST", "/v1/decide", {**ASK, "customer": f"c{number}"}).json() for number in range(20)]
    held = [one for one in answers if one["no_offer"] == "withheld"]
    assert 0 < len(held) < 20
    assert all(not one["offers"] and not one["arms"] for one in answers if one in held)
    assert any(one["offers"] for one in answers if one not in held)


def test_it_ends_with_the_next_decision(door):
    put(door)
    assert door.ask("POST", "/v1/experiments/words/stop", BY).json()["version"] == 2
    assert door.ask("POST", "/v1/decide", {**ASK, "customer": "c1"}).json()["arms"] == {}


def test_what_is_wrong_is_a_problem(door, problem):
    problem(put(door, arms={"short": 1}), 422, "bad_input")
    problem(door.ask("GET", "/v1/experiments/nobodys"), 404, "not_found")
    problem(door.ask("POST", "/v1/experiments/nobodys/stop", BY), 404, "not_found")
    problem(door.ask("POST", "/v1/holdout", {"share": 0.9, **BY}), 422, "bad_input")
    two = {"kind": "policy", "arms": {"one": 0.5, "two": 0.5}, "policies": {"one": "helpful", "two": "helpful"}}
    assert put(door, **two).status_code == 200
    problem(put(door, **two, experiment_id="other"), 409, "conflict")


def test_who_is_held_out_gets_nothing_with_the_store_down_either(door, monkeypatch):
    door.ask("POST", "/v1/holdout", {"share": 0.5, **BY, "agreed": True})
    asked = [{**ASK, "customer": f"c{number}"} for number in range(20)]
    before = [door.ask("POST", "/v1/decide", one).json() for one in asked]

    def gone(*_, **__):
        raise StoreDown("cannot read records.db: disk I/O error")

    monkeypatch.setattr(door.shop.records, "person", gone)
    for one, up in zip(asked, before, strict=True):
        down = door.ask("POST", "/v1/decide", one).json()
        assert down["degraded"] is True
        assert not (up["no_offer"] == "withheld" and down["offers"])
        assert not (up["offers"] and down["no_offer"] == "withheld")
