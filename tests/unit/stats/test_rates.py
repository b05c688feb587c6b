import numpy as np
import pytest
from scipy.stats import binomtest

from crosslift.stats.rates import difference_p, effective


@pytest.mark.parametrize(
    ("n", "other", "expected", "elsewhere"), [(1, 9, 20, 10), (12, 3, 5, 5), (0, 7, 2, 3), (6, 0, 1, 4)]
)
def test_the_p_is_twice_the_smaller_exact_binomial_tail(n, other, expected, elsewhere):
    share = expected / (expected + elsewhere)
    tails = [binomtest(n, n + other, share, side).pvalue for side in ("less", "greater")]
    assert difference_p(n, expected, other, elsewhere) == pytest.approx(min(1, 2 * min(tails)))


def test_nothing_seen_differs_in_nothing_and_sides_may_change_places():
    assert difference_p(0, 3.0, 0, 5.0) == 1
    assert difference_p(4, 3.0, 1, 5.0) == pytest.approx(difference_p(1, 5.0, 4, 3.0))


def test_equal_rates_are_called_different_as_rarely_as_the_level_says():
    chance = np.random.default_rng(1)
    p = difference_p(chance.poisson(12, 20_000), 12.0, chance.poisson(30, 20_000), 30.0)
    assert 0.02 < np.mean(p <= 0.05) <= 0.05


def test_uneven_parts_are_worth_fewer():
    assert effective([6.0, 6.0, 0.0], [6.0, 18.0, 0.0]).tolist() == [6.0, 2.0, 0.0]
