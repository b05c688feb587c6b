"""A recorded decision under another policy: what the record holds stands, the rest is of today and named."""

from dataclasses import replace

import pytest

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.decide.rehearsal import CATALOG, PRICES, STOCK, recall
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL
from crosslift.domain.rule import Gate, Rule, Selector
from crosslift.settings import VERSION

NOBODY = Person()
BESTSELLERS = replace(HELPFUL, candidates=("bestseller",))
NOT_TEA = Rule("no-teas", Gate.SUITABLE, "no_teas", "mina", "No teas.", stops=Selector(categories=("tea",)))


@pytest.fixture(scope="module")
def known(little, pantry):
    return little.knowledge(pantry.orders)


@pytest.fixture
def recalled(little, known):
    def recalled(policy=HELPFUL, live=None, placement="cart"):
        request = Request(placement, little.NOW, cart=("P00", "P02"))
        live = live if live is not None else little.overlay(known)
        decision, read = decide(request, "d1", known, live, NOBODY, policy, PLACEMENTS[placement])
        slim, blob = record.slim(decision, request, VERSION, b"key"), record.inputs(request, NOBODY, read)
        return decision, recall("d1", slim, blob, known, b"key", policy)

    return recalled


def test_the_same_policy_asks_nothing_of_today(little, known, recalled):
    """Everything has been sold out and costs more since: nothing of it is looked at."""
    decision, kept = recalled()
    gone = little.overlay(known, *(little.live(name, stock=0, price_micros=9_000_000) for name in known.products))
    made, read_today = kept.under(HELPFUL, kept.person, gone)
    assert kept.is_equal
    assert (made.offers, made.dropped, read_today) == (decision.offers, decision.dropped, frozenset())
    assert decision.offers


def test_what_was_no_candidate_then_is_looked_at_as_it_is_today(little, known, recalled):
    _, kept = recalled(replace(HELPFUL, candidates=("complement",)), placement="home")
    made, read_today = kept.under(BESTSELLERS, kept.person, little.overlay(known))
    assert {offer.kind for offer in made.offers} == {"bestseller"}
    assert read_today >= {PRICES, STOCK}
    gone = little.overlay(known, *(little.live(name, stock=0) for name in known.products))
    later, _ = kept.under(BESTSELLERS, kept.person, gone)
    assert {offer.product_id for offer in later.offers} <= {"P01", "P03"}


def test_a_candidate_of_then_stays_as_it_was_beside_new_ones(little, known, recalled):
    """Sold out then and in stock today: under the draft too it was sold out."""
    _, kept = recalled(live=little.overlay(known, little.live("P01", stock=0)))
    made, _ = kept.under(replace(HELPFUL, rules=()), kept.person, little.overlay(known))
    assert "P01" not in {offer.product_id for offer in made.offers}
    assert made.dropped["out_of_stock"] == 1


def test_a_value_in_money_reads_prices_of_today_unless_they_were_read(little, known, recalled):
    money = replace(HELPFUL, value=replace(HELPFUL.value, objectives={"*": "revenue"}))
    _, plain = recalled()
    assert PRICES in plain.under(money, plain.person, little.overlay(known))[1]
    decision, priced = recalled(money)
    dearer = little.overlay(known, *(little.live(name, price_micros=9_000_000) for name in known.products))
    other = replace(money, default_offers=2)
    made, read_today = priced.under(other, priced.person, dearer)
    assert PRICES not in read_today
    assert made.offers == decision.offers[:2]


def test_a_rule_that_asks_the_catalog_asks_it_today(little, known, recalled):
    _, kept = recalled()
    _, read_today = kept.under(replace(HELPFUL, rules=(*HELPFUL.rules, NOT_TEA)), kept.person, little.overlay(known))
    assert read_today == {CATALOG}
