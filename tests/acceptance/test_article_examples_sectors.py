"""The examples of the articles for advice, software, agencies, travel and manners: with the packs and their own sample offers."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from crosslift.domain.decision import Action, Decision, NoOffer, ReasonCode, Response
from crosslift.shop.packs import Packs

pytestmark = pytest.mark.usefixtures("_no_compiler")
POLICIES = {
    "bank": ("sector/bank",), "saas": ("sector/saas",), "agency": ("sector/agency",), "travel": ("sector/travel",),
    "winter": ("sector/shop",), "japan": ("market/jp",),
}  # fmt: skip
HELD = {
    "driver": ("car-insurance",), "pensioner": ("retirement-plan",), "filer": ("tax-service",), "investor": ("fund-technology",),
    "reader": ("content",), "retailer": ("project-tool",), "giant": ("project-tool",),
}  # fmt: skip
TRAITS = {
    "saver": {"age": "44"}, "owner": {"age": "44"}, "investor": {"age": "44"}, "unaware": {"aware_of_need": "no"},
    "retailer": {"industry": "retail", "employees": "40"}, "giant": {"industry": "health", "employees": "900"},
}  # fmt: skip
STORED = {"full": 80, "roomy": 79}
"""Gigabytes used of the hundred they pay for."""
PEOPLE = ("saver", "owner", "guest", "friend", *HELD, "unaware", *STORED)
AGENTS = {"kim": "credit, insurance, investments, tax", "lee": "tax", "gone": "insurance"}


@pytest.fixture(scope="module")
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture(scope="module")
def made(at, little):
    """Orders in which skis go with what is worn on them."""
    return little.orders(*at.baskets("skis", {"goggles": 60, "gloves": 50, "hat": 40}), days=90)


@pytest.fixture(scope="module")
def house(at, little, made, tmp_path_factory):
    """A shop of everything in these examples: sample offers put, people and contracts told, policies published."""
    home = tmp_path_factory.mktemp("house")
    told = [
        *(at.product(name, 20) for name in ("deposit", "mortgage", "car-insurance", "retirement-plan", "fund-technology")),
        at.product("beach-bali", 800, category="Beaches"), at.product("skis", 300, category="Winter sports"),
        *(at.product(name, 40, tags="winter") for name in ("goggles", "gloves", "hat")),
    ]  # fmt: skip
    bought = {name for order in made for name in order.products}
    with little.stocked(
        home, made, at.catalog(*told, also=bought), shop_licences="credit, insurance, investments, tax"
    ) as shop:
        for name in ("sector/bank", "sector/saas", "sector/agency", "sector/travel"):
            samples = home / "offers.toml"
            samples.write_text(Packs().told(name)["offers"], encoding="utf-8")
            shop.offers.put_file(samples, "mina", "taken from the pack")
        shop.collect(*(little.write(home / f"{name}.csv", rows) for name, rows in facts(little).items()))
        for name, packs in POLICIES.items():
            text = f'name = "{name}"\nextends = "helpful"\npacks = {list(packs)}\n'
            version = shop.policies.draft(text, "mina", "examples")["version"]
            shop.policies.publish(name, version, "mina")
        yield shop


def facts(little: Any) -> dict[str, list[Mapping[str, Any]]]:
    begun = (little.NOW - timedelta(days=200)).isoformat()
    held = [(who, name, {}) for who, names in HELD.items() for name in names]
    held += [(who, "storage-100", {"limit": 100, "used": used, "meter": "storage"}) for who, used in STORED.items()]
    return {
        "customers": [
            {"customer_id": who, **TRAITS.get(who, {}), "created_at": begun} for who in PEOPLE
        ],
        "consents": [
            {"customer_id": who, "purpose": purpose, "channel": "*", "status": "granted", "source": "test", "at": begun}
            for who in PEOPLE for purpose in ("personalization", "marketing")
        ],
        "subscriptions": [
            {"subscription_id": f"s-{who}", "customer_id": who, "product_id": name, "status": "active", "started_at": begun}
            | more
            for who, name, more in held
        ],
        "agents": [
            {"agent_id": name, "name": name.title(), "licences": listed, "active": name != "gone"}
            for name, listed in AGENTS.items()
        ],
    }  # fmt: skip


def asked(house, policy: str, placement: str = "desk", *cart: str, k: int = 6, **given: Any) -> Decision:
    """Decide by a policy, and see that the decision can be made again from its record."""
    decision = house.decide(placement, cart, policy=policy, k=k, with_trace=True, **given)
    again = house.replay(decision.decision_id)
    assert again.is_equal, again.difference
    return decision


def stopped(decision: Decision) -> dict[str, str]:
    """Give the code that stopped each candidate."""
    return {one.product_id: one.dropped for one in decision.trace.candidates if one.dropped}


BANK = {"agent": "kim", "kinds": ["offer"]}


def test_example_13_after_the_needs_check_and_not_before(at, house, little, tmp_path):
    """Without a confirmed need nothing beside the deposit is suitable; with it each product serves the need it is for."""
    before = asked(house, "bank", "desk", "deposit", customer="saver", **BANK)
    named = {"everyday-card", "purchase-loan", "balanced-fund", "life-insurance"}
    assert before.offers == ()
    assert {name: stopped(before)[name] for name in named} == dict.fromkeys(named, "no_goal")
    goals = ["pay-every-day", "pay-for-something-large", "save-for-later", "protect-family"]
    check = {"customer": "saver", "goals": goals, **BANK}
    assert stopped(asked(house, "bank", "desk", "deposit", **check))["balanced-fund"] == "compare_first"
    shown = {
        "type": "track", "event": "Comparison Shown", "userId": "saver", "messageId": "m1",
        "timestamp": (little.NOW - timedelta(hours=1)).isoformat(), "properties": {},
    }  # fmt: skip
    events = tmp_path / "events.jsonl"
    events.write_text(json.dumps(shown) + "\n", encoding="utf-8")
    house.collect(events)
    after = asked(house, "bank", "desk", "deposit", **check)
    assert set(at.offered(after)) == named
    benefit = at.spoken(at.reason_of(after, "purchase-loan"))
    assert all("354.40" in sentence for sentence in benefit.values())


def test_example_14_with_the_mortgage(at, house):
    goals = ["protect-home", "pay-for-something-large", "save-for-later"]
    decision = asked(house, "bank", "desk", "mortgage", customer="owner", goals=goals, **BANK)
    assert set(at.offered(decision)) == {"home-insurance", "mortgage-review", "credit-line", "certificate-of-deposit"}


def test_example_15_what_car_insurance_leaves_open(at, house):
    goals = ["protect-driving", "protect-home"]
    decision = asked(house, "bank", customer="driver", goals=goals, **BANK)
    assert set(at.offered(decision)) == {"driver-insurance", "accident-insurance", "fire-insurance"}
    assert asked(house, "bank", customer="saver", goals=goals, **BANK).offers == ()


def test_example_16_tax_service_for_a_pensioner(at, house):
    decision = asked(house, "bank", customer="pensioner", goals=["order-taxes"], agent="lee")
    assert at.offered(decision) == ["tax-service"]
    reason = at.reason_of(decision, "tax-service")
    assert reason.code == ReasonCode.SERVES_GOAL
    assert [
        goal in at.spoken(reason)[of] for of, goal in (("en", "taxes in order"), ("ko", "세금"), ("ja", "税金"))
    ] == [True] * 3


def test_example_17_insurance_only_from_a_licensed_preparer(at, house):
    given = {"customer": "filer", "goals": ["protect-family"], "kinds": ["offer", "goal"]}
    assert "income-insurance" in at.offered(asked(house, "bank", agent="kim", **given))
    for agent in ("lee", "gone", "nobody", None):
        decision = asked(house, "bank", agent=agent, **given)
        assert "income-insurance" not in at.offered(decision)
        assert stopped(decision)["income-insurance"] == "no_licence"


def licences(house, listed: str, since: str) -> None:
    """Say what Lee may advise on; the newest word counts."""
    row = {"agent_id": "lee", "name": "Lee", "licences": listed, "updated_at": f"{since}T00:00:00Z"}
    assert house.put_facts("agents", [row])["outcomes"] == ["replaced"]


def test_example_18_outside_their_competence_an_adviser_is_refused(at, house):
    given = {"customer": "driver", "goals": ["protect-driving"]}
    decision = asked(house, "bank", agent="lee", **given)
    assert at.offered(decision) == []
    assert {stopped(decision)[name] for name in ("driver-insurance", "accident-insurance")} == {"no_licence"}
    licences(house, "tax, insurance", "2026-10-01")
    assert set(at.offered(asked(house, "bank", agent="lee", **given))) == {"driver-insurance", "accident-insurance"}
    licences(house, "tax", "2026-10-02")
    assert at.offered(asked(house, "bank", agent="lee", **given)) == []


def test_example_19_another_sector_to_spread_the_risk(at, house):
    decision = asked(house, "bank", customer="investor", goals=["spread-risk"], agent="kim")
    assert at.offered(decision) == ["fund-health"]
    told = at.spoken(at.reason_of(decision, "fund-health"))
    assert [part in told[of] for of, part in (("en", "another sector"), ("ko", "다른 업종"), ("ja", "別の業種"))] == [
        True
    ] * 3
    assert asked(house, "bank", customer="saver", goals=["spread-risk"], agent="kim").offers == ()


def test_example_20_at_eighty_percent_a_bigger_plan_backup_and_support(at, house):
    decision = asked(house, "saas", "account", customer="full")
    assert set(at.offered(decision)) == {"storage-1000", "backup", "priority-support"}
    for name in at.kinds(decision):
        reason = at.reason_of(decision, name)
        assert reason.code == ReasonCode.PLAN_NEARLY_USED
        assert all("80" in sentence for sentence in at.spoken(reason).values())
    below = asked(house, "saas", "account", customer="roomy")
    assert below.offers == ()
    assert stopped(below)["storage-1000"] == "not_for_person"


def test_example_21_around_the_project_tool_by_size_and_industry(at, house):
    around = {"video-calls", "file-space", "security-pack"}
    retailer = asked(house, "saas", "account", customer="retailer")
    assert set(at.offered(retailer)) == {*around, "training-retail"}
    assert stopped(retailer)["project-tool-organization"] == "too_large"
    giant = asked(house, "saas", "account", customer="giant")
    assert set(at.offered(giant)) == {*around, "training-health", "project-tool-organization"}
    assert at.kinds(giant)["project-tool-organization"] == "upgrade"


def test_example_26_more_visitors_and_no_new_site(at, house):
    decision = asked(house, "agency", "desk", goals=["more-traffic"])
    assert set(at.offered(decision)) == {"ppc", "seo", "content"}
    for name in at.kinds(decision):
        told = at.spoken(at.reason_of(decision, name))
        assert [goal in told[of] for of, goal in (("en", "visitors"), ("ko", "방문자"), ("ja", "訪問者"))] == [True] * 3


def test_example_28_the_promotion_is_the_reason(at, house, little):
    """Who has content is told of social posts while the promotion runs, with its end; others are not, and nobody after it."""
    house.offers.put(
        {
            "offer_id": "social-black-friday", "kind": "service", "title_en": "Social posts", "title_ko": "소셜 게시물",
            "title_ja": "SNS投稿", "benefit_en": ["until 28 November three months cost as much as two: 900"],
            "benefit_ko": ["11월 28일까지 세 달을 두 달 값 900에 드려요"],
            "benefit_ja": ["11月28日まで、三か月が二か月分の900です"],
            "price": "900", "currency": "USD", "audience": 'holds("content")', "starts_at": "2026-11-01T00:00:00Z",
            "ends_at": "2026-11-29T00:00:00Z",
        },
        "mina", "Black Friday",
    )  # fmt: skip
    decision = asked(house, "agency", "account", customer="reader")
    assert "social-black-friday" in at.offered(decision)
    told = at.spoken(at.reason_of(decision, "social-black-friday"))
    assert all("900" in sentence and "28" in sentence for sentence in told.values())
    assert "social-black-friday" not in at.offered(asked(house, "agency", "account", customer="owner"))
    later = asked(house, "agency", "account", customer="reader", at=little.NOW + timedelta(days=28))
    assert stopped(later)["social-black-friday"] == "not_yet"


def test_example_29_a_course_before_any_service(at, house):
    decision = asked(house, "agency", "home", customer="unaware", goals=["more-traffic"])
    assert at.offered(decision) == ["course-being-found"]
    assert {stopped(decision)[name] for name in ("seo", "ppc", "content")} == {"teach_first"}


def test_example_30_similar_beaches_in_their_season(at, house, little):
    """The dry season of one beach is the wet one of the other: only what is in season now is offered."""
    for days, deal, other in ((0, "beach-phu-quoc", "beach-algarve"), (165, "beach-algarve", "beach-phu-quoc")):
        decision = asked(
            house, "travel", "product", product="beach-bali", market="KR", at=little.NOW + timedelta(days=days)
        )
        assert deal in at.offered(decision)
        assert stopped(decision)[other] == "not_yet"


def test_example_31_a_better_room_and_an_easy_no(at, house, little):
    """One no, without a question, and the room is not mentioned again for half a year."""
    decision = asked(house, "travel", "cart", "room-standard", customer="guest")
    assert at.kinds(decision)["room-sea-view"] == "upgrade"
    assert all("40" in sentence for sentence in at.spoken(at.reason_of(decision, "room-sea-view")).values())
    no = Response("no-1", decision.decision_id, Action.DECLINE, little.NOW, "room-sea-view")
    house.respond([no])
    for days, is_offered in ((1, False), (179, False), (181, True)):
        again = asked(house, "travel", "cart", "room-standard", customer="guest", at=little.NOW + timedelta(days=days))
        assert ("room-sea-view" in at.offered(again)) is is_offered


@pytest.mark.parametrize(
    ("market", "month", "is_season"), [("DE", 12, True), ("AU", 12, False), ("AU", 7, True), ("DE", 7, False)]
)
def test_example_32_offers_with_skis_in_winter_of_either_hemisphere(at, house, made, little, market, month, is_season):
    when = little.NOW.replace(year=2027 if month < 11 else 2026, month=month)
    decision = asked(house, "winter", "cart", "skis", market=market, at=when)
    found = {"goggles", "gloves", "hat"}
    assert set(at.offered(decision, made)) & found == (found if is_season else set())
    assert {name for name, code in stopped(decision).items() if code == "out_of_season"} == (
        set() if is_season else found
    )


def test_example_43_in_japan_useful_contacts_come_first(at, house, little):
    """Two calls are not enough; after the third useful contact the first offer is made."""
    noon = little.NOW + timedelta(hours=15)
    given = {"customer": "friend", "market": "JP", "goals": ["more-traffic"], "at": noon}
    for n_calls, is_made in ((0, False), (2, False), (3, True)):
        if n_calls:
            house.put_facts("activities", [
                {"activity_id": f"call-{n}", "at": little.NOW.isoformat(), "kind": "call", "customer_id": "friend"}
                for n in range(n_calls)
            ])  # fmt: skip
        decision = asked(house, "japan", "desk", **given)
        assert bool(at.offered(decision)) is is_made
        assert decision.no_offer == (None if is_made else NoOffer.VALUE_FIRST)
    assert at.offered(asked(house, "japan", "desk", **{**given, "market": "KR", "customer": "owner"}))
