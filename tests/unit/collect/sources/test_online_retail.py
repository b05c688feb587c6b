"""UCI Online Retail, both editions."""

import pyarrow as pa
import pytest

from crosslift.collect.sources.online_retail import find_mapping, rename

FIRST = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
SECOND = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")


def batch(names, *rows):
    return pa.RecordBatch.from_arrays([pa.array(c, pa.string()) for c in zip(*rows, strict=True)], names=list(names))


@pytest.mark.parametrize("names", [FIRST, SECOND])
def test_both_editions_are_recognized_in_any_order(names):
    assert find_mapping(names) is not None
    assert set(find_mapping(names[::-1]).values()) == set(names)


@pytest.mark.parametrize("names", [FIRST, SECOND])
def test_a_missing_column_makes_it_another_format(names):
    for lacking in names:
        assert find_mapping([name for name in names if name != lacking]) is None


def test_the_formats_own_rules_are_applied():
    rows = [
        ("536365", "85123a ", "HOLDER", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "United Kingdom"),
        ("C536379", "D", "Discount", "-1", "12/1/2010 9:41", "27.5", "", "United Kingdom"),
        ("A563185", "B", "Adjust bad debt", "1", "2011-08-12 14:50:00", "11062.06", "", "United Kingdom"),
        ("c1", "x", "", "1", "2010-12-01", "1", "1", "France"),
    ]
    columns = {name: column.to_pylist() for name, column in rename(batch(FIRST, *rows), find_mapping(FIRST)).items()}
    assert columns["status"] == ["placed", "cancelled", "adjustment", "cancelled"]
    assert columns["product_id"] == ["85123A", "D", "B", "X"]
    assert columns["order_id"] == ["536365", "C536379", "A563185", "c1"]
    assert columns["customer_id"] == ["17850", "", "", "1"]
    assert columns["currency"] == ["GBP"] * 4
    assert columns["market"][3] == "France"
