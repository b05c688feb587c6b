"""Parquet parts become the same baskets however the lines are cut and ordered."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crosslift.errors import BadInput
from crosslift.learn.parts import PartColumns, baskets_from_parts

LINES = pa.table({
    "order": pa.array([3, 3, 3, 5, 8, 8], pa.int64()),
    "item": pa.array([0, 2, 7, 1, 0, 2], pa.int16()),
    "customer": pa.array([11, 11, 11, 12, 11, 11], pa.int32()),
    "day": pa.array([20, 20, 20, 21, 25, 25], pa.int16()),
    "market": pa.array([0, 0, 0, 1, 0, 0], pa.int8()),
})  # fmt: skip


def write(folder, *parts):
    files = [folder / f"{number}.parquet" for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        pq.write_table(part, file)
    return files


def check(baskets):
    assert baskets.items.tolist() == [0, 2, 7, 1, 0, 2]
    assert baskets.offsets.tolist() == [0, 3, 4, 6]
    assert baskets.customers.tolist() == [11, 12, 11]
    assert (baskets.days.tolist(), baskets.markets.tolist()) == ([20, 21, 25], [0, 1, 0])


def test_parts_are_joined(tmp_path):
    baskets = baskets_from_parts(write(tmp_path, LINES.slice(0, 3), LINES.slice(3, 0), LINES.slice(3)))
    check(baskets)
    assert (baskets.products, baskets.n_items) == (None, 8)
    assert baskets.items.dtype == np.int32


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_an_order_may_lie_in_two_parts(tmp_path, cut):
    check(baskets_from_parts(write(tmp_path, LINES.slice(0, cut), LINES.slice(cut))))


def test_lines_may_come_in_any_order_and_twice(tmp_path):
    shuffled = LINES.take([5, 2, 0, 3, 0, 4, 1, 5])
    check(baskets_from_parts(write(tmp_path, shuffled.slice(0, 4), shuffled.slice(4))))


def test_texts_are_numbered_over_all_parts(tmp_path):
    names = pa.array(["tea", "honey", "cup", "milk", "tea", "honey"])
    lines = LINES.set_column(1, "item", names)
    baskets = baskets_from_parts(write(tmp_path, lines.slice(0, 4), lines.slice(4)))
    held = [[baskets.products[i] for i in baskets.items[low:high]] for low, high in ((0, 3), (3, 4), (4, 6))]
    assert held == [["tea", "honey", "cup"], ["milk"], ["tea", "honey"]]
    assert baskets.n_items == 4


def test_columns_may_be_called_otherwise(tmp_path):
    files = write(tmp_path, LINES.rename_columns(["order", "product", "customer", "day", "market"]))
    check(baskets_from_parts(files, PartColumns(item="product")))


def test_no_lines_are_no_baskets(tmp_path):
    baskets = baskets_from_parts(write(tmp_path, LINES.slice(0, 0)))
    assert (baskets.items.size, baskets.offsets.tolist(), baskets.n_items) == (0, [0], 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop_columns(["day"]), "0.parquet has no column 'day'; it has order, item"),
        (lambda t: t.set_column(2, "customer", pa.array([1, None, 1, 1, 1, 1])), "no customer on 1 lines"),
        (lambda t: t.set_column(2, "customer", pa.array([1.5] * 6)), "customer is double; number it"),
        (lambda t: t.set_column(0, "order", pa.array([2**40] * 6)), "order holds numbers beyond 32 bits"),
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path, change, message):
    with pytest.raises(BadInput, match=message):
        baskets_from_parts(write(tmp_path, change(LINES)))
