import numpy as np
import pytest

from crosslift.domain.profile import ClvBasis
from crosslift.learn.customers.rfm import NAMES, SEGMENTS, Cuts, Rfm

ONE_TO_TEN = np.arange(1.0, 11)


@pytest.fixture
def cuts():
    return Cuts.of(ONE_TO_TEN, ONE_TO_TEN, ONE_TO_TEN, ClvBasis.MARGIN)


def test_ten_different_buyers_make_five_classes_of_two(cuts):
    found = Rfm.of(cuts, ONE_TO_TEN, ONE_TO_TEN, ONE_TO_TEN)
    assert found.frequency.tolist() == found.monetary.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found.recency.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_people_with_the_same_figure_are_in_the_same_class():
    orders = np.array([1.0] * 8 + [2, 9])
    cuts = Cuts.of(ONE_TO_TEN, orders, ONE_TO_TEN, ClvBasis.REVENUE)
    assert Rfm.of(cuts, ONE_TO_TEN, orders, ONE_TO_TEN).frequency.tolist() == [1] * 8 + [5, 5]


def test_the_segment_is_read_off_the_grid(cuts):
    def segment(recency, frequency, money):
        found = Rfm.of(cuts, *(np.array([value], float) for value in (recency, frequency, money)))
        return NAMES[found.segment[0]]

    assert segment(1, 10, 10) == "champions"
    assert segment(10, 1, 1) == "lost"
    assert segment(10, 10, 10) == "cannot_lose"
    assert segment(1, 1, 1) == "new"
    assert segment(6, 10, 1) == SEGMENTS[2][2] == "needs_attention"


def test_an_unknown_figure_has_no_class_and_makes_no_segment(cuts):
    found = Rfm.of(cuts, np.array([np.nan]), np.array([3.0]), np.array([np.nan]))
    assert (found.recency[0], found.frequency[0], found.monetary[0]) == (0, 2, 0)
    assert found.segment.tolist() == [-1]


def test_hardly_any_buyers_make_no_classes():
    four = ONE_TO_TEN[:4]
    assert Cuts.of(four, four, four, ClvBasis.MARGIN) is None


def test_where_no_money_is_known_only_money_has_no_class():
    cuts = Cuts.of(ONE_TO_TEN, ONE_TO_TEN, np.full(10, np.nan), ClvBasis.REVENUE)
    found = Rfm.of(cuts, ONE_TO_TEN, ONE_TO_TEN, ONE_TO_TEN)
    assert found.monetary.tolist() == [0] * 10
    assert found.frequency.min() == 1
