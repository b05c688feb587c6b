import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.kernels import jit_available
from crosslift.stats.merge import Merger, merge_scores
from crosslift.stats.similarity import Neighbors, top_neighbors

NEIGHBORS = Neighbors(
    np.array([0, 2, 3, 3, 5]), np.array([1, 3, 0, 2, 0], np.int32), np.array([0.5, 0.25, 0.5, -0.75, 0.25], np.float32)
)


@pytest.fixture(params=["compiled", "arrays"], autouse=True)
def path(request, monkeypatch):
    if request.param == "arrays":
        monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    elif not jit_available():
        pytest.skip("kernels cannot be compiled here")


def test_scores_add_up_over_the_cart_with_ids_ascending():
    ids, scores = merge_scores(NEIGHBORS, np.array([3, 1], np.int32), n_items=4)
    assert (ids.tolist(), scores.tolist()) == ([0, 2], [0.75, -0.75])
    assert (ids.dtype, scores.dtype) == (np.int32, np.float64)


def test_weights_multiply_and_repeats_count():
    ids, scores = merge_scores(NEIGHBORS, [0, 0, 1], [2.0, 1.0, 0.0], n_items=4)
    assert (ids.tolist(), scores.tolist()) == ([0, 1, 3], [0.0, 1.5, 0.75])


def test_nothing_in_the_cart_is_taken_out():
    assert merge_scores(NEIGHBORS, [0, 1], n_items=4)[0].tolist() == [0, 1, 3]


def test_empty_carts_and_items_without_neighbors_give_nothing():
    merger = Merger(NEIGHBORS, 4)
    for cart in ([], [2]):
        ids, scores = merger.merge(cart)
        assert (ids.size, scores.size) == (0, 0)


def test_one_merge_leaves_no_trace_in_the_next():
    merger = Merger(NEIGHBORS, 4)
    first = merger.merge([3])
    merger.merge([0, 1, 3])
    again = merger.merge([3])
    assert all(np.array_equal(*both) for both in zip(first, again, strict=True))
    assert first[0].tolist() == [0, 2]


def test_all_neighbors_kept_means_the_dense_sum():
    matrix = np.random.default_rng(1).normal(size=(200, 200)) * (np.random.default_rng(2).random((200, 200)) < 0.1)
    np.fill_diagonal(matrix, 0)
    cart = np.array([5, 77, 130], np.int32)
    ids, scores = merge_scores(top_neighbors(matrix, 200), cart, n_items=200)
    dense = matrix[cart].sum(axis=0)
    assert np.array_equal(ids, np.flatnonzero((matrix[cart] != 0).any(axis=0)))
    assert scores == pytest.approx(dense[ids], abs=1e-6)


def test_published_neighbors_may_be_mapped_and_read_only(tmp_path):
    columns = {}
    for name in ("offsets", "ids", "scores"):
        np.save(tmp_path / f"{name}.npy", getattr(NEIGHBORS, name))
        columns[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    assert merge_scores(Neighbors(**columns), [1], n_items=4)[1].tolist() == [0.5]


@pytest.mark.parametrize("cart", [[4], [0, -1]])
def test_unknown_items_are_refused_and_leave_no_trace(cart):
    merger = Merger(NEIGHBORS, 4)
    with pytest.raises(BadInput, match=r"an item of the cart is not in 0\.\.3"):
        merger.merge(cart)
    assert merger.merge([1])[1].tolist() == [0.5]


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="1 weights for 2 items"):
        merge_scores(NEIGHBORS, [0, 1], [1.0], n_items=4)


@pytest.mark.parametrize(
    ("changed", "n_items", "message"),
    [
        ({}, 7, "neighbors of 4 items for 7"),
        ({"ids": np.array([1, 3, 0, 9, 0], np.int32)}, 4, r"id is not in 0\.\.3"),
        ({"scores": np.zeros(2, np.float32)}, 4, "do not fit together"),
        ({"offsets": np.array([0, 4, 3, 3, 5])}, 4, "do not fit together"),
        ({"offsets": np.array([0, 2, 3, 3, 9])}, 4, "do not fit together"),
    ],
)
def test_broken_neighbors_are_refused(changed, n_items, message):
    columns = {name: getattr(NEIGHBORS, name) for name in ("offsets", "ids", "scores")} | changed
    with pytest.raises(BadInput, match=message):
        Merger(Neighbors(**columns), n_items)
