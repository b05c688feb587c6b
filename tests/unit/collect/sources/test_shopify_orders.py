"""Shopify orders: a row a line, the order's own values in its first row only."""

import pytest

HEADER = (
    "Name", "Email", "Financial Status", "Paid at", "Accepts Marketing", "Currency", "Created at", "Lineitem quantity",
    "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Country", "Shipping Country", "Cancelled at", "Tags", "Source",
    "Lineitem discount", "Phone",
)  # fmt: skip
FIRST = {
    "Name": "#1001", "Email": "Ann@Shop.Example ", "Financial Status": "paid", "Paid at": "2026-09-01 10:00:00 +0900",
    "Currency": "KRW", "Created at": "2026-09-01 09:59:00 +0900", "Lineitem quantity": "2", "Lineitem name": "Mug - Blue",
    "Lineitem price": "12000", "Lineitem sku": "MUG-B", "Shipping Country": "KR", "Tags": "vip", "Source": "web",
    "Lineitem discount": "0.00",
}  # fmt: skip
NEXT = {"Name": "#1001", "Lineitem quantity": "1", "Lineitem name": "Tea", "Lineitem price": "5000", "Lineitem sku": ""}
OTHER = {
    **FIRST,
    "Name": "#1002",
    "Email": "",
    "Phone": "+82 10 1",
    "Tags": "",
    "Shipping Country": "",
    "Billing Country": "JP",
}


@pytest.mark.parametrize("batch_rows", [None, 1, 2])
def test_following_lines_have_what_the_first_says(renamed, batch_rows):
    found = renamed(HEADER, [FIRST, NEXT, OTHER, {**NEXT, "Name": "#1002"}], batch_rows=batch_rows)
    assert found.format == "Shopify orders"
    assert found.rows("order_id", "ordered_at", "customer_id", "currency", "tags", "market") == [
        ("#1001", "2026-09-01 09:59:00+0900", "ann@shop.example", "KRW", "vip", "KR"),
        ("#1001", "2026-09-01 09:59:00+0900", "ann@shop.example", "KRW", "vip", "KR"),
        ("#1002", "2026-09-01 09:59:00+0900", "+82 10 1", "KRW", "", "JP"),
        ("#1002", "2026-09-01 09:59:00+0900", "+82 10 1", "KRW", "", "JP"),
    ]


def test_a_product_without_sku_is_called_by_its_name(renamed):
    found = renamed(HEADER, [FIRST, NEXT])
    assert found.rows("product_id", "title", "quantity", "unit_price") == [
        ("MUG-B", "Mug - Blue", "2", "12000"),
        ("Tea", "Tea", "1", "5000"),
    ]


@pytest.mark.parametrize(
    ("state", "cancelled_at", "status"),
    [
        ("paid", "", "placed"), ("pending", "", "placed"), ("authorized", "", "placed"), ("partially_refunded", "", "placed"),
        ("refunded", "", "cancelled"), ("voided", "", "cancelled"), ("expired", "", "cancelled"),
        ("paid", "2026-09-03 08:00:00 +0900", "cancelled"),
    ],
)  # fmt: skip
def test_states_of_an_order(renamed, state, cancelled_at, status):
    row = {**FIRST, "Financial Status": state, "Cancelled at": cancelled_at}
    assert renamed(HEADER, [row, NEXT]).columns["status"] == [status, status]


def test_the_last_moment_is_the_version(renamed):
    rows = [FIRST, {**OTHER, "Cancelled at": "2026-09-03 08:00:00 +0900"}]
    assert renamed(HEADER, rows).columns["updated_at"] == ["2026-09-01 10:00:00+0900", "2026-09-03 08:00:00+0900"]


def test_accepting_messages_is_no_consent(renamed):
    rows = [{**FIRST, "Accepts Marketing": "yes"}, NEXT, {**OTHER, "Accepts Marketing": "no"}]
    found = renamed(HEADER, rows)
    assert found.findings["consent_not_invented"].count == 1
    assert not {"consent", "Accepts Marketing"} & found.columns.keys()
    assert not renamed(HEADER, [OTHER]).findings


def test_addresses_and_payments_are_left_out(renamed):
    found = renamed((*HEADER, "Billing Street", "Payment Reference"), [{**FIRST, "Billing Street": "Home 1"}])
    assert not any("Home" in str(cell) for cells in found.columns.values() for cell in cells)


def test_a_later_export_replaces_what_was_cancelled_since(collect, read, written_out):
    collect(written_out(HEADER, [FIRST, NEXT]), "a.csv")
    again = collect(written_out(HEADER, [{**FIRST, "Cancelled at": "2026-09-03 08:00:00 +0900"}, NEXT]), "b.csv")
    assert (again.n_replaced, again.conflicts) == (2, 0)
    assert read("order_lines", "status") == [("cancelled",), ("cancelled",)]


def test_a_header_without_its_lines_is_something_else(renamed):
    found = renamed(("Name", "Email", "Financial Status", "Created at"), [FIRST])
    assert found.format == "customers by their headings"
