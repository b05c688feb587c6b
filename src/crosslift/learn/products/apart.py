"""What is hardly ever bought together though both sell well: proposals for a merchant to look at, never bans.

How `decide` uses them: a proposal takes nothing out. It lowers a candidate only where another source proposed the pair,
and is shown in the review queue; it becomes a ban when a merchant curates one (kind `excludes` or action `ban`). The
reason may be that two things do not fit, that they are for different people, or chance: numbers cannot tell.

Same-category pairs of one need are left out: they are bought *instead* of each other, which is a relation of its own.
Unless nobody can: two filters of one need whose sizes differ replace nothing (`fitting.may_replace`), they do not mix.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import met
from crosslift.learn.products.fitting import FitRule, may_replace
from crosslift.learn.products.links import Links
from crosslift.learn.products.shelves import count_shelves
from crosslift.learn.products.substitutes import MIN_SIMILARITY
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity, text
from crosslift.stats.pairs import PairCounts

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
ExpectedOf = Callable[[Items, Items], Floats]

COLUMNS = ("n_both", "expected", "lift", "lift_high", "q_value")

MAX_LIFT = 0.4
"""Upper bound of the lift of a pair that is proposed."""

MIN_EXPECTED = 9.2
"""Baskets with both that chance must promise: below, the upper bound of the lift exceeds `MAX_LIFT` even at none."""

BASKETS_PER_CUSTOMER = 3
"""A product's customers count for at most this many baskets each: a mega-buyer's habit keeps nothing apart."""

MOST_PROPOSED = 20
"""Proposals kept for one product, the surest first."""

_POOLED_SLACK = 4.0  # within markets chance may bring more than over all; candidates are listed this generously
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class CategoryApart:
    """Two leaf categories that are hardly ever in one basket; counts are of baskets with both."""

    category: str
    other_category: str
    n_both: int
    expected: float
    lift: float
    lift_high: float
    q_value: float


def find_apart(
    counted: Baskets,
    pairs: PairCounts,
    expected_of: ExpectedOf,
    catalog: Catalog,
    settings: Settings,
    instead: Links | None = None,
    rules: Sequence[FitRule] = (),
) -> tuple[Links, list[CategoryApart]]:
    """Propose pairs that stay apart, of products and of leaf categories.

    A pair is proposed when so few baskets with both are significantly few (Poisson lower tail, Benjamini-Hochberg at
    `learn.max_q_value` over all pairs with `MIN_EXPECTED` promised by chance: pairs that never met included) and the
    upper bound of the lift is at most `MAX_LIFT`. What chance promises is taken down to `BASKETS_PER_CUSTOMER`.

    Parameters
    ----------
    counted, pairs, expected_of
        As `substitutes.find_substitutes` takes them.
    instead : Links, optional
        Substitutes found before; they are left out.
    rules : sequence of FitRule
        What `compatibility.find_compatibility` learned; which pairs of one need cannot replace each other.

    Returns
    -------
    Links
        Kind "apart", both directions; score 1 − the upper bound.
    list of CategoryApart
        Surest first.
    """
    share = _spread(counted)
    bought_instead = _keys(instead.sources, instead.targets, catalog.n_items) if instead else np.zeros(0, np.int64)
    leaf, _ = likeness.leaf_numbers(catalog)
    rows = likeness.vectors(catalog, for_need=True)
    parts, n_tests = [(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0))], 0
    for first, second in _likely_pairs(counted):
        expected = expected_of(first, second) * share[first] * share[second]
        n_both, _ = met(pairs, first, second, catalog.n_items)
        told = np.flatnonzero(expected >= MIN_EXPECTED)
        told = told[~np.isin(_keys(first[told], second[told], catalog.n_items), bought_instead)]
        one_need = np.flatnonzero(_one_need(catalog, leaf, rows, first[told], second[told]))
        able = may_replace(catalog, rules, first[told[one_need]], second[told[one_need]])
        told = np.delete(told, one_need[able])
        n_tests += len(told)
        told = told[n_both[told] <= MAX_LIFT * expected[told]]
        parts.append((first[told], second[told], n_both[told], expected[told]))
    first, second, n_both, expected = (np.concatenate(column) for column in zip(*parts, strict=True))
    q_value, high, kept = _hardly_ever(n_both, expected, n_tests, settings)
    first, second, score = first[kept], second[kept], 1.0 - high[kept]
    columns = (n_both.astype(np.float64), expected, n_both / expected, high, q_value)
    found = Links(
        "apart",
        np.concatenate([first, second]),
        np.concatenate([second, first]),
        np.concatenate([score, score]),
        {name: np.tile(column[kept], 2) for name, column in zip(COLUMNS, columns, strict=True)},
    )
    return found.best(MOST_PROPOSED), _categories(counted, catalog, settings)


def _keys(first: Items, second: Items, n_items: int) -> Ints:
    """Number ordered pairs."""
    return first.astype(np.int64) * max(n_items, 1) + second


def _hardly_ever(
    n_both: Ints, expected: Floats, n_tests: int, settings: Settings
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Test the lower tail: q-values, upper bounds of the lift, and the places of those that stay apart."""
    p = np.clip(1.0 - chance.poisson_tail(n_both + 1, expected), 0.0, 1.0)
    q_value = multiplicity.adjust(p, "bh", n_tests=n_tests)
    _, high = chance.lift_interval(n_both, expected)
    return q_value, high, np.flatnonzero((q_value <= settings["learn.max_q_value"]) & (high <= MAX_LIFT))


def _likely_pairs(counted: Baskets) -> Iterator[tuple[Items, Items]]:
    """List pairs, first < second, that chance might bring together `MIN_EXPECTED` times, some at once.

    There are at most (all pairs met) / `MIN_EXPECTED` × slack of them, however many products there are.
    """
    counts = counted.item_counts()
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    if len(order) < 2:
        return
    factor = chance.kappa(counted.sizes) / counted.n_baskets
    falling = counts[order].astype(np.float64)
    least = MIN_EXPECTED / _POOLED_SLACK / (max(factor, 1e-300) * falling)
    n_partners = np.searchsorted(-falling, -least, side="right") - np.arange(1, len(order) + 1)
    n_partners = np.maximum(n_partners, 0)
    chunk = np.cumsum(n_partners) // _CHUNK
    for number in np.unique(chunk[n_partners > 0]).tolist():
        anchors = np.flatnonzero((chunk == number) & (n_partners > 0))
        n = n_partners[anchors]
        one = np.repeat(anchors, n)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(n) - n, n)
        a, b = order[one].astype(np.int32), order[other].astype(np.int32)
        yield np.minimum(a, b), np.maximum(a, b)


def _spread(counted: Baskets) -> Floats:
    """Give the share of each product's baskets that counts when no customer counts for more than a few of them."""
    counts = counted.item_counts()
    who = np.repeat(counted.customers, counted.sizes)
    _, number = np.unique(who, return_inverse=True)
    buyers = np.unique(number * max(counted.n_items, 1) + counted.items, return_counts=True)
    item = buyers[0] % max(counted.n_items, 1)
    told = np.bincount(item, np.minimum(buyers[1], BASKETS_PER_CUSTOMER), minlength=counted.n_items)
    return np.divide(told, counts, out=np.ones(counted.n_items), where=counts > 0)


def _one_need(catalog: Catalog, leaf: Ints, rows: text.Rows, first: Items, second: Items) -> npt.NDArray[np.bool_]:
    """Tell which pairs serve one need: named so, or alike in one leaf category."""
    needs = [likeness.need_of(catalog, item) for item in range(catalog.n_items)]
    named = [bool(needs[a] & needs[b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    one = np.array(named, dtype=bool)
    near = np.flatnonzero((leaf[first] == leaf[second]) & (leaf[first] >= 0))
    one[near] |= text.cosine_of(rows, first[near], second[near]) >= MIN_SIMILARITY
    return one


def _categories(counted: Baskets, catalog: Catalog, settings: Settings) -> list[CategoryApart]:
    """Propose leaf categories by the same rule, each basket counted once."""
    shelves = count_shelves(counted, catalog)
    told = np.flatnonzero(shelves.expected >= MIN_EXPECTED)
    n_both, expected = shelves.n_both[told], shelves.expected[told]
    q_value, high, kept = _hardly_ever(n_both, expected, len(told), settings)
    found = [
        CategoryApart(
            shelves.names[shelves.first[told[place]]],
            shelves.names[shelves.second[told[place]]],
            int(n_both[place]),
            float(expected[place]),
            float(n_both[place] / expected[place]),
            float(high[place]),
            float(q_value[place]),
        )
        for place in kept.tolist()
    ]
    return sorted(found, key=lambda one: (one.lift_high, one.category, one.other_category))
