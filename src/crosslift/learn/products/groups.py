"""Groups of the catalog that are bought to go with each other, for the merchant to edit; and products without a companion."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.catalog import ProductKind
from crosslift.learn.catalog import Catalog
from crosslift.settings import Settings
from crosslift.stats.communities import louvain

Array = npt.NDArray[Any]
SEED = 20_110_604

NAMED_CATEGORIES = 2
"""Leaf categories in the name of a group, those of most of its products."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Complementary groups, the largest first.

    Attributes
    ----------
    group_of : int32 array, shape (items,)
        Group of each product; −1 for one that goes with nothing.
    names : sequence of mapping
        Language to a suggested name, the plain one under ``""``: leaf categories and the product with most companions, or
        the name the merchant gave.
    members : sequence of int64 array
        Items of each group, those with most companions in it first.
    is_merchants : sequence of bool
        Whether the merchant named the group.
    """

    group_of: npt.NDArray[np.int32]
    names: Sequence[Mapping[str, str]]
    members: Sequence[npt.NDArray[np.int64]]
    is_merchants: Sequence[bool]


def find_groups(catalog: Catalog, first: Array, second: Array, weight: Array, *, seed: int = SEED) -> Groups:
    """Find groups in the graph of complements; the merchant's attribute `group` overrules them.

    Parameters
    ----------
    first, second : array of int, shape (relations,)
        Items that go with each other, each pair once.
    weight : array of float, shape (relations,)
        How strongly, above 0.

    Returns
    -------
    Groups
        A product whose `group` is the suggested name of a group joins it; another name makes a group of its own.
    """
    label = louvain(first, second, weight, catalog.n_items, seed=seed).astype(np.int64)
    inner = label[first] == label[second]
    ends = np.concatenate([first[inner], second[inner]])
    n_companions = np.bincount(ends, minlength=catalog.n_items)
    order = np.argsort(label, kind="stable")
    each = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    suggested = [_members(items, n_companions) for items in each if len(items) > 1]
    return _edited(catalog, suggested, _overrules(catalog), n_companions)


def _overrules(catalog: Catalog) -> dict[int, str]:
    """Read the groups the merchant gave."""
    given = ((item, str(row.get("group") or "").strip()) for item, row in enumerate(catalog.attributes))
    return {item: name for item, name in given if name}


def _edited(catalog: Catalog, suggested: Sequence[Array], overrules: Mapping[int, str], n_companions: Array) -> Groups:
    """Apply what the merchant said, and number the groups: the largest first, then by first product."""
    moved = np.fromiter(overrules, dtype=np.int64, count=len(overrules))
    names = [_name(catalog, members) for members in suggested]
    groups = [members[~np.isin(members, moved)].tolist() for members in suggested]
    place = {_key(name[""]): number for number, name in reversed(list(enumerate(names)))}
    merchants: set[int] = set()
    for item, name in overrules.items():
        number = place.setdefault(_key(name), len(groups))
        if number == len(groups):
            groups.append([])
            names.append({"": name})
        groups[number].append(item)
        merchants.add(number)
    kept = [number for number, items in enumerate(groups) if len(items) > 1 or number in merchants]
    kept.sort(key=lambda number: (-len(groups[number]), min(groups[number])))
    group_of = np.full(catalog.n_items, -1, dtype=np.int32)
    for place_of, number in enumerate(kept):
        group_of[groups[number]] = place_of
    return Groups(
        group_of,
        [names[number] for number in kept],
        [_members(np.array(groups[number], dtype=np.int64), n_companions) for number in kept],
        [number in merchants for number in kept],
    )


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _members(items: Array, n_companions: Array) -> npt.NDArray[np.int64]:
    """Put those with most companions first."""
    return np.asarray(items[np.lexsort((items, -n_companions[items]))], dtype=np.int64)


def _name(catalog: Catalog, members: Array) -> Mapping[str, str]:
    """Suggest a name: the leaf categories of most products, then the title of the one with most companions."""
    leaves = Counter(path.rpartition("/")[2] for item in members.tolist() if (path := catalog.categories[item]))
    common = sorted(leaves, key=lambda leaf: (-leaves[leaf], leaf))[:NAMED_CATEGORIES]
    shelf = ", ".join(common)
    titles = catalog.titles[int(members[0])]
    return {language: f"{shelf} · {title}" if shelf else title for language, title in titles.items()}


class Lack(StrEnum):
    """Why a product has no companion."""

    NOT_SOLD = "not_sold_yet"
    TOO_FEW_SALES = "too_few_sales"
    TESTED_NONE = "tested_none"


@dataclass(frozen=True, slots=True)
class Lonely:
    """A product without a complement: in how many baskets it is, and why nothing goes with it."""

    product_id: str
    n_baskets: int
    why: Lack


def without_companions(
    catalog: Catalog, first: Array, second: Array, item_counts: Array, settings: Settings
) -> list[Lonely]:
    """List the products that nothing goes with: where the merchant's own links, or other prices and places, would help.

    Parameters
    ----------
    first, second : array of int, shape (relations,)
        Items that go with each other.
    item_counts : int array, shape (items,)
        Baskets that hold each product.

    Returns
    -------
    list of Lonely
        Most sold first: of those most could be gained. Products that are no choice of the customer (fees, shipping) are left
        out.
    """
    least = max(settings["learn.min_baskets"], settings["learn.min_customers"])
    has_companion = np.zeros(catalog.n_items, dtype=np.bool_)
    has_companion[first] = has_companion[second] = True
    lonely = [
        Lonely(catalog.products[item], n, _why(n, least))
        for item, n in enumerate(np.asarray(item_counts).tolist())
        if not has_companion[item] and ProductKind(catalog.kinds[item]).is_sellable
    ]
    return sorted(lonely, key=lambda one: (-one.n_baskets, one.product_id))


def _why(n_baskets: int, least: int) -> Lack:
    if n_baskets == 0:
        return Lack.NOT_SOLD
    return Lack.TOO_FEW_SALES if n_baskets < least else Lack.TESTED_NONE
