"""One person whole: how much is read for it, and that nothing is read twice or left out."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.profile import PROFILE_COLUMNS
from crosslift.store.tables import arrow_schema

AT = "2026-10-30T10:00:00Z"
MOST_STATEMENTS = 34
PLAIN = {"person_id", "identities", "accounts", "owned", "holdings", "dues", "consents", "profile", "counts"}


@pytest.fixture
def shop(little, tmp_path, clock):
    """Ann has one browser and one order; Bea has many, of the same kinds."""
    with little.open_shop(tmp_path / "home", clock) as shop:
        come(shop, "ann", 1)
        come(shop, "bea", 25)
        yield shop


def come(shop, who, n_times):
    """Let somebody come so many times, each time on another browser."""
    browsers = [f"{who}-{i}" for i in range(n_times)]
    shop.put_facts("customers", [{"customer_id": who, "email": f"{who}@mail.example", "created_at": AT}])
    shop.put_facts("orders", [
        {"order_id": name, "line_id": "1", "ordered_at": AT, "customer_id": who, "product_id": "tea", "quantity": 1,
         "unit_price": "4", "currency": "USD"}
        for name in browsers
    ])  # fmt: skip
    shop.put_facts("returns", [
        {"order_id": name, "product_id": "tea", "returned_at": AT, "quantity": 1} for name in browsers
    ])  # fmt: skip
    shop.collect_events([
        Message(event="Product Viewed", timestamp=AT, message_id=name, user_id=who, anonymous_id=name,
                properties={"product_id": "tea"})
        for name in browsers
    ])  # fmt: skip


def statements_of(shop, who):
    shop.customers.show(who)
    seen = []
    connection = shop.records._reader()
    connection.set_trace_callback(seen.append)
    try:
        shop.customers.show(who)
    finally:
        connection.set_trace_callback(None)
    return seen


def test_many_names_and_orders_take_no_more_statements_than_one(shop):
    few, many = statements_of(shop, "ann"), statements_of(shop, "bea")
    assert len(shop.customers.show("bea")["identities"]) == 27
    assert len(few) == len(many) <= MOST_STATEMENTS


def test_few_numbers_of_names_make_few_statements(shop):
    connection, seen = shop.records._reader(), []
    for n in range(1, 40):
        names = [f"customer:{i}" for i in range(n)]
        connection.set_trace_callback(seen.append)
        assert shop.records.page(names, 20) == ({}, {}, [])
        connection.set_trace_callback(None)
    assert len({statement.count("'") for statement in seen if "count(*)" in statement}) == 7  # 1, 2, 4 ... 64 names


@pytest.mark.parametrize("who", ["ann", "bea"])
def test_a_page_holds_the_newest_of_what_is_known_and_counts_the_rest(shop, who):
    records = shop.records
    person = records.person(f"customer:{who}")
    rows, counts, log = records.page(person.identities, 3)
    whole = records.about(person.identities)
    assert rows == {table: kept[:3] if table != "identity_evidence" else rows[table] for table, kept in whole.items()}
    assert counts == records.count_about(person.identities)
    assert log == records.mapping_changes(person.identities)
    assert counts["order_lines"] == len(whole["order_lines"]) == {"ann": 1, "bea": 25}[who]
    assert len(whole["returns"]) == len(whole["order_lines"])


def test_evidence_that_joins_two_names_of_a_person_is_told_once(shop):
    for tables in (
        shop.records.about(names := shop.records.person("customer:bea").identities),
        shop.records.page(names, 99)[0],
    ):
        told = [(row["first"], row["second"], row["rule"]) for row in tables["identity_evidence"]]
        assert len(told) == len(set(told)) > 0


def test_what_is_told_of_a_group_follows_what_was_learned_last(shop):
    person = shop.records.person("customer:ann").person_id
    row = {"person_id": person, "cluster": "usual", "persona": "usual"}
    schema = arrow_schema("profiles", tuple(PROFILE_COLUMNS))
    shop.records.save_profiles(pa.Table.from_pylist([row], schema))
    assert shop.customers.show("ann")["told"] == []
    for n_people in (9, 12):
        cluster = {"cluster_id": "usual", "marks": [], "n_people": n_people, "share": 1.0, "center": {}}
        groups = {"clusters": [cluster], "personas": {"usual": {"n_people": n_people}}}
        shop.records.save_model("groups", 1, json.dumps(groups))
        shown = shop.customers.show("ann")
        assert shown["persona_card"] == {"n_people": n_people}
        assert f"One of {n_people} people" in shown["told"][0]["text"]


def test_a_merge_taken_back_leaves_what_was_there_for_those_learned_and_those_new(shop, clock):
    shop.put_facts("customers", [{"customer_id": "quiet", "traits": {"skin": "dry"}}])
    shop.profiles.learn(lambda *_: None)
    clock.now += timedelta(days=1)
    shop.put_facts("customers", [{"customer_id": "new", "traits": {"skin": "oily"}}])
    whole = ("ann", "quiet", "new")

    def shown():
        return {who: {k: v for k, v in shop.customers.show(who).items() if k in PLAIN} for who in whole}

    before = shown()
    assert [before[who]["profile"] is None for who in whole] == [False, False, True]
    for first, second in (("ann", "new"), ("quiet", "new"), ("ann", "quiet")):
        shop.customers.merge(first, second, "mina")
        assert shop.customers.show(first)["person_id"] == shop.customers.show(second)["person_id"]
        shop.customers.split(first, second, "mina", "two people")
        assert shown() == before
