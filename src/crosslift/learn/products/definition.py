"""The definition of "bought together", once, for any frames engine: what the counting kernel must equal.

Written in Narwhals, so that DuckDB computes it here and Spark past one machine; the kernel of `stats.pairs` is the fast path
of the same definition. Tests hold the two to the last count.
"""

from typing import Any

import narwhals as nw


def pairs_together(lines: Any) -> Any:
    """Count baskets and distinct customers of every pair of products.

    Parameters
    ----------
    lines : narwhals.LazyFrame
        One row a basket and product: `basket`, `product`, `customer` (never null: a nameless basket is a customer of its own).

    Returns
    -------
    narwhals.LazyFrame
        `first`, `second` (first < second), `n_both`, `n_customers`.
    """
    distinct = lines.select("basket", "product", "customer").unique()
    other = distinct.select(nw.col("basket"), nw.col("product").alias("second"))
    return (
        distinct.rename({"product": "first"})
        .join(other, on="basket", how="inner")
        .filter(nw.col("first") < nw.col("second"))
        .group_by("first", "second")
        .agg(nw.col("basket").n_unique().alias("n_both"), nw.col("customer").n_unique().alias("n_customers"))
    )
