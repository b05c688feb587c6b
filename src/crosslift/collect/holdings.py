"""What people hold, as rows: subscriptions and readings of meters."""

import numpy as np
import pyarrow as pa

from crosslift.collect.rows import DAY, Builder, Columns, Fault, Tables, attributes_of, content_hash, getter

SUBSCRIPTION_COLUMNS = (
    "subscription_id", "customer_id", "account_id", "product_id", "status", "started_at", "started_on", "renews_at",
    "ended_at", "quantity", "recurring_price_micros", "currency", "period", "usage_limit", "used", "attributes",
    "updated_at", "row_hash",
)  # fmt: skip
USAGE_COLUMNS = (
    "customer_id", "product_id", "meter", "value", "unit", "at", "read_on", "attributes", "row_hash",
)  # fmt: skip


class SubscriptionRows(Builder):
    """Contracts, plans and services, each as it stands now."""

    def faults(self, columns: Columns, first_row: int) -> list[Fault]:
        """Refuse a subscription that nobody holds, that ends before it starts, or whose price has no currency."""
        get = getter(columns, len(columns["subscription_id"]))
        names = ("customer_id", "account_id", "started_at", "ended_at", "recurring_price", "currency")
        faults = []
        for row, (customer, account, start, end, price, currency) in enumerate(
            zip(*map(get, names), strict=True), first_row
        ):
            if customer is None and account is None:
                faults.append(Fault(row, "customer_id", "is empty, and account_id too; name who holds it"))
            if start is not None and end is not None and end < start:
                faults.append(Fault(row, "ended_at", "lies before started_at"))
            if price is not None and currency is None and "currency" in columns:
                faults.append(Fault(row, "currency", "is empty beside a recurring_price"))
            elif price is not None and currency is None:
                faults.append(Fault(row, "recurring_price", "has no currency; add the column, or --map currency=:EUR"))
        return faults

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
