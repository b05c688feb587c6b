"""What crosslift learns of the demo shop, against the truth its generator computed (never a list by hand)."""

import numpy as np
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products.by_chance import expected_counts
from crosslift.learn.products.complements import count, find_complements
from crosslift.settings import Settings
from crosslift.shop import Shop
from crosslift.stats.chance import power
from crosslift.testing.demo.truth import load_truth

ALPHA, ENOUGH_POWER = 0.001, 0.95


@pytest.fixture(scope="module")
def learned(demo_home):
    with Shop(demo_home) as shop:
        counted, pairs = count(from_lines(shop.cleaned().lines), shop.settings)
        knowledge = shop.knowledge
        return counted, pairs, find_complements(counted, pairs, shop.settings), knowledge


@pytest.fixture(scope="module")
def relations(learned):
    _, _, _, knowledge = learned
    names = knowledge.products
    return {frozenset((names[a], names[int(b)])) for a in range(knowledge.n_items) for b in knowledge.edges_of(a)[0]}


def test_almost_every_learned_relation_is_true(relations):
    truth = load_truth()
    right = sum(truth.has(*pair) for pair in relations)
    print(f"precision {right / len(relations):.4f}: {right} of {len(relations)} relations are planted or induced")
    assert len(relations) > 300
    assert right / len(relations) >= 0.95


def test_planted_pairs_that_can_be_found_are_found(learned, relations):
    n_baskets = learned[0].n_baskets
    planted = load_truth().planted()
    chance = np.array([pair.p_by_chance for pair in planted]) * n_baskets
    lift = np.array([pair.lift for pair in planted])
    findable = power(chance, lift, ALPHA) >= ENOUGH_POWER
    found = np.array([frozenset((pair.first, pair.second)) in relations for pair in planted])
    recall = found[findable].mean()
    print(f"recall {recall:.4f} of {findable.sum()} findable planted pairs; "
          f"of the {(~findable).sum()} others {found[~findable].sum()} were found")  # fmt: skip
    assert findable.sum() >= 100
    assert recall >= 0.9


def test_gift_wrap_is_nobodys_complement(learned, relations):
    counted, pairs, found, _ = learned
    wrap = counted.products.index("GIFT-WRAP")
    partners = np.delete(np.arange(counted.n_items), wrap).astype(np.int32)
    first, second = np.minimum(partners, wrap).astype(np.int32), np.maximum(partners, wrap).astype(np.int32)
    expected = expected_counts(counted, first, second, Settings.load({}, environment={}))
    both = {(int(a), int(b)): int(n) for a, b, n in zip(pairs.first, pairs.second, pairs.n_both, strict=True)}
    observed = np.array([both.get((int(a), int(b)), 0) for a, b in zip(first, second, strict=True)])
    lifts = (observed / expected)[expected >= 30]
    print(
        f"gift wrap: median corrected lift {np.median(lifts):.3f} over {len(lifts)} partners; kappa {found.kappa:.3f}"
    )
    assert found.kappa >= 1.1
    assert len(lifts) >= 50
    assert np.median(lifts) <= 1.1
    assert not [pair for pair in relations if "GIFT-WRAP" in pair]


def test_the_mega_buyers_trap_is_no_relation(relations):
    assert frozenset(("CLD-KEG", "TRV-CERAMIC")) not in relations
