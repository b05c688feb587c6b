"""Textbook statistics against published tables (SCIENCE 4.1; cross-checked there with mlxtend and scipy)."""

import numpy as np
import pytest

from crosslift.stats import association
from crosslift.stats.multiplicity import adjust
from crosslift.stats.pairs import count_pairs

# Groceries (Hahsler, Hornik & Reutterer 2006): both, A only, B only, neither; lift, confidence, leverage,
# conviction, NPMI, phi, G², Fisher one-sided p
PAIRS = {
    "butter -> whole milk": (
        (271, 274, 2242, 7048),
        (1.9460530, 0.4972477, 0.01339540, 1.4808167, 0.18537872, 0.13424163, 155.668684, 8.283217e-36),
    ),
    "other vegetables -> whole milk": (
        (736, 1167, 1777, 6155),
        (1.5136341, 0.3867578, 0.02539431, 1.2140129, 0.15989116, 0.14738836, 200.070160, 1.443892e-45),
    ),
    "beef -> root vegetables": (
        (171, 345, 901, 8418),
        (3.0403668, 0.3313953, 0.01166820, 1.3326284, 0.27442434, 0.16792658, 197.222268, 7.668027e-45),
    ),
    "liquor -> bottled beer": (
        (46, 63, 746, 8980),
        (5.2405940, 0.4220183, 0.00378468, 1.5908313, 0.30874481, 0.13285538, 95.848069, 1.372465e-22),
    ),
    "soda -> whole milk": (
        (394, 1321, 2119, 6001),
        (0.8991124, 0.2297376, -0.00449517, 0.9665330, -0.03305428, -0.02716273, 7.391251, 0.99698688),
    ),
}
FUNCTIONS = (
    association.lift,
    association.confidence,
    association.leverage,
    association.conviction,
    association.npmi,
    association.phi,
    association.llr,
    association.fisher_upper_tail,
)


def counts_of(cells):
    both, only_a, only_b, neither = cells
    return both, both + only_a, both + only_b, sum((both, only_a, only_b, neither))


@pytest.mark.parametrize("pair", PAIRS)
def test_groceries_pairs_equal_the_published_table(pair):
    cells, expected = PAIRS[pair]
    figures = [float(function(*counts_of(cells))) for function in FUNCTIONS]
    assert figures[:-1] == pytest.approx(expected[:-1], abs=1e-6)
    assert figures[-1] == pytest.approx(expected[-1], rel=1e-5)


def test_a_pair_that_avoids_each_other_has_a_negative_signed_ratio():
    cells, expected = PAIRS["soda -> whole milk"]
    assert association.signed_llr(*counts_of(cells)) == pytest.approx(-expected[6], abs=1e-6)


@pytest.mark.parametrize(
    ("cells", "ratio"),
    [
        ((110, 2442, 111, 29114), 270.721877),
        ((13, 1000, 1000, 100000), 0.803755),
        ((100, 1000, 1000, 100000), 265.013064),
        ((10, 0, 0, 10), 27.725887),
        ((1, 0, 0, 10000), 20.420781),
    ],
)
def test_log_likelihood_ratio_equals_dunning(cells, ratio):
    """Dunning (1993), "the swiss" and the values his method's implementations share."""
    assert association.llr(*counts_of(cells)) == pytest.approx(ratio, abs=1e-6)


@pytest.fixture(scope="module")
def all_pairs(groceries):
    """Upper-tail p and expected count of all 14,196 pairs; pairs that never met have p = 1."""
    pairs = count_pairs(groceries.items, groceries.offsets, 169)
    first, second = np.triu_indices(169, 1)
    n_both = np.zeros((169, 169), int)
    n_both[pairs.first, pairs.second] = pairs.n_both
    a, b = groceries.counts[first], groceries.counts[second]
    p = association.fisher_upper_tail(n_both[first, second], a, b, 9835)
    return p, a * b / 9835


@pytest.mark.data
def test_groceries_rejections_over_all_pairs_are_exact(all_pairs):
    p, _ = all_pairs
    assert p.size == 14_196
    assert (p < 0.05).sum() == 3_100
    rejected = {method: (adjust(p, method) <= 0.05).sum() for method in ("bh", "by", "bonferroni", "holm")}
    assert rejected == {"bh": 1_591, "by": 849, "bonferroni": 413, "holm": 414}


@pytest.mark.data
def test_groceries_rejections_where_five_are_expected(all_pairs):
    """SCIENCE 4.1: 3,400 pairs -> 1,718 raw, 1,452 BH, 892 BY, 449 Bonferroni, 461 Holm."""
    p, expected = all_pairs
    p = p[expected >= 5]
    assert p.size == 3_400
    assert (p < 0.05).sum() == 1_718
    rejected = [(adjust(p, method) <= 0.05).sum() for method in ("bh", "by", "bonferroni", "holm")]
    assert rejected == [1_452, 892, 449, 461]


@pytest.mark.data
def test_untested_pairs_count_as_tests(all_pairs):
    p, _ = all_pairs
    met = p < 0.9999
    assert np.allclose(adjust(p[met], "bh", n_tests=14_196), adjust(p, "bh")[met])
    assert np.allclose(adjust(p[met], "holm", n_tests=14_196), adjust(p, "holm")[met])
