"""Shopify customers as the admin exports them: a row a person.

The e-mail address stands for the customer, as in the orders export; the telephone, then Shopify's own number, where there
is none. Numbers begin with an apostrophe there ('5678), so that spreadsheets leave them alone. `Accepts Email Marketing`
and `Accepts SMS Marketing` say neither when, where nor to which words somebody agreed: no consent is made of them. No column
says when a record changed.
"""

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import CUSTOMERS
from crosslift.collect.sources.source import Columns, Export, Source, first_filled, lowered


class ShopifyCustomers(Export):
    """Reads them."""

    consents = ("Accepts Email Marketing", "Accepts SMS Marketing", "Accepts WhatsApp Marketing", "Accepts Marketing")

    def prepared(self, given: Columns) -> Columns:
        """Take the apostrophes off."""
        return {name: pc.utf8_ltrim(column, "'") for name, column in given.items()}

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name the customer by what the orders name."""
        nothing = pa.nulls(len(given["Email"]), pa.string())
        phone = first_filled(given.get("Phone", nothing), given.get("Default Address Phone", nothing))
        number = given.get("Customer ID", nothing)
        return {"customer_id": first_filled(lowered(given["Email"]), phone, number), "phone": phone}


SOURCE = Source(
    name="Shopify",
    schema=CUSTOMERS,
    signature=frozenset({"First Name", "Last Name", "Email", "Tags", "Total Spent"}),
    names={
        "customer_id": ("Email",), "email": ("Email",), "phone": ("Phone", "Default Address Phone"),
        "market": ("Default Address Country Code", "Country Code"),
    },
    kept={
        "First Name": "first_name", "Last Name": "last_name", "Customer ID": "shopify_id", "Default Address Company": "company",
        "Company": "company", "Default Address City": "city", "City": "city", "Default Address Province Code": "province",
        "Province Code": "province", "Tags": "tags", "Tax Exempt": "tax_exempt",
    },
    renamer=ShopifyCustomers,
)  # fmt: skip
