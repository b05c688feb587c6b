import numpy as np
import pytest

from crosslift.stats.lag_background import lag_background
from crosslift.stats.sequences import DAY, Visits, lag_edges

A, B, OTHER = 0, 1, 2


def visits(*people, days=100, newest=30):
    """Put orders together: each person a list of (day, products)."""
    orders = [(who, day, items) for who, person in enumerate(people) for day, items in person]
    return Visits.of(
        np.array([item for *_, items in orders for item in items]),
        np.concatenate([[0], np.cumsum([len(items) for *_, items in orders])]),
        np.array([who for who, *_ in orders]), np.array([int(day * DAY) for _, day, _ in orders]),
        4, max_days=days, max_orders=newest,
    )  # fmt: skip


def background(made, cells=None, first=(A,), second=(B,)):
    numbers = np.zeros(made.customers.size, np.int64) if cells is None else np.asarray(cells)[made.places]
    return lag_background(made, numbers, np.array(first, np.int32), np.array(second, np.int32))


OTHERS = [[(5, [B])], [(6, [OTHER])], [(7, [OTHER])], [(8, [OTHER])]]
"""A quarter of the lines of others are B."""


def test_each_later_order_holds_it_as_often_as_orders_of_others():
    told = background(visits([(0, [A]), (10, [OTHER]), (20, [OTHER, 3])], *OTHERS))
    filled = np.flatnonzero(told.expected[0])
    edges = lag_edges(100)
    assert [(edges[k] < day <= edges[k + 1]) for k, day in zip(filled, (10, 20), strict=True)] == [True, True]
    assert told.expected[0, filled] == pytest.approx([0.25, 1 - 0.75**2])


def test_lines_of_the_first_itself_could_not_have_been_the_second():
    told = background(visits([(0, [A]), (10, [A, OTHER]), (20, [A])], *OTHERS))
    assert told.expected.sum() == pytest.approx(0.25)


def test_who_has_come_waits_no_more():
    came = background(visits([(0, [A]), (10, [B]), (20, [OTHER])], *OTHERS))
    assert came.expected.sum() == pytest.approx(0.25)


def test_what_is_bought_after_it_or_with_it_is_no_background_of_itself():
    buyers = [[(0, [A, B]), (10, [B]), (20, [B])]] * 5
    told = background(visits(*buyers, *OTHERS))
    assert told.expected.sum() == pytest.approx(5 * 0.25)


def test_what_its_buyers_bought_before_it_is():
    told = background(visits([(0, [B]), (10, [A]), (20, [OTHER])], *OTHERS))
    assert told.expected.sum() == pytest.approx(2 / 5)


def test_orders_are_compared_within_their_cell():
    made = visits([(0, [A]), (10, [OTHER])], [(5, [B])], [(6, [B])], [(7, [OTHER])], [(8, [OTHER])])
    assert background(made, [0, 0, 1, 1, 0, 0]).expected.sum() == 0
    assert background(made, [1, 1, 1, 0, 1, 0]).expected.sum() == pytest.approx(0.5)


def test_a_cell_without_others_is_compared_with_itself():
    made = visits([(0, [A]), (10, [B])], [(0, [A]), (10, [OTHER])], *OTHERS)
    assert background(made, [0, 0, 0, 0, 1, 1, 1, 1]).expected.sum() == pytest.approx(2 * 1 / 4)


def test_orders_beyond_the_window_or_of_the_same_moment_are_not_waited_for():
    assert background(visits([(0, [A]), (0, [OTHER]), (101, [OTHER])], *OTHERS)).expected.sum() == 0


def test_the_fewer_others_bought_it_the_less_is_known():
    few = background(visits([(0, [A]), (10, [OTHER])], *OTHERS))
    many = background(visits([(0, [A]), (10, [OTHER])], *OTHERS * 9))
    assert (few.error[0], many.error[0]) == (pytest.approx(1), pytest.approx(1 / 3))
    assert few.expected.sum() == pytest.approx(many.expected.sum())


def test_pairs_are_told_one_by_one():
    made = visits([(0, [A]), (10, [OTHER]), (30, [B])], [(0, [B]), (9, [A])], *OTHERS)
    both = background(made, first=(A, B, A), second=(B, A, OTHER))
    for place, (one, other) in enumerate([(A, B), (B, A), (A, OTHER)]):
        assert both.expected[place].tolist() == background(made, first=(one,), second=(other,)).expected[0].tolist()


def test_expected_and_seen_agree_where_nothing_leads_anywhere():
    random = np.random.default_rng(4)
    people = [[(day, [int(random.choice(4, p=[0.2, 0.1, 0.4, 0.3]))]) for day in sorted(random.uniform(0, 300, 6))]
              for _ in range(900)]  # fmt: skip
    made = visits(*people)
    seen = made.lags(np.array([A]), np.array([B]), 300 * DAY).events.sum()
    expected = background(made).expected.sum()
    assert expected > 80
    assert abs(seen - expected) <= 3 * np.sqrt(expected)


def test_nothing_asked_is_nothing_told():
    made = visits([(0, [A])])
    assert background(made, first=(), second=()).expected.shape == (0, lag_edges(100).size - 1)
