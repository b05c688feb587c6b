import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.btyd import Histories, blocks, log_gap


def test_equal_histories_are_one_row():
    found = Histories.of([0, 2, 0, 2, 2], [0, 7, 0, 7, 8], [10, 10, 10, 10, 10], [0, 1, 0, 2, 5])
    assert sorted(zip(found.x, found.t_x, found.n, found.log_gaps, strict=True)) == [
        (0, 0, 2, 0),
        (2, 7, 2, 3),
        (2, 8, 1, 5),
    ]
    assert found.t_x[found.row_of].tolist() == [0, 7, 0, 7, 8]
    assert found.n_customers == 5


@pytest.mark.parametrize(
    ("x", "t_x", "age"),
    [([1], [5], [4]), ([1], [0], [4]), ([0], [1], [4]), ([-1], [1], [4]), ([0.5], [1], [4]), ([1], [1], [np.inf])],
)
def test_what_is_no_history_is_refused(x, t_x, age):
    with pytest.raises(BadInput, match="is no history"):
        Histories.of(x, t_x, age)


def test_nobody_and_shapes_that_differ_are_refused():
    with pytest.raises(BadInput, match="give one of each"):
        Histories.of([], [], [])
    with pytest.raises(BadInput, match="give one of each"):
        Histories.of([1, 2], [1], [2])


def test_gaps_of_nothing_are_refused():
    with pytest.raises(BadInput, match="merge purchases"):
        Histories.of([1], [1], [2], [-np.inf])


def test_a_sample_keeps_the_shares_of_histories():
    random = np.random.default_rng(1)
    x = random.poisson(2, 50_000)
    whole = Histories.of(x, x * 10.0, np.full(x.size, 200.0) + random.integers(0, 100, x.size), x * 2.0)
    some = whole.sample(500)
    assert some.n.size <= 510
    assert (some.n @ some.x) / some.n.sum() == pytest.approx((whole.n @ whole.x) / whole.n.sum(), rel=0.01)
    assert some.log_gaps == pytest.approx(some.n * some.x * 2.0)
    assert some.row_of.size == some.n_customers
    assert whole.sample(10**9) is whole


def test_mean_log_of_a_gap_is_its_integral_over_the_day():
    fine = (np.arange(100_000) + 0.5) / 100_000
    assert log_gap([1.0, 2.0, 40.0], 1.0) == pytest.approx(
        [np.log(gap - 1 + fine).mean() for gap in (1, 2, 40)], abs=1e-5
    )
    assert log_gap([2.0, 40.0]).tolist() == np.log([2.0, 40.0]).tolist()


def test_smooth_histories_lose_half_a_grain_a_gap():
    found = Histories.of([0, 4], [0, 30.0], [50.0, 50.0], [0, 1.0], grain=1.0).smooth()
    assert (found.t_x.tolist(), found.age.tolist(), found.grain) == ([0, 28], [50, 48], 0)


def test_blocks_hold_each_row_once_and_one_x():
    random = np.random.default_rng(2)
    x, reach = random.integers(0, 5, 3_000), random.integers(1, 3_000, 3_000)
    parts = [*blocks(x, reach)]
    assert np.sort(np.concatenate(parts)).tolist() == list(range(3_000))
    assert all(np.ptp(x[part]) == 0 and part.size * reach[part].max() <= 1_010_000 for part in parts)
