import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.multiplicity import adjust, adjust_discrete

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


def steps(n_tests, n_values):
    """Tests whose p-values can be 1/n, 2/n ... 1."""
    return np.tile(np.arange(1, n_values + 1) / n_values, n_tests), np.arange(n_tests + 1) * n_values


def test_fine_steps_are_those_of_benjamini_and_hochberg_but_for_the_level():
    p = np.round(np.random.default_rng(5).random(40) ** 4, 3) + 0.001
    discrete = adjust_discrete(p, *steps(40, 1_000), level=0.05)
    small = p <= 0.05 / 1.05
    assert small.any()
    assert not small.all()
    raw = 1.05 * adjust(p, "bh")
    assert np.all(discrete[small] >= raw[small] - 1e-12)
    assert np.all(discrete[~small] == 1)
    assert discrete.min() == pytest.approx(raw.min())


def test_coarse_tests_cost_what_they_can_take():
    p = [0.004, *[1.0] * 9]
    values = np.concatenate([[0.004, 1.0], *[[0.01, 1.0]] * 4, *[[0.002, 1.0]] * 5])
    # four tests cannot be so small, five can be with .002 each, and it has .004 itself
    assert adjust_discrete(p, values, np.arange(11) * 2, level=0.05)[0] == pytest.approx(1.05 * (0.004 + 5 * 0.002))


def test_the_order_of_discrete_tests_does_not_matter():
    random = np.random.default_rng(8)
    n_values = random.integers(1, 9, 30)
    tests = [np.sort(random.random(n)) ** 2 for n in n_values]
    p = np.array([one[random.integers(one.size)] for one in tests])
    order = random.permutation(30)
    starts = np.concatenate([[0], np.cumsum(n_values)])
    whole = adjust_discrete(p, np.concatenate(tests), starts, level=0.05)
    moved = np.concatenate([[0], np.cumsum(n_values[order])])
    assert np.allclose(
        adjust_discrete(p[order], np.concatenate([tests[k] for k in order]), moved, level=0.05), whole[order]
    )


def test_discrete_tests_need_their_values_in_order():
    with pytest.raises(BadInput, match="do not ascend"):
        adjust_discrete([0.1], [0.5, 0.1], [0, 2], level=0.05)
    with pytest.raises(BadInput, match="2 p-values for 1 tests"):
        adjust_discrete([0.1, 0.2], [0.5], [0, 1], level=0.05)
    assert adjust_discrete([], [], [0], level=0.05).size == 0
