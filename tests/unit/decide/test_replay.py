from dataclasses import replace

import numpy as np
import pytest

from crosslift.decide import record
from crosslift.decide.decider import decide
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.replay import replay
from crosslift.domain.customer import Person
from crosslift.domain.decision import NoOffer, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, HELPFUL
from crosslift.errors import NotReplayable
from crosslift.settings import VERSION

CUSTOMER = Person(
    "customer:c1", True, frozenset({"cup"}), {("personalization", "*"): True}, {("personalization", "*"): 3}
)


@pytest.fixture(scope="module")
def pantry_learned(little, pantry):
    return little.learned(pantry.orders)


@pytest.fixture
def decided(little, tea_known):
    """Decide and record; gives decision, slim record and inputs."""

    def decided(*cart, live=None, person=CUSTOMER, known=tea_known, placement="cart", policy="helpful", **asked):
        request = Request(placement, little.NOW, "c1", cart, policy=policy, **asked)
        overlay = live if live is not None else little.overlay(known)
        decision, read = decide(request, "d1", known, overlay, person, BUILT_IN[policy], PLACEMENTS[placement])
        return decision, record.slim(decision, request, VERSION, b"key"), record.inputs(request, person, read)

    return decided


@pytest.mark.parametrize("policy", ["helpful", "relevance"])
@pytest.mark.parametrize("placement", ["cart", "home", "email"])
def test_a_decision_is_made_again_byte_for_byte(decided, tea_known, policy, placement):
    decision, slim, blob = decided(
        "tea", "T-9", policy=policy, placement=placement, holdings=("spoon",), exclude=("wine",)
    )
    again = replay("d1", slim, blob, tea_known, b"key")
    assert (again.is_equal, again.difference) == (True, None)
    assert replace(again.decision, trace=None) == decision


def test_what_the_shop_changed_since_does_not_matter(little, decided, tea_known):
    live = little.overlay(tea_known, little.live("honey", stock=0), little.live("blue cup", parent_id="cup"),
                          little.live("tea bag", parent_id="tea"))  # fmt: skip
    decision, slim, blob = decided("tea bag", live=live, person=Person())
    assert [o.product_id for o in decision.offers] == ["blue cup", "spoon"]
    again = replay("d1", slim, blob, tea_known, b"key")  # no overlay is handed over: it is in the inputs
    assert again.is_equal
    assert [o.product_id for o in again.decision.offers] == ["blue cup", "spoon"]


def test_the_trace_is_made_by_replay(decided, tea_known):
    _, slim, blob = decided("tea")
    trace = replay("d1", slim, blob, tea_known, b"key").decision.trace
    assert {(t.product_id, t.dropped) for t in trace.candidates} >= {("cup", "already_owned"), ("honey", None)}


def test_no_offer_is_replayed_as_no_offer(decided, tea_known):
    decision, slim, blob = decided("n00")
    assert decision.no_offer is NoOffer.NO_CANDIDATES
    assert replay("d1", slim, blob, tea_known, b"key").is_equal


def altered(found, **columns):
    """A snapshot of the same name whose content was changed behind our back."""
    return Knowledge("s1", {**found.arrays, **columns}, found.texts)


def test_an_altered_score_is_named_as_another_list(little, pantry_learned, decided):
    found = pantry_learned
    known = Knowledge("s1", found.arrays, found.texts)
    _, slim, blob = decided("P00", "P02", known=known)
    again = replay(
        "d1", slim, blob, altered(found, neighbor_scores=found.arrays["neighbor_scores"] * np.float32(0.5)), b"key"
    )
    assert not again.is_equal
    assert again.difference.startswith("stage arbitrate: offers was")


def test_altered_evidence_is_named(little, pantry_learned, decided):
    found = pantry_learned
    known = Knowledge("s1", found.arrays, found.texts)
    _, slim, blob = decided("P00", known=known)
    turned = altered(found, edge_pairs=found.arrays["edge_pairs"][::-1].copy())
    again = replay("d1", slim, blob, turned, b"key")
    assert not again.is_equal
    assert "evidence" in again.difference


def test_a_snapshot_with_other_relations_is_named_at_the_first_stage(little, pantry_learned, decided):
    found = pantry_learned
    known = Knowledge("s1", found.arrays, found.texts)
    _, slim, blob = decided("P00", "P02", known=known)
    fewer = altered(found, edge_offsets=np.minimum(found.arrays["edge_offsets"], 1))
    with pytest.raises(NotReplayable, match="stage gather differs: 1 candidates now, 2 then"):
        replay("d1", slim, blob, fewer, b"key")


def test_another_policy_version_is_named(decided, tea_known, monkeypatch):
    _, slim, blob = decided("tea")
    monkeypatch.setitem(BUILT_IN, "helpful", replace(HELPFUL, version=HELPFUL.version + 1))
    again = replay("d1", slim, blob, tea_known, b"key")
    assert again.difference == f"policy_version was {HELPFUL.version}, is {HELPFUL.version + 1}"


def test_a_policy_that_decides_otherwise_is_named_by_its_stage(decided, tea_known, monkeypatch):
    _, slim, blob = decided("tea")
    monkeypatch.setitem(BUILT_IN, "helpful", replace(HELPFUL, max_offers=1))
    assert replay("d1", slim, blob, tea_known, b"key").difference.startswith("stage arbitrate: offers was")
