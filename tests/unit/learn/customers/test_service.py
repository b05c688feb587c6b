import numpy as np
import pytest

from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.service import Rates, Service

HOURLY = Rates(per_hour=60.0, per_contact=5.0)
AS_OF = 1_000


@pytest.fixture
def serve(table):
    def serve(cases=(), activities=(), members=(), rates=HOURLY, people="ab"):
        def of(rows):
            return np.array([people.find(row.get("customer_id") or "-") for row in rows], np.int32)

        accounts = Accounts.of(table("account_members", *members), table("accounts"), of(members), AS_OF)
        return Service.of(
            table("cases", *cases), table("activities", *activities), of(cases), of(activities), accounts,
            Exchange("EUR", table("exchange_rates")), rates, AS_OF, len(people),
        )  # fmt: skip

    return serve


def case(customer, opened=100, **more):
    return {"case_id": "k", "customer_id": customer, "opened_at": opened, "status": "open", "currency": "EUR"} | more


def call(customer, at=100, minutes=None, **more):
    return {"customer_id": customer, "at": at, "kind": "call", "direction": "in", "duration_minutes": minutes} | more


def test_a_case_costs_what_is_noted_else_a_contact(serve):
    found = serve([case("a", cost_micros=12_000_000), case("a", 200), case("b")])
    assert found.cost.tolist() == [17_000_000, 5_000_000]
    assert found.n_contacts.tolist() == [2, 1]


def test_a_contact_costs_its_minutes_else_a_contact(serve):
    found = serve(activities=[call("a", minutes=30), call("a"), call("b", minutes=0)])
    assert found.cost.tolist() == [35_000_000, 0]


def test_what_the_shop_began_is_no_service(serve):
    found = serve(activities=[
        call("a", minutes=30, direction="out"), call("a", minutes=30, kind="visit", direction=None),
        call("a", minutes=30, direction=None),
    ])  # fmt: skip
    assert found.cost.tolist() == [30_000_000, 0]
    assert found.n_contacts.tolist() == [1, 0]
    assert found.n_activities.tolist() == [3, 0]


def test_calls_within_a_case_that_has_a_cost_are_part_of_it(serve):
    cases = [case("a", 100, closed_at=200, cost_micros=1), case("a", 120, closed_at=130, cost_micros=1), case("b", 100)]
    calls = [call("a", at, minutes=60) for at in (99, 100, 150, 200, 201)] + [call("b", 150, minutes=60)]
    found = serve(cases, calls)
    assert found.cost.tolist() == [2 + 2 * 60_000_000, 65_000_000]


def test_an_open_case_with_a_cost_covers_calls_to_this_day(serve):
    assert serve([case("a", cost_micros=1)], [call("a", 999, minutes=60)]).cost.tolist() == [1, 0]


def test_somebody_elses_case_covers_nothing(serve):
    assert serve([case("b", cost_micros=1)], [call("a", 150, minutes=60)]).cost.tolist() == [60_000_000, 1]


def test_open_cases_and_contacts_of_an_account_are_known_to_its_members_and_cost_nobody(serve):
    members = [{"account_id": "w", "customer_id": "a"}, {"account_id": "w", "customer_id": "b"}]
    account = {"customer_id": None, "account_id": "w"}
    found = serve(
        [case(None, **account), case("a", status="solved"), case(None, status="waiting", **account)],
        [call(None, 700, **account)], members,
    )  # fmt: skip
    assert found.open_cases.tolist() == [2, 2]
    assert found.n_activities.tolist() == [1, 1]
    assert found.last_activity_at.tolist() == [700, 700]
    assert found.cost.tolist() == [5_000_000, 0]


def test_a_case_in_a_currency_without_a_rate_leaves_the_cost_unknown(serve):
    assert serve([case("a", cost_micros=1, currency="USD"), case("b")]).is_known.tolist() == [False, True]


def test_who_asked_last_is_remembered(serve):
    found = serve([case("a", 300)], [call("a", 500, direction="out"), call("b", 400)])
    assert found.last_asked_at.tolist() == [300, 400]
    assert found.last_activity_at.tolist() == [500, 400]


def test_a_shop_without_contacts(serve):
    found = serve()
    assert found.cost.tolist() == found.open_cases.tolist() == [0, 0]
    assert found.last_activity_at.tolist() == [-1, -1]
