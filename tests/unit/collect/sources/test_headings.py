"""What columns are called in three languages."""

import pytest

from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources.headings import (
    BRACKETED,
    CONTAINED,
    LINE_TOTAL,
    SURE,
    WORDS,
    guesses,
    normalized,
)


def best(dataset, heading):
    found = {target: rated[0][0] for target, rated in guesses(dataset, [heading]).items()}
    return max(found, key=found.get, default=None)


@pytest.mark.parametrize(
    "heading",
    ["주문번호", " 주문 번호 ", "주문-번호*", "주문＿번호", "Order ID", "order_id", "ORDER-ID", "注文番号", "受注番号"],
)
def test_case_spaces_marks_and_widths_do_not_matter(heading):
    assert guesses("orders", [heading])["order_id"] == [(SURE, heading)]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("주문번호", "order_id"), ("상품코드", "product_id"), ("상품명", "title"), ("수량", "quantity"), ("판매가", "unit_price"),
        ("결제금액", LINE_TOTAL), ("회원아이디", "customer_id"), ("주문일시", "ordered_at"), ("할인금액", "discount"),
        ("注文番号", "order_id"), ("注文日時", "ordered_at"), ("商品コード", "product_id"), ("商品名", "title"),
        ("数量", "quantity"), ("単価", "unit_price"),
        ("会員番号", "customer_id"), ("消費税", "tax"), ("Qty", "quantity"), ("Item Price", "unit_price"),
        ("SKU", "product_id"), ("Order Date", "ordered_at"),
    ],
)  # fmt: skip
def test_usual_columns_of_orders_are_known(heading, target):
    assert best("orders", heading) == target


@pytest.mark.parametrize(
    ("dataset", "heading", "target"),
    [
        ("products", "재고수량", "stock"), ("products", "매입가", "cost"), ("products", "販売価格（税込）", "price"),
        ("products", "在庫数", "stock"), ("products", "카테고리", "category"), ("customers", "휴대폰번호", "phone"),
        ("customers", "メールアドレス", "email"), ("customers", "가입일", "created_at"), ("returns", "반품사유", "reason"),
        ("returns", "返品日", "returned_at"), ("customers", "수정일시", "updated_at"), ("customers", "更新日", "updated_at"),
    ],
)  # fmt: skip
def test_usual_columns_of_other_datasets_are_known(dataset, heading, target):
    assert best(dataset, heading) == target


def test_how_sure_a_heading_is():
    found = guesses("orders", ["単価（税込）", "고객 주문번호", "내 주문일시 값", "unit price of the item"])
    assert found["unit_price"] == [(BRACKETED, "単価（税込）"), (CONTAINED, "unit price of the item")]
    assert found["order_id"] == [(CONTAINED, "고객 주문번호")]
    assert found["ordered_at"] == [(CONTAINED, "내 주문일시 값")]


@pytest.mark.parametrize("heading", ["비고", "メモ", "notes", "", "border", "x", "금", "reorder"])
def test_what_is_no_word_of_ours_is_nothing(heading):
    assert guesses("orders", [heading]) == {}


def test_of_two_as_sure_the_usual_word_stands_first():
    assert [heading for _, heading in guesses("orders", ["결제일시", "주문일시"])["ordered_at"]] == [
        "주문일시",
        "결제일시",
    ]


@pytest.mark.parametrize("dataset", WORDS)
def test_words_name_columns_of_their_dataset_and_each_only_one(dataset):
    assert set(WORDS[dataset]) <= {*SCHEMAS[dataset].names, LINE_TOTAL}
    assert set(SCHEMAS[dataset].required) - {"source"} <= set(WORDS[dataset])
    words = [normalized(word) for known in WORDS[dataset].values() for word in known]
    twice = {word for word in words if words.count(word) > 1}
    assert not twice
