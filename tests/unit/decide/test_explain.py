import numpy as np
import pytest

from crosslift.decide import explain
from crosslift.decide.candidates import Candidates
from crosslift.decide.scoring import Scored
from crosslift.decide.verdicts import CODES
from crosslift.decide.weighing import Chosen
from crosslift.domain.decision import DropCode
from crosslift.domain.policy import HELPFUL
from crosslift.domain.value import Objective


@pytest.fixture
def traced(tea_known):
    """Trace three candidates: the first stopped by its stock, two passed."""

    def traced(chosen=(), full=(), passed=(False, True, True)):
        none = np.full(3, -1)
        items = np.array([tea_known.index[name] for name in ("honey", "cup", "spoon")], dtype=np.int32)
        found = Candidates(items, np.array([0.9, 0.5, 0.7]), np.zeros(3, dtype=np.int8), none, none, np.ones(3),
                           ("complement",))  # fmt: skip
        verdict = np.array([CODES.index(DropCode.OUT_OF_STOCK) + 1, 0, 0], dtype=np.uint16)
        ones = np.ones(3)
        scored = Scored(Objective.RELEVANCE, found.scores, ones, ones, ones, found.scores, found.rank, ones, ones > 1)
        made = Chosen(found, np.array(passed), scored, list(chosen), list(full), [])
        rows = explain.trace(tea_known, made, verdict, HELPFUL).candidates
        return [(row.product_id, row.dropped, row.place) for row in rows]

    return traced


def test_the_trace_tells_what_became_of_every_candidate_best_first(traced):
    assert traced(chosen=[2]) == [
        ("honey", DropCode.OUT_OF_STOCK, None), ("spoon", None, 0), ("cup", DropCode.BEYOND_COUNT, None)
    ]  # fmt: skip


def test_what_a_full_category_kept_out_is_told_apart_from_what_was_too_much(traced):
    assert ("cup", DropCode.CATEGORY_FULL, None) in traced(chosen=[2], full=[1])


def test_what_nothing_true_could_be_said_about_was_never_a_candidate(traced):
    assert [name for name, *_ in traced(chosen=[2], passed=(False, False, True))] == ["honey", "spoon"]
