"""Cafe24 orders: columns chosen by each shop, confirmed once, in CP949."""

import pytest

from crosslift.errors import Unconfirmed

HEADER = (
    "주문번호", "품목별 주문번호", "주문일시", "주문자ID", "주문자명", "상품코드", "상품명(한국어 쇼핑몰)", "수량", "옵션+판매가",
    "주문 상태", "취소구분", "매출경로",
)  # fmt: skip
LINE = {
    "주문번호": "20260901-0000012", "품목별 주문번호": "20260901-0000012-01", "주문일시": "2026-09-01 10:00:00",
    "주문자ID": "minji", "주문자명": "김민지", "상품코드": "P000BZA",
    "상품명(한국어 쇼핑몰)": "머그", "수량": "2", "옵션+판매가": "12,000",
    "주문 상태": "배송완료", "취소구분": "취소안함", "매출경로": "PC쇼핑몰",
}  # fmt: skip


def test_it_is_proposed_and_collected_once_confirmed(collect, read, written_out, nothing_is_left):
    content = written_out(HEADER, [LINE], encoding="cp949")
    with pytest.raises(Unconfirmed, match="looks like Cafe24 orders: 주문번호 → order_id"):
        collect(content)
    nothing_is_left()
    report = collect(content, accept=True)
    assert (report.format, report.notes, report.n_new) == ("Cafe24 orders", ["read as CP949"], 1)
    assert read("order_lines", "source", "order_id", "line_id", "customer_id", "product_id", "title", "quantity") == [
        ("Cafe24", "20260901-0000012", "20260901-0000012-01", "minji", "P000BZA", "머그", 2),
    ]
    assert read("order_lines", "unit_price_micros", "currency", "channel") == [(12_000_000_000, "KRW", "PC쇼핑몰")]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "placed"), ({"주문 상태": "환불완료"}, "cancelled"), ({"취소구분": "취소완료"}, "cancelled"),
        ({"주문 상태": "취소철회"}, "placed"), ({"주문 상태": "반품거부"}, "placed"), ({"취소구분": "부분취소"}, "placed"),
        ({"주문 상태": "입금전"}, None),
    ],
)  # fmt: skip
def test_states_of_a_line(renamed, given, status):
    found = renamed(HEADER, [{**LINE, **given}, LINE])
    assert found.columns["status"] == [*([status] if status else []), "placed"]


@pytest.mark.parametrize("column", ["상품구매금액", "상품구매금액(KRW)", "총 상품구매금액(KRW)"])
def test_what_only_the_whole_line_came_to_is_divided(renamed, column):
    header = (*(name for name in HEADER if name != "옵션+판매가"), column)
    assert renamed(header, [{**LINE, column: "24,000"}]).columns["unit_price"] == ["12000"]


def test_a_line_without_code_has_the_shops_own(renamed):
    found = renamed(
        (*HEADER, "자체 상품코드"), [{**LINE, "자체 상품코드": "MUG"}, {**LINE, "상품코드": "", "자체 상품코드": "MUG"}]
    )
    assert found.columns["product_id"] == ["P000BZA", "MUG"]


def test_the_time_zone_is_asked_for(renamed):
    assert "time_zone_assumed" in renamed(HEADER, [LINE]).findings
    assert "time_zone_assumed" not in renamed(HEADER, [LINE], settings={"shop.time_zone": "Asia/Seoul"}).findings


def test_a_currency_in_the_header_counts(renamed):
    header = (*(name for name in HEADER if name != "옵션+판매가"), "판매가(USD)", "판매가(KRW)")
    found = renamed(header, [{**LINE, "판매가(KRW)": "₩9,900"}])
    assert found.rows("unit_price", "currency") == [("9900", "KRW")]


def test_a_header_without_a_price_is_not_it(renamed):
    header = tuple(name for name in HEADER if name != "옵션+판매가")
    with pytest.raises(Unconfirmed):
        renamed(header, [LINE])
