"""/v1/explain: one product followed through a decision; a browser is told one sentence and no more."""

import pytest


def ask(door, decision_id, product, key="secret", **more):
    return door.ask("POST", "/v1/explain", {"decision_id": decision_id, "product": product, **more}, key=key)


def test_an_offered_product_has_its_place_and_its_source(door):
    made = door.decide()
    told = ask(door, made["decision_id"], "FILT", language="ko").json()
    assert (told["fate"], told["place"], told["source"], told["title"]) == ("offered", 0, "complement", "종이 필터")
    assert told["sentences"] == ["종이 필터는 1번째 자리에 제안됐어요."]
    assert told["replay"] == {"is_replayed": True, "is_equal": True, "difference": None}


def test_a_gate_is_named_with_its_code_and_what_holds_now_beside_it(door):
    door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", "stock": 0}]})
    made = door.decide()
    door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", "stock": 5}]})
    told = ask(door, made["decision_id"], "FILT").json()
    assert (told["fate"], told["gate"], told["code"], told["rule"]) == ("dropped", "eligible", "out_of_stock", None)
    assert told["now"] is None
    assert told["asked"]["complement"] >= 1


@pytest.mark.parametrize("more", [{}, {"audience": "operator"}])
def test_a_browser_is_told_a_sentence_whatever_it_asks_for(door, more):
    made = door.decide()
    told = ask(door, made["decision_id"], "TOWEL", key="publishable", language="ja", **more).json()
    assert told == {
        "decision_id": made["decision_id"], "product": "TOWEL", "was_offered": False,
        "sentence": "当店が確認している情報からは、こちらの商品につながりませんでした。",
    }  # fmt: skip


def test_a_browser_is_told_nothing_of_what_was_decided_for_a_person(door, problem):
    made = door.decide(customer="c2", purpose="personalization")
    assert made["purpose"] == "personalization"
    problem(ask(door, made["decision_id"], "FILT", key="publishable"), 403, "refused")
    told = ask(door, made["decision_id"], "FILT", audience="shopper").json()
    assert told.keys() == {"decision_id", "product", "was_offered", "sentence"}


def test_unknown_decisions_and_those_whose_inputs_are_gone_are_said(door, problem):
    problem(ask(door, "0" * 32, "FILT"), 404, "not_found")
    made = door.decide()
    door.shop.records.expire(int(door.shop.clock().timestamp() * 1_000_000) + 31 * 86_400_000_000)
    problem(ask(door, made["decision_id"], "TOWEL"), 410, "not_replayable")
    told = ask(door, made["decision_id"], "FILT").json()
    assert (told["fate"], told["replay"]["is_replayed"]) == ("offered", False)


def test_a_browser_is_told_of_the_snapshot_in_force_only(door, problem):
    made = door.decide()
    door.shop.learn(force=True)
    door.served.catch_up()
    problem(ask(door, made["decision_id"], "FILT", key="publishable"), 410, "not_replayable")
    assert ask(door, made["decision_id"], "FILT").json()["fate"] == "offered"


def test_any_page_may_ask(door):
    answer = door.ask("OPTIONS", "/v1/explain", key=None)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
