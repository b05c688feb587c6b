"""Spreads of two times: the index by hand, chance by permutation, probabilities against what happened."""

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.drift import bins_of, drift, reliability


def test_the_index_is_that_of_the_shares():
    found = drift([50_000, 50_000], [30_000, 70_000])
    assert found.psi == pytest.approx((0.3 - 0.5) * np.log(0.3 / 0.5) + (0.7 - 0.5) * np.log(0.7 / 0.5), rel=1e-3)
    assert found.p_value == 0.001


def test_few_units_move_by_chance():
    assert drift([5, 5], [3, 7]).p_value > 0.3
    assert drift([500, 500, 0], [500, 500, 0]).psi < 1e-9


def test_chance_alone_is_found_as_often_as_the_level_says():
    rng = np.random.default_rng(4)
    shares = [0.4, 0.3, 0.2, 0.1]
    p = [drift(rng.multinomial(300, shares), rng.multinomial(200, shares)).p_value for _ in range(300)]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09


def test_figures_fall_in_bins_that_held_equally_many_before():
    before, after = bins_of(np.arange(1000), np.arange(500, 1500))
    assert before.tolist() == [100] * 10
    assert after.tolist() == [0] * 5 + [100] * 4 + [600]
    same, moved = bins_of([3.0] * 50, [3.0] * 40 + [4.0] * 10)
    assert (same.tolist(), moved.tolist()) == ([50, 0], [40, 10])


@pytest.mark.parametrize(("before", "after"), [([1], [1, 2]), ([0, 0], [1, 1]), ([1, 1], [0, 0]), ([-1, 2], [1, 1])])
def test_what_is_no_comparison_is_refused(before, after):
    with pytest.raises(BadInput):
        drift(before, after)


def test_true_probabilities_are_not_off_and_doubled_ones_are():
    rng = np.random.default_rng(6)
    p = rng.beta(2, 30, 3000)
    hits = rng.random(3000) < p
    assert not reliability(p, hits).is_off
    found = reliability(2 * p, hits)
    assert found.is_off
    assert found.error == pytest.approx(p.mean(), rel=0.2)
