import numpy as np
import pytest
from scipy.special import gammaln

from crosslift.stats.btyd import Histories, log_gap
from crosslift.stats.regularity import gap_shape


def renewals(shape, n=1_500, seed=1, mean=30.0, is_whole=False):
    """Histories of people with rates of their own, seen for a year; whole days where purchases of a day are one."""
    random = np.random.default_rng(seed)
    gaps = random.gamma(shape, mean / shape, (n, 200)) * random.gamma(4, 1 / 4, n)[:, None]
    at = np.cumsum(gaps, axis=1) + random.random(n)[:, None]
    rows = []
    for times in np.where(at < 365, at, np.nan):
        seen = np.append(0.0, times[np.isfinite(times)])
        seen = np.unique(np.floor(seen)) if is_whole else seen
        rows.append((seen.size - 1, seen[-1], 365.0, log_gap(np.diff(seen), float(is_whole)).sum()))
    return Histories.of(*np.array(rows).T, grain=float(is_whole))


@pytest.mark.parametrize("shape", [0.5, 1.0, 2.0, 5.0])
def test_shape_of_the_gaps_lies_in_its_interval(shape):
    found = gap_shape(renewals(shape))
    assert found.low < shape < found.high
    assert found.high / found.low < 1.2
    assert (found.is_regular, found.is_bursty) == (shape > 1, shape < 1)


def test_likelihood_is_that_of_dirichlet_shares():
    """Two gaps of 1 and 3: shares 1/4 and 3/4, density Γ(2k)/Γ(k)² (3/16)^(k − 1); the best k by hand."""
    found = gap_shape(Histories.of([2], [4.0], [5.0], [np.log(1) + np.log(3)]))
    k = np.linspace(0.1, 20, 20_000)
    density = gammaln(2 * k) - 2 * gammaln(k) + (k - 1) * np.log(3 / 16)
    assert found.shape == pytest.approx(k[np.argmax(density)], abs=2e-3)
    assert found.n == 1


def test_whole_days_do_not_make_chance_look_regular():
    days = renewals(1.0, mean=12.0, is_whole=True)
    assert 0.93 < gap_shape(days).shape < 1.07
    as_exact = Histories.of(
        *(np.repeat(column, days.n) for column in (days.x, days.t_x, days.age)),
        np.repeat(days.log_gaps / days.n, days.n),
    )
    assert gap_shape(as_exact).shape != pytest.approx(1.0, abs=0.05)


def test_one_gap_tells_nothing():
    found = gap_shape(Histories.of([0, 1], [0, 5.0], [9.0, 9.0], [0, np.log(5)]))
    assert np.isnan(found.shape)
    assert (found.n, found.is_regular, found.is_bursty) == (0, False, False)


def test_unknown_lengths_tell_nothing():
    assert np.isnan(gap_shape(Histories.of([3], [5.0], [9.0])).shape)


def test_two_gaps_of_each_agree_with_wheat_and_morrison():
    """Wheat & Morrison (1990), J. Marketing Research 27(1): M = gap/(both) is Beta(k, k), its variance 1/(4(2k + 1))."""
    random = np.random.default_rng(3)
    gaps = random.gamma(3, 1, (20_000, 2)) * random.gamma(2, 1, (20_000, 1))
    variance = ((gaps[:, 0] / gaps.sum(axis=1) - 0.5) ** 2).mean()
    both = gaps.sum(axis=1)
    found = gap_shape(Histories.of(np.full(20_000, 2), both, both, np.log(gaps).sum(axis=1)))
    assert found.shape == pytest.approx((1 - 4 * variance) / (8 * variance), rel=0.02)
