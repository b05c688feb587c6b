from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats import pair_engines
from crosslift.stats.kernels import jit_available
from crosslift.stats.pairs import baskets_of, count_pairs

ENGINES = ["scipy", *(["numba"] if jit_available() else [])]
both_engines = pytest.mark.parametrize("engine", ENGINES)


def rows(pairs):
    return list(
        zip(pairs.first.tolist(), pairs.second.tolist(), pairs.n_both.tolist(), pairs.n_groups.tolist(), strict=True)
    )


@both_engines
def test_pairs_come_sorted_with_the_smaller_id_first(engine):
    pairs = count_pairs([3, 0, 2, 0, 3], [0, 3, 5], 4, engine=engine)
    assert rows(pairs) == [(0, 2, 1, 1), (0, 3, 2, 2), (2, 3, 1, 1)]
    assert len(pairs) == 3
    assert {column.dtype for column in (pairs.first, pairs.second, pairs.n_both, pairs.n_groups)} == {
        np.dtype(np.int32)
    }


@both_engines
def test_a_customer_counts_once_however_often_he_buys_the_pair(engine):
    pairs = count_pairs([0, 1, 1, 0, 0, 1], [0, 2, 4, 6], 2, groups=[9, -4, 9], engine=engine)
    assert rows(pairs) == [(0, 1, 3, 2)]


@both_engines
def test_a_mega_buyer_counts_for_the_cap_alone(engine):
    """Sixty baskets of one customer and one of another: 61 in all, 3 + 1 effective."""
    pairs = count_pairs([0, 1] * 61, range(0, 123, 2), 2, groups=[7] * 60 + [8], cap_per_group=3, engine=engine)
    assert (pairs.n_both.tolist(), pairs.n_groups.tolist(), pairs.n_effective.tolist()) == ([61], [2], [4])
    assert pairs.weight is None


@both_engines
def test_returning_customers_are_capped_wherever_their_baskets_stand(engine):
    """Customer 5 in baskets 0, 2 and 4, customer 6 between: the cap counts the customer, not a run of baskets."""
    pairs = count_pairs([0, 1] * 5, range(0, 11, 2), 2, groups=[5, 6, 5, 6, 5], cap_per_group=2, engine=engine)
    assert pairs.n_effective.tolist() == [4]


@both_engines
def test_large_baskets_weigh_less(engine):
    """Items 0 and 1 in a basket of two and in one of four: 1/1 + 1/3."""
    pairs = count_pairs([0, 1, 3, 2, 1, 0], [0, 2, 6], 4, weighted=True, min_count=2, engine=engine)
    assert pairs.weight.tolist() == pytest.approx([4 / 3], rel=1e-15)
    assert pairs.n_effective is None


@both_engines
def test_a_cap_without_customers_changes_nothing(engine):
    pairs = count_pairs([0, 1, 0, 1], [0, 2, 4], 2, cap_per_group=1, engine=engine)
    assert pairs.n_effective.tolist() == pairs.n_both.tolist() == [2]


@both_engines
def test_no_baskets_give_no_capped_pairs(engine):
    pairs = count_pairs([], [0], 5, cap_per_group=1, weighted=True, engine=engine)
    assert (pairs.n_effective.size, pairs.weight.size) == (0, 0)


@both_engines
@pytest.mark.parametrize("far", [1, 2**40])
def test_customer_numbers_may_lie_far_apart(engine, far):
    pairs = count_pairs([0, 1] * 3, [0, 2, 4, 6], 2, groups=[far, -far, far], cap_per_group=1, engine=engine)
    assert (pairs.n_groups.tolist(), pairs.n_effective.tolist()) == ([2], [2])


@both_engines
def test_rare_pairs_are_left_out(engine):
    pairs = count_pairs([0, 1, 2, 0, 1], [0, 3, 5], 3, min_count=2, engine=engine)
    assert rows(pairs) == [(0, 1, 2, 2)]


@both_engines
@pytest.mark.parametrize("groups", [None, []])
def test_no_baskets_give_no_pairs(engine, groups):
    assert rows(count_pairs([], [0], 5, groups=groups, engine=engine)) == []
    assert rows(count_pairs([], [0], 0, groups=groups, engine=engine)) == []


@both_engines
def test_empty_baskets_and_unsold_items_do_no_harm(engine):
    pairs = count_pairs([4, 2], [0, 0, 2, 2], 9, groups=[1, 2, 3], engine=engine)
    assert rows(pairs) == [(2, 4, 1, 1)]


@both_engines
def test_more_items_than_sixteen_bits_hold(engine):
    n_items = 65_536 + 1_000
    items = [n_items - 1, 7, 65_536, 7, n_items - 1]
    pairs = count_pairs(items, [0, 3, 5], n_items, groups=[1, 1], engine=engine)
    assert rows(pairs) == [(7, 65_536, 1, 1), (7, n_items - 1, 2, 1), (65_536, n_items - 1, 1, 1)]


@both_engines
def test_a_basket_of_thousands_keeps_every_pair(engine):
    chance = np.random.default_rng(5)
    large = chance.permutation(6_000)[:3_000]
    pairs = count_pairs(np.concatenate([large, large[:2]]), [0, 3_000, 3_002], 6_000, engine=engine)
    assert len(pairs) == 3_000 * 2_999 // 2
    assert pairs.n_both.sum() == len(pairs) + 1


@pytest.mark.skipif("numba" not in ENGINES, reason="kernels cannot be compiled here")
def test_engines_agree_on_a_shop_counted_in_many_blocks(monkeypatch):
    monkeypatch.setattr(pair_engines, "ROOM_PER_BLOCK", 500)
    monkeypatch.setattr(pair_engines, "INCREMENTS_PER_PRODUCT", 3_000)
    items, offsets, customers = a_shop(3_000, 400)
    for min_count in (1, 4):
        options = {"groups": customers, "cap_per_group": 2, "weighted": True, "min_count": min_count}
        one = count_pairs(items, offsets, 400, **options, engine="numba")
        two = count_pairs(items, offsets, 400, **options, engine="scipy")
        assert rows(one) == rows(two)
        np.testing.assert_array_equal(one.n_effective, two.n_effective)
        np.testing.assert_allclose(one.weight, two.weight, rtol=1e-13)
        assert np.all((one.n_groups <= one.n_effective) & (one.n_effective <= one.n_both))
        assert np.all(one.n_groups <= one.n_both)
        assert np.any(one.n_groups < one.n_both)


@pytest.mark.skipif("numba" not in ENGINES, reason="kernels cannot be compiled here")
def test_several_callers_may_count_at_once():
    items, offsets, customers = a_shop(2_000, 200)
    alone = rows(count_pairs(items, offsets, 200, groups=customers))
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda _: rows(count_pairs(items, offsets, 200, groups=customers)), range(8)))
    assert all(counted == alone for counted in together)


@both_engines
@pytest.mark.parametrize("groups", [None, [5, 1, 3], [1, 3, 5]])
def test_an_item_twice_in_a_basket_is_refused_by_name(engine, groups):
    with pytest.raises(BadInput, match=r"basket 1 holds item 6 more than once; merge its lines with baskets_of"):
        count_pairs([1, 2, 6, 3, 6, 4], [0, 2, 5, 6], 7, groups=groups, engine=engine)


@pytest.mark.parametrize(
    ("items", "offsets", "n_items", "groups", "message"),
    [
        ([0, 3], [0, 2], 3, None, r"item id 3 at line 1 is not in 0\.\.2"),
        ([0, -1], [0, 2], 3, None, r"item id -1 at line 1 is not in 0\.\.2"),
        ([0.5, 1], [0, 2], 3, None, r"item ids are float64; number them"),
        ([0, 1, 2], [0, 2, 1, 3], 3, None, r"offsets fall from 2 to 1 at basket 1"),
        ([0, 1], [0, 1], 3, None, r"offsets end at 1, but there are 2 lines"),
        ([0, 1], [1, 2], 3, None, r"start with 0"),
        ([], [], 3, None, r"start with 0"),
        ([0, 1], [0, 2], 3, [1, 2], r"one whole number for each of the 1 baskets"),
        ([0, 1], [0, 2], 3, ["anna"], r"one whole number for each of the 1 baskets"),
    ],
)
def test_baskets_that_do_not_fit_are_refused(items, offsets, n_items, groups, message):
    with pytest.raises(BadInput, match=message):
        count_pairs(items, offsets, n_items, groups=groups)


def test_unknown_engines_and_counts_are_refused():
    with pytest.raises(BadUsage, match="engine 'spark' is unknown"):
        count_pairs([0, 1], [0, 2], 2, engine="spark")
    with pytest.raises(BadUsage, match="min_count is 0"):
        count_pairs([0, 1], [0, 2], 2, min_count=0)
    with pytest.raises(BadUsage, match="cap_per_group is 0"):
        count_pairs([0, 1], [0, 2], 2, cap_per_group=0)


def test_numba_by_name_is_refused_where_it_cannot_compile(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    assert rows(count_pairs([0, 1], [0, 2], 2)) == [(0, 1, 1, 1)]
    with pytest.raises(BadUsage, match="CROSSLIFT_NO_JIT=1"):
        count_pairs([0, 1], [0, 2], 2, engine="numba")


def test_the_input_is_left_as_it_was():
    items, offsets, groups = np.array([2, 0, 1, 0]), np.array([0, 3, 4]), np.array([2, 1])
    copies = items.copy(), offsets.copy(), groups.copy()
    count_pairs(items, offsets, 3, groups=groups)
    assert all(np.array_equal(*both) for both in zip((items, offsets, groups), copies, strict=True))


def test_repeated_order_lines_become_one_item():
    items, offsets, orders = baskets_of([10, 3, 10, 10], [2, 2, 0, 2])
    assert (items.tolist(), offsets.tolist(), orders.tolist()) == ([2, 0, 2], [0, 1, 3], [3, 10])


def test_orders_may_carry_large_numbers():
    items, offsets, orders = baskets_of([2**62, 5, 2**62], [1, 1, 9_000_000])
    assert (items.tolist(), offsets.tolist(), orders.tolist()) == ([1, 1, 9_000_000], [0, 1, 3], [5, 2**62])


def test_no_lines_make_no_baskets():
    items, offsets, orders = baskets_of([], [])
    assert (items.size, offsets.tolist(), orders.size) == (0, [0], 0)


@pytest.mark.parametrize(
    ("orders", "items", "message"),
    [([1, 2], [0], "one order for each line"), ([1], [-3], "item id -3"), ([1], [0.5], "item ids are float64")],
)
def test_order_lines_that_do_not_fit_are_refused(orders, items, message):
    with pytest.raises(BadInput, match=message):
        baskets_of(orders, items)


def a_shop(n_baskets, n_items):
    chance = np.random.default_rng(11)
    baskets = [chance.permutation(n_items)[: chance.integers(0, 12)] // chance.integers(1, 3) for _ in range(n_baskets)]
    baskets = [np.unique(basket) for basket in baskets]
    offsets = np.cumsum([0, *map(len, baskets)])
    return np.concatenate(baskets), offsets, chance.integers(0, 150, n_baskets)


@pytest.mark.parametrize("engine", ["numba", "scipy"])
def test_without_order_the_pairs_are_the_same(engine):
    if engine == "numba" and not jit_available():
        pytest.skip("no compiler here")
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 6, 200)
    items = np.concatenate([rng.choice(30, size, replace=False) for size in sizes])
    asked = (items, np.concatenate([[0], np.cumsum(sizes)]), 30)
    options = {"groups": rng.integers(0, 40, 200), "cap_per_group": 2, "weighted": True, "engine": engine}
    told, free = count_pairs(*asked, **options), count_pairs(*asked, **options, in_order=False)
    order = np.lexsort((free.second, free.first))
    for name in ("first", "second", "n_both", "n_groups", "n_effective", "weight"):
        assert np.allclose(getattr(free, name)[order], getattr(told, name)), name
