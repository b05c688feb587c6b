"""Which products are bought instead of each other: looked at together or made for the same need, not bought together.

A pair of one leaf category is a substitute by one of two rules; a complement is one by neither, because both ask that
the two were bought together *less* often than size-aware chance has it:

* **viewed**: looked at in one visit significantly more often than chance (as relations are: q-value, lift, distinct
  people), and kept apart in baskets: bought together less than `BOUGHT_APART` as often as chance, with an upper bound
  below 1. Where sales are too few for such a bound: of the same need (see below), never bought together though at
  least one basket was expected, and the upper bound is below half of the *lower* bound of the viewed lift (had the
  interest carried over to baskets even half as strongly, they would have met).
* **alike**: the same need (named by the merchant, or at least `MIN_SIMILARITY` alike), and significantly less than
  `BOUGHT_APART` as often bought together as chance, with an upper bound below 1: both sold often enough to tell.

Neither holds where the merchant named different needs, or where the two differ in what a replacement must agree in
(`fitting.may_replace`): a filter of another size replaces nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import Visits, count_visits, met
from crosslift.learn.products.fitting import FitRule, may_replace
from crosslift.learn.products.links import Links
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity, text
from crosslift.stats.pairs import PairCounts

Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ExpectedOf = Callable[[Items, Items], Floats]

COLUMNS = ("n_viewed_both", "expected_viewed", "lift_viewed", "q_value", "n_both", "expected", "similarity")

MIN_SIMILARITY = 0.3
"""Products whose need nobody named serve the same one from this cosine of titles and facts on."""

BOUGHT_APART = 0.5
"""Substitutes are bought together less than this often, relative to chance; shelf mates of no relation are near 1."""

CARRIED_OVER = 0.5
"""Share of the interest in a pair of views that must be missing in its baskets where sales are few."""

SHARED_SHOWN = 6


def find_substitutes(
    catalog: Catalog,
    counted: Baskets,
    pairs: PairCounts,
    expected_of: ExpectedOf,
    views: pa.Table,
    settings: Settings,
    rules: Sequence[FitRule] = (),
) -> Links:
    """Find the substitutes of every product, by the two rules of this file.

    Parameters
    ----------
    counted, pairs : Baskets, PairCounts
        What `complements.count` gives; items numbered as in the catalog.
    expected_of : callable
        Gives the baskets with both that chance alone would bring, for pairs of items.
    views : pa.Table
        identity, product_id, at; may be empty, then only the second rule can hold.
    rules : sequence of FitRule
        What `compatibility.find_compatibility` learned.

    Returns
    -------
    Links
        Kind "substitute", both directions, texts {basis: "viewed" | "alike", shared: facts in common}. q-values are
        Benjamini-Hochberg over all pairs of one leaf category, each rule for itself. The score mixes how much of the
        looking is shared with how alike the two are.
    """
    leaf, _ = likeness.leaf_numbers(catalog)
    rows = likeness.vectors(catalog, for_need=True)
    visits = count_visits(views, catalog, settings)
    first, second = _candidates(leaf, rows, visits)
    if not len(first):
        return Links("substitute", first, second, np.zeros(0), dict.fromkeys(COLUMNS, np.zeros(0)), [])
    n_tests = max(sum(n * (n - 1) // 2 for n in np.bincount(leaf[leaf >= 0]).tolist()), len(first))
    n_both, _ = met(pairs, first, second, catalog.n_items)
    expected = expected_of(first, second)
    _, high = chance.lift_interval(n_both, expected)
    similarity = text.cosine_of(rows, first, second)
    named, same = _needs(catalog, first, second)
    is_like = np.where(named, same, similarity >= MIN_SIMILARITY)
    q_viewed, is_viewed = _viewed(visits, first, second, n_both, expected, is_like, settings, n_tests)
    q_apart = multiplicity.adjust(1.0 - chance.poisson_tail(n_both + 1, expected), "bh", n_tests=n_tests)
    is_apart = (q_apart <= settings["learn.max_q_value"]) & (high < 1) & (n_both < BOUGHT_APART * expected)
    is_alike = is_apart & is_like
    able = (same | ~named) & may_replace(catalog, rules, first, second)
    chosen = np.flatnonzero((is_viewed | is_alike) & able)
    first, second, is_viewed = first[chosen], second[chosen], is_viewed[chosen]
    n_viewed, _ = visits.both(first, second)
    expected_viewed = visits.expected(first, second)
    columns = {
        "n_viewed_both": n_viewed.astype(np.float64),
        "expected_viewed": expected_viewed,
        "lift_viewed": _divide(n_viewed, expected_viewed),
        "q_value": np.where(is_viewed, q_viewed[chosen], q_apart[chosen]),
        "n_both": n_both[chosen].astype(np.float64),
        "expected": expected[chosen],
        "similarity": similarity[chosen],
    }
    looks = _divide(n_viewed, np.sqrt(visits.n_viewed[first] * visits.n_viewed[second].astype(np.float64)))
    score = np.where(is_viewed, (1.0 + np.nan_to_num(looks) + similarity[chosen]) / 3.0, similarity[chosen] / 3.0)
    texts = [
        {"basis": "viewed" if seen else "alike", "shared": likeness.shared_facts(catalog, a, b)[:SHARED_SHOWN]}
        for a, b, seen in zip(first.tolist(), second.tolist(), is_viewed.tolist(), strict=True)
    ]
    return _both_ways(first, second, score, columns, texts)


def _candidates(leaf: npt.NDArray[np.int64], rows: text.Rows, visits: Visits) -> tuple[Items, Items]:
    """List the pairs of one leaf category that are alike or were ever looked at in one visit."""
    first, second = likeness.pairs_within(leaf, rows)
    seen = visits.pairs
    same = (leaf[seen.first] == leaf[seen.second]) & (leaf[seen.first] >= 0)
    n_items = max(len(leaf), 1)
    key = np.concatenate([first, seen.first[same]]).astype(np.int64) * n_items
    key = np.unique(key + np.concatenate([second, seen.second[same]]))
    return (key // n_items).astype(np.int32), (key % n_items).astype(np.int32)


def _viewed(
    visits: Visits,
    first: Items,
    second: Items,
    n_both: npt.NDArray[np.int64],
    expected: Floats,
    is_like: Mask,
    settings: Settings,
    n_tests: int,
) -> tuple[Floats, Mask]:
    """Test the first rule."""
    n_viewed, n_people = visits.both(first, second)
    by_chance = visits.expected(first, second)
    q_value = multiplicity.adjust(visits.p_values(first, second), "bh", n_tests=n_tests)
    low, _ = chance.lift_interval(n_viewed, by_chance)
    _, high = chance.lift_interval(n_both, expected)
    with np.errstate(invalid="ignore"):
        is_apart = (high < 1) & (n_both < BOUGHT_APART * expected)
        is_apart |= is_like & (n_both == 0) & (expected >= 1) & (high < CARRIED_OVER * low)
        is_seen = (q_value <= settings["learn.max_q_value"]) & (n_people >= settings["learn.min_customers"])
        is_seen &= (low > 1) & (n_viewed >= settings["learn.min_lift"] * by_chance)
    return q_value, is_seen & is_apart


def _needs(catalog: Catalog, first: Items, second: Items) -> tuple[Mask, Mask]:
    """Tell of which pairs the merchant named both needs, and which share one."""
    needs = [likeness.need_of(catalog, item) for item in range(catalog.n_items)]
    told = [(needs[a], needs[b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    named = np.array([bool(one and other) for one, other in told], dtype=bool)
    return named, np.array([bool(one & other) for one, other in told], dtype=bool)


def _both_ways(
    first: Items, second: Items, score: Floats, columns: dict[str, Floats], texts: list[dict[str, Any]]
) -> Links:
    return Links(
        "substitute",
        np.concatenate([first, second]),
        np.concatenate([second, first]),
        np.concatenate([score, score]),
        {name: np.concatenate([column, column]) for name, column in columns.items()},
        texts + texts,
    ).in_order()


def _divide(number: npt.NDArray[Any], by: Floats) -> Floats:
    """Divide; nan where nothing is expected."""
    divided: Floats = np.divide(number, by, out=np.full(len(by), np.nan), where=by > 0)
    return divided
