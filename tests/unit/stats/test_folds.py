import numpy as np

from crosslift.stats.folds import deal


def test_each_label_is_dealt_evenly():
    labels = np.random.default_rng(3).integers(0, 4, 1_003)
    part = deal(labels, 7, seed=1)
    counts = np.array([np.bincount(part[labels == label], minlength=7) for label in range(4)])
    assert (np.ptp(counts, axis=1) <= 1).all()
    assert (deal(labels, 7, seed=1) == part).all()
    assert (deal(labels, 7, seed=2) != part).any()
