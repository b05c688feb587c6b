"""Which attribute must agree for two products to fit: rules learned from what people take home together.

A dripper goes home with filters of its own size. For two leaf categories and an attribute both carry, the baskets say
whether that is a rule: equal values meet far more often than size-aware chance, unequal ones no more than it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import met
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity
from crosslift.stats.pairs import PairCounts

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ExpectedOf = Callable[[Items, Items], Floats]

NEAR_CERTAIN = 0.9
"""Of what is bought together beyond chance, at least this share has equal values; a lower bound."""

MIN_LIFT = 2.0
"""Equal values meet at least this much more often than chance; a lower bound."""

MIN_VALUES = 2
"""A rule shows in this many values at least: one value alone may be a habit (all that cafés buy comes by the 1,000)."""

MOST_SOLD = 150
"""Products of a category that a rule is learned from, most bought first; it then holds for all of the category."""

ENVIRONMENT = frozenset({"voltage", "plug", "socket", "frequency_hz", "mount", "platform", "os", "region", "size"})
"""Facts about the customer's side of things (the mains, the body): what replaces a product must agree in them."""

MIN_MET, WORTH = 10, 1.5
"""A rule is looked for where so many baskets hold equal values, at odds so many times what sales by value suggest."""

_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class FitRule:
    """Products of two leaf categories fit when an attribute agrees, and do not when it differs.

    Attributes
    ----------
    attribute : str
        Key that products of both carry.
    category, other_category : str
        Leaf paths; the other is the one that depends (the filter on the dripper): the cheaper by its median price.
        Both are the same where things of one leaf must agree among themselves.
    n_equal, n_unequal : int
        Baskets with both, over all pairs with equal and with unequal values.
    expected_equal, expected_unequal : float
        As many by size-aware chance.
    lift_equal_low, lift_unequal_high : float
        Bounds of observed over expected.
    q_value : float
        Benjamini-Hochberg over all triples (category, category, attribute) that could be tested.
    """

    attribute: str
    category: str
    other_category: str
    n_equal: int
    n_unequal: int
    expected_equal: float
    expected_unequal: float
    lift_equal_low: float
    lift_unequal_high: float
    q_value: float


def learn_rules(
    catalog: Catalog, counted: Baskets, pairs: PairCounts, expected_of: ExpectedOf, settings: Settings
) -> tuple[FitRule, ...]:
    """Learn the fit rules of a shop.

    A rule holds when equal values meet significantly more often than unequal ones (`learn.max_q_value`), the lower bound
    of their lift reaches `MIN_LIFT`, at least `NEAR_CERTAIN` of what is bought beyond chance has equal values, unequal
    ones meet less often than chance or are below 1 − `NEAR_CERTAIN` of all, and it shows in at least `MIN_VALUES`
    values while no value with sales enough to tell speaks against it.

    Returns
    -------
    tuple of FitRule
        Sorted by category and attribute; none where nobody wrote attributes.
    """
    told = _Told.of(catalog)
    cells = list(_cells(catalog, told, counted, pairs))
    if not cells:
        return ()
    expected = _in_chunks(expected_of, cells)
    tallies = [_tally(told, cell, pairs, part, catalog.n_items) for cell, part in zip(cells, expected, strict=True)]
    p = np.array([tally.p for tally in tallies])
    q = multiplicity.adjust(p, "bh") if len(p) else p
    least = max(settings["learn.min_customers"], settings["learn.min_baskets"])
    found = [
        _rule(catalog, told, cell, tally, float(q_value))
        for cell, tally, q_value in zip(cells, tallies, q, strict=True)
        if q_value <= settings["learn.max_q_value"] and tally.n_groups >= least and tally.holds
    ]
    return tuple(sorted(found, key=lambda rule: (rule.category, rule.other_category, rule.attribute)))


@dataclass(frozen=True, slots=True)
class Judge:
    """Rules ready to be asked of many pairs, also of products that were never sold."""

    rules: tuple[FitRule, ...]
    leaf: Ints
    ends: tuple[tuple[int, int], ...]
    told: "_Told"

    @classmethod
    def of(cls, catalog: Catalog, rules: Sequence[FitRule]) -> "Judge":
        """Read what the rules need of a catalog."""
        leaf, names = likeness.leaf_numbers(catalog)
        number = {name: place for place, name in enumerate(names)}
        ends = tuple((number.get(rule.category, -2), number.get(rule.other_category, -2)) for rule in rules)
        return cls(tuple(rules), leaf, ends, _Told.of(catalog, {rule.attribute for rule in rules}))

    def speaks(self, one: int, other: int) -> bool:
        """Tell whether a rule is about two leaf categories (by number)."""
        return (one, other) in self.ends or (other, one) in self.ends

    def ask(self, first: Items, second: Items) -> npt.NDArray[np.int8]:
        """Say of pairs: 1 they fit, −1 they do not, 0 no rule speaks (or an attribute is missing).

        One rule that says no outweighs others that say yes.
        """
        fits, bars = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
        a, b = self.leaf[first], self.leaf[second]
        for rule, (one, other) in zip(self.rules, self.ends, strict=True):
            has = self.told.has[rule.attribute]
            applies = ((a == one) & (b == other)) | ((a == other) & (b == one))
            places = np.flatnonzero(applies & has[first] & has[second])
            equal = self.told.equal(rule.attribute, first[places], second[places])
            fits[places] |= equal
            bars[places] |= ~equal
        return np.where(bars, -1, fits.astype(np.int8)).astype(np.int8)


def may_replace(catalog: Catalog, rules: Sequence[FitRule], first: Items, second: Items) -> Mask:
    """Tell whether one product can stand where the other does: nothing they must agree in differs.

    They must agree in what a rule makes them depend on (a filter in its size; the dripper it hangs on may change) and
    in the facts of `ENVIRONMENT`.
    """
    leaf, _ = likeness.leaf_numbers(catalog)
    bound = bound_leaves(catalog, rules)
    told = _Told.of(catalog, set(bound))
    able = np.ones(len(first), dtype=bool)
    for key, is_bound in bound.items():
        places = np.flatnonzero(
            (is_bound[leaf[first]] | is_bound[leaf[second]]) & told.has[key][first] & told.has[key][second]
        )
        able[places] &= told.equal(key, first[places], second[places])
    return able


def bound_leaves(catalog: Catalog, rules: Sequence[FitRule]) -> dict[str, Mask]:
    """Give the attributes that must agree, and in which leaf categories what carries them depends on them.

    Returns
    -------
    dict
        Attribute, sorted, to a mask of shape (leaf categories + 1,); the last, also at −1, is of products without one.
    """
    _, names = likeness.leaf_numbers(catalog)
    about = {key for facts in catalog.attributes for key in facts if key.casefold() in ENVIRONMENT}
    bound = {}
    for key in sorted(about | {rule.attribute for rule in rules}):
        dependent = {rule.other_category for rule in rules if rule.attribute == key}
        everywhere = key.casefold() in ENVIRONMENT
        bound[key] = np.array([everywhere or name in dependent for name in names] + [everywhere])
    return bound


@dataclass(frozen=True, slots=True)
class _Told:
    """Attribute by attribute: who carries it, and with which values (items × values, 0 or 1)."""

    has: dict[str, Mask]
    values: dict[str, sparse.csr_array]

    @classmethod
    def of(cls, catalog: Catalog, keys: set[str] | None = None) -> "_Told":
        carried: dict[str, dict[int, frozenset[str]]] = {key: {} for key in keys or ()}
        for item in range(catalog.n_items):
            for key, value in likeness.facts_of(catalog, item).items():
                if keys is None or key in keys:
                    carried.setdefault(key, {})[item] = likeness.values_of(value)
        has, values = {}, {}
        for key, by_item in sorted(carried.items()):
            place = {value: n for n, value in enumerate(sorted(frozenset[str]().union(*by_item.values())))}
            row = [item for item, told in by_item.items() for _ in told]
            column = [place[value] for told in by_item.values() for value in sorted(told)]
            shape = (catalog.n_items, len(place))
            values[key] = sparse.coo_array((np.ones(len(row)), (row, column)), shape=shape).tocsr()
            has[key] = np.diff(values[key].indptr) > 0
        return cls(has, values)

    def equal(self, key: str, first: Items, second: Items) -> Mask:
        """Tell which pairs share a value."""
        rows = self.values[key]
        return np.asarray(rows[first].multiply(rows[second]).sum(axis=1) > 0)


@dataclass(frozen=True, slots=True)
class _Cell:
    """One triple that can be tested: an attribute, two leaf numbers, and the pairs of sold products between them."""

    key: str
    one: int
    other: int
    first: Items
    second: Items


def _cells(catalog: Catalog, told: _Told, counted: Baskets, pairs: PairCounts) -> Iterator[_Cell]:
    """List the triples with sales on both sides, equal and unequal values, and more than a handful of meetings."""
    leaf, _ = likeness.leaf_numbers(catalog)
    n_sold = counted.item_counts()
    n_leaves = int(leaf.max(initial=-1)) + 1
    for key, has in told.has.items():
        carries = has & (n_sold > 0) & (leaf >= 0)
        for one, other in _worth_testing(told, key, carries, leaf, n_sold, pairs, n_leaves):
            sides = [_most_sold(np.flatnonzero(carries & (leaf == side)), n_sold) for side in (one, other)]
            first = np.repeat(sides[0], len(sides[1])).astype(np.int32)
            second = np.tile(sides[1], len(sides[0])).astype(np.int32)
            apart = first < second if one == other else first != second
            first, second = first[apart], second[apart]
            equal = told.equal(key, first, second)
            if equal.any() and not equal.all():
                yield _Cell(key, one, other, first, second)


def _worth_testing(
    told: "_Told", key: str, carries: Mask, leaf: Ints, n_sold: Ints, pairs: PairCounts, n_leaves: int
) -> Iterator[tuple[int, int]]:
    """List pairs of leaves whose meetings have equal values more often than their sales by value suggest."""
    both = np.flatnonzero(carries[pairs.first] & carries[pairs.second])
    first, second = pairs.first[both], pairs.second[both]
    cell = np.minimum(leaf[first], leaf[second]) * n_leaves + np.maximum(leaf[first], leaf[second])
    cells, place = np.unique(cell, return_inverse=True)
    n_met = np.bincount(place, weights=pairs.n_both[both], minlength=len(cells))
    equal = told.equal(key, first, second)
    n_equal = np.bincount(place[equal], weights=pairs.n_both[both][equal], minlength=len(cells))
    items = np.flatnonzero(carries)
    of_leaf = sparse.coo_array((n_sold[items].astype(np.float64), (leaf[items], items)), shape=(n_leaves, len(leaf)))
    by_value = sparse.csr_array(of_leaf.tocsr() @ told.values[key])
    sales = np.maximum(np.asarray(by_value.sum(axis=1)), 1.0)
    one, other = cells // n_leaves, cells % n_leaves
    share = np.asarray(by_value[one].multiply(by_value[other]).sum(axis=1)) / (sales[one] * sales[other])
    worth = (n_equal >= MIN_MET) & (n_equal * (1.0 - share) >= WORTH * share * (n_met - n_equal))
    return zip(one[worth].tolist(), other[worth].tolist(), strict=True)


def _most_sold(items: Ints, n_sold: Ints) -> Ints:
    return items[np.lexsort((items, -n_sold[items]))[:MOST_SOLD]]


def _in_chunks(expected_of: ExpectedOf, cells: Sequence[_Cell]) -> list[Floats]:
    """Ask for what chance brings, many cells at once: one question may cost a hundred shuffles."""
    expected: list[Floats] = []
    waiting: list[_Cell] = []
    for cell in [*cells, None]:
        if cell is None or sum(len(one.first) for one in waiting) + len(cell.first) > _CHUNK:
            if waiting:
                told = expected_of(
                    *(np.concatenate([getattr(one, side) for one in waiting]) for side in ("first", "second"))
                )
                expected += np.split(told, np.cumsum([len(one.first) for one in waiting])[:-1])
            waiting = []
        if cell is not None:
            waiting.append(cell)
    return expected


@dataclass(frozen=True, slots=True)
class _Tally:
    """What the baskets say of one triple; arrays by value."""

    n_equal: int
    n_unequal: int
    expected_equal: float
    expected_unequal: float
    n_groups: int
    by_value: Ints
    expected_by_value: Floats

    @property
    def p(self) -> float:
        """P(so many meetings with equal values, given the unequal ones and the margins), by the Poisson upper tail.

        What chance brings is scaled up where unequal values meet more often than it: whole categories that go together
        are no rule yet.
        """
        general = max(self.n_unequal / self.expected_unequal, 1.0) if self.expected_unequal > 0 else 1.0
        return float(chance.poisson_tail(self.n_equal, self.expected_equal * general))

    def bounds(self) -> tuple[float, float]:
        """Give the lower bound of the lift of equal values and the upper bound of that of unequal ones."""
        low, _ = chance.lift_interval(self.n_equal, self.expected_equal)
        _, high = chance.lift_interval(self.n_unequal, self.expected_unequal)
        return float(low), float(high)

    @property
    def holds(self) -> bool:
        """Tell whether this is near-certain, in several values, and contradicted by none."""
        low, high = self.bounds()
        if not (low >= MIN_LIFT and np.isfinite(high)):
            return False
        beyond = (low - 1.0) * self.expected_equal
        astray = max(high - 1.0, 0.0) * self.expected_unequal
        share_unequal = high * self.expected_unequal / (self.n_equal + self.n_unequal)
        value_low, value_high = chance.lift_interval(self.by_value, self.expected_by_value)
        with np.errstate(invalid="ignore"):
            holds, fails = value_low > max(1.0, self.n_unequal / self.expected_unequal), value_high < 1
        return bool(
            beyond / (beyond + astray) >= NEAR_CERTAIN
            and (high < 1.0 or share_unequal <= 1.0 - NEAR_CERTAIN)
            and holds.sum() >= MIN_VALUES
            and not fails.any()
        )


def _tally(told: _Told, cell: _Cell, pairs: PairCounts, expected: Floats, n_items: int) -> _Tally:
    n_both, n_groups = met(pairs, cell.first, cell.second, n_items)
    shared = sparse.coo_array(told.values[cell.key][cell.first].multiply(told.values[cell.key][cell.second]))
    place, value = shared.coords
    equal = np.zeros(len(cell.first), dtype=bool)
    equal[place] = True
    n_values = told.values[cell.key].shape[1]
    return _Tally(
        int(n_both[equal].sum()),
        int(n_both[~equal].sum()),
        float(expected[equal].sum()),
        float(expected[~equal].sum()),
        int(n_groups[equal].sum()),
        np.bincount(value, weights=n_both[place], minlength=n_values).astype(np.int64),
        np.bincount(value, weights=expected[place], minlength=n_values).astype(np.float64),
    )


def _rule(catalog: Catalog, told: _Told, cell: _Cell, tally: _Tally, q_value: float) -> FitRule:
    """Name a rule, the dearer category first."""
    leaf, names = likeness.leaf_numbers(catalog)
    price = [_median(catalog.prices[(leaf == side) & told.has[cell.key]]) for side in (cell.one, cell.other)]
    one, other = (cell.one, cell.other) if not price[0] < price[1] else (cell.other, cell.one)
    low, high = tally.bounds()
    return FitRule(
        cell.key, names[one], names[other], tally.n_equal, tally.n_unequal, round(tally.expected_equal, 4),
        round(tally.expected_unequal, 4), low, high, q_value,
    )  # fmt: skip


def _median(prices: Floats) -> float:
    known = prices[np.isfinite(prices)]
    return float(np.median(known)) if len(known) else float("nan")
