import numpy as np
import pytest

from crosslift.learn.customers.market_baskets import MarketBaskets
from crosslift.stats.margins import fit_margins

FIRST, SECOND = np.triu_indices(4, 1)


def market_baskets(baskets, customers=None):
    sizes = np.array([len(basket) for basket in baskets])
    items = np.array([item for basket in baskets for item in sorted(basket)], dtype=np.int64)
    owners = np.arange(len(baskets)) if customers is None else np.array(customers)
    return MarketBaskets(items, sizes, owners, 4)


def test_meetings_are_counted_by_basket_and_customer():
    n, customers, squares = market_baskets([{0, 1}, {0, 1, 2}, {1}, set(), {0, 1}], [0, 0, 1, 1, 2]).meetings(
        FIRST, SECOND
    )
    assert dict(zip(zip(FIRST, SECOND, strict=True), n, strict=True))[(0, 1)] == 3
    assert n.tolist() == [3, 1, 0, 1, 0, 0]
    assert customers.tolist() == [2, 1, 0, 1, 0, 0]
    assert squares.tolist() == [5, 1, 0, 1, 0, 0]


def drawn(seed, n_baskets=400, n_customers=None, p=(0.6, 0.4, 0.2, 0.1)):
    """Independent categories; where customers are few, each wants a category or not in all of its baskets."""
    chance = np.random.default_rng(seed)
    n_people = n_customers or n_baskets
    wants = chance.random((n_people, 4)) < p
    owner = np.arange(n_baskets) % n_people
    return market_baskets([set(np.flatnonzero(row).tolist()) for row in wants[owner]], owner)


@pytest.mark.parametrize("n_customers", [None, 60])
def test_the_variance_is_that_of_many_shops_also_where_customers_repeat_themselves(n_customers):
    left, told = [], []
    for seed in range(80):
        one = drawn(seed, n_customers=n_customers)
        margins = fit_margins(one.n_with, one.sizes)
        left.append(one.meetings(FIRST, SECOND)[0] - margins.expected(FIRST, SECOND))
        told.append(one.spread(margins, FIRST, SECOND))
    seen, claimed = np.var(left, axis=0), np.mean(told, axis=0)
    print(np.round(claimed / seen, 2))
    assert np.all(claimed > 0.7 * seen)
    assert np.all(claimed < 2 * seen)


def test_a_pair_of_a_rare_category_has_no_variance_of_this_kind(monkeypatch):
    monkeypatch.setattr("crosslift.learn.customers.market_baskets.COMMON", 3)
    one = drawn(1)
    variance = one.spread(fit_margins(one.n_with, one.sizes), FIRST, SECOND)
    assert np.isnan(variance).tolist() == [False, False, True, False, True, True]


def test_baskets_in_pieces_give_the_same(monkeypatch):
    one = drawn(2, n_customers=60)
    margins = fit_margins(one.n_with, one.sizes)
    whole = one.spread(margins, FIRST, SECOND)
    monkeypatch.setattr("crosslift.learn.customers.market_baskets.BASKETS_AT_ONCE", 7)
    np.testing.assert_allclose(one.spread(margins, FIRST, SECOND), whole)
