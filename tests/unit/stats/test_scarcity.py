import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from crosslift.errors import BadInput
from crosslift.stats.scarcity import least_expected, scarcity


def test_the_p_value_is_given_that_so_few_met():
    p, _ = scarcity([2], [20.0], 0.4, 0.05)
    assert p[0] == pytest.approx(poisson.cdf(2, 8) / poisson.cdf(8, 8))


def test_what_meets_more_often_is_not_tested_and_not_paid_for():
    alone = scarcity([0], [30.0], 0.4, 0.05)
    among = scarcity([0] + [30] * 5_000, [30.0] * 5_001, 0.4, 0.05)
    assert among[1][0] == pytest.approx(alone[1][0])
    assert (among[1][1:] == 1).all()


def test_thin_pairs_are_not_paid_for():
    alone = scarcity([0], [30.0], 0.4, 0.05)
    among = scarcity([0] * 5_001, [30.0] + [2.0] * 5_000, 0.4, 0.05)
    assert among[1][0] == pytest.approx(alone[1][0])


def test_less_often_than_chance_is_not_enough():
    p, q = scarcity([500], [1_000.0], 0.4, 0.05)
    assert poisson.cdf(500, 1_000) < 1e-60
    assert (p[0], q[0]) == (1, 1)


@given(st.integers(0, 40), st.floats(1.0, 200.0), st.floats(0.4, 3.0), st.floats(0.0, 1.0))
def test_the_test_holds_its_level_at_and_beyond_the_border(seed, expected, lift, level):
    """P(p ≤ level, given that it is tested) is at most the level: summed exactly over the counts that are tested."""
    counts = np.arange(int(0.4 * expected) + 1)
    p, _ = scarcity(counts, np.full(counts.size, expected), 0.4, 0.05)
    weight = poisson.pmf(counts, lift * expected)
    if weight.sum() > 1e-200:
        assert weight[p <= level].sum() / weight.sum() <= level + 1e-9


def test_large_counts_need_no_room():
    p, q = scarcity([300_000, 398_000], [1e6, 1e6], 0.4, 0.05)
    assert q[0] < 1e-10 < q[1] < 0.002
    assert p[1] == pytest.approx(poisson.cdf(398_000, 4e5) / poisson.cdf(4e5, 4e5))


def test_fewer_meetings_need_fewer_expected_ones():
    needed = [least_expected(n, 0.4, 0.01) for n in range(6)]
    assert needed == sorted(needed)
    for n, least in enumerate(needed):
        p, _ = scarcity([n, n], [least * 1.0001, least * 0.9999], 0.4, 0.05)
        assert p[0] <= 0.01 < p[1]


def test_nothing_is_told_of_nothing():
    p, q = scarcity([], [], 0.4, 0.05)
    assert (p.size, q.size) == (0, 0)


@pytest.mark.parametrize(("n_met", "expected"), [([0], [0.0]), ([-1], [9.0]), ([0, 1], [9.0]), ([0], [np.nan])])
def test_counts_and_expectations_have_to_fit(n_met, expected):
    with pytest.raises(BadInput, match="give flat arrays"):
        scarcity(n_met, expected, 0.4, 0.05)
