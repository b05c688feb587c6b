from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from crosslift.decide.candidates import Candidates
from crosslift.decide.facets import Facets
from crosslift.decide.library import Library
from crosslift.decide.moments import Situation
from crosslift.decide.rules import RULE_BASE, Asked, RuleSet, rules_of
from crosslift.decide.who import NOBODY, Answers
from crosslift.domain.membership import PersonFacts
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import Goal, Policy
from crosslift.domain.profile import Profile
from crosslift.domain.rule import Gate, Moment, Rule, Selector

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CART = Situation("cart", "web", interrupts=False, is_assisted=False, market="KR", device=None, local=NOW)
PRODUCTS = ("honey", "cup", "spoon", "saucer")


def rule(rule_id="r", gate=Gate.SUITABLE, code="stopped_by_rule", **given):
    return Rule(rule_id, gate, code, "mina", "it must not be", **given)


def policy(*rules, goals=()):
    return Policy("house", 1, ("complement",), rules=rules, goals=goals)


def found_of(known, *names, sources=("complement",), rank=None):
    items = np.array([known.index[name] for name in names], dtype=np.int32)
    none = np.full(len(items), -1)
    ranks = np.zeros(len(items), np.int8) if rank is None else np.array(rank, np.int8)
    return Candidates(items, np.ones(len(items)), ranks, none, none, np.ones(len(items)), sources)


def asked_of(known, ratios=None, **given):
    ratios = np.full(9, np.nan) if ratios is None else np.array(ratios)
    facets = Facets(known, {})
    return Asked(lambda wanted, items: facets.mask(wanted)[items], lambda times: ratios >= times, **given)


@pytest.fixture
def stopped(tea_known):
    """Judge four candidates by a policy; give what it stopped, and by which rule."""

    def stopped(*rules, known=tea_known, here=CART, facts=NOBODY, names=PRODUCTS, sources=("complement",), rank=None,
                goals=(), asked=None, gates=tuple(Gate)):  # fmt: skip
        house = RuleSet(policy(*rules, goals=goals), known)
        found = found_of(known, *names, sources=sources, rank=rank)
        verdict = np.zeros(len(names), dtype=np.uint16)
        fitting = house.fitting(here, Answers(facts, 0))
        for gate in gates:
            house.judge(gate, fitting, found, asked or asked_of(known), verdict)
        return {name: v - RULE_BASE for name, v in zip(names, verdict.tolist(), strict=True) if v}

    return stopped


def test_a_rule_that_selects_nothing_in_particular_stops_everything(stopped):
    assert stopped(rule()) == dict.fromkeys(PRODUCTS, 0)


def test_selected_are_products_and_categories_less_what_is_exempt(stopped):
    assert stopped(rule(stops=Selector(products=("cup", "tea")))) == {"cup": 0}
    assert stopped(rule(stops=Selector(categories=("table",)))) == dict.fromkeys(("cup", "spoon", "saucer"), 0)
    assert stopped(rule(stops=Selector(categories=("table",), not_products=("cup",)))) == {"spoon": 0, "saucer": 0}
    assert stopped(rule(stops=Selector(products=("nobody knows it",)))) == {}


def test_the_first_rule_that_selects_a_candidate_is_its_verdict(stopped):
    one, other = rule("a", stops=Selector(products=("cup",))), rule("b", stops=Selector(categories=("table",)))
    assert stopped(one, other) == {"cup": 0, "spoon": 1, "saucer": 1}
    assert stopped(other, one) == {"cup": 0, "spoon": 0, "saucer": 0}


def test_the_first_gate_goes_before_the_first_rule(stopped):
    late, early = rule("a", Gate.ALLOWED), rule("b", Gate.ELIGIBLE, stops=Selector(products=("cup",)))
    assert stopped(late, early) == {"cup": 1, "honey": 0, "spoon": 0, "saucer": 0}


def test_a_rule_holds_in_its_moment_only(stopped):
    assert stopped(rule(moment=Moment(placements=("checkout",)))) == {}
    assert stopped(rule(moment=Moment(placements=("cart",), markets=("KR",)))) == dict.fromkeys(PRODUCTS, 0)


def test_a_rule_holds_for_its_people_only(stopped):
    child = rule(who='trait("age") < 18', stops=Selector(products=("cup",)))
    assert stopped(child) == {}
    facts = PersonFacts(Profile("customer:c1", 0, traits={"age": "17"}))
    assert stopped(child, facts=facts) == {"cup": 0}


def test_a_person_nobody_knows_is_not_of_age_and_not_a_child(stopped):
    known = rule(who='not (trait("age") >= 18)')
    assert stopped(known) == dict.fromkeys(PRODUCTS, 0)  # an unknown age proves nothing


def test_kinds_are_candidate_sources(stopped):
    kinds = {"sources": ("complement", "upgrade"), "rank": (0, 1, 0, 1)}
    assert stopped(rule(stops=Selector(kinds=("upgrade",))), **kinds) == {"cup": 0, "saucer": 0}
    assert stopped(rule(stops=Selector(kinds=("bestseller",))), **kinds) == {}


def test_needs_are_spared_unless_a_rule_says_otherwise(stopped):
    told = {"sources": ("required", "stand_in", "complement"), "rank": (0, 1, 2, 2)}
    assert stopped(rule(), **told) == {"spoon": 0, "saucer": 0}
    assert stopped(rule(spares_needs=False), **told) == dict.fromkeys(PRODUCTS, 0)


def test_a_price_many_times_that_of_what_is_in_sight_is_selected_an_unknown_one_is_not(stopped, tea_known):
    asked = asked_of(tea_known, ratios=[0.5, 3.0, np.nan, 2.99])
    assert stopped(rule(stops=Selector(min_price_ratio=3.0)), asked=asked) == {"cup": 0}


@pytest.fixture(scope="session")
def offered_known(tea_known):
    """The tea shop with a coupon, a tasting that serves the goal of sleep, and a loan that takes a licence."""
    terms = {"author": "mina", "reason": "we have it", "created_at": NOW}
    line = (PriceLine(Money(Decimal(20), "USD")),)
    return tea_known.with_library(Library([
        Offer("ten-off", 1, OfferKind.COUPON, {"en": "Ten off"}, is_free=True, tags=("incentive",), **terms),
        Offer("tasting", 1, OfferKind.SERVICE, {"en": "Tasting"}, prices=line, goals=("sleep",), **terms),
        Offer("loan", 1, OfferKind.ADVICE, {"en": "Loan"}, prices=line, licences=("credit", "sale"), **terms),
    ]))  # fmt: skip


ALL = ("ten-off", "tasting", "loan", "cup")


def test_offers_are_selected_by_kind_tag_goal_and_what_they_cost_us(stopped, offered_known):
    def by(**selector):
        return set(stopped(rule(stops=Selector(**selector)), known=offered_known, names=ALL))

    assert by(offer_kinds=("coupon", "advice")) == {"ten-off", "loan"}
    assert by(offer_kinds=("goods",)) == {"cup"}
    assert by(tags=("incentive",)) == {"ten-off"}
    assert by(goals=("sleep",)) == {"tasting"}
    assert by(is_paid_incentive=True) == {"ten-off"}
    assert by(is_paid_incentive=False) == {"tasting", "loan", "cup"}


def test_an_offer_that_serves_no_goal_of_the_person_is_selected(stopped, offered_known):
    asks = rule(stops=Selector(lacks_goal=True))

    def by(*goals, mapped=()):
        asked = asked_of(offered_known, goals=frozenset(goals))
        return set(stopped(asks, known=offered_known, names=ALL, asked=asked, goals=mapped))

    assert by() == set(ALL)
    assert by("sleep") == {"ten-off", "loan", "cup"}
    warmth = Goal("warmth", {"en": "warmth"}, offers=("loan",), categories=("table",), not_offers=("spoon",))
    assert by("warmth", mapped=(warmth,)) == {"ten-off", "tasting"}
    assert by("sleep", "warmth", mapped=(warmth,)) == {"ten-off"}
    assert by("unheard of", mapped=(warmth,)) == set(ALL)


def test_what_is_often_sold_instead_does_not_serve_the_goal(stopped, tea_known):
    sleep = Goal("sleep", {"en": "sleep"}, categories=("table",), not_offers=("spoon",))
    asked = asked_of(tea_known, goals=frozenset({"sleep"}))
    assert set(stopped(rule(stops=Selector(lacks_goal=True)), asked=asked, goals=(sleep,))) == {"honey", "spoon"}


def test_advice_takes_every_licence_it_names(stopped, offered_known):
    asks = rule(stops=Selector(lacks_licence=True))

    def by(*held):
        asked = asked_of(offered_known, licences=frozenset(held))
        return set(stopped(asks, known=offered_known, names=ALL, asked=asked))

    assert by() == by("credit") == {"loan"}
    assert by("credit", "sale", "more") == set()


def test_a_rule_that_can_stop_nothing_here_asks_nobody_anything(tea_known, offered_known):
    costly = rule(who='contribution_class is "unprofitable"', stops=Selector(is_paid_incentive=True))
    asking = RuleSet(policy(costly), offered_known)
    assert asking.fitting(CART, Answers(PersonFacts(Profile("c", 0, contribution_class="unprofitable")), 0)) == (0,)
    assert "contribution_class" in asking.needs.columns
    idle = RuleSet(policy(costly), tea_known)
    assert not idle
    assert (idle.needs.columns, idle.asks_person(CART)) == (frozenset(), False)


def test_a_person_is_asked_only_where_a_rule_may_hold(tea_known):
    asking = RuleSet(policy(rule(who="orders > 3", moment=Moment(placements=("email",)))), tea_known)
    assert asking.needs.columns == {"n_orders"}
    assert not asking.asks_person(CART)
    assert asking.asks_person(Situation("email", "email", False, False, None, None, NOW))


def test_the_catalog_is_asked_only_for_the_names_rules_name(tea_known):
    assert RuleSet(policy(rule(stops=Selector(kinds=("upgrade",)))), tea_known).names is None
    assert RuleSet(policy(rule(stops=Selector(categories=("table",)))), tea_known).names == frozenset()
    both = RuleSet(
        policy(rule(stops=Selector(tags=("18",))), rule(stops=Selector(attributes={"size": "L"}))), tea_known
    )
    assert both.names == {"tags", "size"}


def test_products_are_looked_up_in_the_catalog_of_the_moment_for_an_id_may_be_a_variants(tea_known):
    asking = RuleSet(policy(rule(stops=Selector(products=("red cup",)))), tea_known)
    assert asking.names == frozenset()


def test_a_policy_is_compiled_once_for_a_snapshot(tea_known, offered_known):
    house = policy(rule())
    assert rules_of(house, tea_known) is rules_of(house, tea_known)
    assert rules_of(house, tea_known) is not rules_of(house, offered_known)
    assert rules_of(policy(rule()), tea_known) is not rules_of(house, tea_known)


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        (Moment(), {"cart", "popup", "email"}),
        (Moment(placements=("cart",)), {"cart"}),
        (Moment(channels=("email",)), {"email"}),
        (Moment(interrupts=True), {"popup"}),
        (Moment(channels=("web",), interrupts=False), {"cart"}),
    ],
)
def test_a_rule_may_hold_only_where_its_moment_can_be(tea_known, moment, names):
    house = RuleSet(policy(rule(moment=moment)), tea_known)
    assert {name for name in ("cart", "popup", "email") if house.may_fit(PLACEMENTS[name])} == names
    assert not RuleSet(policy(), tea_known).may_fit(PLACEMENTS["cart"])
