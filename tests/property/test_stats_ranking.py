"""Orders are total, lists are lists, and no measure leaves its range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats import multiplicity, ranking
from crosslift.stats.calibrate import fit_isotonic

untimed = settings(deadline=None)  # the first call imports
few_values = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 1.0]), st.integers(0, 3)), min_size=1, max_size=30)


@untimed
@given(items=few_values, k=st.integers(1, 35), data=st.data())
def test_a_ranking_is_the_head_of_the_sorted_whole(items, k, data):
    scores, popularity = np.array([s for s, _ in items]), np.array([p for _, p in items])
    masked = data.draw(st.sets(st.integers(0, len(items) - 1)))
    allowed = [item for item in range(len(items)) if item not in masked]
    whole = sorted(allowed, key=lambda item: (-scores[item], -popularity[item], item))
    assert ranking.rank_scores(scores, popularity, np.array(sorted(masked), int), k).tolist() == whole[:k]


@untimed
@given(
    ranked=st.lists(st.integers(0, 30), unique=True, max_size=20),
    truth=st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=20),
    k=st.integers(1, 25),
)
def test_measures_stay_between_none_and_all(ranked, truth, k):
    for measure in (ranking.recall_at, ranking.ndcg_at, ranking.ndcg_full, ranking.hit_rate_at, ranking.mrr_at):
        assert 0 <= measure(ranked, truth, k) <= 1 + 1e-12
    assert ranking.ndcg_full(ranked, truth, k) <= ranking.ndcg_at(ranked, truth, k) + 1e-12
    for measure in (ranking.recall_at, ranking.ndcg_at):
        assert measure(truth, truth, k) == pytest.approx(1)


@pytest.mark.parametrize("method", ["bh", "by", "bonferroni", "holm"])
@untimed
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=30), more=st.integers(0, 50))
def test_adjusting_keeps_the_order_and_never_helps(method, p, more):
    adjusted = multiplicity.adjust(p, method, n_tests=len(p) + more)
    assert np.all(adjusted >= np.array(p) * (1 - 1e-12))
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0)


@untimed
@given(data=st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=1, max_size=60))
def test_calibration_rises_and_keeps_the_share_of_hits(data):
    scores, hits = [score for score, _ in data], [hit for _, hit in data]
    steps = fit_isotonic(scores, hits, min_positive=1)
    if not any(hits):
        assert steps is None
        return
    assert steps.predict(scores).sum() == pytest.approx(sum(hits))
    assert np.all(np.diff(steps.predict(np.arange(-9, 9))) >= 0)
