import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.survival import conditional_quantiles, kaplan_meier, quantile, quantiles_from_bins


def test_who_is_last_seen_on_the_day_of_an_event_was_still_at_risk():
    curve = kaplan_meier([5, 5, 9], [True, False, True])
    assert curve.n_at_risk.tolist() == [3, 1]
    assert curve.survival.tolist() == pytest.approx([2 / 3, 0])


def test_nothing_happened_gives_an_empty_curve_and_no_median():
    curve = kaplan_meier([3, 4], [False, False])
    assert curve.times.size == 0
    assert np.isnan(quantile(curve, 0.5)).all()


@pytest.mark.parametrize(
    ("durations", "is_event", "message"),
    [([], [], "at least one"), ([1, 2], [True], "one of each"), ([-1.0], [True], "-1.0"), ([np.nan], [True], "nan")],
)
def test_what_is_no_lag_is_refused(durations, is_event, message):
    with pytest.raises(BadInput, match=message):
        kaplan_meier(durations, is_event)


def test_those_who_never_come_do_not_move_the_conditional_median():
    lags, came = [10, 20, 30, 40, 50], [True] * 5
    alone = conditional_quantiles(lags, came, 365)
    among_many = conditional_quantiles(lags + [365] * 500, came + [False] * 500, 365)
    assert among_many.values.tolist() == alone.values.tolist() == [20, 30, 40]


def test_leaving_out_the_unfinished_lags_would_shorten_the_median():
    """100 people start day by day; all come after 60 days, the last 59 not yet. A lag of 10 says nothing of them."""
    waited = np.arange(100.0)
    lags = np.minimum(np.where(np.arange(100) % 2, 60, 20), waited)
    came = np.where(np.arange(100) % 2, 60, 20) <= waited
    naive = np.mean(lags[came] == 20)
    found = conditional_quantiles(lags, came, 100, shares=(0.5, 0.55))
    assert naive > 0.65  # those seen to come came early
    assert found.values.tolist() == [20, 60]  # half of all come early, as many late


def test_a_lag_beyond_the_horizon_has_not_come():
    found = conditional_quantiles([10, 20, 300], [True, True, True], 100, shares=(0.9,))
    assert found.values[0] == 20


def test_one_event_tells_its_time_and_no_bounds():
    found = conditional_quantiles([7, 30], [True, False], 30)
    assert found.values.tolist() == [7, 7, 7]
    assert found.low[1] == 0
    assert found.high[1] == 30


def test_no_event_is_not_estimable():
    found = conditional_quantiles([7, 30], [False, False], 30)
    assert np.isnan([*found.values, *found.low, *found.high, *found.n_effective]).all()


def test_gaps_of_one_person_tell_less_than_gaps_of_many():
    lags = np.repeat(np.arange(10.0, 50.0), 5)
    alone = conditional_quantiles(lags, np.ones(200, bool), 365)
    by_person = conditional_quantiles(lags, np.ones(200, bool), 365, clusters=np.repeat(np.arange(40), 5))
    assert alone.n_effective == pytest.approx(200)
    assert by_person.n_effective == pytest.approx(40)
    assert by_person.high[1] - by_person.low[1] > alone.high[1] - alone.low[1]


def test_bins_say_what_single_lags_say():
    random = np.random.default_rng(1)
    lag = np.where(random.random(4_000) < 0.4, np.inf, random.lognormal(4, 0.5, 4_000))
    watched = random.uniform(0, 500, 4_000)
    lags, came = np.minimum(np.minimum(lag, watched), 365), (lag <= watched) & (lag <= 365)
    edges = np.concatenate([[0], np.geomspace(0.5, 365, 96)])
    events = np.histogram(lags[came], edges)[0]
    censored = np.append(np.histogram(lags[~came & (lags < 365)], edges)[0], (lags[~came] >= 365).sum())
    single = conditional_quantiles(lags, came, 365)
    binned = quantiles_from_bins([events], [censored], edges)
    for one, other in ((single.values, binned.values), (single.low, binned.low), (single.high, binned.high)):
        assert other[0] == pytest.approx(one, rel=0.03)
    assert binned.n_effective[0] == pytest.approx(single.n_effective, rel=0.03)


def test_groups_without_an_event_are_nan_and_do_not_disturb_others():
    found = quantiles_from_bins([[0, 0], [4, 4]], [[1, 1, 5], [0, 0, 0]], [0.0, 10.0, 20.0])
    assert np.isnan(found.values[0]).all()
    assert found.values[1] == pytest.approx([5, 10, 15])


def test_histograms_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match=r"bins \+ 1"):
        quantiles_from_bins([[1, 2]], [[0, 0]], [0.0, 1.0, 2.0])
