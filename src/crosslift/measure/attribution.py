"""Which order lines are credited to which offers: each line once, by the decision it names, else by the last click.

Attribution says where sales came by, not what caused them: part of what is credited would have been bought anyway. What
offers earned is the difference to the holdout, and is always told beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

DAY = 86_400_000_000
SERVED = ("decision_id", "product", "unit", "at", "placement", "source")
"""Columns of offers that were shown: a row each; `source` is the strategy it came from."""
TOUCHES = ("decision_id", "product", "at")
"""Columns of clicks and acceptances; a product of null speaks for every offer of its decision."""
LINES = ("line", "unit", "product", "at", "decision_id", "revenue", "margin", "kept")
"""Columns of sold order lines; amounts net of what came back, `kept` the units left."""
STATED, CLICKED = "stated", "clicked"
"""Why a line is credited: the order names the decision; or its product was clicked or accepted within the window before."""
_FIRST = 1 << 62
"""Added to the instant of a stated decision, so that it goes before every click."""


def credit(
    lines: pa.Table,
    served: pa.Table,
    touches: pa.Table,
    lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]],
    window_days: float = 7.0,
) -> pa.Table:
    """Credit order lines to offers.

    Parameters
    ----------
    lines, served, touches : pa.Table
        See `LINES`, `SERVED` and `TOUCHES`.
    lazies : callable
        Wraps tables as Narwhals lazy frames of one session of a frames engine.
    window_days : float
        A click counts for so many days.

    Returns
    -------
    pa.Table
        line, decision_id, placement, source, rule, revenue, margin, kept; a row a credited line, in order of line. Of
        several clicks the last counts, of several at one instant the first decision by id.
    """
    import narwhals as nw

    frames = lazies({"lines": lines, "served": served, "touches": touches})
    offers = frames["served"].select("decision_id", "product", "unit", "placement", "source")
    told = frames["lines"].filter(~nw.col("decision_id").is_null()).select("line", "product", "decision_id", "at")
    stated = (
        told.join(offers.drop("unit"), on=["decision_id", "product"], how="inner")
        .with_columns((nw.col("at") + _FIRST).alias("key"), nw.lit(STATED).alias("rule"))
        .select("line", "decision_id", "placement", "source", "key", "rule")
    )
    touched = frames["touches"].select(
        "decision_id", nw.col("product").alias("touched"), nw.col("at").alias("touched_at")
    )
    clicked = (
        offers.join(touched, on="decision_id", how="inner")
        .filter(nw.col("touched").is_null() | (nw.col("touched") == nw.col("product")))
        .join(frames["lines"].select("line", "unit", "product", "at"), on=["unit", "product"], how="inner")
        .filter(
            (nw.col("at") >= nw.col("touched_at")) & (nw.col("at") <= nw.col("touched_at") + int(window_days * DAY))
        )
        .with_columns(nw.col("touched_at").alias("key"), nw.lit(CLICKED).alias("rule"))
        .select("line", "decision_id", "placement", "source", "key", "rule")
    )
    every = nw.concat([stated, clicked], how="vertical")
    last = every.group_by("line").agg(nw.col("key").max())
    ties = every.join(last, on=["line", "key"], how="inner")
    first = ties.group_by("line").agg(nw.col("decision_id").min())
    # one offer may stand in a decision once only, so (line, decision) names one row but for repeated touches
    one = ties.join(first, on=["line", "decision_id"], how="inner").group_by("line", "decision_id").agg(
        nw.col("placement").min(), nw.col("source").min(), nw.col("rule").min()
    )  # fmt: skip
    amounts = frames["lines"].select("line", "revenue", "margin", "kept")
    found = one.join(amounts, on="line", how="inner").sort("line")
    names = ("line", "decision_id", "placement", "source", "rule", "revenue", "margin", "kept")
    table: pa.Table = found.select(*names).collect("pyarrow").to_native()
    return table
