"""Messages that were answered, recounted from the log by the clocks of those who were written to."""

from datetime import timedelta

import pytest

from crosslift.domain.channel import HourCounts
from crosslift.domain.decision import Action, Request, Response
from crosslift.shop.answered import answered

EMPTY = (0,) * 24


@pytest.fixture
def known(own_shop):
    """Two customers who allowed messages: c1 names a zone, c2 a market."""
    own_shop.put_facts("customers", [
        {"customer_id": "c1", "timezone": "America/New_York"}, {"customer_id": "c2", "market": "KR"},
    ])  # fmt: skip
    own_shop.consents.record([
        {"customer_id": who, "purpose": "marketing", "channel": "*", "status": "granted", "source": "form", "at": "2026-10-01"}
        for who in ("c1", "c2")
    ])  # fmt: skip


@pytest.fixture
def write(own_shop, clock):
    """Decide a mail at this moment and report what became of it."""

    def write(customer, *actions, policy="helpful"):
        made = own_shop.decide_requests([Request("email", clock(), customer, cart=("P00",), policy=policy)])[0]
        assert made.offers, made.no_offer
        own_shop.respond([
            Response(f"{made.decision_id}{what}", made.decision_id, Action(what), clock(), "P01") for what in actions
        ])  # fmt: skip

    return write


@pytest.fixture
def recount(own_shop, clock):
    """Count anew; gives sent and answered by hour of the mails."""

    def recount():
        now = int(clock().timestamp() * 1_000_000)
        found = answered(own_shop.records, now, own_shop.known.rulings.in_force(), "Europe/Berlin")
        assert set(found) <= {"email"}
        if not found:
            return {}
        pairs = zip(found["email"]["sent"], found["email"]["answered"], strict=True)
        return {hour: pair for hour, pair in enumerate(pairs) if pair[0]}

    return recount


@pytest.mark.usefixtures("known")
def test_hours_are_those_of_the_reader_and_a_look_is_no_answer(write, recount, clock):
    assert recount() == {}
    clock.move(hours=4)
    write("c1", "exposure", "accept", "click")  # 11:00 in New York
    write("c2", "exposure")  # 17:00 in Berlin, where the shop is
    write("c2")  # reserved and never sent
    assert recount() == {}
    clock.move(days=2)
    assert recount() == {11: (1, 1), 17: (1, 0)}
    clock.move(days=88, microseconds=1)
    assert recount() == {}


@pytest.mark.usefixtures("known")
def test_the_policy_a_message_was_decided_by_says_the_zone_of_a_market(own_shop, write, recount, clock):
    text = 'name = "ours"\nextends = "helpful"\n[timezones]\nKR = "Asia/Seoul"\n'
    own_shop.policies.publish("ours", own_shop.policies.draft(text, "mina", "why")["version"], "mina")
    clock.move(hours=-3)
    write("c2", "click", policy="ours")  # 18:00 in Seoul
    clock.move(days=3)
    assert recount() == {18: (1, 1)}


@pytest.mark.usefixtures("known")
def test_a_learning_run_puts_the_counts_into_the_snapshot(own_shop, write, clock):
    clock.move(hours=4)
    write("c1", "click")
    clock.move(days=2)
    own_shop.learn(force=True)
    one = (*EMPTY[:11], 1, *EMPTY[12:])
    assert own_shop.knowledge.logged.answered == {"email": HourCounts(one, one)}
    found = own_shop.contact_times.of("c1", ["email"], reachable=["email"]).best
    assert found.response.n == 1
    assert found.local >= clock() - timedelta(microseconds=1)
