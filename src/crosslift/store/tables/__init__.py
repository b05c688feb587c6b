"""Every table once: columns, keys, units, and the one room that writes it.

Units: `_at` columns are microseconds since 1970 in UTC, as are `at`, `since` and `until`; `_on` columns are days since
1970, `_micros` columns whole millionths of the currency's major unit with the currency beside them. Rows that arrive by
an import carry `import_id` and count only while that import is `committed` and nothing committed supersedes them
(DESIGN 2b.11). `id` is the ingestion number: it only grows, and watermarks are taken from it, never from event time.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
from sqlalchemy import Boolean, Float, Integer, LargeBinary
from sqlalchemy.types import TypeEngine

from crosslift.store.tables import (
    access,
    agents,
    audit,
    catalog,
    contact,
    coupons,
    home,
    identity,
    jobs,
    learned,
    offers,
    outcome,
    people,
    policy,
    pressure,
    sales,
    trials,
)
from crosslift.store.tables.columns import metadata

__all__ = [
    "VISIBLE", "WRITERS", "access", "agents", "arrow_schema", "audit", "catalog", "contact", "coupons", "home", "identity",
    "jobs", "learned", "metadata",
    "offers", "outcome", "people", "policy", "pressure", "sales", "trials",
]  # fmt: skip

WRITERS: dict[str, str] = {
    "imports": "collect",
    "import_needs": "collect",
    "live_before": "collect",
    "live_gone": "collect",
    "products": "collect",
    "product_live": "collect",
    "customers": "collect",
    "identities": "collect",
    "identity_evidence": "collect",
    "identity_splits": "collect",
    "mapping_changes": "collect",
    "erased": "store",
    "erasures": "store",
    "accounts": "collect",
    "account_members": "collect",
    "agents": "collect",
    "confirmations": "collect",
    "consents": "collect",
    "orders": "collect",
    "order_lines": "collect",
    "returns": "collect",
    "payments_failed": "collect",
    "campaign_costs": "collect",
    "exchange_rates": "collect",
    "events": "collect",
    "message_ids": "collect",
    "activities": "collect",
    "cases": "collect",
    "feedback": "collect",
    "assignments": "collect",
    "logged_choices": "collect",
    "person_states": "collect",
    "links": "collect",
    "bundles": "collect",
    "subscriptions": "collect",
    "usage": "collect",
    "refill_dues": "learn",
    "profiles": "learn",
    "segments": "shop",
    "segment_members": "learn",
    "customer_models": "learn",
    "parts": "store",
    "snapshots": "learn",
    "offers": "shop",
    "promises": "shop",
    "coupon_campaigns": "shop",
    "coupons": "shop",
    "coupon_uses": "shop",
    "policies": "shop",
    "policy_changes": "shop",
    "experiments": "shop",
    "experiment_arms": "shop",
    "decisions": "shop",
    "decision_inputs": "shop",
    "decision_people": "shop",
    "exposures": "deliver",
    "responses": "deliver",
    "contacts": "deliver",
    "reactions": "deliver",
    "pressure_versions": "deliver",
    "audit": "store",
    "audit_people": "store",
    "api_keys": "shop",
    "users": "shop",
    "user_links": "shop",
    "sessions": "shop",
    "deliveries": "shop",
    "jobs": "shop",
    "job_runs": "shop",
    "shop_meta": "shop",
}
"""Which room writes which table; a contract test holds every writer to it."""

VISIBLE = "+import_id in (select id from imports where state = 'committed') and superseded_by is null"
"""The condition under which an imported row counts; the plus keeps SQLite from walking a table import by import."""


def arrow_schema(table: str, columns: Sequence[str]) -> pa.Schema:
    """Give the Arrow types of some columns of a table."""
    return _schema(table, tuple(columns))


@lru_cache(1024)
def _schema(table: str, columns: tuple[str, ...]) -> pa.Schema:
    known = metadata.tables[table].columns
    return pa.schema([(name, _arrow_type(known[name].type)) for name in columns])


def _arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    if isinstance(kind, Boolean):
        return pa.bool_()
    if isinstance(kind, Float):
        return pa.float64()
    if isinstance(kind, Integer):  # BigInteger is one
        return pa.int64()
    return pa.binary() if isinstance(kind, LargeBinary) else pa.string()
