import numpy as np
import pytest
from scipy import stats

from crosslift.errors import BadInput, CountsDisagree
from crosslift.stats.compare import mean_interval, proportion_interval, ratio_interval


def test_means_equal_scipys_t_interval():
    values = np.random.default_rng(1).normal(30, 8, 25)
    mean = mean_interval(25, values.sum(), (values**2).sum(), level=0.9)
    error = stats.sem(values)
    assert mean[1:3] == pytest.approx(stats.t.interval(0.9, 24, values.mean(), error))
    assert (mean.value, mean.standard_error) == pytest.approx((values.mean(), error))


def test_equal_values_have_no_spread():
    assert mean_interval(3, 0.3, 0.03).standard_error == pytest.approx(0, abs=1e-9)


def test_shares_equal_scipys_wilson_interval():
    for successes, n in ((0, 9), (3, 9), (9, 9), (120, 4_000)):
        wilson = stats.binomtest(successes, n).proportion_ci(0.9, method="wilson")
        assert proportion_interval(successes, n, level=0.9)[1:3] == pytest.approx((wilson.low, wilson.high))


def test_shares_of_none_and_all_end_at_the_border():
    assert proportion_interval(0, 12).low == 0.0
    assert proportion_interval(12, 12).high == 1.0


def test_a_ratio_over_ones_is_a_mean():
    y = np.random.default_rng(1).normal(5, 2, 40)
    ratio = ratio_interval(40, y.sum(), (y**2).sum(), 40, 40, y.sum())
    assert ratio == pytest.approx(mean_interval(40, y.sum(), (y**2).sum()))


def test_a_fixed_ratio_has_no_spread():
    x = np.array([1.0, 2.0, 5.0])
    ratio = ratio_interval(3, 3 * x.sum(), 9 * (x**2).sum(), x.sum(), (x**2).sum(), 3 * (x**2).sum())
    assert (ratio.value, ratio.standard_error) == pytest.approx((3, 0), abs=1e-6)


def test_too_few_units_have_no_interval():
    for call in (lambda: mean_interval(1, 5, 25), lambda: ratio_interval(1, 5, 25, 1, 1, 5)):
        with pytest.raises(BadInput, match="1 units; an interval needs at least two"):
            call()
    with pytest.raises(BadInput, match="0 units"):
        mean_interval(0, 0, 0)
    with pytest.raises(BadInput, match="a share needs at least one"):
        proportion_interval(0, 0)
    with pytest.raises(BadInput, match="add up to 0"):
        ratio_interval(5, 1, 1, 0, 0, 0)


def test_sums_that_cannot_be_true_are_refused():
    with pytest.raises(CountsDisagree, match="squares add up to 10"):
        mean_interval(4, 20, 10)
    with pytest.raises(CountsDisagree, match="5 successes among 4 units"):
        proportion_interval(5, 4)
    with pytest.raises(CountsDisagree, match="sum of products"):
        ratio_interval(10, 50, 300, 50, 300, 900)
