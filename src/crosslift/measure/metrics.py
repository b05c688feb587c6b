"""The figures: attach rate, AOV, units per order. Defined once, computed by Narwhals on any frames engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.stats.compare import mean_interval, proportion_interval

MIN_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Metric:
    """What a figure means."""

    name: str
    title: str
    unit: str
    formula: str
    window: str
    source: str
    weakness: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one period; `of` names the currency or the pair of products it is about."""

    metric: Metric
    of: str | None
    figure: Figure


class Measurer(Protocol):
    """A figure of somebody else's, as a plugin of kind metrics works it out.

    Attributes
    ----------
    metric : Metric
        What it means; its name is none of ours.
    """

    api_version: int
    metric: Metric

    def measure(self, lines: pa.Table) -> Figure:
        """Work it out over the cleaned order lines of a period, `NotEstimable` where they are too few."""


AOV = Metric(
    "aov", "Average order value", "currency per order",
    "sum over kept lines of (unit price × net quantity − discount) / number of orders with a price",
    "orders placed in the period", "order lines after cleaning, net of cancellations and returns known by now",
    "a mean is pulled by few large orders; lines without a price are left out; currencies are shown apart, never summed",
)  # fmt: skip
UNITS_PER_ORDER = Metric(
    "units_per_order", "Units per order", "units per order",
    "sum of net quantities / number of orders", "orders placed in the period", "order lines after cleaning",
    "wholesale quantities weigh as much as many small orders",
)  # fmt: skip
PRODUCTS_PER_ORDER = Metric(
    "products_per_order", "Distinct products per order", "products per order",
    "number of distinct products / number of orders", "orders placed in the period", "order lines after cleaning",
    "says nothing about which products; variants of one product count once",
)  # fmt: skip
ATTACH_RATE = Metric(
    "attach_rate", "Attach rate", "rate",
    "orders with the anchor that also hold the attached product / orders with the anchor",
    "orders placed in the period", "order lines after cleaning",
    "an association: it also counts what customers would have bought unprompted",
)  # fmt: skip
METRICS = (AOV, UNITS_PER_ORDER, PRODUCTS_PER_ORDER, ATTACH_RATE)


def measure(
    lines: pa.Table,
    lazy: Callable[[pa.Table], Any],
    settings: Settings,
    since: datetime | None = None,
    until: datetime | None = None,
    anchor: str | None = None,
    attached: str | None = None,
) -> list[Measured]:
    """Measure a period.

    Parameters
    ----------
    lines : pa.Table
        Order lines after cleaning.
    lazy : callable
        Wraps a table as a Narwhals lazy frame of the frames engine.
    since, until : datetime, optional
        The period, `since` included, `until` not; everything by default.
    anchor, attached : str, optional
        Products of the attach rate; without `anchor` every other product's rate is left out, without `attached` the
        share of the anchor's orders that hold anything else is given.

    Raises
    ------
    BadInput
        If the period ends before it begins, or an attached product is named without its anchor.
    """
    if attached is not None and anchor is None:
        raise BadInput(f"the attach rate of {attached} to what? name the anchor product too")
    if since is not None and until is not None and since >= until:
        raise BadInput(f"the period ends ({until:%Y-%m-%d}) before it begins ({since:%Y-%m-%d})")
    lines = within(lines, since, until)
    values, sizes = _values(lines, lazy), _sizes(lines, lazy)
    found = [
        *(Measured(AOV, row["currency"], _mean(row, "value", f"{row['currency']} per order")) for row in values),
        *([] if values else [Measured(AOV, None, NotEstimable("no order of the period has a price"))]),
        Measured(UNITS_PER_ORDER, None, _mean(sizes, "units", UNITS_PER_ORDER.unit)),
        Measured(PRODUCTS_PER_ORDER, None, _mean(sizes, "products", PRODUCTS_PER_ORDER.unit)),
    ]
    if anchor is not None:
        found.append(_attach(lines, lazy, anchor, attached))
    return found


def within(lines: pa.Table, since: datetime | None, until: datetime | None) -> pa.Table:
    """Give the lines of a period, `since` included, `until` not."""
    for moment, compare in ((since, pc.greater_equal), (until, pc.less)):
        if moment is not None:
            lines = lines.filter(compare(lines.column("ordered_at"), int(moment.timestamp() * 1_000_000)))
    return lines


def _values(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> list[dict[str, Any]]:
    """Sufficient statistics of order values, one row a currency: what one order holds in two is two values."""
    rows = _summed(order_values(lines, lazy).group_by("currency").agg(*_statistics("value")))
    return sorted(rows, key=lambda row: str(row["currency"]))


def order_values(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> Any:
    """Give what each order came to in each of its currencies, as a lazy frame: source, order_id, currency, value.

    Parameters
    ----------
    lines : pa.Table
        Order lines after cleaning; those without a price or a currency are left out.
    """
    import narwhals as nw

    priced = lines.filter(
        pc.and_(pc.is_valid(lines.column("unit_price_micros")), pc.is_valid(lines.column("currency")))
    )
    price = nw.col("unit_price_micros").cast(nw.Float64()) / 1e6
    discount = (
        nw.when(nw.col("discount_micros").is_null())
        .then(0.0)
        .otherwise(nw.col("discount_micros").cast(nw.Float64()) / 1e6)
    )
    return (
        lazy(priced)
        .with_columns((price * nw.col("quantity").cast(nw.Float64()) - discount).alias("value"))
        .group_by("source", "order_id", "currency")
        .agg(nw.col("value").sum().alias("value"))
    )


def _sizes(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> dict[str, Any]:
    """Sufficient statistics of units and distinct products an order, whatever it was paid in."""
    import narwhals as nw

    orders = (
        lazy(lines)
        .group_by("source", "order_id")
        .agg(
            nw.col("quantity").cast(nw.Float64()).sum().alias("units"),
            nw.col("product_id").n_unique().cast(nw.Float64()).alias("products"),
        )
    )
    return _summed(orders.select(*_statistics("units", "products")))[0]


def _statistics(*names: str) -> list[Any]:
    import narwhals as nw

    sums = [(nw.col(name).sum().alias(f"{name}_sum"), (nw.col(name) * nw.col(name)).sum().alias(f"{name}_sq"))
            for name in names]  # fmt: skip
    return [nw.len().alias("n"), *(one for pair in sums for one in pair)]


def _summed(frame: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.collect("pyarrow").to_native().to_pylist()
    return rows


def _mean(sums: dict[str, Any], name: str, unit: str) -> Figure:
    n = int(sums["n"])
    if n < MIN_ORDERS:
        return NotEstimable(f"{n} orders in the period, at least {MIN_ORDERS} needed")
    found = mean_interval(n, sums[f"{name}_sum"], sums[f"{name}_sq"])
    return Estimate(found.value, found.low, found.high, n, unit)


def _attach(lines: pa.Table, lazy: Callable[[pa.Table], Any], anchor: str, attached: str | None) -> Measured:
    import narwhals as nw

    is_other = nw.col("product_id") == attached if attached else nw.col("product_id") != anchor
    flags = (
        lazy(lines)
        .with_columns(
            (nw.col("product_id") == anchor).cast(nw.Int64()).alias("has_anchor"),
            is_other.cast(nw.Int64()).alias("has_other"),
        )
        .group_by("source", "order_id")
        .agg(nw.col("has_anchor").max(), nw.col("has_other").max())
        .filter(nw.col("has_anchor") == 1)
        .select(nw.len().alias("n"), nw.col("has_other").sum().alias("both"))
    )
    row = _summed(flags)[0]
    n, both = int(row["n"]), int(row["both"] or 0)
    of = f"{anchor} → {attached or 'anything'}"
    if n < MIN_ORDERS:
        return Measured(ATTACH_RATE, of, NotEstimable(f"{n} orders hold {anchor}, at least {MIN_ORDERS} needed"))
    found = proportion_interval(both, n)
    return Measured(ATTACH_RATE, of, Estimate(found.value, found.low, found.high, n, ATTACH_RATE.unit))
