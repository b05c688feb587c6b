"""What the units of a trial did since they were assigned, and before: one row a unit, zeros included.

Defined once as Narwhals expressions, so that every frames engine gives the same. Nobody is left out for having seen or
clicked nothing: a comparison of those who did would compare different people.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

DAY = 86_400_000_000
SALES = ("unit", "at", "order", "revenue", "margin")
"""Columns of sales: whose, when (microseconds UTC), the order's key, and amounts in one currency, net of what came back."""
VISITS = ("unit", "at")
CHARGES = ("unit", "at", "cost")
"""Columns of what a unit cost us beside its goods: service, messages, calls; in the same currency."""
OUTCOMES = ("visited", "bought", "orders", "revenue", "margin", "profit")
"""Of each unit: 1 or 0, 1 or 0, a count, and three amounts of the reporting currency; profit is margin less charges."""
BEFORE = {
    "visited": "visited_before", "orders": "orders_before", "bought": "orders_before", "revenue": "revenue_before",
    "margin": "revenue_before", "profit": "revenue_before",
}  # fmt: skip
"""What was known of a unit before it was assigned that tells most about each outcome."""


def outcomes(
    units: pa.Table,
    sales: pa.Table,
    visits: pa.Table,
    charges: pa.Table,
    lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]],
    until: int,
    before_days: float,
) -> pa.Table:
    """Add up what each unit did.

    Parameters
    ----------
    units : pa.Table
        unit, arm, at: see `arms.Arms`.
    sales, visits, charges : pa.Table
        See `SALES`, `VISITS` and `CHARGES`; those of people in no trial are passed over.
    lazies : callable
        Wraps tables as Narwhals lazy frames of one session of a frames engine.
    until : int
        Microseconds UTC; what happens then or later does not count.
    before_days : float
        Days before the assignment that `*_before` looks at.

    Returns
    -------
    pa.Table
        unit, arm, the columns of `OUTCOMES`, and those of `BEFORE`; a row a unit, in order of unit.
    """
    import narwhals as nw

    frames = lazies({"units": units, "sales": sales, "visits": visits, "charges": charges})
    since = nw.col("at_assigned") - int(before_days * DAY)
    is_after = (nw.col("at") >= nw.col("at_assigned")) & (nw.col("at") < until)
    is_before = (nw.col("at") < nw.col("at_assigned")) & (nw.col("at") >= since)
    assigned = frames["units"].select("unit", nw.col("at").alias("at_assigned"))
    sold, seen, charged = (
        frames[name].join(assigned, on="unit", how="inner") for name in ("sales", "visits", "charges")
    )
    parts = [
        sold.filter(is_after).group_by("unit").agg(
            nw.col("order").n_unique().alias("orders"), nw.col("revenue").sum(), nw.col("margin").sum()
        ),
        sold.filter(is_before).group_by("unit").agg(
            nw.col("order").n_unique().alias("orders_before"), nw.col("revenue").sum().alias("revenue_before")
        ),
        seen.filter(is_after).group_by("unit").agg(nw.len().alias("visited")),
        charged.filter(is_after).group_by("unit").agg(nw.col("cost").sum()),
        seen.filter(is_before).group_by("unit").agg(nw.len().alias("visited_before")),
    ]  # fmt: skip
    whole = frames["units"].select("unit", "arm")
    for part in parts:
        whole = whole.join(part, on="unit", how="left")
    counted = ("orders", "revenue", "margin", "cost", "orders_before", "revenue_before", "visited", "visited_before")
    filled = [
        nw.when(nw.col(name).is_null()).then(0.0).otherwise(nw.col(name).cast(nw.Float64())).alias(name)
        for name in counted
    ]
    flags = [(nw.col(name) > 0).cast(nw.Float64()).alias(name) for name in ("visited", "visited_before")]
    found = (
        whole.with_columns(*filled)
        .with_columns(
            *flags,
            (nw.col("orders") > 0).cast(nw.Float64()).alias("bought"),
            (nw.col("margin") - nw.col("cost")).alias("profit"),
        )
        .select("unit", "arm", *OUTCOMES, *sorted(set(BEFORE.values())))
        .sort("unit")
    )
    table: pa.Table = found.collect("pyarrow").to_native()
    return table
