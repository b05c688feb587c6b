import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, hyp2f1
from scipy.stats import gamma

from crosslift.errors import BadUsage
from crosslift.stats.beta_geometric import BetaGeometric, fit_beta_geometric
from crosslift.stats.btyd import Histories, discounted_orders

BG = BetaGeometric(0.6, 12.0, 0.8, 2.5, leaves_at_once=False)
MBG = BetaGeometric(0.6, 12.0, 0.8, 2.5)
REGULAR = BetaGeometric(1.4, 5.0, 0.8, 2.5, k=3)
SOME = np.array([0, 1, 3, 12]), np.array([0.0, 4.0, 30.0, 38.0]), np.array([39.0, 39.0, 39.0, 39.0])


def test_all_rates_and_chances_of_leaving_alike_likely_give_a_logarithm():
    """r = α = a = b = 1: E X(t) = ∫ t/(1 + pt) dp = log(1 + t), with leaving at once less 1 − log(1 + t)/t."""
    for t in (1e-6, 0.5, 3.0, 700.0, 1e5):
        late, soon = (BetaGeometric(1, 1, 1, 1, leaves_at_once=d) for d in (False, True))
        assert late.expected_orders(t, 0, 0, 0) == pytest.approx([np.log1p(t)], rel=1e-6)
        assert soon.expected_orders(t, 0, 0, 0) == pytest.approx([np.log1p(t) - (1 - np.log1p(t) / t)], rel=1e-4)


def test_expected_orders_are_those_of_the_paper():
    """Fader, Hardie & Lee (2005), equation 10, with the hypergeometric function it asks for."""
    (x, t_x, age), t = SOME, 26.0
    r, alpha, a, b = BG.r, BG.alpha, BG.a, BG.b
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    left = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x), 0)
    expected = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series) / (1 + left)
    assert BG.expected_orders(t, x, t_x, age) == pytest.approx(expected, rel=1e-9)


def test_who_never_came_back_is_alive_in_bg_and_perhaps_gone_in_mbg():
    assert BG.p_alive(0, 0, 1000) == 1
    assert MBG.p_alive(0, 0, 0) == pytest.approx(2.5 / (0.8 + 2.5))
    assert MBG.p_alive(0, 0, 1000) < 0.3


@pytest.mark.parametrize("model", [BG, MBG, REGULAR, BetaGeometric(0.9, 3.0, 0.4, 1.5, k=2, leaves_at_once=False)])
def test_likelihood_is_the_integral_over_rates_and_chances(model):
    """Of a customer with gaps of 3 and 6 seen to 20: alive till 9, who then waits 11 or has left."""
    reached, here = (
        np.exp(betaln(model.a, model.b + stays) - betaln(model.a, model.b))
        for stays in (1 + model.leaves_at_once, 2 + model.leaves_at_once)
    )

    def of_rate(rate):
        gaps = gamma(model.k, scale=1 / rate)
        bought = gaps.pdf(3) * gaps.pdf(6) * gamma(model.r, scale=1 / model.alpha).pdf(rate)
        return bought * (here * gaps.sf(11) + reached - here)

    likelihood = quad(of_rate, 0, np.inf, limit=200)[0]
    assert model.log_likelihood(2, 9, 20, np.log(3) + np.log(6)) == pytest.approx([np.log(likelihood)], abs=1e-6)


@pytest.mark.parametrize("model", [BG, MBG, REGULAR])
def test_tails_add_up_to_the_expectation(model):
    for x, t_x, age in zip(*SOME, strict=True):
        n_max = int(model.most_orders(26.0, x, t_x, age)[0])
        tails = model.tails(26.0, int(x), np.array([t_x]), np.array([age]), n_max)
        assert tails.sum() == pytest.approx(model.expected_orders(26.0, x, t_x, age)[0], rel=1e-8)
        assert np.all(np.diff(tails[0]) <= 0)


def test_every_second_tick_of_a_fresh_clock_needs_two():
    """One rate in a mean age, horizon as long: ticks are geometric with 1/2, two or more have probability 1/4."""
    stays = BetaGeometric(1.0, 1.0, 1e-9, 1.0, k=2)
    assert stays.tails(1.0, 0, np.zeros(1), np.zeros(1), 3)[0] == pytest.approx([1 / 4, 1 / 16, 1 / 64], rel=1e-6)


def test_a_regular_customer_overdue_is_more_surely_gone():
    at_random, regular = BetaGeometric(20, 200, 1, 3), BetaGeometric(80, 200, 1, 3, k=4)
    assert regular.p_alive(5, 50, 52) > at_random.p_alive(5, 50, 52)
    assert regular.p_alive(5, 50, 85) < at_random.p_alive(5, 50, 85)


def test_who_is_alive_later_was_alive_before():
    for model in (BG, MBG, REGULAR):
        now, soon, late = (model.p_alive_after(h, *SOME) for h in (1e-9, 10.0, 300.0))
        assert now == pytest.approx(model.p_alive(*SOME), rel=1e-6)
        assert np.all(soon < now)
        assert np.all(late < soon)


def test_staying_counts_purchases_to_come():
    """Alive for sure, one rate: P(stay through N) with N ~ Poisson is a sum anybody can write down."""
    model = BetaGeometric(1e8, 1e8, 2.0, 3.0, leaves_at_once=False)
    n = np.arange(60)
    poisson = np.exp(-2.0 + n * np.log(2.0) - np.cumsum(np.log(np.maximum(n, 1))))
    stays = np.cumprod(np.append(1.0, (3.0 + n[:-1]) / (5.0 + n[:-1])))
    assert model.p_alive_after(2.0, 0, 0, 0) == pytest.approx([poisson @ stays], rel=1e-6)


def test_discounted_orders_weigh_each_by_its_time():
    """Against a fine sum over weeks."""
    weeks = np.linspace(0, 52, 2001)
    total = np.array([MBG.expected_orders(week, *SOME) for week in weeks])
    fine = (np.diff(total, axis=0) * np.exp(-0.002 * (weeks[:-1] + weeks[1:]) / 2)[:, None]).sum(axis=0)
    assert discounted_orders(MBG, 52.0, *SOME, 0.002) == pytest.approx(fine, rel=1e-5)
    assert discounted_orders(MBG, 52.0, *SOME, 0.0) == pytest.approx(total[-1])


def test_nobody_leaves_runs_to_the_limit_and_is_said():
    """Everybody comes back on the last day: no chance of leaving can be found."""
    found = fit_beta_geometric(Histories.of([3, 5, 8, 2] * 30, [99.0] * 120, [100.0] * 120))
    assert found.is_converged
    assert {"a_at_limit", "b_at_limit"} & set(found.problems)
    assert found.model.p_alive(3, 99, 100) == pytest.approx([1.0], abs=1e-3)


def test_k_below_one_is_refused():
    with pytest.raises(BadUsage, match="k counts ticks"):
        fit_beta_geometric(Histories.of([1], [1.0], [2.0]), k=0)
