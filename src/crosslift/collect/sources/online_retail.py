"""UCI Online Retail, both editions (Chen 2015, 2019): a UK gift-ware shop's invoices.

The format's own rules, as its documentation gives them: an invoice number that starts with C is a cancellation,
one that starts with A a bad-debt adjustment; prices are pounds sterling; there are no line ids. Customers have numbers,
which copies of the file often write as 17850.0: that is customer 17850.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import ORDERS, Schema
from crosslift.domain.sale import OrderStatus

NAME = "UCI Online Retail"
SCHEMA: Schema = ORDERS

_EDITIONS: tuple[Mapping[str, str], ...] = (
    {"order_id": "InvoiceNo", "product_id": "StockCode", "title": "Description", "quantity": "Quantity",
     "ordered_at": "InvoiceDate", "unit_price": "UnitPrice", "customer_id": "CustomerID", "market": "Country"},
    {"order_id": "Invoice", "product_id": "StockCode", "title": "Description", "quantity": "Quantity",
     "ordered_at": "InvoiceDate", "unit_price": "Price", "customer_id": "Customer ID", "market": "Country"},
)  # fmt: skip


def find_mapping(columns: Sequence[str]) -> Mapping[str, str] | None:
    """Give the canonical-to-file names of the edition with exactly these columns, or None."""
    return next((edition for edition in _EDITIONS if set(edition.values()) <= set(columns)), None)


def rename(batch: pa.RecordBatch, mapping: Mapping[str, str]) -> dict[str, pa.Array]:
    """Give a batch its canonical columns, with currency and status as the format defines them."""
    columns = {target: batch.column(origin) for target, origin in mapping.items()}
    columns["product_id"] = pc.utf8_upper(pc.utf8_trim_whitespace(columns["product_id"]))
    columns["customer_id"] = pc.replace_substring_regex(columns["customer_id"], r"^(\d+)\.0$", r"\1")
    first = pc.utf8_upper(pc.utf8_slice_codeunits(columns["order_id"], 0, 1))
    columns["status"] = pc.case_when(
        pc.make_struct(pc.equal(first, "C"), pc.equal(first, "A")),
        pa.scalar(OrderStatus.CANCELLED.value),
        pa.scalar(OrderStatus.ADJUSTMENT.value),
        pa.scalar(OrderStatus.PLACED.value),
    )
    columns["currency"] = pa.repeat(pa.scalar("GBP"), batch.num_rows)
    return columns
