import numpy as np
import pytest

from crosslift.learn import completion
from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements


@pytest.fixture
def fit(little):
    """Fit the ranking model on some orders."""

    def fit(made, **knobs):
        known = little.settings(**knobs)
        counted, pairs = complements.count(from_lines(little.lines(made)), known)
        return counted, completion.fit(counted, pairs, known)

    return fit


def neighbors_of(found, item):
    return found.neighbors.ids[found.neighbors.offsets[item] : found.neighbors.offsets[item + 1]].tolist()


MADE = (*[["tea", "honey"]] * 9, *[["tea", "cup"]] * 4, ["honey"], ["cup", "tray"])


def test_the_strongest_neighbor_stands_first(little, fit):
    counted, found = fit(little.orders(*MADE))
    assert counted.products == ["cup", "honey", "tea", "tray"]
    assert found.model == "EASE"
    assert neighbors_of(found, 2)[:2] == [1, 0]


def test_beyond_the_reach_of_ease_jaccard_ranks(little, fit):
    _, found = fit(little.orders(*MADE), learn_ease_items=2)
    assert found.model == "Jaccard"
    # tea and honey: 9 of the 13 + 9 − 9 orders of several products with either; tea and cup: 4 of 13 + 5 − 4
    scores = found.neighbors.scores[found.neighbors.offsets[2] : found.neighbors.offsets[3]]
    assert scores == pytest.approx([9 / 13, 4 / 14], abs=1e-6)


def test_only_so_many_neighbors_are_kept(little, fit):
    _, found = fit(little.orders(*MADE), learn_neighbors=1)
    assert np.diff(found.neighbors.offsets).max() == 1


def test_each_neighbor_carries_the_baskets_with_both(little, fit):
    made = little.orders(*MADE)
    _, twos = little.recount(made)
    counted, found = fit(made)
    anchors = np.repeat(np.arange(counted.n_items), np.diff(found.neighbors.offsets))
    names = counted.products
    assert found.n_both.tolist() == [
        little.both(twos, names[a], names[b]) for a, b in zip(anchors, found.neighbors.ids, strict=True)
    ]


def test_orders_of_one_product_teach_nothing_about_what_completes_them(little, fit):
    _, without = fit(little.orders(*MADE))
    _, with_many = fit(little.orders(*MADE, *[["tea"]] * 50))
    assert np.array_equal(without.neighbors.scores, with_many.neighbors.scores)


def test_two_products_that_never_met_share_no_basket(little, fit):
    counted, found = fit(little.orders(*[["a", "b"]] * 3, *[["c", "d"]] * 3))
    assert counted.n_items == 4
    assert sorted(set(found.n_both.tolist())) in ([0, 3], [3])
