"""A scrap of the old till: a morning's sales in CP949 with Korean headings, the way such files still arrive."""

from pathlib import Path

from crosslift.testing.demo.catalog import get_item

COLUMNS = ("주문번호", "주문일시", "고객번호", "상품코드", "상품명", "수량", "단가", "결제수단")
#: order, time of 31 October 2026, customer, product, quantity, paid by
SALES = (
    ("T-0001", "10:12:08", "C-MINJI", "BEAN-ETH-YIR", 1, "카드"),
    ("T-0002", "10:31:44", "", "DBG-10", 2, "현금"),
    ("T-0002", "10:31:44", "", "GIFT-WRAP", 1, "현금"),
    ("T-0003", "11:05:19", "C-00123", "DRP-V60-02", 1, "카드"),
    ("T-0003", "11:05:19", "C-00123", "FLT-02", 1, "카드"),
    ("T-0003", "11:05:19", "C-00123", "SRV-600", 1, "카드"),
    ("T-0004", "11:47:02", "", "MUG-STONE", 2, "간편결제"),
    ("T-0005", "12:20:37", "C-00871", "KTL-EL-800", 1, "카드"),
    ("T-0006", "12:58:51", "", "BLD-SEOUL", 1, "현금"),
    ("T-0006", "12:58:51", "", "BLD-SEOUL", -1, "현금"),
    ("T-0007", "13:33:15", "C-SEOJUN", "BLD-ESP-1KG", 4, "외상"),
    ("T-0007", "13:33:15", "C-SEOJUN", "PPR-LID-12", 1, "외상"),
)


def write_till(path: Path) -> None:
    """Write the till's rows: local times without a zone, titles in Korean, CP949 bytes."""
    rows = [",".join(COLUMNS)]
    for order_id, time, customer_id, product_id, quantity, paid_by in SALES:
        item = get_item(product_id)
        title = f'"{item.title_ko}"'
        cells = (order_id, f"2026-10-31 {time}", customer_id, product_id, title, quantity, item.price, paid_by)
        rows.append(",".join(str(cell) for cell in cells))
    path.write_bytes(("\r\n".join(rows) + "\r\n").encode("cp949"))
