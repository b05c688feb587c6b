"""Caps and refusals over two processes on one home: exact, whoever asks, and whoever dies in between."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from crosslift.domain.decision import Action, Request, Response

DRIVER = Path(__file__).with_name("attention_driver.py")


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module")
def shop(little, tmp_path_factory):
    home = tmp_path_factory.mktemp("attention") / "home"
    home.mkdir()
    pantry = little.pantry(800)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        with little.stocked(home, pantry.orders, pantry.catalog, little.Clock()) as shop:
            yield shop


class Other:
    """A second process on the same home."""

    def __init__(self, home):
        self._process = subprocess.Popen(
            [sys.executable, DRIVER, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "CROSSLIFT_NO_JIT": "1"},
        )  # fmt: skip
        while (line := self._process.stdout.readline()) and line.strip() != "ready":
            pass

    def __call__(self, what, **given):
        self._process.stdin.write(json.dumps({"do": what, **given}) + "\n")
        self._process.stdin.flush()
        return self._result()

    def _result(self):
        for line in self._process.stdout:
            if line.startswith(("[", "{", "null")):
                return json.loads(line)
        return None

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        return self._process.wait(30)


@pytest.fixture(scope="module")
def other(shop):
    process = Other(shop.home)
    yield process
    process.close()


@pytest.fixture
def doomed(shop):
    process = Other(shop.home)
    yield process
    process.close()


def decide(shop, placement, customer, at=None):
    return shop.decide_requests([Request(placement, at or shop.clock(), customer, cart=("P00",), dwell_seconds=30.0)])[
        0
    ]


def offered(decision):
    return [offer.product_id for offer in decision.offers]


def test_of_forty_at_once_in_two_processes_one_interrupts(shop, other):
    with ThreadPoolExecutor(21) as pool:
        there = pool.submit(other, "ask", n=20, customer="c1")
        here = [pool.submit(decide, shop, "popup", "c1") for _ in range(20)]
        made = [[one.result().decision_id, one.result().offers, one.result().no_offer] for one in here]
        made += there.result()
    assert len({decision_id for decision_id, *_ in made}) == 40
    assert len([1 for _, offers, _ in made if offers]) == 1
    assert {why for _, offers, why in made if not offers} <= {"capped", "busy"}
    assert [one.state for one in shop.records.person("customer:c1").pressure.contacts] == ["reserved"]
    assert all(shop.decision(decision_id)["no_offer"] == why for decision_id, _, why in made)


def test_a_no_in_one_process_is_a_no_in_the_other_on_the_very_next_decision(shop, other):
    [[decision_id, offers, _]] = other("ask", placement="cart", customer="c2")
    assert offers == ["P01"]
    shop.respond([Response("r1", decision_id, Action.DECLINE, shop.clock(), "P01")])
    [[_, offers, _]] = other("ask", placement="cart", customer="c2")
    assert offers == offered(decide(shop, "cart", "c2")) == []
    assert offered(decide(shop, "cart", "c3")) == ["P01"]


def test_a_mute_and_its_taking_back_hold_at_once_in_both(shop, other):
    decision = decide(shop, "cart", "c4")
    other("answer", decision=decision.decision_id, action="mute", product="P01")
    assert decide(shop, "cart", "c4").dropped["cooling_down"] == 1
    other("answer", decision=decision.decision_id, action="unmute", product="P01")
    assert offered(decide(shop, "cart", "c4")) == ["P01"]


def test_a_withdrawn_consent_holds_in_the_other_process_at_once(shop, other):
    grant = {"customer_id": "c5", "purpose": "personalization", "channel": "*", "source": "form"}
    shop.consents.record([{**grant, "status": "granted", "at": "2026-10-01"}])
    [[before, *_]] = other("ask", placement="cart", customer="c5")
    shop.consents.record([{**grant, "status": "withdrawn", "at": "2026-10-20"}])
    [[after, *_]] = other("ask", placement="cart", customer="c5")
    assert [shop.decision(one)["purpose"] for one in (before, after)] == ["personalization", "contextual"]


def test_a_process_killed_before_it_answers_leaves_a_reservation_that_ends_by_itself(shop, doomed):
    assert doomed("die", customer="c6") is None
    assert doomed.close() == -9
    assert decide(shop, "popup", "c6").no_offer == "capped"
    later = shop.clock() + timedelta(minutes=30)
    assert offered(decide(shop, "popup", "c6", later)) == ["P01"]


def test_a_process_killed_before_it_records_leaves_nothing(shop, doomed):
    assert doomed("die", when="before", customer="c7") is None
    assert doomed.close() == -9
    assert shop.records.person("customer:c7").pressure.contacts == ()
    assert offered(decide(shop, "popup", "c7")) == ["P01"]


def test_a_ban_holds_in_the_other_process_on_the_very_next_decision(shop, other):
    [[_, before, _]] = other("ask", placement="cart", customer="c8")
    assert before == ["P01"]
    link = {"from_id": "P00", "to_id": "P01", "kind": "complement"}
    shop.put_links([{**link, "action": "ban", "reason": "it scratches the cup", "author": "mina"}])
    [[_, after, _]] = other("ask", placement="cart", customer="c8")
    assert "P01" not in after
    shop.remove_link("P00", "P01", "complement")
    [[_, again, _]] = other("ask", placement="cart", customer="c8")
    assert again == ["P01"]


def test_the_stop_switch_silences_the_other_process_on_the_very_next_decision(shop, other):
    shop.policies.stop("mina", "a wrong price is shown")
    [[_, offers, why]] = other("ask", placement="cart", customer="c9")
    assert (offers, why) == ([], "stopped")
    shop.policies.resume("mina", "it is mended")
    [[_, offers, _]] = other("ask", placement="cart", customer="c9")
    assert offers == ["P01"]
