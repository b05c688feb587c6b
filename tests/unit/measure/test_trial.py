"""Trials: judged as planned, refused where the draw is broken or too small."""

import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.outcomes import BEFORE, OUTCOMES
from crosslift.measure.trial import Judgement, Plan, Verdict, analyze

HALVES = {"control": 0.5, "new": 0.5}


def table(n=400, gain=0.0, seed=1, arms=("control", "new"), before=0.0):
    """Spend of units; `before` is the correlation with what was known."""
    chance = np.random.default_rng(seed)
    arm = np.repeat(arms, n)
    known = chance.gamma(4.0, 2.5, arm.size)
    noise = chance.gamma(4.0, 2.5, arm.size)
    spend = before * known + (1 - before) * noise + np.where(arm == arms[0], 0.0, gain)
    columns = dict.fromkeys((*OUTCOMES, *BEFORE.values()), np.zeros(arm.size))
    return pa.table(
        {"unit": [f"u{i}" for i in range(arm.size)], "arm": arm, **columns, "revenue": spend, "revenue_before": known}
    )


def judge(data, counts=None, judgement=Judgement.FIXED, shares=HALVES, **plan):
    counts = counts or {
        str(arm): int(n) for arm, n in zip(*np.unique(data["arm"].to_numpy(False), return_counts=True), strict=True)
    }
    return analyze(data, Plan("control", shares, judgement, outcomes=("revenue",), **plan), counts)


def test_an_effect_is_found_with_its_interval():
    [found] = judge(table(gain=3.0)).compared
    assert found.verdict is Verdict.BETTER
    assert found.absolute.low < 3.0 < found.absolute.high
    assert found.relative.value == pytest.approx(found.absolute.value / found.mean_control, rel=0.01)
    assert found.belief.p_better > 0.99
    assert not found.is_approximate


def test_no_effect_is_not_proven_and_a_loss_is_worse():
    assert judge(table()).compared[0].verdict is Verdict.NOT_PROVEN
    assert judge(table(gain=-3.0)).compared[0].verdict is Verdict.WORSE


def test_any_time_is_wider():
    once, always = (
        judge(table(gain=3.0), judgement=one).compared[0].absolute for one in (Judgement.FIXED, Judgement.ANYTIME)
    )
    assert always.low < once.low
    assert always.high > once.high


def test_what_was_known_takes_off_what_it_explains():
    [found] = judge(table(gain=1.0, before=0.8)).compared
    share = 0.8**2 / (0.8**2 + 0.2**2)
    assert found.variance_saved == pytest.approx(share, abs=0.05)
    [weak] = judge(table(gain=1.0)).compared
    assert weak.variance_saved < 0.02


def test_a_broken_draw_is_refused_whole():
    found = judge(table(), counts={"control": 5000, "new": 5600})
    assert isinstance(found.compared, NotEstimable)
    assert "not as large as planned" in found.compared.why
    assert found.ratio.p_value < 0.001


def test_small_arms_and_missing_controls_are_refused():
    assert "fewer than 30" in judge(table(n=20)).compared.why
    assert "nobody is in the control" in judge(table(arms=("old", "new")), shares={}).compared.why


def test_several_arms_pay_for_each_other():
    data = table(gain=1.0, arms=("control", "a", "b"))
    found = judge(data, shares={"control": 1, "a": 1, "b": 1}).compared
    assert [one.arm for one in found] == ["a", "b"]
    assert sorted(one.p_adjusted for one in found)[0] == pytest.approx(2 * min(one.absolute.p_value for one in found))


def test_few_large_values_are_said_to_be_approximate():
    data = table(n=200)
    spend = np.zeros(data.num_rows)
    spend[::50] = 500.0
    [found] = judge(data.set_column(data.column_names.index("revenue"), "revenue", pa.array(spend))).compared
    assert found.is_approximate
    assert found.verdict is not Verdict.BETTER


def test_a_control_that_spent_nothing_has_no_relative_effect():
    data = table(gain=2.0)
    spend = np.where(data["arm"].to_numpy(False) == "control", 0.0, 1.0)
    [found] = judge(data.set_column(data.column_names.index("revenue"), "revenue", pa.array(spend))).compared
    assert isinstance(found.relative, NotEstimable)
    assert found.absolute.value == 1.0
