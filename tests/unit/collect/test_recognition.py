"""What a file is: certain, proposed, or nothing; never collected on a guess."""

from datetime import datetime

import pytest

from crosslift.collect.recognition import fit
from crosslift.collect.sources.workbook import ROW
from crosslift.errors import BadInput, BadUsage, Unconfirmed
from crosslift.testing.demo.samples.xlsx import workbook

TILL = (
    "주문번호,주문일시,고객번호,상품코드,상품명,수량,판매가\n"
    'T-1,2026.11.22 14:03,c1,A,머그,1,"12,000원"\n'
    'T-1,2026.11.22 14:03,c1,B,차,2개,"5,000원"\n'
)
ROWS = [
    ["11월 매출", None, None, None, None],
    ["주문번호", "주문일시", "상품코드", "수량", "판매가"],
    ["T-1", datetime.fromisoformat("2026-11-22 14:03"), 880_123_456_789, 1, 12000],
    [],
    ["T-2", datetime.fromisoformat("2026-11-23"), "00880", 2, 5000.5],
    ["합계", None, None, 3, 22001],
]


@pytest.mark.parametrize("accept", [False, True])
def test_a_guess_is_collected_only_when_accepted(collect, read, nothing_is_left, accept):
    if not accept:
        with pytest.raises(
            Unconfirmed, match=r"till\.csv: looks like orders by their headings: 주문번호 → order_id"
        ) as caught:
            collect(TILL.encode("cp949"), "till.csv")
        assert (caught.value.code, caught.value.proposal.is_complete) == ("unconfirmed", True)
        assert str(caught.value).endswith("currency = KRW; collect it so with --accept, or name columns with --map")
        nothing_is_left()
        return
    report = collect(TILL.encode("cp949"), "till.csv", accept=True, settings={"shop.time_zone": "Asia/Seoul"})
    assert (report.format, report.notes) == ("orders by their headings", ["read as CP949"])
    assert report.mapping["unit_price"] == "판매가"
    assert read("order_lines", "source", "product_id", "quantity", "unit_price_micros", "currency", "ordered_at") == [
        ("canonical", "A", 1, 12_000_000_000, "KRW", 1_795_323_780_000_000),
        ("canonical", "B", 2, 5_000_000_000, "KRW", 1_795_323_780_000_000),
    ]


def test_what_lacks_a_column_cannot_be_accepted(collect, nothing_is_left):
    with pytest.raises(
        Unconfirmed, match=r"nearest is orders, missing product_id; name them: --map product_id=COLUMN"
    ) as caught:
        collect(TILL.replace("상품코드", "바코드"), accept=True)
    assert caught.value.proposal.missing == ("product_id",)
    nothing_is_left()


def test_naming_the_one_column_is_enough(collect, read):
    content = TILL.replace("상품코드", "바코드")
    with pytest.raises(Unconfirmed) as caught:
        collect(content, mapping={"product_id": "바코드"})
    assert caught.value.proposal.mapping["product_id"] == "바코드"
    assert collect(content, mapping={"product_id": "바코드"}, accept=True).n_new == 2
    assert read("order_lines", "product_id") == [("A",), ("B",)]


def test_a_mapping_that_names_everything_needs_no_word(collect, read):
    mapping = {
        "order_id": "주문번호", "ordered_at": "주문일시", "product_id": "상품코드", "quantity": "수량", "unit_price": "판매가",
        "currency": ":KRW",
    }  # fmt: skip
    assert collect(TILL, mapping=mapping).n_new == 2
    assert read("order_lines", "quantity", "unit_price_micros") == [(1, 12_000_000_000), (2, 5_000_000_000)]


def test_canonical_files_are_as_strict_as_before(collect):
    header = "order_id,ordered_at,product_id,quantity,unit_price,currency\n"
    with pytest.raises(BadInput, match="row 2, unit_price: '12,000' is no amount"):
        collect(header + '1,2026-01-01,A,1,"12,000",KRW\n')
    with pytest.raises(BadInput, match=r"row 2, ordered_at: '2026\.01\.01' is no instant"):
        collect(header + "1,2026.01.01,A,1,12000,KRW\n")


def test_canonical_names_completed_by_headings_are_proposed(collect):
    with pytest.raises(Unconfirmed, match="판매가 → unit_price"):
        collect("order_id,ordered_at,product_id,quantity,판매가\n1,2026-01-01,A,1,500\n")


def test_an_accepted_file_of_semicolons_has_no_thousands(collect):
    content = "주문번호;주문일시;상품코드;수량;판매가\n1;2026-01-01;A;1;12,000\n"
    with pytest.raises(BadInput, match="row 2, unit_price: '12,000' is no amount"):
        collect(content, accept=True)


def test_a_workbook_is_read_from_its_header_to_its_sum(collect, read):
    report = collect(workbook("11월", ROWS), "sales.xlsx", accept=True)
    assert (report.n_read, report.notes) == (
        2,
        ["1 title row above the names skipped", "1 row of totals or notes skipped"],
    )
    assert read("order_lines", "order_id", "product_id", "quantity", "unit_price_micros") == [
        ("T-1", "880123456789", 1, 12_000_000_000),
        ("T-2", "00880", 2, 5_000_500_000),
    ]


def test_rows_of_a_workbook_are_numbered_as_a_person_sees_them(collect, nothing_is_left):
    rows = [
        *ROWS[:4],
        ["T-2", "2026-11-23", "B", "zwei", 1],
        *([f"T-{n}", "2026-11-23", "B", 1, 1] for n in range(3, 9)),
    ]
    with pytest.raises(BadInput, match="first: row 5, quantity: 'zwei' is no whole number"):
        collect(workbook("a", rows), "sales.xlsx", accept=True)
    nothing_is_left()


def test_rows_left_out_of_an_export_do_not_shift_the_numbers(collect):
    header = "注文番号,受注日,商品コード,商品名,価格,個数,明細区分(名称)\n"
    shipping, last = "{},2026/09/01,,送料,500,1,送料\n", "2,2026/09/01,B,茶,1200,多,商品\n"
    rows = shipping.format(1) + "1,2026/09/01,A,マグ,1200,1,商品\n" + shipping.format(2) + last
    with pytest.raises(BadInput, match="1 cells cannot be read, nothing was collected; first: row 5, quantity: '多'"):
        collect(header + rows)


def test_an_encoding_can_be_forced_and_another_is_another_file(collect, read):
    content = "product_id,title,price,currency\nA,Caf\u00e9 d\u00e9j\u00e0,5,EUR\n".encode("cp1252")
    report = collect(content, "products.csv", encoding="cp1252")
    assert report.notes == ["read as cp1252"]
    assert read("products", "title") == [("Café déjà",)]
    assert collect(content, "products.csv", encoding="cp1252").state == "already collected"


def test_an_encoding_nobody_knows_is_refused(collect):
    with pytest.raises(BadUsage, match="no encoding is called 'klingon'; some that are: utf-8, cp949"):
        collect("a,b\n1,2\n", encoding="klingon")


def test_the_name_of_the_row_numbers_is_no_column_of_anybody(collect, read):
    collect(workbook("a", [ROWS[1], ROWS[2]]), "sales.xlsx", accept=True)
    assert read("order_lines", "attributes") == [(None,)]
    assert ROW not in collect(workbook("a", [ROWS[1], ROWS[4]]), "b.xlsx", accept=True, is_dry_run=True).preview[0]


@pytest.mark.parametrize(
    ("columns", "low", "high"),
    [
        (["order_id", "ordered_at", "product_id", "quantity", "unit_price", "currency", "note"], 1, 1),
        (["Handle", "Title", "Option1 Value", "Variant Price"], 1, 1),
        (["주문번호", "주문일시", "상품코드", "수량", "판매가"], 0.5, 0.9), (["비고", "메모"], 0, 0), ([], 0, 0),
    ],
)  # fmt: skip
def test_headers_are_scored(columns, low, high):
    assert low <= fit(columns) <= high


def test_a_file_of_offers_is_sent_to_its_own_door(collect, nothing_is_left):
    rows = b"offer_id,kind,title_en,price,currency,product_id\nvisit,service,Setup visit,30,USD,\n"
    with pytest.raises(BadInput, match=r"offers\.csv: is a file of offers; `crosslift offers put` takes it"):
        collect(rows, "offers.csv", accept=True)
    nothing_is_left()
