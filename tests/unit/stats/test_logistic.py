import numpy as np
import pytest
from scipy.optimize import minimize

from crosslift.errors import BadInput
from crosslift.stats.logistic import fit_logistic


def made(n=400, seed=5):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 3))
    return x, random.random(n) < 1 / (1 + np.exp(1 - x @ [1.0, -0.5, 0.0]))


@pytest.mark.parametrize("ridge", [0.1, 3.0, 1e4])
def test_weights_minimize_the_loss_they_say(ridge):
    x, hit = made()

    def loss(weights):
        score = weights[0] + x @ weights[1:]
        return np.logaddexp(0, score).sum() - score[hit].sum() + ridge / 2 * (weights[1:] ** 2).sum()

    best = minimize(loss, np.zeros(4), method="BFGS")
    assert loss(fit_logistic(x, hit, ridge=ridge)) == pytest.approx(best.fun, abs=1e-3)
    assert fit_logistic(x, hit, ridge=ridge) == pytest.approx(best.x, abs=5e-3)


def test_a_warm_start_ends_at_the_same_place():
    x, hit = made()
    start = fit_logistic(x, hit, ridge=100.0)
    assert fit_logistic(x, hit, ridge=1.0, start=start) == pytest.approx(fit_logistic(x, hit, ridge=1.0), abs=5e-3)


def test_hits_that_a_column_separates_do_not_run_away():
    weights = fit_logistic(np.repeat([0.0, 1.0], 50)[:, None], np.repeat([0, 1], 50), ridge=1.0)
    assert 2 < weights[1] < 10


def test_nothing_to_tell_apart_is_refused():
    with pytest.raises(BadInput, match="every row is a hit or none is"):
        fit_logistic(np.ones((4, 1)), np.ones(4), ridge=1.0)
    with pytest.raises(BadInput, match="ridge 0 is not above 0"):
        fit_logistic(np.ones((4, 1)), [0, 1, 0, 1], ridge=0)
    with pytest.raises(BadInput, match="one row of features for each hit"):
        fit_logistic(np.ones((4, 1)), [0, 1], ridge=1)
