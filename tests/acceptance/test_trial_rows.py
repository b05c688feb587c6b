"""Row M04: offer, message, timing, channel, layout and price step are tried alike; who wins is promoted, and taken back."""

from datetime import timedelta

import pytest

from crosslift.errors import BadUsage, Refused

BY = {"author": "mina", "reason": "to know"}
N = 240
MARKETS = ("KR", "JP", "US")
POLICIES = {  # one line each is what the trial is about
    "offer": '[offers]\nsources = ["complement"]\n',
    "timing": '[[quiet_hours]]\nfrom = "20:00"\nuntil = "09:00"\n',
    "channel": '[[caps]]\nat_most = 0\nwithin = "1 day"\nchannels = ["sms"]\n',
    "price-step": '[value]\nstep_up_to = "10 %"\n',
}


@pytest.fixture(scope="session")
def situations(load_script):
    return load_script("tests/acceptance/situations.py")


def published(shop, name, body, *, needs_approval=False):
    text = f'name = "{name}"\nextends = "helpful"\nneeds_approval = {str(needs_approval).lower()}\n\n{body}'
    written = shop.policies.draft(text, "mina", "to try")
    shop.policies.publish(name, written["version"], "mina", "jun")


def trial(name, **more):
    return {"experiment_id": name, "arms": {"control": 0.5, "new": 0.5}, **BY, **more}


@pytest.fixture
def tried(shop, clock, situations):
    """Two policies tried over people of three markets; who is in the new arm buys for ten more, in Japan for none."""
    vars(shop)["key"] = bytes(32)
    published(shop, "usual", "", needs_approval=True)
    published(shop, "few", "[offers]\nat_most = 1\n", needs_approval=True)
    names = [f"t{number}" for number in range(N)]
    now = clock().isoformat()
    shop.put_facts("customers", [
        {"customer_id": name, "created_at": now, "market": MARKETS[number % 3]} for number, name in enumerate(names)
    ])  # fmt: skip
    situations.grant(shop, *names)
    shop.learn()
    shop.experiments.put(trial("fewer", kind="policy", policies={"control": "usual", "new": "few"}))
    arms = {name: shop.decide("cart", ["P00"], customer=name, policy="usual").arm.partition("=")[2] for name in names}
    clock.now += timedelta(days=1)
    at = clock().isoformat()
    shop.put_facts("orders", [
        {"order_id": f"o-{name}", "line_id": "1", "customer_id": name, "product_id": "P00", "quantity": 1, "currency": "USD",
         "unit_price": str(20 + number % 7 + (10 if arms[name] == "new" and number % 3 != 1 else 0)), "ordered_at": at}
        for number, name in enumerate(names)
    ])  # fmt: skip
    clock.now += timedelta(hours=1)
    return shop


def test_m04_five_dimensions_and_the_price_step_from_one_screen(shop, situations):
    vars(shop)["key"] = bytes(32)
    for name, body in POLICIES.items():
        published(shop, f"try-{name}", body)
        policies = {"control": "helpful", "new": f"try-{name}"}
        shop.experiments.put(trial(name, kind="policy", policies=policies, group="how-we-decide"))
    for name in ("message", "layout"):
        shop.experiments.put(trial(name, kind="variant", placements=["cart"]))
    listed = {one["experiment_id"]: one for one in shop.experiments.list()}
    assert listed.keys() == {"offer", "message", "timing", "channel", "layout", "price-step"}
    assert {one["state"] for one in listed.values()} == {"running"}
    names = [f"d{number}" for number in range(60)]
    situations.grant(shop, *names)
    made = [shop.decide("cart", ["P00"], customer=name) for name in names]
    assert {one.policy for one in made} == {"helpful", *(f"try-{name}" for name in POLICIES)}
    assert all("layout=" in one.arm and "message=" in one.arm for one in made)
    assert sum(shop.experiments.show("layout")["units"].values()) == len(names)


def test_m04_a_winner_is_promoted_by_its_numbers_and_taken_back(tried):
    shop = tried
    assert shop.decide("cart", ["P00"], customer="t0", policy="usual").policy in ("usual", "few")
    with pytest.raises(Refused, match="does not show 'control' to be better"):
        shop.promotions.promote("fewer", "control", **BY, approved_by="jun")
    with pytest.raises(Refused, match="needs an approval"):
        shop.promotions.promote("fewer", "new", **BY)
    done = shop.promotions.promote("fewer", "new", **BY, approved_by="jun")
    assert done["evidence"]["verdict"] == "better"
    assert 0 < done["evidence"]["low"] < done["evidence"]["value"]
    after = shop.decide("cart", ["P00"], customer="new here", policy="usual")
    assert (after.policy, after.policy_version, after.arm) == ("usual", done["policy_version"], None)
    assert len(after.offers) <= 1
    assert shop.experiments.show("fewer")["state"] == "stopped"
    [noted] = shop.audit.entries(action="experiment.promote")
    assert noted["details"]["evidence"] == done["evidence"]
    assert noted["details"]["approved_by"] == "jun"
    shop.promotions.rollback("fewer", **BY, approved_by="jun")
    assert shop.decide("cart", ["P00"], customer="new here", policy="usual").policy_version == done["version_before"]
    with pytest.raises(BadUsage, match="no arm of experiment 'fewer' is promoted"):
        shop.promotions.rollback("fewer", **BY, approved_by="jun")


def test_m04_a_market_is_promoted_alone_only_where_its_drawn_interval_says_so(tried):
    shop = tried
    rows = {one["market"]: one for one in shop.promotions.markets("fewer")["markets"]}
    assert rows.keys() == set(MARKETS)
    assert rows["JP"]["verdict"] == "not_proven"
    assert rows["JP"]["drawn"]["value"] > rows["JP"]["alone"]["value"], "drawn towards the others"
    spreads = [max(one[how]["value"] for one in rows.values()) - min(one[how]["value"] for one in rows.values())
               for how in ("alone", "drawn")]  # fmt: skip
    assert spreads[1] < spreads[0]
    with pytest.raises(Refused, match="in JP"):
        shop.promotions.promote("fewer", "new", **BY, approved_by="jun", market="JP")
    forced = shop.promotions.promote("fewer", "new", **BY, approved_by="jun", market="JP", is_forced=True)
    assert forced["evidence"]["verdict"] == "not_proven"
    shop.promotions.rollback("fewer", **BY, approved_by="jun")
    shop.promotions.promote("fewer", "new", **BY, approved_by="jun", market="KR")
    decided = {
        market: shop.decide("cart", ["P00"], customer="somebody", policy="usual", market=market).policy
        for market in MARKETS
    }
    assert decided == {"KR": "few", "JP": "usual", "US": "usual"}


def test_m04_texts_and_layouts_go_on_with_the_winner(shop):
    vars(shop)["key"] = bytes(32)
    shop.experiments.put(trial("words", kind="variant", placements=["cart"]))
    rulings = shop.known.rulings
    with pytest.raises(Refused, match="wait, or force it"):
        shop.promotions.promote("words", "new", **BY)
    shop.promotions.promote("words", "new", "mina", "the brand wants it", is_forced=True)
    made = shop.decide("cart", ["P00"], customer="anybody")
    assert made.arm is None
    assert rulings.rendered(made.arm, None, "cart") == {"words": "new"}
    assert rulings.rendered(made.arm, None, "home") == {}
    shop.promotions.rollback("words", **BY)
    shop.decide("cart", ["P00"], customer="anybody")
    assert rulings.rendered(None, None, "cart") == {}
