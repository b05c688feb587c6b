"""WooCommerce customers as WooCommerce Analytics downloads them (WooCommerce 11, Reports/Customers/Controller.php).

The e-mail address stands for the customer, as in the orders; the user name where there is none. Orders, spend and average
are left out: they follow from the orders. `Last Active` is a visit, not a change of the record: no version is told by it.
"""

import pyarrow as pa

from crosslift.collect.schemas import CUSTOMERS
from crosslift.collect.sources.source import Columns, Export, Source, first_filled, lowered


class WooCommerceCustomers(Export):
    """Reads them."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name the customer by what the orders name."""
        nothing = pa.nulls(len(given["Email"]), pa.string())
        return {"customer_id": first_filled(lowered(given["Email"]), given.get("Username", nothing))}


SOURCE = Source(
    name="WooCommerce",
    schema=CUSTOMERS,
    signature=frozenset({"Name", "Username", "Last Active", "Sign Up", "Email", "AOV"}),
    names={"customer_id": ("Email",), "email": ("Email",), "created_at": ("Sign Up",), "market": ("Country / Region",)},
    kept={"Name": "name", "Username": "username", "City": "city", "Region": "region"},
    renamer=WooCommerceCustomers,
)
