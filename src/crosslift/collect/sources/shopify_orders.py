"""Shopify orders as the admin exports them: a row a line, with what belongs to the order in its first row only.

Columns as in exports of 2024 to 2026: `Name` is the order's number, `Lineitem sku` what a product is known by,
`Financial Status` one of authorized, expired, paid, partially_paid, partially_refunded, pending, refunded, voided. There is
no customer id: the e-mail address is the only one that the customers export shares, so it stands for the customer, the
telephone where there is none. Of an order refunded in part nobody can say which line came back: it counts as placed.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources.source import Columns, Export, Followed, Source, first_filled, lowered
from crosslift.settings import Settings

_MOMENTS = ("Created at", "Paid at", "Fulfilled at", "Cancelled at")
_OF_THE_ORDER = (
    "Email", "Phone", "Financial Status", *_MOMENTS, "Currency", "Shipping Country", "Billing Country", "Source",
    "Discount Code", "Tags",
)  # fmt: skip


class ShopifyOrders(Export):
    """Reads them."""

    cancelled = "^(refunded|voided|expired)$"
    states = ("Financial Status",)
    consents = ("Accepts Marketing",)

    def __init__(self, source: Source, names: Mapping[str, str], settings: Settings) -> None:
        super().__init__(source, names, settings)
        self._followed = Followed("Name", _OF_THE_ORDER)

    def prepared(self, given: Columns) -> Columns:
        """Give every line what its order's first row says."""
        return self._followed.filled(given)

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name product and customer by what is there; the last thing that happened to the order is its version."""
        nothing = pa.nulls(len(columns["order_id"]), pa.string())
        placed = self._status(given)["status"]
        withdrawn = pc.fill_null(pc.not_equal(given.get("Cancelled at", nothing), ""), False)
        moments = [pc.fill_null(given[name], "") for name in _MOMENTS if name in given]
        return {
            "product_id": first_filled(given.get("Lineitem sku", nothing), given["Lineitem name"]),
            "customer_id": lowered(first_filled(given["Email"], given.get("Phone", nothing))),
            "market": first_filled(given.get("Shipping Country", nothing), given.get("Billing Country", nothing)),
            "status": pc.if_else(withdrawn, "cancelled", placed),
            "updated_at": pa.array(
                [max(row) for row in zip(*(m.to_pylist() for m in moments), strict=True)], pa.string()
            ),
        }


SOURCE = Source(
    name="Shopify",
    schema=ORDERS,
    signature=frozenset({
        "Name", "Email", "Financial Status", "Created at", "Lineitem name", "Lineitem quantity", "Lineitem price",
    }),
    names={
        "order_id": ("Name",), "ordered_at": ("Created at",), "customer_id": ("Email",),
        "product_id": ("Lineitem sku", "Lineitem name"), "quantity": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",), "currency": ("Currency",), "discount": ("Lineitem discount",),
        "channel": ("Source",), "title": ("Lineitem name",),
    },
    kept={"Discount Code": "discount_code", "Tags": "tags", "Vendor": "vendor"},
    renamer=ShopifyOrders,
)  # fmt: skip
