import numpy as np
import pytest

from crosslift.stats.multiplicity import adjust

# Benjamini & Hochberg (1995), section 4: 15 comparisons of a myocardial infarction trial
PAPER = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def test_benjamini_and_hochberg_reject_four_of_their_fifteen():
    assert (adjust(PAPER, "bh") <= 0.05).sum() == 4
    assert (adjust(PAPER, "bonferroni") <= 0.05).sum() == 3


def test_their_adjusted_values_are_p_times_fifteen_by_rank():
    assert adjust(PAPER, "bh")[:5] == pytest.approx([0.0015, 0.0030, 0.0095, 0.035625, 0.0603])


def test_holm_multiplies_by_the_tests_still_open():
    assert adjust(PAPER, "holm")[:4] == pytest.approx([15 * 0.0001, 14 * 0.0004, 13 * 0.0019, 12 * 0.0095])


def test_benjamini_and_yekutieli_pay_the_harmonic_sum():
    harmonic = sum(1 / rank for rank in range(1, 16))
    assert adjust(PAPER, "by")[:4] == pytest.approx(np.array([0.0015, 0.0030, 0.0095, 0.035625]) * harmonic)
