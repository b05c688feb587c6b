"""Over random catalogs, people, policies and requests: no gate is passed that a slow, independent judge finds shut.

Every candidate's verdict is compared, not only those of what was offered: a gate that stops too much is as wrong as one
that lets through.
"""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.decide.replay import replay
from crosslift.domain.decision import DropCode, NoOffer
from crosslift.domain.placement import PLACEMENTS
from crosslift.settings import VERSION

PER_WORLD = 250
AFTER_THE_GATES = {DropCode.CATEGORY_FULL, DropCode.BEYOND_COUNT}
"""What the list says of what passed."""


@pytest.fixture(scope="module")
def worlds(load_script):
    return load_script("tests/property/gate_worlds.py")


@pytest.fixture(scope="module")
def naive(load_script):
    return load_script("tests/property/naive_gates.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


@pytest.fixture(scope="module")
def violations(worlds, naive):
    """Decide many contexts of one world; give what the two judges disagree on, and count the codes met."""

    def violations(seed, n=PER_WORLD, counts=None):
        shop = worlds.world(seed)
        found = []
        for asked in worlds.contexts(shop, seed, n):
            decision, _ = made(shop, asked)
            found += _disagreements(naive.Judge(shop, asked), decision)
            if counts is not None:
                counts.update(decision.dropped)
                counts["offered"] += len(decision.offers)
        return found

    return violations


def made(shop, asked):
    return decide(
        asked.request, "d" * 32, shop.known, shop.live, asked.person, asked.policy, PLACEMENTS[asked.request.placement],
        licences=asked.licences, with_trace=True,
    )  # fmt: skip


def _disagreements(judge, decision):
    if judge.is_refused:
        return [] if decision.no_offer is NoOffer.NO_CONSENT and not decision.offers else [("consent", decision)]
    found = [
        (row.product_id, row.source, row.dropped, code, judge.asked)
        for row in decision.trace.candidates
        if (code := judge.code(row.product_id, row.source)) != (None if row.dropped in AFTER_THE_GATES else row.dropped)
    ]
    for offer in decision.offers:
        item = judge.parent(offer.product_id)
        item = item if item in judge.world.known.index else offer.product_id
        if judge.flag(item) != (None, offer.product_id) or judge.code(item, offer.kind) is not None:
            found.append((offer.product_id, offer.kind, "offered", judge.code(item, offer.kind), judge.asked))
    return found


@settings(deadline=None, max_examples=68, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_no_gate_is_passed_that_is_shut_and_none_is_shut_that_is_open(violations, seed):
    assert violations(seed) == []


def test_the_worlds_meet_every_gate(violations):
    counts = Counter()
    for seed in range(12):
        assert violations(seed, counts=counts) == []
    met = set(counts)
    assert {code.value for code in DropCode} - met <= {
        "on_page", "category_full", "beyond_count", "below_threshold", "value_first", "busy", "lower_step", "plugin_failed"
    }  # fmt: skip
    assert any(name.startswith("rule_") for name in met)
    assert counts["offered"] > 1_000


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_every_decision_is_made_again_byte_for_byte_without_its_shop(worlds, seed):
    shop = worlds.world(seed)
    for asked in worlds.contexts(shop, seed, 40):
        decision, read = made(shop, asked)
        body = record.slim(decision, asked.request, VERSION, b"key")
        blob = record.inputs(asked.request, asked.person, read)
        again = replay("d" * 32, body, blob, shop.known, b"key", asked.policy)
        assert again.is_equal, again.difference
        assert again.decision.trace == decision.trace


@pytest.mark.long
def test_a_million_contexts_without_a_violation(violations, record_property):
    counts = Counter()
    n = 0
    for seed in range(1_000, 3_000):
        assert violations(seed, n=500, counts=counts) == []
        n += 500
    record_property("contexts", n)
    record_property("offered", counts["offered"])
