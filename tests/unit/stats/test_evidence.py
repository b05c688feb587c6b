import numpy as np
import pytest

from crosslift.stats.evidence import PARTS, fit_evidence, mix_evidence
from crosslift.stats.levels import Table


def fitted(columns, hit, *, pseudo=10.0, strongest=0, ridge=1.0):
    table = Table.of(columns)
    codes = table.codes(columns)
    (found,) = fit_evidence(codes, table.sizes, hit, pseudo=pseudo, strongest=strongest, ridges=(ridge,), seed=1)
    return found, codes


def test_log_odds_are_a_sum_over_columns_that_the_reader_can_redo():
    random = np.random.default_rng(2)
    columns = [np.repeat([0.0, 1.0], 500), random.integers(0, 3, 1_000).astype(float)]
    hit = random.random(1_000) < np.where(columns[0] > 0, 0.3, 0.1)
    found, codes = fitted(columns, hit)
    by_hand = found.base + sum(
        said[codes[:, column]] for (column, _), said in zip(found.terms, found.said, strict=True)
    )
    assert found.log_odds(codes) == pytest.approx(by_hand)
    shares = 1 / (1 + np.exp(-found.log_odds(codes)))
    assert shares[columns[0] > 0].mean() == pytest.approx(hit[columns[0] > 0].mean(), abs=0.03)


def test_only_a_cross_sees_what_two_columns_say_together():
    """Either sign alone tells nothing; both or neither is a hit in 4 of 5 cases, one of them in 1 of 5."""
    random = np.random.default_rng(3)
    first, second = random.integers(0, 2, (2, 2_000)).astype(float)
    hit = random.random(2_000) < np.where(first == second, 0.8, 0.2)
    alone, codes = fitted([first, second], hit, strongest=0)
    crossed, _ = fitted([first, second], hit, strongest=2)
    assert np.abs(alone.log_odds(codes)).max() < 0.5
    assert ((crossed.log_odds(codes) > 0) == (first == second)).all()


def test_a_level_never_seen_says_nothing():
    found, _ = fitted([np.repeat(["x", "y"], 500)], np.tile([0, 0, 0, 1], 250))
    never = np.zeros((1, 1), np.uint8)
    assert found.log_odds(never)[0] == pytest.approx(found.base)


def test_noise_with_many_levels_does_not_pass_for_evidence():
    """Counted on the rows themselves a rare level would know its own hit; counted without them it cannot."""
    random = np.random.default_rng(4)
    noise = [random.integers(0, 30, 1_500).astype(float) for _ in range(8)]
    hit = random.random(1_500) < 0.2
    found, codes = fitted(noise, hit, strongest=8, ridge=50.0)
    assert np.std(found.log_odds(codes)) < 0.5
    assert PARTS > 1


def test_relabeled_words_give_the_same_answer():
    random = np.random.default_rng(6)
    words = random.choice(["red", "blue", "green"], 900)
    hit = random.random(900) < np.where(words == "red", 0.5, 0.2)
    other = np.array([{"red": "zebra", "blue": "ant", "green": "cow"}[word] for word in words])
    one, codes = fitted([words], hit)
    two, recoded = fitted([other], hit)
    assert one.log_odds(codes) == pytest.approx(two.log_odds(recoded))


def test_a_mix_is_the_average_of_its_members():
    random = np.random.default_rng(7)
    columns = [random.integers(0, 4, 800).astype(float) for _ in range(3)]
    hit = random.random(800) < 0.1 + 0.1 * columns[0]
    one, codes = fitted(columns, hit, strongest=0)
    other, _ = fitted(columns, hit, strongest=3, ridge=20.0)
    mixed = mix_evidence([0.25, 0.75], [one, other])
    assert mixed.log_odds(codes) == pytest.approx(0.25 * one.log_odds(codes) + 0.75 * other.log_odds(codes))
    assert len(mixed.terms) == len(other.terms)
