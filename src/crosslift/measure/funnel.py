"""From served to kept: how many offers of each placement and strategy were seen, clicked, added, bought and kept.

What is counted is offers, one product of one decision each. An offer counts once in every step, whoever says so how often.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

STEPS = ("served", "seen", "clicked", "added", "bought", "kept")
"""Shown in an answer; half of it visible for a second; clicked; added or accepted; ordered; not sent back."""
MARKS = ("decision_id", "product", "step")
"""Columns of what became of offers: step is `seen`, `clicked` or `added`; a product of null speaks for every offer."""
_EARLIER = {"seen": ("seen", "clicked", "added"), "clicked": ("clicked", "added"), "added": ("added",)}
"""What speaks for a step: who added something has seen it, whether or not the browser said so."""


def funnel(
    served: pa.Table,
    marks: pa.Table,
    credited: pa.Table,
    lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]],
) -> pa.Table:
    """Count offers by placement and strategy.

    Parameters
    ----------
    served : pa.Table
        decision_id, product, placement, source, a row an offer: see `attribution.SERVED`.
    marks : pa.Table
        See `MARKS`.
    credited : pa.Table
        As `attribution.credit` gives it, with the product of each line.

    Returns
    -------
    pa.Table
        placement, source and a column for each of `STEPS`; in order of placement and source.
    """
    import narwhals as nw

    frames = lazies({"served": served, "marks": marks, "credited": credited})
    marks = frames["marks"]
    flags = [nw.col("step").is_in(list(said)).cast(nw.Int64()).max().alias(step) for step, said in _EARLIER.items()]
    of_all = marks.filter(nw.col("product").is_null()).group_by("decision_id").agg(*flags)
    of_one = marks.filter(~nw.col("product").is_null()).group_by("decision_id", "product").agg(*flags)
    of_one = of_one.rename({step: f"{step}_one" for step in _EARLIER})
    sold = (
        frames["credited"]
        .group_by("decision_id", "product")
        .agg(nw.len().alias("lines"), nw.col("kept").sum().alias("units"))
        .select(
            "decision_id", "product", (nw.col("lines") > 0).cast(nw.Int64()).alias("bought"),
            (nw.col("units") > 0).cast(nw.Int64()).alias("kept"),
        )
    )  # fmt: skip
    whole = frames["served"].select("decision_id", "product", "placement", "source")
    whole = whole.join(of_all, on="decision_id", how="left")
    for part in (of_one, sold):
        whole = whole.join(part, on=["decision_id", "product"], how="left")
    either = [nw.max_horizontal(_count(step), _count(f"{step}_one")).alias(step) for step in _EARLIER]
    whole = whole.with_columns(*either)
    counted = [_count(step).sum().alias(step) for step in STEPS[1:]]
    found = whole.group_by("placement", "source").agg(nw.len().alias("served"), *counted).sort("placement", "source")
    table: pa.Table = found.select("placement", "source", *STEPS).collect("pyarrow").to_native()
    return table


def _count(name: str) -> Any:
    """Give a 0 or 1, 0 where a join found nothing."""
    import narwhals as nw

    return nw.when(nw.col(name).is_null()).then(0).otherwise(nw.col(name))
