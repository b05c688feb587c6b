import json

import numpy as np
import pytest

from crosslift.stats.btyd import Histories
from crosslift.stats.customer_value import Values, customer_values
from crosslift.stats.value_model import ValueModel

FIGURES = ("p_alive", "churn_risk", "expected_orders", "orders_low", "orders_high", "clv", "low", "high")


def shop(n=600, seed=1):
    random = np.random.default_rng(seed)
    age = random.integers(50, 500, n).astype(float)
    x = random.poisson(random.gamma(1.2, 1 / 60, n) * age)
    t_x = np.where(x > 0, np.ceil(age * random.random(n) ** (1 / np.maximum(x, 1))), 0.0)
    means = random.gamma(6.0 * (x + 1), 1 / random.gamma(3.7, 1 / 15, n)) / (x + 1)
    return x, t_x, age, np.where(np.arange(n) % 40 == 0, -5.0, means)


@pytest.fixture(scope="module")
def found():
    *histories, means = shop()
    values = customer_values(Histories.of(*histories), means, horizon=180.0, rate_per_year=0.1, seed=1, has_first=True)
    assert isinstance(values, Values)
    return values


def asked(fitted, some):
    x, t_x, age, means = (column[some] for column in shop())
    return fitted.future(Histories.of(x, t_x, age), means)


def test_intervals_are_mixed_over_models_beside_the_best_one(found):
    assert len(found.fitted.purchases) == 25
    assert found.fitted.purchases[0] == found.choice.model


def test_whoever_else_is_asked_about_no_digit_changes(found):
    chance = np.random.default_rng(3)
    for n in (1, 2, 17, 300, 600):
        some = chance.permutation(600)[:n]
        future = asked(found.fitted, some)
        for name in FIGURES:
            assert np.array_equal(getattr(future, name), getattr(found, name)[some]), (name, n)


@pytest.mark.parametrize("place", [0, 40, 599])
def test_stored_models_say_the_same(found, place):
    stored = json.loads(json.dumps(found.fitted.plain))
    future = asked(ValueModel.read(stored), np.array([place]))
    for name in FIGURES:
        assert getattr(future, name)[0] == getattr(found, name)[place], name


def test_without_a_model_of_amounts_orders_are_still_expected(found):
    plain = found.fitted.plain | {"amounts": None}
    future = asked(ValueModel.read(plain), np.arange(5))
    assert np.array_equal(future.expected_orders, found.expected_orders[:5])
    assert np.isnan([future.clv, future.low, future.high]).all()


def test_a_pareto_nbd_is_read_as_one(found):
    plain = found.fitted.plain | {"purchases": [{"r": 0.55, "alpha": 74.0, "s": 0.6, "beta": 81.0}]}
    assert ValueModel.read(json.loads(json.dumps(plain))).purchases[0].name == "Pareto/NBD"
