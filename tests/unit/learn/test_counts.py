"""The ledger of pair counts: what it recounts, what it refuses to use."""

import numpy as np
import pytest

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


def test_one_dirty_day_recounts_its_customers_alone(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    last = baskets.at == baskets.at.max()
    kept = baskets.take(~(last & (np.cumsum(last) <= 3)))  # three orders of the last day are returned
    again = refresh(kept, tmp_path, CAP)
    touched = np.unique(baskets.customers[np.flatnonzero(last)[:3]])
    assert (again.is_full, again.n_dirty_days) == (False, 1)
    assert 0 < again.n_customers_recounted <= 2 * len(touched)
    lines = sum(int(b.sizes[np.isin(b.customers, touched)].sum()) for b in (baskets, kept))
    assert 0 < again.n_lines_recounted <= lines < len(baskets.items)
    check(again.pairs, kept)


def test_products_may_come_and_go(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    gone = [3, 17]
    keep = ~np.isin(baskets.items, gone)
    sizes = np.add.reduceat(keep, baskets.offsets[:-1])
    number = np.cumsum(~np.isin(np.arange(30), gone)) - 1 + 1  # one new product sorts before all others
    names = ["a new one", *(name for i, name in enumerate(baskets.products) if i not in gone)]
    fewer = Baskets(
        names, number[baskets.items[keep]].astype(np.int32), np.concatenate([[0], np.cumsum(sizes)]), baskets.at,
        baskets.customers, baskets.known, baskets.strata,
    )  # fmt: skip
    again = refresh(fewer, tmp_path, CAP, most_recounted=2.0)
    assert not again.is_full
    check(again.pairs, fewer)


def test_a_moved_order_dirties_two_days_and_changes_no_count(tmp_path):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    at = baskets.at.copy()
    at[np.flatnonzero(baskets.sizes >= 2)[0]] += 5 * DAY
    moved = Baskets(
        baskets.products, baskets.items, baskets.offsets, at, baskets.customers, baskets.known, baskets.strata
    )
    again = refresh(moved, tmp_path, CAP)
    assert (again.n_dirty_days, again.n_lines_recounted) == (2, 0)
    check(again.pairs, moved)
    assert refresh(moved, tmp_path, CAP).n_dirty_days == 0


def test_a_shop_that_changed_altogether_is_counted_in_full(tmp_path):
    refresh(shop(), tmp_path, CAP)
    baskets = shop(n_customers=7)
    again = refresh(baskets, tmp_path, CAP)
    assert again.is_full
    check(again.pairs, baskets)


@pytest.mark.parametrize("name", ["pairs", "lines", "baskets", "customers", "change"])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "empty"])
def test_a_damaged_ledger_is_not_used(tmp_path, name, harm):
    baskets = shop()
    refresh(baskets, tmp_path, CAP)
    file = tmp_path / f"{name}.parquet"
    content = bytearray(file.read_bytes())
    content[60] ^= 0xFF  # inside the first page
    harmed = {"flip": bytes(content), "cut": file.read_bytes()[:-40], "empty": b""}
    file.unlink() if harm == "remove" else file.write_bytes(harmed[harm])
    again = refresh(baskets, tmp_path, CAP)
    assert again.is_full
    check(again.pairs, baskets)
    assert not refresh(baskets, tmp_path, CAP).is_full


def test_files_of_two_runs_are_not_mixed(tmp_path):
    baskets = shop()
    refresh(baskets.take(np.arange(300)), tmp_path, CAP)
    stale = (tmp_path / "lines.parquet").read_bytes()
    refresh(baskets, tmp_path, CAP)
    (tmp_path / "lines.parquet").write_bytes(stale)
    assert refresh(baskets, tmp_path, CAP).is_full


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
