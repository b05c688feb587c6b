"""Order lines, returns and products as tables, written by hand: only what a test says differs from the typical."""

import pyarrow as pa

from crosslift.settings import Settings
from crosslift.store.parts import COPIES
from crosslift.store.tables import arrow_schema

DAY = 86_400_000_000
MONDAY = 19_723
PRODUCT_COLUMNS = [
    "product_id", "title", "kind", "kind_source", "kind_reason", "price_micros", "cost_micros", "stock", "category", "image",
    "parent_id", "is_derived",
]  # fmt: skip
TYPICAL_LINE = {
    "source": "web", "line_id": "1", "has_line_id": False, "customer_id": "c", "product_id": "P", "quantity": 1,
    "unit_price_micros": 5_000_000, "currency": "USD", "status": "placed",
}  # fmt: skip


def lines_of(*rows):
    """Build order lines; `day` and `minute` count from Monday, 2024-01-01."""
    made = []
    for number, given in enumerate(rows):
        row = {"id": number + 1, "order_id": str(number + 1), **TYPICAL_LINE, **given}
        day, minute = row.pop("day", 0), row.pop("minute", 0)
        row["ordered_on"] = MONDAY + day
        row["ordered_at"] = row["ordered_on"] * DAY + minute * 60_000_000
        made.append(row)
    return pa.Table.from_pylist(made, arrow_schema("order_lines", COPIES["order_lines"][1]))


def returns_of(*rows):
    """Build returns."""
    made = []
    for number, given in enumerate(rows):
        row = {"id": number + 1, "source": "web", "line_id": str(number), "product_id": "P", "quantity": 1, **given}
        row["returned_on"] = MONDAY + row.pop("day", 9)
        row["returned_at"] = row["returned_on"] * DAY
        made.append(row)
    return pa.Table.from_pylist(made, arrow_schema("returns", COPIES["returns"][1]))


def products_of(*rows):
    """Build products, complete in everything a test does not take away."""
    full = {
        "kind": "goods", "kind_source": "file", "price_micros": 1, "cost_micros": 1, "stock": 1, "category": "c",
        "image": "i", "is_derived": False,
    }  # fmt: skip
    made = [{**dict.fromkeys(PRODUCT_COLUMNS), **full, "title": f"T{row['product_id']}", **row} for row in rows]
    return pa.Table.from_pylist(made, arrow_schema("products", PRODUCT_COLUMNS))


def settings_of(**given):
    """Build settings: `merge_duplicates=True` sets cleaning.merge_duplicates; other sections are given with their dot."""
    return Settings.load({n if "." in n else f"cleaning.{n}": value for n, value in given.items()}, environment={})


ALL_OFF = {
    "net_cancellations": False, "drop_adjustments": False, "drop_zero_prices": False, "merge_duplicates": False,
    "drop_non_products": False, "drop_tests": False, "bot_orders_per_day": 1_000_000,
}  # fmt: skip
