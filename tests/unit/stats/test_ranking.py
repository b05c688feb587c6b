import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats import ranking

SCORES, POPULARITY = np.array([0.2, 0.7, 0.2, 0.2, 0.9]), np.array([5, 1, 5, 9, 3])
NONE = np.array([], int)


def test_ties_go_to_the_popular_then_to_the_first():
    assert ranking.rank_scores(SCORES, POPULARITY, NONE, 5).tolist() == [4, 1, 3, 0, 2]
    assert ranking.rank_scores(SCORES, POPULARITY, NONE, 4).tolist() == [4, 1, 3, 0]


def test_product_ids_break_the_last_tie():
    order_of_ids = np.array([4, 3, 2, 1, 0])
    assert ranking.rank_scores(SCORES, POPULARITY, NONE, 4, order_of_ids).tolist() == [4, 1, 3, 2]


def test_noise_below_a_billionth_is_a_tie():
    noisy = SCORES + np.array([2e-12, 0, 5e-12, 0, 0])
    assert ranking.rank_scores(noisy, POPULARITY, NONE, 5).tolist() == [4, 1, 3, 0, 2]


@pytest.mark.parametrize("masked", [np.array([4, 3]), np.array([False, False, False, True, True])])
def test_masked_items_never_appear(masked):
    assert ranking.rank_scores(SCORES, POPULARITY, masked, 9).tolist() == [1, 0, 2]


def test_the_scores_are_left_as_they_were():
    scores = SCORES.copy()
    ranking.rank_scores(scores, POPULARITY, np.array([0]), 2)
    assert np.array_equal(scores, SCORES)


def test_whole_numbers_can_be_ranked():
    assert ranking.rank_scores(POPULARITY, POPULARITY, np.array([3]), 2).tolist() == [0, 2]


def test_the_list_ends_at_k():
    assert ranking.rank_scores(SCORES, POPULARITY, NONE, 0).size == 0
    assert ranking.rank_scores(np.zeros(0), np.zeros(0), NONE, 3).size == 0


def test_recall_is_of_what_fits_in_the_list():
    assert ranking.recall_at([1, 2, 3], [1, 3, 7, 8], 2) == 1 / 2
    assert ranking.recall_at([1, 2, 3], [3], 2) == 0
    assert ranking.recall_at([1], [1, 2], 10) == 1 / 2


def test_ndcg_capped_and_full_differ_in_the_ideal():
    """Hits at places 1 and 3 of 3, four wanted."""
    gain = 1 + 1 / 2
    ideal = [1, 1 / np.log2(3), 1 / 2, 1 / np.log2(5)]
    assert ranking.ndcg_at([5, 1, 6], [5, 6, 7, 8], 3) == pytest.approx(gain / sum(ideal[:3]))
    assert ranking.ndcg_full([5, 1, 6], [5, 6, 7, 8], 3) == pytest.approx(gain / sum(ideal))


def test_hit_rate_and_reciprocal_place_look_at_the_first_hit():
    assert (ranking.hit_rate_at([4, 2], [2, 9], 2), ranking.mrr_at([4, 2], [2, 9], 2)) == (1, 1 / 2)
    assert (ranking.hit_rate_at([4, 2], [2, 9], 1), ranking.mrr_at([4, 2], [2, 9], 1)) == (0, 0)


def test_coverage_and_novelty_look_at_what_was_shown():
    lists = [np.array([0, 1, 2]), np.array([0, 3])]
    assert ranking.coverage(lists, 2, 10) == 3 / 10
    assert ranking.novelty(lists, np.array([8, 4, 1, 0]), 16, 2) == pytest.approx((1 + 2 + 1 + 4) / 4)
    assert np.isnan(ranking.novelty([[]], POPULARITY, 16, 2))


def test_evaluation_gives_means_and_every_query():
    figures, per_query = ranking.evaluate([[1, 2], [3, 4], []], [[2], [3, 4], [5]], 2, 8)
    assert per_query["recall"].tolist() == [1, 1, 0]
    assert per_query["mrr"].tolist() == [0.5, 1, 0]
    assert set(per_query) == {"recall", "ndcg", "ndcg_full", "hit_rate", "mrr"}
    assert figures["recall"] == pytest.approx(2 / 3)
    assert figures["ndcg"] == pytest.approx((1 / np.log2(3) + 1) / 3)
    assert (figures["coverage"], figures["queries"]) == (4 / 8, 3)


def test_queries_without_an_answer_are_refused():
    with pytest.raises(BadInput, match="nothing to find"):
        ranking.evaluate([[1]], [[]], 2, 8)
    with pytest.raises(BadInput, match="1 lists for 2 queries"):
        ranking.evaluate([[1]], [[1], [2]], 2, 8)
    with pytest.raises(BadInput, match="at least one"):
        ranking.evaluate([], [], 2, 8)
