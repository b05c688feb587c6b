"""A whole page in one call, and what is answered while the store is down."""

import sqlite3
import threading

import pytest

from crosslift.errors import StoreDown


def ask(door, page, **more):
    answer = door.ask("POST", "/v1/decide/page", {"page": page, "cart": ["DRIP"], **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


def names(answer):
    return [offer["product"] for offer in answer["offers"]]


def test_no_product_stands_twice_on_a_page(door):
    alone = names(door.decide(k=2))
    first, second = ask(door, [{"placement": "cart", "k": 1}, {"placement": "checkout", "k": 2}], trace=True)
    assert names(first) == alone[:1]
    assert alone[0] not in names(second)
    dropped = {c["product"]: c["dropped"] for c in second["trace"]["candidates"]}
    assert dropped[alone[0]] == "on_page"
    for answer in (first, second):
        assert door.shop.replay(answer["decision_id"]).is_equal


def test_a_spot_says_only_what_differs(door):
    (searched, product) = ask(
        door, [{"placement": "search", "query": "filter"}, {"placement": "product", "product": "SERV"}], language="ja"
    )
    assert "SERV" not in names(product)
    assert searched["purpose"] == product["purpose"] == "contextual"


@pytest.mark.parametrize("page", [[], [{"placement": "nowhere"}], [{"placement": "cart", "k": 0}]])
def test_a_wrong_page_is_refused(door, problem, page):
    problem(door.ask("POST", "/v1/decide/page", {"page": page}), 422, "bad_input")


def test_with_the_store_down_a_page_is_answered_from_memory(door, monkeypatch):
    before = names(door.decide())

    def gone(*_, **__):
        raise StoreDown("cannot read records.db: disk I/O error")

    monkeypatch.setattr(door.shop.records, "person", gone)
    inline = door.decide()
    assert inline["degraded"] is True
    assert inline["decision_id"] is None
    assert set(names(inline)) <= set(before)
    popup = door.decide(placement="popup")
    assert (popup["offers"], popup["no_offer"], popup["decision_id"]) == ([], "store_down", None)
    figures = door.ask("GET", "/metrics").text
    assert 'crosslift_degraded_total{no_offer="store_down",placement="popup"} 1.0' in figures


def test_a_commit_that_fails_is_answered_from_memory_too(door, monkeypatch):
    def full(*_):
        raise StoreDown("cannot write records.db: database or disk is full")

    monkeypatch.setattr(door.shop.records, "record_decisions", full)
    assert door.decide()["degraded"] is True


def test_sqlite_says_that_the_store_is_down(door, monkeypatch):
    def broken(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("crosslift.store.sql_steps.change_number", broken)
    with pytest.raises(StoreDown, match="mend the folder"):
        door.shop.records.person(None)


def test_the_desk_is_not_answered_from_memory(door, monkeypatch):
    def gone(*_, **__):
        raise StoreDown("cannot read records.db: disk I/O error")

    door.decide()
    monkeypatch.setattr(door.shop.records, "person", gone)
    for placement in ("desk", "till", "email"):
        answer = door.decide(placement=placement, customer="c1")
        assert (answer["offers"], answer["no_offer"], answer["degraded"]) == ([], "store_down", True)


def test_who_waits_for_the_store_is_answered_in_time(door, monkeypatch):
    held, record = threading.Event(), door.shop.records.record_decisions
    monkeypatch.setattr("crosslift.web.served.STORE_SECONDS", 0.05)
    monkeypatch.setattr(door.shop.records, "record_decisions", lambda *rows: (held.wait(30), record(*rows))[1])
    try:
        assert door.decide()["degraded"] is True
    finally:
        held.set()
