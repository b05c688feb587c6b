import numpy as np
import pytest

from crosslift.errors import CountsDisagree
from crosslift.stats import association

ALL = [
    association.support,
    association.confidence,
    association.lift,
    association.leverage,
    association.conviction,
    association.npmi,
    association.phi,
    association.llr,
    association.signed_llr,
    association.fisher_upper_tail,
]
# always together, never together, everything everywhere, one product in every basket, nothing sold of one
EDGES = np.array([[5, 5, 5, 10], [0, 5, 5, 10], [10, 10, 10, 10], [5, 5, 10, 10], [0, 0, 5, 10]]).T


@pytest.mark.parametrize("function", ALL)
def test_numbers_and_arrays_give_the_same(function):
    many = function(np.array([30, 10]), np.array([40, 40]), np.array([50, 20]), 100)
    assert many.shape == (2,)
    assert many[0] == function(30, 40, 50, 100)
    assert np.ndim(function(30, 40, 50, 100)) == 0


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (association.support, [0.5, 0, 1, 0.5, 0]),
        (association.confidence, [1, 0, 1, 1, np.nan]),
        (association.lift, [2, 0, 1, 1, np.nan]),
        (association.leverage, [0.25, -0.25, 0, 0, 0]),
        (association.conviction, [np.inf, 0.5, 1, 1, np.nan]),
        (association.npmi, [1, -1, np.nan, 0, np.nan]),
        (association.phi, [1, -1, 0, 0, 0]),
        (association.llr, [20 * np.log(2), 20 * np.log(2), 0, 0, 0]),
        (association.signed_llr, [20 * np.log(2), -20 * np.log(2), 0, 0, 0]),
        (association.fisher_upper_tail, [1 / 252, 1, 1, 1, 1]),
    ],
)
def test_extreme_tables_give_what_the_docstring_says(function, expected):
    assert function(*EDGES) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    "counts", [(6, 5, 9, 20), (2, 30, 9, 20), (1, 15, 15, 20), (-1, 5, 5, 20), (0, 0, 0, 0), (np.nan, 5, 5, 20)]
)
def test_counts_that_cannot_all_be_true_are_refused(function, counts):
    with pytest.raises(CountsDisagree):
        function(*np.nan_to_num(counts, nan=99))


def test_the_message_names_the_first_wrong_pair():
    with pytest.raises(CountsDisagree, match=r"6 baskets with both, 5 with the first, 9 with the second and 20 in all"):
        association.lift(np.array([1, 6]), 5, np.array([5, 9]), 20)


def test_large_counts_do_not_overflow():
    assert association.lift(np.int32(2_000_000), np.int32(2_000_000_000), np.int32(2_000_000), 2_000_000_000) == 1.0
