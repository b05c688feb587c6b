"""Shops of customers who buy and leave by known rules: parameters come back, forecasts meet, intervals hold what they say.

An 80 % interval leaves out 10 % above; below it can leave out nothing where more than 10 % buy nothing at all. So coverage
is told apart: 80 % of those whose interval begins above 0, more of the others, 10 % above wherever something can come.
"""

import resource
import time

import numpy as np
import pytest

from crosslift.stats.beta_geometric import BetaGeometric, fit_beta_geometric
from crosslift.stats.btyd import Histories
from crosslift.stats.customer_value import customer_values
from crosslift.stats.gamma_gamma import GammaGamma
from crosslift.stats.pareto_nbd import ParetoNbd, fit_pareto_nbd
from crosslift.stats.purchase_choice import choose_purchase_model
from crosslift.stats.regularity import gap_shape

AMOUNTS = GammaGamma(6.25, 3.74, 15.44)
RANDOM = BetaGeometric(0.6, 40.0, 0.6, 3.0)
LATE = BetaGeometric(0.3, 30.0, 0.8, 2.5, leaves_at_once=False)
REGULAR = BetaGeometric(1.8, 40.0, 0.6, 3.0, k=3)
ANY_TIME = ParetoNbd(0.6, 60.0, 0.7, 90.0)
MODELS = {"MBG/NBD": RANDOM, "BG/NBD": LATE, "MBG/CNBD-3": REGULAR, "Pareto/NBD": ANY_TIME}


def live(model, age, horizon, random):
    """Let customers live by the rules of a model: x, t_x, sum of log gaps, purchases in the horizon, alive at age."""
    n = age.size
    rate = random.gamma(model.r, 1 / model.alpha, n)
    leaves_at, p, k = np.full(n, np.inf), np.zeros(n), 1
    if isinstance(model, ParetoNbd):
        leaves_at = random.exponential(1 / np.maximum(random.gamma(model.s, 1 / model.beta, n), 1e-12))
    else:
        p, k = random.beta(model.a, model.b, n), model.k
    x, future, t_x, log_gaps, now = np.zeros(n, int), np.zeros(n, int), np.zeros(n), np.zeros(n), np.zeros(n)
    left_at = leaves_at.copy()
    if getattr(model, "leaves_at_once", False):
        left_at[random.random(n) < p] = 0.0
    here = np.flatnonzero(left_at > 0)
    while here.size:
        gaps = np.maximum(random.gamma(k, 1 / rate[here]), 1e-9)
        came = now[here] + gaps
        kept = (came <= age[here] + horizon) & (came <= left_at[here])
        here, gaps, came = here[kept], gaps[kept], came[kept]
        now[here] = came
        past = came <= age[here]
        x[here[past]] += 1
        t_x[here[past]] = came[past]
        log_gaps[here[past]] += np.log(gaps[past])
        future[here[~past]] += 1
        goes = random.random(here.size) < p[here]
        left_at[here[goes]] = came[goes]
        here = here[~goes]
    return x, t_x, log_gaps, future, left_at > age


def spend(x, future, random):
    """Give the mean amount of the x + 1 orders seen, and what the future ones bring."""
    level = random.gamma(AMOUNTS.q, 1 / AMOUNTS.gamma, x.size)
    means = random.gamma(AMOUNTS.p * (x + 1), 1 / level) / (x + 1)
    return means, np.where(future > 0, random.gamma(AMOUNTS.p * np.maximum(future, 1), 1 / level), 0.0)


def fitted_to(model, histories):
    if isinstance(model, ParetoNbd):
        return fit_pareto_nbd(histories)
    return fit_beta_geometric(histories, model.k, leaves_at_once=model.leaves_at_once)


@pytest.mark.parametrize("name", MODELS)
def test_parameters_come_back_within_their_errors(name):
    model, random = MODELS[name], np.random.default_rng(1)
    age = random.uniform(100, 800, 6_000)
    x, t_x, log_gaps, _, _ = live(model, age, 0.0, random)
    found = fitted_to(model, Histories.of(x, t_x, age, log_gaps))
    truth = np.log(list(model.parameters.values())[:4])
    deviation = np.sqrt(np.diag(found.covariance))
    assert (found.is_converged, found.problems) == (True, ())
    assert np.all(np.abs(found.log_parameters - truth) < 3 * deviation)
    assert np.all(deviation < 0.5)


@pytest.mark.parametrize("name", MODELS)
def test_forecasts_of_the_true_model_meet_what_comes(name):
    model, random = MODELS[name], np.random.default_rng(2)
    age = np.full(60_000, 300.0)
    x, t_x, _, future, alive = live(model, age, 200.0, random)
    expected, p_alive = model.expected_orders(200.0, x, t_x, age), model.p_alive(x, t_x, age)
    for some in (x == 0, x == 1, (x > 1) & (x < 5), x >= 5):
        error = 4 * future[some].std() / np.sqrt(some.sum())
        assert expected[some].mean() == pytest.approx(future[some].mean(), abs=error)
        assert p_alive[some].mean() == pytest.approx(alive[some].mean(), abs=2 / np.sqrt(some.sum()))
    order = np.argsort(p_alive)
    for some in np.array_split(order, 5):
        assert p_alive[some].mean() == pytest.approx(alive[some].mean(), abs=2 / np.sqrt(some.size))


def coverage(model, n, shops, seed):
    """Value shops and count whose future total lies above, below and inside."""
    random, counts = np.random.default_rng(seed), np.zeros(8)
    for shop in range(shops):
        age = random.uniform(60, 730, n)
        x, t_x, log_gaps, future, _ = live(model, age, 180.0, random)
        means, total = spend(x, future, random)
        found = customer_values(
            Histories.of(x, t_x, age, log_gaps), means,
            horizon=180.0, rate_per_year=0.0, seed=shop, has_first=True, min_repeaters=20,
        )  # fmt: skip
        inside, open_, sure = (found.low <= total) & (total <= found.high), found.high > 0, found.low > 0
        above = total > found.high
        counts += [
            n, inside.sum(), open_.sum(), (above & open_).sum(), sure.sum(), (inside & sure).sum(),
            found.clv.sum(), total.sum(),
        ]  # fmt: skip
    n_all, n_inside, n_open, n_above, n_sure, n_held, expected, came = counts
    return {
        "all": n_inside / n_all, "above": n_above / n_open, "sure": n_held / n_sure, "value": expected / came,
        "n_sure": n_sure,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["MBG/NBD", "MBG/CNBD-3"])
def test_eight_of_ten_totals_lie_in_their_interval(name):
    found = coverage(MODELS[name], 6_000, 1, seed=3)
    error = 3 * 0.4 / np.sqrt(found["n_sure"])
    assert found["sure"] == pytest.approx(0.8, abs=error)
    assert found["above"] == pytest.approx(0.1, abs=0.013)
    assert 0.8 < found["all"] < 0.94
    assert found["value"] == pytest.approx(1, abs=0.06)


def test_small_shops_know_that_they_know_little():
    """Of 25 shops with 150 customers each: the model's parameters are mixed over, not taken for known."""
    found = coverage(RANDOM, 150, 25, seed=4)
    assert found["sure"] == pytest.approx(0.8, abs=0.09)
    assert found["above"] == pytest.approx(0.1, abs=0.025)
    assert found["value"] == pytest.approx(1, abs=0.12)


def test_regular_buyers_are_seen_and_get_the_model_with_a_rhythm():
    random = np.random.default_rng(5)
    age = random.uniform(100, 800, 2_500)
    x, t_x, log_gaps, future, _ = live(REGULAR, age, 60.0, random)
    choice = choose_purchase_model(Histories.of(x, t_x, age, log_gaps))
    assert choice.model.name == "MBG/CNBD-3"
    codes = dict(choice.why)
    assert codes["regular_purchases"] == pytest.approx(3, rel=0.1)
    assert codes["random_loses_aic"] > 500
    at_random = fit_beta_geometric(Histories.of(x, t_x, age, log_gaps)).model
    errors = [np.abs(one.expected_orders(60.0, x, t_x, age) - future).mean() for one in (choice.model, at_random)]
    assert errors[0] < 0.95 * errors[1]


def test_random_buyers_are_not_called_regular():
    random = np.random.default_rng(6)
    age = random.uniform(100, 800, 2_500)
    x, t_x, log_gaps, _, _ = live(RANDOM, age, 0.0, random)
    histories = Histories.of(x, t_x, age, log_gaps)
    assert not gap_shape(histories).is_regular
    assert choose_purchase_model(histories).model.name == "MBG/NBD"


@pytest.mark.long
@pytest.mark.parametrize("name", MODELS)
def test_coverage_of_many_customers(name):
    found = coverage(MODELS[name], 12_000, 5, seed=7)
    print(name, ", ".join(f"{key} {value:.4f}" for key, value in found.items()))
    assert found["sure"] == pytest.approx(0.8, abs=0.02)
    assert found["above"] == pytest.approx(0.1, abs=0.006)
    assert found["value"] == pytest.approx(1, abs=0.03)


@pytest.mark.long
@pytest.mark.parametrize("n", [120, 400])
def test_coverage_in_small_shops(n):
    found = coverage(RANDOM, n, 200, seed=8)
    print(f"{n} customers:", ", ".join(f"{key} {value:.4f}" for key, value in found.items()))
    assert found["sure"] == pytest.approx(0.8, abs=0.035)
    assert found["above"] == pytest.approx(0.1, abs=0.01)
    assert found["value"] == pytest.approx(1, abs=0.05)


@pytest.mark.long
@pytest.mark.parametrize("name", ["MBG/NBD", "MBG/CNBD-3", "Pareto/NBD"])
def test_a_million_customers(name):
    random = np.random.default_rng(9)
    age = random.integers(1, 731, 1_000_000).astype(float)
    x, t_x, log_gaps, future, _ = live(MODELS[name], age, 365.0, random)
    means, total = spend(x, future, random)
    started, used = time.perf_counter(), time.process_time()
    histories = Histories.of(x, t_x, age, log_gaps)
    found = customer_values(histories, means, horizon=365.0, rate_per_year=0.0, seed=1, has_first=True)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    inside, sure = (found.low <= total) & (total <= found.high), found.low > 0
    print(
        f"{name}: {histories.n.size:,} histories, {seconds:.1f} s, {cpu:.1f} s of processor, peak {peak:.2f} GiB, "
        f"orders {found.expected_orders.sum() / future.sum():.4f}, value {found.clv.sum() / total.sum():.4f}, "
        f"sure {inside[sure].mean():.4f}, above {(total > found.high)[found.high > 0].mean():.4f}"
    )
    assert found.choice.model.name == name
    assert found.expected_orders.sum() == pytest.approx(future.sum(), rel=0.01)
    assert inside[sure].mean() == pytest.approx(0.8, abs=0.01)
    assert cpu < 60
    assert peak < 2
