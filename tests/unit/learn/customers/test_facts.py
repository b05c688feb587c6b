import numpy as np

from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.facts import Facts, markets_of
from crosslift.learn.customers.material import CustomerMaterial


def read(settings, as_of=None, now=None, **tables):
    return Facts.read(CustomerMaterial(**tables), settings, "EUR", as_of, now)


def test_every_table_adds_people_and_signs_of_life(table, line, some_settings):
    facts = read(
        some_settings(),
        lines=table("lines", line("1", "a", "p", 1, market="KR")),
        usage=table("usage", {"customer_id": "b", "at": 2}),
        activities=table(
            "activities",
            {"customer_id": "c", "at": 3, "kind": "call", "direction": "in"},
            {"customer_id": "d", "at": 9, "kind": "mail", "direction": "out"},
        ),
        feedback=table("feedback", {"feedback_id": "1", "customer_id": "e", "at": 5, "kind": "review"}),
        events=[table("events", {"identity": "anonymous:f", "name": "page", "at": 6, "properties": "{}"})],
    )
    assert facts.people.ids.to_pylist() == ["anonymous:f", *(f"customer:{name}" for name in "abcde")]
    assert facts.last_seen_at.tolist() == [6, DAY, 2, 3, -1, 5]
    assert facts.last_used_at.tolist() == [-1, -1, 2, 3, -1, -1]
    assert facts.last_ordered_at.tolist() == [-1, DAY, -1, -1, -1, -1]
    assert facts.as_of == DAY
    assert markets_of(facts).to_pylist() == ["KR"]


def test_payments_given_up_are_lost_and_others_are_not(table, some_settings):
    def payment(customer, status, currency="EUR"):
        return {"customer_id": customer, "at": 1, "amount_micros": 7, "currency": currency, "status": status}

    facts = read(
        some_settings(),
        payments_failed=table(
            "payments_failed",
            payment("a", "defaulted"),
            payment("a", "defaulted"),
            payment("a", "failed"),
            payment("b", "recovered"),
            payment("c", "defaulted", "USD"),
            payment("d", "failed", "USD"),
        ),
    )
    assert facts.defaults.tolist() == [14, 0, 0, 0]
    assert facts.has_default_rates.tolist() == [True, True, False, True]


def test_later_facts_are_not_read(table, line, some_settings):
    tables = {
        "lines": table("lines", line("1", "a", "p", 1), line("2", "b", "p", 3)),
        "events": [table("events", {"identity": "customer:c", "name": "page", "at": 4 * DAY, "properties": "{}"})],
    }
    assert read(some_settings(), now=2 * DAY, **tables).people.ids.to_pylist() == ["customer:a"]
    pinned = read(some_settings(), as_of=3 * DAY, **tables)
    assert (pinned.as_of, pinned.figures.recency_days.tolist()) == (3 * DAY, [2.0, 0.0])


def test_a_shop_without_facts(some_settings):
    facts = read(some_settings())
    assert (len(facts.people), facts.as_of) == (0, 0)
    assert np.array_equal(facts.last_seen_at, [])
