"""Figures of leads: who showed interest before ever ordering, and how many of the new visitors did."""

from collections.abc import Mapping
from typing import Any

from crosslift.measure.customers import firsts
from crosslift.measure.figures import Measured, Metric, Period, counted, figures, filled, rows, share

SIGNS = ("slice", "unit", "at")
"""Columns of signs of interest: an event of `LEAD_EVENTS`, or the day a customer's record says it was made."""
LEAD_EVENTS = (
    "Lead Generated", "generate_lead", "Signed Up", "sign_up", "Account Created", "Trial Started", "Demo Requested",
    "Quote Requested",
)  # fmt: skip
"""Events by which somebody leaves a name: as Segment and Google Analytics call them."""

_SOURCE = "events; `created_at` of customers; order lines of named customers"
LEADS = Metric(
    "leads", "Leads", "leads per period",
    f"people with an event {', '.join(f'`{name}`' for name in LEAD_EVENTS)}, or a customer record made, and no order before it",
    "signs of the period", _SOURCE,
    "an account made at the first checkout counts; who signs again in another period counts again; the interval is that of a "
    "count (Poisson)",
)  # fmt: skip
LEAD_RATE = Metric(
    "lead_rate", "Lead rate", "rate", "visitors without an order before the period who became a lead / those visitors",
    "events of the period, and signs of it", _SOURCE,
    "per person, not per visit; a browser and the lead it became are one only where evidence joins them",
)  # fmt: skip
METRICS = (LEADS, LEAD_RATE)


def won_over(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure who became a lead.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `leads` as `SIGNS`, `visits`, and `orders` (unit, at: every order up to the end of the period).
    """
    import narwhals as nw

    known = firsts(frames["orders"])
    first, at = nw.col("first_at"), nw.col("at")
    leads = _without(frames["leads"], known, period, first < at)
    became = leads.select("slice", "unit", nw.lit(1).alias("is_lead"))
    visitors = _without(frames["visits"], known, period, first < period.since).join(
        became, on=["slice", "unit"], how="left"
    )
    return [
        *figures(LEADS, rows(leads, nw.lit(1.0)), counted, "leads"),
        *figures(LEAD_RATE, rows(visitors, filled("is_lead")), share, "visitors who had not ordered"),
    ]


def _without(seen: Any, known: Any, period: Period, has_ordered: Any) -> Any:
    """Give who was seen in the period and had not ordered: slice, unit."""
    import narwhals as nw

    people = seen.filter(period.holds(nw.col("at"))).group_by("slice", "unit").agg(nw.col("at").min())
    whole = people.join(known, on="unit", how="left")
    return whole.filter(nw.col("first_at").is_null() | ~has_ordered).select("slice", "unit")
