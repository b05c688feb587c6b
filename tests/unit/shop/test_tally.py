"""Sums over decisions: who, on which channel, for how much, and what was not estimable."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from crosslift.domain.decision import Trace, Traced
from crosslift.domain.money import Money
from crosslift.domain.policy import HELPFUL
from crosslift.shop.tally import Tally, compared, has_offer

MONEY = replace(HELPFUL, value=replace(HELPFUL.value, objectives={"*": "margin"}, tax_rates={"*": 0.25}))


@pytest.fixture
def decided(shop):
    """Give an offer at 12.50, p 0.1, of a product that costs `cost`."""
    made = shop.decide("cart", ["P00"], k=1)
    known = shop.knowledge
    offer = replace(made.offers[0], product_id="P01", priority=0.4, price=Money(Decimal("12.50"), "USD"))
    traced = Traced("P01", "complement", 1.0, None, 0, {"p": 0.1})
    return replace(made, offers=(offer,), trace=Trace((traced,))), known


def test_value_is_price_without_tax_less_cost(decided):
    """12.50 is 10.00 and a quarter of it tax; the piece costs 2.25: 7.75 stay, a tenth of the time."""
    decision, known = decided
    tally = Tally()
    tally.add(decision, "c1", MONEY, known, None, "web")
    tally.add(decision, None, MONEY, known, None, None)
    told = tally.told("USD")
    assert (told["n_decisions"], told["n_with_offer"], told["n_people"], told["contacts"]) == (2, 2, 1, {"web": 1})
    value = told["value"]
    assert value["margin_if_all_accepted"]["amounts"] == [{"amount": "15.50", "currency": "USD"}]
    assert value["expected_margin"]["amounts"] == [{"amount": "1.55", "currency": "USD"}]
    assert value["priority"] == {"amounts": [{"amount": "0.80", "currency": "USD"}], "n": 2, "n_unknown": 0}


def test_relevance_is_no_money(decided):
    decision, known = decided
    tally = Tally()
    tally.add(decision, "c1", HELPFUL, known, None, None)
    value = tally.told("USD")["value"]
    assert value["priority"] == {"amounts": [], "not_estimable": "no offer was shown where the objective is in money"}
    assert value["expected_margin"]["amounts"] == []
    assert value["margin_if_all_accepted"]["n"] == 1


def test_what_is_withheld_is_shown_to_nobody(decided):
    decision, known = decided
    withheld = replace(decision, is_withheld=True)
    assert has_offer(decision)
    assert not has_offer(withheld)
    tally = Tally()
    tally.add(withheld, "c1", MONEY, known, None, "web")
    assert (tally.n_with_offer, tally.people, tally.contacts) == (0, set(), Counter())


def test_codes_are_compared_the_largest_change_first():
    rows = compared(Counter(capped=3, banned=1), Counter(capped=1, banned=1, too_dear=1))
    assert [(row["code"], row["change"]) for row in rows] == [("capped", -2), ("too_dear", 1), ("banned", 0)]
