import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.errors import BadInput
from crosslift.stats.excess import excess_quantiles
from crosslift.stats.survival import quantiles_from_bins

EDGES = np.arange(0.0, 101.0, 10.0)


def watched(n, *groups):
    """Give censored counts of people who are all watched to the end, but for those whose lag ended."""
    return [[0] * 10 + [n - sum(events)] for events in groups]


def test_without_a_background_it_is_the_lag_of_all_who_come():
    events = [[1, 4, 9, 14, 9, 4, 2, 1, 1, 0]]
    told = excess_quantiles(events, watched(400, *events), np.zeros((1, 10)), EDGES)
    all_who_come = quantiles_from_bins(events, watched(400, *events), EDGES)
    assert told.values[0] == pytest.approx(all_who_come.values[0])
    assert told.n_excess[0] == 45
    assert told.low[0, 1] == pytest.approx(all_who_come.low[0, 1], abs=4)
    assert told.high[0, 1] == pytest.approx(all_who_come.high[0, 1], abs=4)


def test_what_comes_evenly_is_taken_off():
    path = np.array([0, 0, 10, 20, 10, 0, 0, 0, 0, 0])
    events = [(path + 8).tolist()]
    told = excess_quantiles(events, watched(5_000, *events), np.full((1, 10), 8.0), EDGES)
    assert told.n_excess[0] == pytest.approx(40)
    assert told.values[0] == pytest.approx([30, 35, 40], abs=0.5)
    mixed = quantiles_from_bins(events, watched(5_000, *events), EDGES)
    assert mixed.values[0, 2] > 60


def test_shares_that_wait_multiply_also_where_most_come():
    """Half come anyway in each bin, all others for a reason by the middle: the reason is seen behind those who left."""
    background, reason = np.full(10, 0.5), np.array([0, 0, 0.5, 1, *[0] * 6])
    waiting, events, anyway = 1e6, [], []
    for one, other in zip(background, reason, strict=True):
        leave = waiting * (1 - (1 - one) * (1 - other))
        events.append(leave)
        anyway.append(waiting * one)
        waiting -= leave
    told = excess_quantiles([events], [[0] * 11], [anyway], EDGES)
    assert told.values[0, 1] == pytest.approx(30, abs=0.1)  # half of them in the third bin, the rest in the fourth


def test_censoring_is_that_of_the_lags():
    """Who is last seen in the fourth bin takes nothing off the share that came before."""
    events, few = [[20, 20, 20, 0, 0, 20, 0, 0, 0, 0]], [[0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 60]]
    told = excess_quantiles(events, few, np.zeros((1, 10)), EDGES)
    assert told.values[0, 1] > excess_quantiles(events, watched(200, *events), np.zeros((1, 10)), EDGES).values[0, 1]


def test_no_excess_has_no_lag():
    events = [[1] * 10, [0] * 10]
    told = excess_quantiles(events, watched(900, *events), np.full((2, 10), 2.0), EDGES)
    assert told.n_excess.tolist() == [-10, -20]
    assert np.isnan(told.values).all()
    assert np.isnan(told.low).all()


def test_an_excess_that_is_hardly_sure_has_no_bounds():
    events = [[2, 1, 1, 2, 1, 1, 2, 1, 1, 1]]
    told = excess_quantiles(events, watched(900, *events), np.full((1, 10), 1.2), EDGES)
    assert (told.low[0, 1], told.high[0, 1]) == (0, 100)
    assert 0 <= told.values[0, 1] <= 100


def test_an_unsure_background_widens_the_bounds():
    path = np.array([0, 0, 10, 20, 10, 0, 0, 0, 0, 0])
    events, anyway = [(path + 8).tolist()], np.full((1, 10), 8.0)
    sure = excess_quantiles(events, watched(5_000, *events), anyway, EDGES)
    unsure = excess_quantiles(events, watched(5_000, *events), anyway, EDGES, [0.3])
    assert unsure.values[0, 2] == sure.values[0, 2]
    assert unsure.high[0, 2] - unsure.low[0, 2] > sure.high[0, 2] - sure.low[0, 2]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.floats(0, 20)), min_size=10, max_size=10),
    st.integers(0, 500),
    st.floats(0, 1),
)
def test_quantiles_stand_in_order_within_their_bounds(bins, n_left, error):
    events, lost, anyway = ([column] for column in zip(*bins, strict=True))
    told = excess_quantiles(events, [[*lost[0], n_left]], anyway, EDGES, error)
    if not np.isnan(told.values).any():
        assert (np.diff(told.values[0]) >= 0).all()
        assert (told.low <= told.values).all()
        assert (told.values <= told.high).all()
        assert told.low.min() >= 0
        assert told.high.max() <= 100


def test_groups_do_not_touch_each_other():
    events = [[1, 4, 9, 14, 9, 4, 2, 1, 1, 0], [0, 9, 1, 0, 0, 0, 0, 0, 3, 0]]
    both = excess_quantiles(events, watched(300, *events), np.full((2, 10), 0.4), EDGES, [0.0, 0.1])
    alone = excess_quantiles(events[1:], watched(300, events[1]), np.full((1, 10), 0.4), EDGES, 0.1)
    assert both.values[1].tolist() == alone.values[0].tolist()
    assert both.low[1].tolist() == alone.low[0].tolist()


def test_no_groups_give_no_quantiles():
    nothing = np.zeros((0, 10))
    assert excess_quantiles(nothing, np.zeros((0, 11)), nothing, EDGES, np.zeros(0)).values.shape == (0, 3)


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadInput, match=r"give \(groups, bins\)"):
        excess_quantiles([[1, 2]], [[0, 0]], [[0, 0]], [0, 1, 2])
    with pytest.raises(BadInput, match="less than never"):
        excess_quantiles([[1, 2]], [[0, 0, 5]], [[0, -1.0]], [0, 1, 2])
