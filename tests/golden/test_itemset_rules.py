"""Itemsets and rules of Groceries against published counts (SCIENCE 4.1; cross-checked there with mlxtend).

Hahsler, Hornik & Reutterer (2006), the arules vignette (5,668 rules), Lantz, Machine Learning with R (463 rules).
"""

from collections import Counter
from math import ceil

import numpy as np
import pytest

from crosslift.stats.itemsets import frequent_itemsets, rules

N_BASKETS = 9_835


@pytest.fixture(scope="module")
def itemsets(groceries):
    found = {}

    def itemsets(support):
        if support not in found:
            least = ceil(support * N_BASKETS)
            found[support] = frequent_itemsets(groceries.items, groceries.offsets, len(groceries.names), least)
        return found[support]

    return itemsets


def told(found, names, rule):
    """Say a rule in words."""
    return {names[item].strip() for item in found.left_side(rule)}, names[found.rhs[rule]].strip()


def test_the_data_are_those_of_the_tables(groceries):
    counts = {name.strip(): int(count) for name, count in zip(groceries.names, groceries.counts, strict=True)}
    assert len(groceries.offsets) - 1 == N_BASKETS
    assert len(groceries.items) == 43_367
    assert [counts[n] for n in ("whole milk", "other vegetables", "rolls/buns", "soda", "yogurt")] == [
        2513, 1903, 1809, 1715, 1372,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("support", "confidence", "n_itemsets", "sizes", "top_lift"),
    [
        (0.001, 0.5, 13_492, {2: 11, 3: 1461, 4: 3211, 5: 939, 6: 46}, 18.995654),
        (0.001, 0.8, 13_492, {3: 29, 4: 229, 5: 140, 6: 12}, 11.235269),
        (0.006, 0.25, 747, {2: 150, 3: 297, 4: 16}, 3.956477),
    ],
)
def test_rules_by_size_equal_the_published_table(itemsets, support, confidence, n_itemsets, sizes, top_lift):
    found = rules(itemsets(support), confidence, N_BASKETS)
    assert len(itemsets(support)) == n_itemsets
    assert Counter(found.size.tolist()) == sizes
    assert found.lift.max() == pytest.approx(top_lift, abs=1e-6)


@pytest.mark.parametrize(
    ("support", "confidence", "n_itemsets", "n_rules", "n_empty", "top_lift"),
    [
        (0.001, 0.5, 13_492, 5_668, 0, 18.995654),
        (0.001, 0.8, 13_492, 410, 0, 11.235269),
        (0.001, 0.9, 13_492, 129, 0, 11.235269),
        (0.005, 0.25, 1_001, 662, 1, 4.085493),
        (0.006, 0.25, 747, 463, 1, 3.956477),
        (0.01, 0.2, 333, 231, 1, 3.295045),
        (0.01, 0.5, 333, 15, 0, 3.029608),
        (0.02, 0.3, 122, 37, 0, 2.842082),
    ],
)
def test_counts_and_top_lifts_equal_the_published_table(
    itemsets, support, confidence, n_itemsets, n_rules, n_empty, top_lift
):
    found = rules(itemsets(support), confidence, N_BASKETS)
    assert (len(itemsets(support)), len(found)) == (n_itemsets, n_rules)
    assert len(rules(itemsets(support), confidence, N_BASKETS, with_empty_left_side=True)) == n_rules + n_empty
    assert found.lift.max() == pytest.approx(top_lift, abs=1e-6)


def test_the_three_rules_of_highest_lift_and_the_means(itemsets, groceries):
    found = rules(itemsets(0.001), 0.5, N_BASKETS)
    best = np.argsort(-found.lift, kind="stable")[:3]
    assert [told(found, groceries.names, rule) for rule in best] == [
        ({"Instant food products", "soda"}, "hamburger meat"),
        ({"popcorn", "soda"}, "salty snack"),
        ({"baking powder", "flour"}, "sugar"),
    ]
    assert found.lift[best] == pytest.approx([18.995654, 16.697793, 16.408075], abs=1e-6)
    assert (found.count[best[0]], found.support[best[0]], found.confidence[best[0]]) == pytest.approx(
        (12, 0.00122013, 0.6315789), abs=1e-6
    )
    means = (found.support.mean(), found.confidence.mean(), found.lift.mean())
    assert means == pytest.approx((0.0016678, 0.6249694, 3.2623017), abs=1e-6)


@pytest.mark.parametrize(
    ("support", "confidence", "left", "right", "count", "known_confidence"),
    [
        (0.001, 0.8, {"liquor", "red/blush wine"}, "bottled beer", 19, 0.9047619),
        (0.006, 0.25, {"herbs"}, "root vegetables", 69, 0.43125),
    ],
)
def test_the_top_rules_are_the_published_ones(
    itemsets, groceries, support, confidence, left, right, count, known_confidence
):
    found = rules(itemsets(support), confidence, N_BASKETS)
    best = int(found.lift.argmax())
    assert told(found, groceries.names, best) == (left, right)
    assert found.count[best] == count
    assert found.confidence[best] == pytest.approx(known_confidence, abs=1e-6)
