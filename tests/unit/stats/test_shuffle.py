import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.kernels import jit_available
from crosslift.stats.shuffle import swap_shuffle


@pytest.fixture(params=["compiled", "arrays"])
def path(request, monkeypatch):
    if request.param == "arrays":
        monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
    elif not jit_available():
        pytest.skip("kernels cannot be compiled here")
    return request.param


def a_shop(n_baskets=300, n_items=200, largest=120):
    chance = np.random.default_rng(2)
    popularity = 1 / np.arange(3, n_items + 3)
    sizes = np.minimum(chance.geometric(0.1, n_baskets), largest)
    sizes[:5] = largest
    baskets = [chance.choice(n_items, size, replace=False, p=popularity / popularity.sum()) for size in sizes]
    return np.concatenate(baskets), np.cumsum([0, *sizes]), n_items


def table(items, offsets, n_items):
    held = np.zeros((offsets.size - 1, n_items), bool)
    held[np.repeat(np.arange(offsets.size - 1), np.diff(offsets)), items] = True
    return held


def test_margins_stay_and_no_basket_holds_an_item_twice(path):
    items, offsets, n_items = a_shop()
    shuffled = swap_shuffle(items, offsets, n_items, seed=1)
    before, after = table(items, offsets, n_items), table(shuffled, offsets, n_items)
    assert np.array_equal(before.sum(axis=0), after.sum(axis=0))
    assert np.array_equal(before.sum(axis=1), after.sum(axis=1))


def test_one_seed_is_one_shuffle(path):
    items, offsets, n_items = a_shop()
    one, two, other = (swap_shuffle(items, offsets, n_items, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_nothing_of_the_old_baskets_survives_beyond_chance(path):
    """A shuffle shares as many lines with the original as with another shuffle, in large baskets too."""
    items, offsets, n_items = a_shop()
    before = table(items, offsets, n_items)
    shuffles = [table(swap_shuffle(items, offsets, n_items, seed=s), offsets, n_items) for s in range(6)]
    for baskets in (slice(None), slice(0, 5)):
        with_original = np.mean([(before & after)[baskets].sum() for after in shuffles])
        among = [(a & b)[baskets].sum() for n, a in enumerate(shuffles) for b in shuffles[:n]]
        assert with_original == pytest.approx(np.mean(among), rel=0.05)


def test_every_possible_filling_is_equally_likely(path):
    """Three baskets of 1, 1 and 2 over items sold 2, 1, 1 times can be filled in five ways."""
    items, offsets = np.array([0, 1, 0, 2]), np.array([0, 1, 2, 4])
    seen = {}
    for seed in range(1_500):
        shuffled = swap_shuffle(items, offsets, 3, seed=seed)
        filling = tuple(tuple(sorted(shuffled[offsets[b] : offsets[b + 1]].tolist())) for b in range(3))
        seen[filling] = seen.get(filling, 0) + 1
    assert len(seen) == 5
    assert sum((count - 300) ** 2 / 300 for count in seen.values()) < 18.47  # chi-squared, 4 degrees, p = .001


def test_the_input_is_left_as_it_was(path):
    items, offsets, n_items = a_shop()
    copy = items.astype(np.int32)
    given = copy.copy()
    swap_shuffle(given, offsets, n_items, seed=1)
    assert np.array_equal(given, copy)


@pytest.mark.parametrize("baskets", [([], [0]), ([3, 1], [0, 2]), ([1], [0, 0, 1])])
def test_what_cannot_change_does_not(path, baskets):
    items, offsets = baskets
    shuffled = swap_shuffle(items, offsets, 5, seed=1)
    assert sorted(shuffled.tolist()) == sorted(items)


def test_baskets_that_do_not_fit_are_refused(path):
    with pytest.raises(BadInput, match="item id 9"):
        swap_shuffle([9], [0, 1], 5, seed=1)
