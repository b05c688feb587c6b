"""The figures: attach rate, AOV, units per order. Defined once, computed by Narwhals on any frames engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


AOV = Metric(
    "aov", "Average order value", "currency per order",
    "sum over kept lines of (unit price × net quantity − discount) / number of orders",
    "orders placed in the period", "order lines after cleaning, net of cancellations and returns known by now",
    "a mean is pulled by few large orders; currencies are shown apart, never summed",
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
        If the period ends before it begins.
    """
    if since is not None and until is not None and since >= until:
        raise BadInput(f"the period ends ({until:%Y-%m-%d}) before it begins ({since:%Y-%m-%d})")
    for moment, compare in ((since, pc.greater_equal), (until, pc.less)):
        if moment is not None:
            lines = lines.filter(compare(lines.column("ordered_at"), int(moment.timestamp() * 1_000_000)))
    orders = _orders(lines, lazy)
    found = [
        *(Measured(AOV, currency, _mean(sums, "value", f"{currency} per order"))
          for currency, sums in _by_currency(orders).items()),
        Measured(UNITS_PER_ORDER, None, _mean(_sums(orders, None), "units", UNITS_PER_ORDER.unit)),
        Measured(PRODUCTS_PER_ORDER, None, _mean(_sums(orders, None), "products", PRODUCTS_PER_ORDER.unit)),
    ]  # fmt: skip
    if anchor is not None:
        found.append(_attach(lines, lazy, anchor, attached))
    return found


def _orders(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> list[dict[str, Any]]:
    """Sufficient statistics per currency: n, sums and sums of squares over orders."""
    import narwhals as nw

    price = nw.col("unit_price_micros").cast(nw.Float64()) / 1e6
    discount = (
        nw.when(nw.col("discount_micros").is_null())
        .then(0.0)
        .otherwise(nw.col("discount_micros").cast(nw.Float64()) / 1e6)
    )
    one = (
        lazy(lines)
        .with_columns((price * nw.col("quantity").cast(nw.Float64()) - discount).alias("value"))
        .group_by("source", "order_id", "currency")
        .agg(
            nw.col("value").sum().alias("value"),
            nw.col("quantity").cast(nw.Float64()).sum().alias("units"),
            nw.col("product_id").n_unique().cast(nw.Float64()).alias("products"),
        )
    )
    sums = [nw.len().alias("n")]
    for name in ("value", "units", "products"):
        sums += [
            nw.col(name).sum().alias(f"{name}_sum"),
            (nw.col(name) * nw.col(name)).sum().alias(f"{name}_sq"),
        ]
    rows: list[dict[str, Any]] = one.group_by("currency").agg(*sums).collect("pyarrow").to_native().to_pylist()
    return sorted(rows, key=lambda row: row["currency"] or "")


def _by_currency(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["currency"]: row for row in rows if row["currency"] is not None}


def _sums(rows: list[dict[str, Any]], _of: None) -> dict[str, Any]:
    names = [name for name in (rows[0] if rows else {}) if name != "currency"]
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def _mean(sums: dict[str, Any], name: str, unit: str) -> Figure:
    n = int(sums.get("n", 0))
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
    row = flags.collect("pyarrow").to_native().to_pylist()[0]
    n, both = int(row["n"]), int(row["both"] or 0)
    of = f"{anchor} → {attached or 'anything'}"
    if n < MIN_ORDERS:
        return Measured(ATTACH_RATE, of, NotEstimable(f"{n} orders hold {anchor}, at least {MIN_ORDERS} needed"))
    found = proportion_interval(both, n)
    return Measured(ATTACH_RATE, of, Estimate(found.value, found.low, found.high, n, ATTACH_RATE.unit))
