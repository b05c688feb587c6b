import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma

from crosslift.errors import BadInput
from crosslift.stats.gamma_gamma import GammaGamma, amount_variance, fit_gamma_gamma, frequency_link

MODEL = GammaGamma(6.25, 3.74, 15.44)


def test_expected_amount_lies_between_own_and_all():
    own = MODEL.expected_amount([1, 2, 50], [100, 100, 100])
    assert np.all(np.diff(own) > 0)
    assert own[0] > MODEL.mean
    assert own[2] == pytest.approx(100, rel=0.02)


def test_without_orders_it_is_the_mean_of_all():
    assert MODEL.expected_amount([0, 0], [np.nan, 5]) == pytest.approx([MODEL.mean, MODEL.mean])
    assert pytest.approx(15.44 * 6.25 / 2.74) == MODEL.mean


def test_an_infinite_mean_is_not_a_number_until_something_is_known():
    model = GammaGamma(2.0, 0.5, 10.0)
    assert model.mean == np.inf
    assert np.isnan(model.expected_amount(0, 0)[0])
    assert model.expected_amount(1, 30) == pytest.approx([2 * 40 / 1.5])


def test_a_loss_draws_the_expectation_below_nothing():
    """The mean of own and all is linear in the own one, also below 0."""
    low, high = MODEL.expected_amount([4, 4], [-50, 50])
    assert low < 0 < high
    assert (low + high) / 2 == pytest.approx(MODEL.expected_amount(4, 0)[0])


def test_likelihood_is_the_integral_over_levels():
    def of_level(level):
        return gamma(3 * 6.25, scale=1 / (3 * level)).pdf(20.0) * gamma(3.74, scale=1 / 15.44).pdf(level)

    assert MODEL.log_likelihood(3, 20.0) == pytest.approx(np.log(quad(of_level, 0, np.inf)[0]), abs=1e-8)


def test_parameters_come_back():
    random = np.random.default_rng(1)
    n = random.integers(1, 8, 4_000)
    means = random.gamma(6.25 * n, 1 / random.gamma(3.74, 1 / 15.44, 4_000)) / n
    found = fit_gamma_gamma(n, means)
    assert found.is_converged
    deviation = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.log_parameters - np.log([6.25, 3.74, 15.44])) < 3 * deviation)


def test_uncertain_parameters_matter_less_the_more_is_known_of_a_customer():
    random = np.random.default_rng(2)
    n = random.integers(1, 4, 100)
    found = fit_gamma_gamma(n, random.gamma(6.25 * n, 1 / random.gamma(3.74, 1 / 15.44, 100)) / n)
    variance = amount_variance(found.model, found.covariance, [0, 1, 5, 40])
    assert np.all(np.diff(variance) < 0)
    assert 0.02 < np.sqrt(variance[0]) < 0.2


def test_correlation_with_its_interval():
    found = frequency_link([1, 2, 3, 4, 5], [10, 30, 20, 20, 30])
    assert found.low < 0 < found.correlation < found.high < 1
    assert np.isnan(frequency_link([1, 1, 1, 1], [1, 2, 3, 4]).correlation)


@pytest.mark.parametrize(("n", "means"), [([0], [5.0]), ([1], [0.0]), ([1], [np.inf]), ([1, 2], [3.0]), ([], [])])
def test_customers_without_amounts_are_refused(n, means):
    with pytest.raises(BadInput):
        fit_gamma_gamma(n, means)
