import numpy as np
import pytest
from scipy.stats import beta

from crosslift.errors import BadInput
from crosslift.stats.responses import drawn_rate, may_be_best, own_rate


def test_a_drawn_rate_is_the_beta_posterior():
    mean, variance = drawn_rate([0, 3, 40], [0, 10, 200], 0.1, 20)
    posterior = beta([2, 5, 42], [18, 25, 178])
    np.testing.assert_allclose(mean, posterior.mean())
    np.testing.assert_allclose(variance, posterior.var())


def test_own_answers_move_what_is_usual_the_more_the_more_there_are():
    means = [float(own_rate(n, n, 0.1, 0.0004, 20)[0]) for n in (0, 1, 5, 20, 1_000_000)]
    assert means == sorted(means)
    assert means[0] == 0.1
    assert means[3] == pytest.approx(0.55)
    assert means[-1] == pytest.approx(1.0, abs=1e-4)


def test_of_many_own_answers_the_variance_is_their_own():
    _, variance = own_rate(300, 1000, 0.1, 0.0004, 20)
    assert float(variance) == pytest.approx(0.3 * 0.7 / 1000, rel=0.05)


def test_what_is_surely_worse_is_told_apart_and_what_is_thin_is_not():
    mean, variance = drawn_rate([200, 20, 0], [1000, 1000, 0], 0.11, 100)
    assert may_be_best(mean, variance, 0.9).tolist() == [True, False, False]
    thin, spread = drawn_rate([2, 1, 0], [10, 10, 0], 0.11, 100)
    assert may_be_best(thin, spread, 0.9).tolist() == [True, True, True]


def test_equal_rates_are_all_best_even_when_nothing_is_unsure():
    assert may_be_best([0.1, 0.1, 0.09], [0.0, 0.0, 0.0], 0.9).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "given",
    [(2, 1, 0.1, 20), (-1, 1, 0.1, 20), (0, np.nan, 0.1, 20), (0, 1, 1.5, 20), (0, 1, np.nan, 20), (0, 1, 0.1, 0)],
)
def test_counts_and_rates_that_are_none_are_refused(given):
    with pytest.raises(BadInput):
        drawn_rate(*given)
    won, tried, toward, weight = given
    with pytest.raises(BadInput):
        own_rate(won, tried, toward, 0.0, weight)


def test_no_rate_has_no_best():
    with pytest.raises(BadInput, match="one at least"):
        may_be_best([], [], 0.9)
