import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.profile import ClvBasis
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.orders import Orders
from crosslift.learn.customers.people import People
from crosslift.learn.customers.worth import FIGURES, basis_of, learn_worth, worth_of

AS_OF = 400 * DAY


def a_shop(n=200):
    """Orders of people who buy every month or two; the last one's price does not convert."""
    chance = np.random.default_rng(1)
    n_orders = 1 + chance.poisson(chance.gamma(2, 2, n))
    person = np.repeat(np.arange(n), n_orders).astype(np.int32)
    at = chance.integers(0, 400, len(person)) * DAY
    order = np.lexsort((at, person))
    spent = np.round(chance.gamma(4, 1e7, len(person))).astype(np.int64)
    known = person != n - 1
    orders = Orders(person, at[order], spent, spent // 2, known, known, n + 1)
    ids = pa.array([f"customer:{number:04}" for number in range(n + 1)])
    return orders, People(ids, np.arange(n + 1, dtype=np.int32))


@pytest.fixture
def found(some_settings):
    return learn_worth(*a_shop(), ClvBasis.MARGIN, some_settings(), AS_OF)


def test_value_is_counted_in_margin_where_it_is_known_of_nearly_all_buyers():
    n_orders = np.array([1] * 20 + [0])
    known = np.array([True] * 19 + [False] * 2)
    assert basis_of(known, n_orders) is ClvBasis.MARGIN
    assert basis_of(known, n_orders + 1) is ClvBasis.REVENUE
    assert basis_of(np.array([], bool), np.array([], int)) is ClvBasis.REVENUE


def test_everybody_with_orders_is_valued_but_those_whose_money_is_unknown(found):
    _, worth = found
    assert np.isfinite(worth.figures["p_alive"][:-1]).all()
    assert np.isfinite(worth.figures["clv"][:-2]).all()
    assert np.isnan([worth.figures[name][-2] for name in ("clv", "clv_low", "clv_high")]).all()
    assert np.isnan([worth.figures[name][-1] for name in FIGURES]).all()


def test_models_learned_before_say_the_same_to_the_last_digit(found):
    learned, worth = found
    again = worth_of(*a_shop(), learned, AS_OF)
    assert again.model == worth.model == learned.model
    for name in FIGURES:
        assert np.array_equal(again.figures[name], worth.figures[name], equal_nan=True), name


def test_too_few_people_are_not_valued_and_the_reason_is_kept(some_settings):
    learned, worth = learn_worth(*a_shop(20), ClvBasis.REVENUE, some_settings(), AS_OF)
    assert "people came back, at least 50 needed" in worth.unknown["clv"]
    again = worth_of(*a_shop(20), learned, AS_OF)
    assert again.unknown == worth.unknown
    assert np.isnan(again.figures["p_alive"]).all()
