"""Row M08: a bad sign over its limit pauses what shows it by itself, tells somebody, and stays paused until a hand lifts it."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import NotFound, Refused
from crosslift.jobs.runner import Runner

N = 130
TEXT = """name = "watched"
extends = "helpful"
needs_approval = true

[[guardrails]]
id = "few-noes"
sign = "declined"
at_most = "10 %"
"""


@pytest.fixture(scope="session")
def situations(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def asked(shop, situations):
    """Let so many people be made offers by the policy that has a guardrail."""

    def ask(n=N):
        names = [f"g{number}" for number in range(n)]
        situations.grant(shop, *names)
        return [shop.decide("cart", ["P00"], customer=name, policy="watched") for name in names]

    return ask


def publish(shop):
    written = shop.policies.draft(TEXT, "mina", "we want to know early")
    shop.policies.publish("watched", written["version"], "mina", "jun")


def answer(shop, made, action, every):
    shop.respond([
        Response(f"{action}-{one.decision_id}", one.decision_id, action if place % every == 0 else Action.EXPOSURE, shop.clock())
        for place, one in enumerate(made)
    ])  # fmt: skip


class Told:
    def __init__(self):
        self.news = []

    def __call__(self, kind, facts):
        self.news.append((kind, facts))


def test_m08_a_breach_pauses_the_strategy_and_alerts(shop, clock, asked):
    publish(shop)
    made = asked()
    strategies = {offer.kind for one in made for offer in one.offers}
    answer(shop, made, Action.DECLINE, every=2)
    clock.now += timedelta(hours=1)
    told = Told()
    run = Runner(shop, told).run("guardrails")
    assert run["state"] == "done"
    [(kind, facts)] = told.news
    assert kind == "job.attention"
    assert "declined 50.00%" in facts["attention"][0]
    resting = shop.guardrails.resting()
    assert {one["target"] for one in resting} == strategies
    first = resting[0]
    assert first["value"] == pytest.approx(0.5)
    assert first["at_most"] < first["low"] < first["value"] < first["high"]
    after = shop.decide("cart", ["P00"], customer="g0", policy="watched", with_trace=True)
    assert not after.offers, "from the very next decision on"
    assert "paused" in {one.dropped for one in after.trace.candidates}
    assert shop.audit.entries(action="guardrail.pause")[0]["details"]["low"] > 0.1
    before = shop.guardrails.look()
    assert before["paused"] == [], "what rests is not paused again"
    with pytest.raises(Refused, match="needs an approval"):
        shop.guardrails.lift("watched", "strategy", first["target"], "mina", "the text was wrong")
    lifted = {"author": "mina", "reason": "the text was wrong", "approved_by": "jun"}
    for one in resting:
        shop.guardrails.lift("watched", "strategy", one["target"], **lifted)
    assert shop.guardrails.resting() == []
    clock.now += timedelta(days=100)  # nobody rests from what they declined any more
    assert asked(1)[0].offers
    assert shop.guardrails.look()["paused"] == [], "counted anew from the lift on"
    with pytest.raises(NotFound, match="nothing paused"):
        shop.guardrails.lift("watched", "strategy", "upgrade", **lifted)


def test_m08_no_breach_pauses_nothing(shop, clock, asked):
    publish(shop)
    made = asked()
    answer(shop, made, Action.DECLINE, every=8)  # 12.5 %: over the limit, yet not proven to be
    clock.now += timedelta(hours=1)
    told = Told()
    Runner(shop, told).run("guardrails")
    assert told.news == []
    found = shop.guardrails.look()
    assert found["watched"]
    assert all(one["low"] <= one["at_most"] < one["value"] for one in found["watched"])
    assert shop.guardrails.resting() == []
