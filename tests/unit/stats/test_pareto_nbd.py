import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

from crosslift.stats.pareto_nbd import ParetoNbd

MODEL = ParetoNbd(0.55, 10.6, 0.61, 11.7)
SOME = np.array([0, 1, 3, 12]), np.array([0.0, 4.0, 30.0, 38.0]), np.array([39.0, 39.0, 39.0, 39.0])


def test_a_customer_never_seen_again_by_hand():
    """All parameters 1, T = 1: alive weighs (1 + T)^-2 = 1/4, gone ∫ (1 + τ)^-3 dτ = 3/8."""
    assert ParetoNbd(1, 1, 1, 1).p_alive(0, 0, 1) == pytest.approx([0.4])


def test_new_customer_by_hand():
    """r = α = β = 1, s = 2: E X(t) = t/(1 + t); s = 1: log(1 + t)."""
    assert ParetoNbd(1, 1, 2, 1).expected_orders(3.0, 0, 0, 0) == pytest.approx([0.75])
    assert ParetoNbd(1, 1, 1, 1).expected_orders(3.0, 0, 0, 0) == pytest.approx([np.log(4)])
    assert ParetoNbd(1, 1, 1 + 1e-9, 1).expected_orders(3.0, 0, 0, 0) == pytest.approx([np.log(4)])


@pytest.mark.parametrize(("alpha", "beta"), [(10.6, 11.7), (11.7, 10.6), (0.05, 300.0), (300.0, 0.05)])
def test_likelihood_is_the_integral_over_the_time_of_leaving(alpha, beta):
    model = ParetoNbd(0.8, alpha, 1.7, beta)
    for x, t_x, age in zip(*SOME, strict=True):

        def leaves(at, x=x):
            return (alpha + at) ** -(0.8 + x) * (beta + at) ** -2.7

        points = [t_x + 0.01, t_x + 0.5]
        gone = 1.7 * quad(leaves, t_x, age, points=points, epsabs=0, epsrel=1e-11)[0]
        here = (alpha + age) ** -(0.8 + x) * (beta + age) ** -1.7
        assert model.p_alive(x, t_x, age) == pytest.approx([here / (here + gone)], rel=1e-7)


def test_alive_as_the_closed_form_has_it():
    """Fader & Hardie (2005), A note on deriving the Pareto/NBD, equation 16, for α < β."""
    (x, t_x, age), (r, alpha, s, beta) = SOME, MODEL.parameters.values()
    first, last = (
        hyp2f1(r + s + x, r + x, r + s + x + 1, (beta - alpha) / (beta + at)) / (beta + at) ** (r + s + x)
        for at in (t_x, age)
    )
    alive = 1 / (1 + s / (r + s + x) * (alpha + age) ** (r + x) * (beta + age) ** s * (first - last))
    assert MODEL.p_alive(x, t_x, age) == pytest.approx(alive, rel=1e-9)


def test_tails_add_up_to_the_expectation():
    for x, t_x, age in zip(*SOME, strict=True):
        n_max = int(MODEL.most_orders(26.0, x, t_x, age)[0])
        tails = MODEL.tails(26.0, int(x), np.array([t_x]), np.array([age]), n_max)
        assert tails.sum() == pytest.approx(MODEL.expected_orders(26.0, x, t_x, age)[0], rel=1e-8)
        assert np.all(np.diff(tails[0]) <= 0)


def test_who_has_just_bought_is_alive():
    assert MODEL.p_alive(5, 39, 39) == pytest.approx([1.0])


def test_staying_is_the_share_of_lifetimes_beyond_the_horizon():
    assert MODEL.p_alive_after(0.0, *SOME) == pytest.approx(MODEL.p_alive(*SOME))
    assert MODEL.p_alive_after(11.7, 0, 0, 0) == pytest.approx([0.5**0.61])


def test_gaps_beside_their_sum_tell_nothing():
    assert MODEL.log_likelihood(*SOME).tolist() == MODEL.log_likelihood(*SOME, np.ones(4)).tolist()
