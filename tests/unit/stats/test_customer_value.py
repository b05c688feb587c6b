import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.btyd import Histories
from crosslift.stats.customer_value import NoValues, Values, customer_values


def shop(n=400, seed=1):
    """Histories of random buyers seen for up to 500 days, none of whom leaves, and their mean amounts."""
    random = np.random.default_rng(seed)
    age = random.uniform(50, 500, n)
    x = random.poisson(random.gamma(1.2, 1 / 60, n) * age)
    t_x = np.where(x > 0, age * random.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    n_orders = x + 1
    return x, t_x, age, random.gamma(6.0 * n_orders, 1 / random.gamma(3.7, 1 / 15, n)) / n_orders


def values(x, t_x, age, means, **options):
    settings = {"horizon": 180.0, "rate_per_year": 0.1, "seed": 1, "has_first": True}
    return customer_values(Histories.of(x, t_x, age), means, **settings | options)


@pytest.fixture(scope="module")
def found():
    result = values(*shop())
    assert isinstance(result, Values)
    return result


def test_value_is_orders_times_amount_discounted(found):
    x, _, _, means = shop()
    undiscounted = found.expected_orders * found.amounts.model.expected_amount(x + 1, means)
    assert np.all(found.clv < undiscounted)
    assert np.all(found.clv > undiscounted * 1.1 ** (-180 / 365.25))


def test_intervals_hold_in_order_and_speak_of_the_same_future(found):
    assert np.all((found.low >= 0) & (found.low <= found.high))
    assert np.all(found.orders_low <= found.orders_high)
    assert np.array_equal(found.low > 0, found.orders_low > 0)
    assert np.array_equal(found.high > 0, found.orders_high > 0)
    assert np.all(found.churn_risk >= 1 - found.p_alive - 1e-12)


def test_expected_values_do_not_depend_on_the_seed_and_intervals_hardly(found):
    other = values(*shop(), seed=2)
    assert np.array_equal(other.clv, found.clv)
    assert np.median(np.abs(other.high - found.high) / found.high) < 0.05


def test_weeks_and_days_give_the_same(found):
    x, t_x, age, means = shop()
    weeks = values(x, t_x / 7, age / 7, means, horizon=180 / 7, days_a_unit=7.0)
    assert weeks.clv == pytest.approx(found.clv, rel=1e-3)


def test_another_currency_changes_the_unit_alone(found):
    x, t_x, age, means = shop()
    other = values(x, t_x, age, means * 1_300)
    assert other.clv == pytest.approx(found.clv * 1_300, rel=1e-3)
    assert other.high == pytest.approx(found.high * 1_300, rel=1e-3)


def test_the_model_and_why_are_told(found):
    assert found.model.endswith("+ gamma-gamma")
    codes = dict(found.notes)
    assert "next_loses_aic" in codes or "alike" in codes
    assert "horizon_beyond_data" not in codes
    assert values(*shop(), horizon=1_000.0).notes[-1] == ("horizon_beyond_data", pytest.approx(1_000 / shop()[2].max()))


def test_few_who_came_back_say_nothing():
    assert values([0] * 30 + [1] * 20, [0] * 30 + [5] * 20, [10] * 50, [1.0] * 50) == NoValues("few_repeaters", 20)


def test_losses_of_a_few_are_valued_below_nothing():
    x, t_x, age, means = shop()
    means = np.where(np.arange(x.size) % 20 == 0, -30.0, means)
    found = values(x, t_x, age, means)
    often = (means < 0) & (found.p_alive > 0.5) & (x > 3)
    assert often.any()
    assert np.all(found.clv[often] < 0)
    assert np.all((found.low[often] <= found.clv[often]) & (found.high[often] <= 0))


def test_losses_of_many_are_not_modeled_and_orders_still_are():
    x, t_x, age, means = shop()
    found = values(x, t_x, age, np.where(np.arange(x.size) % 3 == 0, -5.0, means))
    assert found.unknown["clv"] == "amounts_not_positive: 34% of customers"
    assert np.isnan([found.clv, found.low, found.high]).all()
    assert np.all(found.expected_orders > 0)


def test_amounts_that_follow_the_number_of_orders_are_told():
    x, t_x, age, means = shop()
    found = values(x, t_x, age, means * (1 + x) ** 1.5)
    assert dict(found.notes)["amounts_follow_frequency"] > 0.3


def test_means_of_repeat_orders_need_none_of_who_bought_once():
    x, t_x, age, means = shop()
    found = values(x, t_x, age, np.where(x > 0, means, np.nan), has_first=False)
    assert np.isfinite(found.clv).all()
    once = found.expected_orders[x == 0] * found.amounts.model.mean
    assert np.all(found.clv[x == 0] < once)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"horizon": 0.0}, "horizon 0"), ({"rate_per_year": -1.0}, "rate -1"), ({"level": 1.0}, "level 1")],
)
def test_out_of_range_is_refused(options, message):
    with pytest.raises(BadInput, match=message):
        values(*shop(), **options)


def test_means_that_do_not_fit_are_refused():
    x, t_x, age, means = shop()
    with pytest.raises(BadInput, match="give one for each"):
        values(x, t_x, age, means[1:])
    with pytest.raises(BadInput, match="is no number"):
        values(x, t_x, age, np.where(np.arange(x.size) == x.argmax(), np.nan, means))
