"""What a file nobody knows seems to be: columns, samples, how sure, what is missing."""

import json

import pyarrow as pa
import pytest

from crosslift.collect.proposal import by_headings, of_source
from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources import cafe24
from crosslift.collect.sources.headings import BRACKETED, CONTAINED, SURE

TILL = {
    "주문번호": ["T-1", "T-1", "T-2", "T-3"], "주문일시": ["2026.11.22 14:03"] * 4, "고객번호": ["c1", "c1", "", "c2"],
    "상품코드": ["A", "B", "A", "C"], "상품명": ["머그", "차", "머그", "컵"], "수량": ["1", "2", "1", "1"],
    "판매가": ["12,000원", "5,000원", "12,000원", "7,000원"], "결제수단": ["카드"] * 4,
}  # fmt: skip


def batch(columns):
    return pa.record_batch({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def proposed(columns, given=None, currency="USD"):
    return by_headings(batch(columns), given or {}, currency, "till.csv", ["read as CP949"])


def without(columns, *names):
    return {name: cells for name, cells in columns.items() if name not in names}


def test_a_korean_till_is_understood():
    found = proposed(TILL)
    assert (found.file, found.format, found.dataset, found.notes) == (
        "till.csv", "orders by their headings", "orders", ("read as CP949",),
    )  # fmt: skip
    assert found.mapping == {
        "order_id": "주문번호", "ordered_at": "주문일시", "customer_id": "고객번호", "product_id": "상품코드", "title": "상품명",
        "quantity": "수량", "unit_price": "판매가", "currency": ":KRW",
    }  # fmt: skip
    assert (found.missing, found.unused, found.is_complete) == ((), ("결제수단",), True)
    price = next(guess for guess in found.columns if guess.canonical == "unit_price")
    assert (price.column, price.sureness, price.samples) == ("판매가", SURE, ("12,000원", "5,000원", "7,000원"))
    assert found.sureness == SURE


def test_what_is_missing_is_said():
    found = proposed(without(TILL, "상품코드", "상품명"))
    assert (found.missing, found.is_complete) == (("product_id",), False)


def test_what_somebody_said_is_taken_and_certain():
    found = proposed({**without(TILL, "상품코드"), "바코드": ["880"] * 4}, {"product_id": "바코드", "currency": ":JPY"})
    assert (found.mapping["product_id"], found.mapping["currency"]) == ("바코드", ":JPY")
    assert next(guess.sureness for guess in found.columns if guess.canonical == "product_id") == 1.0


def test_a_heading_whose_values_are_something_else_is_not_believed():
    found = proposed({**TILL, "수량": ["하나", "둘", "하나", "하나"]})
    assert found.missing == ("quantity",)
    assert "수량" in found.unused


def test_a_few_unreadable_cells_do_not_change_what_a_column_is():
    many = {name: cells * 5 for name, cells in TILL.items()}
    assert proposed({**many, "수량": ["x", *many["수량"][1:]]}).mapping["quantity"] == "수량"


def test_of_two_headings_the_surer_is_taken():
    found = proposed(
        {**without(TILL, "판매가"), "옵션 판매단가": ["1", "2", "3", "4"], "판매가(KRW)": ["1", "2", "3", "4"]}
    )
    price = next(guess for guess in found.columns if guess.canonical == "unit_price")
    assert (price.column, price.sureness) == ("판매가(KRW)", BRACKETED)
    assert "옵션 판매단가" in found.unused


def test_the_price_of_one_follows_from_the_whole_line():
    found = proposed({**without(TILL, "판매가"), "결제금액": ["₩12,000", "₩10,000", "₩12,000", "₩7,000"]})
    price = next(guess for guess in found.columns if guess.canonical == "unit_price")
    assert (price.column, price.sureness, price.samples) == ("결제금액/수량", CONTAINED, ("12000", "5000", "7000"))
    assert found.is_complete
    assert found.sureness == CONTAINED


def test_without_a_sign_the_shops_currency_is_proposed():
    assert proposed({**TILL, "판매가": ["1", "2", "3", "4"]}, currency="SEK").constants == {"currency": "SEK"}
    own = proposed({**TILL, "통화": ["EUR"] * 4})
    assert (own.constants, own.mapping["currency"]) == ({}, "통화")


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [
        ({"商品コード": ["A"], "商品名": ["マグ"], "販売価格": ["1,200円"], "在庫数": ["4"]}, "products"),
        (
            {"会員番号": ["1"], "メールアドレス": ["a@b.example"], "電話番号": ["03-1"], "登録日": ["2026/01/02"]},
            "customers",
        ),
        (
            {"注文番号": ["1"], "商品コード": ["A"], "返品数": ["1"], "返品日": ["2026/01/02"], "返品理由": ["x"]},
            "returns",
        ),
        ({"Order No": ["1"], "Order Date": ["2026-01-02"], "SKU": ["A"], "Qty": ["1"], "Item Price": ["5"]}, "orders"),
    ],
)
def test_other_datasets_are_told_apart(columns, dataset):
    found = proposed(columns)
    assert (found.dataset, found.is_complete) == (dataset, True)


def test_customers_without_a_number_are_known_by_their_address():
    found = proposed({"이메일": ["a@b.example"], "가입일": ["2026.01.02"]})
    assert (found.dataset, found.mapping["customer_id"], found.mapping["email"]) == ("customers", "이메일", "이메일")


@pytest.mark.parametrize("columns", [{"a": ["1"]}, {"상품명": ["머그"]}, {"비고": ["x"], "메모": ["y"]}])
def test_what_says_nothing_is_proposed_as_nothing(columns):
    assert proposed(columns) is None


def test_headings_alone_are_enough_where_there_are_no_rows():
    assert proposed({name: [] for name in TILL}).is_complete


def test_samples_are_three_different_and_short():
    found = proposed({**TILL, "상품명": ["x" * 500, "x" * 500, " ", None]})
    assert next(guess.samples for guess in found.columns if guess.canonical == "title") == ("x" * 60,)


def test_an_export_known_from_hearsay_is_proposed_as_a_whole():
    columns = {
        "주문번호": ["1"], "품목별 주문번호": ["1-1"], "주문일시": ["2026-01-02"], "상품코드": ["A"], "수량": ["1"],
        "판매가": ["5"], "브랜드": ["M"], "메모": ["x"],
    }  # fmt: skip
    names = cafe24.SOURCE.find_mapping(list(columns))
    found = of_source(cafe24.SOURCE, names, batch(columns), "a.csv", [])
    assert (found.format, found.constants, found.unused, found.is_complete) == (
        "Cafe24 orders", {"currency": "KRW"}, ("메모",), True,
    )  # fmt: skip


def test_dates_that_may_mean_two_days_are_told():
    found = proposed({**TILL, "주문일시": ["11/12/2026 14:03", "11/13/2026 9:00", "", ""]})
    assert found.notes == ("read as CP949", "dates such as 11/12/2026 14:03 are read month first")
    assert proposed({**TILL, "주문일시": ["22/11/2026 14:03", "23/11/2026 9:00", "", ""]}).missing == ("ordered_at",)


def test_it_goes_out_as_json():
    told = json.loads(json.dumps(proposed(TILL).as_dict()))
    assert told["columns"][0] == {
        "column": "주문번호", "canonical": "order_id", "sureness": SURE, "samples": ["T-1", "T-2", "T-3"],
    }  # fmt: skip
    assert (told["is_complete"], told["missing"], told["mapping"]["currency"]) == (True, [], ":KRW")


@pytest.mark.parametrize("dataset", ["orders", "products", "customers", "returns"])
def test_canonical_names_are_their_own_headings(dataset):
    schema = SCHEMAS[dataset]
    found = by_headings(batch({name: [] for name in schema.names}), {}, "USD", "a.csv")
    assert found.dataset == dataset
    assert all(guess.column == guess.canonical for guess in found.columns if guess.canonical in schema.required)
