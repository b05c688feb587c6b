"""Who has fallen silent, over all names, by any kind of fact; and what `retain` makes of it."""

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.errors import Busy
from crosslift.shop.locks import learning_alone
from crosslift.store.traces import find_traces

LONG_AGO, LATELY = "2024-03-01T00:00:00Z", "2026-03-01T00:00:00Z"


@pytest.fixture
def shop(little, tmp_path, clock):
    """A shop that forgets people after 700 days."""
    with little.open_shop(tmp_path / "home", clock, privacy_idle_days=700, privacy_events_days=0) as shop:
        yield shop


@pytest.fixture
def silent(shop):
    """Ann was heard of long ago, by a record, an order and a visit; Bea lately."""
    shop.put_facts("customers", [
        {"customer_id": who, "email": f"{who}@mail.example", "created_at": LONG_AGO} for who in ("ann-4711", "bea-0815")
    ])  # fmt: skip
    bought(shop, "ann-4711", LONG_AGO)
    bought(shop, "bea-0815", LATELY)
    viewed(shop, LONG_AGO, user_id="ann-4711", anonymous_id="browser-of-ann")
    return shop


def bought(shop, who, at):
    order = {
        "order_id": at,
        "line_id": who[:1],
        "ordered_at": at,
        "customer_id": who,
        "product_id": "tea",
        "quantity": 1,
    }
    shop.put_facts("orders", [{**order, "unit_price": "4", "currency": "USD"}])


def viewed(shop, at, **who):
    properties = {"product_id": "tea"}
    fields = {"event": "Product Viewed", "timestamp": at, "message_id": at}
    shop.collect_events([Message(**fields, **who, properties=properties)])


def names(shop):
    return [one.person_id for one in shop.privacy.idle()]


def test_who_was_last_heard_of_before_the_days_is_idle_under_all_names(silent):
    [ann] = silent.privacy.idle()
    assert (ann.person_id, ann.last_at) == ("customer:ann-4711", 1_709_251_200_000_000)
    assert set(ann.identities) == {"customer:ann-4711", "email:ann-4711@mail.example", "anonymous:browser-of-ann"}


def test_the_longest_silent_come_first(silent):
    bought(silent, "cay", "2020-01-01T00:00:00Z")
    assert names(silent) == ["customer:cay", "customer:ann-4711"]


@pytest.mark.parametrize(
    ("dataset", "fact"),
    [
        ("activities", {"activity_id": "a", "kind": "call", "at": LATELY}), ("usage", {"product_id": "tea", "meter": "cups",
         "value": 1, "at": LATELY}), ("feedback", {"feedback_id": "f", "kind": "nps", "rating": 9, "at": LATELY}),
        ("cases", {"case_id": "c", "status": "open", "opened_at": LATELY}),
        ("customers", {"email": "ann-4711@mail.example", "created_at": LONG_AGO, "updated_at": LATELY}),
        ("subscriptions", {"subscription_id": "s", "product_id": "tea", "status": "active", "started_at": LONG_AGO}),
    ],
)  # fmt: skip
def test_anything_newer_and_a_contract_that_runs_keeps_somebody(silent, dataset, fact):
    silent.put_facts(dataset, [{"customer_id": "ann-4711", **fact}])
    assert names(silent) == []


def test_a_visit_of_a_browser_of_theirs_keeps_somebody_sealed_or_not(silent):
    viewed(silent, LATELY, anonymous_id="browser-of-ann")
    assert names(silent) == []
    silent.frames.seal(1)
    assert names(silent) == []


def test_what_another_name_of_the_person_did_keeps_all_of_them(silent):
    silent.customers.merge("ann-4711", "bea-0815", "mina")
    assert names(silent) == []


def test_who_was_never_told_of_with_a_time_counts_from_the_first_telling(shop, clock):
    shop.put_facts("customers", [{"customer_id": "dot"}])
    clock.move(days=699)
    assert names(shop) == []
    clock.move(days=2)
    assert names(shop) == ["customer:dot"]


def test_a_browser_nobody_is_known_by_is_no_person(shop):
    viewed(shop, LONG_AGO, anonymous_id="stranger")
    assert names(shop) == []


def test_without_days_nobody_is_idle(little, silent, clock):
    home = silent.home
    silent.close()
    with little.open_shop(home, clock) as shop:
        assert shop.privacy.idle() == []
        assert "people" not in shop.privacy.retain()


def test_retain_erases_the_idle_with_a_certificate_and_nobody_else(silent):
    silent.frames.seal(1)
    bought(silent, "cay-1234", "2020-01-01T00:00:00Z")
    lines = silent.records.table("order_lines", ["id"]).num_rows
    traces = ("ann-4711", "browser-of-ann", "cay-1234")
    assert {trace.text for trace in find_traces(silent.home, traces).found} == set(traces)
    gone = silent.privacy.retain()
    assert gone["people"] == 2
    certificate = gone["certificate"]
    assert (certificate["people"], certificate["identities"], certificate["is_complete"]) == (2, 4, True)
    assert certificate["removed"]["sealed events"] == 1
    assert not any(name in msgspec.json.encode(certificate).decode() for name in traces)
    [kept] = silent.records.table("erasures", ["certificate_id", "report"]).to_pylist()
    assert kept["certificate_id"] == certificate["certificate_id"]
    assert silent.records.table("order_lines", ["id"]).num_rows == lines
    assert silent.customers.show("bea-0815")["counts"]["order_lines"] == 1
    again = silent.privacy.retain()
    assert (again["people"], again["certificate"], names(silent)) == (0, None, [])
    silent.records.close()
    assert find_traces(silent.home, traces).found == ()


def test_whoever_comes_back_is_welcome_and_old_exports_bring_nobody_back(silent, clock):
    silent.privacy.retain()
    old = {"customer_id": "ann-4711", "email": "ann-4711@mail.example", "created_at": LONG_AGO}
    silent.put_facts("customers", [old])
    viewed(silent, LATELY, user_id="ann-4711", anonymous_id="browser-of-ann")
    assert find_traces(silent.home, ["ann-4711", "browser-of-ann"]).found == ()
    assert not silent.records.known_customers(["ann-4711"])
    clock.move(days=30)
    bought(silent, "ann-4711", "2026-11-20T00:00:00Z")
    silent.put_facts("customers", [old])
    shown = silent.customers.show("ann-4711")
    assert shown["rows"]["customers"][0]["email"] == "ann-4711@mail.example"
    assert shown["counts"] == {"customers": 1, "order_lines": 1}
    assert names(silent) == []


def test_nobody_is_erased_while_learning_goes_on(silent):
    with learning_alone(silent.records, silent.home), pytest.raises(Busy, match="a learning run of"):
        silent.privacy.retain()
    assert names(silent) == ["customer:ann-4711"]
