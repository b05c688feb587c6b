"""Small sets and the suggested bar over HTTP: what was drawn stands in every answer, what was learned under its own door."""

POLICY = 'name = "ours"\nextends = "helpful"\n[[variants]]\nid = "words"\noptions = ["plain", "warm"]\nplacements = ["cart"]\n'


def test_an_answer_names_what_was_drawn_and_so_does_its_explanation(door):
    assert door.decide()["variants"] == []
    door.shop.policies.publish("ours", door.shop.policies.draft(POLICY, "mina", "words")["version"], "mina")
    ask = {"placement": "cart", "cart": ["DRIP"], "policy": "ours", "anonymous": "b1"}
    made = door.ask("POST", "/v1/decide", ask).json()
    (drawn,) = made["variants"]
    assert (drawn["set"], drawn["probability"]) == ("words", 0.5)
    why = door.ask("GET", f"/v1/decisions/{made['decision_id']}", params={"trace": True}).json()
    assert why["variants"] == [drawn]
    assert why["replay"]["is_equal"]
    del ask["placement"]
    (told,) = door.ask("POST", "/v1/decide/page", {**ask, "page": [{"placement": "cart"}]}).json()["answers"]
    assert [one["set"] for one in told["variants"]] == ["words"]


def test_what_was_learned_is_told_by_set(door):
    assert door.ask("GET", "/v1/variants").json() == {"variants": []}
    door.shop.policies.publish("ours", door.shop.policies.draft(POLICY, "mina", "words")["version"], "mina")
    (told,) = door.ask("GET", "/v1/variants").json()["variants"]
    assert [one["probability"] for one in told["options"]] == [0.5, 0.5]
    assert told["note"].startswith("this snapshot was learned before")


def test_a_bar_is_weighed_over_the_shops_orders(door, problem):
    found = door.ask("GET", "/v1/thresholds/suggestion", params={"worth": 500, "currency": "KRW", "margin": 0.4}).json()
    assert (found["not_estimable"], found["currency"], found["n_orders"]) == (None, "KRW", 480)
    assert found["suggested"] is None or found["suggested"]["effects"][0]["low"] >= 0
    assert "Assumed, not learned" in found["assumption"]
    other = door.ask("GET", "/v1/thresholds/suggestion", params={"worth": 1, "currency": "EUR"}).json()
    assert other["not_estimable"] == "0 orders in EUR have a price, at least 200 needed"
    for wrong in (
        {},
        {"worth": -1},
        {"worth": "x"},
        {"worth": 1, "margin": 2},
        {"worth": 1, "since": "soon"},
        {"worth": 1, "currency": "won"},
        {"worth": "nan"},
    ):
        problem(door.ask("GET", "/v1/thresholds/suggestion", params=wrong), 422, "bad_input")
