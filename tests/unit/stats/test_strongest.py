"""Every item keeps its best partners; kernel and fallback deal alike."""

import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.strongest import strongest


@pytest.fixture(params=["jit", "plain"])
def way(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


def by_definition(first, second, scores, n_items, k):
    single = np.asarray(scores, np.float32)
    hands = []
    for item in range(n_items):
        mine = [p for p in range(len(first)) if item in (first[p], second[p])]
        hands.append(sorted(mine, key=lambda p: (-single[p], p))[:k])
    return hands


@pytest.mark.parametrize("k", [1, 3, 50])
def test_hands_are_those_of_the_definition(way, k):
    chance = np.random.default_rng(4)
    cells = np.array([(a, b) for a in range(20) for b in range(a + 1, 20)], np.int32)
    first, second = (np.ascontiguousarray(column) for column in chance.permutation(cells)[:90].T)
    scores = chance.integers(-4, 5, 90) / 3 * chance.choice([1e-30, 1, 1e30], 90)
    kept = strongest(first, second, scores, 22, k)
    hands = [kept.pairs[low:high].tolist() for low, high in zip(kept.offsets, kept.offsets[1:], strict=False)]
    assert hands == by_definition(first, second, scores, 22, k)
    anchors = np.repeat(np.arange(22), np.diff(kept.offsets))
    assert all({a, i} == {first[p], second[p]} for a, i, p in zip(anchors, kept.ids, kept.pairs, strict=True))


def test_zeros_of_either_sign_are_equal(way):
    first, second = np.array([0, 0, 0], np.int32), np.array([1, 2, 3], np.int32)
    assert strongest(first, second, [-0.0, 0.0, np.inf], 4, 3).ids[:3].tolist() == [3, 1, 2]


def test_no_pairs_leave_empty_hands(way):
    none = np.empty(0, np.int32)
    kept = strongest(none, none, [], 2, 5)
    assert (kept.offsets.tolist(), kept.ids.size) == ([0, 0, 0], 0)


def test_scores_that_do_not_fit_are_refused():
    one = np.zeros(1, np.int32)
    with pytest.raises(BadInput, match="score of pair 0 is nan"):
        strongest(one, one + 1, [np.nan], 2, 1)
    with pytest.raises(BadInput, match="give one for each pair"):
        strongest(one, one + 1, [1.0, 2.0], 2, 1)
    with pytest.raises(BadUsage, match="k is 0"):
        strongest(one, one + 1, [1.0], 2, 0)
