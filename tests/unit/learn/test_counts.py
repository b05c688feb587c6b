"""Pair counts that remember: what is counted again, and that it comes to the same."""

from dataclasses import replace

import numpy as np
import pytest

from crosslift.learn import counts
from crosslift.learn.baskets import Baskets
from crosslift.learn.counts import DAY, counted_pairs, refresh
from crosslift.stats.pairs import count_pairs

CAP = 3


def shop(n_orders=400, n_products=30, n_customers=80, days=20):
    chance = np.random.default_rng(3)
    held = [np.sort(chance.choice(n_products, chance.integers(1, 6), replace=False)) for _ in range(n_orders)]
    offsets = np.cumsum([0, *map(len, held)]).astype(np.int64)
    at = np.sort(chance.integers(0, days, n_orders)) * DAY
    customers = chance.integers(0, n_customers, n_orders)
    known, strata = np.ones(n_orders, bool), np.zeros(n_orders, np.int64)
    names = [f"p{n:02}" for n in range(n_products)]
    return Baskets(names, np.concatenate(held).astype(np.int32), offsets, at, customers, known, strata)


def full(baskets):
    return count_pairs(
        baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, cap_per_group=CAP, weighted=True
    )


def check(pairs, baskets):
    wanted = full(baskets)
    for name in ("first", "second", "n_both", "n_groups", "n_effective"):
        np.testing.assert_array_equal(getattr(pairs, name), getattr(wanted, name))
    np.testing.assert_allclose(pairs.weight, wanted.weight, rtol=1e-12)


def test_without_a_folder_everything_is_counted():
    baskets = shop()
    check(counted_pairs(baskets, None, CAP), baskets)


def test_one_dirty_day_recounts_that_day_and_its_customers_alone(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    last = baskets.at == baskets.at.max()
    kept = baskets.take(~(last & (np.cumsum(last) <= 3)))  # three orders of the last day are returned
    again = refresh(kept, tmp_path, CAP)
    touched = np.unique(baskets.customers[np.flatnonzero(last)[:3]])
    assert (again.is_full, again.n_dirty_days) == (False, 1)
    assert 0 < again.n_customers_recounted <= 2 * len(touched)
    dirty = sum(int(b.sizes[b.at == baskets.at.max()].sum()) for b in (baskets, kept))
    theirs = sum(int(b.sizes[np.isin(b.customers, touched)].sum()) for b in (baskets, kept))
    assert 0 < again.n_lines_recounted <= dirty + theirs < len(baskets.items)
    check(again.pairs, kept)


def with_customers(baskets, customers):
    return replace(baskets, customers=customers)


def test_merging_two_customers_dirties_no_day_and_unmerging_gives_the_same_counts_again(tmp_path):
    baskets = shop()
    before = refresh(baskets, tmp_path, CAP).pairs
    one, other = np.unique(baskets.customers)[:2]
    merged = with_customers(baskets, np.where(baskets.customers == other, one, baskets.customers))
    again = refresh(merged, tmp_path, CAP)
    assert (again.is_full, again.n_dirty_days, again.n_customers_recounted) == (False, 0, 3)  # two are gone, one came
    np.testing.assert_array_equal(again.pairs.n_both, before.n_both)
    assert again.pairs.n_groups.sum() < before.n_groups.sum()
    check(again.pairs, merged)
    back = refresh(baskets, tmp_path, CAP)
    assert (back.is_full, back.n_customers_recounted) == (False, 3)
    check(back.pairs, baskets)


def test_an_erased_customer_whose_orders_stay_nameless_touches_no_one_else(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    theirs = baskets.customers == baskets.customers[0]
    nameless = with_customers(baskets, np.where(theirs, 1000 + np.arange(400), baskets.customers))
    again = refresh(nameless, tmp_path, CAP)
    assert not again.is_full
    assert again.n_customers_recounted == 1 + int((baskets.sizes[theirs] >= 2).sum())
    check(again.pairs, nameless)


def test_customers_may_be_numbered_anew(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    numbers = np.random.default_rng(4).permutation(10**9 + np.arange(80))
    again = refresh(with_customers(baskets, numbers[baskets.customers]), tmp_path, CAP)
    assert (again.is_full, again.n_dirty_days, again.n_lines_recounted) == (False, 0, 0)


def without(baskets, gone, new=()):
    """The same shop where some products were never sold; new names sort before all others."""
    keep = ~np.isin(baskets.items, gone)
    sizes = np.add.reduceat(keep, baskets.offsets[:-1])
    number = np.cumsum(~np.isin(np.arange(baskets.n_items), gone)) - 1 + len(new)
    names = [*new, *(name for i, name in enumerate(baskets.products) if i not in gone)]
    items, offsets = number[baskets.items[keep]].astype(np.int32), np.concatenate([[0], np.cumsum(sizes)])
    return replace(baskets, products=names, items=items, offsets=offsets)


@pytest.mark.parametrize("most_changed", [0, 9], ids=["pairs are written anew", "changes are kept beside the pairs"])
def test_products_may_come_and_go_and_come_back(tmp_path, monkeypatch, most_changed):
    monkeypatch.setattr(counts, "MOST_CHANGED", most_changed)
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    written = (tmp_path / "pairs").stat().st_ino
    for now in (without(baskets, [3, 17], ["a new one"]), without(baskets, [5]), baskets):
        again = refresh(now, tmp_path, CAP, most_recounted=9.0)
        assert not again.is_full
        check(again.pairs, now)
    assert ((tmp_path / "pairs").stat().st_ino == written) == (most_changed == 9)


def test_a_few_changes_leave_the_large_file_as_it_is_and_many_write_it_anew(tmp_path, monkeypatch):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    begun = (tmp_path / "pairs").stat().st_ino
    monkeypatch.setattr(counts, "MOST_CHANGED", 0.5)
    seen = []
    for n_gone in range(2, 120, 8):
        now = baskets.take(np.arange(n_gone, 400))
        again = refresh(now, tmp_path, CAP)
        assert not again.is_full
        check(again.pairs, now)
        seen.append((tmp_path / "pairs").stat().st_ino == begun)
    assert seen[0]
    assert not seen[-1]


def test_a_moved_order_dirties_two_days_and_no_customer(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    at = baskets.at.copy()
    at[np.flatnonzero(baskets.sizes >= 2)[0]] += 5 * DAY
    moved = replace(baskets, at=at)
    again = refresh(moved, tmp_path, CAP)
    assert (again.n_dirty_days, again.n_customers_recounted, again.is_full) == (2, 0, False)
    check(again.pairs, moved)
    assert refresh(moved, tmp_path, CAP).n_dirty_days == 0


def test_a_shop_that_changed_altogether_is_counted_in_full(tmp_path):
    refresh(shop(), tmp_path, CAP)
    baskets = shop(n_customers=7)
    again = refresh(baskets, tmp_path, CAP)
    assert again.is_full
    check(again.pairs, baskets)


def test_another_cap_is_counted_anew(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    assert refresh(baskets, tmp_path, CAP + 1).is_full


def test_a_shop_without_pairs_is_remembered_too(tmp_path):
    alone = shop().take(np.zeros(400, bool))
    assert len(counted_pairs(alone, tmp_path, CAP)) == 0
    baskets = shop()
    check(counted_pairs(baskets, tmp_path, CAP), baskets)
    assert len(counted_pairs(alone, tmp_path, CAP)) == 0


def test_a_full_pass_clears_out_what_it_cannot_use(tmp_path):
    folder = tmp_path / "pairs"
    folder.mkdir()
    (folder / "lines.parquet").write_bytes(b"of an older format")
    (folder / "pairs.writing").write_bytes(b"of a run that was killed")
    assert refresh(shop(), folder, CAP).is_full
    for n in (390, 380):
        refresh(shop().take(np.arange(n)), folder, CAP)
        assert {file.name for file in folder.iterdir()} == {"ledger", "orders", "pairs"}
