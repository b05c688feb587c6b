"""The shop's own list: read from a column in many shapes and languages, kept in its order."""

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect import own_list
from crosslift.collect.proposal import by_headings
from crosslift.collect.rows import ProductRows
from crosslift.errors import BadInput


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("A|B|C", ["A", "B", "C"]), (" A B  C ", ["A", "B", "C"]), ("A, B;C", ["A", "B", "C"]),
        ("A、B，C；D", ["A", "B", "C", "D"]),
        ("A 1|B 2", ["A 1", "B 2"]), ("B|A|B", ["B", "A"]), ('["A", 7, "A"]', ["A", "7"]), ("[A B]", ["A", "B"]), ("", []),
        ("||", []),
    ],
)  # fmt: skip
def test_a_cell_is_read_in_its_order_each_id_once(cell, ids):
    assert own_list.ids_of(cell) == ids


@given(st.text(max_size=60))
def test_any_text_is_read_without_blanks_or_doubles(cell):
    ids = own_list.ids_of(cell)
    assert len(set(ids)) == len(ids)
    assert all(name == name.strip() != "" for name in ids)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="|["), min_size=1).map(str.strip).filter(bool),
        min_size=2,
    )
)
def test_what_is_written_between_bars_is_read_again(ids):
    assert own_list.ids_of("|".join(ids)) == list(dict.fromkeys(ids))


@pytest.mark.parametrize(
    ("columns", "heading"),
    [
        (("상품코드", "상품명", "판매가", "추천상품코드"), "추천상품코드"),
        (("商品コード", "商品名", "販売価格", "おすすめ商品コード"), "おすすめ商品コード"),
        (("SKU", "Name", "Price", "Cross-sells"), "Cross-sells"),
    ],
)
def test_its_heading_is_understood_in_three_languages(columns, heading):
    sample = pa.RecordBatch.from_pydict(
        dict(zip(columns, (["T-1"], ["Tea"], ["1000"], ["T-2 T-3"]), strict=True)),
        pa.schema([(name, pa.string()) for name in columns]),
    )
    assert by_headings(sample, {}, "KRW", "file").mapping["recommended_ids"] == heading


def built(rows, cells):
    columns = {
        "product_id": pa.array([f"P{i}" for i in range(len(cells))]),
        own_list.COLUMN: pa.array(cells, pa.string()),
    }
    assert rows.faults(columns, 1) == []
    [(_, names, made)] = rows.build(columns, {})
    rows.finish()
    return [json.loads(row[names.index("attributes")]) for row in made]


def test_it_is_kept_with_the_product_and_what_the_file_brings_itself_is_not_asked_for():
    rows = ProductRows("file")
    assert built(rows, ["P1|X", None, ""]) == [{"recommended_ids": ["P1", "X"]}, {}, {}]
    assert rows.named == {"X"}


def test_a_catalog_instead_of_a_list_is_refused_by_row_and_number(fresh_products):
    with pytest.raises(BadInput, match=r"row 2, recommended_ids: names 101 products; at most 100 are kept"):
        fresh_products("|".join(f"P{i}" for i in range(101)))


@pytest.fixture
def fresh_products(tmp_path, monkeypatch):
    from crosslift.shop import Shop

    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")

    def collect(cell):
        path = tmp_path / "products.csv"
        path.write_text(f"product_id,title,price,currency,recommended_ids\nT-1,Tea,3,EUR,{cell}\n", encoding="utf-8")
        with Shop(tmp_path / "home") as shop:
            return shop.collect(path)

    return collect
