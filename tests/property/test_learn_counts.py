"""What is remembered and corrected equals the full pass, whatever happens to the orders between runs."""

import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.learn import counts
from crosslift.learn.baskets import Baskets
from crosslift.learn.counts import DAY, refresh
from crosslift.stats.pairs import count_pairs

CAP = 2
PRODUCTS = [f"p{n}" for n in range(8)]
orders = st.tuples(
    st.sets(st.sampled_from(PRODUCTS), max_size=5), st.sampled_from("abcd") | st.none(), st.integers(0, 4)
)  # products, customer, day
shops = st.dictionaries(st.integers(0, 25), orders, max_size=20)
corrections = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 25), orders),  # a late order, an edit, a return of a product
        st.tuples(st.just("drop"), st.integers(0, 25), st.none()),  # a return of all of it, or an erased order
        st.tuples(st.just("merge"), st.sampled_from("abcd"), st.sampled_from("abcd")),
        st.tuples(st.just("forget"), st.sampled_from("abcd"), st.none()),  # the orders stay, nameless
    ),
    max_size=6,
)


def corrected(shop, changes):
    shop = dict(shop)
    for kind, key, value in changes:
        if kind == "set":
            shop[key] = value
        elif kind == "drop":
            shop.pop(key, None)
        else:
            shop = {n: (held, value if who == key else who, day) for n, (held, who, day) in shop.items()}
    return shop


def as_baskets(shop, chance):
    """Orders in any order, customers under any number, products numbered by those that are sold."""
    rows = [shop[key] for key in chance.permutation(sorted(shop)).tolist()]
    products = sorted({product for held, _, _ in rows for product in held})
    number = {name: i for i, name in enumerate(products)}
    named = {name: int(n) for name, n in zip("abcd", chance.permutation(100)[:4], strict=True)}
    customers = [1000 + n if who is None else named[who] for n, (_, who, _) in enumerate(rows)]
    items = [number[name] for held, _, _ in rows for name in chance.permutation(sorted(held)).tolist()]
    offsets = np.cumsum([0, *(len(held) for held, _, _ in rows)])
    at = np.array([day * DAY + int(chance.integers(DAY)) for _, _, day in rows], np.int64)
    return Baskets(
        products, np.array(items, np.int32), offsets.astype(np.int64), at, np.array(customers, np.int64),
        np.ones(len(rows), bool), np.zeros(len(rows), np.int64),
    )  # fmt: skip


def check(pairs, baskets):
    full = count_pairs(
        baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, cap_per_group=CAP, weighted=True
    )
    for name in ("first", "second", "n_both", "n_groups", "n_effective"):
        ours, wanted = getattr(pairs, name), getattr(full, name)
        np.testing.assert_array_equal(ours, wanted, err_msg=name)
        assert ours.dtype == wanted.dtype
    np.testing.assert_allclose(pairs.weight, full.weight, rtol=1e-12)


@settings(deadline=None, max_examples=120)
@given(shop=shops, runs=st.lists(corrections, max_size=4), seed=st.integers(0, 99), patience=st.sampled_from([0, 9]))
def test_refreshed_counts_equal_the_full_pass(shop, runs, seed, patience):
    """`patience` 0 writes all pairs anew after each change, 9 lets changes pile up beside them."""
    chance = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name, mock.patch.object(counts, "MOST_CHANGED", patience):
        for changes in [[], *runs]:
            shop = corrected(shop, changes)
            baskets = as_baskets(shop, chance)
            check(refresh(baskets, Path(name) / "pairs", CAP, most_recounted=99.0).pairs, baskets)


@settings(deadline=None, max_examples=30)
@given(shop=shops, seed=st.integers(0, 99))
def test_the_same_orders_are_not_counted_again(shop, seed):
    chance = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        refresh(as_baskets(shop, chance), Path(name), CAP)
        again = refresh(as_baskets(shop, chance), Path(name), CAP)
        assert (again.n_lines_recounted, again.n_dirty_days, again.is_full) == (0, 0, False)
        check(again.pairs, as_baskets(shop, np.random.default_rng(5)))
