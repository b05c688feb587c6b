"""WooCommerce orders with their lines; the report without them is refused."""

import pytest

from crosslift.errors import BadInput

HEADER = (
    "Order Number", "Order Status", "Order Date", "Country Code (Billing)", "Email (Billing)", "Phone (Billing)", "SKU",
    "Product Id", "Item Name", "Quantity (- Refund)", "Item Cost", "Coupon Code", "Order Currency",
)  # fmt: skip
FIRST = {
    "Order Number": "1001", "Order Status": "Completed", "Order Date": "2026-09-01 10:00", "Country Code (Billing)": "DE",
    "Email (Billing)": "Ann@Shop.Example", "SKU": "MUG", "Item Name": "Mug", "Quantity (- Refund)": "2",
    "Item Cost": "12,50", "Coupon Code": "SALE", "Order Currency": "EUR",
}  # fmt: skip
NEXT = {
    "Order Number": "1001",
    "SKU": "",
    "Product Id": "17",
    "Item Name": "Tea",
    "Quantity (- Refund)": "1",
    "Item Cost": "5",
}


@pytest.mark.parametrize("batch_rows", [None, 1])
def test_lines_have_what_the_first_of_their_order_says(renamed, batch_rows):
    found = renamed(HEADER, [FIRST, NEXT, {**NEXT, "Product Id": ""}], batch_rows=batch_rows)
    assert found.format == "WooCommerce orders"
    assert found.rows(
        "order_id", "customer_id", "product_id", "quantity", "unit_price", "currency", "market", "status"
    ) == [
        ("1001", "ann@shop.example", "MUG", "2", "12.50", "EUR", "DE", "placed"),
        ("1001", "ann@shop.example", "id:17", "1", "5", "EUR", "DE", "placed"),
        ("1001", "ann@shop.example", "Tea", "1", "5", "EUR", "DE", "placed"),
    ]


@pytest.mark.parametrize(
    ("state", "status"),
    [("Processing", "placed"), ("On hold", "placed"), ("Refunded", "cancelled"), ("Cancelled", "cancelled"),
     ("취소됨", "cancelled"), ("キャンセル済み", "cancelled"), ("Pending payment", None), ("Failed", None), ("Draft", None)],
)  # fmt: skip
def test_states_of_an_order(renamed, state, status):
    found = renamed(HEADER, [FIRST, {**FIRST, "Order Number": "2", "Order Status": state}])
    assert found.columns["status"] == ["placed", *([status] if status else [])]
    assert ("left_out" in found.findings) == (status is None)


def test_lines_refunded_to_the_last_piece_are_left_out(renamed):
    found = renamed(HEADER, [FIRST, {**NEXT, "Quantity (- Refund)": "0"}, {**NEXT, "Quantity (- Refund)": "10"}])
    assert found.columns["quantity"] == ["2", "10"]
    assert found.findings["left_out"].samples == ("1001 / Completed / 2026-09-01 10:00",)


def test_other_names_of_the_plugin_are_understood(renamed):
    row = {"Order Number": "1", "Order Status": "Completed", "Order Date": "2026-09-01", "Product Name": "Mug",
           "Quantity": "1", "Item Cost (inc. tax)": "3.5"}  # fmt: skip
    found = renamed(tuple(row), [row], settings={"shop.currency": "GBP"})
    assert found.rows("product_id", "unit_price", "customer_id", "currency") == [("Mug", "3.5", None, "GBP")]
    assert "currency_assumed" in found.findings


def test_the_report_of_woocommerce_itself_is_refused_with_the_way_out(collect, nothing_is_left):
    header = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue\n"
    )
    with pytest.raises(BadInput, match="the orders report of WooCommerce Analytics, which names no product codes"):
        collect(header + "2026-09-01,12,5,completed,Ann,new,1× Mug,1,,5\n")
    nothing_is_left()
