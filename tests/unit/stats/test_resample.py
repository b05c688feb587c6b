import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats import resample


def test_one_seed_is_one_interval():
    values, owners = np.random.default_rng(1).normal(size=300), np.arange(300) // 3
    one = resample.paired_bootstrap(values, owners, seed=5)
    assert one == resample.paired_bootstrap(values, owners, seed=5)
    assert one != resample.paired_bootstrap(values, owners, seed=6)
    assert one[0] == values.mean()


def test_queries_of_one_customer_are_not_new_evidence():
    values = np.random.default_rng(1).normal(size=200)
    _, low, high = resample.paired_bootstrap(np.repeat(values, 9), np.repeat(np.arange(200), 9), seed=5)
    _, low_apart, high_apart = resample.paired_bootstrap(np.repeat(values, 9), np.arange(1_800), seed=5)
    assert high - low == pytest.approx(3 * (high_apart - low_apart), rel=0.15)


def test_customers_weigh_by_their_queries():
    mean, low, high = resample.paired_bootstrap([1.0, 0.0, 0.0, 0.0], ["a", "b", "b", "b"], seed=1)
    assert (mean, low, high) == (0.25, 0.0, 1.0)


def test_few_cells_at_once_give_the_same_kind_of_interval(monkeypatch):
    values, owners = np.random.default_rng(1).normal(size=300), np.arange(300)
    _, low, high = resample.paired_bootstrap(values, owners, seed=5)
    monkeypatch.setattr(resample, "CELLS_AT_ONCE", 700)
    assert resample.paired_bootstrap(values, owners, seed=5)[1:] == pytest.approx((low, high))


def test_an_interval_needs_two_customers():
    with pytest.raises(BadInput, match="queries of 1 customers"):
        resample.paired_bootstrap([0.1, 0.2], [7, 7], seed=1)
    with pytest.raises(BadInput, match="one customer for each"):
        resample.paired_bootstrap([0.1, 0.2], [7], seed=1)
