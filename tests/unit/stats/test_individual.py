import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.individual import fit_uplift, held_out_expectations, held_out_uplift
from crosslift.stats.weighted import Choices, doubly_robust_difference


def trial(n=6_000, seed=1, is_amount=False):
    """The offer moves those with the sign; who buys anyway depends on something else."""
    random = np.random.default_rng(seed)
    sign, keen = random.random(n) < 0.5, random.normal(size=n)
    p = np.where(keen > 1, 0.7, 0.3)
    treated = random.random(n) < p
    chance = 1 / (1 + np.exp(1.5 - keen)) * 0.6
    effect = np.where(sign, 0.25, 0.0)
    outcome = random.random(n) < chance + effect * treated
    value = outcome * random.gamma(4, 10, n) if is_amount else outcome
    return [sign.astype(float), keen], Choices.of(value, treated, np.where(treated, p, 1 - p)), effect


def test_it_finds_whom_the_offer_moves():
    columns, choices, effect = trial()
    scores = held_out_uplift(columns, choices, seed=1)
    assert scores[effect > 0].mean() - scores[effect == 0].mean() > 0.15
    model = fit_uplift(columns, choices, seed=1)
    with_sign, without = model.predict([np.array([1.0, 0.0]), np.array([0.0, 0.0])])
    assert with_sign - without > 0.15


def test_expectations_narrow_the_interval_of_the_mean_effect():
    columns, choices, effect = trial()
    expected = held_out_expectations(columns, choices, seed=1)
    found = doubly_robust_difference(choices, *expected)
    assert found.low < effect.mean() < found.high


def test_amounts_are_read_too():
    columns, choices, effect = trial(is_amount=True)
    found = doubly_robust_difference(choices, *held_out_expectations(columns, choices, seed=1))
    assert found.low < 40 * effect.mean() < found.high


def test_rows_of_a_unit_are_held_out_together():
    """A unit's own outcome, if seen, would tell: the column is its number."""
    random = np.random.default_rng(3)
    unit = np.repeat(np.arange(30), 40)
    outcome = np.repeat(random.random(30) < 0.5, 40)
    treated = random.random(1_200) < 0.5
    choices = Choices.of(outcome, treated, np.full(1_200, 0.5), unit)
    number = unit.astype(str)
    expected, _ = held_out_expectations([number], choices, seed=1)
    assert abs(np.corrcoef(expected, outcome)[0, 1]) < 0.35
    assert len({(who, told) for who, told in zip(unit.tolist(), expected.tolist(), strict=True)}) == 30


def test_nothing_known_is_refused():
    _, choices, _ = trial(50)
    with pytest.raises(BadInput, match="0 columns for 50 choices"):
        fit_uplift([], choices, seed=1)
