import numpy as np
import pyarrow as pa
import pytest

from crosslift.errors import BadInput
from crosslift.learn.customers.columns import values_of


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, 3]), [1.0, np.nan, 3.0]),
        (pa.array([True, None, False]), [1.0, np.nan, 0.0]),
        (pa.array([1.5, None]), [1.5, np.nan]),
        (pa.array([1, None], pa.decimal128(5, 2)), [1.0, np.nan]),
    ],
)
def test_numbers_and_truths(column, expected):
    assert np.array_equal(values_of("a", pa.chunked_array([column])), expected, equal_nan=True)


@pytest.mark.parametrize(
    "column",
    [pa.array(["web", None]), pa.array(["web", None]).dictionary_encode(), pa.array(["web", None], pa.large_string())],
)
def test_words(column):
    assert values_of("a", pa.chunked_array([column])).tolist() == ["web", ""]


def test_a_column_of_nothing_is_missing_words():
    assert values_of("a", pa.chunked_array([pa.nulls(2)])).tolist() == ["", ""]


def test_instants_are_refused_by_name():
    with pytest.raises(BadInput, match="column 'born_at' holds timestamp"):
        values_of("born_at", pa.chunked_array([pa.array([0], pa.timestamp("us"))]))
