"""Returns of campaigns: ratio, net and days, each with its interval; what never pays says so."""

import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput
from crosslift.measure.payback import returned


def test_thirteen_to_one():
    """The published case: 13 earned for each 1 spent (EXAMPLES, e-mail to existing customers)."""
    found = returned(250.0, (3250.0, 1500.0, 5000.0), 65)
    assert found.ratio == (13.0, 6.0, 20.0)
    assert found.net == (12.0, 5.0, 19.0)
    assert found.days.value == pytest.approx(5)
    assert found.days.low == pytest.approx(65 / 20)
    assert found.days.high == pytest.approx(65 / 6)


def test_what_may_have_earned_nothing_may_never_pay():
    found = returned(100.0, (50.0, -20.0, 120.0), 10)
    assert found.ratio == (0.5, -0.2, 1.2)
    assert found.days == (20.0, pytest.approx(10 / 1.2), None)
    assert returned(100.0, (-50.0, -80.0, -20.0), 10).days == (None, None, None)


def test_nothing_spent_is_no_return():
    assert isinstance(returned(0.0, (10.0, 5.0, 15.0), 10), NotEstimable)


@pytest.mark.parametrize(("spent", "days"), [(-1.0, 10), (10.0, 0)])
def test_odd_costs_and_no_time_are_refused(spent, days):
    with pytest.raises(BadInput):
        returned(spent, (1.0, 0.0, 2.0), days)
