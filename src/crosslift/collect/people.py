"""Customers and their consents, as rows; and what a customer's contacts say about who is who."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow.compute as pc

from crosslift.collect.rows import (
    CONSENT_COLUMNS,
    CUSTOMER_COLUMNS,
    Builder,
    Columns,
    Tables,
    content_hash,
    getter,
    merged_json,
)
from crosslift.domain.identity import IdentityKind, Rule, identity_of

EVIDENCE_COLUMNS = ("first", "second", "rule", "at", "origin")
ORIGIN = "customers"
_LOYALTY = "loyalty_id"
"""The trait that names a loyalty card."""


class CustomerRows(Builder):
    """Customers with their traits."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn customers into rows, and their contacts into evidence of who is who."""
        n = len(columns["customer_id"])
        get = getter(columns, n)
        traits = merged_json(get("traits"), extras, n)
        rows = list(zip(*(get(name) for name in CUSTOMER_COLUMNS[:-1]), traits, strict=True))
        evidence = [piece for row in rows for piece in _contacts(row)]
        return [("customers", CUSTOMER_COLUMNS, rows), ("identity_evidence", EVIDENCE_COLUMNS, evidence)]


class ConsentRows(Builder):
    """Entries of the consent ledger."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn entries of the ledger into rows."""
        get = getter({**columns, "channel": pc.utf8_lower(columns["channel"])}, len(columns["customer_id"]))
        content = zip(*(get(name) for name in CONSENT_COLUMNS[:-1]), strict=True)
        rows = [(*row, content_hash(row)) for row in content]
        return [("consents", CONSENT_COLUMNS, rows)]


def _contacts(row: tuple[Any, ...]) -> Iterator[tuple[str, str, str, int, str]]:
    """Give a customer's e-mail address, phone number and loyalty card as evidence; what names nobody is left out."""
    customer_id, email, phone, _, market, created_at, traits = row
    customer = identity_of(IdentityKind.CUSTOMER, customer_id)
    if customer is None:
        return
    card = msgspec.json.decode(traits).get(_LOYALTY) if traits and _LOYALTY in traits else None
    for rule, kind, value in (
        (Rule.EMAIL, IdentityKind.EMAIL, email),
        (Rule.PHONE, IdentityKind.PHONE, phone),
        (Rule.LOYALTY, IdentityKind.LOYALTY, card),
    ):
        contact = identity_of(kind, value, market)
        if contact is not None:
            yield customer, contact, rule.value, created_at or 0, ORIGIN
