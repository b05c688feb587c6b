"""What units did since they were assigned, zeros included, and before."""

import pyarrow as pa
import pytest

from crosslift.measure.outcomes import DAY, outcomes
from crosslift.store.duckdb import DuckdbFrames

UNITS = pa.table({"unit": ["b", "a", "c"], "arm": ["on", "off", "on"], "at": [10 * DAY, 10 * DAY, 20 * DAY]})

CHARGES = pa.table({"unit": ["a", "a", "b"], "at": [11 * DAY, 9 * DAY, 40 * DAY], "cost": [0.75, 9.0, 9.0]})


def sales(*rows):
    names = ("unit", "at", "order", "revenue", "margin")
    types = (pa.string(), pa.int64(), pa.int32(), pa.float64(), pa.float64())
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def visits(*rows):
    unit, at = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"unit": pa.array(unit, pa.string()), "at": pa.array(at, pa.int64())})


@pytest.fixture
def added():
    def add(sold, seen, until=30 * DAY, before_days=5.0):
        return outcomes(UNITS, sold, seen, CHARGES, DuckdbFrames.lazies, until, before_days).to_pylist()

    return add


def test_only_what_came_after_counts_and_nobody_is_left_out(added):
    sold = sales(
        ("a", 9 * DAY, 1, 7.0, 2.0), ("a", 10 * DAY, 2, 5.0, 1.0), ("a", 12 * DAY, 3, 5.0, 1.0), ("a", 12 * DAY, 3, 1.0, 0.5),
        ("b", 30 * DAY, 4, 99.0, 9.0), ("b", 4 * DAY, 5, 50.0, 9.0), ("x", 12 * DAY, 6, 3.0, 1.0),
    )  # fmt: skip
    a, b, c = added(sold, visits(("c", 21 * DAY), ("c", 22 * DAY), ("b", 6 * DAY)))
    assert a == {
        "unit": "a", "arm": "off", "visited": 0.0, "bought": 1.0, "orders": 2.0, "revenue": 11.0, "margin": 2.5, "profit": 1.75,
        "orders_before": 1.0, "revenue_before": 7.0, "visited_before": 0.0,
    }  # fmt: skip
    assert (b["unit"], b["orders"], b["revenue"], b["revenue_before"], b["visited_before"]) == ("b", 0, 0, 0, 1)
    assert (c["visited"], c["bought"]) == (1.0, 0.0)


def test_nothing_happened(added):
    assert [row["revenue"] for row in added(sales(), visits())] == [0.0, 0.0, 0.0]
