import numpy as np
import pytest

from crosslift.stats.companions import Companions, Edges
from crosslift.stats.kernels import jit_available
from crosslift.stats.merge import Merger
from crosslift.stats.similarity import Neighbors

NEIGHBORS = Neighbors(
    np.array([0, 2, 3, 3, 5]), np.array([1, 3, 0, 2, 0], np.int32), np.array([0.5, 0.25, 0.5, -0.75, 0.25], np.float32)
)
EDGES = Edges(
    np.array([0, 2, 4, 4, 5]), np.array([3, 1, 0, 3, 0], np.int32), np.array([0, 1, 1, 2, 0], np.int32),
    np.array([2.0, 3.0, 2.5]), np.array([0, 0, 1], np.uint16),
)  # fmt: skip
HOLDS, STOPS = np.zeros(2, np.uint16), np.array([0, 7], np.uint16)


@pytest.fixture(params=["compiled", "arrays"])
def companions(request, monkeypatch):
    if request.param == "arrays":
        monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    elif not jit_available():
        pytest.skip("kernels cannot be compiled here")
    return Companions(EDGES, Merger(NEIGHBORS, 4))


def items(*ids):
    return np.array(ids, np.int32)


def test_what_the_cart_leads_to_is_scored_by_the_whole_cart(companions):
    ids, scores = companions.scored(items(0, 1))
    assert (ids.tolist(), scores.tolist()) == ([0, 1, 3], [0.5, 0.5, 0.25])
    assert (ids.dtype, scores.dtype) == (np.int32, np.float64)


def test_a_companion_that_is_nobodys_neighbor_scores_nothing(companions):
    ids, scores = companions.scored(items(1))
    assert (ids.tolist(), scores.tolist()) == ([0, 3], [0.5, 0.0])


def test_one_question_leaves_no_trace_in_the_next(companions):
    for cart in ((0, 1, 3), (2,), (), (3,)):
        companions.scored(items(*cart))
    ids, scores = companions.scored(items(1))
    assert (ids.tolist(), scores.tolist()) == ([0, 3], [0.5, 0.0])


def test_the_edge_with_the_highest_lower_bound_speaks(companions):
    assert companions.strongest(items(3, 1, 2), items(0, 1), HOLDS) == ([2, 1, -1], [1, 0, -1])


def test_an_edge_whose_condition_does_not_hold_is_silent(companions):
    assert companions.strongest(items(3), items(0, 1), STOPS) == ([0], [0])
    assert companions.strongest(items(3), items(1), STOPS) == ([-1], [-1])


def test_of_equally_strong_edges_the_first_speaks(companions):
    assert companions.strongest(items(0), items(3, 1), HOLDS) == ([1], [1])
    even = Companions(Edges(EDGES.offsets, EDGES.ids, EDGES.rows, np.ones(3), EDGES.of_row), Merger(NEIGHBORS, 4))
    assert even.strongest(items(0), items(3, 1), HOLDS) == ([0], [3])


def test_each_item_counts_where_it_stands_first(companions):
    assert companions.firsts(items(3, 1, 3, 0, 1)).tolist() == [0, 1, 3]
    assert companions.firsts(items(1, 1)).tolist() == [0]
    assert companions.firsts(items()).tolist() == []
