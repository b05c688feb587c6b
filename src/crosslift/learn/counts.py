"""Pair counts that remember: only days and customers whose orders changed since the last run are counted again.

Baskets with both products, and their weight, are sums over days of order. A day is known by the hash of its baskets; where
that differs from the last run's (a return, an edit, a late or an erased order) the day is dirty: its old baskets are taken
off, its new ones added.

Distinct customers, and baskets of which a customer counts for at most so many, are sums over customers. Their numbers mean
nothing from run to run, so a customer is known by the hash of all his baskets. Touched are those whose history is gone or
new: an order of theirs on a dirty day, two merged, one split or erased. Their old histories are taken off and their new ones
added, as far as these differ.

Both are exact. Whatever is global (kappa, expected counts, tests) is worked out afresh from the counts.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.learn.baskets import Baskets
from crosslift.learn.ledger_files import Bought, KeptPairs, Ledger, forget_ledger, read_ledger, write_ledger
from crosslift.stats.pairs import PairCounts, count_pairs

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

DAY = 86_400_000_000
MOST_CHANGED = 0.03
"""Changes are kept beside the pairs until they are this share of them; then all is written anew."""

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
        The baskets that count, in any order, customers numbered in any way, products by their sorted names.
    folder : Path or None
        Where the last counts are kept, a folder of their own, made if missing; it may be deleted at any time. Without it
        everything is counted. What is damaged, of another format or another cap is not used.
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
    now = _bought(counted, old.bought if old else None)
    recount = _recount(old.bought, now) if old else None
    if old is None or recount is None or recount.n_lines > most_recounted * len(now.items):
        pairs = count_pairs(
            now.items, now.offsets, len(now.products), groups=now.customers, cap_per_group=cap_per_group, weighted=True
        )
        if folder:
            forget_ledger(folder)
            write_ledger(folder, _anew(now, pairs, cap_per_group))
        return Refreshed(pairs, len(_days(now)), len(_histories(now)), len(now.items), True)
    pairs, ledger = _corrected(old, now, recount)
    if folder and (recount.n_days or recount.n_customers):
        write_ledger(folder, ledger)
    return Refreshed(pairs, recount.n_days, recount.n_customers, recount.n_lines, False)


@dataclass(frozen=True, slots=True)
class Recount:
    """Which baskets are of dirty days, and which of touched customers: masks over the last run's and over today's."""

    old_days: Bools
    new_days: Bools
    old_customers: Bools
    new_customers: Bools
    n_days: int
    n_customers: int
    n_lines: int


def _recount(old: Bought, now: Bought) -> Recount:
    before, after = _days(old), _days(now)
    dirty = [day for day in before.keys() | after.keys() if before.get(day) != after.get(day)]
    gone, came = _difference(_histories(old), _histories(now))
    old_masks = np.isin(old.dates, dirty), gone[old.customers]
    new_masks = np.isin(now.dates, dirty), came[now.customers]
    n_lines = sum(int(np.diff(old.offsets)[mask].sum()) for mask in old_masks)
    n_lines += sum(int(np.diff(now.offsets)[mask].sum()) for mask in new_masks)
    return Recount(
        old_masks[0], new_masks[0], old_masks[1], new_masks[1], len(dirty), int(gone.sum() + came.sum()), n_lines
    )


def _corrected(old: Ledger, now: Bought, recount: Recount) -> tuple[PairCounts, Ledger]:
    """Take dirty days and touched customers off as they were, add them as they are; give counts and what to keep.

    All is numbered by every name since the pairs were last written whole. So they need not be written again: what has
    changed since then is kept beside them.
    """
    products, cap = now.products, old.cap_per_group
    if old.bought.products != products:
        products = sorted({*old.bought.products, *products})
    place = _places(old.bought.products, products)
    kept = replace(old.kept, products=place[old.kept.products])
    was, new = _renumbered(old.bought, products), _renumbered(now, products)
    of_days = _taken(was, recount.old_days), _taken(new, recount.new_days)
    of_customers = _differing(_taken(was, recount.old_customers), _taken(new, recount.new_customers), len(products))
    changes = [replace(old.change, first=place[old.change.first], second=place[old.change.second])]
    for sign, day, customer in zip((-1, 1), of_days, of_customers, strict=True):
        by_day = count_pairs(day.items, day.offsets, len(products), weighted=True)
        by_customer = count_pairs(
            customer.items, customer.offsets, len(products), groups=customer.customers, cap_per_group=cap
        )
        changes += _signed(sign, by_day, ("n_both", "weight")), _signed(sign, by_customer, ("n_groups", "n_effective"))
    change = _net(changes, len(products))
    pairs = _applied(kept, change, _places(products, now.products))
    if len(change) > MOST_CHANGED * len(kept):
        return pairs, _anew(now, pairs, cap)
    return pairs, Ledger(new, kept, change, cap, old.written)


def _anew(bought: Bought, pairs: PairCounts, cap_per_group: int) -> Ledger:
    """Make a ledger of counts that are all written."""
    numbers = np.arange(len(bought.products), dtype=np.int32)
    starts = np.searchsorted(pairs.first, np.arange(len(numbers) + 1))
    kept = KeptPairs(numbers, starts, pairs.second, *(getattr(pairs, name) for name in COUNTS))
    return Ledger(bought, kept, _no_change(), cap_per_group, None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Baskets that are counted again, and whose they are, customers numbered from 0."""

    items: Items
    offsets: Ints
    customers: Items
    hashes: Hashes

    def __len__(self) -> int:
        return int(self.customers.size)

    def lines(self, owners: Ints, n_items: int) -> Ints:
        """Name the owner and the product of each line by one number."""
        return np.repeat(owners, np.diff(self.offsets)) * n_items + self.items

    def keep(self, lines: Bools) -> "Chosen":
        """Leave lines out of their baskets."""
        n_kept = np.concatenate([[0], np.cumsum(lines)])
        return replace(self, items=self.items[lines], offsets=n_kept[self.offsets])


def _taken(bought: Bought, mask: Bools) -> Chosen:
    """Take some baskets without touching the others."""
    chosen = np.flatnonzero(mask)
    starts, sizes = bought.offsets[chosen], bought.offsets[chosen + 1] - bought.offsets[chosen]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    items = bought.items[np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)]
    return Chosen(items, offsets, _numbered(bought.customers[chosen])[1], bought.basket_hashes[chosen])


def _differing(old: Chosen, new: Chosen, n_items: int) -> tuple[Chosen, Chosen]:
    """Keep of each customer only products of the baskets that are gone or came; no other pair of his can have changed.

    The same customer is who has the same lowest hash of a basket. Where that is mistaken, or nobody has it, more of the
    baskets differ, and more is counted.
    """
    _, same_old, same_new = np.intersect1d(_lowest(old), _lowest(new), return_indices=True)
    names = len(old) + np.arange(len(new))
    names[same_new] = same_old
    old_owners, new_owners = old.customers.astype(np.int64), names[new.customers]
    gone, came = _difference(old.hashes + old_owners.astype(np.uint64), new.hashes + new_owners.astype(np.uint64))
    old_lines, new_lines = old.lines(old_owners, n_items), new.lines(new_owners, n_items)
    differing = old_lines[np.repeat(gone, np.diff(old.offsets))], new_lines[np.repeat(came, np.diff(new.offsets))]
    wanted = np.unique(np.concatenate(differing))
    return old.keep(np.isin(old_lines, wanted)), new.keep(np.isin(new_lines, wanted))


def _lowest(chosen: Chosen) -> Hashes:
    """Give the lowest hash of a basket of each customer."""
    lowest = np.full(chosen.customers.max(initial=-1) + 1, np.iinfo(np.uint64).max)
    np.minimum.at(lowest, chosen.customers, chosen.hashes)
    return lowest


def _bought(baskets: Baskets, last: Bought | None) -> Bought:
    """Leave out baskets of one product, which make no pair, and hash the others."""
    sizes = baskets.sizes
    several = sizes >= 2
    items, offsets = baskets.items[np.repeat(several, sizes)], np.concatenate([[0], np.cumsum(sizes[several])])
    hashes = _name_hashes(baskets.products, last)
    of_basket = _mixed(np.add.reduceat(hashes[items], offsets[:-1])) if len(items) else np.zeros(0, np.uint64)
    _, customers = _numbered(baskets.customers[several])
    dates = (baskets.at[several] // DAY).astype(np.int32)
    return Bought(baskets.products, hashes, items, offsets, customers, dates, of_basket)


def _histories(bought: Bought) -> Hashes:
    """Hash the baskets of each customer, in any order.

    64 bits: among a million customers a changed history is mistaken for an old one once in 10^13 changes.
    """
    return _sums(bought.basket_hashes, bought.customers, int(bought.customers.max(initial=-1)) + 1)


def _days(bought: Bought) -> dict[int, int]:
    """Hash the baskets of each day, in any order."""
    days, numbers = _numbered(bought.dates)
    return dict(zip(days.tolist(), _sums(bought.basket_hashes, numbers, len(days)).tolist(), strict=True))


def _numbered(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Items]:
    """Give distinct values in the order they are met, and each value's place among them."""
    encoded = pa.array(values).dictionary_encode()
    return np.asarray(encoded.dictionary), np.asarray(encoded.indices)


def _name_hashes(products: list[str], last: Bought | None) -> Hashes:
    """Hash names of products, or take the hashes over from the last run."""
    if last and last.products == products:
        return last.name_hashes
    known = dict(zip(last.products, last.name_hashes.tolist(), strict=True)) if last else {}
    return np.array([known[name] if name in known else _name_hash(name) for name in products], np.uint64)


def _name_hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def _sums(values: Hashes, groups: Items, n_groups: int) -> Hashes:
    """Add up hashes by group, in any order, modulo 2^64."""
    sums = np.zeros(n_groups, np.uint64)
    np.add.at(sums, groups, values)
    return sums


def _mixed(values: Hashes) -> Hashes:
    """Spread each number over all 64 bits, so that sums of them collide by chance alone (splitmix64)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return mixed ^ mixed >> np.uint64(31)


def _difference(old: Hashes, new: Hashes) -> tuple[Bools, Bools]:
    """Mark old values that are gone and new ones that came; equal values cancel one by one."""
    order = np.argsort(np.concatenate([old, new]), kind="stable")  # of equal values the old ones first
    values = np.concatenate([old, new])[order]
    is_new = order >= len(old)
    begins = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else order
    run = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(values))))
    n_old = np.bincount(run, ~is_new, len(begins)).astype(np.int64)
    n_new = np.bincount(run, is_new, len(begins)).astype(np.int64)
    place = np.arange(len(values)) - begins[run]  # within equal values
    place = np.where(is_new, place - n_old[run], place)
    unmatched = np.empty(len(values), np.bool_)
    unmatched[order] = place >= np.minimum(n_old, n_new)[run]
    return unmatched[: len(old)], unmatched[len(old) :]


def _places(names: list[str], among: list[str]) -> Items:
    """Find names among others, −1 where they are not; as both are sorted, places ascend."""
    if names == among:
        return np.arange(len(names), dtype=np.int32)
    place = {name: i for i, name in enumerate(among)}
    return np.array([place.get(name, -1) for name in names], np.int32)


def _renumbered(bought: Bought, products: list[str]) -> Bought:
    """Number the same baskets by a longer list of products."""
    if bought.products == products:
        return bought
    place = _places(bought.products, products)
    return replace(bought, products=products, items=place[bought.items], name_hashes=_name_hashes(products, bought))


def _no_change() -> PairCounts:
    none = np.zeros(0, np.int32)
    return PairCounts(none, none, none, none, none, np.zeros(0))


def _signed(sign: int, pairs: PairCounts, names: Sequence[str]) -> PairCounts:
    """Give some of the counts as a change, the others as unchanged."""
    none = np.zeros(len(pairs), np.int32)
    columns: dict[str, Any] = {name: sign * getattr(pairs, name) if name in names else none for name in COUNTS}
    return replace(pairs, **columns)


def _net(changes: Sequence[PairCounts], n_items: int) -> PairCounts:
    """Add up changes pair by pair; what evens out is left out."""
    keys = np.concatenate([change.first.astype(np.int64) * n_items + change.second for change in changes])
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


def _applied(kept: KeptPairs, change: PairCounts, numbers: Items) -> PairCounts:
    """Add a change to the pairs that are kept, and give products their `numbers`; pairs that never meet are dropped."""
    place, is_found = _find(kept, change, len(numbers))
    is_lost = np.zeros(len(change), np.bool_)
    is_lost[is_found] = kept.n_both[place[is_found]] + change.n_both[is_found] == 0
    lost, new, changed = place[is_lost], ~is_found, is_found & ~is_lost
    at = place[new] - np.searchsorted(lost, place[new]) + np.arange(int(new.sum()))
    changed_at = place[changed] - np.searchsorted(lost, place[changed])
    changed_at += np.searchsorted(place[new], place[changed], side="right")
    is_kept = np.ones(len(kept) - len(lost) + len(at), np.bool_)
    is_kept[at] = False
    renamed = numbers[kept.products]
    is_renamed = not np.array_equal(renamed, np.arange(len(renamed)))

    def total(name: str) -> Any:
        ours, theirs = getattr(kept, name), getattr(change, name)
        if name == "second":
            ours, theirs = renamed[ours] if is_renamed else ours, numbers[theirs]
        values = np.empty(len(is_kept), ours.dtype)
        values[is_kept] = np.delete(ours, lost) if len(lost) else ours
        values[at] = theirs[new]
        if name in COUNTS:
            values[changed_at] += theirs[changed]
        return values

    n_first = np.bincount(change.first[new], minlength=len(numbers))
    n_first -= np.bincount(change.first[is_lost], minlength=len(numbers))
    n_first[kept.products] += np.diff(kept.starts)
    with ThreadPoolExecutor() as threads:  # columns are long, and numpy lets them be copied side by side
        first = threads.submit(np.repeat, numbers, n_first)
        return PairCounts(first.result(), *threads.map(total, ("second", *COUNTS)))


def _find(kept: KeptPairs, change: PairCounts, n_products: int) -> tuple[Ints, Bools]:
    """Find each pair of a change among those kept: where it stands or would stand, and whether it is there."""
    rank = np.searchsorted(kept.products, np.arange(n_products + 1))
    is_kept = np.diff(rank) > 0
    low = kept.starts[rank[change.first]]
    end = high = kept.starts[rank[change.first + 1]]
    second = rank[change.second]
    while len(kept) and (low < high).any():  # all halve their ranges at once
        middle = (low + high) // 2
        is_below = (low < high) & (kept.second[np.minimum(middle, len(kept) - 1)] < second)
        low, high = np.where(is_below, middle + 1, low), np.where(is_below, high, middle)
    is_found = (low < end) & is_kept[change.second]
    is_found[is_found] = kept.second[low[is_found]] == second[is_found]
    return low, is_found
