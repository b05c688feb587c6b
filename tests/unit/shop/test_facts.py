"""Facts put one by one, and batches of events, by the code of the file door."""

from datetime import UTC, datetime

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings
from crosslift.shop import facts
from crosslift.store.sqlite import SqliteRecords
from crosslift.testing.records_rows import bring, row

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = Settings.load(environment={})
LINE = {
    "order_id": "1", "ordered_at": "2026-02-01T10:00:00Z", "customer_id": "c1", "product_id": "A", "quantity": 1,
    "unit_price": "5", "currency": "USD", "source": "till",
}  # fmt: skip
CASE = {"case_id": "k", "customer_id": "c1", "opened_at": "2026-02-01", "status": "open", "product_id": "GHOST"}


@pytest.fixture
def records(tmp_path):
    store = SqliteRecords(tmp_path / "records.db")
    bring(store, "products", (row("products"),))
    yield store
    store.close()


@pytest.fixture
def put(records):
    def run(dataset, *rows):
        return facts.put_facts(records, SETTINGS, NOW, dataset, rows)

    return run


def test_each_row_has_its_outcome(put):
    assert put("cases", CASE) == {
        "new": 1, "replaced": 0, "same": 0, "outcomes": ["new"], "conflicts": [], "unknown": ["GHOST"],
    }  # fmt: skip
    newer = {**CASE, "status": "closed", "updated_at": "2026-02-02"}
    answer = put("cases", CASE, newer, {**CASE, "status": "waiting"}, {**CASE, "case_id": "l", "product_id": "A"})
    assert answer["outcomes"] == ["same", "replaced", "conflict", "new"]
    assert (answer["conflicts"], answer["unknown"]) == (["k"], ["GHOST"])


@pytest.mark.parametrize("dataset", ["events", "links", "", "consents"])
def test_what_is_no_fact_is_refused(put, dataset):
    with pytest.raises(
        NotFound, match=f"no dataset '{dataset}'; facts are put as account_members, accounts, activities"
    ):
        put(dataset, CASE)


def test_nothing_is_kept_of_a_batch_with_a_wrong_row(records, put):
    with pytest.raises(BadInput, match=r"cases\[1\], status: 'gone' is no one of open, waiting"):
        put("cases", CASE, {**CASE, "case_id": "l", "status": "gone"})
    assert records.table("cases", ["id"]).num_rows == 0


def test_zero_is_a_value(records, put):
    put("usage", {"customer_id": "c1", "product_id": "A", "meter": "pages", "value": 0, "at": "2026-02-01"})
    assert records.table("usage", ["value"]).to_pylist() == [{"value": 0.0}]


def test_what_is_bought_or_given_back_holds_at_once_and_waits_to_be_worked_up(records, put):
    assert records.meta(facts.UNWORKED) == ""
    put("orders", LINE, {**LINE, "product_id": "B"})
    assert records.person("customer:c1").owned == {"A", "B"}
    assert records.meta(facts.UNWORKED) == "yes"
    records.set_meta(facts.UNWORKED, "")
    put("returns", {"order_id": "1", "source": "till", "product_id": "A", "quantity": 1, "returned_at": "2026-02-02"})
    assert records.person("customer:c1").owned == {"B"}
    assert records.meta(facts.UNWORKED) == "yes"


def test_facts_that_are_no_sales_leave_nothing_to_work_up(records, put):
    put("cases", CASE)
    assert records.meta(facts.UNWORKED) == ""


def test_a_bad_answer_opens_a_case_at_once(records, put):
    answer = {"feedback_id": "f1", "at": "2026-02-28", "customer_id": "c1", "kind": "csat", "rating": 1, "scale": 5}
    assert put("feedback", answer, {**answer, "feedback_id": "f2", "rating": 5})["outcomes"] == ["new", "new"]
    assert put("feedback", answer)["outcomes"] == ["same"]
    assert records.table("cases", ["case_id", "severity"]).to_pylist() == [{"case_id": "voice:f1", "severity": "high"}]


ORDER = Message(
    event="Order Completed", message_id="m", user_id="c1", timestamp="2026-02-01T10:00:00Z",
    properties={"order_id": "w1", "products": [{"product_id": "A", "price": 5}]},
)  # fmt: skip


def collect(records, *messages, tells_orders=True, settings=SETTINGS):
    return facts.collect_events(records, settings, NOW, messages, tells_orders=tells_orders)


def test_events_tell_of_orders_once(records):
    assert collect(records, ORDER) == {"received": 1, "new": 1, "seen_before": 0}
    assert collect(records, ORDER) == {"received": 1, "new": 0, "seen_before": 1}
    assert records.table("order_lines", ["source", "order_id"]).to_pylist() == [{"source": "events", "order_id": "w1"}]
    assert records.person("customer:c1").owned == {"A"}
    assert records.meta(facts.UNWORKED) == "yes"


def test_who_is_not_believed_tells_of_no_order(records):
    assert collect(records, ORDER, tells_orders=False)["new"] == 1
    assert records.table("order_lines", ["id"]).num_rows == 0
    assert records.meta(facts.UNWORKED) == ""


def test_an_order_of_the_same_source_by_file_or_event_is_one_order(records, put):
    named = Settings.load({"collect.events_source": "till"}, environment={})
    collect(records, Message(**{**_plain(ORDER), "properties": {**ORDER.properties, "order_id": "1"}}), settings=named)
    put("orders", LINE)
    assert records.table("order_lines", ["source", "unit_price_micros"]).to_pylist() == [
        {"source": "till", "unit_price_micros": 5_000_000}
    ]


def test_a_try_is_no_event_and_its_order_nobodys(records):
    again = ORDER.properties | {"test": True}
    tried = Message(**{**_plain(ORDER), "properties": again})
    seen = Message(event="Product Viewed", anonymous_id="a", context={"test": True}, properties={"product_id": "A"})
    assert collect(records, tried, seen, ORDER) == {"received": 3, "new": 1, "seen_before": 0, "left_out": 2}
    returned = Message(**{**_plain(tried), "event": "Order Refunded", "message_id": "r"})
    assert collect(records, returned)["left_out"] == 1
    assert records.table("returns", ["id"]).num_rows == 0
    assert records.table("events", ["name"]).num_rows == 1


def test_the_order_of_a_try_is_kept_as_one_and_owned_by_nobody(records):
    collect(records, Message(**{**_plain(ORDER), "properties": ORDER.properties | {"test": True}}))
    assert records.table("order_lines", ["order_id", "status"]).to_pylist() == [{"order_id": "w1", "status": "test"}]
    assert records.person("customer:c1").owned == frozenset()


def _plain(message):
    return {name: getattr(message, name) for name in message.__struct_fields__}


def test_contacts_are_gathered_for_the_quality_report(records, put):
    put("cases", CASE)
    put("activities", {"activity_id": "a", "at": "2026-02-01", "kind": "call", "account_id": "acme"})
    put("accounts", {"account_id": "initech", "name": "Initech"})
    put("orders", {**LINE, "customer_id": "c2"})
    told = facts.contacts(records)
    assert (told.customers, told.accounts, told.products) == ({"c1"}, {"acme"}, {"GHOST"})
    assert (told.known_customers, told.known_accounts) == ({"c2"}, {"initech"})


SAID = {"at": "2026-02-28T10:00:00Z", "customer_id": "ann@mail.example", "kind": "csat", "scale": 5}


def test_answers_of_one_response_open_the_gravest_case_alone(records):
    rows = [{**SAID, "feedback_id": name, "rating": rating} for name, rating in (("a", 2), ("b", 1), ("c", 2))]
    facts.put_facts(records, SETTINGS, NOW, "feedback", rows, is_response=True)
    facts.put_facts(records, SETTINGS, NOW, "feedback", rows, is_response=True)
    assert records.table("cases", ["case_id", "severity"]).to_pylist() == [{"case_id": "voice:b", "severity": "high"}]
    facts.put_facts(
        records, SETTINGS, NOW, "feedback", [{**row, "feedback_id": row["feedback_id"] * 2} for row in rows]
    )
    assert records.table("cases", ["case_id"]).num_rows == 4


def test_an_address_is_evidence_once_an_answer_of_it_counts(records):
    rows = [{**SAID, "feedback_id": "a", "rating": 5}, {**SAID, "customer_id": "c1", "feedback_id": "b", "rating": 5},
            {**SAID, "customer_id": None, "feedback_id": "c", "rating": 5}]  # fmt: skip
    assert facts.address_evidence(records, rows, NOW) == []
    facts.put_facts(records, SETTINGS, NOW, "feedback", rows)
    pair = ("customer:ann@mail.example", "email:ann@mail.example", "email", int(NOW.timestamp() * 1_000_000))
    assert facts.address_evidence(records, rows, NOW) == [pair]


def test_who_was_erased_does_not_come_back_by_an_answer_sent_again(records):
    rows = [{**SAID, "feedback_id": "a", "rating": 1}]
    facts.put_facts(records, SETTINGS, NOW, "feedback", rows)
    records.erase({"erased:x": ["customer:ann@mail.example", "email:ann@mail.example"]}, 1)
    facts.put_facts(records, SETTINGS, NOW, "feedback", rows)
    assert facts.address_evidence(records, rows, NOW) == []
    assert records.table("feedback", ["id"]).num_rows == records.table("cases", ["id"]).num_rows == 0
