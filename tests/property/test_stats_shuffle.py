"""A shuffle keeps what it promises, whatever the baskets."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats import kernels, shuffle

N_ITEMS = 70


@pytest.mark.parametrize("path", ["arrays", *(["compiled"] if kernels.jit_available() else [])])
@settings(deadline=None)
@given(
    baskets=st.lists(st.lists(st.integers(0, N_ITEMS - 1), unique=True, max_size=N_ITEMS), max_size=15),
    seed=st.integers(0, 2**32),
    large=st.integers(0, 60),
)
def test_sizes_and_counts_stay_and_no_basket_repeats_an_item(path, baskets, seed, large):
    items = np.array([item for basket in baskets for item in basket], int)
    offsets = np.cumsum([0, *map(len, baskets)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shuffle, "LARGE_BASKET", large)
        if path == "arrays":
            patch.setenv("CROSSLIFT_NO_JIT", "1")
        shuffled = shuffle.swap_shuffle(items, offsets, N_ITEMS, seed=seed, sweeps=3)
    assert Counter(shuffled.tolist()) == Counter(items.tolist())
    for low, high in pairwise(offsets):
        assert len(set(shuffled[low:high].tolist())) == high - low
