"""Sizes of trials."""

import numpy as np
import pytest
from scipy.stats import norm

from crosslift.errors import BadInput
from crosslift.stats.planning import (
    least_effect,
    units_by_arcsine,
    units_for_effect,
    units_for_means,
    units_for_shares,
)


def test_a_size_and_its_least_effect_belong_together():
    for share in (0.05, 0.5):
        n = units_for_effect(2.5, 60.0, share_of_control=share)
        assert least_effect(n, 60.0, share_of_control=share).least_effect == pytest.approx(2.5)


def test_a_small_control_costs_units():
    even, small = (units_for_shares(0.05, 0.06, share_of_control=share) for share in (0.5, 0.05))
    assert small > 4 * even
    assert units_for_shares(0.05, 0.06, power=0.9) > even


def test_many_units_are_as_by_the_normal():
    n = units_for_means(0.01)
    assert n == pytest.approx(4 * ((norm.ppf(0.975) + norm.ppf(0.8)) / 0.01) ** 2, rel=1e-4)


def test_power_is_what_was_asked_for():
    n = int(units_for_shares(0.3, 0.5) / 2)
    chance = np.random.default_rng(5)
    one, other = chance.binomial(n, 0.5, 20_000) / n, chance.binomial(n, 0.3, 20_000) / n
    pooled = (one + other) / 2
    z = (one - other) / np.sqrt(pooled * (1 - pooled) * 2 / n)
    assert np.mean(np.abs(z) > norm.ppf(0.975)) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: units_for_shares(0.1, 0.1), lambda: units_for_shares(-0.1, 0.1), lambda: units_by_arcsine(0.2, 0.2),
        lambda: units_for_means(0.0), lambda: units_for_effect(0.0, 1.0), lambda: least_effect(0, 1.0),
        lambda: least_effect(100, 1.0, share_of_control=1.0),
    ],
)  # fmt: skip
def test_what_has_no_size_is_refused(ask):
    with pytest.raises(BadInput):
        ask()
