"""The kernel, its scipy fallback and the portable definition on DuckDB count the same, to the last basket and customer."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products.definition import pairs_together
from crosslift.shop import Shop
from crosslift.stats.pairs import count_pairs


@pytest.fixture(scope="module")
def demo(demo_home):
    with Shop(demo_home) as shop:
        yield shop, from_lines(shop.cleaned().lines)


@pytest.mark.parametrize("engine", ["numba", "scipy"])
def test_every_engine_equals_the_definition_on_duckdb(demo, engine):
    shop, baskets = demo
    lines = pa.table({
        "basket": np.repeat(np.arange(baskets.n_baskets), baskets.sizes),
        "product": baskets.items,
        "customer": np.repeat(baskets.customers, baskets.sizes),
    })  # fmt: skip
    oracle = pairs_together(shop.frames.lazy(lines)).sort("first", "second").collect("pyarrow").to_native()
    counted = count_pairs(baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, engine=engine)
    assert len(counted) == oracle.num_rows > 10_000
    for ours, theirs in (("first", "first"), ("second", "second"), ("n_both", "n_both"), ("n_groups", "n_customers")):
        np.testing.assert_array_equal(getattr(counted, ours), np.asarray(oracle.column(theirs)))
