"""Which groups of products are hardly ever in one basket: leaf categories, and parts of them by what has to agree.

Single pairs are often too thin: a shop in which filters of one size and filters of another would meet sixty times has
eight pairs of such filters, most of which would meet fewer than nine times, and no test can tell nine from none
(`stats.scarcity`). Together they can. A group is a leaf category, or what in it carries one value of an attribute that
has to agree: one that a fit rule makes products depend on, or a fact of `fitting.ENVIRONMENT` (size, platform,
voltage). Other attributes make no groups: things of one category and other color are bought *instead* of each other, and
to ask all attributes of all categories of each other would cost the groups that matter.

A basket counts once, however much of a group it holds, and chance is that of groups, fitted to both margins in each
market and channel. What is claimed is claimed of the group: that it meets the other at most `seldom.MAX_LIFT` as often as
chance has it, taken together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.by_chance import MIN_STRATUM, pooled_strata
from crosslift.learn.products.fitting import FitRule, bound_leaves
from crosslift.learn.products.seldom import Asked, ExpectedOf, Floats, Ints, Items, Mask, Seldom, judge
from crosslift.settings import Settings
from crosslift.stats.margins import fit_margins
from crosslift.stats.pairs import count_pairs


@dataclass(frozen=True, slots=True)
class CategoryApart:
    """Two groups that are hardly ever in one basket; counts are of baskets with both.

    `value` and `other_value` are those of `attribute` that make the groups; all three None where the groups are the two
    leaf categories.
    """

    category: str
    other_category: str
    attribute: str | None
    value: str | None
    other_value: str | None
    n_both: int
    expected: float
    lift: float
    lift_high: float
    q_value: float


@dataclass(frozen=True, slots=True)
class _Groups:
    """Leaf categories, split by the values of one attribute where it is carried.

    Attributes
    ----------
    attribute : str or None
    of_item : int64 array, shape (items,)
        Group of each product, −1 for none.
    leaf : int64 array, shape (groups,)
        Leaf category of each.
    values : list of frozenset
        Comparable values; empty where the group does not carry the attribute.
    shown : list of str or None
        The same as somebody wrote it.
    """

    attribute: str | None
    of_item: Ints
    leaf: Ints
    values: list[frozenset[str]]
    shown: list[str | None]

    @classmethod
    def of(cls, catalog: Catalog, leaf: Ints, attribute: str | None) -> "_Groups":
        number: dict[tuple[int, tuple[str, ...]], int] = {}
        of_item, shown = np.full(catalog.n_items, -1, dtype=np.int64), list[str | None]()
        for item in np.flatnonzero(leaf >= 0).tolist():
            told = None if attribute is None else likeness.facts_of(catalog, item).get(attribute)
            key = (int(leaf[item]), tuple(sorted(likeness.values_of(told))))
            if key not in number:
                number[key] = len(number)
                shown.append(_shown(told))
            of_item[item] = number[key]
        leaves = np.array([place for place, _ in number], dtype=np.int64)
        return cls(attribute, of_item, leaves, [frozenset(values) for _, values in number], shown)

    def baskets(self, counted: Baskets) -> Baskets:
        """Give the baskets as sets of groups."""
        n_groups = max(len(self.values), 1)
        basket = np.repeat(np.arange(counted.n_baskets), counted.sizes)
        of_line = self.of_item[counted.items]
        keys = np.unique(basket[of_line >= 0] * n_groups + of_line[of_line >= 0])
        offsets = np.searchsorted(keys // n_groups, np.arange(counted.n_baskets + 1)).astype(np.int64)
        names = [str(number) for number in range(len(self.values))]
        return replace(counted, products=names, items=(keys % n_groups).astype(np.int32), offsets=offsets)

    def are_asked(self, first: Items, second: Items, bound: Mask, ruled: frozenset[frozenset[int]]) -> Mask:
        """Tell which pairs of groups could stay apart for their values.

        Not those that share a value or lack one; not those of one category that may replace each other, for they do not
        depend on the attribute; not those of two categories between which a fit rule says it already.
        """
        asked = []
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            one, other = int(self.leaf[a]), int(self.leaf[b])
            free = bound[one] if one == other else frozenset((one, other)) not in ruled
            differ = self.values[a] and self.values[b] and self.values[a].isdisjoint(self.values[b])
            asked.append(bool(free and differ))
        return np.array(asked, dtype=np.bool_)


def find_apart_groups(
    counted: Baskets, catalog: Catalog, settings: Settings, rules: Sequence[FitRule] = ()
) -> list[CategoryApart]:
    """Propose groups of products that stay apart, the surest first.

    Categories and their parts are one family of tests (`seldom.judge`). Parts of two categories that stay apart as a whole
    are not told beside them.

    Parameters
    ----------
    counted : Baskets
        What `complements.count` gives; items numbered as in the catalog.
    rules : sequence of FitRule
        What `compatibility.find_compatibility` learned.
    """
    leaf, names = likeness.leaf_numbers(catalog)
    if not names:
        return []
    made = list(_grouped(counted, catalog, leaf, names, rules))
    verdict = judge([seldom for _, seldom in made], settings)
    owner = np.repeat(np.arange(len(made)), [len(seldom.first) for _, seldom in made])
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    found, whole = [], set[tuple[str, str]]()
    for row in verdict.kept.tolist():
        groups, seldom = made[owner[row]]
        one = _proposal(groups, seldom, int(place[row]), names, verdict.lift_high[row], verdict.q_value[row])
        if one.attribute is None:
            whole.add((one.category, one.other_category))
        found.append(one)
    told = [one for one in found if one.attribute is None or (one.category, one.other_category) not in whole]
    return sorted(told, key=lambda one: (one.lift_high, one.category, one.other_category, one.value or ""))


def _grouped(
    counted: Baskets, catalog: Catalog, leaf: Ints, names: Sequence[str], rules: Sequence[FitRule]
) -> Iterator[tuple[_Groups, Seldom]]:
    """List what meets seldom: of leaf categories, then of their parts, attribute by attribute."""
    whole = _Groups.of(catalog, leaf, None)
    yield whole, _seldom(whole, counted, lambda first, second: np.ones(len(first), dtype=np.bool_))
    number: Mapping[str, int] = {name: place for place, name in enumerate(names)}
    for attribute, bound in bound_leaves(catalog, rules).items():
        groups = _Groups.of(catalog, leaf, attribute)
        ruled = frozenset(
            frozenset((number.get(rule.category, -1), number.get(rule.other_category, -1)))
            for rule in rules
            if rule.attribute == attribute
        )
        yield groups, _seldom(groups, counted, partial(groups.are_asked, bound=bound, ruled=ruled))


def _seldom(groups: _Groups, counted: Baskets, are_asked: Asked) -> Seldom:
    table = groups.baskets(counted)
    pairs = count_pairs(table.items, table.offsets, max(table.n_items, 1), groups=table.customers)
    return Seldom.among(table, pairs, _chance(table), are_asked)


def _chance(table: Baskets) -> ExpectedOf:
    """Fit both margins in each market and channel that is large enough; unlike groups may be sold in unlike markets."""
    strata = pooled_strata(table.strata, MIN_STRATUM)
    fits = []
    for number in np.unique(strata).tolist():
        part = table.take(strata == number)
        fits.append(fit_margins(part.item_counts(), part.sizes))

    def expected(first: Items, second: Items) -> Floats:
        return np.asarray(sum((fit.expected(first, second) for fit in fits), np.zeros(len(first))))

    return expected


def _proposal(
    groups: _Groups, seldom: Seldom, place: int, names: Sequence[str], high: float, q_value: float
) -> CategoryApart:
    """Name a pair of groups, in the order of their categories and values."""
    ends = [int(seldom.first[place]), int(seldom.second[place])]
    (category, value), (other, other_value) = sorted(
        ((names[groups.leaf[end]], groups.shown[end]) for end in ends), key=lambda one: (one[0], one[1] or "")
    )
    n_both, expected = int(seldom.n_both[place]), float(seldom.expected[place])
    return CategoryApart(
        category, other, groups.attribute, value, other_value, n_both, expected, n_both / expected, float(high),
        float(q_value),
    )  # fmt: skip


def _shown(value: Any) -> str | None:
    """Write a value of an attribute as the merchant did."""
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
