"""The packs in decisions: each rule stops what it is for and nothing else; limits, prices and samples with them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from crosslift.decide.decider import decide
from crosslift.decide.facets import FacetRow, Facets
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.decide.pressure import attention, judge_contacts
from crosslift.domain.customer import Person
from crosslift.domain.decision import DropCode, NoOffer, Request
from crosslift.domain.membership import PersonFacts, RecentEvent
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.domain.placement import PLACEMENTS, Placement
from crosslift.domain.policy import BUILT_IN
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_packs import resolved
from crosslift.domain.policy_text import read_sheet
from crosslift.domain.pressure import Helped, PressureState, Reacted, Reaction
from crosslift.domain.profile import Profile
from crosslift.shop.packs import Packs
from crosslift.wording.ethics import of_policy

pytestmark = pytest.mark.usefixtures("_no_compiler")
PACKS = Packs()
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = 86_400_000_000
MUCH = Helped(9)
MICROS = int(NOW.timestamp() * 1_000_000)


@cache
def policy(*packs: str, more: str = ""):
    """Give a policy that extends the default and holds to some packs."""
    names = ", ".join(f'"{name}"' for name in packs)
    return resolved(
        read_sheet(f'name = "ours"\nextends = "helpful"\npacks = [{names}]\n{more}', POLICY), BUILT_IN, PACKS
    )


def offer(name="thing", kind=OfferKind.SERVICE, price=1, **given) -> Offer:
    """Give something to be offered beside tea, which costs 5."""
    given = {"beside": ("tea",), "prices": (PriceLine(Money(Decimal(str(price)), "USD")),), **given}
    return Offer(name, 1, kind, {"en": name}, "mina", "asked for", NOW, **given)


def person(*, helped=MUCH, consents=("personalization", "marketing"), pressure=None, **known: Any) -> Person:
    """Give somebody who agreed to be known and written to, with what is known of them."""
    told = {(purpose, "*"): True for purpose in consents}
    facts = {name: known.pop(name) for name in ("holdings", "usage", "events") if name in known}
    profile = Profile("customer:c1", MICROS, **{"n_orders": 3, **known})
    return Person(
        "customer:c1", True, consents=told, helped=helped, pressure=pressure or PressureState(),
        facts=PersonFacts(profile, told, **facts),
    )  # fmt: skip


STRANGER = Person()


@pytest.fixture(scope="module")
def tea(little):
    """A shop where honey goes with tea."""
    with little.no_jit():
        baskets = [*[["tea", "honey"]] * 40, *([[f"n{i:02}"] for i in range(20)] * 6), *[["tea"]] * 5]
        shelf = little.products({"product_id": "tea"}, {"product_id": "honey"})
        return little.knowledge(little.orders(*baskets, days=20), shelf)


@pytest.fixture
def stops(little, tea):
    """Decide, and give the code that stopped one candidate: None where it passed every gate."""

    def asked(
        packs, offers, *, placement="cart", at=NOW, who=STRANGER, name="thing", said=(), licences=(), honey=1, **request
    ):
        known = tea.with_library(Library(offers))
        rows = {one: little.live(one) for one in tea.products}
        rows["honey"] = little.live("honey", price_micros=round(honey * 1_000_000))
        said_of = {"honey": FacetRow("honey", None, None, tuple(said))}
        facets = Facets(known, said_of, frozenset(key for key, _ in said), is_live=True)
        live = Overlay(known, 1, rows, facets=facets)
        request = {"cart": ("tea",), "customer_id": who.identity and "c1", **request}
        decision, _ = decide(
            Request(placement, at, **request), "d" * 32, known, live, who, policy(*packs), PLACEMENTS[placement],
            licences=frozenset(licences), with_trace=True,
        )  # fmt: skip
        found = {one.product_id: one.dropped for one in decision.trace.candidates}
        assert name in found, f"{name} is no candidate here: {decision.no_offer}"
        return found[name]

    return asked


# rules -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What a rule stops, and the same but for one thing, which it lets pass."""

    fires: dict[str, Any]
    passes: dict[str, Any]
    given: dict[str, Any] = field(default_factory=dict)
    sold: Offer = field(default_factory=offer)


def at(month: int, hour: int = 12) -> datetime:
    return datetime(2026, month, 10, hour, tzinfo=UTC)


def traits(**told: str) -> Person:
    return person(traits=told)


def of_age(years: int, market: str, *tags: str) -> Case:
    """Unknown and too young are stopped where nobody sees the customer; somebody of age passes."""
    given = {"market": market}
    return Case(
        {"who": traits(birth_date=f"{2026 - years}-12-01")}, {"who": traits(age=str(years))}, given, offer(tags=tags)
    )


def of_age_at_the_desk(years: int, market: str) -> Case:
    given = {"market": market, "placement": "desk"}
    return Case({"who": traits(age=str(years - 1))}, {"who": person()}, given, offer(tags=("tobacco",)))


def season(tag: str, month: int, other: int, market: str) -> Case:
    return Case({"at": at(month)}, {"at": at(other)}, {"market": market}, offer(tags=(tag,)))


def event(name: str) -> Person:
    return person(events=(RecentEvent(name, MICROS - 3 * DAY),))


def daypart(tag: str, out: int, inside: int) -> Case:
    return Case({"at": at(11, out)}, {"at": at(11, inside)}, {}, offer(tags=(tag,)))


POPUP = {"placement": "popup", "dwell_seconds": 60.0}
ALLERGENS = (
    "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts", "celery", "mustard", "sesame", "sulphites",
    "lupin", "molluscs",
)  # fmt: skip
CASES = {
    "market/kr": {
        "kr-of-age": of_age(19, "KR", "alcohol"),
        "kr-of-age-at-the-desk": of_age_at_the_desk(19, "KR"),
    },
    "market/jp": {
        "jp-guests-are-not-interrupted": Case({"who": person(n_orders=0)}, {"who": person()}, {"market": "JP", **POPUP}),
        "jp-alcohol-of-age": of_age(20, "JP", "alcohol"),
        "jp-tobacco-of-age": of_age(20, "JP", "tobacco"),
        "jp-of-age-at-the-desk": of_age_at_the_desk(20, "JP"),
    },
    "market/us": {
        "us-alcohol-of-age": of_age(21, "US", "alcohol"),
        "us-tobacco-of-age": of_age(21, "US", "tobacco"),
        "us-of-age-at-the-desk": of_age_at_the_desk(21, "US"),
    },
    "market/eu": {
        "eu-ask-before-interrupting": Case({"who": replace(STRANGER, identity="customer:c1")}, {"who": person()},
                                           {"market": "FR", **POPUP}),
        "eu-minors-not-interrupted": Case({"who": traits(age="17")}, {"who": person()}, {"market": "FR", **POPUP}),
        "eu-minors-not-written-to": Case({"who": traits(birth_year="2010")}, {"who": traits(birth_year="1999")},
                                         {"market": "FR", "placement": "email"}),
        "eu-of-age": of_age(18, "DE", "alcohol", "tobacco"),
        "eu-of-age-at-the-desk": of_age_at_the_desk(18, "EU"),
        "eu-lithuania-alcohol-from-20": of_age(20, "LT", "alcohol"),
        "eu-latvia-tobacco-from-20": of_age(20, "LV", "tobacco"),
    },
    "sector/bank": {
        "bank-needs-first": Case({}, {"goals": ("save-for-later",)}, {}, offer(goals=("save-for-later",))),
        "bank-licence": Case({"licences": ("tax",)}, {"licences": ("insurance",)},
                             {"placement": "desk", "goals": ("protect-home",)},
                             offer(goals=("protect-home",), licences=("insurance",))),
        "bank-no-rebates": Case({"market": "KR"}, {"market": "DE"}, {"goals": ("protect-home",)},
                                offer(kind=OfferKind.COUPON, goals=("protect-home",))),
        "bank-vulnerable": Case({"placement": "cart"}, {"placement": "desk"},
                                {"who": traits(vulnerable="yes"), "goals": ("retire-well",)},
                                offer(goals=("retire-well",), tags=("investment",))),
        "bank-cooling-off": Case({"who": event("Contract Started")}, {"who": person()}, {"goals": ("retire-well",)},
                                 offer(goals=("retire-well",))),
        "bank-compare-first": Case({"who": person()}, {"who": event("Comparison Shown")}, {"goals": ("retire-well",)},
                                   offer(goals=("retire-well",), tags=("compare_first",))),
        "bank-no-credit-in-arrears": Case({"who": person(default_loss=40.0)}, {"who": person(default_loss=0.0)},
                                          {"goals": ("retire-well",)}, offer(goals=("retire-well",), tags=("credit",))),
        "bank-contracts-never-interrupt": Case(POPUP, {"placement": "cart"}, {"goals": ("x",), "who": person()},
                                               offer(goals=("x",), tags=("insurance",))),
    },
    "sector/saas": {
        "saas-nearly-used": Case({"who": person(usage={"storage": 0.79})}, {"who": person(usage={"storage": 0.8})}, {},
                                 offer(tags=("usage-step",))),
        "saas-learn-first": Case({"who": person(first_order_at=MICROS - 13 * DAY)},
                                 {"who": person(first_order_at=MICROS - 15 * DAY)}, POPUP, offer(kind=OfferKind.PLAN_STEP)),
        "saas-help-first": Case({"who": person(last_nps=6.0)}, {"who": person(last_nps=9.0)}, {},
                                offer(kind=OfferKind.PLAN_STEP)),
        "saas-large-organizations": Case({"who": traits(employees="199")}, {"who": traits(employees="200")}, {},
                                         offer(tags=("large-org",))),
    },
    "sector/agency": {
        "agency-teach-first": Case({"sold": offer()}, {"sold": offer(tags=("education",))}, {"who": traits(aware_of_need="no")}),
        "agency-no-second-site": Case({"who": event("Website Delivered")}, {"who": person()}, {}, offer(tags=("new-site",))),
    },
    "sector/shop": {
        "shop-look-first": Case({"dwell_seconds": 19.0}, {"dwell_seconds": 20.0}, {"placement": "popup", "who": person()}),
        "shop-small-things-at-checkout": Case({"placement": "checkout"}, {"placement": "cart"}, {}, offer(price=2)),
        "shop-winter-north": season("winter", 7, 12, "DE"),
        "shop-winter-south": season("winter", 12, 7, "AU"),
        "shop-summer-north": season("summer", 12, 7, "DE"),
        "shop-summer-south": season("summer", 7, 12, "AU"),
    },
    "sector/restaurant": {
        "restaurant-breakfast": daypart("breakfast", 12, 8),
        "restaurant-lunch": daypart("lunch", 16, 12),
        "restaurant-dinner": daypart("dinner", 12, 19),
        "restaurant-no-alcohol-before-noon": daypart("alcohol", 9, 19),
        **{
            f"restaurant-allergen-{name}": Case(
                {"who": traits(**{f"allergy_{name}": "yes"})}, {"who": traits(allergy_other="yes")},
                {"name": "honey", "said": (("allergens", name),)},
            )
            for name in ALLERGENS
        },
    },
    "sector/dealer": {
        "dealer-fits-an-electric-car": Case({"who": traits(drive="electric")}, {"who": traits(drive="combustion")}, {},
                                            offer(tags=("combustion",))),
        "dealer-fits-a-combustion-engine": Case({"who": traits(drive="combustion")}, {"who": traits(drive="electric")}, {},
                                                offer(tags=("electric",))),
        "dealer-warranty-term": Case({"who": person()}, {"who": traits(warranty_months_left="5")}, {},
                                     offer(tags=("warranty-extension",))),
        "dealer-warranty-over": Case({"who": traits(warranty_months_left="0")}, {"who": person()}, {"placement": "desk"},
                                     offer(tags=("warranty-extension",))),
        "dealer-drive-first": Case({"who": person(last_order_at=MICROS - 29 * DAY)},
                                   {"who": person(last_order_at=MICROS - 31 * DAY)}, {"placement": "email"}),
    },
    "sector/travel": {
        "travel-no-window-at-night": Case({"at": at(11, 23)}, {"at": at(11, 20)}, {**POPUP, "who": person()}),
        "travel-beach-north": season("beach", 1, 7, "KR"),
        "travel-snow-north": season("snow", 7, 1, "JP"),
        "travel-snow-south": season("snow", 1, 7, "NZ"),
    },
}  # fmt: skip
EVERY = [(pack, rule) for pack, cases in CASES.items() for rule in cases]


def test_every_rule_of_every_pack_has_a_case():
    assert {name: {one.rule_id for one in PACKS[name].entries("rules")} for name in PACKS} == {
        name: set(CASES[name]) for name in PACKS
    }


@pytest.mark.parametrize(("pack", "rule"), EVERY)
def test_a_rule_stops_what_it_is_for_and_lets_pass_what_differs_in_one_thing(stops, pack, rule):
    case = CASES[pack][rule]
    code = next(one.code for one in policy(pack).rules if one.rule_id == rule)

    def asked(**some):
        given = {**case.given, **some}
        return stops((pack,), [given.pop("sold", case.sold)], **given)

    assert asked(**case.fires) == code
    assert asked(**case.passes) is None


@pytest.mark.parametrize(
    ("pack", "market"), [("market/kr", "KR"), ("market/jp", "JP"), ("market/us", "US"), ("market/eu", "IT")]
)
def test_whose_age_nobody_knows_is_not_offered_what_only_adults_may_buy(stops, pack, market):
    wine = [offer(tags=("alcohol",))]
    for who in (STRANGER, person(), person(consents=())):
        assert stops((pack,), wine, who=who, market=market) == "too_young"
    assert stops((pack,), wine, who=person(), market=market, placement="desk") is None
    assert stops((pack,), wine, market="BR") is None
    assert stops((pack,), [offer()], market=market) is None


# limits ------------------------------------------------------------------------------------------------------------

KOREAN_NIGHT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)  # 21:30 in Seoul and Tokyo
MESSAGES = ("sms", "push", "phone", "email")


def stop_of(limits, channel, moment, market, **known):
    """Say what stops a message on a channel; channels without a placement of their own yet are asked by the limits."""
    placement = Placement(channel, ("offer",), channel, is_message=True)
    who = person(**known)
    asked = attention(Request(channel, moment, "c1", market=market), placement, who, limits.timezones)
    return judge_contacts(who, limits.pressure, asked)


def test_nobody_in_korea_is_written_to_or_called_at_night():
    korea = policy("market/kr")
    found = {channel: stop_of(korea, channel, KOREAN_NIGHT, "KR") for channel in MESSAGES}
    assert found == dict.fromkeys(MESSAGES, NoOffer.QUIET_HOURS)
    for edge, stop in ((timedelta(minutes=-31), None), (timedelta(minutes=-30), NoOffer.QUIET_HOURS)):
        assert stop_of(korea, "sms", KOREAN_NIGHT + edge, "KR") is stop


def test_the_house_may_write_mails_at_night_and_no_house_may_send_texts():
    own = '[[quiet_hours]]\nfrom = "23:00"\nuntil = "06:00"\nchannels = ["email"]\n'
    korea = policy("market/kr", more=own)
    found = {channel: stop_of(korea, channel, KOREAN_NIGHT, "KR") for channel in MESSAGES}
    assert found == {
        "sms": NoOffer.QUIET_HOURS,
        "push": NoOffer.QUIET_HOURS,
        "phone": NoOffer.QUIET_HOURS,
        "email": None,
    }


def test_a_refusal_in_korea_rests_seven_days_whatever_a_policy_says(stops):
    own = '[[cooldowns]]\nafter = "declined"\nlasts = "1 day"\n'
    rests = {(one.after, one.days, one.law) for one in policy("market/kr", more=own).pressure.cooldowns}
    assert rests == {
        (Reaction.DECLINED, 1.0, ""), (Reaction.DECLINED, 7.0, "E-Commerce Act, article 21-2(1)"),
        (Reaction.MUTED, 7.0, "E-Commerce Act, article 21-2(1)"),
    }  # fmt: skip
    declined = PressureState(reactions=(Reacted(MICROS - 6 * DAY, Reaction.DECLINED, "thing"),))
    assert stops(("market/kr",), [offer()], who=person(pressure=declined)) == DropCode.COOLING_DOWN


def test_calls_in_the_united_states_wait_for_the_morning_and_mails_for_the_house():
    night = datetime(2026, 11, 2, 3, tzinfo=UTC)
    where = policy(
        "market/us", more='[timezones]\nUS = "America/New_York"\n[[quiet_hours]]\nfrom = "01:00"\nuntil = "02:00"\n'
    )
    found = {channel: stop_of(where, channel, night, "US") for channel in ("sms", "phone", "email")}
    assert found == {"sms": NoOffer.QUIET_HOURS, "phone": NoOffer.QUIET_HOURS, "email": None}


def test_japan_helps_three_times_before_the_first_offer_and_nowhere_else(stops):
    morning = datetime(2026, 11, 1, 3, tzinfo=UTC)  # noon in Tokyo
    for n_useful, stopped in ((0, DropCode.VALUE_FIRST), (2, DropCode.VALUE_FIRST), (3, None)):
        given = {"who": person(helped=Helped(n_useful)), "at": morning}
        assert stops(("market/jp",), [offer()], market="JP", placement="email", **given) == stopped
        assert stops(("market/jp",), [offer()], market="JP", placement="desk", **given) == stopped
        assert stops(("market/jp",), [offer()], market="US", placement="desk", **given) is None
        assert stops(("market/jp",), [offer()], market="JP", **given) is None


@pytest.mark.parametrize("n_days", [91, 179, 181])
def test_what_was_declined_in_japan_or_on_a_journey_rests_half_a_year(stops, n_days):
    declined = PressureState(reactions=(Reacted(MICROS - n_days * DAY, Reaction.DECLINED, "thing", "rooms"),))
    sold, who = [offer(category="rooms")], person(pressure=declined)
    rests = DropCode.COOLING_DOWN if n_days < 180 else None
    for pack in ("market/jp", "sector/travel", "sector/dealer"):
        of_category = pack != "sector/dealer"
        assert stops((pack,), sold, who=who) == rests
        other = [offer("other", category="rooms"), *sold]
        assert stops((pack,), other, who=who, name="other") == (rests if of_category else None)


def test_an_agency_offers_nothing_new_before_the_last_thing_went_well(stops):
    bought = Helped(0, None, MICROS - 30 * DAY)
    assert stops(("sector/agency",), [offer()], who=person(helped=bought)) == DropCode.VALUE_FIRST
    won = replace(bought, won_at=MICROS - DAY)
    assert stops(("sector/agency",), [offer()], who=person(helped=won)) is None
    assert stops(("sector/agency",), [offer()], who=person(helped=Helped())) is None


def test_the_prices_of_a_shop_stay_in_proportion(stops):
    for price, stopped in ((3, None), (3.01, DropCode.TOO_DEAR)):
        assert stops(("sector/shop",), [], name="honey", honey=price) == stopped
    for price, stopped in ((7, None), ("7.01", DropCode.TOO_DEAR)):
        assert stops(("sector/shop",), [offer(price=price, beside=(), step_of="tea")]) == stopped
    for cost, stopped in (("2.69", None), ("2.71", DropCode.BELOW_FLOOR)):
        sold = offer(price=3, cost=Money(Decimal(cost), "USD"))
        assert stops(("sector/shop",), [sold]) == stopped


def test_all_packs_hold_together():
    whole = policy(*PACKS)
    inherited = {one.rule_id for one in BUILT_IN["helpful"].rules}
    assert {one.rule_id for one in whole.rules} - inherited == {rule for _, rule in EVERY}
    assert of_policy(whole) == []
