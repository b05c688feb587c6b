"""Both ways to ask for companions, and both ways to find the first of many, give the same to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.companions import Companions, Edges
from crosslift.stats.kernels import jit_available
from crosslift.stats.merge import Merger
from crosslift.stats.ranking import FEW, first_of
from crosslift.stats.similarity import Neighbors

pytestmark = pytest.mark.skipif(not jit_available(), reason="kernels cannot be compiled here")


def rows_of(chance, n_items, most):
    rows = [chance.permutation(n_items)[: chance.integers(0, most + 1)] for _ in range(n_items)]
    return np.cumsum([0, *map(len, rows)]), np.concatenate(rows).astype(np.int32)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), n_items=st.integers(1, 200), most=st.integers(0, 30), data=st.data())
def test_compiled_and_plain_companions_are_equal_to_the_last_bit(seed, n_items, most, data):
    chance = np.random.default_rng(seed)
    offsets, ids = rows_of(chance, n_items, most)
    neighbors = Neighbors(offsets, ids, chance.normal(size=ids.size).astype(np.float32))
    begins, ends = rows_of(chance, n_items, most)
    n_rows = max(ends.size, 1)
    edges = Edges(
        begins, ends, chance.integers(0, n_rows, ends.size).astype(np.int32), chance.integers(0, 5, n_rows) / 2.0,
        chance.integers(0, 3, n_rows).astype(np.uint16),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        plain = Companions(edges, Merger(neighbors, n_items))
    compiled = Companions(edges, Merger(neighbors, n_items))
    some = st.lists(st.integers(0, n_items - 1), max_size=8)
    for _ in range(3):
        cart, items = (np.array(data.draw(some), np.int32) for _ in range(2))
        stopped = chance.integers(0, 2, 3).astype(np.uint16)
        one, two = plain.scored(cart), compiled.scored(cart)
        assert np.array_equal(one[0], two[0])
        assert one[1].tobytes() == two[1].tobytes()
        assert plain.strongest(items, cart, stopped) == compiled.strongest(items, cart, stopped)
        assert np.array_equal(plain.firsts(items), compiled.firsts(items))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), n=st.integers(0, 120), wanted=st.integers(1, FEW))
def test_the_first_of_many_are_those_a_sort_puts_first(seed, n, wanted):
    chance = np.random.default_rng(seed)
    items = chance.permutation(200)[:n].astype(np.int32)
    tiers, values = chance.integers(0, 3, n).astype(np.int8), chance.integers(0, 4, n) / 2.0
    popularity = chance.integers(0, 3, 200)
    popularity.flags.writeable = False
    places = np.flatnonzero(chance.random(n) < 0.7)
    order = np.lexsort((items[places], -popularity[items[places]], -values[places], tiers[places]))
    found = first_of(tiers, values, popularity, items, places, wanted)
    assert found.tolist() == places[order[:wanted]].tolist()
    assert first_of(tiers, values, popularity, items, places, FEW + 1).tolist() == places[order[: FEW + 1]].tolist()
