"""Which sales are assisted, what each charged, what its customer said, and how it ended."""

from datetime import date

import pytest

from crosslift.errors import BadInput
from crosslift.measure.guard_sale import SaleKind, SaleState
from crosslift.measure.guard_sales import Roster, assisted_sales, contacts_of, time_worked


@pytest.fixture(scope="session")
def made(load_script):
    return load_script("tests/unit/measure/assisted.py")


@pytest.fixture
def sales(made):
    """Give the assisted sales of tables as of now."""
    return lambda given=None, *, now=None, **tables: assisted_sales(
        made.told(**tables), given or made.terms(), made.ago(0) if now is None else now
    )


def states(found):
    return [sale.state for sale in found]


def test_a_line_sold_by_somebody_and_not_confirmed_is_flagged_after_the_grace(made, sales):
    lines = [{"ordered_at": made.ago(10)}, {"order_id": "o2", "ordered_at": made.ago(1)}]
    old, new = sales(lines=lines)
    assert (old.agent_id, old.order_id, old.state, new.state) == ("mina", "o1", SaleState.MISSING, SaleState.WAITING)
    assert (old.charged_micros, old.currency, old.is_guarded, old.is_early) == (49_000_000, "EUR", True, False)
    assert states(sales(made.terms(grace_days=20), lines=lines)) == [SaleState.WAITING] * 2


def test_sales_nobody_made_are_not_looked_at(made, sales):
    web = [{"attributes": None}, {"attributes": '{"note":"agent_id"}'}, {"attributes": '{"agent_id":""}'}]
    assert sales(lines=web) == []


def test_negative_lines_adjustments_and_the_future_are_no_sales(made, sales):
    lines = [{"quantity": -1}, {"quantity": 0}, {"status": "adjustment"}, {"ordered_at": made.ago(-1)}]
    assert sales(lines=lines) == []
    assert sales(subscriptions=[{"started_at": made.ago(-1)}]) == []


@pytest.mark.parametrize(
    "attributes",
    ['{"Agent ID":"mina"}', '{"staff":"Mina Kim"}', '{"sold by":" mina "}', '{"agent_id":"","agent":"mina"}'],
)
def test_who_sold_is_read_under_any_of_the_names_by_id_or_by_name(sales, attributes):
    agents = [{"agent_id": "mina", "name": "Mina Kim"}, {"agent_id": "jo", "name": "Jo"}]
    [found] = sales(lines=[{"attributes": attributes}], agents=agents)
    assert found.agent_id == "mina"


def test_a_name_of_two_agents_is_neither(made):
    roster = Roster(made.told(agents=[{"agent_id": "a", "name": "Kim"}, {"agent_id": "b", "name": "kim"}]).agents)
    assert roster.id_of("Kim") == "Kim"
    assert roster.id_of("a") == "a"


def test_a_column_of_the_shops_own_can_name_the_seller(made, sales):
    lines = [{"attributes": '{"담당자":"mina"}'}]
    assert sales(lines=lines) == []
    [found] = sales(made.terms(agent_columns="agent_id, 담당자"), lines=lines)
    assert found.agent_id == "mina"


def test_which_sales_need_a_confirmation_is_the_merchants_word(made, sales):
    goods = [{"product_id": "mouse"}, {"order_id": "o2", "product_id": "nobody knows it"}]
    assert [sale.is_guarded for sale in sales(lines=goods)] == [False, False]
    assert states(sales(lines=goods)) == [None, None]
    for kinds, guarded in (("*", [True, True]), ("category:Computers", [True, False]), ("goods", [True, True])):
        assert [sale.is_guarded for sale in sales(made.terms(confirm_kinds=kinds), lines=goods)] == guarded
    contract = [{"product_id": "mouse"}]
    assert sales(subscriptions=contract)[0].is_guarded
    assert not sales(made.terms(confirm_kinds="service"), subscriptions=contract)[0].is_guarded


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "confirmed"),
        ({"source": "till", "line_id": "1"}, "confirmed"),
        ({"product_id": "warranty"}, "confirmed"),
        ({"source": "web"}, "not_confirmed"),
        ({"line_id": "2"}, "not_confirmed"),
        ({"product_id": "mouse"}, "not_confirmed"),
        ({"order_id": "o9"}, "not_confirmed"),
        ({"customer_id": "c2"}, "not_confirmed"),
        ({"answer": "no"}, "denied"),
        ({"content": '{"lines":[{"line_id":"1","product":"warranty","amount":"49","currency":"EUR"}]}'}, "confirmed"),
        ({"content": '{"lines":[{"product":"warranty","amount":"50.00","currency":"EUR"}]}'}, "confirmed"),
        ({"content": '{"lines":[{"product":"warranty","amount":"48.99","currency":"EUR"}]}'}, "charged_more"),
        ({"content": '{"lines":[{"product":"warranty","amount":"49","currency":"USD"}]}'}, "charged_more"),
        ({"content": '{"lines":[{"product":"mouse","amount":"49","currency":"EUR"}]}'}, "not_confirmed"),
        ({"content": '{"lines":[{"line_id":"2","product":"warranty","amount":"49"}]}'}, "not_confirmed"),
        ({"content": '{"lines":[{"product":"mouse"}]}', "answer": "no"}, "not_confirmed"),
        ({"content": '{"lines":[{"product":"warranty","amount":"many"}]}'}, "confirmed"),
        ({"content": "no JSON"}, "confirmed"),
        ({"order_id": None, "decision_id": "d1"}, "confirmed"),
        ({"order_id": None, "decision_id": "d2"}, "not_confirmed"),
    ],
)
def test_a_confirmation_speaks_of_what_it_names_and_of_nothing_else(made, sales, given, state):
    line = {"ordered_at": made.ago(10), "decision_id": "d1"}
    assert states(sales(lines=[line], confirmations=[{"at": made.ago(9), **given}])) == [state]


def test_whoever_is_the_same_person_may_confirm(made, sales):
    line = {"ordered_at": made.ago(10)}
    confirmation = {"customer_id": "c2", "at": made.ago(9)}
    people = [{"identity": f"customer:{one}", "person_id": "customer:c1"} for one in ("c1", "c2")]
    assert states(sales(lines=[line], confirmations=[confirmation], people=people)) == ["confirmed"]
    nameless = [{**line, "customer_id": None}]
    assert states(sales(lines=nameless, confirmations=[confirmation])) == ["confirmed"]


def test_the_newest_answer_counts_and_tomorrows_does_not_yet(made, sales):
    line = {"ordered_at": made.ago(10)}
    yes, no = {"at": made.ago(9)}, {"confirmation_id": "n1", "answer": "no", "at": made.ago(5)}
    assert states(sales(lines=[line], confirmations=[no, yes])) == ["denied"]
    assert states(sales(lines=[line], confirmations=[no, yes], now=made.ago(7))) == ["confirmed"]
    assert states(sales(lines=[line], confirmations=[yes | {"at": no["at"]}, no])) == ["denied"]


def test_a_no_counts_at_once_within_the_grace(made, sales):
    no = {"answer": "no", "at": made.ago(0)}
    assert states(sales(lines=[{"ordered_at": made.ago(1)}], confirmations=[no])) == ["denied"]


def test_a_yes_to_an_offer_is_good_for_one_sale_of_it(made, sales):
    lines = [{"order_id": f"o{n}", "ordered_at": made.ago(20 - n), "decision_id": "d1"} for n in range(3)]
    yes = {"order_id": None, "decision_id": "d1", "at": made.ago(21)}
    assert states(sales(lines=lines, confirmations=[yes])) == ["confirmed", "not_confirmed", "not_confirmed"]


@pytest.mark.parametrize(
    ("line", "returns", "is_early", "charged", "refunded"),
    [
        ({}, [], False, 49, 0),
        ({"status": "cancelled"}, [], True, 0, 0),
        ({"status": "cancelled", "updated_at": 10}, [], True, 0, 0),
        ({"status": "cancelled", "updated_at": 40}, [], False, 0, 0),
        ({}, [{"returned_at": 10, "refund_micros": 49_000_000}], True, 49, 49),
        ({}, [{"returned_at": 40}], False, 49, 0),
        ({}, [{"returned_at": 10, "line_id": "warranty@10"}], True, 49, 0),
        ({}, [{"returned_at": 10, "source": "back office", "refund_micros": 1_000_000}], True, 49, 1),
        ({}, [{"returned_at": 10, "order_id": "o2"}], False, 49, 0),
        ({}, [{"returned_at": 10, "refund_micros": 5_000_000, "currency": "USD"}], True, 49, 0),
        ({"quantity": 2, "discount_micros": 8_000_000}, [], False, 90, 0),
        ({"tax_micros": 9_000_000}, [], False, 49, 0),
        ({"unit_price_micros": None}, [], False, None, 0),
    ],
)
def test_what_a_line_charged_and_how_it_ended(made, sales, line, returns, is_early, charged, refunded):
    then = made.ago(100)
    at = {name: then + value * made.DAY for name, value in line.items() if name == "updated_at"}
    back = [one | {"returned_at": then + one["returned_at"] * made.DAY} for one in returns]
    [found] = sales(lines=[{**line, "ordered_at": then, **at}], returns=back)
    assert found.is_early == is_early
    assert found.charged_micros == (None if charged is None else charged * 1_000_000)
    assert found.refunded_micros == refunded * 1_000_000


def test_tax_is_added_where_prices_are_without(made, sales):
    [found] = sales(made.terms(tax=False), lines=[{"tax_micros": 9_310_000}])
    assert found.charged_micros == 58_310_000


@pytest.mark.parametrize(
    ("given", "charged", "is_least", "is_early"),
    [
        ({}, 20, False, False),
        ({"quantity": 3}, 60, False, False),
        ({"ended_at": 20, "status": "cancelled"}, 5, False, True),
        ({"ended_at": 45, "status": "ended"}, 10, False, False),
        ({"updated_at": 20, "status": "cancelled"}, 5, False, True),
        ({"ended_at": 400, "status": "cancelled"}, 20, False, False),
        ({"period": "year"}, 5, False, False),
        ({"period": "when it suits"}, 5, True, False),
        ({"status": "trial"}, 0, False, False),
        ({"recurring_price_micros": None}, None, False, False),
    ],
)
def test_what_a_contract_charged_and_how_it_ended(made, sales, given, charged, is_least, is_early):
    then = made.ago(100)
    at = {name: then + given[name] * made.DAY for name in ("ended_at", "updated_at") if name in given}
    [found] = sales(subscriptions=[{"started_at": then, **given, **at}])
    assert (found.kind, found.subscription_id) == (SaleKind.SUBSCRIPTION, "s1")
    assert found.charged_micros == (None if charged is None else charged * 1_000_000)
    assert (found.is_least, found.is_early) == (is_least, is_early)


def test_a_contract_is_confirmed_under_its_own_id_or_that_of_the_decision(made, sales):
    sold = [{"started_at": made.ago(10), "attributes": made.by("mina", decision_id="d1")}]
    for named in ({"subscription_id": "s1"}, {"decision_id": "d1"}):
        yes = {"order_id": None, "at": made.ago(9), **named}
        assert states(sales(subscriptions=sold, confirmations=[yes])) == ["confirmed"]


def test_days_are_the_shops_own_and_so_are_those_worked(made, sales):
    lines = [{"ordered_at": made.ago(1)}, {"order_id": "o2", "ordered_at": made.ago(1) + 4 * 3_600_000_000}]
    found = sales(lines=lines)
    assert [sale.sold_on for sale in found] == [date(2026, 10, 31)] * 2
    activities = [{"staff": "mina", "at": made.ago(3)}, {"staff": "jo", "at": made.ago(3)}, {"staff": " ", "at": 0}]
    told = made.told(activities=activities)
    contacts = contacts_of(told.activities, Roster(told.agents))
    assert time_worked(found, contacts, made.terms(openings_per="day")) == {"mina": 2, "jo": 1}
    assert time_worked(found, contacts, made.terms()) == {"mina": 1, "jo": 1}


def test_settings_that_say_nothing_are_refused(made):
    with pytest.raises(BadInput, match="choose week, day, contact"):
        made.terms(openings_per="hour")
    with pytest.raises(BadInput, match="name the column"):
        made.terms(agent_columns=" , ")
