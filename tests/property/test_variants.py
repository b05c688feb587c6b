"""Draws of small sets over random sets, logs and decisions: probabilities are whole, floored, logged as they were."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.decide import record
from crosslift.decide.assignment import Lot
from crosslift.decide.decider import decide
from crosslift.decide.replay import replay
from crosslift.decide.variants import draw, probabilities
from crosslift.domain.chance import of
from crosslift.domain.decision import DropCode
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.value import Lever
from crosslift.domain.variant import Tried, VariantSet
from crosslift.settings import VERSION
from crosslift.stats.bandit import p_best

OPTIONS = tuple("abcdefgh")
counts = st.integers(0, 20_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@st.composite
def sets(draw_of):
    n = draw_of(st.integers(2, 8))
    return VariantSet("s", OPTIONS[:n], floor=draw_of(st.floats(0.001, 1 / n)))


def table(one, rows):
    best = p_best([k for _, k in rows], [n for n, _ in rows]).round(9).tolist()
    return {option: Tried(n, k, p) for option, (n, k), p in zip(one.options, rows, best, strict=True)}


@given(sets(), st.data())
def test_probabilities_are_whole_and_no_option_is_under_its_floor(one, data):
    known = table(one, data.draw(st.lists(counts, min_size=len(one.options), max_size=len(one.options))))
    shares = probabilities(one, known)
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert min(shares) >= one.floor - 1e-12
    ranked = sorted(zip((of.p_best for of in known.values()), shares, strict=True))
    assert [share for _, share in ranked] == sorted(shares), "the likelier best is never drawn less often"


@given(sets(), st.data(), st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_every_draw_carries_the_probability_it_had_and_can_be_drawn_again(one, data, decisions):
    known = {"s": table(one, data.draw(st.lists(counts, min_size=len(one.options), max_size=len(one.options))))}
    shares = dict(zip(one.options, probabilities(one, known["s"]), strict=True))
    for decision in decisions:
        (drawn,) = draw([one], "cart", known, of(b"secret", decision))
        assert drawn.probability == shares[drawn.option]
        assert drawn.was_drawn
        assert draw([one], "cart", known, of(b"secret", decision)) == (drawn,)


@pytest.fixture(scope="module")
def worlds(load_script):
    return load_script("tests/property/gate_worlds.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        yield


def varied(policy, products):
    """Give a policy with a set whose second option pulls a lever on some products."""
    lever = Lever("push", 30.0, "mina", "which goes first", datetime(2190, 1, 1, tzinfo=UTC), products=products)
    one = VariantSet("first", ("usual", "push"), levers={"push": ("push",)})
    levers = (*policy.value.levers, lever)
    return replace(policy, variants=(one,), value=replace(policy.value, levers=levers), is_holdout_exempt=False)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_whatever_is_drawn_the_same_candidates_pass_the_same_gates_and_the_replay_is_equal(worlds, seed):
    shop = worlds.world(seed)
    policies = {id(one): varied(one, tuple(shop.known.products[:4])) for one in shop.policies}
    for asked in worlds.contexts(shop, seed, 40):
        policy, stopped = policies[id(asked.policy)], []
        for number in range(4):
            decision_id = f"{seed}-{number}"
            made, read = decide(
                asked.request, decision_id, shop.known, shop.live, asked.person, policy,
                PLACEMENTS[asked.request.placement], licences=asked.licences, lot=Lot(of(b"key", decision_id)),
            )  # fmt: skip
            slim = record.slim(made, asked.request, VERSION, b"key")
            blob = record.inputs(asked.request, asked.person, read)
            again = replay(decision_id, slim, blob, shop.known, b"key", policy)
            assert again.is_equal, again.difference
            assert [(one.set_id, one.option, one.probability) for one in again.decision.variants] == [
                tuple(row.values()) for row in record.read_slim(slim)["variants"]
            ]
            stopped.append({code: n for code, n in made.dropped.items() if code != DropCode.BELOW_THRESHOLD})
        assert all(one == stopped[0] for one in stopped), "but for what an offer is worth, no gate knows what was drawn"
