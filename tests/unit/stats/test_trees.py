import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.trees import Shape, fit_trees


def test_one_stump_is_arithmetic():
    """Mean 3; above the threshold 4 rows miss by +2 and leaf weight is 4 + ridge 1, so the answer is ± 8/5."""
    codes = np.repeat(np.array([1, 2], np.uint8), 4)[:, None]
    grown = fit_trees(
        codes, np.repeat([1.0, 5.0], 4), n_trees=1, seed=1, loss="square",
        shape=Shape(depth=1, rate=1.0, columns=1.0, rows=1.1, ridge=1.0, least=1.0),
    )  # fmt: skip
    assert grown.start == 3
    assert grown.scores(np.array([[1], [2], [9]], np.uint8)).tolist() == [3 - 1.6, 3 + 1.6, 3 + 1.6]


def test_depth_two_sees_what_two_columns_say_together_and_depth_one_does_not():
    random = np.random.default_rng(2)
    codes = random.integers(0, 2, (3_000, 2)).astype(np.uint8)
    target = (codes[:, 0] ^ codes[:, 1]).astype(float) + random.normal(0, 0.3, 3_000) + 0.05 * codes[:, 0]

    def left(depth):
        grown = fit_trees(codes, target, n_trees=200, seed=1, loss="square", shape=Shape(depth=depth, columns=1.0))
        return np.var(target - grown.scores(codes))

    assert left(1) > 0.3
    assert left(2) < 0.12


def test_stages_are_the_scores_of_fewer_trees():
    random = np.random.default_rng(3)
    codes = random.integers(0, 9, (500, 4)).astype(np.uint8)
    hit = random.random(500) < 0.1 + 0.08 * codes[:, 0]
    grown = fit_trees(codes, hit, n_trees=40, seed=4)
    assert grown.staged(codes, 20)[0] == pytest.approx(fit_trees(codes, hit, n_trees=20, seed=4).scores(codes))
    assert grown.staged(codes, 20)[1] == pytest.approx(grown.scores(codes))


def test_columns_that_never_vary_leave_the_mean():
    grown = fit_trees(np.ones((50, 2), np.uint8), np.tile([0, 1], 25), n_trees=5, seed=1)
    assert grown.scores(np.ones((1, 2), np.uint8)) == pytest.approx(0, abs=0.2)


def test_leaves_hold_enough():
    codes = np.repeat(np.array([0, 1], np.uint8), [97, 3])[:, None]
    target = np.repeat([0.0, 100.0], [97, 3])
    shape = Shape(depth=1, columns=1.0, rows=1.1, least=10.0)
    scores = fit_trees(codes, target, n_trees=1, seed=1, loss="square", shape=shape).scores(codes)
    assert np.ptp(scores) == 0


def test_nothing_to_tell_apart_is_refused():
    with pytest.raises(BadInput, match="every row is a hit or none is"):
        fit_trees(np.ones((5, 1), np.uint8), np.ones(5), n_trees=1, seed=1)
    with pytest.raises(BadInput, match="one row of levels for each target"):
        fit_trees(np.ones((5, 1), np.uint8), np.ones(4), n_trees=1, seed=1)


def test_a_share_of_trees_that_stop_early_is_an_average_of_both():
    random = np.random.default_rng(5)
    codes = random.integers(0, 9, (300, 3)).astype(np.uint8)
    grown = fit_trees(codes, codes[:, 0] + random.normal(size=300), n_trees=20, seed=4, loss="square")
    early, late = grown.staged(codes, 10)
    assert grown.weighed([1.0] * 10 + [0.25] * 10).scores(codes) == pytest.approx(0.75 * early + 0.25 * late)


def test_rows_beyond_the_most_are_sampled():
    codes = np.random.default_rng(6).integers(0, 2, (2_000, 1)).astype(np.uint8)
    shape = Shape(depth=1, columns=1.0, most_rows=100, least=60.0)
    grown = fit_trees(codes, codes[:, 0].astype(float), n_trees=1, seed=1, loss="square", shape=shape)
    assert np.ptp(grown.scores(codes)) == 0  # of about 100 rows no two leaves have 60
