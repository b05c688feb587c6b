"""What can be wrong with a row though each of its cells can be read."""

import pyarrow as pa
import pytest

from crosslift.collect import faults


@pytest.mark.parametrize(
    ("check", "cells", "wrong"),
    [
        (faults.somebody("who it is"), {"customer_id": ["c", None, None], "account_id": [None, "a", None]}, [2]),
        (faults.somebody("who it is"), {"customer_id": ["c", None]}, [1]),
        (faults.somebody("who it is"), {"other": [1, 2]}, [0, 1]),
        (faults.in_order("begin", "end"), {"begin": [1, 5, None, 5], "end": [1, 4, 4, None]}, [1]),
        (faults.with_currency("cost"), {"cost": [1, None, 1], "currency": [None, None, "EUR"]}, [0]),
        (faults.with_currency("cost"), {"cost": [None, 3]}, [1]),
        (faults.above_zero("rate"), {"rate": [0.0, 0.1, None]}, [0]),
        (faults.within_scale, {"rating": [5.0, 6.0, 6.0, None], "scale": [5.0, 5.0, None, 5.0]}, [1]),
        (faults.says_something, {"rating": [None, 0.0, None], "text": [None, None, "x"]}, [0]),
        (faults.not_itself("id", "parent"), {"id": ["a", "b", None], "parent": ["a", "a", None]}, [0]),
        (faults.needs("late", "main"), {"late": [1, 1, None], "main": [0, None, None]}, [1]),
        (faults.json_object("context"), {"context": ["{}", "[]", "{", None, "[" * 100_000]}, [1, 2, 4]),
    ],
)  # fmt: skip
def test_wrong_rows_are_found(check, cells, wrong):
    assert [place for place, _, _ in check(cells, len(next(iter(cells.values()))))] == wrong


def test_rows_are_numbered_as_their_file_has_them():
    columns = {"rate": pa.array([1.0, 0.0]), "begin": pa.array([2, 1]), "end": pa.array([1, 1])}
    found = faults.found((faults.above_zero("rate"), faults.in_order("begin", "end")), columns, 7)
    assert [(fault.row, fault.name, fault.what) for fault in found] == [
        (8, "rate", "is 0; it has to be above 0"), (7, "end", "lies before begin"),
    ]  # fmt: skip
