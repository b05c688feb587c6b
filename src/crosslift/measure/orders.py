"""Figures of orders: what one comes to, what one holds, and what goes with what."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput
from crosslift.measure.figures import Measured, Metric, collected, figures, mean, rows, share

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
COLUMNS = (
    "ordered_at", "source", "order_id", "product_id", "quantity", "unit_price_micros", "currency", "discount_micros", "slice",
)  # fmt: skip
"""What figures of orders look at; without a `slice` all is one."""
METRICS = (AOV, UNITS_PER_ORDER, PRODUCTS_PER_ORDER, ATTACH_RATE)
_UNITS = "orders in the period"


def per_order(
    lines: pa.Table, lazy: Callable[[pa.Table], Any], anchor: str | None = None, attached: str | None = None
) -> list[Measured]:
    """Measure the orders of a period.

    Parameters
    ----------
    lines : pa.Table
        Order lines of the period after cleaning; with a column `slice` each slice is measured.
    lazy : callable
        Wraps a table as a Narwhals lazy frame of the frames engine.
    anchor, attached : str, optional
        Products of the attach rate.

    Raises
    ------
    BadInput
        If an attached product is named without its anchor.
    """
    import narwhals as nw

    if attached is not None and anchor is None:
        raise BadInput(f"the attach rate of {attached} to what? name the anchor product too")
    lines = sliced(lines)
    sizes = (
        lazy(lines)
        .group_by("slice", "source", "order_id")
        .agg(nw.col("quantity").sum().alias("units"), nw.col("product_id").n_unique().alias("products"))
    )
    found = [
        *_values(lines, lazy),
        *figures(UNITS_PER_ORDER, rows(sizes, nw.col("units")), mean, _UNITS),
        *figures(PRODUCTS_PER_ORDER, rows(sizes, nw.col("products")), mean, _UNITS),
    ]
    return found if anchor is None else [*found, *_attach(lines, lazy, anchor, attached)]


def sliced(lines: pa.Table) -> pa.Table:
    """Give lines a column `slice`, all in one where they have none."""
    return lines if "slice" in lines.column_names else lines.append_column("slice", pa.repeat("", lines.num_rows))


def _values(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> list[Measured]:
    """Measure order values, each currency apart: what one order holds in two is two values."""
    import narwhals as nw

    values = order_values(lines, lazy)
    currencies = [row["currency"] for row in collected(values.select("currency").unique().sort("currency"))]
    found = [
        one
        for currency in currencies
        for one in figures(
            AOV, rows(values.filter(nw.col("currency") == currency), nw.col("value")), mean, _UNITS, currency, currency
        )
    ]
    return found or [Measured(AOV, None, NotEstimable("no order of the period has a price"))]


def order_values(lines: pa.Table, lazy: Callable[[pa.Table], Any]) -> Any:
    """Give what each order came to in each of its currencies, as a lazy frame: slice, source, order_id, currency, value.

    Parameters
    ----------
    lines : pa.Table
        Order lines after cleaning; those without a price or a currency are left out.
    """
    import narwhals as nw

    lines = sliced(lines)
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
        .group_by("slice", "source", "order_id", "currency")
        .agg(nw.col("value").sum().alias("value"))
    )


def _attach(lines: pa.Table, lazy: Callable[[pa.Table], Any], anchor: str, attached: str | None) -> list[Measured]:
    import narwhals as nw

    is_other = nw.col("product_id") == attached if attached else nw.col("product_id") != anchor
    orders = (
        lazy(lines)
        .with_columns(
            (nw.col("product_id") == anchor).cast(nw.Int64()).alias("has_anchor"),
            is_other.cast(nw.Int64()).alias("has_other"),
        )
        .group_by("slice", "source", "order_id")
        .agg(nw.col("has_anchor").max(), nw.col("has_other").max())
        .filter(nw.col("has_anchor") == 1)
    )
    of = f"{anchor} → {attached or 'anything'}"
    return figures(ATTACH_RATE, rows(orders, nw.col("has_other")), share, f"orders hold {anchor}", of=of)
