"""What people did after a search or a read, and whether more of them did it than chance would have it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CUSTOMER = "customer:"
"""Before the id of a known customer; other identities are anonymous."""

MOST = 0.5
"""A key (a query, a page) that more than this share of all that followed belongs to is compared with the whole shop: the
others are too few to say what people do anyway."""


def acts_of(table: pa.Table, person: str, at: str, index: dict[str, int], prefix: str = "") -> pa.Table:
    """Give who did what to which item when; rows without a person, or about products nobody numbers, are left out.

    Returns
    -------
    pa.Table
        identity (text, with the prefix), item (int64), at (int64).
    """
    names = pa.array(list(index), pa.string())
    item = pc.index_in(table.column("product_id"), names)
    kept = pc.and_(pc.is_valid(table.column(person)), pc.is_valid(item))
    identity = pc.binary_join_element_wise(prefix, table.column(person).filter(kept).cast(pa.string()), "")
    numbers = pa.array(list(index.values()), pa.int64())
    return pa.table({
        "identity": identity,
        "item": numbers.take(item.filter(kept).combine_chunks()),
        "at": table.column(at).filter(kept).cast(pa.int64()),
    })  # fmt: skip


def follow(who: Ints, at: Ints, by: Ints, then: Ints, within: int) -> tuple[Ints, Ints]:
    """Pair each act with what the same person did from then on within some time.

    Parameters
    ----------
    who, at : int64 array, shape (first acts,)
        Number of the person, and when.
    by, then : int64 array, shape (second acts,)
        The same of what may follow.
    within : int
        Longest time between, in the unit of the times.

    Returns
    -------
    first, second : int64 array, shape (pairs,)
        Places of the acts.

    Examples
    --------
    Person 1 searched at 10; bought at 9, 10 and 40:

    >>> follow(np.array([1]), np.array([10]), np.array([1, 1, 1, 2]), np.array([9, 10, 40, 11]), within=30)
    (array([0, 0]), array([1, 2]))
    """
    order = np.lexsort((then, by))
    times = np.unique(np.concatenate([at, at + within, then]))
    n_times = max(len(times), 1)
    keys = by[order] * n_times + np.searchsorted(times, then[order])
    low = np.searchsorted(keys, who * n_times + np.searchsorted(times, at), side="left")
    high = np.searchsorted(keys, who * n_times + np.searchsorted(times, at + within), side="right")
    n = high - low
    first = np.repeat(np.arange(len(who)), n)
    place = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(low, n)
    return first, order[place]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Pairs of a key and an item that more people did than chance explains; arrays of shape (pairs,)."""

    keys: Ints
    items: Ints
    n_people: Ints
    expected: Floats
    lift: Floats
    q_value: Floats


def beyond_chance(
    people: Ints, keys: Ints, items: Ints, popularity: Floats, n_keys: int, n_tests: int, settings: Settings
) -> Beyond:
    """Find what people do after one key (a query, a page) more than after others.

    A person counts once for a key and item. By chance those who came to a key do what people do after any key: as many
    items as they did do, chosen by popularity. The Poisson upper tail must survive Benjamini-Hochberg.

    Parameters
    ----------
    people, keys, items : int64 array, shape (acts,)
        Who did what after which key; repeats count once.
    popularity : float64 array, shape (items,)
        Share of each item in all the shop saw, for a key that is most of what there is.
    n_keys : int
        How many keys there are.
    n_tests : int
        All pairs that could have been.
    """
    n_items = len(popularity)
    cells = np.unique((people * n_keys + keys) * n_items + items)
    pair = cells % (n_keys * n_items)
    pairs, n_people = np.unique(pair, return_counts=True)
    key, item = pairs // n_items, pairs % n_items
    of_key = np.bincount(pair // n_items, minlength=n_keys)
    of_item = np.bincount(pair % n_items, minlength=n_items)
    total = max(len(cells), 1)
    share = np.where(of_key[key] > MOST * total, popularity[item], of_item[item] / total)
    expected = of_key[key] * share
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = n_people / expected
    q_value = multiplicity.adjust(chance.poisson_tail(n_people, expected), "bh", n_tests=max(n_tests, len(pairs)))
    holds = (
        (q_value <= settings["learn.max_q_value"])
        & (lift >= settings["learn.min_lift"])
        & (n_people >= settings["learn.min_customers"])
        & (np.round(np.round(expected, 4), 1) < n_people)  # whatever the settings: a sentence must be able to say so
    )
    return Beyond(key[holds], item[holds], n_people[holds], expected[holds], lift[holds], q_value[holds])


def popularity_of(items: Ints, n_items: int) -> Floats:
    """Give the share of each item in some acts."""
    counts = np.bincount(items, minlength=n_items)
    return np.asarray(counts / max(len(items), 1))


def numbered(*columns: pa.ChunkedArray) -> list[Ints]:
    """Number the texts of several columns alike, in sorted order."""
    values = sorted({value for column in columns for value in column.unique().to_pylist()})
    texts = {value: number for number, value in enumerate(values)}
    names, numbers = pa.array(list(texts), pa.string()), np.arange(len(texts), dtype=np.int64)
    return [numbers[pc.index_in(column, names).to_numpy()] if len(column) else numbers[:0] for column in columns]
