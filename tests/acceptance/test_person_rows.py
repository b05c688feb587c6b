"""What is known of a person decides: usage, reading, goals, prices, their rhythm, their visits, their company."""

from contextlib import ExitStack
from datetime import timedelta

import numpy as np
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import NoOffer, ReasonCode, Request

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "we decided so"}


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def event(shop, name, who, number, days_ago=0.0, **properties):
    """Give an event of a customer, so many days before now."""
    at = (shop.clock() - timedelta(days=days_ago)).isoformat()
    return Message(message_id=f"{who}{name}{number}", event=name, user_id=who, timestamp=at, properties=properties)


# C08: a used share of a contract as a reason to offer


BIGGER = {
    "offer_id": "bigger", "kind": "plan_step", "title_en": "1 TB", "title_ko": "1TB", "title_ja": "1TB", "currency": "USD",
    "benefit_en": "room for every photo", "benefit_ko": "사진을 모두 담아요", "benefit_ja": "写真がすべて入ります",
    "price": "9", "step_of": "storage", "audience": 'usage_share("gigabytes") >= 0.8',
}  # fmt: skip


def test_c08_trigger_at_eighty_percent_of_the_quota_the_bigger_plan(shop, at):
    """One reading below nothing is offered; with the reading that reaches 80 % it is, and says so; without consent never."""
    basic = {"offer_id": "storage", "kind": "plan_step", "title_en": "100 GB", "currency": "USD", "price": "2"}
    shop.offers.put([basic, BIGGER], **BY)
    at.grant(shop, "kim")
    plan = {"subscription_id": "s1", "customer_id": "kim", "product_id": "storage", "status": "active", "limit": 100,
            "started_at": "2026-01-01", "meter": "gigabytes"}  # fmt: skip

    def used(gigabytes, day):
        shop.put_facts("subscriptions", [{**plan, "used": gigabytes, "updated_at": f"2026-10-{day}"}])
        return shop.decide("account", customer="kim", with_trace=True)

    below = used(79, 10)
    assert (at.offered(below), at.stopped(below)["bigger"]) == ([], "not_for_person")
    reached = used(80, 11)
    assert at.offered(reached) == ["bigger"]
    reason = at.reason_of(reached, "bigger")
    assert reason.code == ReasonCode.PLAN_NEARLY_USED
    assert all("80" in sentence for sentence in at.spoken(reason).values())
    assert shop.replay(reached.decision_id).is_equal
    shop.consents.withdraw("kim", "personalization")
    assert "bigger" not in at.offered(shop.decide("account", customer="kim", holdings=["storage"]))


# C12: what was read


def test_c12_decides_who_read_about_advertising_is_offered_it(shop, at):
    """Two posts and the e-book of the last month make somebody one whom it is for; one post, or one read long ago, does not."""
    advertising = {
        "offer_id": "ppc", "kind": "service", "title_en": "Search advertising", "benefit_en": "visitors from the first day",
        "price": "300", "currency": "USD",
        "audience": 'count("Content Viewed", topic = "ppc", last = 30 days) >= 2 '
                    'and count("Content Downloaded", last = 30 days) >= 1',
    }  # fmt: skip
    shop.offers.put(advertising, **BY)
    people = {"reader": (3, 9), "visitor": (3,), "once": (3, 45)}
    at.grant(shop, *people)
    for who, days in people.items():
        shop.collect_events([
            *(event(shop, "Content Viewed", who, n, day, content_id=f"post-{n}", topic="ppc") for n, day in enumerate(days)),
            event(shop, "Content Downloaded", who, 0, 2, content_id="ebook", topic="ppc"),
        ])  # fmt: skip
    made = {who: shop.decide("desk", customer=who, with_trace=True) for who in people}
    assert at.offered(made["reader"]) == ["ppc"]
    assert {who: at.stopped(made[who]).get("ppc") for who in people} == {
        "reader": None, "visitor": "not_for_person", "once": "not_for_person"
    }  # fmt: skip
    assert shop.replay(made["reader"].decision_id).is_equal
    assert at.offered(shop.decide("desk", customer="stranger")) == []


def test_c12_decides_on_the_page_itself(at, shops, little):
    """The guide being read names what goes with what it is about: nobody need be known for it."""
    reads = [
        {"type": "track", "event": "Content Viewed", "anonymousId": f"a{n}", "messageId": f"m{n}",
         "timestamp": (little.NOW - timedelta(days=n + 1)).isoformat(),
         "properties": {"content_id": "grind-guide", "title": "How to grind", "product_id": "grinder"}}
        for n in range(5)
    ]  # fmt: skip
    shop, _ = shops.bought("grinder", {"brush": 60}, events=reads)
    decision = shop.decide("content", content="grind-guide")
    assert at.offered(decision) == ["brush"]
    assert at.kinds(decision) == {"brush": "content"}
    assert shop.decide("content", content="another").offers == ()


# U08: a declared goal leads to what serves it


GOALS = """
[[goals]]
id = "more-traffic"
title = { en = "more visitors", ko = "더 많은 방문자", ja = "もっと多くの訪問者" }
offers = ["seo", "ppc"]
not_offers = ["new-site"]
"""


def service(name):
    said = {f"title_{of}": name.upper() for of in ("en", "ko", "ja")}
    return {"offer_id": name, "kind": "service", **said, "benefit_en": "it helps", "price": "90", "currency": "USD"}


def test_u08_decides_a_declared_goal_leads_to_what_serves_it(shop, at):
    """Declared by the customer it counts with their consent; confirmed by an agent it counts in that conversation."""
    site = {**service("new-site"), "goals": ["more-traffic"]}
    shop.offers.put([service("seo"), service("ppc"), service("print"), site], **BY)
    at.publish(shop, GOALS)
    shop.put_facts("customers", [{"customer_id": "kim", "traits": '{"goals": ["more-traffic"]}'}])
    assert shop.decide("account", customer="kim").no_offer == NoOffer.NO_CANDIDATES
    at.grant(shop, "kim")
    for decision in (shop.decide("account", customer="kim"), shop.decide("desk", goals=["more-traffic"])):
        assert set(at.offered(decision)) == {"seo", "ppc"}
        for name in at.kinds(decision):
            reason = at.reason_of(decision, name)
            assert reason.code == ReasonCode.SERVES_GOAL
            told = at.spoken(reason)
            assert ["visitors" in told["en"], "방문자" in told["ko"], "訪問者" in told["ja"]] == [True] * 3
        assert shop.replay(decision.decision_id).is_equal
    assert shop.decide("account", customer="kim", purpose="contextual").offers == ()


# R11: near the expected run-out, not before


def test_r11_timing_near_the_expected_run_out_and_not_before(at, shops, little):
    """Beans that last thirty days: silent on day 22, offered from day 24 on, with the day; bought again, silent again."""
    rng = np.random.default_rng(2)
    noise = [little.Order(tuple(rng.choice(at.NOISE, 2, replace=False).tolist()), f"n{i}", 4.0 * i) for i in range(200)]
    made = [little.Order(("beans",), f"p{n}", 24.0 * (30 * turn + n % 29)) for n in range(40) for turn in range(5)]
    made += [little.Order(("beans",), "kim", 24.0 * (20 + 30 * turn)) for turn in range(5)]
    shop = shops.of([*noise, *made], at.product("beans", 12, consumable=True))
    at.grant(shop, "kim")
    [due] = shop.records.person("customer:kim").dues
    assert due.interval_days == pytest.approx(30, rel=0.1)
    early = (due.due_at / 1e6) - 86_400 * min(7, 0.2 * due.interval_days)
    day = (early - shop.clock().timestamp()) / 86_400
    assert 2 < day < 6  # 20 days have passed

    def offers():
        return at.kinds(shop.decide("account", customer="kim")).get("beans") == "refill"

    shop.clock.move(days=day - 0.01)
    assert not offers()
    shop.clock.move(days=0.02)
    decision = shop.decide("account", customer="kim")
    reason = at.reason_of(decision, "beans")
    assert (at.kinds(decision)["beans"], reason.code) == ("refill", ReasonCode.REFILL_DUE)
    at.spoken(reason)
    assert shop.replay(decision.decision_id).is_equal
    assert not at.kinds(shop.decide("account", customer="stranger"))
    bought = {"order_id": "again", "ordered_at": shop.clock().isoformat(), "customer_id": "kim", "product_id": "beans",
              "quantity": 1, "unit_price": "12", "currency": "USD"}  # fmt: skip
    shop.put_facts("orders", [bought])
    shop.learn(force=True)
    assert not offers()


# Example 36: the window of those who come back


def test_example_36_window_opens_for_whoever_comes_back_after_the_trainers(at, shops):
    """Trainers bought, the app in use, two visits to the shelf within three weeks: what was too late is offered, and says why."""
    shelf = {"category": "shoes/running", "material": "mesh", "color": "blue"}
    named = [
        at.product(name, 90 - 5 * n, **shelf) for n, name in enumerate(("trainers", "trainers two", "trainers light"))
    ]
    shop, _ = shops.bought("trainers", {"socks": 60}, *named)
    bought = {"order_id": "k1", "ordered_at": (shop.clock() - timedelta(days=8)).isoformat(), "customer_id": "kim",
              "product_id": "trainers", "quantity": 1, "unit_price": "90", "currency": "USD"}  # fmt: skip
    shop.put_facts("orders", [bought])
    at.grant(shop, "kim")
    app = {"offer_id": "run-plan", "kind": "service", "title_en": "A running plan", "benefit_en": "a plan for your app",
           "price": "5", "currency": "USD",
           "audience": 'count("Run Finished", last = 30 days) >= 2 and revisits("shoes/running") >= 2'}  # fmt: skip
    shop.offers.put(app, **BY)
    shop.collect_events([event(shop, "Run Finished", "kim", n, n + 1) for n in range(3)])

    def compare():
        return shop.decide("comparison", product="trainers light", customer="kim", k=9)

    assert (compare().no_offer, at.offered(shop.decide("desk", customer="kim", kinds=["offer"]))) == (
        NoOffer.TOO_LATE,
        [],
    )
    shop.collect_events([
        event(shop, "Product Viewed", "kim", n, day, product_id="trainers two") for n, day in enumerate((6, 1))
    ])  # fmt: skip
    shop.learn(force=True)
    opened = compare()
    assert "trainers two" in at.offered(opened)
    assert shop.replay(opened.decision_id).is_equal
    plan = shop.decide("desk", customer="kim", kinds=["offer"])
    assert at.offered(plan) == ["run-plan"]
    shop.clock.move(days=20.5)
    assert compare().no_offer is NoOffer.TOO_LATE  # three weeks after the last look it closes again


# U05: who watches prices


LAPTOPS = {"laptop 8": (700, 8, 640), "laptop 16": (900, 16, 820), "laptop 32": (1200, 32, 900)}
"""Price, memory and cost: the dearest step earns by far the most."""


@pytest.fixture
def laptops(at, shops, little, tmp_path):
    """A ladder of three, in a shop whose customers buy mice: each always the cheap one or always the dear one."""
    named = [
        {**at.product(name, price, category="computers/laptops", memory_gb=memory), "cost": str(cost)}
        for name, (price, memory, cost) in LAPTOPS.items()
    ]
    mice = [at.product(name, price, category="computers/mice") for name, price in (("mouse", 10), ("mouse pro", 40))]
    made = little.orders(*at.baskets("laptop 8", {"bag": 50}, n=240), days=90)
    shop = shops.of(made, *named, *mice)
    bought = [
        {"order_id": f"m{who}-{turn}", "ordered_at": (shop.clock() - timedelta(days=3 * turn + 1)).isoformat(),
         "customer_id": f"w{who}", "product_id": "mouse" if who % 3 == 1 else "mouse pro", "quantity": 1,
         "unit_price": "10" if who % 3 == 1 else "40", "currency": "USD"}
        for who in range(120) for turn in range(6)
    ]  # fmt: skip
    shop.collect(little.write(tmp_path / "mice.csv", bought))
    shop.learn(force=True)
    at.publish(shop, '[value]\nobjectives = { product = "margin" }')
    at.grant(shop, "w1", "w2")
    return shop


def test_u05_decides_who_watches_prices_is_shown_the_lower_step(at, laptops):
    """The step that earns more goes to the others; the reason is counted, and every price is the same for everybody."""

    def asked(customer=None):
        decision = laptops.decide("product", product="laptop 8", customer=customer, kinds=["upgrade"], with_trace=True)
        assert laptops.replay(decision.decision_id).is_equal
        return decision

    sensitivity = {who: laptops.customers.show(who)["profile"]["price_sensitivity"] for who in ("w1", "w2")}
    assert (sensitivity["w1"] > 0.7, sensitivity["w2"] < 0.3) == (True, True)
    stranger, lavish, thrifty = asked(), asked("w2"), asked("w1")
    assert at.offered(stranger) == at.offered(lavish) == ["laptop 32"]
    assert at.offered(thrifty) == ["laptop 16"]
    assert at.stopped(thrifty)["laptop 32"] == "lower_step"
    assert laptops.decision(thrifty.decision_id)["dropped"]["lower_step"] == 1
    laptops.consents.withdraw("w1", "personalization")
    assert at.offered(asked("w1")) == ["laptop 32"]
    for name, (price, *_) in LAPTOPS.items():
        shown = [
            offer.price for made in (stranger, lavish, thrifty) for offer in made.offers if offer.product_id == name
        ]
        assert {float(one.amount) for one in shown} <= {price}


def test_u05_decides_the_lower_step_first_and_the_next_when_it_cannot_be_had(at, laptops):
    """Out of stock the lower step is none: then the next is the lowest."""
    laptops.patch_products([{"product_id": "laptop 16", "stock": 0}])
    decision = laptops.decide("product", product="laptop 8", customer="w1", kinds=["upgrade"])
    assert at.offered(decision) == ["laptop 32"]


# U10: a company is one customer


@pytest.fixture
def company(shop, at):
    """Three people of one company that holds a plan, and somebody else; two contacts a week for each company."""
    plans = [{"offer_id": name, "kind": "plan_step", "title_en": name, "benefit_en": "more seats", "currency": "USD",
              "price": "9"} for name in ("team", "enterprise")]  # fmt: skip
    plans[1]["step_of"] = "team"
    shop.offers.put(plans, **BY)
    shop.put_facts("accounts", [{"account_id": "acme", "name": "Acme Ltd", "kind": "company"}])
    shop.put_facts("account_members", [
        {"account_id": "acme", "customer_id": name, "role": role}
        for name, role in (("ann", "buyer"), ("bob", "approver"), ("cy", "user"))
    ])  # fmt: skip
    shop.put_facts("subscriptions", [
        {"subscription_id": "s1", "account_id": "acme", "product_id": "team", "status": "active", "started_at": "2026-01-01"}
    ])  # fmt: skip
    at.publish(shop, '[[caps]]\nat_most = 2\nwithin = "7 days"\nof = "account"')
    for purpose in ("personalization", "marketing"):
        at.grant(shop, "ann", "bob", "cy", "eve", purpose=purpose)
    return shop


def test_u10_decides_on_what_the_company_holds(company, at):
    """The step up from the company's plan is offered to each of its people; an open case of the company is solved first."""
    for who in ("ann", "bob", "cy"):
        assert at.kinds(company.decide("account", customer=who)) == {"enterprise": "upgrade"}
    assert "enterprise" not in at.kinds(company.decide("account", customer="eve"))
    case = {"case_id": "k1", "account_id": "acme", "opened_at": company.clock().isoformat(), "status": "open"}
    company.put_facts("cases", [case])
    assert company.decide("account", customer="cy").no_offer == NoOffer.SOLVE_FIRST


def test_u10_decides_within_the_contacts_of_the_whole_company(company, at):
    """Two of its people were written to: the third is not, nor is the company called; a stranger to it is; in a week all are."""
    for who in ("ann", "bob"):
        assert company.decide("email", ["P00"], customer=who).offers
    refused = company.decide("email", ["P00"], customer="cy", with_trace=True)
    assert (refused.offers, refused.no_offer) == ((), NoOffer.CAPPED)
    again = company.replay(refused.decision_id)
    assert again.is_equal
    assert again.decision.trace == refused.trace
    assert company.decide("desk", ["P00"], account="acme").no_offer == NoOffer.CAPPED
    assert company.decide("email", ["P00"], customer="eve").offers
    assert company.decide("cart", ["P00"], customer="cy").offers  # their own page takes no attention
    company.clock.move(days=7)
    assert company.decide("email", ["P00"], customer="cy").offers


def test_u10_decides_exactly_though_two_write_at_once(company, little, at):
    """Two processes decide for two of its people at the same instant: together they take no more than there is."""
    company.decide("email", ["P00"], customer="ann")
    with little.open_shop(company.home, company.clock) as other:
        asked = [Request("email", company.clock(), who, cart=("P00",)) for who in ("bob", "cy")]
        made = [shop.decide_unrecorded(one) for shop, one in zip((company, other), asked, strict=True)]
        assert all(one.decision.offers for one in made)
        decided = [shop._recorded([one])[0] for shop, one in zip((company, other), made, strict=True)]
    assert [bool(one.offers) for one in decided] == [True, False]
    assert decided[1].no_offer == NoOffer.CAPPED


def test_u10_decides_who_left_counts_no_more(company, at):
    """What somebody who left the company was asked is theirs; the others may be asked again."""
    for who in ("ann", "bob"):
        company.decide("email", ["P00"], customer=who)
    assert company.decide("email", ["P00"], customer="cy").no_offer == NoOffer.CAPPED
    gone = {"account_id": "acme", "customer_id": "bob", "role": "approver", "until": company.clock().isoformat()}
    company.put_facts("account_members", [{**gone, "updated_at": company.clock().isoformat()}])
    assert company.decide("email", ["P00"], customer="cy").offers
