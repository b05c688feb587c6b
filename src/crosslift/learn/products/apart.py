"""What is hardly ever bought together though both sell well: proposals for a merchant to look at, never bans.

How `decide` uses them: a proposal takes nothing out. It lowers a candidate only where another source proposed the pair,
and is shown in the review queue; it becomes a ban when a merchant curates one (kind `excludes` or action `ban`). The
reason may be that two things do not fit, that they are for different people, or chance: numbers cannot tell.

Same-category pairs of one need are left out: they are bought *instead* of each other, which is a relation of its own.
Unless nobody can: two filters of one need whose sizes differ replace nothing (`fitting.may_replace`), they do not mix.

How many baskets it takes: a pair that never met is told from 9.5 expected ones on where no other pair is tested, and from
13 on where the others leave it p = .01, as in the demo shop. There, one that truly meets a tenth as often as chance is
told in half of all shops at 28 expected baskets and in nineteen of twenty at 50. Thinner pairs are told with their groups
(`apart_groups`) or not at all.
"""

from collections.abc import Sequence

import numpy as np

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.apart_groups import CategoryApart, find_apart_groups
from crosslift.learn.products.fitting import FitRule, may_replace
from crosslift.learn.products.links import Links
from crosslift.learn.products.seldom import ExpectedOf, Ints, Items, Mask, Seldom, judge
from crosslift.learn.products.substitutes import MIN_SIMILARITY
from crosslift.settings import Settings
from crosslift.stats import text
from crosslift.stats.pairs import PairCounts

COLUMNS = ("n_both", "expected", "lift", "lift_high", "q_value")

MOST_PROPOSED = 20
"""Proposals kept for one product, the surest first."""


def find_apart(
    counted: Baskets,
    pairs: PairCounts,
    expected_of: ExpectedOf,
    catalog: Catalog,
    settings: Settings,
    instead: Links | None = None,
    rules: Sequence[FitRule] = (),
) -> tuple[Links, list[CategoryApart]]:
    """Propose pairs that stay apart, of products and of groups of them.

    A pair is proposed when it is sure to meet at most `seldom.MAX_LIFT` as often as chance has it: q-values are of that
    claim, over all pairs with `seldom.MIN_EXPECTED` baskets promised by chance (pairs that never met included), and the
    upper bound of the lift is no higher. What chance promises is taken down to `seldom.BASKETS_PER_CUSTOMER`.

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
        Leaf categories and parts of them, the surest first.
    """
    bought_instead = _keys(instead.sources, instead.targets, catalog.n_items) if instead else np.zeros(0, np.int64)
    leaf, _ = likeness.leaf_numbers(catalog)
    rows = likeness.vectors(catalog, for_need=True)

    def are_asked(first: Items, second: Items) -> Mask:
        """Leave out what is bought instead of each other, by what was found and by what may replace what."""
        asked = ~np.isin(_keys(first, second, catalog.n_items), bought_instead)
        one_need = np.flatnonzero(asked & _one_need(catalog, leaf, rows, first, second))
        asked[one_need] = ~may_replace(catalog, rules, first[one_need], second[one_need])
        return asked

    seldom = Seldom.among(counted, pairs, expected_of, are_asked)
    verdict = judge([seldom], settings)
    kept = verdict.kept
    first, second, score = seldom.first[kept], seldom.second[kept], 1.0 - verdict.lift_high[kept]
    n_both, expected = seldom.n_both[kept].astype(np.float64), seldom.expected[kept]
    columns = (n_both, expected, n_both / expected, verdict.lift_high[kept], verdict.q_value[kept])
    found = Links(
        "apart",
        np.concatenate([first, second]),
        np.concatenate([second, first]),
        np.concatenate([score, score]),
        {name: np.tile(column, 2) for name, column in zip(COLUMNS, columns, strict=True)},
    )
    return found.best(MOST_PROPOSED), find_apart_groups(counted, catalog, settings, rules)


def _keys(first: Items, second: Items, n_items: int) -> Ints:
    """Number ordered pairs."""
    return first.astype(np.int64) * max(n_items, 1) + second


def _one_need(catalog: Catalog, leaf: Ints, rows: text.Rows, first: Items, second: Items) -> Mask:
    """Tell which pairs serve one need: named so, or alike in one leaf category."""
    needs = [likeness.need_of(catalog, item) for item in range(catalog.n_items)]
    named = [bool(needs[a] & needs[b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    one = np.array(named, dtype=bool)
    near = np.flatnonzero((leaf[first] == leaf[second]) & (leaf[first] >= 0))
    one[near] |= text.cosine_of(rows, first[near], second[near]) >= MIN_SIMILARITY
    return one
