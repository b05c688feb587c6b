"""One member unlike the others is seen, the others are not, and few say nothing."""

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.outliers import LEAST_PEERS, unusual_counts, unusual_shares


def test_a_rogue_does_not_hide_another():
    counts = np.array([20, 22, 18, 25, 17, 21, 19, 23, 20, 160, 150])
    p = unusual_counts(counts, np.ones(11))
    assert p[9] < 0.01
    assert p[10] < 0.01
    assert p[:9].min() > 0.05


def test_more_exposure_explains_more():
    counts, days = np.array([20, 22, 18, 25, 17, 21, 60]), np.array([10, 10, 10, 10, 10, 10, 30])
    p = unusual_counts(counts, days)
    assert p[6] > 0.2
    assert unusual_counts(counts, np.full(7, 10))[6] < p[6] / 5


def test_a_share_of_early_cancellations_unlike_the_others():
    p = unusual_shares([9, 7, 8, 10, 6, 9, 45], [60] * 7)
    assert p[6] < 1e-3
    assert p[:6].min() > 0.05
    assert unusual_shares([9, 7, 8, 10, 6, 9, 45, 0], [60] * 7 + [0])[7] == 1.0


@pytest.mark.parametrize("ask", [unusual_counts, unusual_shares])
def test_few_members_say_nothing(ask):
    assert ask([1] * LEAST_PEERS, [2] * LEAST_PEERS) is None
    assert ask([1] * (LEAST_PEERS + 1), [2] * (LEAST_PEERS + 1)) is not None


@pytest.mark.parametrize("ask", [unusual_counts, unusual_shares])
def test_probabilities_are_never_above_one(ask):
    chance = np.random.default_rng(5)
    for _ in range(60):
        of = chance.integers(1, 90, chance.integers(6, 20))
        p = ask(np.minimum(chance.integers(0, 200, of.size), of), of)
        assert ((p >= 0) & (p <= 1)).all()


def test_a_higher_count_is_never_less_unusual():
    p = [unusual_counts([20, 22, 18, 25, 17, 21, top], np.ones(7))[6] for top in range(15, 60, 5)]
    assert (np.diff(p) <= 1e-12).all()


def test_wrong_numbers_are_refused():
    with pytest.raises(BadInput, match="exposure above 0"):
        unusual_counts([1, 2], [1, 0])
    with pytest.raises(BadInput, match="between 0 and the trials"):
        unusual_shares([3], [2])
