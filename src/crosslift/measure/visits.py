"""Figures of visits: who came and bought, what a visitor brings, and what was put in a cart and left there."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.event import ORDER_COMPLETED, PRODUCT_ADDED
from crosslift.measure.customers import bought
from crosslift.measure.figures import Asked, Measured, Metric, Period, figures, filled, mean, rows, several, share

VISITS = ("slice", "unit", "at", "name")
"""Columns of events of people who can be told apart; `name` as Segment has it."""
CHECKOUT_STARTED = "Checkout Started"

_SOURCES = "events; order lines of named customers, net of cancellations and returns known by now"
_MEETING = (
    "a visitor who never signs in and one who orders are two people; orders of people without an event do not count"
)
CONVERSION = Metric(
    "conversion", "Conversion", "rate", "visitors with an order / visitors", "events and orders of the period", _SOURCES,
    f"per person, not per visit; {_MEETING}",
)  # fmt: skip
REVENUE_PER_VISITOR = Metric(
    "revenue_per_visitor", "Revenue per visitor", "currency per visitor",
    "revenue of visitors / visitors, those who bought nothing included", "events and orders of the period", _SOURCES, _MEETING,
)  # fmt: skip
MARGIN_PER_VISITOR = Metric(
    "margin_per_visitor", "Margin per visitor", "currency per visitor",
    "margin of visitors / visitors, those who bought nothing included", "events and orders of the period",
    f"{_SOURCES}; costs of the catalog", f"lines of products without a cost count as 0; {_MEETING}",
)  # fmt: skip
CART_ABANDONMENT = Metric(
    "cart_abandonment", "Cart abandonment", "rate",
    "people who put something in a cart and did not order at or after the last time / people who put something in a cart",
    "events `Product Added` and orders of the period", _SOURCES,
    "a person counts once, by the last cart; carts of the last hours may still be ordered",
)  # fmt: skip
CHECKOUT_ABANDONMENT = Metric(
    "checkout_abandonment", "Checkout abandonment", "rate",
    "people who began a checkout and did not order at or after the last time / people who began a checkout",
    "events `Checkout Started` and orders of the period", _SOURCES,
    "a person counts once, by the last checkout; needs a source that sends its beginning",
)  # fmt: skip
METRICS = (CONVERSION, REVENUE_PER_VISITOR, MARGIN_PER_VISITOR, CART_ABANDONMENT, CHECKOUT_ABANDONMENT)


def per_visitor(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure what visitors of the period did.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `visits` and `sales`, as `VISITS` and `customers.SALES`.
    """
    import narwhals as nw

    seen = frames["visits"].filter(period.holds(nw.col("at")))
    visitors = seen.group_by("slice", "unit").agg(nw.len().alias("events"))
    whole = visitors.join(bought(frames["sales"], period), on=["slice", "unit"], how="left").select(
        "slice", *(filled(name).alias(name) for name in ("orders", "revenue", "margin"))
    )
    return [
        *several(
            whole,
            (
                Asked(CONVERSION, share, nw.col("orders") > 0),
                Asked(REVENUE_PER_VISITOR, mean, nw.col("revenue")),
                Asked(MARGIN_PER_VISITOR, mean, nw.col("margin")),
            ),
            "visitors",
            period.currency,
        ),
        *_abandoned(CART_ABANDONMENT, PRODUCT_ADDED, "people with a cart", seen, frames["sales"], period),
        *_abandoned(CHECKOUT_ABANDONMENT, CHECKOUT_STARTED, "people at a checkout", seen, frames["sales"], period),
    ]


def _abandoned(metric: Metric, name: str, units: str, seen: Any, sales: Any, period: Period) -> list[Measured]:
    import narwhals as nw

    begun = seen.filter(nw.col("name") == name).group_by("slice", "unit").agg(nw.col("at").max().alias("begun_at"))
    told = seen.filter(nw.col("name") == ORDER_COMPLETED).select("slice", "unit", "at")
    placed = sales.filter(period.holds(nw.col("at"))).select("slice", "unit", "at")
    ordered = (
        nw.concat([told, placed], how="vertical").group_by("slice", "unit").agg(nw.col("at").max().alias("last_at"))
    )
    whole = begun.join(ordered, on=["slice", "unit"], how="left")
    left = nw.col("last_at").is_null() | (nw.col("last_at") < nw.col("begun_at"))
    return figures(metric, rows(whole, left), share, units)
