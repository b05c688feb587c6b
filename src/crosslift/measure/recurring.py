"""Figures of subscriptions: what comes in every month, and what became of what came in at the beginning of the period."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.customers import running
from crosslift.measure.figures import Asked, Measured, Metric, Period, figures, rate, ratio, rows, several, share, total

_SOURCE = (
    "subscriptions as they stand now: price × quantity, brought to a month of 30.44 days, in the reporting currency"
)
_WEAK = (
    "a price or quantity changed within one subscription is known as it is now only; trials and paused ones do not count, nor "
    "do those whose period cannot be read"
)
_BEGINNING = "at the beginning of the period"
_WHO = "of customers with a subscription at the beginning of the period"
MRR = Metric(
    "mrr", "Monthly recurring revenue", "currency per month", "sum over subscriptions running at the end of what a month costs",
    "the end of the period", _SOURCE, f"{_WEAK}; the interval treats customers as drawn from the like of them",
)  # fmt: skip
MRR_EXPANSION = Metric(
    "mrr_expansion", "Expansion of recurring revenue", "share of MRR", f"what customers pay more at the end / MRR {_BEGINNING}",
    _WHO, _SOURCE, _WEAK,
)  # fmt: skip
MRR_CONTRACTION = Metric(
    "mrr_contraction", "Contraction of recurring revenue", "share of MRR",
    f"what customers who stayed pay less at the end / MRR {_BEGINNING}", _WHO,
    _SOURCE, _WEAK,
)  # fmt: skip
MRR_CHURN = Metric(
    "mrr_churn", "Churn of recurring revenue", "share of MRR", f"MRR of customers with none left / MRR {_BEGINNING}",
    _WHO, _SOURCE, f"{_WEAK}; a pause counts as churn",
)  # fmt: skip
NET_RETENTION = Metric(
    "net_revenue_retention", "Net revenue retention", "share of MRR",
    f"MRR at the end of customers who had some {_BEGINNING} / their MRR then", _WHO,
    _SOURCE, _WEAK,
)  # fmt: skip
GROSS_RETENTION = Metric(
    "gross_revenue_retention", "Gross revenue retention", "share of MRR",
    f"the smaller of MRR at the end and at the beginning, by customer / MRR {_BEGINNING}",
    _WHO, _SOURCE, _WEAK,
)  # fmt: skip
PLAN_STEP_RATE = Metric(
    "plan_step_rate", "Plan steps", "rate",
    f"customers who left a product for one they did not have and pay more (up) or less (down) in all / customers with a "
    f"subscription {_BEGINNING}",
    _WHO, _SOURCE, f"{_WEAK}; who adds or gives up one beside others did not step; a plan changed within one is not seen",
)  # fmt: skip
OF_REVENUE = (MRR_EXPANSION, MRR_CONTRACTION, MRR_CHURN, NET_RETENTION, GROSS_RETENTION)
METRICS = (MRR, *OF_REVENUE, PLAN_STEP_RATE)
UP, DOWN = "up", "down"
_STAYED = "customers with a subscription at the beginning"


def recurring(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure recurring revenue.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        Of it `subscriptions`, as `customers.RUNNING`.
    """
    import narwhals as nw

    monthly = nw.col("monthly")
    each = (
        frames["subscriptions"]
        .with_columns(
            nw.when(running(period.since)).then(monthly).otherwise(0.0).alias("before"),
            nw.when(running(period.until)).then(monthly).otherwise(0.0).alias("after"),
        )
        .group_by("slice", "unit")
        .agg(nw.col("before").sum(), nw.col("after").sum())
    )
    before, after = nw.col("before"), nw.col("after")
    now = figures(MRR, rows(each.filter(after > 0), after), total, "subscribers", period.currency)
    if not period.has_before:
        why = NotEstimable("no beginning to compare with; name the first day")
        return [*now, *(Measured(metric, None, why) for metric in METRICS[1:])]
    had = each.filter(before > 0)
    parts = {
        MRR_EXPANSION: (nw.when(after > before).then(after - before).otherwise(0.0), ratio),
        MRR_CONTRACTION: (nw.when((after > 0) & (after < before)).then(before - after).otherwise(0.0), rate),
        MRR_CHURN: (nw.when(after == 0).then(before).otherwise(0.0), rate),
        NET_RETENTION: (after, ratio),
        GROSS_RETENTION: (nw.when(after < before).then(after).otherwise(before), rate),
    }
    shares = several(had, [Asked(metric, judge, y, before) for metric, (y, judge) in parts.items()], _STAYED)
    return [*now, *shares, *_stepped(frames["subscriptions"], had, period)]


def _stepped(subscriptions: Any, had: Any, period: Period) -> list[Measured]:
    """Measure who changed plans: one product given up and another begun, for more or less in all."""
    import narwhals as nw

    plans = (
        subscriptions.with_columns(
            running(period.since).cast(nw.Int64()).alias("was"), running(period.until).cast(nw.Int64()).alias("is")
        )
        .group_by("slice", "unit", "product")
        .agg(nw.col("was").max(), nw.col("is").max())
    )
    changed = (
        plans.with_columns(
            ((nw.col("was") == 1) & (nw.col("is") == 0)).cast(nw.Int64()).alias("left"),
            ((nw.col("was") == 0) & (nw.col("is") == 1)).cast(nw.Int64()).alias("begun"),
        )
        .group_by("slice", "unit")
        .agg(nw.col("left").max(), nw.col("begun").max())
    )
    people = had.join(changed, on=["slice", "unit"], how="inner")
    is_changed = (nw.col("left") == 1) & (nw.col("begun") == 1)
    ways = {UP: nw.col("after") > nw.col("before"), DOWN: nw.col("after") < nw.col("before")}
    return several(people, [Asked(PLAN_STEP_RATE, share, is_changed & so, of=way) for way, so in ways.items()], _STAYED)
