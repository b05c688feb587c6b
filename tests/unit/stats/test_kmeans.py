import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.kmeans import explained, kmeans, nearest, one_cloud_p, prediction_strength


def clouds(seed, n_clouds=3, n_each=100, apart=6.0):
    chance = np.random.default_rng(seed)
    centers = apart * np.eye(n_clouds, 4)
    return np.repeat(centers, n_each, axis=0) + chance.normal(size=(n_clouds * n_each, 4))


def test_separate_clouds_are_found_whole():
    found = kmeans(clouds(1), 3, np.random.default_rng(2))
    assert [len(set(part.tolist())) for part in np.split(found.labels, 3)] == [1, 1, 1]
    assert len(set(found.labels.tolist())) == 3
    np.testing.assert_allclose(found.within, ((clouds(1) - found.centers[found.labels]) ** 2).sum())


def test_the_same_chance_gives_the_same_groups():
    one, two = (kmeans(clouds(1, apart=1), 4, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.labels, two.labels)
    assert np.array_equal(one.centers, two.centers)


def test_no_group_is_empty_even_among_equal_points():
    points = np.array([[0.0]] * 50 + [[1.0], [2.0], [5.0]])
    for seed in range(20):
        found = kmeans(points, 4, np.random.default_rng(seed), n_starts=1)
        assert set(found.labels.tolist()) == {0, 1, 2, 3}


def test_one_group_is_the_mean():
    found = kmeans([[1.0, 0.0], [3.0, 2.0]], 1, np.random.default_rng(0))
    assert found.centers.tolist() == [[2.0, 1.0]]
    assert found.within == 4.0
    assert explained(np.array([[1.0, 0.0], [3.0, 2.0]]), found.within) == 0


def test_more_groups_than_points_and_nan_are_refused():
    with pytest.raises(BadInput, match="3 groups of 2 distinct points"):
        kmeans([[1.0], [1.0], [2.0]], 3, np.random.default_rng(0))
    with pytest.raises(BadInput, match="without nan"):
        kmeans([[1.0], [np.nan]], 1, np.random.default_rng(0))


def test_every_point_joins_the_nearest_center_and_nobody_joins_none():
    assert nearest(np.array([[0.0], [4.0], [5.0], [9.0]]), np.array([[0.0], [10.0]])).tolist() == [0, 0, 0, 1]
    assert nearest(np.zeros((0, 2)), np.zeros((1, 2))).size == 0


def test_the_true_number_of_groups_is_the_strongest_beyond_one():
    points = clouds(3)
    strengths = {k: prediction_strength(points, k, np.random.default_rng(4), 3, 3) for k in (1, 2, 3, 4)}
    assert strengths[1] == 1.0
    assert strengths[3] > 0.95
    assert strengths[3] > max(strengths[2], strengths[4]) + 0.1


def test_one_cloud_explains_itself_and_three_do_not_come_from_one():
    round_cloud = np.random.default_rng(5).normal(size=(300, 4)) * [5, 1, 1, 1]
    assert one_cloud_p(round_cloud, 2, np.random.default_rng(6), n_starts=2) > 0.05
    assert one_cloud_p(clouds(7), 3, np.random.default_rng(8), n_starts=2) == 0.05
