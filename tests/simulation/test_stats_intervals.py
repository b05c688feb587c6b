"""A 95 % interval holds the truth about 95 times in 100. All seeded; bands are ± 3.3 standard errors."""

import numpy as np
import pytest

from crosslift.stats.chance import lift_interval
from crosslift.stats.compare import mean_interval, proportion_interval, ratio_interval
from crosslift.stats.resample import paired_bootstrap

TRIALS = 2_000
ABOUT_95 = pytest.approx(0.95, abs=3.3 * (0.95 * 0.05 / TRIALS) ** 0.5)


def share_holding(truth, intervals):
    return np.mean([low <= truth <= high for low, high in intervals])


def test_means_of_few_units():
    samples = np.random.default_rng(1).normal(40, 15, (TRIALS, 8))
    assert share_holding(40, [mean_interval(8, x.sum(), (x**2).sum())[1:3] for x in samples]) == ABOUT_95


def test_shares_of_rare_events_on_average():
    """Wilson covers its level on average over shares, not at each one (Brown, Cai & DasGupta 2001)."""
    random = np.random.default_rng(2)
    truths = random.uniform(0.02, 0.3, TRIALS)
    intervals = [proportion_interval(int(random.binomial(200, truth)), 200)[1:3] for truth in truths]
    held = np.mean([low <= truth <= high for truth, (low, high) in zip(truths, intervals, strict=True)])
    assert held == ABOUT_95


def test_revenue_per_order_by_customer():
    random = np.random.default_rng(3)
    intervals = []
    for _ in range(TRIALS):
        orders = 1 + random.poisson(1.5, 400)
        revenue = orders * random.normal(30, 6, 400) + random.normal(0, 10, 400)
        sums = revenue.sum(), (revenue**2).sum(), orders.sum(), (orders**2).sum(), (revenue * orders).sum()
        intervals.append(ratio_interval(400, *sums)[1:3])
    assert share_holding(30, intervals) == ABOUT_95


def test_garwood_never_covers_less_than_it_says():
    random = np.random.default_rng(4)
    for expected, lift in ((0.7, 1.0), (3.0, 2.5), (50.0, 1.2)):
        low, high = lift_interval(random.poisson(expected * lift, 20_000), expected)
        assert np.mean((low <= lift) & (lift <= high)) >= 0.95 - 0.004


def test_bootstrap_by_customer():
    """Queries of one customer share half their spread; drawing lines instead of customers would fall far short."""
    random, held = np.random.default_rng(5), []
    for seed in range(400):
        customers = np.repeat(np.arange(120), 1 + random.poisson(2, 120))
        difference = 0.02 + random.normal(0, 0.1, 120)[customers] + random.normal(0, 0.1, customers.size)
        _, low, high = paired_bootstrap(difference, customers, draws=400, seed=seed)
        held.append(low <= 0.02 <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=3.3 * (0.95 * 0.05 / 400) ** 0.5)
