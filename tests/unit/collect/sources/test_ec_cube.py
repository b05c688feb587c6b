"""EC-CUBE 4 orders: products, shipping and fees are all lines; only the first are kept."""

import pytest

HEADER = (
    "注文ID", "注文番号", "会員ID", "メールアドレス", "対応状況(名称)", "受注日", "注文詳細ID", "商品ID", "商品名", "商品コード",
    "規格分類名1", "規格分類名2", "価格", "個数", "明細区分(ID)", "明細区分(名称)",
)  # fmt: skip
LINE = {
    "注文ID": "301", "注文番号": "301", "会員ID": "7", "メールアドレス": "ken@shop.example", "対応状況(名称)": "発送済み",
    "受注日": "2026/09/01 10:00:00", "注文詳細ID": "501", "商品ID": "11", "商品名": "マグ", "商品コード": "MUG",
    "規格分類名1": "青", "価格": "1200", "個数": "2", "明細区分(ID)": "1", "明細区分(名称)": "商品",
}  # fmt: skip
SHIPPING = {
    **LINE,
    "注文詳細ID": "502",
    "商品名": "送料",
    "商品コード": "",
    "価格": "500",
    "明細区分(ID)": "2",
    "明細区分(名称)": "送料",
}


def test_it_is_collected_from_shift_jis(collect, read, written_out):
    report = collect(written_out(HEADER, [LINE, SHIPPING], encoding="cp932"), settings={"shop.time_zone": "Asia/Tokyo"})
    assert (report.format, report.notes, report.n_read, report.n_new) == ("EC-CUBE orders", ["read as Shift_JIS"], 2, 1)
    assert [finding.code for finding in report.findings] == ["left_out"]
    assert read("order_lines", "order_id", "line_id", "customer_id", "product_id", "title", "quantity", "currency") == [
        ("301", "501", "7", "MUG", "マグ 青", 2, "JPY"),
    ]
    assert read("order_lines", "unit_price_micros", "ordered_on") == [(1_200_000_000, 20_697)]


def test_the_kind_of_a_line_may_be_a_number_only(renamed):
    header = tuple(name for name in HEADER if name != "明細区分(名称)")
    assert renamed(header, [LINE, SHIPPING]).columns["product_id"] == ["MUG"]


def test_a_guest_is_known_by_address_and_a_product_without_code_by_number(renamed):
    found = renamed(HEADER, [{**LINE, "会員ID": "", "メールアドレス": "Ken@Shop.Example", "商品コード": ""}])
    assert found.rows("customer_id", "product_id") == [("ken@shop.example", "id:11")]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("新規受付", "placed"),
        ("注文取消し", "cancelled"),
        ("返品", "cancelled"),
        ("購入処理中", None),
        ("決済処理中", None),
    ],
)
def test_states_of_an_order(renamed, state, status):
    found = renamed(HEADER, [{**LINE, "対応状況(名称)": state}, LINE])
    assert found.columns["status"] == [*([status] if status else []), "placed"]
