"""Arms: the stored one first, shares as stated, trials of a group apart, merges told."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.decide.assignment import assign, draw
from crosslift.domain.experiment import HELD, Assigned, Experiment, TrialKind, UnitKind
from crosslift.errors import BadInput

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = b"secret"
HOLDOUT = Experiment(
    "standing", 1, TrialKind.HOLDOUT, {HELD: 0.1, "treated": 0.9}, "mina", "what offers earn", NOW - timedelta(days=9)
)


def customer(name):
    return {UnitKind.CUSTOMER: f"customer:{name}"}


def test_shares_are_kept_and_a_unit_always_falls_on_the_same_arm():
    arms = [assign([HOLDOUT], customer(i), (), NOW, "cart", KEY).of["standing"] for i in range(20_000)]
    held = Counter(arms)[HELD]
    assert abs(held - 2000) < 4 * (20_000 * 0.1 * 0.9) ** 0.5
    assert arms[:50] == [draw(HOLDOUT, f"customer:{i}", KEY) for i in range(50)]
    assert arms[:200] != [draw(HOLDOUT, f"customer:{i}", b"another") for i in range(200)]


def test_what_was_stored_is_never_drawn_again():
    unit = customer("a")
    other = "treated" if draw(HOLDOUT, "customer:a", KEY) == HELD else HELD
    stored = [Assigned("standing", UnitKind.CUSTOMER, "customer:a", other, 5)]
    found = assign([HOLDOUT], unit, stored, NOW, "cart", KEY)
    assert (found.of, found.fresh) == ({"standing": other}, ())


def test_a_merged_person_keeps_the_earliest_arm_and_the_conflict_is_told():
    stored = [
        Assigned("standing", UnitKind.CUSTOMER, "customer:a", "treated", 9),
        Assigned("standing", UnitKind.ANONYMOUS, "anonymous:b", HELD, 5),
    ]
    found = assign([HOLDOUT], customer("a"), stored, NOW, "cart", KEY)
    assert (found.of["standing"], found.crossovers) == (HELD, ("standing",))


def test_without_a_stable_id_there_is_no_trial():
    assert assign([HOLDOUT], {UnitKind.SESSION: "s1"}, (), NOW, "cart", KEY).label is None


def test_a_browser_stands_in_until_the_customer_is_known():
    found = assign([HOLDOUT], {UnitKind.ANONYMOUS: "anonymous:b"}, (), NOW, "cart", KEY)
    assert found.fresh[0].unit_kind is UnitKind.ANONYMOUS


def test_accounts_are_assigned_as_one():
    trial = replace(HOLDOUT, unit=UnitKind.ACCOUNT)
    arms = {
        assign([trial], {**customer(i), UnitKind.ACCOUNT: "account:acme"}, (), NOW, "cart", KEY).of["standing"]
        for i in range(50)
    }
    assert len(arms) == 1
    assert assign([trial], customer(1), (), NOW, "cart", KEY).of == {}


@given(st.integers(0, 10_000))
def test_trials_of_a_group_never_meet_in_one_unit(number):
    trials = [
        replace(HOLDOUT, experiment_id=f"t{i}", kind=TrialKind.VARIANT, arms={"a": 0.5, "b": 0.5}, group="texts")
        for i in range(3)
    ]
    found = assign(trials, customer(number), (), NOW, "cart", KEY)
    assert len(found.of) == 1
    later = [*trials, replace(trials[0], experiment_id="t9")]
    assert assign(later, customer(number), found.fresh, NOW, "cart", KEY).of == found.of


def test_a_trial_runs_in_its_time_and_place_only():
    over = replace(HOLDOUT, ends_at=NOW)
    elsewhere = replace(HOLDOUT, placements=("email",))
    for trial in (over, elsewhere, replace(HOLDOUT, is_active=False), replace(HOLDOUT, starts_at=NOW + timedelta(1))):
        assert assign([trial], customer("a"), (), NOW, "cart", KEY).of == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arms": {HELD: 0.1, "treated": 0.8}}, "sum to 1"),
        ({"arms": {"a": 0.5, "b": 0.5}}, "'held' and 'treated'"),
        ({"arms": {"a": 1.0}}, "fewer than two arms"),
        ({"author": " "}, "author is missing"),
        ({"kind": TrialKind.POLICY}, "one policy for each arm"),
        ({"ends_at": NOW - timedelta(days=30)}, "ends before it starts"),
        ({"experiment_id": "Standing Holdout"}, "small letters"),
    ],
)
def test_what_cannot_be_analyzed_is_refused(changed, said):
    with pytest.raises(BadInput, match=said):
        replace(HOLDOUT, **changed)
