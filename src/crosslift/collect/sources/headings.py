"""What columns are called in Korean, Japanese and English, and which canonical column a heading therefore is."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

SURE = 0.95
"""A heading that is one of the words below."""
BRACKETED = 0.9
"""One that is, without what stands in brackets: 販売価格(税込)."""
CONTAINED = 0.6
"""One that holds a word, such as 고객 주문번호."""
_BRACKETS = re.compile(r"[(\[【〔<（].*?[)\]】〕>）]")
_NOISE = re.compile(r"[\s_\-./·・*:：#№]+")
_LONG = 3
"""Letters a Korean or Japanese word must have to count inside another; an English one needs two words."""

LINE_TOTAL = "line_total"
"""What a whole line came to: no canonical column, but divided by the quantity it is the price of one piece."""

_WRITTEN = {
    "orders": """
        order_id: order id, order number, order no, order, invoice, invoice no, receipt no
        order_id: 주문번호, 주문 id, 오더번호, 전표번호, 영수증번호
        order_id: 注文番号, 注文id, 受注番号, オーダー番号, 伝票番号, レシート番号
        ordered_at: ordered at, order date, order time, created at, date, purchase date, invoice date
        ordered_at: 주문일시, 주문일, 주문일자, 주문날짜, 주문시간, 결제일시, 결제일, 판매일시, 판매일, 판매일자
        ordered_at: 거래일시
        ordered_at: 注文日時, 注文日, 受注日時, 受注日, 購入日時, 購入日, 販売日時, 販売日, 売上日, 取引日時
        customer_id: customer id, customer number, customer no, customer, member id, user id, buyer id
        customer_id: 회원아이디, 회원 id, 회원번호, 고객번호, 고객아이디, 고객 id, 고객코드, 주문자 id, 주문자아이디
        customer_id: 구매자 id, 구매자아이디
        customer_id: 会員番号, 会員id, 会員コード, 顧客番号, 顧客id, 顧客コード, お客様番号, 購入者id
        product_id: product id, product code, item code, item id, item no, sku, stock code, article number
        product_id: 상품코드, 상품번호, 상품 id, 품목코드, 품번, 제품코드, 제품번호
        product_id: 商品コード, 商品番号, 商品id, 品番, 品目コード, 製品コード, 商品管理番号
        title: title, product name, item name, product, item, description
        title: 상품명, 품명, 제품명, 주문상품명, 품목명
        title: 商品名, 品名, 製品名, 商品名称
        quantity: quantity, qty, count, units
        quantity: 수량, 주문수량, 판매수량, 구매수량, 개수
        quantity: 数量, 個数, 注文数量, 注文数, 販売数, 販売数量, 購入数
        unit_price: unit price, price, item price, price each
        unit_price: 판매가, 판매단가, 단가, 상품가격, 상품단가, 판매가격, 개당가격
        unit_price: 単価, 販売単価, 販売価格, 価格, 商品単価, 売価
        line_total: line total, total, amount, total price
        line_total: 결제금액, 실결제금액, 주문금액, 판매금액, 구매금액, 상품구매금액, 상품별 총 주문금액, 금액, 총금액
        line_total: 합계금액
        line_total: 金額, 小計, 合計, 合計金額, 売上金額, 販売金額, 購入金額, 支払金額
        currency: currency, currency code
        currency: 통화, 통화코드, 화폐
        currency: 通貨, 通貨コード
        line_id: line id, line number, item number
        line_id: 상품주문번호, 품목별 주문번호, 주문상세번호, 주문순번
        line_id: 注文明細番号, 注文明細id, 明細番号, 明細id, 注文詳細id, 商品明細id
        variant_id: variant id, variant, option code
        variant_id: 상품품목코드, 옵션코드, 옵션관리코드
        variant_id: sku管理番号, バリエーションコード
        discount: discount, line discount, discount amount
        discount: 할인금액, 할인액, 상품할인금액, 상품별 할인액
        discount: 割引額, 値引額, 値引, 割引金額, 値引き
        tax: tax, tax amount, vat
        tax: 부가세, 세금
        tax: 消費税, 税額, 消費税額
        status: status, order status
        status: 주문상태, 처리상태
        status: ステータス, 注文状況, 対応状況, 注文状態, 受注状態
        channel: channel, sales channel
        channel: 판매채널, 매출경로, 주문경로, 유입경로
        channel: 販売チャネル, 注文経路, チャネル
        market: market, country, country code
        market: 국가, 국가코드
        market: 国, 国コード
        updated_at: updated at, modified at, last modified
        updated_at: 수정일시, 수정일, 변경일시
        updated_at: 更新日時, 更新日, 変更日時
    """,
    "products": """
        product_id: product id, product code, item code, item id, sku, stock code, id, code
        product_id: 상품코드, 상품번호, 상품 id, 품목코드, 품번, 제품코드, 자체 상품코드, 판매자상품코드
        product_id: 商品コード, 商品番号, 商品id, 品番, 製品コード, 商品管理番号
        title: title, name, product name, item name
        title: 상품명, 품명, 제품명, 품목명
        title: 商品名, 品名, 製品名, 名称
        price: price, sale price, selling price, unit price, list price
        price: 판매가, 판매가격, 상품가격, 가격, 단가
        price: 販売価格, 価格, 販売単価, 単価, 売価, 通常価格, 通常購入販売価格
        currency: currency, currency code
        currency: 통화, 통화코드
        currency: 通貨, 通貨コード
        category: category, product category, department
        category: 카테고리, 카테고리명, 상품분류, 분류, 대분류
        category: カテゴリ, カテゴリー, 商品カテゴリ, カテゴリ名, 分類, ジャンル
        brand: brand, maker, manufacturer, vendor
        brand: 브랜드, 제조사
        brand: ブランド, メーカー, ブランド名
        cost: cost, cost price, purchase price
        cost: 공급가, 매입가, 원가, 매입단가
        cost: 原価, 仕入価格, 仕入値, 仕入単価
        stock: stock, inventory, quantity, stock quantity, available
        stock: 재고, 재고수량, 재고량, 가용재고
        stock: 在庫, 在庫数, 在庫数量
        parent_id: parent, parent id, parent sku, group id
        parent_id: 모상품코드, 부모상품코드, 대표상품코드
        parent_id: 親商品コード, 代表商品コード, 親商品番号
        url: url, link, product url
        url: 상품url, 상품링크, 상품주소
        url: 商品url, 商品ページurl, 商品リンク
        image: image, image url, picture
        image: 이미지, 대표이미지, 상품이미지
        image: 画像, 商品画像, 商品画像url, 画像url
        active: active, published
        active: 판매상태, 진열상태
        active: 公開状態, 販売状態
        recommended_ids: recommended ids, recommended products, related products, cross sells, own list
        recommended_ids: 추천상품코드, 추천상품, 추천 상품번호, 관련상품코드, 관련상품, 연관상품, 함께 살 상품
        recommended_ids: おすすめ商品コード, おすすめ商品, 関連商品コード, 関連商品, 関連商品番号, レコメンド商品
        updated_at: updated at, modified at
        updated_at: 수정일시, 수정일
        updated_at: 更新日時, 更新日
    """,
    "customers": """
        customer_id: customer id, customer number, customer no, member id, user id, id
        customer_id: 회원아이디, 회원 id, 회원번호, 고객번호, 고객아이디, 고객 id, 고객코드, 아이디
        customer_id: 会員番号, 会員id, 会員コード, 顧客番号, 顧客id, 顧客コード, お客様番号
        email: email, mail, email address
        email: 이메일, 이메일주소, 메일, 전자우편
        email: メールアドレス, eメール, メール
        phone: phone, telephone, mobile, phone number, tel
        phone: 전화번호, 휴대폰, 휴대전화, 휴대폰번호, 연락처, 핸드폰
        phone: 電話番号, 携帯電話, 携帯番号
        created_at: created at, sign up, registered at, signup date, joined
        created_at: 가입일, 가입일시, 회원가입일, 등록일
        created_at: 登録日, 登録日時, 会員登録日, 入会日
        updated_at: updated at, modified at, last modified
        updated_at: 수정일시, 수정일, 변경일시
        updated_at: 更新日時, 更新日, 変更日時
        locale: locale, language
        locale: 언어
        locale: 言語
        market: market, country, country code
        market: 국가, 국가코드
        market: 国, 国コード
    """,
    "returns": """
        order_id: order id, order number, order no
        order_id: 주문번호
        order_id: 注文番号, 受注番号
        product_id: product id, product code, item code, sku
        product_id: 상품코드, 상품번호, 품목코드
        product_id: 商品コード, 商品番号, 品番
        quantity: quantity, returned quantity, qty
        quantity: 수량, 반품수량, 환불수량
        quantity: 数量, 返品数, 返品数量, 個数
        returned_at: returned at, return date, refunded at
        returned_at: 반품일, 반품일시, 반품완료일, 환불일, 환불일시
        returned_at: 返品日, 返品日時, 返金日
        reason: reason, return reason
        reason: 반품사유, 환불사유
        reason: 返品理由, 返金理由
        refund_amount: refund amount, refund
        refund_amount: 환불금액, 환불액
        refund_amount: 返金額, 返金金額
        line_id: line id
        line_id: 상품주문번호, 품목별 주문번호
        line_id: 注文明細番号, 明細番号
        currency: currency
        currency: 통화
        currency: 通貨
    """,
}
"""A line a column and language: its canonical name, and what it is called there, the usual word first."""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        target, _, called = line.strip().partition(": ")
        words[target] = (*words.get(target, ()), *called.split(", "))
    return words


WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {dataset: _read(text) for dataset, text in _WRITTEN.items()}
"""Dataset to canonical column to what it is called; the usual word first."""


def normalized(heading: str, *, with_brackets: bool = True) -> str:
    """Bring a heading into the form headings are compared in.

    Examples
    --------
    >>> normalized(" 주문 번호* "), normalized("Order_ID"), normalized("販売価格（税込）", with_brackets=False)
    ('주문번호', 'orderid', '販売価格')
    """
    text = unicodedata.normalize("NFKC", heading).casefold()
    if not with_brackets:
        text = _BRACKETS.sub("", text)
    return _NOISE.sub("", text)


@cache
def _words(dataset: str) -> Mapping[str, Mapping[str, bool]]:
    """Each word as it is compared, and whether it counts inside another; a canonical column is one of its own words."""
    return {
        target: {normalized(word): _counts_inside(word) for word in (target.replace("_", " "), *words)}
        for target, words in WORDS[dataset].items()
    }


def _counts_inside(word: str) -> bool:
    return " " in word if word.isascii() else len(word.replace(" ", "")) >= _LONG


def guesses(dataset: str, headings: Sequence[str]) -> dict[str, list[tuple[float, str]]]:
    """Give for each canonical column of a dataset the headings that may be it, the surest first.

    Returns
    -------
    dict of str to list of (float, str)
        How sure, 0..1, and the heading. Of two that are as sure, the usual word stands first, then the earlier column.
    """
    found: dict[str, list[tuple[float, str]]] = {}
    for target, words in _words(dataset).items():
        rated = [(*rate, heading) for heading in headings if (rate := _rated(heading, words))]
        if rated:
            ordered = sorted(rated, key=lambda one: (-one[0], one[1]))
            found[target] = [(rate, heading) for rate, _, heading in ordered]
    return found


def _rated(heading: str, words: Mapping[str, bool]) -> tuple[float, int] | None:
    """How sure a heading is one of some words, and which of them."""
    whole, bare = normalized(heading), normalized(heading, with_brackets=False)
    known = list(words)
    for rate, text in ((SURE, whole), (BRACKETED, bare)):
        if text in words:
            return rate, known.index(text)
    inside = [place for place, word in enumerate(known) if words[word] and word in bare]
    return (CONTAINED, inside[0]) if inside else None
