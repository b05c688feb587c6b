"""One option a set and decision: drawn with exactly the probability that is logged, the default where nothing is drawn."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crosslift.decide import record
from crosslift.decide.assignment import Lot
from crosslift.decide.decider import decide
from crosslift.decide.knowledge import Logged
from crosslift.decide.replay import replay
from crosslift.decide.variants import draw, levers_on, probabilities
from crosslift.domain import chance
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, RELEVANCE
from crosslift.domain.value import Lever, Objective, ValueTerms
from crosslift.domain.variant import Drawn, Tried, VariantSet
from crosslift.settings import VERSION
from crosslift.stats.bandit import p_best

WORDS = VariantSet("words", ("plain", "warm", "brief"), floor=0.1)
END = datetime(2027, 1, 1, tzinfo=UTC)
SPOON, CUP = (Lever(name, 50.0, "mina", "try it", END, products=(name,)) for name in ("spoon", "cup"))
PUSHED = replace(
    HELPFUL, name="ours", reserved={}, variants=(VariantSet("push", ("none", "spoon"), ("cart",), {"spoon": ("spoon",)}),),
    value=ValueTerms({"*": Objective.CONVERSION}, levers=(SPOON,)),
)  # fmt: skip
PERSON = Person("customer:c1", True)


def tried(**counts):
    best = p_best([k for _, k in counts.values()], [n for n, _ in counts.values()]).tolist()
    return {name: Tried(n, k, p) for (name, (n, k)), p in zip(counts.items(), best, strict=True)}


KNOWN = tried(plain=(400, 20), warm=(400, 40), brief=(400, 30))


def test_every_logged_probability_is_the_share_of_draws():
    shares = probabilities(WORDS, KNOWN)
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert shares == pytest.approx([0.1 + 0.7 * one.p_best for one in KNOWN.values()])
    n = 20_000
    logged, drawn = {}, Counter()
    for step in range(n):
        (one,) = draw([WORDS], "cart", {"words": KNOWN}, lambda _, at=step: (at + 0.5) / n)
        drawn[one.option] += 1
        assert logged.setdefault(one.option, one.probability) == one.probability
    for option, p in logged.items():
        assert drawn[option] / n == pytest.approx(p, abs=1 / n)
    assert logged == dict(zip(WORDS.options, shares, strict=True))


def test_the_floor_lets_no_option_die():
    hopeless = tried(plain=(5000, 0), warm=(5000, 900), brief=(5000, 0))
    assert probabilities(WORDS, hopeless) == pytest.approx([0.1, 0.8, 0.1])


@pytest.mark.parametrize("known", [{}, {"plain": Tried(9, 9, 1.0)}, {**KNOWN, "loud": Tried(9, 9, 0.0)}])
def test_where_the_snapshot_does_not_know_just_these_options_all_are_drawn_alike(known):
    assert probabilities(WORDS, known) == [1 / 3] * 3


def test_each_set_has_its_own_draw_and_its_own_places():
    def at(purpose):
        return {"variant:words": 0.99, "variant:looks": 0.0}[purpose]

    looks = VariantSet("looks", ("old", "new"), ("home", "cart"))
    assert [(one.set_id, one.option) for one in draw([WORDS, looks], "cart", {}, at)] == [
        ("words", "brief"),
        ("looks", "old"),
    ]
    assert [one.set_id for one in draw([WORDS, looks], "till", {}, at)] == ["words"]


def test_who_is_exempt_gets_the_default_and_no_draw_is_made():
    assert draw([WORDS], "cart", {"words": KNOWN}, None) == (Drawn("words", "plain", 1.0),)


def test_a_lever_of_an_option_is_on_under_that_option_only():
    policy = replace(PUSHED, value=replace(PUSHED.value, levers=(SPOON, CUP)))
    assert levers_on(policy, [Drawn("push", "spoon", 0.5)]) == (SPOON, CUP)
    assert levers_on(policy, [Drawn("push", "none", 0.5)]) == (CUP,)
    assert levers_on(policy, []) == (CUP,), "where the set is not drawn, its levers rest"
    assert levers_on(replace(policy, variants=()), []) == (SPOON, CUP)


@pytest.fixture
def decided(little, tea_known):
    """Decide on a cart with tea; gives the decision and whether its replay came out byte for byte."""

    def decided(decision_id, policy=PUSHED, person=PERSON, **asked):
        request = Request(**{"placement": "cart", "at": little.NOW, "customer_id": "c1", "cart": ("tea",), **asked})
        lot = Lot(chance.of(b"key", decision_id))
        placement = PLACEMENTS[request.placement]
        made, read = decide(
            request, decision_id, tea_known, little.overlay(tea_known), person, policy, placement, lot=lot
        )
        slim, blob = record.slim(made, request, VERSION, b"key"), record.inputs(request, person, read)
        again = replay(decision_id, slim, blob, tea_known, b"key", policy)
        assert again.is_equal, again.difference
        assert again.decision.variants == made.variants
        return made, record.read_slim(slim)

    return decided


def test_the_lever_moves_the_list_and_neither_gates_nor_candidates(decided):
    made = [decided(f"d{number}")[0] for number in range(24)]
    firsts = {}
    for one in made:
        (drawn,) = one.variants
        assert drawn.probability == 0.5
        firsts.setdefault(drawn.option, set()).add(one.offers[0].product_id)
    assert firsts == {"none": {"honey"}, "spoon": {"spoon"}}
    assert len({tuple(sorted(one.dropped.items())) for one in made}) == 1


def test_what_was_drawn_is_in_the_record(decided):
    made, row = decided("d1")
    assert row["variants"] == [{"set": "push", "option": made.variants[0].option, "probability": 0.5}]
    plain, row = decided("d1", policy=replace(PUSHED, variants=()))
    assert (plain.variants, row["variants"]) == ((), [])


@pytest.mark.parametrize(
    "of",
    [
        {"customer_id": None, "person": Person()},
        {"policy": replace(RELEVANCE, variants=PUSHED.variants)},
        {"purpose": Purpose.EVALUATION},
    ],
    ids=["a stranger", "relevance", "the past"],
)
def test_nothing_is_tried_where_nothing_is_explored(decided, of):
    for number in range(8):
        made, _ = decided(f"d{number}", **of)
        assert made.variants == (Drawn("push", "none", 1.0),)


def test_a_stranger_needs_no_chance_at_all(little, tea_known):
    """As while the store is down, when nothing can be drawn and nothing is recorded."""
    request = Request("cart", little.NOW, None, ("tea",))
    made, _ = decide(request, "", tea_known, little.overlay(tea_known), Person(), PUSHED, PLACEMENTS["cart"])
    assert made.variants == (Drawn("push", "none", 1.0),)


def test_what_the_snapshot_learned_is_what_is_drawn_with(decided, tea_known, monkeypatch):
    known = tried(none=(300, 60), spoon=(300, 12))
    monkeypatch.setattr(tea_known, "logged", Logged(variants={"ours": {"push": known}}))
    for number in range(12):
        (drawn,) = decided(f"d{number}")[0].variants
        assert drawn.probability == pytest.approx(0.95 if drawn.option == "none" else 0.05, abs=1e-6)


def test_another_table_is_named_as_the_first_stage_that_differs(little, tea_known, monkeypatch):
    request = Request("cart", little.NOW, "c1", ("tea",))
    lot, live = Lot(chance.of(b"key", "d1")), little.overlay(tea_known)
    made, read = decide(request, "d1", tea_known, live, PERSON, PUSHED, PLACEMENTS["cart"], lot=lot)
    slim, blob = record.slim(made, request, VERSION, b"key"), record.inputs(request, PERSON, read)
    monkeypatch.setattr(tea_known, "logged", Logged(variants={"ours": {"push": tried(none=(90, 9), spoon=(90, 8))}}))
    assert replay("d1", slim, blob, tea_known, b"key", PUSHED).difference.startswith("stage vary: variants was")
