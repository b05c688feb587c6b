"""PUT /v1/facts/{dataset}: rows of any dataset by HTTP, with an outcome for each."""

import pytest

from crosslift.shop.facts import DATASETS, OWN_DOORS

CALL = {"activity_id": "a1", "at": "2026-03-05T09:00:00Z", "kind": "call", "customer_id": "c1", "product_id": "DRIP"}
ROWS = {
    "accounts": {"account_id": "acme", "name": "Acme", "kind": "company"},
    "account_members": {"account_id": "acme", "customer_id": "c1", "role": "Decision Maker"},
    "activities": CALL,
    "agents": {"agent_id": "mina", "name": "Mina", "licences": ["tax", "insurance"], "active": True},
    "assignments": {"experiment_id": "e1", "unit_id": "c1", "arm": "a", "at": "2026-03-01"},
    "campaign_costs": {"campaign_id": "s", "from": "2026-03-01", "cost": 120, "currency": "KRW"},
    "cases": {"case_id": "k1", "customer_id": "c1", "opened_at": "2026-03-01", "status": "open", "cost": "5", "currency": "KRW"},
    "confirmations": {
        "confirmation_id": "y1", "customer_id": "c1", "order_id": "o1", "method": "recording", "proof": "call 12",
        "content": {"lines": []}, "at": "2026-03-01",
    },
    "customers": {"customer_id": "c1", "email": "c1@shop.example", "traits": {"skin": "dry"}},
    "exchange_rates": {"on": "2026-03-01", "currency": "JPY", "rate": 9.2},
    "feedback": {"feedback_id": "f1", "at": "2026-03-01", "customer_id": "c1", "kind": "nps", "rating": 0, "scale": 10},
    "logged_choices": {
        "choice_id": "1", "at": "2026-03-01", "unit_id": "c1", "action": "mail", "probability": 0.5, "context": {"n": 1},
    },
    "orders": {
        "order_id": "t1", "ordered_at": "2026-03-01T10:00:00Z", "customer_id": "c1", "product_id": "DRIP", "quantity": 1,
        "unit_price": "24000", "currency": "KRW", "channel": "till",
    },
    "payments_failed": {
        "payment_id": "p1", "at": "2026-03-01", "customer_id": "c1", "amount": 9, "currency": "KRW", "status": "failed",
    },
    "returns": {"order_id": "t1", "product_id": "DRIP", "quantity": 1, "returned_at": "2026-03-02"},
    "subscriptions": {
        "subscription_id": "s1", "customer_id": "c1", "product_id": "BEANS", "status": "active", "started_at": "2026-01-01",
    },
    "usage": {"customer_id": "c1", "product_id": "DRIP", "meter": "cups", "value": 0, "at": "2026-03-01"},
}  # fmt: skip


def put(door, dataset, *rows, **options):
    return door.ask("PUT", f"/v1/facts/{dataset}", {dataset: list(rows)}, **options)


def test_every_dataset_has_a_door():
    assert set(ROWS) == set(DATASETS)


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_row_is_kept_once(door, dataset):
    assert put(door, dataset, ROWS[dataset]).json() == {
        "new": 1, "replaced": 0, "same": 0, "outcomes": ["new"], "conflicts": [], "unknown": [],
    }  # fmt: skip
    again = put(
        door, dataset, ROWS[dataset], ROWS[dataset] if dataset != "orders" else ROWS["orders"] | {"order_id": "t2"}
    )
    assert again.json()["outcomes"] == ["same", "same" if dataset != "orders" else "new"]
    table = "order_lines" if dataset == "orders" else dataset
    mine = door.shop.records.table(table, ["id", "import_id"]).column("import_id").to_pylist()
    assert mine.count(min(i.import_id for i in door.shop.records.imports() if i.source == "api")) == 1


def test_each_row_is_told_its_outcome(door):
    put(door, "cases", ROWS["cases"] | {"updated_at": "2026-03-02"})
    answer = put(
        door, "cases",
        ROWS["cases"] | {"status": "closed", "updated_at": "2026-03-03"},
        ROWS["cases"] | {"case_id": "k2", "product_id": "GHOST"},
        ROWS["cases"] | {"case_id": "k2", "status": "waiting", "product_id": "GHOST"},
        ROWS["cases"] | {"updated_at": "2026-03-01"},
    )  # fmt: skip
    assert answer.json() == {
        "new": 1, "replaced": 1, "same": 1, "outcomes": ["replaced", "new", "conflict", "same"], "conflicts": ["k2"],
        "unknown": ["GHOST"],
    }  # fmt: skip


def test_orders_hold_at_once_and_are_learned_from_later(door):
    assert (
        put(door, "orders", ROWS["orders"], ROWS["orders"] | {"product_id": "NEW-1", "title": "Cup"}).json()["new"] == 2
    )
    assert {"DRIP", "NEW-1"} <= door.shop.records.person("customer:c1").owned
    assert put(door, "returns", ROWS["returns"]).json()["new"] == 1
    assert "NEW-1" in door.shop.records.person("customer:c1").owned
    door.shop.learn()
    assert "NEW-1" in door.shop.products().column("product_id").to_pylist()


@pytest.mark.parametrize(
    ("dataset", "row", "pointer"),
    [
        ("activities", {**CALL, "kind": "dance"}, "/activities/1/kind"),
        ("activities", {**CALL, "at": None}, "/activities/1"),
        ("activities", {**CALL, "customer_id": ""}, "/activities/1/customer_id"),
        ("activities", {"at": "2026-03-05", "kind": "call"}, "/activities/1"),
        ("activities", "no object", "/activities/1"),
    ],
)
def test_a_wrong_row_is_named_by_its_place_and_nothing_is_kept(door, problem, dataset, row, pointer):
    said = problem(put(door, dataset, CALL, row), 422, "bad_input")
    assert said["errors"][0]["pointer"] == pointer
    assert door.shop.records.table("activities", ["id"]).num_rows == 0


@pytest.mark.parametrize("body", [{}, {"activities": []}, {"cases": [CALL]}, [CALL], {"activities": [CALL], "more": 1}])
def test_a_body_of_another_outline_is_a_problem(door, problem, body):
    problem(door.ask("PUT", "/v1/facts/activities", body), 422, "bad_input")


def test_at_most_a_thousand_at_once(door, problem):
    said = problem(put(door, "activities", *({**CALL, "activity_id": str(n)} for n in range(1001))), 422, "bad_input")
    assert said["errors"][0]["pointer"] == "/activities"


@pytest.mark.parametrize("dataset", ["events", "decisions", "", *OWN_DOORS])
def test_what_is_no_fact_is_not_found(door, problem, dataset):
    said = problem(put(door, dataset, CALL), 404, "not_found")
    assert dataset in OWN_DOORS or not dataset or f"no dataset {dataset!r}" in said["detail"]


def test_other_methods_do_nothing_here(door, problem):
    assert problem(door.ask("GET", "/v1/facts/cases"), 405, "method_not_allowed")["detail"] == "this path answers PUT"


@pytest.mark.parametrize(("key", "status", "code"), [(None, 401, "key_needed"), ("publishable", 403, "refused")])
def test_a_secret_key_is_needed(door, problem, key, status, code):
    problem(put(door, "activities", CALL, key=key), status, code)
