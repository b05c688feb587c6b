"""What offers earned: told from the holdout, with what is credited to them beside it."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import BadInput, NotFound

BY = {"author": "mina", "reason": "what do offers bring"}
N = 160


def allow(shop, names):
    now = shop.clock().isoformat()
    shop.consents.record([
        {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test", "at": now}
        for name in names
    ])  # fmt: skip


def sell(shop, rows):
    shop.put_facts("orders", [
        {"line_id": "1", "quantity": 1, "currency": "USD", "unit_price": "10", "ordered_at": shop.clock().isoformat(), **row}
        for row in rows
    ])  # fmt: skip


@pytest.fixture
def shop(own_shop, clock):
    """Half are held back. Everybody buys an anchor; who was offered something also buys that, every fourth sends it back."""
    shop = own_shop
    vars(shop)["key"] = bytes(32)  # arms follow from the secret: the same ones each time
    shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    names = [f"h{number}" for number in range(N)]
    now = clock().isoformat()
    shop.put_facts("customers", [{"customer_id": name, "created_at": now} for name in names])
    allow(shop, names)
    made = {name: shop.decide("cart", ["P00"], customer=name) for name in names}
    clock.now += timedelta(days=1)
    sell(shop, [{"order_id": f"a-{name}", "customer_id": name, "product_id": "P00"} for name in names])
    offered = {name: decision for name, decision in made.items() if decision.offers}
    sell(shop, [
        {"order_id": f"b-{name}", "customer_id": name, "product_id": decision.offers[0].product_id,
         **({"decision_id": decision.decision_id} if number % 2 else {})}
        for number, (name, decision) in enumerate(offered.items())
    ])  # fmt: skip
    shop.respond([
        Response(f"r-{name}", decision.decision_id, Action.CLICK, clock() - timedelta(hours=2), decision.offers[0].product_id)
        for name, decision in offered.items()
    ])  # fmt: skip
    back = list(offered.items())[::4]
    shop.put_facts("returns", [
        {"order_id": f"b-{name}", "product_id": decision.offers[0].product_id, "quantity": 1, "returned_at": clock().isoformat()}
        for name, decision in back
    ])  # fmt: skip
    clock.now += timedelta(days=1)
    shop.offered, shop.n_back = offered, len(back)
    return shop


def of(found, outcome):
    [one] = [row for row in found["compared"] if row["outcome"] == outcome]
    return one


def test_what_offers_earned_is_the_difference_to_those_held_back(shop):
    found = shop.earned.holdout()
    n = len(shop.offered)
    assert found["units"] == {"held": N - n, "treated": n}
    assert (found["judgement"], found["control"], found["n_crossed"]) == ("any_time", "held", 0)
    revenue, kept = of(found, "revenue"), (n - shop.n_back) / n
    assert revenue["mean_control"] == 10
    assert revenue["mean"] == pytest.approx(10 + 10 * kept)
    assert (of(found, "orders")["mean"], of(found, "bought")["mean_control"]) == (2, 1)
    assert found["verdict"] == "better"
    assert found["incremental"]["total"]["value"] == pytest.approx(
        n * of(found, found["headline"])["absolute"]["value"]
    )
    assert found["incremental"]["per_thousand"]["low"] <= found["incremental"]["per_thousand"]["value"]


def test_what_is_credited_is_told_beside_it_each_line_once_and_net_of_returns(shop):
    credited = shop.earned.holdout()["credited"]
    n = len(shop.offered)
    assert credited["lines"] == n
    assert credited["by"] == {"stated": n // 2, "clicked": n - n // 2}
    assert credited["revenue"] == pytest.approx(10 * (n - shop.n_back))


def test_the_funnel_reconciles_with_the_log(shop):
    n = len(shop.offered)
    rows = shop.credited.funnel_of()
    assert sum(row["served"] for row in rows) == sum(len(one.offers) for one in shop.offered.values())
    counted = {step: sum(row[step] for row in rows) for step in ("seen", "clicked", "added", "bought", "kept")}
    assert counted == {"seen": n, "clicked": n, "added": 0, "bought": n, "kept": n - shop.n_back}
    assert {row["placement"] for row in rows} == {"cart"}


def test_service_comes_off_the_profit(shop):
    sold = {"P00", *(decision.offers[0].product_id for decision in shop.offered.values())}
    shop.put_products([
        {"product_id": name, "title": name, "price": "10", "cost": "4", "currency": "USD"} for name in sorted(sold)
    ])  # fmt: skip
    before = shop.earned.holdout()
    assert (before["headline"], before["costed"]) == ("profit", 1.0)
    who = next(iter(shop.offered))
    shop.put_facts("cases", [{"case_id": "c1", "customer_id": who, "opened_at": (shop.clock() - timedelta(hours=3)).isoformat(),
                              "status": "closed", "cost": "50", "currency": "USD"}])  # fmt: skip
    after = shop.earned.holdout()
    n = len(shop.offered)
    assert of(before, "profit")["mean"] - of(after, "profit")["mean"] == pytest.approx(50 / n)
    assert of(before, "margin") == of(after, "margin")


def test_nobody_in_it_and_no_such_trial_are_said(own_shop):
    with pytest.raises(NotFound, match="there is no trial"):
        own_shop.earned.holdout()
    own_shop.experiments.hold_out(0.5, **BY, has_agreed=True)
    waiting = own_shop.earned.holdout()
    assert (waiting["units"], waiting["credited"]["lines"]) == ({"held": 0, "treated": 0}, 0)
    assert "fewer than 30 units" in waiting["not_estimable"]
    with pytest.raises(BadInput, match="ends"):
        own_shop.credited.funnel_of(own_shop.clock(), own_shop.clock())


def test_a_trial_run_elsewhere_is_judged_from_its_assignments(own_shop):
    at = (own_shop.clock() - timedelta(days=3)).isoformat()
    rows = [{"experiment_id": "elsewhere", "unit_id": f"e{i}", "arm": "ab"[i % 2], "at": at} for i in range(100)]
    own_shop.put_facts("assignments", rows)
    with pytest.raises(BadInput, match="which arm is the control"):
        own_shop.earned.experiment("elsewhere")
    found = own_shop.earned.experiment("elsewhere", "a", is_fixed=True)
    assert (found["judgement"], found["units"], found["sample_ratio_p"]) == ("fixed_horizon", {"a": 50, "b": 50}, None)
    assert {row["verdict"] for row in found["compared"]} == {"not_proven"}


def test_a_trial_with_an_end_is_locked_until_then_and_judged_once_after(own_shop, clock):
    ends = (clock() + timedelta(days=2)).isoformat()
    trial = {"experiment_id": "words", "kind": "variant", "arms": {"control": 0.5, "long": 0.5}, "ends_at": ends, **BY}
    vars(own_shop)["key"] = bytes(32)
    own_shop.experiments.put(trial)
    now = clock().isoformat()
    own_shop.put_facts("customers", [{"customer_id": f"w{i}", "created_at": now} for i in range(80)])
    allow(own_shop, [f"w{i}" for i in range(80)])
    for i in range(80):
        own_shop.decide("cart", ["P00"], customer=f"w{i}")
    locked = own_shop.earned.experiment("words")
    assert "compared" not in locked
    assert "one look after that" in locked["not_estimable"]
    clock.now += timedelta(days=3)
    opened = own_shop.earned.experiment("words")
    assert opened["judgement"] == "fixed_horizon"
    assert opened["until"].startswith(ends[:16])
    assert "compared" in opened


def test_a_campaign_of_thirteen_to_one_by_its_trial(own_shop, clock):
    """Everybody mailed spends 26 more; 100 were mailed at a cost of 200, so 13 came back for 1."""
    at = (clock() - timedelta(days=10)).isoformat()
    own_shop.put_products([{"product_id": "gift", "title": "Gift", "price": "26", "currency": "USD", "cost": "0"}])
    arms = [("mailed", "control")[i % 2] for i in range(200)]
    own_shop.put_facts("assignments", [
        {"experiment_id": "mailing", "unit_id": f"m{i}", "arm": arm, "at": at} for i, arm in enumerate(arms)
    ])  # fmt: skip
    sell(own_shop, [
        {"order_id": f"m{i}", "customer_id": f"m{i}", "product_id": "gift", "unit_price": str(price), "ordered_at":
         (clock() - timedelta(days=1)).isoformat()}
        for i, arm in enumerate(arms) if (price := 26 + i % 3 if arm == "mailed" else i % 3)
    ])  # fmt: skip
    own_shop.put_facts("campaign_costs", [
        {"campaign_id": "autumn", "from": "2026-10-20", "cost": cost, "currency": "USD", "channel": channel}
        for channel, cost in (("email", "150"), ("print", "50"))
    ])  # fmt: skip
    found = own_shop.earned.campaign("autumn", "mailing", is_fixed=True)
    revenue = of(found["trial"], "revenue")
    assert (found["spent"], found["arm"], found["currency"]) == (200.0, "mailed", "USD")
    assert revenue["absolute"]["value"] == pytest.approx(26, abs=0.1)
    assert found["headline"] == "profit"
    assert found["returned"]["ratio"]["value"] == pytest.approx(13, abs=0.05)
    assert found["returned"]["net"]["value"] == pytest.approx(12, abs=0.05)
    assert found["returned"]["days"]["value"] == pytest.approx(10 / 13, abs=0.01)
    assert (
        found["returned"]["ratio"]["low"] <= found["returned"]["ratio"]["value"] <= found["returned"]["ratio"]["high"]
    )
    assert found["returned_credited"]["ratio"]["value"] == 0
    with pytest.raises(NotFound, match="no cost of a campaign 'spring'"):
        own_shop.earned.campaign("spring", "mailing")
    with pytest.raises(BadInput, match="which arm got the campaign"):
        own_shop.earned.campaign("autumn", "mailing", "control")
