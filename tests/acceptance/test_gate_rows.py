"""Rows of the gates: what may be offered, now, to this person; each rule with its code, its owner and its reason.

The merchant writes rules as text and publishes them; from then on the very next decision keeps them.
"""

import shutil
from contextlib import ExitStack
from datetime import timedelta

import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput

BY = {"author": "mina", "reason": "we decided so"}


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path, _no_compiler):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def publish(shop, *rules, more=""):
    """Put a policy with these rules in force under the name `helpful`."""
    text = f'name = "helpful"\nextends = "helpful"\n{more}\n' + "\n".join(f"[[rules]]\n{rule}" for rule in rules)
    shop.policies.publish("helpful", shop.policies.draft(text, **BY)["version"], "mina")


def rule(name, gate, code, *more):
    head = (
        f'id = "{name}"',
        f'gate = "{gate}"',
        f'code = "{code}"',
        'owner = "mina"',
        f'reason = "The reason of {name}."',
    )
    return "\n".join((*head, *more))


def offered(decision):
    return [offer.product_id for offer in decision.offers]


def consent(shop, customer, purpose="personalization"):
    at = shop.clock().isoformat()
    entry = {
        "customer_id": customer,
        "purpose": purpose,
        "channel": "*",
        "status": "granted",
        "source": "test",
        "at": at,
    }
    shop.consents.record([entry])


def put(shop, product_id, **changed):
    """Write a product's catalog row anew."""
    row = {"product_id": product_id, "title": product_id, "price": "9", "currency": "USD", **changed}
    shop.put_products([row])


# D02: the live session, device, channel and daypart


def test_d02_session_what_was_looked_at_stands_in_for_an_empty_cart(shop):
    home = shop.decide("home")
    assert {offer.kind for offer in home.offers} == {"bestseller"}
    looked = shop.decide("home", viewed=["P10", "P00"])
    assert looked.offers[0].kind == "complement"
    assert offered(looked)[0] == "P01"
    assert looked.offers[0].reason.evidence["anchor"] == "P00"
    assert offered(shop.decide("cart", ["P02"], viewed=["P00"])) == ["P03"]  # the cart says more than a look
    assert shop.replay(looked.decision_id).is_equal


def test_d02_session_device_channel_page_and_daypart_are_asked(shop, clock):
    publish(
        shop,
        rule("small-screens", "applicable", "too_wide", 'when.devices = ["mobile"]', 'stops.products = ["P01"]'),
        rule("tills", "applicable", "not_at_the_till", 'when.channels = ["till"]'),
        rule(
            "mornings",
            "applicable",
            "not_in_the_morning",
            'when.dayparts = ["morning"]',
            'when.placements = ["product"]',
        ),
        more='[timezones]\nKR = "Asia/Seoul"',
    )
    assert shop.decide("cart", ["P00"], device="mobile").no_offer == "too_wide"
    assert offered(shop.decide("cart", ["P00"], device="desktop")) == ["P01"]
    assert shop.decide("till", ["P00"]).no_offer == "not_at_the_till"
    assert offered(shop.decide("product", product="P00", market="KR"))  # noon here, nine in the evening there
    clock.move(hours=12)
    assert shop.decide("product", product="P00", market="KR").no_offer == "not_in_the_morning"


# D04: license, age, region, customer type, date


@pytest.mark.usefixtures("_no_compiler")
def test_d04_license_age_region_of_products_by_rule(shop):
    """A tag put on a product today is asked of the very next visitor; an unknown age is not old enough."""
    put(shop, "P01", category="shelf 1", attributes={"tags": "spirits"})
    publish(
        shop,
        rule("of-age", "eligible", "under_age", "younger_than = 19", 'stops.tags = ["spirits"]'),
        rule("not-there", "eligible", "not_shipped_there", 'when.markets = ["JP"]', 'stops.categories = ["shelf 3"]'),
        rule("business", "eligible", "for_business_only", """who = 'not (trait("type") is "business")'""",
             'stops.products = ["P05"]'),
        rule("from-december", "eligible", "on_sale_from_december", 'when.until = "2026-11-30"', 'stops.products = ["P03"]'),
    )  # fmt: skip
    assert shop.decide("cart", ["P00"]).no_offer is NoOffer.ALL_EXCLUDED
    assert shop.decide("cart", ["P00"]).dropped == {"under_age": 1}
    for customer, age, kind in (("minor", 18, "private"), ("adult", 19, "business")):
        shop.put_facts("customers", [{"customer_id": customer, "traits": f'{{"age": {age}, "type": "{kind}"}}'}])
        consent(shop, customer)
    assert shop.decide("cart", ["P00"], customer="minor").dropped == {"under_age": 1}
    assert offered(shop.decide("cart", ["P00"], customer="adult")) == ["P01"]
    assert shop.decide("cart", ["P02"], market="JP").dropped == {"not_shipped_there": 1}
    assert shop.decide("cart", ["P02"], market="KR").dropped == {"on_sale_from_december": 1}
    assert shop.decide("cart", ["P04"], customer="minor").dropped == {"for_business_only": 1}
    assert offered(shop.decide("cart", ["P04"], customer="adult")) == ["P05"]
    put(shop, "P01", category="shelf 1", attributes={"tags": "soft drink"})
    assert offered(shop.decide("cart", ["P00"])) == ["P01"]


def test_d04_license_age_region_of_advice(little, pantry_home, tmp_path, clock):
    """Advice is given only where agent and firm both hold the license it takes."""
    shutil.copytree(pantry_home, tmp_path / "home")
    with little.open_shop(tmp_path / "home", clock, shop_licences="insurance, credit") as shop:
        cover = {"offer_id": "cover", "kind": "advice", "title_en": "Cover", "price": "5", "currency": "USD",
                 "beside": ["P00"], "licences": ["insurance"], "benefit_en": "It pays what breaks."}  # fmt: skip
        shop.offers.put([cover], **BY)
        shop.put_facts("agents", [
            {"agent_id": "kim", "name": "Kim", "licences": '["insurance"]'}, {"agent_id": "lee", "name": "Lee", "licences": "[]"},
        ])  # fmt: skip
        publish(shop, rule("licensed", "eligible", "no_licence", "stops.lacking_licence = true"))
        assert "cover" in offered(shop.decide("desk", ["P00"], agent="kim"))
        assert shop.decide("desk", ["P00"], agent="lee").dropped["no_licence"] == 1
        assert shop.decide("product", product="P00").dropped["no_licence"] == 1
        shop.put_facts(
            "agents", [{"agent_id": "kim", "name": "Kim", "licences": "[]", "updated_at": clock().isoformat()}]
        )
        assert "cover" not in offered(shop.decide("desk", ["P00"], agent="kim"))


# D05: the exception for consumables, what was returned


def test_d05_consumables_may_be_bought_again_and_what_was_returned_is_left_alone(shop, clock):
    bought = {"order_id": "n1", "ordered_at": "2026-10-20", "customer_id": "nina", "product_id": "P01", "quantity": 1}
    shop.put_facts("orders", [{**bought, "unit_price": "4.50", "currency": "USD"}])
    consent(shop, "nina")
    assert shop.decide("cart", ["P00"], customer="nina").dropped == {"already_owned": 1}
    put(shop, "P01", category="shelf 1", attributes={"consumable": True})
    shop.learn(force=True)
    assert offered(shop.decide("cart", ["P00"], customer="nina")) == ["P01"]
    given_back = {"order_id": "n1", "product_id": "P01", "quantity": 1, "returned_at": clock().isoformat()}
    shop.put_facts("returns", [given_back])
    assert shop.decide("cart", ["P00"], customer="nina").dropped == {"cooling_down": 1}
    assert offered(shop.decide("cart", ["P00"], customer="somebody else")) == ["P01"]


# D06: suitability, with an owner and a reason


def test_d06_a_rule_protects_the_vulnerable_says_why_and_who_answers_for_it(shop):
    """Would we advise it? A loan is not offered to somebody in arrears, whoever asks; the rule is named in the trace."""
    publish(
        shop,
        rule(
            "arrears", "suitable", "would_not_help", """who = 'trait("arrears") is "yes"'""", 'stops.products = ["P01"]'
        ),
    )
    for customer, arrears in (("late", "yes"), ("fine", "no")):
        shop.put_facts("customers", [{"customer_id": customer, "traits": f'{{"arrears": "{arrears}"}}'}])
        consent(shop, customer)
    assert offered(shop.decide("cart", ["P00"], customer="fine")) == ["P01"]
    decision = shop.decide("cart", ["P00"], customer="late", with_trace=True)
    assert (decision.no_offer, decision.dropped) == ("would_not_help", {"would_not_help": 1})
    [stopped] = [row for row in decision.trace.candidates if row.product_id == "P01"]
    assert (stopped.dropped, stopped.rule) == ("would_not_help", "arrears: The reason of arrears. (mina)")
    again = shop.replay(decision.decision_id)
    assert again.is_equal
    assert again.decision.trace == decision.trace


def test_d06_a_sensitive_category_stays_off_the_screens_others_see(shop):
    publish(
        shop,
        rule(
            "discreet", "suitable", "discreet", 'when.placements = ["till", "desk"]', 'stops.categories = ["shelf 1"]'
        ),
    )
    assert shop.decide("till", ["P00"]).no_offer == "discreet"
    assert offered(shop.decide("cart", ["P00"])) == ["P01"]


def test_d06_a_rule_without_owner_or_reason_is_refused(shop):
    bare = 'id = "x"\ngate = "suitable"\ncode = "x"\nowner = "mina"'
    with pytest.raises(BadInput, match="reason"):
        publish(shop, bare)


# D13: price sanity


def test_d13_a_lens_is_not_offered_with_a_strap_nor_a_giant_step(shop):
    """5,000 beside 20 is no companion; the limit is the policy's, and no price ever depends on who asks."""
    shop.patch_products([{"product_id": "P00", "price": "20"}, {"product_id": "P01", "price": "5000"}])
    assert shop.decide("product", product="P00").dropped == {"too_dear": 1}
    assert shop.decide("cart", ["P00"], holdings=["P02"]).dropped["too_dear"] == 1
    shop.patch_products([{"product_id": "P01", "price": "200"}])
    assert offered(shop.decide("product", product="P00")) == ["P01"]
    publish(shop, more="[value]\ncompanion_price_to = 3.0")
    assert shop.decide("product", product="P00").dropped == {"too_dear": 1}
    shop.patch_products([{"product_id": "P01", "price": "60"}])
    stranger = shop.decide("product", product="P00")
    assert offered(stranger) == ["P01"]
    consent(shop, "c1")
    assert {
        offer.product_id: offer.price for offer in shop.decide("product", product="P00", customer="c200").offers
    } == {offer.product_id: offer.price for offer in stranger.offers}


def test_d13_a_margin_below_the_floor_is_not_offered_and_an_unknown_cost_is_counted(shop):
    publish(shop, more="[value]\nmargin_from = 0.3")
    shop.patch_products([{"product_id": "P01", "price": "2.50"}])  # it costs 2.25
    assert shop.decide("product", product="P00").dropped == {"below_floor": 1}
    shop.patch_products([{"product_id": "P01", "price": "4.50"}])
    assert offered(shop.decide("product", product="P00")) == ["P01"]


# D23: value first


def test_d23_an_open_complaint_is_solved_before_anything_is_offered(shop, clock):
    assert offered(shop.decide("cart", ["P00"], customer="c1"))
    case = {"case_id": "k1", "customer_id": "c1", "opened_at": clock().isoformat(), "status": "open"}
    shop.put_facts("cases", [case])
    for placement in ("cart", "product", "desk", "till"):
        assert shop.decide(placement, ["P00"], customer="c1").no_offer is NoOffer.SOLVE_FIRST
    assert offered(shop.decide("cart", ["P00"], customer="c2"))


def test_d23_a_win_unlocks_the_next_offer(shop, clock):
    publish(shop, more="[value_first]\nwin_needed = true")
    buyer = next(
        row for row in shop.records.table("order_lines", ("customer_id",)).column("customer_id").to_pylist() if row
    )
    assert shop.decide("cart", ["P00"], customer=buyer).no_offer is NoOffer.VALUE_FIRST
    clock.move(days=1)
    shop.collect_events([
        Message(message_id="w1", event="Result Delivered", user_id=buyer, timestamp=clock().isoformat(), properties={})
    ])  # fmt: skip
    assert shop.decide("cart", ["P00"], customer=buyer).no_offer is not NoOffer.VALUE_FIRST


# J05: too early, too late


def test_j05_nobody_is_interrupted_before_ten_seconds_on_the_page(shop):
    """Interest has not formed; what stands quietly on the page may be there from the start."""
    for dwell, is_shown in ((None, False), (3, False), (9.9, False), (10, True), (45, True)):
        decision = shop.decide("popup", ["P00"], session=f"s{dwell}", dwell_seconds=dwell)
        assert (decision.no_offer is NoOffer.TOO_EARLY, bool(decision.offers)) == (not is_shown, is_shown)
    assert offered(shop.decide("cart", ["P00"], dwell_seconds=0.5)) == ["P01"]


@pytest.fixture
def kettles(at, shops):
    """A shop of three kettles and filters, where Kim bought one a week ago."""
    shelf = {"category": "kitchen/kettles", "material": "steel", "color": "red"}
    named = [at.product(name, 40 - n, **shelf) for n, name in enumerate(("kettle", "kettle classic", "kettle mini"))]
    shop, _ = shops.bought("kettle", {"filters": 60}, *named)
    bought = {"order_id": "k1", "ordered_at": (shop.clock() - timedelta(days=7)).isoformat(), "customer_id": "kim",
              "product_id": "kettle", "quantity": 1, "unit_price": "40", "currency": "USD"}  # fmt: skip
    shop.put_facts("orders", [bought])
    consent(shop, "kim")
    return shop


def compare(shop, customer=None):
    return shop.decide("comparison", product="kettle mini", customer=customer, k=9)


def test_j05_what_was_decided_is_not_opened_again(kettles):
    """Who bought a kettle last week is offered no other kettle for a month, though filters still go with it."""
    assert "kettle classic" in offered(compare(kettles))
    late = compare(kettles, "kim")
    assert late.no_offer is NoOffer.TOO_LATE
    assert kettles.replay(late.decision_id).is_equal
    assert "filters" in offered(kettles.decide("product", product="kettle", customer="kim"))
    kettles.clock.move(days=24)
    assert "kettle classic" in offered(compare(kettles, "kim"))


# J10: the window


def test_j10_window_the_second_visit_after_a_purchase_opens_it(kettles):
    """One look says little; two say that they look again: what was closed is offered, and goes forward."""
    for day, at in enumerate((3, 1), 1):
        looked = Message(
            message_id=f"v{day}", event="Product Viewed", user_id="kim", properties={"product_id": "kettle classic"},
            timestamp=(kettles.clock() - timedelta(days=at)).isoformat(),
        )  # fmt: skip
        kettles.collect_events([looked])
        kettles.learn(force=True)
        decision = compare(kettles, "kim")
        assert (decision.no_offer is NoOffer.TOO_LATE, "kettle classic" in offered(decision)) == (day == 1, day == 2)
    assert kettles.replay(decision.decision_id).is_equal
    kettles.clock.move(days=20.5)
    assert compare(kettles, "kim").no_offer is NoOffer.TOO_LATE  # three weeks after the last look it closes again
