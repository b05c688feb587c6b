import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import poisson

from crosslift.stats.spending import total_quantiles


def reached(totals, tails, p, q):
    """P(total ≤ t), added up."""
    exactly = tails - np.append(tails[:, 1:], np.zeros((len(tails), 1)), axis=1)
    n = np.arange(1, tails.shape[1] + 1)
    return 1 - tails[:, 0] + (exactly * betainc(p * n, q, (totals / (1 + totals))[:, None])).sum(axis=1)


@pytest.mark.parametrize(
    ("p", "q", "mean"), [(6.25, 3.7, 2), (0.2, 1.5, 1), (1, 3, 30), (9, 300, 40), (50, 2, 0.3), (2, 0.8, 5)]
)
def test_the_quantile_is_where_the_distribution_reaches_its_level(p, q, mean):
    tails = poisson.sf(np.arange(150), np.linspace(0.5, 1.5, 7)[:, None] * mean)
    found = total_quantiles(tails, p, q, (0.1, 0.5, 0.9))
    for totals, level in zip(found, (0.1, 0.5, 0.9), strict=True):
        some = totals > 0
        assert reached(totals, tails, p, q)[some] == pytest.approx(level, abs=2e-3)
        assert np.all(1 - tails[~some, 0] >= level)


def test_thousands_of_purchases_are_put_together_closely_enough():
    tails = poisson.sf(np.arange(4_000), np.array([[2_500.0], [3_000.0]]))
    found = total_quantiles(tails, 4.0, 5_000.0, (0.1, 0.9))
    for totals, level in zip(found, (0.1, 0.9), strict=True):
        assert reached(totals, tails, 4.0, 5_000.0) == pytest.approx(level, abs=0.02)


def test_who_buys_nothing_spends_nothing():
    assert total_quantiles(np.array([[0.05, 0.01], [0.0, 0.0]]), 1.0, 1.0, (0.1, 0.9)).tolist() == [[0, 0], [0, 0]]


def test_one_purchase_for_sure_is_a_beta_prime():
    """p = 1, q = 2: P(total ≤ t) = 1 − (1 + t)^-2."""
    found = total_quantiles(np.array([[1.0]]), 1.0, 2.0, (0.75,))
    assert found[0] == pytest.approx([1.0], rel=1e-3)
