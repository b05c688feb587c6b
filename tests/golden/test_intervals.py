"""Intervals against published or independent values (SCIENCE 4.3)."""

import numpy as np
import pytest

from crosslift.stats.chance import lift_interval
from crosslift.stats.compare import mean_interval, proportion_interval, ratio_interval


def test_wilson_of_fifteen_in_a_hundred_equals_statsmodels():
    assert proportion_interval(15, 100)[1:3] == pytest.approx((0.0930599, 0.2328356), abs=1e-7)


def test_delta_ratio_equals_the_published_value():
    y, x = np.array([2, 3, 3, 5, 4, 8, 7, 9, 9, 12]), np.arange(1, 11)
    ratio = ratio_interval(10, y.sum(), (y**2).sum(), x.sum(), (x**2).sum(), (x * y).sum())
    assert (ratio.value, ratio.standard_error) == pytest.approx((1.1272727, 0.0560252), abs=1e-7)


def test_mean_of_growthbooks_first_arm():
    """gbstats suite: sum 1396.87, sum of squares 52377.9767, n 3407; variance by hand."""
    variance = (52377.9767 - 1396.87**2 / 3407) / 3406
    mean = mean_interval(3407, 1396.87, 52377.9767)
    assert (mean.value, mean.standard_error) == pytest.approx((0.41, (variance / 3407) ** 0.5), abs=1e-12)


@pytest.mark.parametrize(
    ("met", "low", "high"), [(0, 0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904)]
)
def test_garwoods_limits_of_a_poisson_mean(met, low, high):
    """Garwood (1936); as in the tables of exact 95 % limits printed since."""
    assert lift_interval(met, 1.0) == pytest.approx((low, high), abs=1e-3)
