"""Rakuten orders: confirmed once, states as numbers."""

import pytest

HEADER = (
    "注文番号", "ステータス", "注文日時", "注文者メールアドレス", "商品明細ID", "商品ID", "商品名", "商品番号", "商品管理番号",
    "単価", "個数", "項目・選択肢", "SKU管理番号",
)  # fmt: skip
LINE = {
    "注文番号": "123456-20260901-0000000001", "ステータス": "700", "注文日時": "2026-09-01 10:00:00",
    "注文者メールアドレス": "A1@pc.fw.rakuten.example", "商品明細ID": "1", "商品ID": "11", "商品名": "マグ", "商品番号": "MUG",
    "商品管理番号": "mug", "単価": "1200", "個数": "2", "項目・選択肢": "色:青", "SKU管理番号": "mug-b",
}  # fmt: skip


def test_lines_are_read(renamed):
    found = renamed(HEADER, [LINE], encoding="cp932")
    assert found.format == "Rakuten orders"
    assert found.rows(
        "order_id", "line_id", "customer_id", "product_id", "variant_id", "unit_price", "currency", "market"
    ) == [
        ("123456-20260901-0000000001", "1", "a1@pc.fw.rakuten.example", "mug", "mug-b", "1200", "JPY", "JP"),
    ]
    assert found.columns["option"] == ["色:青"]


@pytest.mark.parametrize(("given", "product"), [
    ({}, "mug"), ({"商品管理番号": ""}, "MUG"), ({"商品管理番号": "", "商品番号": ""}, "11"),
])  # fmt: skip
def test_a_product_is_called_by_what_is_there(renamed, given, product):
    assert renamed(HEADER, [{**LINE, **given}]).columns["product_id"] == [product]


@pytest.mark.parametrize(
    ("state", "status"),
    [("100", "placed"), ("700", "placed"), ("800", "cancelled"), ("900", "cancelled"), ("", "placed")],
)
def test_states_are_numbers(renamed, state, status):
    assert renamed(HEADER, [{**LINE, "ステータス": state}]).columns["status"] == [status]
