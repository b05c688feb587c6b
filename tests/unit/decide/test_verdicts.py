import numpy as np
import pytest

from crosslift.decide.verdicts import (
    CODES,
    NUMBERS,
    RULE_BASE,
    dropped,
    gate_of,
    no_offer,
    rule_told,
    stop,
    verdict_name,
)
from crosslift.domain.decision import DropCode, NoOffer
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate, Rule

HOUSE = Policy("house", 1, (), rules=(
    Rule("early", Gate.APPLICABLE, "too_early", "mina", "wait"),
    Rule("young", Gate.ELIGIBLE, "under_age", "mina", "children"),
    Rule("early-too", Gate.SUITABLE, "too_early", "mina", "wait"),
    Rule("advice", Gate.SUITABLE, "we_would_not_advise_it", "mina", "we would not"),
))  # fmt: skip
EARLY, YOUNG, EARLY_TOO, ADVICE = range(RULE_BASE, RULE_BASE + 4)
SOLD_OUT, CAPPED = NUMBERS[DropCode.OUT_OF_STOCK], NUMBERS[DropCode.CAPPED]


def verdicts(*numbers):
    return np.array(numbers, dtype=np.uint16)


def test_every_built_in_code_has_a_number_below_those_of_rules():
    assert len(set(CODES)) == len(CODES) < RULE_BASE
    assert [verdict_name(NUMBERS[code], HOUSE) for code in CODES] == [code.value for code in CODES]


def test_a_rules_verdict_is_named_by_its_code():
    assert [verdict_name(v, HOUSE) for v in (0, EARLY, YOUNG, ADVICE)] == [
        "", "too_early", "under_age", "we_would_not_advise_it"
    ]  # fmt: skip
    assert [gate_of(v, HOUSE) for v in (SOLD_OUT, CAPPED, EARLY, YOUNG)] == [
        Gate.ELIGIBLE, Gate.ALLOWED, Gate.APPLICABLE, Gate.ELIGIBLE
    ]  # fmt: skip


def test_a_later_gate_writes_only_where_nothing_stands():
    verdict = verdicts(0, SOLD_OUT, 0)
    stop(verdict, np.array([True, True, False]), DropCode.CAPPED)
    assert verdict.tolist() == [CAPPED, SOLD_OUT, 0]


def test_what_was_dropped_is_counted_by_code():
    assert dropped(verdicts(0, SOLD_OUT, EARLY, EARLY_TOO, EARLY), HOUSE) == {"out_of_stock": 1, "too_early": 3}
    assert dropped(verdicts(), HOUSE) == {}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((), NoOffer.NO_CANDIDATES),
        ((0, 0), NoOffer.NO_CANDIDATES),  # nothing true could be said about what passed
        ((SOLD_OUT, YOUNG), NoOffer.ALL_EXCLUDED),
        ((SOLD_OUT, EARLY, EARLY_TOO), NoOffer.TOO_EARLY),
        ((ADVICE, ADVICE), "we_would_not_advise_it"),
        ((EARLY, ADVICE), NoOffer.ALL_EXCLUDED),
        ((CAPPED, SOLD_OUT), NoOffer.CAPPED),
        ((NUMBERS[DropCode.NOT_YET],), "not_yet"),
    ],
)
def test_the_one_code_that_stopped_all_that_was_eligible_is_why_nothing_is_offered(found, said):
    assert no_offer(verdicts(*found), HOUSE) == said


def test_an_operator_is_told_which_rule_it_was_why_and_who_answers_for_it():
    legal = Policy(
        "house", 1, (), rules=(Rule("young", Gate.ELIGIBLE, "under_age", "mina", "No spirits.", law="JuSchG 9"),)
    )
    assert rule_told(RULE_BASE, legal) == "young: No spirits. (mina, JuSchG 9)"
    assert rule_told(YOUNG, HOUSE) == "young: children (mina)"
    assert rule_told(SOLD_OUT, HOUSE) == rule_told(0, HOUSE) == ""
