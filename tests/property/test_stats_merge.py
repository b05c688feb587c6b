"""Both ways to merge give the same bits, so a decision is the same with and without a compiler."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats.kernels import jit_available
from crosslift.stats.merge import Merger
from crosslift.stats.similarity import Neighbors


@pytest.mark.skipif(not jit_available(), reason="kernels cannot be compiled here")
@settings(deadline=None)
@given(seed=st.integers(0, 2**32), n_items=st.integers(1, 300), most=st.integers(0, 40), data=st.data())
def test_compiled_and_plain_merges_are_equal_to_the_last_bit(seed, n_items, most, data):
    chance = np.random.default_rng(seed)
    rows = [chance.permutation(n_items)[: chance.integers(0, most + 1)] for _ in range(n_items)]
    ids = np.concatenate(rows).astype(np.int32)
    scores = (chance.normal(size=ids.size) * 10.0 ** chance.integers(-6, 6, ids.size)).astype(np.float32)
    neighbors = Neighbors(np.cumsum([0, *map(len, rows)]), ids, scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        plain = Merger(neighbors, n_items)
    compiled = Merger(neighbors, n_items)
    for _ in range(3):
        cart = np.array(data.draw(st.lists(st.integers(0, n_items - 1), max_size=12)), np.int32)
        weights = data.draw(st.none() | st.just(chance.random(cart.size)))
        one, two = plain.merge(cart, weights), compiled.merge(cart, weights)
        assert np.array_equal(one[0], two[0])
        assert one[1].tobytes() == two[1].tobytes()
        assert np.all(np.diff(one[0]) > 0)
