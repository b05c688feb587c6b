"""Rows for the contracts of records: a typical one of each dataset, imported as `collect` would."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from crosslift.collect.curated import BUNDLE_COLUMNS, LINK_COLUMNS
from crosslift.collect.holdings import SUBSCRIPTION_COLUMNS, USAGE_COLUMNS
from crosslift.collect.rows import (
    CONSENT_COLUMNS,
    CUSTOMER_COLUMNS,
    EVENT_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    RETURN_COLUMNS,
    content_hash,
)
from crosslift.store.ports import Outcome, Records, Row

DAY = 86_400_000_000
MONDAY = 19_723 * DAY
"""2024-01-01 00:00 UTC."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "products": PRODUCT_COLUMNS,
    "customers": CUSTOMER_COLUMNS,
    "consents": CONSENT_COLUMNS,
    "orders": ORDER_COLUMNS,
    "order_lines": LINE_COLUMNS,
    "returns": RETURN_COLUMNS,
    "events": EVENT_COLUMNS,
    "links": LINK_COLUMNS,
    "bundles": BUNDLE_COLUMNS,
    "subscriptions": SUBSCRIPTION_COLUMNS,
    "usage": USAGE_COLUMNS,
}
DATASETS = (
    "products",
    "customers",
    "consents",
    "orders",
    "returns",
    "events",
    "links",
    "bundles",
    "subscriptions",
    "usage",
)
"""Everything an import can bring."""
_TYPICAL: Mapping[str, Mapping[str, Any]] = {
    "products": {
        "product_id": "A", "title": "Mug", "titles": "{}", "kind": "goods", "kind_source": "file", "attributes": "{}",
        "price_micros": 5_000_000, "currency": "USD", "is_active": True, "is_derived": False,
    },
    "customers": {"customer_id": "c1", "traits": "{}"},
    "consents": {
        "customer_id": "c1", "purpose": "personalization", "channel": "web", "status": "granted", "source": "form",
        "at": MONDAY,
    },
    "order_lines": {
        "source": "web", "order_id": "1", "line_id": "1", "has_line_id": True, "ordered_at": MONDAY, "customer_id": "c1",
        "product_id": "A", "quantity": 1, "unit_price_micros": 5_000_000, "currency": "USD", "status": "placed",
    },
    "returns": {
        "source": "web", "order_id": "1", "line_id": "r1", "product_id": "A", "quantity": 1, "returned_at": MONDAY + DAY,
    },
    "events": {
        "message_hash": b"0123456789abcdef", "name": "Product Viewed", "at": MONDAY, "received_at": MONDAY,
        "identity": "customer:c1", "product_id": "A", "properties": "{}",
    },
    "links": {"from_id": "A", "to_id": "B", "kind": "complement", "action": "link"},
    "bundles": {
        "bundle_id": "S", "product_id": "A", "quantity": 1, "kind": "fixed", "price_micros": 9_000_000, "currency": "USD",
        "title": "Set", "titles": "{}", "is_active": True,
    },
    "subscriptions": {
        "subscription_id": "s1", "customer_id": "c1", "product_id": "PLAN", "status": "active", "started_at": MONDAY,
        "quantity": 1,
    },
    "usage": {"customer_id": "c1", "product_id": "A", "meter": "odometer", "value": 100.0, "unit": "km", "at": MONDAY},
}  # fmt: skip
_UNHASHED = ("row_hash", "source", "order_id", "line_id", "updated_at", "has_line_id")
_clock = count(MONDAY + 100 * DAY)


def row(dataset: str, **given: Any) -> Row:
    """Build one row of a dataset as `collect` would, from a typical one and what is given."""
    values = {**dict.fromkeys(COLUMNS[dataset]), **_TYPICAL[dataset], **given}
    days = {"ordered_at": "ordered_on", "returned_at": "returned_on", "started_at": "started_on", "at": "read_on"}
    for at, on in days.items():
        if on in values:
            values[on] = values[at] // DAY
    if "row_hash" in values:
        kept = ("source",) if dataset == "consents" else ()
        content = [values[n] for n in COLUMNS[dataset] if n in kept or n not in _UNHASHED]
        values["row_hash"] = content_hash(tuple(content))
    return tuple(values[name] for name in COLUMNS[dataset])


def line(**given: Any) -> Row:
    """Build one order line."""
    return row("order_lines", **given)


def headers(lines: tuple[Row, ...]) -> list[Row]:
    """Give the order headers of some lines, each from its first line."""
    places = [LINE_COLUMNS.index(name) for name in ORDER_COLUMNS]
    found: dict[Row, Row] = {}
    for each in lines:
        found.setdefault(each[:2], tuple(each[i] for i in places))
    return list(found.values())


def begin(records: Records, dataset: str, *batches: tuple[Row, ...]) -> tuple[int, Outcome]:
    """Start an import and add batches; it stays pending."""
    import_id = records.start_import(dataset, "file.csv", "canonical", next(_clock), None)
    total = Outcome()
    for batch in batches:
        if dataset == "orders":
            records.import_rows(import_id, "orders", ORDER_COLUMNS, headers(batch))
            total.add(records.import_rows(import_id, "order_lines", LINE_COLUMNS, batch))
        else:
            total.add(records.import_rows(import_id, dataset, COLUMNS[dataset], batch))
    return import_id, total


def bring(records: Records, dataset: str, *batches: tuple[Row, ...]) -> Outcome:
    """Import batches and commit them."""
    import_id, outcome = begin(records, dataset, *batches)
    records.commit_import(import_id, next(_clock), "{}")
    return outcome


def order(records: Records, *lines: Row) -> Outcome:
    """Import order lines and commit them."""
    return bring(records, "orders", lines)


def event(number: int, **given: Any) -> Row:
    """Build the event with this message number."""
    return row("events", message_hash=number.to_bytes(16, "big"), **given)


def seen(records: Records, dataset: str, *columns: str) -> list[Row]:
    """Read the visible rows."""
    return list(zip(*(column.to_pylist() for column in records.table(dataset, columns).columns), strict=True))


def slim(decision_id: str, identity: str | None = "customer:c1") -> Row:
    """Build the slim row of a decision."""
    return (
        decision_id,
        MONDAY,
        "cart",
        "web",
        "personalization",
        "helpful",
        None,
        False,
        identity,
        0,
        0,
        "s1",
        b"body",
    )
