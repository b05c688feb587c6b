"""What people hold, as rows: subscriptions and readings of meters."""

import numpy as np
import pyarrow as pa

from crosslift.collect.faults import found, in_order, somebody, with_currency
from crosslift.collect.rows import DAY, Builder, Columns, Fault, Tables, attributes_of, content_hash, getter

SUBSCRIPTION_COLUMNS = (
    "subscription_id", "customer_id", "account_id", "product_id", "status", "started_at", "started_on", "renews_at",
    "ended_at", "quantity", "recurring_price_micros", "currency", "period", "usage_limit", "used", "attributes",
    "updated_at", "row_hash",
)  # fmt: skip
USAGE_COLUMNS = (
    "customer_id", "product_id", "meter", "value", "unit", "at", "read_on", "attributes", "row_hash",
)  # fmt: skip
_CHECKS = (somebody("who holds it"), in_order("started_at", "ended_at"), with_currency("recurring_price"))


class SubscriptionRows(Builder):
    """Contracts, plans and services, each as it stands now."""

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Refuse a subscription that nobody holds, that ends before it starts, or whose price has no currency."""
        return found(_CHECKS, columns, first_row)

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn subscriptions into rows."""
        n = len(columns["subscription_id"])
        get = getter(columns, n)
        content = zip(
            get("customer_id"), get("account_id"), get("product_id"), get("status"), get("started_at"),
            _days(columns["started_at"]), get("renews_at"), get("ended_at"),
            [1 if quantity is None else quantity for quantity in get("quantity")], get("recurring_price"),
            get("currency"), get("period"), get("limit"), get("used"), attributes_of(columns, extras, n), strict=True,
        )  # fmt: skip
        rows = [
            (key, *c, updated, content_hash(c))
            for key, c, updated in zip(get("subscription_id"), content, get("updated_at"), strict=True)
        ]
        self.named.update(get("product_id"))
        return [("subscriptions", SUBSCRIPTION_COLUMNS, rows)]


class UsageRows(Builder):
    """Readings of meters; the same reading with another value is a conflict."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn readings into rows."""
        n = len(columns["customer_id"])
        get = getter(columns, n)
        rows = [
            (customer, product, meter, value, unit or "", at, day, attributes, content_hash((value, attributes)))
            for customer, product, meter, value, unit, at, day, attributes in zip(
                get("customer_id"), get("product_id"), get("meter"), get("value"), get("unit"), get("at"),
                _days(columns["at"]), attributes_of(columns, extras, n), strict=True,
            )
        ]  # fmt: skip
        self.named.update(get("product_id"))
        return [("usage", USAGE_COLUMNS, rows)]


def _days(instants: pa.Array) -> list[int]:
    days: list[int] = (np.asarray(instants, dtype=np.int64) // DAY).tolist()
    return days
