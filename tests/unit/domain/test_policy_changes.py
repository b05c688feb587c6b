"""What differs between two policies, as a person reads it before saying yes."""

from dataclasses import replace

from crosslift.domain.policy import GENTLE, Policy
from crosslift.domain.policy_changes import changes
from crosslift.domain.pressure import Cap
from crosslift.domain.rule import Gate, Moment, Rule
from crosslift.domain.value import Objective

BASE = Policy("base", 1, ("complement",), max_offers=12, max_per_kind={"upgrade": 1, "stand_in": 3}, pressure=GENTLE)


def rule(name, **more):
    return Rule(name, Gate.APPLICABLE, "not_now", "mina", "a reason", **more)


def test_the_same_policy_under_another_name_and_number_changes_nothing():
    assert changes(BASE, replace(BASE, name="x", version=9)) == []


def test_single_values_are_told_with_what_they_were():
    after = replace(
        BASE, max_offers=None, near_date_days=7, packs=("market/us",), timezones={"KR": "Asia/Seoul"},
        max_per_kind={"upgrade": 2},
    )  # fmt: skip
    assert changes(BASE, after) == [
        "[offers] at_most: was 12, is nothing",
        "[offers] at_most_of_kind, upgrade: was 1, is 2",
        "[offers] at_most_of_kind, stand_in: was 3, is nothing",
        '[offers] near_date: was "30 days", is "7 days"',
        'packs: was nothing, is ["market/us"]',
        'timezones, KR: was nothing, is "Asia/Seoul"',
    ]


NEW = 'gate = "applicable", code = "not_now", owner = "mina", reason = "a reason", spares_needs = true'


def test_rules_are_told_by_id():
    before = replace(BASE, rules=(rule("a"), rule("b"), rule("c")))
    after = replace(BASE, rules=(rule("c", moment=Moment(months=(5,))), rule("a"), rule("d")))
    assert changes(before, after) == [
        "rules: 'b' is gone",
        "rules, 'c' when months: was nothing, is [5]",
        "rules: 'd' is new: " + NEW,
        "rules: asked in another order: c, a, d",
    ]


def test_caps_are_told_as_what_came_and_went():
    limits = replace(BASE.pressure, caps=(*BASE.pressure.caps[1:], Cap(9, 1.0)))
    assert changes(BASE, replace(BASE, pressure=limits)) == [
        'caps: gone is { at_most = 1, within = "1 day", channels = ["web", "app"], of = "person" }',
        'caps: new is { at_most = 9, within = "1 day", of = "person" }',
    ]


def test_objectives_are_told_by_placement():
    after = replace(BASE, value=replace(BASE.value, objectives={"cart": Objective.MARGIN}))
    assert changes(BASE, after) == ['[value] objectives, cart: was nothing, is "margin"']
