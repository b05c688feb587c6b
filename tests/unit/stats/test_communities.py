import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.errors import BadInput
from crosslift.stats.communities import louvain

# Zachary (1977), An information flow model for conflict and fission in small groups: who met whom outside the club
KARATE = [
    (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 10), (0, 11), (0, 12), (0, 13), (0, 17), (0, 19),
    (0, 21), (0, 31), (1, 2), (1, 3), (1, 7), (1, 13), (1, 17), (1, 19), (1, 21), (1, 30), (2, 3), (2, 7), (2, 8), (2, 9),
    (2, 13), (2, 27), (2, 28), (2, 32), (3, 7), (3, 12), (3, 13), (4, 6), (4, 10), (5, 6), (5, 10), (5, 16), (6, 16),
    (8, 30), (8, 32), (8, 33), (9, 33), (13, 33), (14, 32), (14, 33), (15, 32), (15, 33), (18, 32), (18, 33), (19, 33),
    (20, 32), (20, 33), (22, 32), (22, 33), (23, 25), (23, 27), (23, 29), (23, 32), (23, 33), (24, 25), (24, 27), (24, 31),
    (25, 31), (26, 29), (26, 33), (27, 33), (28, 31), (28, 33), (29, 32), (29, 33), (30, 32), (30, 33), (31, 32), (31, 33),
    (32, 33),
]  # fmt: skip


def modularity(edges, weights, label):
    """Newman's Q, from its definition."""
    total = sum(weights)
    inner = sum(w for (a, b), w in zip(edges, weights, strict=True) if label[a] == label[b])
    strength = np.zeros(int(max(label)) + 1)
    for (a, b), w in zip(edges, weights, strict=True):
        strength[label[a]] += w
        strength[label[b]] += w
    return inner / total - float((strength / (2 * total)) @ (strength / (2 * total)))


def grouped(edges, n_nodes, weights=None, seed=0, **more):
    first, second = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    return louvain(first, second, [1.0] * len(edges) if weights is None else weights, n_nodes, seed=seed, **more)


@pytest.mark.parametrize("seed", range(5))
def test_the_karate_club_is_grouped_as_well_as_it_can_be(seed):
    # 0.4198 is the largest there is (Brandes et al. 2008, On modularity clustering); greedy moves end within 2 % of it
    assert len(KARATE) == 78
    label = grouped(KARATE, 34, seed=seed)
    assert 0.411 < modularity(KARATE, [1] * 78, label) <= 0.41979
    assert 3 <= label.max() + 1 <= 5


def test_cliques_with_one_weak_tie_between_them_are_found():
    edges = [(5 * g + a, 5 * g + b) for g in range(8) for a in range(5) for b in range(a)]
    ring = [(5 * g, (5 * g + 5) % 40 + 1) for g in range(8)]
    assert grouped([*edges, *ring], 40).tolist() == np.repeat(np.arange(8), 5).tolist()


def test_weights_decide():
    square = [(0, 1), (1, 2), (2, 3), (3, 0)]
    assert grouped(square, 4, [9, 1, 9, 1]).tolist() == [0, 0, 1, 1]
    assert grouped(square, 4, [1, 9, 1, 9]).tolist() == [0, 1, 1, 0]


def test_a_higher_resolution_makes_smaller_groups():
    assert grouped(KARATE, 34, resolution=4.0).max() > grouped(KARATE, 34).max()


def test_nodes_without_an_edge_stay_alone_and_no_nodes_give_no_groups():
    assert grouped([(1, 3)], 5).tolist() == [0, 1, 2, 1, 3]
    assert grouped([], 3).tolist() == [0, 1, 2]
    assert grouped([], 0).tolist() == []


@pytest.mark.parametrize(
    ("edges", "weights"), [([(0, 9)], [1]), ([(1, 1)], [1]), ([(0, 1)], [0]), ([(0, 1)], [np.nan])]
)
def test_what_is_no_graph_is_refused(edges, weights):
    with pytest.raises(BadInput):
        grouped(edges, 3, weights)


@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda e: e[0] < e[1])), st.integers(0, 5))
def test_groups_are_connected_no_worse_than_one_whole_and_the_same_again(edges, seed):
    edges = sorted(edges)
    label = grouped(edges, 12, seed=seed)
    assert label.tolist() == grouped(edges, 12, seed=seed).tolist()
    assert sorted(set(label.tolist())) == list(range(label.max() + 1))
    reached = {node: {node} for node in range(12)}
    for _ in range(12):
        for a, b in edges:
            if label[a] == label[b]:
                both = reached[a] | reached[b]
                reached[a] = reached[b] = both
    for node in range(12):
        assert set(np.flatnonzero(label == label[node]).tolist()) == reached[node]
    if edges:
        assert modularity(edges, [1] * len(edges), label) >= -1e-9
