"""WooCommerce customers as its Analytics downloads them."""

HEADER = (
    "Name", "Username", "Last Active", "Sign Up", "Email", "Orders", "Total Spend", "AOV", "Country / Region", "City", "Region",
    "Postal Code",
)  # fmt: skip
ANN = {
    "Name": "Ann Lee", "Username": "ann", "Last Active": "2026-09-30 10:00:00", "Sign Up": "2025-01-15 08:30:00",
    "Email": "Ann@Shop.Example", "Orders": "3", "Total Spend": "99", "AOV": "33", "Country / Region": "KR", "City": "Seoul",
}  # fmt: skip


def test_the_address_of_the_orders_stands_for_the_customer(renamed):
    found = renamed(HEADER, [ANN, {**ANN, "Email": ""}])
    assert found.format == "WooCommerce customers"
    assert found.rows("customer_id", "email", "created_at", "market", "name", "city") == [
        ("ann@shop.example", "Ann@Shop.Example", "2025-01-15 08:30:00", "KR", "Ann Lee", "Seoul"),
        ("ann", "", "2025-01-15 08:30:00", "KR", "Ann Lee", "Seoul"),
    ]


def test_what_follows_from_orders_is_left_out(renamed):
    assert not {"Orders", "Total Spend", "AOV", "Postal Code"} & renamed(HEADER, [ANN]).columns.keys()
