"""Two engines and the definition give the same integers, whatever the baskets."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.kernels import jit_available
from crosslift.stats.pairs import baskets_of, count_pairs

ENGINES = ["scipy", *(["numba"] if jit_available() else [])]
both_engines = pytest.mark.parametrize("engine", ENGINES)
N_ITEMS = 12
shops = st.lists(
    st.tuples(st.lists(st.integers(0, N_ITEMS - 1), unique=True), st.integers(-3, 3)), max_size=25
)  # baskets and who bought them
forgiving = settings(deadline=None, max_examples=150)


def counted(shop, *, engine, min_count=1, with_groups=True):
    items = [item for basket, _ in shop for item in basket]
    offsets = np.cumsum([0, *(len(basket) for basket, _ in shop)])
    groups = [group for _, group in shop] if with_groups else None
    pairs = count_pairs(np.array(items, int), offsets, N_ITEMS, groups=groups, min_count=min_count, engine=engine)
    columns = (pairs.first, pairs.second, pairs.n_both, pairs.n_groups)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def by_definition(shop, min_count=1):
    met = Counter(pair for basket, _ in shop for pair in combinations(sorted(basket), 2))
    buyers = Counter(
        pair for pair, _ in {(pair, group) for basket, group in shop for pair in combinations(sorted(basket), 2)}
    )
    return [(*pair, n_both, buyers[pair]) for pair, n_both in sorted(met.items()) if n_both >= min_count]


@both_engines
@forgiving
@given(shop=shops, min_count=st.integers(1, 3))
def test_counts_are_those_of_the_definition(engine, shop, min_count):
    assert counted(shop, engine=engine, min_count=min_count) == by_definition(shop, min_count)


@both_engines
@forgiving
@given(shop=shops, cap=st.integers(1, 4), min_count=st.integers(1, 3), with_groups=st.booleans())
def test_capped_and_weighted_counts_are_those_of_the_definition(engine, shop, cap, min_count, with_groups):
    if not with_groups:
        shop = [(basket, number) for number, (basket, _) in enumerate(shop)]
    by_group, weight = Counter(), Counter()
    for basket, group in shop:
        for pair in combinations(sorted(basket), 2):
            by_group[pair, group] += 1
            weight[pair] += Fraction(1, len(basket) - 1)
    n_both, n_effective = Counter(), Counter()
    for (pair, _), n in by_group.items():
        n_both[pair] += n
        n_effective[pair] += min(n, cap)
    expected = [pair for pair in sorted(n_both) if n_both[pair] >= min_count]

    items = np.array([item for basket, _ in shop for item in basket], int)
    offsets = np.cumsum([0, *(len(basket) for basket, _ in shop)])
    groups = [group for _, group in shop] if with_groups else None
    options = {"cap_per_group": cap, "weighted": True, "min_count": min_count, "engine": engine}
    pairs = count_pairs(items, offsets, N_ITEMS, groups=groups, **options)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == expected
    assert pairs.n_effective.tolist() == [n_effective[pair] for pair in expected]
    np.testing.assert_allclose(pairs.weight, [float(weight[pair]) for pair in expected], rtol=1e-14)


@both_engines
@forgiving
@given(shop=shops)
def test_without_groups_each_basket_is_one(engine, shop):
    alone = [(basket, number) for number, (basket, _) in enumerate(shop)]
    assert counted(shop, engine=engine, with_groups=False) == by_definition(alone)


@both_engines
@forgiving
@given(shop=shops, data=st.data())
def test_the_order_of_baskets_and_of_items_does_not_matter(engine, shop, data):
    other = [(data.draw(st.permutations(basket)), group) for basket, group in data.draw(st.permutations(shop))]
    assert counted(other, engine=engine) == counted(shop, engine=engine)


@both_engines
@forgiving
@given(shop=shops, names=st.permutations(range(N_ITEMS)))
def test_counts_are_symmetric_in_the_two_items(engine, shop, names):
    """Renaming items, which turns many pairs around, changes the names alone."""
    renamed = [([names[item] for item in basket], group) for basket, group in shop]
    turned = sorted((*sorted((names[a], names[b])), *numbers) for a, b, *numbers in counted(shop, engine=engine))
    assert counted(renamed, engine=engine) == turned


@forgiving
@given(lines=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_baskets_hold_each_ordered_item_once(lines):
    orders, items = [order for order, _ in lines], [item for _, item in lines]
    held, offsets, kept = baskets_of(np.array(orders, int), np.array(items, int))
    baskets = {int(order): held[offsets[b] : offsets[b + 1]].tolist() for b, order in enumerate(kept)}
    assert baskets == {order: sorted({i for o, i in lines if o == order}) for order in sorted(set(orders))}
