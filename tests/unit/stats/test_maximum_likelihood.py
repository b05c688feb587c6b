import numpy as np
import pytest

from crosslift.stats.maximum_likelihood import fit


def poisson_pair(n_one, n_other, exposure):
    """Two Poisson rates; counts of 0 have their maximum at no rate at all."""

    def likelihood(log_rates):
        rates = np.exp(log_rates)
        counts = np.array([n_one, n_other])
        return float(counts @ log_rates - exposure * rates.sum()), counts - exposure * rates

    return likelihood


def fitted(likelihood, starts=((1.0, 1.0),)):
    return fit(likelihood, lambda place: tuple(np.exp(place)), starts, ("one", "other"), n_customers=10, n_rows=10)


def test_rates_are_counts_over_exposure_with_their_information():
    found = fitted(poisson_pair(40, 8, 20.0))
    assert found.model == pytest.approx((2.0, 0.4))
    assert (found.is_converged, found.problems) == (True, ())
    assert np.diag(found.covariance) == pytest.approx([1 / (40 + 1 / 9), 1 / (8 + 1 / 9)])  # with the weak prior
    assert found.aic == pytest.approx(4 - 2 * found.log_likelihood)


def test_a_rate_of_nothing_ends_at_its_limit_and_is_said():
    found = fitted(poisson_pair(40, 0, 20.0))
    assert found.is_converged
    assert found.problems == ("other_at_limit",)


def test_one_observation_leaves_a_parameter_open():
    found = fitted(poisson_pair(40, 0.2, 20.0))
    assert found.problems == ("other_open",)


def test_the_highest_of_several_hills_is_taken():
    """Two hills at 0 and 4 of log one, the second higher."""

    def likelihood(place):
        near, far = np.exp(-((place[0]) ** 2)), 2 * np.exp(-((place[0] - 4) ** 2))
        slope = -2 * place[0] * near - 2 * (place[0] - 4) * far
        return float(100 * (near + far) - place[1] ** 2), np.array([100 * slope, -2 * place[1]])

    assert np.log(fitted(likelihood).model[0]) == pytest.approx(0, abs=0.01)
    assert np.log(fitted(likelihood, ((1.0, 1.0), (40.0, 1.0))).model[0]) == pytest.approx(4, abs=0.01)


def test_a_search_that_finds_no_summit_says_so():
    """A likelihood whose gradient lies cannot be climbed."""
    found = fitted(lambda place: (0.0, np.array([50.0, 0.0])))
    assert not found.is_converged
    assert "not_converged" in found.problems


@pytest.mark.parametrize("n_rows", [10, 1_000_000])
def test_draws_spread_as_the_data_leave_the_parameters(n_rows):
    likelihood = poisson_pair(40, 400, 20.0)
    found = fit(likelihood, lambda place: tuple(np.exp(place)), ((1.0, 1.0),), ("a", "b"), n_customers=9, n_rows=n_rows)
    drawn = np.log(found.draw(400, np.random.default_rng(1)))
    assert drawn.mean(axis=0) == pytest.approx(np.log([2.0, 20.0]), abs=0.05)
    assert drawn.std(axis=0) == pytest.approx([40**-0.5, 400**-0.5], rel=0.2)


def test_draws_of_one_seed_are_the_same():
    found = fitted(poisson_pair(40, 8, 20.0))
    assert found.draw(5, np.random.default_rng(1)) == found.draw(5, np.random.default_rng(1))
