"""Pair counts that remember: only customers whose orders changed since the last run are counted again.

Every count of a pair is a sum over customers (baskets with both, at most one, at most the cap, the weight), and what
a customer adds depends on nothing but which baskets are his. So a return, an edit, a late order, a merge of two
customers or an erased one all come to the same: the histories that are gone are taken off, the new ones added. That
is exact for every column at once, and it needs no numbers that stay the same between runs. Days tell what became
dirty; whatever is global (kappa, expected counts, tests) is worked out afresh from the counts.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.ledger_files import Bought, Ledger, read_ledger, write_ledger
from crosslift.stats.pairs import PairCounts, count_pairs

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

DAY = 86_400_000_000
MOST_CHANGED = 0.1
"""Changes are kept beside the counts until they are this share of the pairs; then all is written anew."""

ROUNDING = 1e-9
COUNTS = ("n_both", "n_groups", "n_effective", "weight")
MOST_RECOUNTED = 0.5
"""Where more than this share of the lines would be counted again, everything is: that takes no longer."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Counts as `count_pairs` gives them, and what had to be done for them."""

    pairs: PairCounts
    n_dirty_days: int
    n_customers_recounted: int
    n_lines_recounted: int
    is_full: bool


def counted_pairs(counted: Baskets, folder: Path | None, cap_per_group: int) -> PairCounts:
    """Count all pairs of the baskets with distinct customers, effective baskets and weight, by what is remembered.

    Parameters
    ----------
    counted : Baskets
        The baskets that count, in any order, customers and products numbered in any way.
    folder : Path or None
        Where the last counts are kept, made if missing. Without it everything is counted. What is damaged, of
        another format or another cap is not used.
    cap_per_group : int
        As in `count_pairs`.

    Returns
    -------
    PairCounts
        Integers equal to those of `count_pairs` over all baskets, `weight` to rounding.
    """
    return refresh(counted, folder, cap_per_group).pairs


def refresh(
    counted: Baskets, folder: Path | None, cap_per_group: int, *, most_recounted: float = MOST_RECOUNTED
) -> Refreshed:
    """Do what `counted_pairs` does, and say how much of it there was."""
    old = read_ledger(folder, cap_per_group) if folder else None
    now = _bought(counted)
    recount = None if old is None else _recount(old, now)
    if old is None or recount is None or recount.n_lines > most_recounted * len(now.items):
        pairs, kept = _count(now, None, cap_per_group), None
        done = Refreshed(pairs, len(now.days), len(now.histories), len(now.items), True)
    else:
        pairs, kept = _corrected(old, now, recount)
        dirty = {
            day for day in old.bought.days.keys() | now.days.keys() if old.bought.days.get(day) != now.days.get(day)
        }
        done = Refreshed(pairs, len(dirty), recount.n_customers, recount.n_lines, False)
        if not dirty and not recount.n_customers:
            return done
    if folder:
        write_ledger(folder, kept or Ledger(now, pairs, _no_change(), cap_per_group, None))
    return done


@dataclass(frozen=True, slots=True)
class Recount:
    """Which baskets are of customers whose history is gone, or came; masks over the old and the new baskets."""

    is_gone: npt.NDArray[np.bool_]
    is_new: npt.NDArray[np.bool_]
    n_customers: int
    n_lines: int


def _bought(counted: Baskets) -> Bought:
    """Leave out baskets of one product, which make no pair, and hash customers and days."""
    kept = counted.sizes >= 2
    items, offsets = _taken(counted.items, counted.offsets, kept)
    of_basket = _basket_hashes(counted.products, items, offsets)
    customers, histories = _histories(counted.customers[kept], of_basket)
    return Bought(counted.products, items, offsets, customers, histories, _day_hashes(counted.at[kept], of_basket))


def _recount(old: Ledger, now: Bought) -> Recount:
    gone, came = _difference(old.bought.histories, now.histories)
    is_gone = _marked(gone, len(old.bought.histories))[old.bought.customers]
    is_new = _marked(came, len(now.histories))[now.customers]
    n_lines = np.diff(old.bought.offsets)[is_gone].sum() + np.diff(now.offsets)[is_new].sum()
    return Recount(is_gone, is_new, len(gone) + len(came), int(n_lines))


def _corrected(old: Ledger, now: Bought, recount: Recount) -> tuple[PairCounts, Ledger]:
    """Take the histories that are gone off the old counts and add the new ones; also give what to keep.

    As long as the products stay, the large file of pairs does too, and the small one of changes since grows.
    """
    less = _signed(_count(old.bought, recount.is_gone, old.cap_per_group), -1)
    more = _count(now, recount.is_new, old.cap_per_group)
    n_old = len(old.bought.products)
    if old.bought.products == now.products:
        change = _net([old.change, less, more], n_old)
        pairs = _applied(old.pairs, change, n_old)
        if len(change) <= MOST_CHANGED * len(old.pairs):
            return pairs, Ledger(now, old.pairs, change, old.cap_per_group, old.stamp)
    else:
        left = _applied(old.pairs, _net([old.change, less], n_old), n_old)
        pairs = _applied(_renamed(left, old.bought.products, now.products), more, len(now.products))
    return pairs, Ledger(now, pairs, _no_change(), old.cap_per_group, None)


def _count(bought: Bought, chosen: npt.NDArray[np.bool_] | None, cap: int) -> PairCounts:
    """Count the pairs of all baskets or of some."""
    items, offsets, customers = bought.items, bought.offsets, bought.customers
    if chosen is not None:
        (items, offsets), customers = _taken(items, offsets, chosen), customers[chosen]
    return count_pairs(items, offsets, len(bought.products), groups=customers, cap_per_group=cap, weighted=True)


def _basket_hashes(products: list[str], items: npt.NDArray[np.int32], offsets: Ints) -> Hashes:
    """Hash each basket by the names of its products, in any order."""
    digests = b"".join(blake2b(name.encode(), digest_size=8).digest() for name in products)
    of_line = np.frombuffer(digests, np.uint64)[items]
    return _mixed(np.add.reduceat(of_line, offsets[:-1])) if len(of_line) else np.zeros(0, np.uint64)


def _histories(numbers: Ints, of_basket: Hashes) -> tuple[Ints, Hashes]:
    """Number customers from 0 and hash the baskets of each, in any order.

    64 bits: among a million customers a changed history is mistaken for an old one once in 10^13 changes.
    """
    _, customers = np.unique(numbers, return_inverse=True)
    order = np.argsort(customers, kind="stable")
    begins = np.searchsorted(customers[order], np.arange(customers.max() + 1)) if len(customers) else order
    return customers, np.add.reduceat(of_basket[order], begins) if len(order) else np.zeros(0, np.uint64)


def _day_hashes(at: Ints, of_basket: Hashes) -> dict[int, int]:
    """Hash the baskets of each day, in any order."""
    order = np.argsort(at, kind="stable")
    days, begins = np.unique(at[order] // DAY, return_index=True)
    sums = np.add.reduceat(of_basket[order], begins) if len(begins) else np.zeros(0, np.uint64)
    return dict(zip(days.tolist(), sums.tolist(), strict=True))


def _mixed(values: Hashes) -> Hashes:
    """Spread each number over all 64 bits, so that sums of them collide by chance alone (splitmix64)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return mixed ^ mixed >> np.uint64(31)


def _difference(old: Hashes, new: Hashes) -> tuple[Ints, Ints]:
    """Give the places of old values that are gone and of new ones that came; equal values cancel one by one."""
    order = np.argsort(np.concatenate([old, new]), kind="stable")  # of equal values the old ones first
    values = np.concatenate([old, new])[order]
    is_new = order >= len(old)
    begins = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else order
    run = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(values))))
    n_old = np.bincount(run, ~is_new, len(begins)).astype(np.int64)
    n_new = np.bincount(run, is_new, len(begins)).astype(np.int64)
    place = np.arange(len(values)) - begins[run]  # within equal values
    place = np.where(is_new, place - n_old[run], place)
    unmatched = place >= np.minimum(n_old, n_new)[run]
    return order[unmatched & ~is_new], order[unmatched & is_new] - len(old)


def _marked(places: Ints, size: int) -> npt.NDArray[np.bool_]:
    marks = np.zeros(size, np.bool_)
    marks[places] = True
    return marks


def _taken(
    items: npt.NDArray[np.int32], offsets: Ints, chosen: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], Ints]:
    sizes = np.diff(offsets)
    return items[np.repeat(chosen, sizes)], np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64)


def _renamed(pairs: PairCounts, old: list[str], new: list[str]) -> PairCounts:
    """Give pairs their items' new numbers; both numberings follow the sorted names, so the order stays."""
    number = {name: i for i, name in enumerate(new)}
    numbers = np.array([number.get(name, -1) for name in old], np.int32)
    return replace(pairs, first=numbers[pairs.first], second=numbers[pairs.second])


def _signed(pairs: PairCounts, sign: int) -> PairCounts:
    return replace(pairs, **{name: sign * getattr(pairs, name) for name in COUNTS})


def _no_change() -> PairCounts:
    none = np.zeros(0, np.int32)
    return PairCounts(none, none, none, none, none, np.zeros(0))


def _net(changes: Sequence[PairCounts], n_items: int) -> PairCounts:
    """Add up signed changes pair by pair; what evens out is left out."""
    keys = np.concatenate([_keys(change, n_items) for change in changes])
    if not len(keys):
        return _no_change()
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    columns = {name: np.concatenate([getattr(change, name) for change in changes])[order] for name in COUNTS}
    totals = {name: np.add.reduceat(column, begins).astype(column.dtype) for name, column in columns.items()}
    is_change = np.abs(totals["weight"]) > ROUNDING
    for name in COUNTS[:3]:
        is_change |= totals[name] != 0
    first, second = np.divmod(keys[begins][is_change], n_items)
    counts = {name: total[is_change] for name, total in totals.items()}
    return PairCounts(first.astype(np.int32), second.astype(np.int32), **counts)


def _applied(pairs: PairCounts, change: PairCounts, n_items: int) -> PairCounts:
    """Add a change to counts; pairs that never meet any more are dropped."""
    if not len(change):
        return pairs
    keys, changed = _keys(pairs, n_items), _keys(change, n_items)
    place = np.searchsorted(keys, changed)
    found = place < len(keys)
    found[found] = keys[place[found]] == changed[found]
    lost = place[found][pairs.n_both[place[found]] + change.n_both[found] == 0]
    at = place[~found]
    changed_at = place[found] + np.searchsorted(at, place[found], side="right")  # once the new ones are in
    lost += np.searchsorted(at, lost, side="right")

    def total(name: str) -> Any:
        ours, theirs = getattr(pairs, name), getattr(change, name)
        values = np.insert(ours, at, theirs[~found])
        if name in COUNTS:
            values[changed_at] += theirs[found]
        return np.delete(values, lost) if len(lost) else values

    with ThreadPoolExecutor() as threads:  # columns are long, and numpy lets them be copied side by side
        return PairCounts(*threads.map(total, ("first", "second", *COUNTS)))


def _keys(pairs: PairCounts, n_items: int) -> Ints:
    return pairs.first.astype(np.int64) * n_items + pairs.second
