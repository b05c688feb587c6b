"""Slots drawn anew now and then: never outside the pools, and with exactly the probability that is logged."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.decide.exploration import explore
from crosslift.domain.chance import of


def grid(n):
    """Every combination of n even steps of the three draws: an exact integral where pools divide n."""
    for a, b, c in product(range(n), repeat=3):
        yield lambda purpose, at=(a, b, c): (at[("explore", "slot", "candidate").index(purpose)] + 0.5) / n


def test_every_logged_probability_is_the_share_of_draws():
    chosen, pools, epsilon = (10, 20, 30), ((1, 2), (), (1, 2, 3)), 0.25
    shown: Counter[tuple[int, int]] = Counter()
    logged = {}
    draws = list(grid(12))
    for chance in draws:
        found = explore(chosen, pools, epsilon, chance)
        for slot, (place, p) in enumerate(zip(found.chosen, found.probabilities, strict=True)):
            shown[slot, place] += 1
            logged.setdefault((slot, place), p)
    for key, n in shown.items():
        assert n / len(draws) == pytest.approx(logged[key], abs=1e-12), key
    assert logged[0, 1] == pytest.approx(0.25 / 3 / 2)
    assert logged[1, 20] == 1.0


@given(st.integers(1, 6), st.floats(0, 1), st.text(min_size=1), st.data())
def test_at_most_one_slot_changes_and_only_to_its_own_pool(n, epsilon, decision, data):
    chosen = list(range(100, 100 + n))
    pools = [data.draw(st.lists(st.integers(0, 50), unique=True, max_size=8)) for _ in range(n)]
    found = explore(chosen, pools, epsilon, of(b"secret", decision))
    changed = [slot for slot in range(n) if found.chosen[slot] != chosen[slot]]
    assert changed == ([] if found.slot is None else [found.slot])
    assert all(found.chosen[slot] in pools[slot] for slot in changed)
    assert all(0 < p <= 1 or epsilon == 1.0 for p in found.probabilities)


def test_without_epsilon_no_draw_is_made():
    def never(_purpose):
        raise AssertionError("nothing to draw")

    assert explore([1, 2], [[3], [4]], 0.0, never).probabilities == (1.0, 1.0)


def test_an_empty_list_stays_empty():
    assert explore([], [], 0.5, of(b"s", "d")).chosen == ()
