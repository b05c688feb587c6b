"""Whatever the parameters and histories: chances are chances, they fall with silence, forecasts grow with the horizon."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.beta_geometric import BetaGeometric
from crosslift.stats.btyd import Histories
from crosslift.stats.gamma_gamma import GammaGamma
from crosslift.stats.pareto_nbd import ParetoNbd
from crosslift.stats.spending import total_quantiles

calm = settings(deadline=None)
few = settings(deadline=None, max_examples=60)
shapes = st.floats(-7, 7).map(np.exp)
models = st.one_of(
    st.builds(BetaGeometric, shapes, shapes, shapes, shapes, st.sampled_from([1, 2, 3, 12]), st.booleans()),
    st.builds(ParetoNbd, shapes, shapes, shapes, shapes),
)


@st.composite
def customers(draw):
    """x up to 1,000, t_x, age."""
    x = draw(st.one_of(st.integers(0, 5), st.integers(0, 1_000)))
    age = draw(st.floats(0.01, 5_000))
    return x, age * draw(st.floats(0.001, 1)) if x else 0.0, age


@given(model=models, customer=customers(), horizon=st.floats(1e-6, 5_000))
@calm
def test_nothing_overflows_and_chances_are_chances(model, customer, horizon):
    assert np.isfinite(model.log_likelihood(*customer)).all()
    (alive,), (after,) = model.p_alive(*customer), model.p_alive_after(horizon, *customer)
    assert 0 <= after <= alive * (1 + 1e-9) <= 1 + 1e-9
    (expected,) = model.expected_orders(horizon, *customer)
    assert np.isfinite(expected)
    assert expected >= 0


@given(model=models, customer=customers(), longer=st.floats(1, 10))
@calm
def test_silence_never_makes_a_customer_more_surely_alive(model, customer, longer):
    x, t_x, age = customer
    (now,), (later,) = model.p_alive(x, t_x, age), model.p_alive(x, t_x, age * longer)
    assert later <= now * (1 + 1e-9) + 1e-12


@given(model=models, customer=customers(), horizon=st.floats(1e-3, 2_000), longer=st.floats(1, 4))
@calm
def test_a_longer_horizon_never_holds_fewer_orders(model, customer, horizon, longer):
    (short,), (long,) = (model.expected_orders(until, *customer) for until in (horizon, horizon * longer))
    assert long >= short * (1 - 1e-3) - 1e-12  # beyond 4,096 purchases the sum is an integral
    if model.most_orders(horizon * longer, *customer)[0] < 4_096:
        assert long >= short * (1 - 1e-7) - 1e-12


@given(model=models, customer=customers(), horizon=st.floats(1e-3, 2_000), n_max=st.integers(1, 300))
@few
def test_tails_fall_and_start_below_being_alive(model, customer, horizon, n_max):
    x, t_x, age = customer
    tails = model.tails(horizon, x, np.array([t_x]), np.array([age]), n_max)[0]
    assert tails.shape == (n_max,)
    assert 0 <= tails.min() <= tails.max() <= model.p_alive(x, t_x, age)[0] + 1e-9
    assert np.all(np.diff(tails) <= 1e-12)
    assert tails.sum() <= model.expected_orders(horizon, *customer)[0] * (1 + 1e-6) + 1e-9


@given(model=models, customer=customers(), unit=st.floats(0.01, 100), horizon=st.floats(0.1, 500))
@few
def test_another_unit_of_time_changes_nothing(model, customer, unit, horizon):
    x, t_x, age = customer
    scaled = dict(model.parameters)
    for name in ("alpha", "beta"):
        if name in scaled:
            scaled[name] = scaled[name] * unit
    other = type(model)(**scaled)
    assert other.p_alive(x, t_x * unit, age * unit) == pytest.approx(model.p_alive(*customer), rel=1e-6, abs=1e-12)
    one, two = (
        model.expected_orders(horizon, *customer),
        other.expected_orders(horizon * unit, x, t_x * unit, age * unit),
    )
    assert two == pytest.approx(one, rel=1e-6, abs=1e-12)


@given(p=shapes, q=shapes, gamma=shapes, n=st.integers(1, 1_000), mean=st.floats(1e-3, 1e6))
@calm
def test_expected_amounts_lie_between_own_and_all(p, q, gamma, n, mean):
    model = GammaGamma(p, q + 1, gamma)
    (expected,) = model.expected_amount(n, mean)
    low, high = sorted([mean, model.mean])
    assert low * (1 - 1e-9) <= expected <= high * (1 + 1e-9)


@given(
    falls=st.lists(st.floats(0, 1), min_size=1, max_size=30),
    p=st.floats(0.05, 50),
    q=st.floats(0.5, 500),
    level=st.floats(0.01, 0.9),
)
@few
def test_quantiles_of_totals_rise_with_the_level(falls, p, q, level):
    tails = np.cumprod(falls)[None, :]
    low, high = total_quantiles(tails, p, q, (level, level + 0.09))
    assert 0 <= low[0] <= high[0] < np.inf
    assert (low[0] == 0) == (1 - tails[0, 0] >= level)


@given(rows=st.lists(customers(), min_size=1, max_size=30), data=st.data())
@calm
def test_the_order_of_customers_does_not_matter(rows, data):
    one, other = (Histories.of(*np.array(some).T) for some in (rows, data.draw(st.permutations(rows))))
    for name in ("x", "t_x", "age", "n"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
