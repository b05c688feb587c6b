"""The receipts of a till nobody else has: its columns by name, its amounts with a comma."""

import pyarrow as pa

from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Source


class Receipts(Export):
    """Reads them; what differs from a plain export is overridden."""

    cancelled = "storno"
    states = ("Zustand",)

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Give the columns that are not simply one of the file's."""
        prices: pa.Array = written.decimal_commas(given["Einzelpreis"])
        return super().computed(given, columns) | {"unit_price": prices}


class CornerTill:
    """Files of the corner till."""

    api_version = 1
    sources = (
        Source(
            name="Corner till",
            schema=SCHEMAS["orders"],
            signature=frozenset({"Bon", "Gebucht", "Artikel", "Stueck", "Einzelpreis"}),
            names={
                "order_id": ("Bon",), "ordered_at": ("Gebucht",), "product_id": ("Artikel",), "quantity": ("Stueck",),
                "unit_price": ("Einzelpreis",), "customer_id": ("Kunde",),
            },
            renamer=Receipts,
            currency="EUR",
        ),
    )  # fmt: skip
