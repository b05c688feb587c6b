import numpy as np
import pytest
from scipy.stats import poisson

from crosslift.errors import BadInput
from crosslift.stats import chance
from crosslift.stats.pairs import count_pairs


def test_kappa_is_below_one_where_baskets_are_alike():
    assert chance.kappa([4, 4, 4]) == pytest.approx(1 - 1 / 4)


def test_kappa_counts_baskets_of_one():
    """N Σ s(s−1) / (Σ s)² = 3 · 6 / 25."""
    assert chance.kappa([1, 1, 3]) == pytest.approx(18 / 25)
    assert chance.kappa([1, 1]) == 0


def test_kappa_of_nothing_is_refused():
    with pytest.raises(BadInput, match="no basket holds an item"):
        chance.kappa([])
    with pytest.raises(BadInput, match="at least one is needed"):
        chance.expected_pairs([1], [1], 0, 1.0)


def test_expected_meetings_of_all_pairs_add_up_to_those_there_are():
    """With kappa the total over ordered pairs, an item with itself included, is exact: Σ s(s−1)."""
    random = np.random.default_rng(8)
    sizes = random.integers(1, 30, 400)
    items = np.concatenate([random.permutation(60)[:size] for size in sizes])
    counts = np.bincount(items, minlength=60)
    everything = chance.expected_pairs(counts[:, None], counts[None, :], 400, chance.kappa(sizes))
    assert everything.sum() == pytest.approx((sizes * (sizes - 1)).sum())


def test_strata_keep_popularity_and_sizes_apart():
    items, offsets, strata = [0, 1, 0, 1, 2, 2, 3], [0, 2, 5, 7], [0, 2, 2]
    counts = chance.StrataCounts.of(items, offsets, 4, strata)
    assert counts.item_counts.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 2, 1]]
    assert counts.n_baskets.tolist() == [1, 0, 2]
    assert counts.kappas == pytest.approx([1 * 2 / 4, 0, 2 * 8 / 25])
    expected = counts.expected(np.array([0, 2]), np.array([1, 3]))
    assert expected == pytest.approx([0.5 * 1 + 0.64 * 1 / 2, 0.64 * 2 * 1 / 2])


def test_one_stratum_is_no_stratum():
    pairs = count_pairs([0, 1, 1, 2, 0, 2], [0, 2, 4, 6], 3)
    counts = chance.StrataCounts.of([0, 1, 1, 2, 0, 2], [0, 2, 4, 6], 3, [0, 0, 0])
    plain = chance.expected_pairs([2, 2, 2], [2, 2, 2], 3, chance.kappa([2, 2, 2]))
    assert counts.expected(pairs.first, pairs.second) == pytest.approx(plain)


def test_strata_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="number one from 0 for each"):
        chance.StrataCounts.of([0], [0, 1], 1, [0, 0])
    with pytest.raises(BadInput, match="number one from 0 for each"):
        chance.StrataCounts.of([0], [0, 1], 1, [-1])


def test_tails_equal_scipys():
    met, mean = np.array([0, 1, 5, 60, 3]), np.array([3.0, 0.01, 5.0, 12.5, 1e4])
    assert chance.poisson_tail(met, mean) == pytest.approx(poisson.sf(met - 1, mean), rel=1e-12)


def test_a_meeting_where_none_is_expected_has_no_chance():
    assert chance.poisson_tail([0, 1], [0.0, 0.0]).tolist() == [1.0, 0.0]


def test_intervals_hold_exactly_the_wanted_tails():
    low, high = chance.lift_interval([1, 7, 300], [2.0, 2.0, 2.0], level=0.9)
    assert poisson.sf([0, 6, 299], low * 2) == pytest.approx(0.05)
    assert poisson.cdf([1, 7, 300], high * 2) == pytest.approx(0.05)


def test_an_interval_without_expectation_is_unknown():
    low, high = chance.lift_interval([0, 3], [0.0, 0.0])
    assert np.isnan([low, high]).all()
    assert chance.lift_interval([0], [2.0])[0] == [0.0]


@pytest.mark.parametrize("alpha", [0.05, 1e-6])
def test_power_is_the_chance_of_reaching_the_critical_count(alpha):
    for mean in (0.02, 1.0, 30.0, 5_000.0):
        critical = poisson.isf(alpha, mean) + 1
        assert poisson.sf(critical - 1, mean) <= alpha < poisson.sf(critical - 2, mean)
        assert chance.power(mean, 1.8, alpha) == pytest.approx(poisson.sf(critical - 1, 1.8 * mean))


def test_without_a_relation_power_stays_below_alpha():
    assert np.all(chance.power(np.geomspace(0.01, 1e4, 40), 1.0, 0.05) <= 0.05)
