"""The gates together, through `decide`: their order, what each stops, what is said when nothing is left, and replay."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.decide.facets import FacetRow, Facets
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.decide.replay import replay
from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import NoOffer, Request
from crosslift.domain.membership import PersonFacts
from crosslift.domain.offer import Offer, OfferKind
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, LOOK_FIRST, RELEVANCE
from crosslift.domain.profile import Profile, ReturnVisits
from crosslift.domain.rule import Gate, Moment, Rule, Selector
from crosslift.domain.value import ValueTerms
from crosslift.settings import VERSION

GRANTED = {("personalization", "*"): True, ("marketing", "*"): True}
DAY = 86_400_000_000
COSTS = {"honey": 4.0, "cup": 4.9, "spoon": np.nan}


def rule(rule_id, gate=Gate.SUITABLE, code="stopped_by_rule", **given):
    return Rule(rule_id, gate, code, "mina", "it must not be", **given)


def house(*rules, **given):
    return replace(HELPFUL, rules=rules, **given)


def customer(**given):
    return Person("customer:c1", True, consents=GRANTED, **given)


@pytest.fixture
def ask(little, tea_known):
    """Ask for a decision, and have it made again from its record; gives the decision."""

    def ask(
        *cart, policy=HELPFUL, person=None, known=tea_known, live=None, placement="cart", licences=frozenset(), **asked
    ):
        who = person or Person()
        named = who.identity.partition(":")[2] if who.identity else None
        request = Request(
            placement, little.NOW, asked.pop("customer_id", named), cart=cart, policy=policy.name, **asked
        )
        overlay = live if live is not None else little.overlay(known)
        decision, read = decide(
            request, "d" * 32, known, overlay, who, policy, PLACEMENTS[placement], with_trace=True, licences=licences
        )
        body, blob = record.slim(decision, request, VERSION, b"key"), record.inputs(request, who, read)
        again = replay("d" * 32, body, blob, known, b"key", policy)
        assert again.is_equal, again.difference
        assert again.decision.trace == decision.trace
        return decision

    return ask


def offered(decision):
    return [offer.product_id for offer in decision.offers]


def codes(decision):
    return {row.product_id: row.dropped for row in decision.trace.candidates}


def test_the_code_of_a_rule_stands_in_counts_and_trace(ask):
    decision = ask("tea", policy=house(rule("no-table", stops=Selector(categories=("table",)))))
    assert offered(decision) == ["honey"]
    assert decision.dropped == {"stopped_by_rule": 2}
    assert codes(decision) == {"honey": None, "cup": "stopped_by_rule", "spoon": "stopped_by_rule"}


def test_what_the_engine_knows_goes_before_what_a_rule_says(ask, little, tea_known):
    live = little.overlay(tea_known, little.live("cup", stock=0))
    decision = ask("tea", policy=house(rule("all")), live=live, exclude=("spoon",))
    assert codes(decision) == {"honey": "stopped_by_rule", "cup": "out_of_stock", "spoon": "excluded_by_request"}
    assert decision.no_offer == "stopped_by_rule"


def test_a_built_in_code_says_why_nothing_is_offered_as_itself(ask):
    decision = ask("tea", policy=house(rule("early", Gate.APPLICABLE, "too_early")))
    assert decision.no_offer is NoOffer.TOO_EARLY


def test_several_reasons_are_no_single_reason(ask):
    one, other = (
        rule("a", stops=Selector(products=("cup",))),
        rule("b", code="else", stops=Selector(not_products=("cup",))),
    )
    assert ask("tea", policy=house(one, other)).no_offer is NoOffer.ALL_EXCLUDED


def test_where_the_past_is_completed_no_rule_is_asked(ask):
    strict = replace(RELEVANCE, rules=(rule("all", Gate.ELIGIBLE),), value=ValueTerms(max_cross_ratio=0.1))
    assert offered(ask("tea", policy=strict, purpose=Purpose.EVALUATION))
    assert not offered(ask("tea", policy=strict))


# too early, too late ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dwell", "is_early"), [(None, True), (9.9, True), (10.0, False), (40.0, False)])
def test_nobody_is_interrupted_before_they_looked(ask, dwell, is_early):
    decision = ask("tea", placement="popup", dwell_seconds=dwell, session_id="s1")
    assert (decision.no_offer is NoOffer.TOO_EARLY, bool(decision.offers)) == (is_early, not is_early)
    assert LOOK_FIRST in HELPFUL.rules


def test_a_page_that_interrupts_nobody_need_not_wait(ask):
    assert offered(ask("tea", dwell_seconds=0.5)) == ["honey", "cup", "spoon"]


def test_who_bought_a_cup_is_offered_no_other_cup_for_a_while(ask, little, tea, places):
    known = little.with_links(little.learned(tea, little.products(
        {"product_id": "cup", "title": "Cup", "category": "table"},
        {"product_id": "spoon", "title": "Spoon", "category": "table"},
    )), little.link(little.knowledge(tea), "alike", ("tea", "spoon"), texts={"shared": [{"attribute": "a", "value": "b"}]},
                    similarity=0.5))  # fmt: skip
    now = little.micros(little.NOW)
    person = customer(owned=frozenset({"cup"}), lately={"cup": now - 3 * DAY})
    decision = ask("tea", person=person, known=known, placement="comparison")
    assert decision.no_offer is NoOffer.TOO_LATE
    back = replace(person, returning=(ReturnVisits("table", 2, now - DAY),))
    assert offered(ask("tea", person=back, known=known, placement="comparison")) == ["spoon"]
    assert offered(ask("tea", person=replace(person, consents={}), known=known, placement="comparison")) == ["spoon"]


def test_what_a_person_comes_back_to_is_put_forward_with_consent_only(ask, little):
    person = customer(returning=(ReturnVisits("table", 2, little.micros(little.NOW) - DAY),))
    assert offered(ask("tea", person=person)) == ["cup", "honey", "spoon"]
    assert offered(ask("tea", person=replace(person, consents={}))) == ["honey", "cup", "spoon"]


# season and market -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def seasonal(little, tea):
    """The tea shop, where honey goes with tea in winter and the cup in Korea only, as Korea's orders tell."""
    found = little.learned(tea)
    names = found.texts["products"]
    months, markets = found.arrays["pair_months"].copy(), [dict(one) for one in found.texts["pair_markets"]]
    for row, (a, b) in enumerate(zip(found.arrays["pair_first"], found.arrays["pair_second"], strict=True)):
        pair = {names[a], names[b]}
        if pair == {"tea", "honey"}:
            months[row], markets[row] = 0b1000_0000_0011, {"seasons": {"KR": [12, 1, 2]}}
        if pair == {"tea", "cup"}:
            markets[row] = {"markets": ["KR"]}
    return Knowledge("s1", {**found.arrays, "pair_months": months},
                     {**found.texts, "pair_markets": markets, "markets": ["AU", "JP", "KR"]})  # fmt: skip


def test_a_relation_of_the_winter_is_not_applied_in_another_season(ask, seasonal):
    decision = ask("tea", known=seasonal, market="KR")  # the first of November
    assert (offered(decision), codes(decision)["honey"]) == (["cup", "spoon"], "not_yet")


def test_winter_is_half_a_year_later_in_the_south(ask, seasonal, little):
    july = little.NOW.replace(month=7)

    def at(market, when):
        request = Request("cart", when, cart=("tea",), market=market)
        return offered(
            decide(request, "d", seasonal, little.overlay(seasonal), Person(), HELPFUL, PLACEMENTS["cart"])[0]
        )

    assert ("honey" in at("KR", july), "honey" in at("AU", july)) == (False, True)
    january = little.NOW.replace(month=1)
    assert ("honey" in at("KR", january), "honey" in at("AU", january)) == (True, False)


def test_a_relation_of_another_market_is_told_as_that(ask, seasonal):
    decision = ask("tea", known=seasonal, market="JP")
    assert (offered(decision), codes(decision)["cup"]) == (["spoon"], "wrong_market")


def test_the_reason_never_rests_on_a_relation_that_does_not_hold_here(ask, seasonal):
    decision = ask("tea", "saucer", known=seasonal, market="JP")  # the cup goes with the saucer everywhere
    cup = next(offer for offer in decision.offers if offer.product_id == "cup")
    assert cup.reason.evidence["anchor"] == "saucer"


def test_what_is_out_of_season_may_still_be_a_bestseller(ask, seasonal):
    decision = ask(known=seasonal, market="KR", placement="home", holdings=("tea",), k=12)
    kinds = {row.product_id: (row.source, row.dropped) for row in decision.trace.candidates}
    assert kinds["honey"][0] == "bestseller"


# prices ----------------------------------------------------------------------------------------------------------------


def test_price_sanity_and_the_margin_floor_have_their_codes(ask, little, tea):
    known = little.knowledge(tea)
    known.costs = np.array([COSTS.get(name, np.nan) for name in known.products])
    live = little.overlay(known, little.live("spoon", price_micros=60_000_000))
    terms = ValueTerms(max_cross_ratio=10.0, margin_floor=0.1)
    decision = ask("tea", policy=house(value=terms), known=known, live=live)
    assert codes(decision) == {"honey": None, "cup": "below_floor", "spoon": "too_dear"}
    unknown = ask("tea", policy=house(value=replace(terms, max_cross_ratio=None)), known=known, live=live)
    assert offered(unknown) == ["honey", "spoon"]
    assert unknown.warnings == ("cost_unknown:1",)


def test_a_price_is_the_same_for_everybody(ask, little, tea_known):
    live = little.overlay(tea_known, little.live("spoon", price_micros=60_000_000))
    rich = customer(facts=PersonFacts(Profile("customer:c1", 0, clv=90_000.0)))
    assert codes(ask("tea", live=live, person=rich))["spoon"] == codes(ask("tea", live=live))["spoon"] == "too_dear"


def test_a_rule_may_ask_the_price(ask, little, tea_known):
    live = little.overlay(tea_known, little.live("spoon", price_micros=10_000_000))
    dear = rule("dear", code="too_much", stops=Selector(min_price_ratio=2.0))
    assert codes(ask("tea", policy=house(dear), live=live)) == {"honey": None, "cup": None, "spoon": "too_much"}


# suitable ----------------------------------------------------------------------------------------------------------------


def test_a_rule_about_people_needs_their_consent_and_an_open_case_does_not(ask):
    loyal = rule("loyal", who="orders > 2", stops=Selector(products=("cup",)))
    facts = PersonFacts(Profile("customer:c1", 0, n_orders=5))
    assert codes(ask("tea", policy=house(loyal), person=customer(facts=facts)))["cup"] == "stopped_by_rule"
    silent = replace(customer(facts=facts), consents={})
    assert codes(ask("tea", policy=house(loyal), person=silent))["cup"] is None
    careful = rule("careful", who="open_cases > 0", stops=Selector(products=("cup",)))
    calm = house(careful, pressure=replace(HELPFUL.pressure, must_solve_first=False))
    assert codes(ask("tea", policy=calm, person=replace(silent, open_cases=1)))["cup"] == "stopped_by_rule"


def test_the_record_keeps_which_conditions_held_and_no_fact(ask, little, tea_known):
    loyal, other = rule("loyal", who="orders > 2"), rule("other", who="orders > 9")
    facts = PersonFacts(Profile("customer:c1", 0, n_orders=5, traits={"secret": "hobby"}))
    request = Request("cart", little.NOW, "c1", cart=("tea",))
    person = customer(facts=facts)
    _, read = decide(
        request, "d", tea_known, little.overlay(tea_known), person, house(loyal, other), PLACEMENTS["cart"]
    )
    assert read.held == ("rule:loyal",)
    assert record.read_inputs(record.inputs(request, person, read))[1].held == ("rule:loyal",)


@pytest.mark.parametrize("kind", ["serial_returner", "heavy_service", "defaulter", "unprofitable"])
def test_who_costs_more_than_they_bring_is_given_no_discount(ask, little, tea_known, kind):
    coupon = Offer("ten-off", 1, OfferKind.COUPON, {"en": "Ten off"}, "mina", "thanks", little.NOW, is_free=True,
                   beside=("tea",))  # fmt: skip
    known = tea_known.with_library(Library([coupon]))
    costly = customer(facts=PersonFacts(Profile("customer:c1", 0, contribution_class=kind)))
    assert codes(ask("tea", known=known, person=costly))["ten-off"] == "no_incentive"
    profitable = customer(facts=PersonFacts(Profile("customer:c1", 0, contribution_class="profitable")))
    assert codes(ask("tea", known=known, person=profitable))["ten-off"] is None
    assert codes(ask("tea", known=known))["ten-off"] is None


# the catalog of the moment ---------------------------------------------------------------------------------------------


def test_what_the_catalog_says_now_counts_and_is_kept(ask, little, tea_known):
    rows = {"cup": FacetRow("cup", None, "table", (("tags", "alcohol"),)), "spoon": FacetRow("spoon", None, "alcohol")}
    live = little.overlay(tea_known).with_facets(Facets(tea_known, rows, frozenset({"tags"}), is_live=True))
    sober = house(
        rule("tag", stops=Selector(tags=("alcohol",))), rule("shelf", stops=Selector(categories=("alcohol",)))
    )
    assert codes(ask("tea", policy=sober, live=live)) == {
        "honey": None, "cup": "stopped_by_rule", "spoon": "stopped_by_rule"
    }  # fmt: skip


# sets ------------------------------------------------------------------------------------------------------------------


def test_what_a_rule_stops_is_no_part_of_a_set(ask, little, tea_known):
    both = Bundle("b1", BundleKind.FIXED, (Part("tea"), Part("cup")), 2, {"": "Set"}, discount_percent=10)
    rows = {name: little.live(name) for name in tea_known.products}
    live = Overlay(tea_known, 1, rows, (), [both])
    assert ask("tea", live=live).sets
    assert not ask("tea", live=live, policy=house(rule("no-cup", stops=Selector(products=("cup",))))).sets
    assert not ask("tea", live=live, policy=house(rule("no-sets", stops=Selector(kinds=("set",))))).sets
    early = house(rule("early", moment=Moment(placements=("cart",))))
    assert not ask("tea", live=live, policy=early).sets


# the session -----------------------------------------------------------------------------------------------------------


def test_what_was_looked_at_last_stands_in_for_an_empty_cart(ask):
    assert offered(ask(placement="category", viewed=("tea",)))[:3] == ["honey", "cup", "spoon"]
    assert offered(ask("wine", placement="category", viewed=("tea",)))[0] == "glass"
    first = ask(placement="category", viewed=("tea",)).offers[0]
    assert (first.kind, first.reason.evidence["anchor"]) == ("complement", "tea")


def test_only_the_last_of_a_long_visit_count(ask):
    visit = ("tea", *(f"n{i:02}" for i in range(5)))
    assert {offer.kind for offer in ask(placement="category", viewed=visit).offers} == {"bestseller"}


def test_rules_ask_device_and_daypart(ask, little):
    small = rule("small", moment=Moment(devices=("mobile",)), stops=Selector(products=("cup",)))
    noon = rule("noon", moment=Moment(dayparts=("midday",)), stops=Selector(products=("spoon",)))
    assert codes(ask("tea", policy=house(small, noon), device="mobile")) == {
        "honey": None, "cup": "stopped_by_rule", "spoon": "stopped_by_rule"
    }  # fmt: skip
    assert codes(ask("tea", policy=house(small, noon, timezones={"*": "Asia/Seoul"}), device="kiosk"))["spoon"] is None


def test_a_rule_asks_what_is_in_the_cart_variants_included(ask, little, tea_known):
    live = little.overlay(tea_known, little.live("tea bag", parent_id="tea"))
    beside = rule("beside", moment=Moment(cart_has=("tea",)), stops=Selector(products=("cup",)))
    shelf = rule("shelf", moment=Moment(cart_has=("category:leaves",)), stops=Selector(products=("spoon",)))
    without = rule("without", moment=Moment(cart_lacks=("wine",)), stops=Selector(products=("honey",)))
    assert set(codes(ask("tea bag", policy=house(beside, shelf, without), live=live)).values()) == {"stopped_by_rule"}
    decision = ask("tea", "wine", policy=house(without), live=live)
    assert codes(decision)["honey"] is None


def test_the_clock_of_a_rule_is_the_persons(ask, little):
    tomorrow = rule("sunday", moment=Moment(weekdays=((little.NOW + timedelta(days=1)).isoweekday(),)))
    assert offered(ask("tea", policy=house(tomorrow)))
    assert not offered(ask("tea", policy=house(tomorrow), person=customer(timezone="Pacific/Kiritimati")))
