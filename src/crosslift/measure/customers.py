"""Figures of customers: what they are worth, whether they come back, what a new one costs, what comes back of what they buy."""

from collections.abc import Mapping
from typing import Any

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.measure.figures import (
    MIN_UNITS,
    Asked,
    Measured,
    Metric,
    Period,
    Sums,
    collected,
    figures,
    filled,
    growth,
    mean,
    rate,
    rows,
    several,
    share,
)
from crosslift.stats.compare import count_interval

SALES = ("slice", "unit", "at", "order", "product", "revenue", "margin", "quantity", "kept")
"""Columns of sold order lines of named customers up to the end of the period: amounts in the reporting currency, net of what
came back; `quantity` units were sold, `kept` of them were not taken back."""
RUNNING = ("slice", "unit", "product", "monthly", "starts", "ends")
"""Columns of paid subscriptions: what one costs a month, and when it runs (microseconds UTC, null for no end)."""
COSTS = ("slice", "amount")
"""Columns of what campaigns cost in the period, in the reporting currency."""
WORTH = ("slice", "unit", "change")
"""Columns of people with an order before the period: how much more they are expected to bring, in the reporting currency."""

_ORDERS = "order lines of named customers, net of cancellations and returns known by now, in the reporting currency"
_PLACED = "orders placed in the period"
REVENUE_PER_CUSTOMER = Metric(
    "revenue_per_customer", "Revenue per customer", "currency per customer",
    "sum over kept lines of (unit price × net quantity − discount) / customers with an order", _PLACED, _ORDERS,
    "a mean is pulled by few large customers; amounts in a currency without a rate count as 0",
)  # fmt: skip
MARGIN_PER_CUSTOMER = Metric(
    "margin_per_customer", "Margin per customer", "currency per customer",
    "sum over kept lines of (price − cost − discount − tax) / customers with an order", _PLACED,
    f"{_ORDERS}; costs of the catalog", "lines of products without a cost count as 0; a cost is that of today",
)  # fmt: skip
PRODUCTS_HELD = Metric(
    "products_held", "Products held per customer", "products per customer",
    "distinct products bought and kept, or subscribed to at the end / customers who have any",
    "everything up to the end of the period", "order lines of named customers; subscriptions",
    "what is used up counts as held for good; who left long ago is still counted",
)  # fmt: skip
REPEAT_RATE = Metric(
    "repeat_rate", "Repeat rate", "rate", "customers with two orders or more / customers with an order", _PLACED, _ORDERS,
    "grows with the length of the period; compare periods of one length",
)  # fmt: skip
RETENTION = Metric(
    "retention", "Retention", "rate", "customers of the period before who ordered again / customers of the period before",
    "the period, and the one before it of the same length", _ORDERS,
    "who buys once a year counts as lost in every shorter period",
)  # fmt: skip
SALES_GROWTH = Metric(
    "sales_growth", "Sales growth", "share of the sales before", "revenue of the period / revenue of the period before − 1",
    "the period, and the one before it of the same length", _ORDERS,
    "seasons and length of months are not taken out; later returns come off the earlier period first, so growth is flattered",
)  # fmt: skip
RETURN_RATE = Metric(
    "return_rate", "Return rate", "rate", "units canceled or taken back / units sold", _PLACED, _ORDERS,
    "orders of the last weeks may still come back",
)  # fmt: skip
ACQUISITION_COST = Metric(
    "acquisition_cost", "Cost of a new customer", "currency per new customer",
    "campaign costs / customers whose first order lies in the period", "costs spread evenly over the days of a campaign",
    "campaign_costs; order lines of named customers",
    "every campaign counts, whether it was for new customers or not; the interval is that of the number of customers (Poisson)",
)  # fmt: skip
COST_SAVED = Metric(
    "cost_saved", "Acquisition cost saved", "currency",
    "customers of the period who had ordered before it × campaign costs / customers whose first order lies in the period",
    "costs spread evenly over the days of a campaign", "campaign_costs; order lines of named customers",
    "what winning as many new customers would have cost at the price of the period; part of the costs went to those who knew us",
)  # fmt: skip
CLV_CHANGE = Metric(
    "clv_change", "Change of lifetime value", "currency per customer",
    "mean over customers of what they are expected to bring within the horizon as of the end − as of the beginning",
    "customers with an order before the period", "order lines of named customers; the model of purchases last learned",
    "both are told by one model, learned on the period as well; the interval is over customers and takes the model as certain",
)  # fmt: skip
OF_CUSTOMERS = (REVENUE_PER_CUSTOMER, MARGIN_PER_CUSTOMER, REPEAT_RATE, RETENTION, SALES_GROWTH, RETURN_RATE)
METRICS = (*OF_CUSTOMERS, CLV_CHANGE, PRODUCTS_HELD, ACQUISITION_COST, COST_SAVED)


def per_customer(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure what customers of the period brought, and whether they came back.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        Of it `sales`, as `SALES`.
    """
    import narwhals as nw

    customers = bought(frames["sales"], period)
    asked = (
        Asked(REVENUE_PER_CUSTOMER, mean, nw.col("revenue")),
        Asked(MARGIN_PER_CUSTOMER, mean, nw.col("margin")),
        Asked(REPEAT_RATE, share, nw.col("orders") >= 2),
    )
    found = several(customers, asked, "customers", period.currency)
    return [*found, *_against_before(frames["sales"], period), *_returned(frames["sales"], period)]


def bought(sales: Any, period: Period) -> Any:
    """Add up what each customer bought in the period: slice, unit, orders, revenue, margin, last_at."""
    import narwhals as nw

    return (
        sales.filter(period.holds(nw.col("at")))
        .group_by("slice", "unit")
        .agg(
            nw.col("order").n_unique().alias("orders"),
            nw.col("revenue").sum(),
            nw.col("margin").sum(),
            nw.col("at").max().alias("last_at"),
        )
    )


def _against_before(sales: Any, period: Period) -> list[Measured]:
    import narwhals as nw

    if not period.has_before:
        why = NotEstimable("no period before to compare with; name the first day, and no slices of time")
        return [Measured(metric, None, why) for metric in (RETENTION, SALES_GROWTH)]
    is_in, was = period.holds(nw.col("at")), period.was(nw.col("at"))
    sums = (
        sales.filter(is_in | was)
        .with_columns(
            nw.when(is_in).then(nw.col("revenue")).otherwise(0.0).alias("y"),
            nw.when(was).then(nw.col("revenue")).otherwise(0.0).alias("x"),
            is_in.cast(nw.Int64()).alias("is_in"),
            was.cast(nw.Int64()).alias("was"),
        )
        .group_by("slice", "unit")
        .agg(nw.col("y").sum(), nw.col("x").sum(), nw.col("is_in").max(), nw.col("was").max())
    )
    earlier = sums.filter(nw.col("was") == 1)
    return [
        *figures(RETENTION, rows(earlier, nw.col("is_in")), share, "customers in the period before"),
        *figures(SALES_GROWTH, rows(sums, nw.col("y"), nw.col("x")), growth, "customers"),
    ]


def _returned(sales: Any, period: Period) -> list[Measured]:
    import narwhals as nw

    orders = (
        sales.filter(period.holds(nw.col("at")))
        .group_by("slice", "order")
        .agg(nw.col("quantity").sum(), nw.col("kept").sum())
    )
    taken = rows(orders, nw.col("quantity") - nw.col("kept"), nw.col("quantity"))
    return figures(RETURN_RATE, taken, rate, "orders")


def products_held(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Count the products customers hold at the end of the period, bought or subscribed to.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `sales` and `subscriptions`, as `SALES` and `RUNNING`.
    """
    import narwhals as nw

    kept = (
        frames["sales"].filter((nw.col("at") < period.until) & (nw.col("kept") > 0)).select("slice", "unit", "product")
    )
    runs = frames["subscriptions"].filter(running(period.until)).select("slice", "unit", "product")
    each = (
        nw.concat([kept, runs], how="vertical").group_by("slice", "unit").agg(nw.col("product").n_unique().alias("n"))
    )
    return figures(PRODUCTS_HELD, rows(each, nw.col("n")), mean, "customers")


def running(at: int) -> Any:
    """Give the expression that a subscription runs at an instant."""
    import narwhals as nw

    return (nw.col("starts") <= at) & (nw.col("ends").is_null() | (nw.col("ends") > at))


def firsts(sales: Any) -> Any:
    """Give when each customer ordered first: unit, first_at."""
    import narwhals as nw

    return sales.group_by("unit").agg(nw.col("at").min().alias("first_at"))


def acquisition(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Say what a new customer cost, and what those who came again would have.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        `sales` and `costs`, as `SALES` and `COSTS`.
    """
    import narwhals as nw

    sales = frames["sales"]
    placed = sales.join(firsts(sales), on="unit", how="inner").filter(period.holds(nw.col("at")))
    whole = frames["costs"].group_by("slice").agg(nw.col("amount").sum())
    for name, chosen in (("new", nw.col("at") == nw.col("first_at")), ("known", nw.col("first_at") < period.since)):
        people = placed.filter(chosen).group_by("slice").agg(nw.col("unit").n_unique().alias(name))
        whole = whole.join(people, on="slice", how="left")
    spent = collected(
        whole.select("slice", "amount", filled("new").alias("new"), filled("known").alias("known")).sort("slice")
    )
    if not spent:
        why = NotEstimable("no campaign costs of the period were collected")
        return [Measured(metric, None, why) for metric in (ACQUISITION_COST, COST_SAVED)]
    told = ((ACQUISITION_COST, _cost), (COST_SAVED, _saved))
    return [Measured(metric, None, of(row, period), row["slice"] or None) for metric, of in told for row in spent]


def _cost(row: Sums, period: Period, metric: Metric = ACQUISITION_COST, times: float = 1.0) -> Figure:
    """Give so many times what a new customer cost."""
    n = int(row["new"])
    if n < MIN_UNITS:
        return NotEstimable(f"{n} new customers, at least {MIN_UNITS} needed")
    found, amount = count_interval(n), times * row["amount"]
    return Estimate(
        amount / n, amount / found.high, amount / found.low, n, metric.unit.replace("currency", period.currency)
    )


def _saved(row: Sums, period: Period) -> Figure:
    if not period.has_before:
        return NotEstimable("nobody had ordered before the beginning; name the first day, and no slices of time")
    return _cost(row, period, COST_SAVED, row["known"])


def worth_changed(frames: Mapping[str, Any], period: Period) -> list[Measured]:
    """Measure how much more customers are expected to bring than at the beginning.

    Parameters
    ----------
    frames : mapping of str to lazy frame
        Of it `worth`, as `WORTH`.
    """
    import narwhals as nw

    if not period.has_before:
        return [Measured(CLV_CHANGE, None, NotEstimable("no beginning to compare with; name the first day"))]
    changed = figures(
        CLV_CHANGE, rows(frames["worth"], nw.col("change")), mean, "customers of known worth", period.currency
    )
    if [one.figure for one in changed] == [NotEstimable(f"0 customers of known worth, at least {MIN_UNITS} needed")]:
        why = "nobody had ordered before the beginning, or no model of their purchases was learned: `crosslift learn`"
        return [Measured(CLV_CHANGE, None, NotEstimable(why))]
    return changed
