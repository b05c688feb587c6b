import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.multiplicity import adjust

METHODS = ("bh", "by", "bonferroni", "holm")


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_tests_does_not_matter(method):
    p = np.random.default_rng(3).random(50) ** 3
    shuffled = np.random.default_rng(4).permutation(50)
    assert np.array_equal(adjust(p, method)[shuffled], adjust(p[shuffled], method))


@pytest.mark.parametrize("method", METHODS)
def test_adjusted_values_never_fall_below_p_nor_exceed_one(method):
    p = np.random.default_rng(3).random(200)
    assert np.all((adjust(p, method) >= p) & (adjust(p, method) <= 1))


@pytest.mark.parametrize("method", METHODS)
def test_untested_pairs_are_tests_with_p_one(method):
    p = [0.001, 0.02, 0.3]
    assert adjust(p, method, n_tests=500) == pytest.approx(adjust([*p, *[1.0] * 497], method)[:3])


@pytest.mark.parametrize("method", METHODS)
def test_no_tests_give_no_values(method):
    assert adjust([], method).size == 0


def test_impossible_input_is_refused():
    for p in ([0.5, np.nan], [1.5], [-0.1], [[0.5]]):
        with pytest.raises(BadInput, match=r"numbers in 0\.\.1"):
            adjust(p, "bh")
    with pytest.raises(BadInput, match="2 p-values for 1 tests"):
        adjust([0.1, 0.2], "bh", n_tests=1)
    with pytest.raises(BadUsage, match="'fdr' is unknown"):
        adjust([0.1], "fdr")
