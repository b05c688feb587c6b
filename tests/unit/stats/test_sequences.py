import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.sequences import DAY, Visits, count_sequences, lag_edges


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


def counted(*orders, max_days=365.0, max_orders=30, **more):
    """Each order: (customer, day, items)."""
    items = [item for *_, held in orders for item in held]
    offsets = np.cumsum([0, *(len(held) for *_, held in orders)])
    who, day = [one for one, *_ in orders], np.array([day for _, day, _ in orders])
    return count_sequences(
        np.array(items, int),
        offsets,
        who,
        (day * DAY).astype(int),
        10,
        max_days=max_days,
        max_orders=max_orders,
        **more,
    )


def as_dict(found):
    return {
        (a, b): n
        for a, b, n in zip(found.first.tolist(), found.second.tolist(), found.n_customers.tolist(), strict=True)
    }


def test_what_is_bought_in_one_order_follows_nothing():
    assert not len(counted((1, 0, [0, 1]), (2, 0, [0, 1])))


def test_orders_of_one_instant_do_not_follow_each_other():
    assert as_dict(counted((1, 0, [0]), (1, 0, [1]), (1, 2, [2]))) == {(0, 2): 1, (1, 2): 1}


def test_a_customer_counts_once_however_often_they_come_back():
    found = counted((1, 0, [0]), (1, 5, [1]), (1, 9, [0]), (1, 12, [1]), (2, 0, [0]), (2, 3, [1]))
    assert as_dict(found) == {(0, 1): 2, (1, 0): 1}
    assert found.n_repeats[:2].tolist() == [1, 1]


def test_the_window_counts_from_any_purchase_of_the_first():
    found = counted((1, 0, [0]), (1, 400, [0]), (1, 500, [1]), max_days=365)
    assert as_dict(found) == {(0, 1): 1}
    assert found.bins.sum() == 0  # the lag from the first one is longer than the window


def test_only_the_newest_orders_of_a_customer_are_looked_at():
    history = [(1, 0, [0]), *((1, day, [2]) for day in range(10, 40)), (1, 50, [1])]
    assert (0, 1) in as_dict(counted(*history, max_orders=100))
    assert (0, 1) not in as_dict(counted(*history, max_orders=30))


def test_lags_fall_into_the_bin_that_holds_them():
    found = counted((1, 0, [0]), (1, 30, [1]))
    place = np.flatnonzero(found.bins[0])
    edges = lag_edges(365)
    assert edges[place] < 30 <= edges[place + 1]
    assert found.bins.sum() == 1


def test_who_bought_on_the_last_day_could_not_be_watched():
    visits = Visits.of([0, 0, 1], [0, 1, 2, 3], [1, 2, 2], [5 * DAY, 0, 5 * DAY], 2, max_days=30, max_orders=30)
    found = visits.lags(np.array([0]), np.array([1]), until=5 * DAY)
    assert (found.n_watched[0], found.n_customers[0], found.events.sum()) == (1, 1, 1)


def test_looking_up_a_pair_that_is_not_listed_gives_zero():
    found = counted((1, 0, [0]), (1, 5, [1]))
    assert found.of(np.array([0, 1, 9]), np.array([1, 0, 9])).tolist() == [1, 0, 0]
    assert counted().of(np.array([0]), np.array([1])).tolist() == [0]


@pytest.mark.parametrize("wrong", [{"max_days": 0}, {"max_orders": 1}, {"min_customers": 0}])
def test_a_window_that_holds_nothing_is_refused(wrong):
    with pytest.raises(BadUsage):
        counted((1, 0, [0]), (1, 5, [1]), **wrong)


def test_customers_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="give one each"):
        count_sequences([0], [0, 1], [1, 2], [0], 1, max_days=1, max_orders=2)


def test_an_order_after_the_end_of_watching_is_refused():
    visits = Visits.of([0, 1], [0, 1, 2], [1, 1], [0, 9 * DAY], 2, max_days=30, max_orders=30)
    with pytest.raises(BadInput, match="later than the end of watching"):
        visits.lags(np.array([0]), np.array([1]), until=5 * DAY)
    with pytest.raises(BadUsage, match="repeat"):
        visits.lags(np.array([0]), np.array([0]), until=9 * DAY)
