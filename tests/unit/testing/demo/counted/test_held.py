"""What is held together against chance that keeps how much each holds and how many hold it."""

import numpy as np
import pytest

from crosslift.testing.demo.counted.held import HeldCounts
from crosslift.testing.demo.holdings import HOLDABLE, Holdings


def _holdings(sets: list[set[int]]) -> Holdings:
    rows = [(person, held) for person, mine in enumerate(sets) for held in sorted(mine)]
    person, held = np.array(rows).T
    return Holdings(person, held, np.zeros_like(person), np.full_like(person, -1))


def test_independent_holdings_are_not_held_together() -> None:
    rng = np.random.default_rng(4)
    popular = np.linspace(0.05, 0.6, len(HOLDABLE))
    sets = [set(np.flatnonzero(row).tolist()) for row in rng.random((60_000, len(HOLDABLE))) < popular]
    counts = HeldCounts()
    counts.add(_holdings([mine for mine in sets if mine]))
    assert counts.held() == ()


def test_pair_that_is_held_together_is_found_with_its_lift() -> None:
    rng = np.random.default_rng(5)
    sets = [set(np.flatnonzero(row).tolist()) for row in rng.random((40_000, len(HOLDABLE))) < 0.1]
    for mine in sets:
        if 2 in mine and rng.random() < 0.5:
            mine.add(7)
    counts = HeldCounts()
    counts.add(_holdings([mine for mine in sets if mine]))
    found = counts.held()
    assert [(one.first, one.second, one.kind) for one in found] == [
        (HOLDABLE[2].product_id, HOLDABLE[7].product_id, "planted")
    ]
    n_both = sum({2, 7} <= mine for mine in sets)
    assert found[0].n_shop == pytest.approx(n_both)


def test_ended_contracts_do_not_count() -> None:
    counts = HeldCounts()
    ended = Holdings(np.array([0, 0]), np.array([1, 2]), np.array([0, 0]), np.array([50, -1]))
    counts.add(ended)
    assert np.flatnonzero(counts.sets).tolist() == [1 << 2]
