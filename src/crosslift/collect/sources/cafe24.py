"""Cafe24 orders (주문 엑셀 다운로드): a row a line, columns chosen by each shop, CSV in CP949 or XLSX.

Names as in public code that reads such downloads; which of them are there differs from shop to shop, so somebody confirms
the mapping once. `품목별 주문번호` (20260901-0000012-01) names the line. `옵션+판매가` is what one piece cost with its
options; where only `상품구매금액` of the line is there, it is divided by the quantity. `취소안함` means: not cancelled.
"""

import pyarrow as pa

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Source, first_filled

_LINE_TOTALS = ("상품구매금액(KRW)", "상품구매금액", "총 상품구매금액(KRW)")


class Cafe24Orders(Export):
    """Reads them."""

    cancelled = "취소|환불|반품"
    not_cancelled = "안함|철회|거부|부분취소"
    unfinished = "입금전|입금 전|입금대기"
    states = ("주문 상태", "주문상태", "취소구분", "반품구분", "환불구분")

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Divide what only the whole line's amount is known of."""
        computed = self._status(given)
        total = next((name for name in _LINE_TOTALS if name in given), None)
        if total is not None and self.names["unit_price"] == total:
            computed["unit_price"] = written.divided(given[total], columns["quantity"])
        own = given.get("자체 상품코드", pa.nulls(len(columns["order_id"]), pa.string()))
        return computed | {"product_id": first_filled(columns["product_id"], own)}


SOURCE = Source(
    name="Cafe24",
    schema=ORDERS,
    signature=frozenset({"주문번호", "품목별 주문번호"}),
    needed=frozenset({"ordered_at", "product_id", "quantity", "unit_price"}),
    names={
        "order_id": ("주문번호",), "line_id": ("품목별 주문번호",),
        "ordered_at": ("주문일시", "주문일", "결제일시(입금확인일)", "결제일시", "결제일"),
        "customer_id": ("주문자ID", "주문자 ID", "주문자아이디", "주문자 아이디", "회원아이디"),
        "product_id": ("상품코드", "자체 상품코드", "상품번호", "상품품목코드"), "variant_id": ("상품품목코드", "품목코드"),
        "title": ("상품명(한국어 쇼핑몰)", "주문상품명", "상품명", "상품명(기본)"), "quantity": ("수량", "수 량"),
        "unit_price": ("옵션+판매가", "판매가", "판매가(KRW)", "상품판매가", *_LINE_TOTALS),
        "discount": ("상품별 추가할인금액", "상품별 추가할인금액(KRW)"), "channel": ("매출경로", "주문경로"),
    },
    kept={"상품옵션": "option", "브랜드": "brand", "쇼핑몰": "shop"},
    renamer=Cafe24Orders,
    is_certain=False,
    currency="KRW",
    zone="Asia/Seoul",
)  # fmt: skip
