"""A 95 % interval of a lag holds the true quantile about 95 times in 100, whatever the lags and however many wait.

Discrete order statistics make it a little more than 95 where little is known; below .93 would be a false promise.
"""

import numpy as np
import pytest
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from crosslift.stats.sequences import lag_edges
from crosslift.stats.survival import conditional_quantiles, quantiles_from_bins

TRIALS, HORIZON = 600, 365.0
LOWEST, HIGHEST = 0.93, 0.985


def gamma_lags(random, n, mean, spread):
    return random.gamma(spread**-2, mean * spread**2, n)


def gamma_median(mean, spread):
    """The median of those that come within the horizon."""
    shape, scale = spread**-2, mean * spread**2
    return gammaincinv(shape, gammainc(shape, HORIZON / scale) / 2) * scale


def lognormal_median(median, spread):
    return median * np.exp(spread * ndtri(ndtr(np.log(HORIZON / median) / spread) / 2))


def watched(random, lag, cured):
    """Censor at a uniform day of the last 540; some never come."""
    lag = np.where(random.random(lag.size) < cured, np.inf, lag)
    until = random.uniform(0, 540, lag.size)
    return np.minimum(np.minimum(lag, until), HORIZON), lag <= np.minimum(until, HORIZON)


CASES = {
    "a rhythm": (lambda random, n: gamma_lags(random, n, 60, 1 / 6), gamma_median(60, 1 / 6), 60, 0.0),
    "many never come": (
        lambda random, n: random.lognormal(np.log(150), 0.35, n),
        lognormal_median(150, 0.35),
        200,
        0.6,
    ),
    "the window cuts": (lambda random, n: random.lognormal(np.log(250), 0.8, n), lognormal_median(250, 0.8), 150, 0.3),
    "at random times": (lambda random, n: random.exponential(90, n), gamma_median(90, 1.0), 40, 0.5),
}


@pytest.mark.parametrize("case", CASES)
def test_the_conditional_median_lies_in_its_interval(case):
    draw, truth, n, cured = CASES[case]
    random = np.random.default_rng(1)
    edges, held, events, censored = lag_edges(HORIZON), [], [], []
    for _ in range(TRIALS):
        lags, came = watched(random, draw(random, n), cured)
        found = conditional_quantiles(lags, came, HORIZON, shares=(0.5,))
        held.append(found.low[0] <= truth <= found.high[0])
        events.append(np.histogram(lags[came], edges)[0])
        waiting = np.histogram(lags[~came & (lags < HORIZON)], edges)[0]
        censored.append(np.append(waiting, (lags[~came] >= HORIZON).sum()))
    binned = quantiles_from_bins(events, censored, edges, shares=(0.5,))
    assert LOWEST <= np.mean(held) <= HIGHEST
    assert LOWEST <= np.mean((binned.low <= truth) & (truth <= binned.high)) <= HIGHEST


def test_leaving_out_who_waits_would_hold_the_truth_far_less_often():
    draw, truth, n, cured = CASES["the window cuts"]
    random, held = np.random.default_rng(2), []
    for _ in range(TRIALS):
        lags, came = watched(random, draw(random, n), cured)
        naive = conditional_quantiles(lags[came], np.ones(came.sum(), bool), HORIZON, shares=(0.5,))
        held.append(naive.low[0] <= truth <= naive.high[0])
    assert np.mean(held) < 0.85


def renewals(random, n_people, mean, spread, between):
    """Gaps of people who start at random and are watched to day 540: (gaps, finished, person), the last one open."""
    level = random.lognormal(0, between, n_people) if between else np.ones(n_people)
    gaps = gamma_lags(random, (n_people, 60), mean, spread) * level[:, None]
    begin = np.cumsum(gaps, axis=1) - gaps
    left = random.uniform(60, 540, n_people)[:, None] - begin
    person, number = np.nonzero(left > 0)
    seen = gaps[person, number] <= left[person, number]
    return np.minimum(gaps, left)[person, number], seen, person


def test_the_median_of_recurrent_gaps_lies_in_its_interval():
    random, held = np.random.default_rng(3), []
    truth = gamma_median(60, 1 / 3)
    for _ in range(TRIALS):
        gaps, seen, person = renewals(random, 40, 60, 1 / 3, 0)
        found = conditional_quantiles(gaps, seen, HORIZON, shares=(0.5,), clusters=person)
        held.append(found.low[0] <= truth <= found.high[0])
    assert LOWEST <= np.mean(held) <= HIGHEST


def test_people_of_different_rhythm_widen_the_interval_as_they_should():
    """The median over gaps is what many shops of this kind settle on; single gaps of 40 people are far less than 40 · 6."""
    random = np.random.default_rng(4)
    gaps, seen, person = renewals(random, 100_000, 60, 1 / 6, 0.25)
    truth = conditional_quantiles(gaps, seen, HORIZON, shares=(0.5,)).values[0]
    by_person, by_gap = [], []
    for _ in range(TRIALS):
        gaps, seen, person = renewals(random, 40, 60, 1 / 6, 0.25)
        for held, clusters in ((by_person, person), (by_gap, None)):
            found = conditional_quantiles(gaps, seen, HORIZON, shares=(0.5,), clusters=clusters)
            held.append(found.low[0] <= truth <= found.high[0])
    assert LOWEST - 0.01 <= np.mean(by_person) <= HIGHEST
    assert np.mean(by_gap) < 0.88
