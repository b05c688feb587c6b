"""The kernel, its scipy fallback and the portable definition on DuckDB count the same, to the last basket and customer."""

import narwhals as nw
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


def lines_of(baskets):
    return pa.table({
        "basket": np.repeat(np.arange(baskets.n_baskets), baskets.sizes),
        "product": baskets.items,
        "customer": np.repeat(baskets.customers, baskets.sizes),
    })  # fmt: skip


@pytest.mark.parametrize("engine", ["numba", "scipy"])
def test_every_engine_equals_the_definition_on_duckdb(demo, engine):
    shop, baskets = demo
    oracle = pairs_together(shop.frames.lazy(lines_of(baskets))).sort("first", "second").collect("pyarrow").to_native()
    counted = count_pairs(baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, engine=engine)
    assert len(counted) == oracle.num_rows > 10_000
    for ours, theirs in (("first", "first"), ("second", "second"), ("n_both", "n_both"), ("n_groups", "n_customers")):
        np.testing.assert_array_equal(getattr(counted, ours), np.asarray(oracle.column(theirs)))


@pytest.mark.parametrize("engine", ["numba", "scipy"])
def test_capped_and_weighted_counts_equal_their_definition_on_duckdb(demo, engine):
    """A customer counts for at most 2 baskets of a pair; a basket of s products gives each of its pairs 1/(s − 1)."""
    shop, baskets = demo
    lines = shop.frames.lazy(lines_of(baskets))
    sizes = lines.group_by("basket").agg(nw.len().alias("size"))
    other = lines.select("basket", nw.col("product").alias("second"))
    meetings = lines.rename({"product": "first"}).join(other, on="basket").filter(nw.col("first") < nw.col("second"))
    share = (1.0 / (nw.col("size") - 1)).alias("share")
    of_customer = (
        meetings.join(sizes, on="basket")
        .with_columns(share)
        .group_by("first", "second", "customer")
        .agg(nw.len().alias("n"), nw.col("share").sum())
    )
    capped = nw.when(nw.col("n") > 2).then(nw.lit(2)).otherwise(nw.col("n")).alias("capped")
    totals = of_customer.with_columns(capped).group_by("first", "second").agg(nw.col("capped", "share").sum())
    oracle = totals.sort("first", "second").collect("pyarrow").to_native()
    counted = count_pairs(
        baskets.items, baskets.offsets, baskets.n_items, groups=baskets.customers, cap_per_group=2, weighted=True, engine=engine
    )  # fmt: skip
    np.testing.assert_array_equal(counted.n_effective, np.asarray(oracle.column("capped")))
    assert np.any(counted.n_effective < counted.n_both)
    np.testing.assert_allclose(counted.weight, np.asarray(oracle.column("share")), rtol=1e-12)
