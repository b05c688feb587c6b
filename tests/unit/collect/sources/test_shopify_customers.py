"""Shopify customers: known by what orders know them by; accepting messages is no consent."""

import pytest

HEADER = (
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address City", "Default Address Province Code", "Default Address Country Code", "Default Address Phone", "Phone",
    "Accepts SMS Marketing", "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
)  # fmt: skip
ANN = {
    "Customer ID": "'7001", "First Name": "Ann", "Last Name": "Lee", "Email": "Ann@Shop.Example", "Phone": "'+82105550101",
    "Default Address Country Code": "KR", "Default Address City": "Seoul", "Tags": "vip", "Accepts Email Marketing": "no",
    "Accepts SMS Marketing": "no", "Note": "likes blue",
}  # fmt: skip


def test_the_address_of_the_orders_stands_for_the_customer(renamed):
    no_mail = {**ANN, "Email": ""}
    no_phone = {**no_mail, "Phone": ""}
    elsewhere = {**no_phone, "Default Address Phone": "'+8225550102"}
    found = renamed(HEADER, [ANN, no_mail, no_phone, elsewhere])
    assert found.format == "Shopify customers"
    assert found.rows("customer_id", "email", "phone", "market", "shopify_id", "city", "tags") == [
        ("ann@shop.example", "Ann@Shop.Example", "+82105550101", "KR", "7001", "Seoul", "vip"),
        ("+82105550101", "", "+82105550101", "KR", "7001", "Seoul", "vip"),
        ("7001", "", None, "KR", "7001", "Seoul", "vip"),
        ("+8225550102", "", "+8225550102", "KR", "7001", "Seoul", "vip"),
    ]
    assert not any("blue" in str(cell) for cells in found.columns.values() for cell in cells)


@pytest.mark.parametrize("column", ["Accepts Email Marketing", "Accepts SMS Marketing"])
def test_accepting_messages_becomes_no_consent(collect, read, written_out, column):
    report = collect(written_out(HEADER, [{**ANN, column: "yes"}, {**ANN, "Email": "b@x.example"}]), "customers.csv")
    [finding] = report.findings
    assert (finding.code, finding.severity, finding.count) == ("consent_not_invented", "warning", 1)
    assert finding.message == "1 rows say that somebody accepts messages; no consent was recorded from that"
    assert read("consents", "customer_id") == []
    assert len(read("customers", "customer_id")) == 2


def test_nobody_who_accepts_messages_is_nothing_to_tell(collect, written_out):
    assert collect(written_out(HEADER, [ANN]), "customers.csv").findings == []
