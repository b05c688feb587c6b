import numpy as np
import pytest
from scipy import sparse

from crosslift.errors import BadInput
from crosslift.stats import similarity
from crosslift.stats.pairs import count_pairs

# tea 0, honey 1, milk 2, never sold 3
ITEMS, OFFSETS = np.array([0, 1, 0, 1, 2, 0, 2, 0]), np.array([0, 2, 5, 7, 8])
COUNTS = np.array([4, 2, 2, 0])


@pytest.fixture
def pairs():
    return count_pairs(ITEMS, OFFSETS, 4)


def test_item_counts_include_items_never_sold():
    counts = similarity.item_counts(ITEMS, 4)
    assert counts.tolist() == COUNTS.tolist()
    assert counts.dtype == np.int64


@pytest.mark.parametrize(
    ("score", "tea_honey", "honey_tea", "honey_milk"),
    [
        (similarity.cosine, 2 / 8**0.5, 2 / 8**0.5, 1 / 2),
        (similarity.jaccard, 2 / 4, 2 / 4, 1 / 3),
        (similarity.confidence, 2 / 4, 2 / 2, 1 / 2),
        (lambda pairs, counts: similarity.lift(pairs, counts, 4), 2 * 4 / 8, 2 * 4 / 8, 1 * 4 / 4),
    ],
)
def test_scores_are_what_their_names_say(pairs, score, tea_honey, honey_tea, honey_milk):
    matrix = score(pairs, COUNTS).toarray()
    assert matrix.shape == (4, 4)
    assert (matrix[0, 1], matrix[1, 0], matrix[1, 2]) == pytest.approx((tea_honey, honey_tea, honey_milk))
    assert not matrix.diagonal().any()
    assert not matrix[3].any()
    assert not matrix[:, 3].any()


def test_no_pairs_make_an_empty_matrix():
    alone = count_pairs([0, 1], [0, 1, 2], 2)
    assert similarity.cosine(alone, np.array([1, 1])).nnz == 0


def test_ease_equals_its_formula():
    chance = np.random.default_rng(4)
    held = chance.random((80, 12)) < 0.3
    baskets, items = np.nonzero(held)
    offsets = np.searchsorted(baskets, np.arange(81))
    inverse = np.linalg.inv(held.T.astype(float) @ held + 7.0 * np.eye(12))
    expected = np.eye(12) - inverse / np.diag(inverse)
    weights = similarity.ease(items, offsets, 12, 7.0)
    assert weights == pytest.approx(expected, abs=1e-12)
    assert not weights.diagonal().any()
    assert weights.flags.c_contiguous


def test_ease_knows_items_never_sold():
    weights = similarity.ease(ITEMS, OFFSETS, 4, 1.0)
    assert not weights[3].any()
    assert not weights[:, 3].any()


def test_ease_needs_a_ridge():
    for ridge in (0, -1, float("nan")):
        with pytest.raises(BadInput, match="must be above 0"):
            similarity.ease(ITEMS, OFFSETS, 4, ridge)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, sparse.coo_array])
def test_neighbors_come_strongest_first_and_ties_by_lower_id(form):
    """Of either sign: what speaks against an item is kept before what hardly speaks for it."""
    matrix = np.array(
        [[9, 0.5, 0.25, 0.5, 0.75], [0, 0, 0, 0, 0], [0.1, 0.2, 0, 0, -0.3], [-1, 1, 1, 1, -1], [0, 0, 0, 0.2, 0]]
    )
    kept = similarity.top_neighbors(form(matrix), 2)
    assert kept.offsets.tolist() == [0, 2, 2, 4, 6, 7]
    assert kept.ids.tolist() == [4, 1, 4, 1, 0, 1, 3]
    assert kept.scores == pytest.approx(np.array([0.75, 0.5, -0.3, 0.2, -1, 1, 0.2], np.float32))
    assert (kept.offsets.dtype, kept.ids.dtype, kept.scores.dtype) == (np.int64, np.int32, np.float32)


def test_noise_below_a_billionth_breaks_no_tie():
    matrix = np.zeros((4, 4))
    matrix[0, 1:] = [0.3, 0.3 + 1e-12, 0.1 + 0.2]
    assert similarity.top_neighbors(matrix, 2).ids.tolist() == [1, 2]


def test_an_empty_matrix_has_no_neighbors():
    kept = similarity.top_neighbors(np.zeros((0, 0)), 3)
    assert (kept.offsets.tolist(), kept.ids.size, kept.scores.size) == ([0], 0, 0)
