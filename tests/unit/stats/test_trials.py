import numpy as np
import pytest
from scipy import stats

from crosslift.errors import BadInput, CountsDisagree
from crosslift.stats.trials import Arm, Covariate, adjusted_difference, mean_difference, sample_ratio


def covariate(before, outcome):
    return Covariate(before.sum(), before @ before, before @ outcome)


def test_welch_is_scipys():
    random = np.random.default_rng(1)
    one, other = random.normal(1, 3, 40), random.exponential(1, 90)
    found = mean_difference(Arm.of(one), Arm.of(other))
    theirs = stats.ttest_ind(one, other, equal_var=False)
    interval = theirs.confidence_interval()
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_outcomes_that_never_vary():
    assert mean_difference(Arm.of([2, 2]), Arm.of([2, 2])).p_value == 1
    assert mean_difference(Arm.of([3, 3]), Arm.of([2, 2])).p_value == 0


def test_a_covariate_takes_off_the_share_it_explains():
    random = np.random.default_rng(2)
    before = random.normal(0, 1, 20_000)
    outcome = 0.8 * before + random.normal(0, 0.6, 20_000)
    arm = random.random(20_000) < 0.5
    sums = [(Arm.of(outcome[rows]), covariate(before[rows], outcome[rows])) for rows in (arm, ~arm)]
    plain = mean_difference(sums[0][0], sums[1][0])
    adjusted, theta = adjusted_difference(sums[0][0], sums[1][0], sums[0][1], sums[1][1])
    assert theta == pytest.approx(0.8, abs=0.02)
    assert (adjusted.standard_error / plain.standard_error) ** 2 == pytest.approx(1 - 0.64, abs=0.02)


def test_a_covariate_that_never_varies_changes_nothing():
    arms = Arm.of([1, 2, 4]), Arm.of([1, 1, 2])
    same = Covariate(3, 3, 7), Covariate(3, 3, 4)
    assert adjusted_difference(*arms, *same) == (mean_difference(*arms), 0.0)


def test_sample_ratio_is_pearsons():
    found = sample_ratio([1000, 2000, 900], [1, 2, 1])
    theirs = stats.chisquare([1000, 2000, 900], [975, 1950, 975])
    assert found == pytest.approx((theirs.statistic, theirs.pvalue))


def test_wrong_sums_are_refused():
    with pytest.raises(BadInput, match="an arm of 1 units"):
        mean_difference(Arm.of([1]), Arm.of([1, 2]))
    with pytest.raises(CountsDisagree, match="too little for 3 values"):
        mean_difference(Arm(3, 6, 1), Arm.of([1, 2]))
    with pytest.raises(BadInput, match="at least two arms"):
        sample_ratio([5], [1])
    with pytest.raises(BadInput, match="every planned share is above 0"):
        sample_ratio([5, 5], [1, 0])
