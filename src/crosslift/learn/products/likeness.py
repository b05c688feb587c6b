"""What products are like: their facts, the need they serve, and vectors that lie close where products are alike."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.learn.catalog import Catalog
from crosslift.stats import text

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Described = Mapping[str, tuple[Any, frozenset[str]]]

WEIGHTS = {"titles": 0.5, "facts": 0.3, "category": 0.2}
"""Shares of titles, facts and category in the likeness of two products that have all three."""

ALL_PAIRS, NEAREST = 120, 30
"""Groups up to the first size are compared pair by pair; in larger ones each product with so many of its nearest."""

_ABOUT_SELLING = re.compile(
    r"(price|cost|margin|stock|tax|image|url|sku|gtin|ean|upc|asin)(_.*)?|.*_(at|on|since|before|until|url)"
)
_ABOUT_RELATIONS = frozenset(
    {"requires", "fits", "includes", "tier", "need", "family", "consumable", "best_before", "in_stock_since"}
)
_NEEDS = ("need", "family")
_STYLE = ("brand", "material", "color", "colour", "finish", "pattern", "style", "series", "collection")


def facts_of(catalog: Catalog, item: int) -> dict[str, Any]:
    """Give the attributes that describe a product itself: numbers, truths, texts and lists of these.

    Prices, dates and identifiers are left out, and what crosslift reads as a relation (`requires`, `tier`, `need`).
    """
    return {
        key: value
        for key, value in catalog.attributes[item].items()
        if key not in _ABOUT_RELATIONS and not _ABOUT_SELLING.fullmatch(key.casefold()) and values_of(value)
    }


def values_of(value: Any) -> frozenset[str]:
    """Give the values an attribute stands for, comparable: 58, 58.0 and "58" are one, a list is several.

    Examples
    --------
    >>> sorted(values_of(["Cone-02", 58.0])), values_of(None)
    (['58', 'cone 02'], frozenset())
    """
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset[str]().union(*(values_of(one) for one in value))
    if value is None or isinstance(value, Mapping):
        return frozenset()
    if isinstance(value, bool):
        return frozenset({str(value).casefold()})
    number = as_number(value)
    told = format(number, ".12g") if number is not None else text.normalize(str(value))
    return frozenset({told}) if told else frozenset()


def as_number(value: Any) -> float | None:
    """Read a number, also one written as text; None for truths, texts and what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def need_of(catalog: Catalog, item: int) -> frozenset[str]:
    """Give the need the merchant named (attribute `need` or `family`); empty where nobody said."""
    facts = catalog.attributes[item]
    return next((values_of(facts[key]) for key in _NEEDS if values_of(facts.get(key))), frozenset())


def leaf_numbers(catalog: Catalog) -> tuple[Ints, list[str]]:
    """Number the leaf categories: shape (items,), −1 without category; and their paths, sorted."""
    return _numbered([_path(category) for category in catalog.categories])


def family_numbers(catalog: Catalog) -> Ints:
    """Number what may form one ladder: leaves under one parent path; a leaf without a parent stands alone."""
    paths = [_path(category) for category in catalog.categories]
    return _numbered([None if one is None else one.rpartition("/")[0] or one for one in paths])[0]


def same_style(catalog: Catalog, a: int, b: int) -> list[dict[str, Any]]:
    """Give the style that two products share (brand, material, color, series ...); empty where none.

    Returns
    -------
    list of dict
        {attribute, value}, the brand first.
    """
    return [fact for fact in shared_facts(catalog, a, b) if fact["attribute"].casefold() in _STYLE]


def shared_facts(catalog: Catalog, a: int, b: int) -> list[dict[str, Any]]:
    """Give the facts that two products have in common, as {attribute, value}, the brand first."""
    return shared_of(described(catalog, a), described(catalog, b))


def shared_of(one: Described, other: Described) -> list[dict[str, Any]]:
    """Give what two described products have in common, in the words of the first; for many pairs, describe each once."""
    return [
        {"attribute": key, "value": value}
        for key, (value, values) in one.items()
        if key in other and not values.isdisjoint(other[key][1])
    ]


def described(catalog: Catalog, item: int) -> Described:
    """Give each fact of a product as it was written and as comparable values, the brand first."""
    return {key: (value, values_of(value)) for key, value in _described(catalog, item).items()}


def vectors(catalog: Catalog, for_need: bool = False) -> text.Rows:
    """Give each product a sparse unit vector of its titles, facts and category; cosines say how alike two are.

    Numbers and texts count as equal or different; rare values weigh more. A product without any of them has zeros.

    Parameters
    ----------
    for_need : bool
        Leave out brand and category: who makes a thing, and its shelf, do not say what it is for.

    Returns
    -------
    csr_array of float64, shape (items, features)
    """
    describe = facts_of if for_need else _described
    titles = [" ".join(sorted(set(one.values()))) for one in catalog.titles]
    facts = [
        [f"{key}={value}" for key, told in describe(catalog, item).items() for value in values_of(told)]
        for item in range(catalog.n_items)
    ]
    parts = {"titles": text.char_tfidf(titles), "facts": _bags(facts)}
    if not for_need:
        parts["category"] = _bags([_steps(_path(category)) for category in catalog.categories])
    return text.unit(sparse.hstack([rows * WEIGHTS[name] ** 0.5 for name, rows in parts.items()], format="csr"))


def pairs_within(groups: Ints, rows: text.Rows) -> tuple[Items, Items]:
    """List pairs of one group that are worth comparing, first < second: all in small groups, else the nearest.

    Parameters
    ----------
    groups : int64 array, shape (items,)
        Number of the group, −1 for none.
    rows : csr_array
        From `vectors`; memory grows with items × `ALL_PAIRS` at most, never with items².
    """
    keys = [np.zeros(0, np.int64)]
    n_items = len(groups)
    order = np.argsort(groups, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        if not len(members) or groups[members[0]] < 0:
            continue
        if len(members) <= ALL_PAIRS:
            one, other = np.triu_indices(len(members), 1)
        else:
            found = text.nearest(rows[members], NEAREST)
            one, other = np.repeat(np.arange(len(members)), np.diff(found.offsets)), found.ids.astype(np.int64)
        first, second = members[one], members[other]
        keys.append(np.minimum(first, second) * n_items + np.maximum(first, second))
    key = np.unique(np.concatenate(keys))
    return (key // max(n_items, 1)).astype(np.int32), (key % max(n_items, 1)).astype(np.int32)


def _described(catalog: Catalog, item: int) -> dict[str, Any]:
    """Give the facts with the brand among them."""
    brand = catalog.brands[item]
    return {**({"brand": brand} if brand else {}), **facts_of(catalog, item)}


def _path(category: str | None) -> str | None:
    """Clean a category path: no blanks around the steps, no empty steps."""
    steps = [step.strip() for step in (category or "").split("/")]
    return "/".join(step for step in steps if step) or None


def _steps(path: str | None) -> list[str]:
    """Give a path and the paths above it."""
    steps = path.split("/") if path else []
    return ["/".join(steps[: n + 1]) for n in range(len(steps))]


def _numbered(names: list[str | None]) -> tuple[Ints, list[str]]:
    known = sorted({name for name in names if name is not None})
    number = {name: place for place, name in enumerate(known)}
    return np.array([-1 if name is None else number[name] for name in names], dtype=np.int64), known


def _bags(bags: list[list[str]]) -> text.Rows:
    """Give bags of words as weighted unit rows, columns sorted by word."""
    known = {word: place for place, word in enumerate(sorted({word for bag in bags for word in bag}))}
    row = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
    column = np.array([known[word] for bag in bags for word in bag], dtype=np.int64)
    return text.weigh(sparse.coo_array((np.ones(len(row)), (row, column)), shape=(len(bags), len(known))).tocsr())
