import numpy as np
import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.stats.kernels import jit_available
from crosslift.stats.shuffle import expected_by_shuffles, swap_shuffle


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


def meetings(items, offsets, n_items):
    held = table(items, offsets, n_items).astype(int)
    return held.T @ held


def a_narrow_shop():
    items, offsets, n_items = a_shop(n_baskets=400, n_items=25, largest=12)
    return items, offsets, n_items, np.array(np.triu_indices(n_items, 1))


def test_the_mean_over_draws_of_a_chain_is_that_of_independent_shuffles(path):
    items, offsets, n_items, (first, second) = a_narrow_shop()
    apart = np.array(
        [meetings(swap_shuffle(items, offsets, n_items, seed=s), offsets, n_items)[first, second] for s in range(60)]
    )
    drawn = expected_by_shuffles(items, offsets, n_items, first=first, second=second, n_draws=400, seed=9)
    mean = (drawn * 401 - 1) / 400
    error = apart.std(axis=0, ddof=1) * np.sqrt(1 / 60 + 1 / 400)
    off = (mean - apart.mean(axis=0))[error > 0] / error[error > 0]
    assert abs(off.mean()) < 0.3
    assert off.std() < 1.25  # 1 if neighbors of a chain were independent; a chain that sticks gives 2 and more
    assert mean.sum() == pytest.approx(apart.sum(axis=1).mean())


def test_draws_of_a_chain_hardly_depend_on_the_one_before(path):
    items, offsets, n_items, (first, second) = a_narrow_shop()
    drawn = np.array([
        (expected_by_shuffles(items, offsets, n_items, first=first, second=second, n_draws=30, seed=s) * 31 - 1) / 30
        for s in range(25)
    ])  # fmt: skip
    one = np.array(
        [meetings(swap_shuffle(items, offsets, n_items, seed=s), offsets, n_items)[first, second] for s in range(25)]
    )
    moves = one.var(axis=0) > 0.5
    inflated = 30 * drawn.var(axis=0)[moves].sum() / one.var(axis=0)[moves].sum()
    print(f"30 draws tell as much as {30 / inflated:.0f} independent ones")
    assert inflated < 2


def test_one_seed_is_one_expectation(path):
    items, offsets, n_items, (first, second) = a_narrow_shop()
    one, two, other = (
        expected_by_shuffles(items, offsets, n_items, first=first, second=second, n_draws=5, seed=s) for s in (1, 1, 2)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_order_of_baskets_items_and_strata_does_not_matter(path):
    items, offsets, n_items, (first, second) = a_narrow_shop()
    strata = np.random.default_rng(1).integers(0, 3, offsets.size - 1)
    order = np.random.default_rng(2).permutation(offsets.size - 1)
    mixed = [items[offsets[b] : offsets[b + 1]][::-1] for b in order]
    asked = {"first": first, "second": second, "n_draws": 4, "seed": 3}
    one = expected_by_shuffles(items, offsets, n_items, strata=strata, **asked)
    moved = np.concatenate(mixed), np.cumsum([0, *map(len, mixed)])
    assert np.array_equal(one, expected_by_shuffles(*moved, n_items, strata=(7 - strata)[order], **asked))


def test_items_stay_in_their_stratum(path):
    # 0 and 1 sell in one market, 2 and 3 in the other, baskets of both interleaved
    items, offsets = np.array([0, 2, 1, 3, 0, 1, 2, 3]), np.array([0, 1, 2, 3, 4, 6, 8])
    strata = np.array([7, 2, 7, 2, 7, 2])
    first, second = np.array(np.triu_indices(4, 1))
    drawn = expected_by_shuffles(items, offsets, 4, first=first, second=second, strata=strata, n_draws=10)
    assert drawn == pytest.approx(np.array([11, 1, 1, 1, 1, 11]) / 11)


def test_what_was_never_sold_meets_nobody_and_what_was_never_seen_still_may(path):
    drawn = expected_by_shuffles([5, 3], [0, 1, 2], 9, first=np.array([3, 0]), second=np.array([5, 5]), n_draws=4)
    assert drawn == pytest.approx([1 / 5, 1 / 5])
    none = expected_by_shuffles([], [0], 9, first=np.array([3]), second=np.array([5]), n_draws=4)
    assert none == pytest.approx([1 / 5])


def test_one_draw_is_no_chance_and_strata_must_fit():
    pairs = {"first": np.array([0]), "second": np.array([1])}
    with pytest.raises(BadUsage, match="n_draws is 1"):
        expected_by_shuffles([0, 1], [0, 2], 2, n_draws=1, **pairs)
    with pytest.raises(BadInput, match="strata of shape"):
        expected_by_shuffles([0, 1], [0, 2], 2, strata=np.array([0, 0]), **pairs)
