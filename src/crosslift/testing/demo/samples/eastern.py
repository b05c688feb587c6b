"""The dozen orders as Cafe24, SmartStore, EC-CUBE and Rakuten have them, and as two tills write them."""

from collections.abc import Iterator

from crosslift.testing.demo.catalog import local_prices
from crosslift.testing.demo.samples.sales import PEOPLE, REFUNDED, UNPAID, Sale, n_lines
from crosslift.testing.demo.samples.sample import Sample, delimited
from crosslift.testing.demo.samples.xlsx import Cell, workbook

CAFE24 = (
    "주문번호", "품목별 주문번호", "주문일시", "결제일시(입금확인일)", "주문자ID", "주문자명", "상품코드", "상품품목코드",
    "상품명(한국어 쇼핑몰)", "상품옵션", "수량", "옵션+판매가", "상품별 추가할인금액", "주문 상태", "취소구분", "매출경로",
)  # fmt: skip
SMARTSTORE = (
    "상품주문번호", "주문번호", "구매자명", "구매자ID", "수취인명", "주문상태", "주문세부상태", "결제일", "상품번호",
    "상품명", "상품종류", "옵션정보", "수량", "옵션가격", "상품가격", "상품별 할인액", "상품별 총 주문금액",
    "배송비 합계", "주문일시",
)  # fmt: skip
EC_CUBE = (
    "注文ID", "注文番号", "会員ID", "お名前(姓)", "お名前(名)", "メールアドレス", "小計", "値引き", "送料", "合計",
    "対応状況(ID)", "対応状況(名称)", "支払方法(名称)", "受注日", "入金日", "注文詳細ID", "商品ID", "商品規格ID", "商品名",
    "商品コード", "規格分類名1", "規格分類名2", "価格", "個数", "税率", "明細区分(ID)", "明細区分(名称)",
)  # fmt: skip
RAKUTEN = (
    "注文番号", "ステータス", "注文日時", "注文日", "注文時間", "支払方法名", "注文種別", "商品合計金額", "請求金額",
    "注文者メールアドレス", "送付先ID", "商品明細ID", "商品ID", "商品名", "商品番号", "商品管理番号", "単価", "個数", "税込別",
    "項目・選択肢", "SKU管理番号",
)  # fmt: skip
TILL_KO = ("주문번호", "주문일시", "고객번호", "상품코드", "상품명", "수량", "판매가", "결제수단")
TILL_JA = ("注文番号", "注文日時", "会員番号", "商品コード", "商品名", "数量", "単価（税込）", "支払方法")


def samples(sales: tuple[Sale, ...]) -> tuple[Sample, ...]:
    """Give them."""
    paid, everything = n_lines(sales, UNPAID), n_lines(sales)
    return (
        Sample("cafe24_orders_cp949.csv", "ko", "Cafe24 orders", "orders",
               delimited(CAFE24, _cafe24(sales), encoding="cp949"), paid, is_certain=False),
        Sample("smartstore_orders.xlsx", "ko", "SmartStore orders", "orders",
               workbook("발주발송관리", _smartstore(sales)), paid, is_certain=False),
        Sample("ec_cube_orders_shift_jis.csv", "ja", "EC-CUBE orders", "orders",
               delimited(EC_CUBE, _ec_cube(sales), encoding="cp932"), paid),
        Sample("rakuten_orders_shift_jis.csv", "ja", "Rakuten orders", "orders",
               delimited(RAKUTEN, _rakuten(sales), encoding="cp932"), everything, is_certain=False),
        Sample("till_cp949.csv", "ko", "orders by their headings", "orders",
               delimited(TILL_KO, _till(sales, "ko"), encoding="cp949"), everything, is_certain=False),
        Sample("till_shift_jis.csv", "ja", "orders by their headings", "orders",
               delimited(TILL_JA, _till(sales, "ja"), encoding="cp932"), everything, is_certain=False),
    )  # fmt: skip


def _yen(won: int) -> int:
    return int(str(local_prices(won)["price_JPY"]))


def _cafe24(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for sale in sales:
        order = f"{sale.at:%Y%m%d}-{sale.place + 11:07}"
        state = {REFUNDED: "환불완료", UNPAID: "입금전"}.get(sale.place, "배송완료")
        person = PEOPLE[sale.person]
        for place, line in enumerate(sale.lines, 1):
            yield [
                order, f"{order}-{place:02}", f"{sale.at:%Y-%m-%d %H:%M:%S}", f"{sale.at:%Y-%m-%d %H:%M:%S}", person[0].lower(),
                person[2], line.item.product_id, line.code, line.item.title_ko, line.variant.title_ko if line.variant else "",
                line.quantity, f"{line.won:,}", "0", state, "취소안함", "PC쇼핑몰",
            ]  # fmt: skip


def _smartstore(sales: tuple[Sale, ...]) -> list[list[Cell]]:
    title: list[Cell] = [
        "다운로드 받은 파일로 '엑셀 일괄발송' 처리하는 방법 : 발주/발송관리 > 엑셀 일괄발송 버튼을 누르세요."
    ]
    rows: list[list[Cell]] = [title, list(SMARTSTORE)]
    total = 0
    for sale in sales:
        state = {REFUNDED: "반품", UNPAID: "결제대기"}.get(sale.place, "구매확정")
        detail = {REFUNDED: "반품완료", UNPAID: "결제대기"}.get(sale.place, "구매확정")
        person = PEOPLE[sale.person]
        for place, line in enumerate(sale.lines):
            extra = line.won - line.item.price
            total += line.won * line.quantity
            rows.append([
                f"20260900{sale.place:04}{place:02}", f"20260900{sale.place:08}", person[2], person[0].lower(), person[2], state,
                detail, sale.at, 10_200_300_400 + _number(line.item.product_id), line.item.title_ko,
                "조합형옵션상품" if line.variant else "단일상품", f"색상: {line.variant.title_ko}" if line.variant else None,
                line.quantity, extra, line.item.price, 0, line.won * line.quantity, 3000, sale.at,
            ])  # fmt: skip
    rows.append([])
    rows.append(["합계", *([None] * 15), total, None, None])
    return rows


def _number(code: str) -> int:
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(code))


def _ec_cube(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    detail = 500
    for sale in sales:
        state = {REFUNDED: (9, "返品"), UNPAID: (8, "購入処理中")}.get(sale.place, (5, "発送済み"))
        person = PEOPLE[sale.person]
        family, given = person[3].split(" ") if " " in person[3] else (person[3], "")
        total = sum(_yen(line.won) * line.quantity for line in sale.lines)
        head = [
            301 + sale.place, 301 + sale.place, sale.person + 1, family, given, person[1], total, 0, 500, total + 500, *state,
            "クレジットカード", "" if sale.place == UNPAID else f"{sale.at:%Y/%m/%d %H:%M:%S}", "",
        ]  # fmt: skip
        for line in sale.lines:
            detail += 1
            variant = line.variant.title_ja if line.variant else ""
            yield [
                *head, detail, _number(line.item.product_id), _number(line.code), line.item.title_ja, line.code, variant, "",
                _yen(line.won), line.quantity, 10, 1, "商品",
            ]  # fmt: skip
        detail += 1
        yield [*head, detail, "", "", "送料", "", "", "", 500, 1, 10, 2, "送料"]


def _rakuten(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for sale in sales:
        order = f"123456-{sale.at:%Y%m%d}-{sale.place + 1:010}"
        total = sum(_yen(line.won) * line.quantity for line in sale.lines)
        for place, line in enumerate(sale.lines, 1):
            yield [
                order, 900 if sale.place == REFUNDED else 700, f"{sale.at:%Y-%m-%d %H:%M:%S}", f"{sale.at:%Y-%m-%d}",
                f"{sale.at:%H:%M:%S}", "クレジットカード", "通常購入", total, total,
                f"shop-{sale.person + 1}@pc.fw.rakuten.example", 1, place, _number(line.item.product_id), line.item.title_ja,
                line.item.product_id, line.item.product_id.lower(), _yen(line.won), line.quantity, 1,
                f"仕上げ:{line.variant.title_ja}" if line.variant else "", line.variant.code.lower() if line.variant else "",
            ]  # fmt: skip


def _till(sales: tuple[Sale, ...], language: str) -> Iterator[list[object]]:
    for sale in sales:
        at = f"{sale.at:%Y.%m.%d %H:%M}" if language == "ko" else f"{sale.at:%Y/%m/%d %H:%M}"
        for line in sale.lines:
            price = f"{line.won:,}원" if language == "ko" else f"{_yen(line.won):,}円"
            yield [
                f"T-{sale.place + 1:04}", at, PEOPLE[sale.person][0], line.code, line.title(language), line.quantity, price,
                "카드" if language == "ko" else "カード",
            ]  # fmt: skip
