"""Comparisons of arms equal GrowthBook's engine and the papers; inputs and outputs as SCIENCE 4.3 stores them.

Sources: gbstats test suite at growthbook/growthbook 8f1db445 (August 2026) and gbstats 0.8.0 for sequential intervals;
Kohavi, Tang & Xu (2020); statsmodels 0.14 for sample sizes; Waudby-Smith et al. (2021) for the half-widths.
"""

import numpy as np
import pytest

from crosslift.stats.compare import exact_interval, share_difference
from crosslift.stats.effects import (
    Effect,
    RatioArm,
    adjusted,
    at_any_time,
    at_horizon,
    believed,
    best_of,
    by_mixture,
    of_means,
    of_ratios,
    of_shares,
)
from crosslift.stats.planning import units_by_arcsine, units_for_means, units_for_shares
from crosslift.stats.trials import Arm, Covariate, sample_ratio

REVENUE = Arm(3461, 2422.7, 134698.29), Arm(3407, 1396.87, 52377.9767)
BUYERS = (150, 1000), (120, 1000)


def told(found):
    return found.value, found.low, found.high, found.p_value


@pytest.mark.parametrize(
    ("effect", "value", "low", "high", "error", "p"),
    [
        (of_means(*REVENUE, is_relative=True), 0.70732, -0.03526, 1.44989, 0.37879, 0.06191),
        (of_means(*REVENUE), 0.29, 0.04538, 0.53462, 0.12478, 0.02016),
        (of_shares((16, 30), (14, 28), is_relative=True), 0.06667, -0.47767, 0.61101, None, 0.80707),
        (of_shares(*BUYERS), 0.03, 0.0000577, 0.0599423, None, 0.0495603),
        (of_shares(*BUYERS, is_relative=True), 0.25, -0.0295087, 0.5295087, None, 0.0795653),
    ],
)
def test_fixed_horizon_intervals_are_growthbooks(effect, value, low, high, error, p):
    assert told(at_horizon(effect)) == pytest.approx((value, low, high, p), abs=6e-6)
    assert error is None or effect.standard_error == pytest.approx(error, abs=6e-6)


@pytest.mark.parametrize(
    ("effect", "low", "high", "p"),
    [
        (of_means(*REVENUE, is_relative=True), -0.44442, 1.85906, 0.69867),
        (of_shares(*BUYERS), -0.0176926, 0.0776926, 0.4706908),
        (of_shares(*BUYERS, is_relative=True), -0.1952070, 0.6952070, 0.6341768),
    ],
)
def test_anytime_intervals_are_growthbooks(effect, low, high, p):
    assert told(at_any_time(effect, tuned_for=5000))[1:] == pytest.approx((low, high, p), abs=6e-6)


@pytest.mark.parametrize(
    ("n", "half_width"), [(100, 0.6694389), (1000, 0.1063755), (5000, 0.0429243), (20_000, 0.0221120)]
)
def test_the_half_width_of_the_anytime_interval_is_the_papers(n, half_width):
    found = at_any_time(Effect(0.0, 1 / np.sqrt(n), n - 1, n), tuned_for=5000)
    assert found.high == pytest.approx(half_width, abs=1e-7)


def test_a_ratio_by_the_delta_method_is_growthbooks():
    treated, control = RatioArm(1000, 2700, 10400, 5050, 31700, 16200), RatioArm(1000, 2500, 9000, 5000, 31000, 15000)
    assert (control.ratio, treated.ratio) == pytest.approx((0.5, 0.5346535), abs=1e-7)
    assert (control.unit_variance, treated.unit_variance) == pytest.approx((0.0700701, 0.0839506), abs=1e-7)
    found = at_horizon(of_ratios(treated, control))
    assert told(found) == pytest.approx((0.0346535, 0.0103145, 0.0589925, 0.0052842), abs=1e-7)
    assert found.standard_error == pytest.approx(0.0124105, abs=1e-7)


def test_cuped_is_growthbooks():
    arms = Arm(1000, 2700, 10400), Arm(1000, 2500, 9000)
    effect, _ = adjusted(*arms, Covariate(2420, 8700, 8300), Covariate(2400, 8500, 7600))
    found, plain = at_horizon(effect), at_horizon(of_means(*arms))
    assert (found.value, found.standard_error, found.p_value) == pytest.approx(
        (0.1879365, 0.0619248, 0.0024372), abs=1e-7
    )
    assert (plain.value, plain.standard_error, plain.p_value) == pytest.approx((0.2, 0.0765889, 0.0090865), abs=1e-7)


def test_the_bayesian_view_is_growthbooks():
    of_buyers = believed(of_shares(*BUYERS))
    assert of_buyers == pytest.approx((0.9752896, 0.00014233, 0.03014233), abs=1e-7)
    close = of_shares((51, 100), (49, 100), is_relative=True)
    assert believed(close) == pytest.approx((0.60918, 0.04058, 0.0814), abs=5e-6)
    assert told(at_horizon(close))[:3] == pytest.approx(
        (0.04082, -0.24779, 0.32943), abs=2e-3
    )  # theirs is the normal's


def test_the_mixture_test_is_its_formula():
    effect = Effect(0.01, np.sqrt(0.18 / 10_000), 19_998, 10_000)
    found = by_mixture(effect, 1e-4)
    assert found.p_value == pytest.approx(1 / 4.11193, abs=1e-6)
    assert found.p_value == pytest.approx(0.2431948, abs=1e-6)
    assert found.high - found.value == pytest.approx(0.0129305, abs=1e-7)


@pytest.mark.parametrize(
    ("counts", "shares", "p"),
    [
        ([1000, 1100], [1, 1], 0.0290963), ([1000, 2000, 900], [1, 2, 1], 0.0213617),
        ([821_588, 815_482], [1, 1], 1.8218e-6), ([5000, 5200], [1, 1], 0.0476704),
    ],
)  # fmt: skip
def test_sample_ratios_are_the_published_ones(counts, shares, p):
    assert sample_ratio(counts, shares).p_value == pytest.approx(p, rel=1e-4)


def test_sizes_of_trials_are_statsmodels():
    assert units_by_arcsine(0.10, 0.11) / 2 == pytest.approx(14_744.10, rel=1e-5)  # theirs counts the far tail too
    assert units_for_shares(0.10, 0.11) / 2 == pytest.approx(14_750.79, abs=0.01)
    assert units_for_means(0.2) / 2 == pytest.approx(393.4057, abs=1e-4)


# tea-tasting 1.14.0, make_users_data(rng=42): users, then sum and sum of squares of sessions, orders, revenue, and products
TEA = {
    "sessions": ((3920.0, 9698.0), (4038.0, 10098.0)), "orders": ((1133.0, 2121.0), (1073.0, 2073.0)),
    "revenue": ((11328.43, 278029.8889), (10602.6, 243736.4268)), "products": (2730.0, 2648.0),
}  # fmt: skip
USERS = 1977, 2023
ORDERS_BEFORE = Covariate(1006.0, 2380.0, 1551.0), Covariate(1090.0, 2720.0, 1691.0)


def tea(name):
    return [Arm(n, *sums) for n, sums in zip(USERS, TEA[name], strict=True)]


def test_users_data_are_told_as_by_tea_tasting():
    """Orders a session +8.8 %, p .0762; orders a user +8.0 %, p .118; revenue +9.3 %, p .123; with a covariate 11 %, .00733."""
    ratios = [
        RatioArm(n, *orders, *sessions, product)
        for n, orders, sessions, product in zip(USERS, TEA["orders"], TEA["sessions"], TEA["products"], strict=True)
    ]
    told_of = [
        (of_ratios(*ratios, is_relative=True).value, at_horizon(of_ratios(*ratios)).p_value),
        *((of_means(*tea(name), is_relative=True).value, at_horizon(of_means(*tea(name))).p_value)
          for name in ("orders", "revenue")),
        (adjusted(*tea("orders"), *ORDERS_BEFORE, is_relative=True)[0].value,
         at_horizon(adjusted(*tea("orders"), *ORDERS_BEFORE)[0]).p_value),
    ]  # fmt: skip
    published = [(0.088, 0.0762), (0.080, 0.118), (0.093, 0.123), (0.11, 0.00733)]
    for (value, p), (said, said_p) in zip(told_of, published, strict=True):
        assert value == pytest.approx(said, abs=0.005)
        assert p == pytest.approx(said_p, rel=0.005)


def test_shares_are_bounded_as_by_statsmodels():
    """Newcombe 150/1000 less 120/1000, Clopper and Pearson 15/100 (SCIENCE 4.3)."""
    assert share_difference((150, 1000), (120, 1000))[:3] == pytest.approx((0.03, 0.00001378, 0.06000826), abs=5e-9)
    assert exact_interval(15, 100)[1:3] == pytest.approx((0.0864544, 0.2353075), abs=5e-8)
    assert exact_interval(0, 10)[1:3] == pytest.approx((0.0, 1 - 0.025**0.1))


def test_the_best_of_two_is_the_bayesian_view_of_growthbook():
    sides = [(k / n, (k / n * (1 - k / n) / n) ** 0.5) for k, n in BUYERS]
    first, second = best_of(*zip(*sides, strict=True))
    assert (first.p_best, first.loss, second.loss) == pytest.approx((0.9752896, 0.00014233, 0.03014233), abs=2e-7)
    assert first.p_best + second.p_best == pytest.approx(1, abs=1e-9)
