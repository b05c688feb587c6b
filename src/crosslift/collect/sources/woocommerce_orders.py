"""WooCommerce orders with their lines, as Advanced Order Export for WooCommerce writes them by default.

WooCommerce itself exports orders only as a report without product codes and prices (`Product(s)`, `Items sold`); that
one is recognized and refused with the way out. Column names as in public files of the plugin; its users may rename
them. A line's quantity is net of refunds where the export has it so.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Followed, Source, first_filled, lowered
from crosslift.settings import Settings

_OF_THE_ORDER = (
    "Order Status", "Order Date", "Email (Billing)", "Country Code (Billing)", "Country Code (Shipping)", "Order Currency",
    "Phone (Billing)", "Coupon Code",
)  # fmt: skip
REPORT = frozenset({"Order #", "Product(s)", "Items sold", "Customer type"})


class WooCommerceOrders(Export):
    """Reads them."""

    cancelled = "cancel|refund|취소|환불|キャンセル|返金"
    unfinished = "pending|fail|draft|보류 중인 결제|결제 대기|실패|支払い待ち|失敗"
    states = ("Order Status",)

    def __init__(self, source: Source, names: Mapping[str, str], settings: Settings) -> None:
        super().__init__(source, names, settings)
        self._followed = Followed("Order Number", _OF_THE_ORDER)

    def prepared(self, given: Columns) -> Columns:
        """Give every line what its order's first row says, where the export does not repeat it."""
        return self._followed.filled(given)

    def kept(self, given: Columns) -> pa.Array:
        """Leave out orders nobody paid yet and lines refunded to the last piece."""
        return pc.and_not(super().kept(given), written.says(given[self.names["quantity"]], r"^0(\.0*)?$"))

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name product and customer by what is there."""
        nothing = pa.nulls(len(columns["order_id"]), pa.string())
        number = pc.binary_join_element_wise("id:", first_filled(given.get("Product Id", nothing)), "")
        return self._status(given) | {
            "product_id": first_filled(given.get("SKU", nothing), number, columns.get("title", nothing)),
            "customer_id": lowered(
                first_filled(given.get("Email (Billing)", nothing), given.get("Phone (Billing)", nothing))
            ),
            "unit_price": written.decimal_commas(columns["unit_price"]),
        }


def is_report(columns: Sequence[str]) -> bool:
    """Tell whether these columns are the orders report of WooCommerce Analytics."""
    return set(columns) >= REPORT


SOURCE = Source(
    name="WooCommerce",
    schema=ORDERS,
    signature=frozenset({"Order Number", "Order Status", "Order Date"}),
    needed=frozenset({"quantity", "unit_price", "product_id"}),
    names={
        "order_id": ("Order Number",), "ordered_at": ("Order Date",), "customer_id": ("Email (Billing)", "Phone (Billing)"),
        "product_id": ("SKU", "Product Id", "Item Name", "Product Name"),
        "quantity": ("Quantity (- Refund)", "Quantity"), "unit_price": ("Item Cost", "Item Cost (inc. tax)"),
        "currency": ("Order Currency", "Currency"), "market": ("Country Code (Shipping)", "Country Code (Billing)"),
        "title": ("Item Name", "Product Name", "Name"),
    },
    kept={"Coupon Code": "coupon_code", "Product Variation": "variation", "Category": "category"},
    renamer=WooCommerceOrders,
)  # fmt: skip
