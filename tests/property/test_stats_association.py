"""What must hold of association statistics for any counts that can be true."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.stats import association, chance

untimed = settings(deadline=None)  # the first call imports and compiles


@st.composite
def tables(draw):
    cells = [draw(st.integers(0, 10**6)) for _ in range(4)]
    cells[3] += not any(cells)
    both, only_a, only_b, neither = cells
    return both, both + only_a, both + only_b, both + only_a + only_b + neither


SYMMETRIC = [
    association.support,
    association.lift,
    association.leverage,
    association.npmi,
    association.phi,
    association.llr,
    association.signed_llr,
]


@pytest.mark.parametrize("function", SYMMETRIC)
@untimed
@given(table=tables())
def test_the_two_products_can_be_exchanged(function, table):
    both, a, b, n = table
    scale = n if function in (association.llr, association.signed_llr) else 1
    assert function(both, a, b, n) == pytest.approx(function(both, b, a, n), abs=1e-9 * scale, nan_ok=True)


@untimed
@given(table=tables())
def test_fishers_test_can_be_exchanged_too(table):
    both, a, b, n = table
    assert association.fisher_upper_tail(both, a, b, n) == pytest.approx(
        association.fisher_upper_tail(both, b, a, n), rel=1e-6, abs=1e-300
    )


@untimed
@given(table=tables())
def test_statistics_stay_in_their_range(table):
    assert 0 <= association.support(*table) <= 1
    assert -0.25 <= association.leverage(*table) <= 0.25
    assert association.llr(*table) >= 0
    assert -1 - 1e-9 <= association.phi(*table) <= 1 + 1e-9
    score = association.npmi(*table)
    assert np.isnan(score) or -1 - 1e-9 <= score <= 1 + 1e-9


@untimed
@given(table=tables())
def test_all_agree_on_the_sign_of_a_relation(table):
    both, a, b, n = table
    if a == 0 or b == 0 or both == n:
        return
    sign = np.sign(both * n - a * b)
    assert np.sign(round(float(association.lift(*table)) - 1, 15)) in (sign, 0)
    assert np.sign(association.signed_llr(*table)) in (sign, 0)
    assert np.sign(association.phi(*table)) in (sign, 0)


@untimed
@given(n_both=st.integers(0, 10**5), expected=st.floats(1e-3, 1e5), level=st.floats(0.5, 0.999))
def test_the_lift_interval_holds_the_observed_lift(n_both, expected, level):
    low, high = chance.lift_interval(n_both, expected, level)
    assert low <= n_both / expected <= high


@untimed
@given(expected=st.floats(1e-3, 1e4), n_both=st.integers(0, 10**4))
def test_more_meetings_are_never_less_surprising(expected, n_both):
    tails = chance.poisson_tail([n_both, n_both + 1], expected)
    assert 0 <= tails[1] <= tails[0] <= 1
