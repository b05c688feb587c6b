"""Naver SmartStore orders: a workbook with a title row, ids in part, options that cost extra."""

from datetime import datetime

import pytest

from crosslift.errors import Unconfirmed
from crosslift.testing.demo.samples.xlsx import workbook

HEADER = (
    "상품주문번호", "주문번호", "구매자명", "구매자ID", "주문상태", "주문세부상태", "클레임상태", "결제일", "상품번호", "상품명",
    "옵션정보", "수량", "옵션가격", "상품가격", "상품별 할인액", "주문일시",
)  # fmt: skip
LINE = {
    "상품주문번호": "2026090100001", "주문번호": "2026090100000", "구매자명": "김민지", "구매자ID": "minji",
    "주문상태": "구매확정", "상품번호": "10200300400", "상품명": "머그",
    "옵션정보": "색상: 파랑", "수량": "2", "옵션가격": "1,000", "상품가격": "12000",
    "상품별 할인액": "500", "주문일시": "2026-09-01 10:00:00",
}  # fmt: skip


def test_one_piece_costs_what_its_options_add(renamed):
    found = renamed(HEADER, [LINE, {**LINE, "옵션가격": ""}])
    assert found.format == "SmartStore orders"
    assert found.rows(
        "order_id", "line_id", "product_id", "unit_price", "discount", "currency", "market", "option"
    ) == [
        ("2026090100000", "2026090100001", "10200300400", "13000", "500", "KRW", "KR", "색상: 파랑"),
        ("2026090100000", "2026090100001", "10200300400", "12000", "500", "KRW", "KR", "색상: 파랑"),
    ]
    assert "김민지" not in str(found.columns)


def test_ids_shown_in_part_are_nobodys(renamed):
    found = renamed(HEADER, [{**LINE, "구매자ID": "minj****"}, LINE, {**LINE, "구매자ID": ""}])
    assert found.columns["customer_id"] == [None, "minji", ""]
    assert found.findings["masked_customers"].count == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "placed"), ({"주문상태": "반품"}, "cancelled"), ({"클레임상태": "취소완료"}, "cancelled"),
        ({"클레임상태": "반품철회"}, "placed"), ({"주문세부상태": "결제대기"}, None),
    ],
)  # fmt: skip
def test_states_of_a_line(renamed, given, status):
    assert renamed(HEADER, [{**LINE, **given}, LINE]).columns["status"] == [*([status] if status else []), "placed"]


def test_a_workbook_with_a_title_and_sums_is_read_and_said_so(collect, read):
    number = {
        "수량": 2,
        "상품번호": 10_200_300_400,
        "상품가격": 12_000,
        "주문일시": datetime.fromisoformat("2026-09-01 10:00:00"),
    }
    line = [{**LINE, **number}.get(name) for name in HEADER]
    content = workbook("발주발송관리", [["다운로드 안내"], list(HEADER), line, [], ["합계", *[None] * 10, 2]])
    with pytest.raises(Unconfirmed) as caught:
        collect(content, "orders.xlsx")
    assert caught.value.proposal.notes[0] == "1 title row above the names skipped"
    report = collect(content, "orders.xlsx", accept=True)
    assert report.n_new == 1
    assert report.notes == ["1 title row above the names skipped", "1 row of totals or notes skipped"]
    assert read("order_lines", "product_id", "unit_price_micros", "quantity") == [("10200300400", 13_000_000_000, 2)]
