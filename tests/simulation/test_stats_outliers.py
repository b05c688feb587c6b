"""False alarms over teams in which nobody cheats, and how often a cheat is found."""

import numpy as np
import pytest

from crosslift.stats.outliers import unusual_counts, unusual_shares

REPEATS = 120


def team(chance, members, spread):
    return 20 * (chance.gamma(1 / spread, spread, members) if spread else np.ones(members))


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2, 0.5])
def test_honest_teams_raise_few_alarms(spread):
    """Family-wise (Bonferroni, 5 %): at most the nominal share and what 120 repeats can blur (5 % + 3 standard errors)."""
    chance = np.random.default_rng(11)
    alarms = shares = 0
    for _ in range(REPEATS):
        counts = chance.poisson(team(chance, 20, spread))
        alarms += unusual_counts(counts, np.ones(20)).min() * 20 <= 0.05
        rho = spread / 10
        rate = chance.beta(0.15 / rho, 0.85 / rho, 20) if rho else np.full(20, 0.15)
        shares += unusual_shares(chance.binomial(60, rate), np.full(20, 60)).min() * 20 <= 0.05
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert alarms / REPEATS <= most
    assert shares / REPEATS <= most


def test_an_agent_who_opens_six_times_as_much_is_found():
    chance = np.random.default_rng(12)
    found = 0
    for _ in range(REPEATS):
        counts = chance.poisson(team(chance, 20, 0.05))
        counts[0] = chance.poisson(120)
        found += unusual_counts(counts, np.ones(20))[0] * 20 <= 0.05
    assert found / REPEATS > 0.9
