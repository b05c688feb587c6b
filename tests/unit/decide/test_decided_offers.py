"""Decisions with the merchant's offers: beside products, as steps up, linked, in sets, for goals; each with its reason."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crosslift.decide import record
from crosslift.decide.curation import CuratedLink
from crosslift.decide.decider import decide
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.decide.replay import replay
from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.customer import Person
from crosslift.domain.decision import ReasonCode, Request
from crosslift.domain.membership import PersonFacts
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, Goal
from crosslift.domain.profile import Profile
from crosslift.settings import VERSION
from crosslift.wording import reasons

KEY = b"key"
NOBODY = Person()


@pytest.fixture
def offer(little):
    def make(offer_id="visit", price=30, **given):
        given = {
            "prices": (PriceLine(Money(Decimal(price), "USD")),),
            "benefits": {"en": ("tea from day one",)},
            **given,
        }
        return Offer(offer_id, 1, OfferKind.SERVICE, {"en": "Visit"}, "mina", "asked for", little.NOW, **given)

    return make


@pytest.fixture
def ask(little, tea_known):
    """Decide with some offers, and make each decision again from its record."""

    def asked(offers, placement="cart", cart=("tea",), links=(), bundles=(), policy=HELPFUL, person=NOBODY, **more):
        known = tea_known.with_library(Library(offers))
        rows = {name: little.live(name) for name in tea_known.products}
        live = Overlay(known, 1, rows, links, bundles)
        request = Request(placement, little.NOW, cart=tuple(cart), **more)
        decision, read = decide(request, "d" * 32, known, live, person, policy, PLACEMENTS[placement], with_trace=True)
        for one in decision.offers:
            assert all(reasons.sentence(one.reason, language) for language in ("en", "ko", "ja"))
            assert reasons.operator_sentence(one.reason)
        if policy is HELPFUL:
            slim, inputs = record.slim(decision, request, VERSION, KEY), record.inputs(request, person, read)
            again = replay("d" * 32, slim, inputs, known, KEY)
            assert again.is_equal, again.difference
        return decision

    return asked


def of(decision, name):
    return next((one for one in decision.offers if one.product_id == name), None)


def test_an_offer_beside_the_cart_is_made_with_the_merchants_own_words(ask, offer):
    made = of(ask([offer(beside=("tea",))]), "visit")
    assert (made.kind, made.offer_id, made.offer_version, made.price) == (
        "offer",
        "visit",
        1,
        Money(Decimal(30), "USD"),
    )
    assert made.reason.code is ReasonCode.MERCHANT_OFFER
    assert reasons.sentence(made.reason, "en") == "From the shop: tea from day one"
    assert "the merchant's word, not measured" in reasons.operator_sentence(made.reason)
    assert made.p is None


def test_tested_companions_keep_their_place_before_it(ask, offer):
    kinds = [one.kind for one in ask([offer(beside=("tea",)), offer("visit-2", beside=("tea",))], k=12).offers]
    assert kinds == ["complement"] * kinds.count("complement") + ["offer", "offer"]
    assert [one.kind for one in ask([offer(beside=("tea",))], k=3).offers] == ["complement", "complement", "offer"]


def test_what_the_cart_holds_is_not_offered_again(ask, offer):
    decision = ask([offer(beside=("tea",))], cart=("tea", "visit"))
    assert of(decision, "visit") is None
    assert decision.dropped["in_cart"] == 1
    assert decision.warnings == ()


def test_a_step_up_from_a_product_a_plan_or_an_offer(ask, offer):
    plans = [offer("basic", 10), offer("pro", 20, step_of="basic"), offer("caddy", 25, step_of="tea")]
    for cart, step in ((("basic",), "pro"), (("tea",), "caddy")):
        made = of(ask(plans, cart=cart), step)
        assert (made.kind, made.reason.code) == ("upgrade", ReasonCode.MERCHANT_OFFER)
        assert made.reason.evidence["price_to"] == made.price.amount
    held = ask(plans, "plan", (), holdings=("basic",))
    assert (of(held, "pro").kind, of(held, "pro").reason.evidence["anchor"]) == ("upgrade", "basic")


@pytest.mark.parametrize(
    ("kind", "source", "code"),
    [
        ("upgrade", "upgrade", ReasonCode.MERCHANT_OFFER),
        ("required", "required", ReasonCode.NEEDED),
        ("complement", "offer", ReasonCode.MERCHANT_OFFER),
    ],
)
def test_a_plain_link_to_an_offer_is_lived_by_at_once(ask, offer, kind, source, code):
    unbound = offer(goals=("something",))  # found by nothing but the link
    assert of(ask([unbound]), "visit") is None
    link = CuratedLink("category:leaves", "visit", kind, "link", "the pot needs it", "mina")
    made = of(ask([unbound], links=[link]), "visit")
    assert (made.kind, made.reason.code) == (source, code)
    over = replace(link, expires_at=1)
    assert of(ask([unbound], links=[over]), "visit") is None


def test_pins_and_bans_reach_offers(ask, offer):
    pin = CuratedLink("tea", "visit", "complement", "pin", "ask us first", "mina")
    made = ask([offer(goals=("x",))], links=[pin]).offers[0]
    assert (made.product_id, made.kind, made.offer_id) == ("visit", "pinned", "visit")
    ban = CuratedLink("*", "visit", "complement", "ban", "no room", "mina")
    assert ask([offer(beside=("tea",))], links=[ban]).dropped["banned"] == 1


def test_a_set_may_hold_an_offer(ask, offer):
    parts = (Part("tea"), Part("visit"))
    bundle = Bundle("start", BundleKind.FIXED, parts, 2, {"": "Start"}, price=Money(Decimal(33), "USD"))
    [made] = ask([offer()], bundles=[bundle]).sets
    assert [(part.offered_as, part.price.amount) for part in made.parts] == [("tea", 5), ("visit", 30)]
    assert ask([offer(min_age=19)], bundles=[bundle]).sets == ()


def test_goals_come_from_the_conversation_and_with_consent_from_the_profile(ask, offer):
    calm = Goal("calm", {"en": "calm mornings", "ko": "차분한 아침"}, offers=("honey",))
    policy = replace(HELPFUL, name="goals", goals=(calm,))
    decision = ask([offer(goals=("calm",))], "desk", policy=policy, goals=("calm",))
    told = {one.product_id: reasons.sentence(one.reason, "ko") for one in decision.offers if one.kind == "goal"}
    assert told == {
        "visit": "말씀하신 목표(차분한 아침)에 대한 상점 안내: tea from day one",
        "honey": "말씀하신 목표(차분한 아침)에 맞춰 상점에서 제안해요.",
    }
    known = Person("customer:1", is_known=True, goals=("calm",), consents={("personalization", "*"): True})
    assert of(ask([offer(goals=("calm",))], "desk", person=known, customer_id="1"), "visit").kind == "goal"
    stranger = replace(known, consents={})
    assert of(ask([offer(goals=("calm",))], "desk", person=stranger, customer_id="1"), "visit") is None


def test_an_offer_for_a_kind_of_person_needs_consent_to_know_them(ask, offer):
    bigger = offer("bigger", audience='usage_share("storage") >= 0.8')
    facts = PersonFacts(Profile("customer:1", 0), usage={"storage": 0.91})
    known = Person("customer:1", is_known=True, facts=facts, consents={("personalization", "*"): True})
    made = of(ask([bigger], "account", (), person=known, customer_id="1"), "bigger")
    assert (
        reasons.sentence(made.reason, "en") == "At least 80% of your storage is used. From the shop: tea from day one"
    )
    decision = ask([bigger], "account", (), person=replace(known, consents={}), customer_id="1")
    assert (of(decision, "bigger"), decision.dropped["not_for_person"]) == (None, 1)


def test_every_drop_of_an_offer_is_told_in_the_trace(ask, offer):
    decision = ask([offer(beside=("tea",), markets=("KR",))])
    [row] = [one for one in decision.trace.candidates if one.product_id == "visit"]
    assert (row.source, row.dropped) == ("offer", "wrong_market")


def test_a_product_under_an_offer_is_told_at_the_offers_price(ask, offer):
    deal = offer("honey-deal", 4, product_id="honey", prices=(PriceLine(Money(Decimal(2), "USD"), Period.MONTH, 2),),
                 total=Money(Decimal(4), "USD"))  # fmt: skip
    made, bare = of(ask([deal]), "honey"), of(ask([]), "honey")
    assert (made.kind, made.reason, made.p, made.priority) == (bare.kind, bare.reason, bare.p, bare.priority)
    assert (made.offer_id, made.price, bare.offer_id, bare.price) == (
        "honey-deal", Money(Decimal(4), "USD"), None, Money(Decimal(5), "USD")
    )  # fmt: skip
