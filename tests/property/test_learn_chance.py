"""What chance keeps, whatever the baskets: every meeting is somebody's, and only what is in the baskets counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.by_chance import Chance
from crosslift.settings import Settings

N_ITEMS, DRAWS = 8, 10
SETTINGS = Settings.load({"learn.narrow_draws": DRAWS}, environment={})
baskets = st.lists(st.lists(st.integers(0, N_ITEMS - 1), unique=True, min_size=1).map(tuple), min_size=1, max_size=25)
every_pair = np.array(np.triu_indices(N_ITEMS, 1), dtype=np.int32)


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")


def table(made, n_items=N_ITEMS):
    none = np.zeros(len(made), dtype=np.int64)
    return Baskets(
        [f"p{i}" for i in range(n_items)], np.array([item for held in made for item in held], dtype=np.int32),
        np.cumsum([0, *map(len, made)]), none, none, none > 0, none - 1,
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(baskets)
def test_chance_brings_as_many_meetings_as_there_are(made):
    expected = Chance(table(made), SETTINGS).expected(*every_pair)
    sold = len({item for held in made for item in held})
    meetings = sum(len(held) * (len(held) - 1) // 2 for held in made)
    assert expected.sum() * (DRAWS + 1) == pytest.approx(DRAWS * meetings + sold * (sold - 1) // 2)


@settings(deadline=None, max_examples=60)
@given(baskets, st.randoms(use_true_random=False))
def test_neither_order_nor_products_nobody_bought_matter(made, chance):
    mixed = [tuple(chance.sample(held, len(held))) for held in made]
    chance.shuffle(mixed)
    first, second = every_pair
    one = Chance(table(made), SETTINGS).expected(first, second)
    assert np.array_equal(one, Chance(table(mixed, 3 * N_ITEMS), SETTINGS).expected(second, first))
