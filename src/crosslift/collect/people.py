"""Customers and their consents, as rows."""

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


class CustomerRows(Builder):
    """Customers with their traits."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn customers into rows."""
        n = len(columns["customer_id"])
        get = getter(columns, n)
        cells = {name: get(name) for name in CUSTOMER_COLUMNS}
        cells["traits"] = merged_json(cells["traits"], extras, n)
        return [("customers", CUSTOMER_COLUMNS, list(zip(*cells.values(), strict=True)))]


class ConsentRows(Builder):
    """Entries of the consent ledger."""

    def build(self, columns: Columns, extras: Columns) -> Tables:
        """Turn entries of the ledger into rows."""
        get = getter({**columns, "channel": pc.utf8_lower(columns["channel"])}, len(columns["customer_id"]))
        content = zip(*(get(name) for name in CONSENT_COLUMNS[:-1]), strict=True)
        rows = [(*row, content_hash(row)) for row in content]
        return [("consents", CONSENT_COLUMNS, rows)]
