"""Guardrails: every sign and whatever it is asked of, counted from when its limit holds, lifted by hand alone."""

from datetime import timedelta

import msgspec
import pytest

from crosslift.collect.sources.segment import Message
from crosslift.domain.decision import Action, Response
from crosslift.domain.experiment import TrialKind
from crosslift.errors import BadInput, Refused
from crosslift.measure import guardrails

N = 110
BY = {"author": "mina", "reason": "to try"}


def guardrail(sign, of, *more):
    return "\n".join(["[[guardrails]]", 'id = "g"', f'sign = "{sign}"', f'of = "{of}"', 'at_most = "10 %"', *more, ""])


def publish(shop, *parts, name="watched"):
    text = "\n".join([f'name = "{name}"', 'extends = "helpful"', *parts, ""])
    version = shop.policies.draft(text, "mina", "to try")["version"]
    shop.policies.publish(name, version, "mina")


@pytest.fixture
def made(own_shop, clock):
    """Let people be made offers at the cart, and an hour pass."""

    def make(policy="watched", n=N):
        now = clock().isoformat()
        names = [f"g{number}" for number in range(n)]
        own_shop.put_facts("customers", [{"customer_id": name, "created_at": now} for name in names])
        own_shop.consents.record([
            {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "t", "at": now}
            for name in names
        ])  # fmt: skip
        found = [own_shop.decide("cart", ["P00"], customer=name, policy=policy) for name in names]
        clock.now += timedelta(hours=1)
        return dict(zip(names, found, strict=True))

    return make


def decline(shop, decisions, every=2):
    shop.respond([
        Response(f"r{one.decision_id}", one.decision_id, Action.EXPOSURE if place % every else Action.DECLINE, shop.clock())
        for place, one in enumerate(decisions)
    ])  # fmt: skip


def targets(found):
    return {one["target"]: one["value"] for one in found["paused"]}


def test_a_placement_rests_and_others_go_on(own_shop, clock, made):
    publish(own_shop, guardrail("declined", "placement"))
    decline(own_shop, made().values())
    clock.now += timedelta(seconds=1)
    assert targets(own_shop.guardrails.look()) == {"cart": 0.5}
    assert not own_shop.decide("cart", ["P00"], customer="somebody", policy="watched").offers
    assert own_shop.decide("product", ["P00"], product="P00", customer="somebody", policy="watched").offers


def test_an_option_is_drawn_no_more_and_comes_back(own_shop, clock, made, monkeypatch):
    monkeypatch.setattr(guardrails, "MIN_PEOPLE", 40)  # each option is drawn about 80 times
    publish(
        own_shop, guardrail("declined", "option"), '[[variants]]\nid = "words"\noptions = ["plain", "warm", "loud"]'
    )
    answered = [one for one in made(n=240).values() if one.offers]
    drawn = {one.decision_id: one.variants[0].option for one in answered}
    own_shop.respond([
        Response(f"r{name}", name, Action.DECLINE if option == "loud" else Action.EXPOSURE, clock())
        for name, option in drawn.items()
    ])  # fmt: skip
    clock.now += timedelta(seconds=1)
    assert targets(own_shop.guardrails.look()) == {"words:loud": 1.0}
    after = {
        own_shop.decide("cart", ["P00"], anonymous=f"b{k}", policy="watched").variants[0].option for k in range(30)
    }
    assert after == {"plain", "warm"}
    own_shop.guardrails.lift("watched", "option", "words:loud", **BY)
    [one] = own_shop.known.rulings.named("watched").variants
    assert one.options == ("plain", "warm", "loud")


def test_an_arm_over_its_limit_ends_the_experiment_until_it_is_lifted(own_shop, clock, made):
    vars(own_shop)["key"] = bytes(32)
    publish(own_shop, guardrail("declined", "arm"))
    trial = {"experiment_id": "loud", "kind": "variant", "arms": {"a": 0.5, "b": 0.5}, **BY}
    own_shop.experiments.put(trial)
    decisions = made(n=260).values()
    own_shop.respond([
        Response(f"r{one.decision_id}", one.decision_id, Action.DECLINE if one.arm == "loud=b" else Action.EXPOSURE, clock())
        for one in decisions
    ])  # fmt: skip
    clock.now += timedelta(seconds=1)
    assert targets(own_shop.guardrails.look()) == {"loud:b": 1.0}
    assert own_shop.experiments.get("loud").kind is TrialKind.VARIANT
    assert own_shop.experiments.show("loud")["state"] == "stopped"
    assert [one["target"] for one in own_shop.guardrails.resting()] == ["loud:b"]
    own_shop.guardrails.lift("watched", "arm", "loud:b", **BY)
    assert own_shop.experiments.show("loud")["state"] == "running"
    assert own_shop.guardrails.look()["paused"] == []


def complain(shop, names, at):
    shop.put_facts("cases", [
        {"case_id": f"c-{name}", "customer_id": name, "opened_at": at, "status": "open", "topic": "complaint"} for name in names
    ])  # fmt: skip


def unsubscribe(shop, names, at):
    shop.consents.record([
        {"customer_id": name, "purpose": "marketing", "channel": "*", "status": "withdrawn", "source": "link", "at": at}
        for name in names
    ])  # fmt: skip


def batch(messages):
    return msgspec.convert(messages, list[Message])


def track(event, who, at, **properties):
    return {
        "type": "track",
        "event": event,
        "messageId": f"{event}-{who}-{properties}",
        "timestamp": at,
        "anonymousId" if who.startswith("b") else "userId": who,
        "properties": properties,
    }


def leave(shop, names, at):
    shop.collect_events(batch([track("Checkout Started", name, at) for name in names]))


@pytest.mark.parametrize(
    ("sign", "happens", "share"),
    [("complained", complain, 0.5), ("unsubscribed", unsubscribe, 0.5), ("left_checkout", leave, 1.0)],
)
def test_what_people_do_after_an_offer_counts(own_shop, clock, made, sign, happens, share):
    publish(own_shop, guardrail(sign, "placement"))
    names = list(made(n=220))
    happens(own_shop, names[::2], clock().isoformat())
    clock.now += timedelta(seconds=1)
    assert targets(own_shop.guardrails.look()) == {"cart": share}


def test_what_came_back_counts_by_its_strategy(own_shop, clock, made):
    publish(own_shop, guardrail("returned", "strategy"))
    sold = [(name, one) for name, one in made(n=120).items() if one.offers]
    at = clock().isoformat()
    line = {"line_id": "1", "quantity": 1, "currency": "USD", "unit_price": "10", "ordered_at": at}
    own_shop.put_facts("orders", [
        {**line, "order_id": f"o-{name}", "customer_id": name, "product_id": one.offers[0].product_id,
         "decision_id": one.decision_id} for name, one in sold
    ])  # fmt: skip
    own_shop.put_facts("returns", [
        {"order_id": f"o-{name}", "product_id": one.offers[0].product_id, "quantity": 1, "returned_at": at}
        for name, one in sold[::2]
    ])  # fmt: skip
    clock.now += timedelta(seconds=1)
    assert targets(own_shop.guardrails.look()) == {sold[0][1].offers[0].kind: pytest.approx(0.5, abs=0.01)}


def test_slow_pages_pause_their_placement(own_shop, clock):
    publish(own_shop, guardrail("slow_page", "placement"))
    clock.now += timedelta(hours=1)
    seconds = {("cart", 1): 4.0}
    own_shop.collect_events(batch([
        track("Page Speed Measured", f"b{k}", clock().isoformat(), placement=place,
              seconds=seconds.get((place, k % 2), 1.2))
        for k in range(120) for place in ("cart", "home")
    ]))  # fmt: skip
    clock.now += timedelta(seconds=1)
    found = own_shop.guardrails.look()
    assert targets(found) == {"cart": 0.5}
    assert {one["target"] for one in found["watched"]} == {"cart", "home"}


def test_few_people_pause_nothing_and_an_old_past_hides_nothing(own_shop, clock, made):
    publish(own_shop, guardrail("declined", "strategy", 'within = "10 days"'))
    decline(own_shop, list(made(n=60).values()), every=1)
    clock.now += timedelta(seconds=1)
    [watched] = own_shop.guardrails.look()["watched"]
    assert (watched["n"], watched["value"]) == (60, 1.0)
    assert own_shop.guardrails.resting() == []
    clock.now += timedelta(days=10)
    assert own_shop.guardrails.look()["watched"] == [], "counts began anew"


def test_a_pause_outlives_a_new_text_and_a_draft_from_before_is_refused(own_shop, clock, made):
    publish(own_shop, guardrail("declined", "strategy"))
    early = own_shop.policies.draft('name = "watched"\nextends = "helpful"\n[offers]\nat_most = 2\n', "mina", "b")[
        "version"
    ]
    decline(own_shop, made().values())
    clock.now += timedelta(seconds=1)
    [paused] = own_shop.guardrails.look()["paused"]
    with pytest.raises(Refused, match="draft it once more"):
        own_shop.policies.publish("watched", early, "mina")
    publish(own_shop, "[offers]\nat_most = 3")
    assert [one["target"] for one in own_shop.guardrails.resting()] == [paused["target"]]
    with pytest.raises(BadInput, match="author or reason"):
        own_shop.guardrails.lift("watched", "strategy", paused["target"], "mina", " ")


def test_a_guardrail_that_cannot_be_watched_is_refused_with_its_line(own_shop):
    with pytest.raises(BadInput, match="pages have placements"):
        own_shop.policies.draft(f'name = "w"\nextends = "helpful"\n{guardrail("slow_page", "strategy")}', "mina", "b")
