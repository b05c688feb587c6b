"""Kernels and arrays give what the definition gives: later, within the window, each customer once."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.kernels import jit_available
from crosslift.stats.sequences import DAY, Visits, count_sequences, lag_edges, rows_product

HALF = DAY // 2
N_ITEMS = 6
WITHOUT_COMPILER = ["1", *(["0"] if jit_available() else [])]
orders = st.lists(
    st.tuples(st.lists(st.integers(0, N_ITEMS - 1), unique=True), st.integers(0, 3), st.integers(0, 20)), max_size=20
)  # items, customer, half days
forgiving = settings(deadline=None, max_examples=120)


def columns(shop):
    items = np.array([item for held, _, _ in shop for item in held], np.int32)
    offsets = np.cumsum([0, *(len(held) for held, _, _ in shop)])
    return items, offsets, np.array([who for _, who, _ in shop], int), np.array([at * HALF for *_, at in shop], int)


def by_definition(shop, max_days, newest=100):
    """Who bought what before what, and the first lag in half days."""
    buyers, lags = defaultdict(set), {}
    for customer in {who for _, who, _ in shop}:
        own = sorted(((at, held) for held, who, at in shop if who == customer), key=lambda order: order[0])[-newest:]
        for a in range(N_ITEMS):
            for b in range(N_ITEMS):
                starts = [at for at, held in own if a in held]
                ends = [at for at, held in own if b in held]
                if any(0 < end - start <= 2 * max_days for start in starts for end in ends):
                    buyers[a, b].add(customer)
                    lags[a, b, customer] = min(end for end in ends if end > starts[0]) - starts[0]
    return buyers, lags


@pytest.fixture(params=WITHOUT_COMPILER, scope="module")
def either_way(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", request.param)
        yield


@pytest.mark.usefixtures("either_way")
@forgiving
@given(shop=orders, max_days=st.sampled_from([1.0, 3.0, 50.0]), min_customers=st.integers(1, 3))
def test_customers_are_those_of_the_definition(shop, max_days, min_customers):
    found = count_sequences(*columns(shop), N_ITEMS, max_days=max_days, max_orders=100, min_customers=min_customers)
    buyers, _ = by_definition(shop, max_days)
    listed = {pair: len(buyers[pair]) for pair in permutations(range(N_ITEMS), 2) if len(buyers[pair]) >= min_customers}
    assert (
        dict(
            zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.n_customers.tolist(), strict=True)
        )
        == listed
    )
    assert list(zip(found.first, found.second, strict=True)) == sorted(listed)
    assert found.n_repeats.tolist() == [len(buyers[item, item]) for item in range(N_ITEMS)]


@pytest.mark.usefixtures("either_way")
@forgiving
@given(shop=orders, max_days=st.sampled_from([3.0, 50.0]), watched_days=st.integers(0, 60))
def test_lags_are_those_of_the_definition_and_nobody_is_lost(shop, max_days, watched_days):
    visits = Visits.of(*columns(shop), N_ITEMS, max_days=max_days, max_orders=100)
    first, second = np.array([*permutations(range(N_ITEMS), 2)]).T
    until = int(visits.at.max(initial=0)) + watched_days * DAY
    found = visits.lags(first, second, until)
    buyers, lags = by_definition(shop, max_days)
    edges = lag_edges(max_days)
    for place, pair in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        days = [lags[*pair, who] / 2 for who in buyers[pair]]
        assert found.n_customers[place] == len(buyers[pair])
        inside = np.searchsorted(edges, [day for day in days if day <= max_days]) - 1
        assert found.events[place].tolist() == np.bincount(inside, minlength=edges.size - 1).tolist()
        begun = {who for held, who, at in shop if pair[0] in held}
        begin = [min(at for held, who, at in shop if who == one and pair[0] in held) * HALF for one in begun]
        assert found.n_watched[place] == sum(start < until for start in begin)
        assert found.events[place].sum() + found.censored[place].sum() == found.n_watched[place]
        assert np.all(found.censored[place] >= 0)


@pytest.mark.usefixtures("either_way")
@forgiving
@given(shop=orders, data=st.data())
def test_the_order_of_rows_does_not_matter(shop, data):
    one, other = (
        count_sequences(*columns(some), N_ITEMS, max_days=5, max_orders=100)
        for some in (shop, data.draw(st.permutations(shop)))
    )
    for name in ("first", "second", "n_customers", "n_repeats", "bins"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@forgiving
@given(shop=orders)
def test_time_run_backward_swaps_the_two_items(shop):
    """What followed now precedes, customer by customer: the counts carry no direction of their own."""
    backward = [(held, who, 20 - at) for held, who, at in shop]
    one, other = (count_sequences(*columns(some), N_ITEMS, max_days=4, max_orders=100) for some in (shop, backward))
    assert sorted(zip(one.first, one.second, one.n_customers, strict=True)) == sorted(
        zip(other.second, other.first, other.n_customers, strict=True)
    )


@pytest.mark.usefixtures("either_way")
@forgiving
@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=9), seed=st.integers(0, 9))
def test_rows_are_multiplied_pair_by_pair(pairs, seed):
    random = np.random.default_rng(seed)
    left, right = random.random((4, 3)), random.random((5, 3))
    first, second = np.array(pairs, np.int32).reshape(-1, 2).T
    assert rows_product(left, right, first, second) == pytest.approx((left @ right.T)[first, second])
