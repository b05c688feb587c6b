"""Kaplan-Meier against the table every textbook prints.

Weeks of remission of 42 children with acute leukemia, 6-mercaptopurine against placebo: Freireich et al. (1963), Blood 21,
699-716. Product-limit estimates and Greenwood's standard errors as in Cox & Oakes (1984), Analysis of Survival Data, and
as the usual statistics packages print them; medians with log-log intervals likewise.
"""

import numpy as np
import pytest

from crosslift.stats.survival import conditional_quantiles, kaplan_meier, quantile

DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_remission_under_the_drug_is_the_printed_table():
    curve = kaplan_meier(DRUG, RELAPSED)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.n_at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.survival == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    printed = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert np.sqrt(curve.variance) == pytest.approx(printed, abs=5e-5)


def test_remission_under_placebo_where_nobody_is_censored_is_the_share_left():
    curve = kaplan_meier(PLACEBO, np.ones(21, bool))
    assert curve.survival == pytest.approx(np.array([19, 17, 16, 14, 12, 8, 6, 4, 3, 2, 1, 0]) / 21)
    assert curve.variance == pytest.approx(curve.survival * (1 - curve.survival) / 21)


def test_medians_with_their_intervals():
    """23 weeks, from 13, without an upper end; 8 weeks, from 4 to 11."""
    assert quantile(kaplan_meier(DRUG, RELAPSED), 0.5)[:2] == (23, 13)
    assert np.isnan(quantile(kaplan_meier(DRUG, RELAPSED), 0.5)[2])
    assert quantile(kaplan_meier(PLACEBO, np.ones(21, bool)), 0.5) == (8, 4, 11)


def test_uncensored_median_has_the_sign_test_interval():
    """Of 21 values the 6th and the 16th bound the median at 95 %: P(6 ≤ Bin(21, 1/2) ≤ 15) = .973."""
    found = conditional_quantiles(PLACEBO, np.ones(21, bool), 400, shares=(0.5,))
    assert (found.values[0], found.low[0], found.high[0]) == (8, sorted(PLACEBO)[5], sorted(PLACEBO)[15])
    assert found.n_effective[0] == pytest.approx(21)
