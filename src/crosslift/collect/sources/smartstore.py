"""Naver SmartStore orders (발주/발송관리, 구매확정 내역 엑셀): a row a line under a title row, under a password by default.

Names as in public code that reads such downloads, 2021 to 2026; somebody confirms the mapping once. `상품주문번호` names
the line, `상품가격` is one piece without its options, `옵션가격` what these add. `구매자ID` may be shown in part (abcd****):
such orders count as nobody's. Amounts are won.
"""

import pyarrow as pa

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Source


class SmartStoreOrders(Export):
    """Reads them."""

    cancelled = "취소|반품|환불"
    not_cancelled = "철회|거부"
    unfinished = "결제대기|입금대기|미결제|미입금"
    states = ("주문상태", "주문세부상태", "클레임상태")

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Add what the options cost."""
        extra = given.get("옵션가격", pa.nulls(len(columns["order_id"]), pa.string()))
        n_rows = len(columns["order_id"])
        return self._status(given) | {
            "unit_price": written.added(columns["unit_price"], extra),
            "market": pa.repeat(pa.scalar("KR"), n_rows),
        }


SOURCE = Source(
    name="SmartStore",
    schema=ORDERS,
    signature=frozenset({"상품주문번호", "주문번호", "상품번호", "상품명", "수량"}),
    needed=frozenset({"ordered_at", "unit_price"}),
    names={
        "order_id": ("주문번호",), "line_id": ("상품주문번호",), "ordered_at": ("주문일시", "결제일", "결제일시"),
        "customer_id": ("구매자ID", "구매자 ID"), "product_id": ("상품번호",), "variant_id": ("옵션관리코드",),
        "title": ("상품명",), "quantity": ("수량",), "unit_price": ("상품가격",),
        "discount": ("상품별 할인액", "최종 상품별 할인액"), "channel": ("판매채널", "유입경로"),
    },
    kept={"옵션정보": "option", "상품종류": "product_type", "판매자 상품코드": "seller_code"},
    renamer=SmartStoreOrders,
    is_certain=False,
    currency="KRW",
    zone="Asia/Seoul",
)  # fmt: skip
