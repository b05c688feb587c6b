"""The journey as it was walked: touchpoints by stage, how many people each had, who went on, and where an offer has its place.

A touchpoint is one kind of thing that happened on one channel. Somebody went on from it who was seen at a later stage
afterwards; from after-care one goes on to buying again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from crosslift.domain import event

STAGES = ("aware", "consider", "buy", "after")
TOUCHES = ("unit", "name", "channel", "n", "first_at", "last_at")
"""Columns of what happened: a row a person, name and channel, with how often and when first and last (microseconds UTC)."""
OFFERED = ("unit", "at")
"""Columns of offers that were given: to whom and when."""
OFFERED_WITHIN = 86_400_000_000
"""An offer so long after a touchpoint was made there."""
MIN_PEOPLE = 20
"""A touchpoint of fewer people has no score."""


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """What a kind of event is in a journey.

    Attributes
    ----------
    stage : str
        Of `STAGES`.
    is_natural : bool
        Whether an offer has its place there: something was won or is being chosen. Elsewhere one waits.
    is_pain : bool
        Whether something went wrong: solve first, offer nothing.
    """

    stage: str
    is_natural: bool = False
    is_pain: bool = False


TOUCHPOINTS: Mapping[str, Touchpoint] = {
    "page": Touchpoint("aware"), "screen": Touchpoint("aware"), "Product List Viewed": Touchpoint("aware"),
    "Product List Filtered": Touchpoint("aware"), "Promotion Viewed": Touchpoint("aware"),
    "Promotion Clicked": Touchpoint("aware"), event.PRODUCTS_SEARCHED: Touchpoint("aware"),
    "message": Touchpoint("aware"),
    event.PRODUCT_VIEWED: Touchpoint("consider", is_natural=True), "Product Clicked": Touchpoint("consider"),
    "Product Added to Wishlist": Touchpoint("consider"), "Product Shared": Touchpoint("consider"),
    "quote": Touchpoint("consider", is_natural=True), "demo": Touchpoint("consider"), "visit": Touchpoint("consider"),
    "meeting": Touchpoint("consider"), "call": Touchpoint("consider"),
    event.PRODUCT_ADDED: Touchpoint("buy", is_natural=True), "Cart Viewed": Touchpoint("buy", is_natural=True),
    "Checkout Started": Touchpoint("buy"), "Payment Info Entered": Touchpoint("buy"), "order": Touchpoint("buy", is_natural=True),
    "payment failed": Touchpoint("buy", is_pain=True),
    event.CONTENT_VIEWED: Touchpoint("after", is_natural=True), event.CONTENT_DOWNLOADED: Touchpoint("after", is_natural=True),
    "good review": Touchpoint("after", is_natural=True), "case solved": Touchpoint("after", is_natural=True),
    "bad review": Touchpoint("after", is_pain=True), "case opened": Touchpoint("after", is_pain=True),
    "return": Touchpoint("after", is_pain=True), "review": Touchpoint("after"), "chat": Touchpoint("after"),
}  # fmt: skip
"""Events as Segment names them, and what the shop's other records tell; others are kept out of the map."""


def journey(
    touches: pa.Table, offered: pa.Table, lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]
) -> pa.Table:
    """Map the journey of a period.

    Parameters
    ----------
    touches, offered : pa.Table
        See `TOUCHES` and `OFFERED`.
    lazies : callable
        Wraps tables as Narwhals lazy frames of one session of a frames engine.

    Returns
    -------
    pa.Table
        name, channel, volume, people, went_on, dropped, offered (people who were given an offer within a day of their first
        time there); by volume of people, the largest first.
    """
    import narwhals as nw

    rank = {name: STAGES.index(one.stage) for name, one in TOUCHPOINTS.items()}
    stages = pa.table({"name": pa.array(list(rank), pa.string()), "stage": pa.array(list(rank.values()), pa.int64())})
    frames = lazies({"touches": touches, "offered": offered, "stages": stages})
    whole = frames["touches"].join(frames["stages"], on="name", how="inner")
    walked = whole.group_by("unit", "stage", "name", "channel").agg(
        nw.col("n").sum(), nw.col("first_at").min(), nw.col("last_at").max()
    )
    is_last = nw.col("stage") == len(STAGES) - 1
    aims = walked.with_columns(nw.when(is_last).then(STAGES.index("buy") - 1).otherwise(nw.col("stage")).alias("from"))
    later = whole.group_by("unit", "stage").agg(nw.col("last_at").max().alias("seen_at")).rename({"stage": "reached"})
    on = (
        aims.join(later, on="unit", how="inner")
        .filter(
            (nw.col("reached") > nw.col("from"))
            & (nw.col("seen_at") > nw.col("first_at"))
            & (~(nw.col("stage") == len(STAGES) - 1) | (nw.col("reached") == STAGES.index("buy")))
        )
        .group_by("unit", "name", "channel")
        .agg(nw.len().alias("ahead"))
    )
    given = (
        walked.join(frames["offered"], on="unit", how="inner")
        .filter((nw.col("at") >= nw.col("first_at")) & (nw.col("at") <= nw.col("first_at") + OFFERED_WITHIN))
        .group_by("unit", "name", "channel")
        .agg(nw.len().alias("offers"))
    )
    keys = ["unit", "name", "channel"]
    told = walked.join(on, on=keys, how="left").join(given, on=keys, how="left")
    counted = told.group_by("name", "channel").agg(
        nw.col("n").sum().cast(nw.Int64()).alias("volume"),
        nw.len().alias("people"),
        (~nw.col("ahead").is_null()).cast(nw.Int64()).sum().cast(nw.Int64()).alias("went_on"),
        (~nw.col("offers").is_null()).cast(nw.Int64()).sum().cast(nw.Int64()).alias("offered"),
    )
    found = counted.with_columns((nw.col("people") - nw.col("went_on")).cast(nw.Int64()).alias("dropped"))
    table: pa.Table = (
        found.sort(["people", "name", "channel"], descending=[True, False, False]).collect("pyarrow").to_native()
    )
    return table.select(["name", "channel", "volume", "people", "went_on", "dropped", "offered"])


def scores(rows: list[dict[str, Any]]) -> list[float | None]:
    """Score touchpoints: people there without an offer, times the share who go on; the most is 100.

    Only moments an offer has its place at, of at least `MIN_PEOPLE` people, are scored; the others get None.

    Examples
    --------
    >>> cart = {"name": "Cart Viewed", "people": 400, "went_on": 100, "offered": 0}
    >>> order = {"name": "order", "people": 100, "went_on": 40, "offered": 50}
    >>> scores([cart, order, {**order, "name": "return"}])
    [100.0, 20.0, None]
    """
    raw = [
        (row["people"] - row["offered"]) * row["went_on"] / row["people"]
        if TOUCHPOINTS[row["name"]].is_natural and row["people"] >= MIN_PEOPLE
        else None
        for row in rows
    ]
    most = max((one for one in raw if one is not None), default=0.0)
    return [None if one is None else round(100 * one / most, 1) if most > 0 else 0.0 for one in raw]


def people_by_stage(touches: pa.Table, lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]) -> dict[str, int]:
    """Count the people seen at each stage, in the order of `STAGES`; events outside the map say nothing."""
    import narwhals as nw

    stages = pa.table({
        "name": pa.array(list(TOUCHPOINTS), pa.string()),
        "stage": pa.array([one.stage for one in TOUCHPOINTS.values()], pa.string()),
    })  # fmt: skip
    frames = lazies({"touches": touches, "stages": stages})
    met = frames["touches"].join(frames["stages"], on="name", how="inner").select("stage", "unit").unique()
    found = met.group_by("stage").agg(nw.len().alias("people")).collect("pyarrow").to_native()
    counted = dict(zip(found["stage"].to_pylist(), found["people"].to_pylist(), strict=True))
    return {stage: int(counted.get(stage, 0)) for stage in STAGES}
