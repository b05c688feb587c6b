import numpy as np
import pytest
from scipy.stats import gamma

from crosslift.errors import BadInput
from crosslift.stats.shrink import LEAST_WEIGHT, MOST_WEIGHT, prior_weight, shrunk_lift


def test_the_mean_and_bound_of_the_gamma():
    mean, low = shrunk_lift([0, 3, 300], [0.5, 0.5, 100.0], 2.0, 4.0)
    assert mean == pytest.approx([8 / 4.5, 11 / 4.5, 308 / 104])
    assert low == pytest.approx(
        [gamma.ppf(0.05, n + 8, scale=1 / (e + 4)) for n, e in ((0, 0.5), (3, 0.5), (300, 100))]
    )


@pytest.mark.parametrize("weight", [0.5, 3.0, 20.0])
def test_the_weight_that_drew_the_lifts_is_found(weight):
    chance = np.random.default_rng(6)
    expected = chance.gamma(0.5, 4, 20_000) + 0.01
    lifts = chance.gamma(weight * 1.3, 1 / weight, 20_000)
    assert prior_weight(chance.poisson(expected * lifts), expected, 1.3) == pytest.approx(weight, rel=0.15)


def test_pairs_that_are_all_chance_are_worth_as_much_as_can_be_said():
    chance = np.random.default_rng(6)
    expected = chance.gamma(0.5, 4, 20_000) + 0.01
    assert prior_weight(chance.poisson(expected), expected, 1.0) > 50
    assert prior_weight([0, 0], [0.1, 0.1], 1.0) <= MOST_WEIGHT
    assert prior_weight([0, 1_000], [1.0, 1.0], 1.0) >= LEAST_WEIGHT


def test_the_shrunk_lift_errs_less_than_the_counts_do():
    chance = np.random.default_rng(7)
    expected = chance.gamma(0.5, 1, 20_000) + 0.05
    lifts = chance.gamma(2.0, 0.6, 20_000)
    met = chance.poisson(expected * lifts)
    mean, low = shrunk_lift(met, expected, 1.2, prior_weight(met, expected, 1.2))
    assert np.mean((mean - lifts) ** 2) < 0.3 * np.mean((met / expected - lifts) ** 2)
    assert np.mean(lifts > low) == pytest.approx(0.95, abs=0.01)


def test_a_prior_that_is_not_known_is_refused():
    with pytest.raises(BadInput, match="never nan"):
        shrunk_lift([1], [1.0], [np.nan], 1.0)
