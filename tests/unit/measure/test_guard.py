"""An agent unlike the others raises a question, honest ones do not, and few others say nothing."""

from dataclasses import replace

import numpy as np
import pytest

from crosslift.measure.guard import EVERYBODY, GuardFigure, watch
from crosslift.measure.guard_sale import SaleState

LAST_DAYS = (28, 29, 30, 59, 60, 61, 89, 90, 91)
"""Days after the first of July 2026 that end a month."""


@pytest.fixture(scope="session")
def made(load_script):
    return load_script("tests/unit/measure/assisted.py")


@pytest.fixture
def team(made):
    """Eight agents who sell twice a day on sixty days, some of it ended early, some unconfirmed."""
    sales = []
    for place in range(8):
        for n in range(120):
            sales.append(made.sale(
                len(sales), f"a{place}", n * 91 // 120, is_early=(n + place) % 9 == 0,
                state=SaleState.MISSING if (n + 3 * place) % 15 == 0 else SaleState.CONFIRMED,
            ))  # fmt: skip
    return sales


def watched(made, sales, teams=None, worked=60, **knobs):
    agents = {sale.agent_id for sale in sales}
    return watch(sales, dict.fromkeys(agents, worked), teams or {}, made.terms(**knobs), made.ago(0))


def test_an_even_team_raises_no_alarm(made, team):
    found = watched(made, team)
    assert found.alarms == found.not_estimable == ()
    assert len(found.figures) == 8 * len(GuardFigure)
    one = next(one for one in found.figures if one.figure is GuardFigure.OPENINGS)
    assert (one.n, one.of, one.value, one.team_value, one.n_team, one.team) == (120, 60, 2.0, 2.0, 7, EVERYBODY)


@pytest.mark.parametrize(
    ("figure", "change"),
    [
        (GuardFigure.EARLY_SHARE, {"is_early": True}),
        (GuardFigure.UNCONFIRMED_SHARE, {"state": SaleState.MISSING}),
        (GuardFigure.UNCONFIRMED_SHARE, {"state": SaleState.DENIED}),
        (GuardFigure.UNCONFIRMED_SHARE, {"state": SaleState.CHARGED_MORE}),
    ],
)
def test_one_unlike_the_others_is_named_with_figure_value_and_team(made, team, figure, change):
    sales = [replace(sale, **change) if sale.agent_id == "a3" and n % 2 else sale for n, sale in enumerate(team)]
    [alarm] = watched(made, sales).alarms
    assert (alarm.agent_id, alarm.figure) == ("a3", figure)
    assert alarm.value > 0.5
    assert alarm.team_value < 0.2
    assert alarm.p <= 0.05
    said = alarm.said("Mina", made.terms())
    assert said.startswith("Mina: share of sales ")
    assert f"{100 * alarm.value:.0f} %" in said
    assert f"{100 * alarm.team_value:.0f} %" in said
    assert "a question, not a verdict" in said


def test_sudden_openings_raise_an_alarm(made, team):
    spike = [made.sale(10_000 + n, "a3", 80 + n % 7) for n in range(500)]
    alarms = {one.figure: one for one in watched(made, team + spike).alarms}
    opened = alarms[GuardFigure.OPENINGS]
    assert (opened.agent_id, opened.n, opened.of) == ("a3", 620, 60)
    assert "sales for each week worked 10.33" in opened.said("a3", made.terms())
    assert "sales for each contact with a customer 10.33" in opened.said("a3", made.terms(openings_per="contact"))


def test_sales_piled_up_at_the_end_of_months_raise_an_alarm(made, team):
    piled = [sale for sale in team if sale.agent_id != "a3"]
    piled += [made.sale(10_000 + n, "a3", LAST_DAYS[n % 9]) for n in range(120)]
    [alarm] = watched(made, piled).alarms
    assert (alarm.agent_id, alarm.figure, alarm.n, alarm.of) == ("a3", GuardFigure.PERIOD_END_SHARE, 120, 120)
    assert "last 3 days of a month" in alarm.said("a3", made.terms())


def test_the_last_days_are_those_before_the_first(made):
    terms, found = made.terms(period_end_days=2), []
    for day in range(92):
        sales = [made.sale(n, f"a{n}", day) for n in range(7)]
        [one, *_] = [
            f for f in watch(sales, {}, {}, terms, made.ago(0)).figures if f.figure is GuardFigure.PERIOD_END_SHARE
        ]
        found += [day] if one.n else []
    assert found == [29, 30, 60, 61, 90, 91]


def test_few_others_say_nothing(made, team):
    few = [sale for sale in team if sale.agent_id < "a5"]
    found = watched(made, few)
    assert found.figures == ()
    assert {(team, why) for team, _, why in found.not_estimable} == {
        (EVERYBODY, "5 agents; at least 6 are needed to know how much they differ")
    }


def test_teams_large_enough_are_compared_within_and_the_rest_with_one_another(made, team):
    teams = {f"a{n}": "desk" for n in range(8)}
    others = [made.sale(20_000 + n, f"b{n % 6}", n % 91) for n in range(60)]
    teams |= {f"b{n}": ("phone" if n < 3 else None) for n in range(6)}
    found = watched(made, team + others, teams)
    with_whom = {one.agent_id: (one.team, one.n_team) for one in found.figures}
    assert with_whom["a0"] == ("desk", 7)
    assert with_whom["b0"] == with_whom["b5"] == (EVERYBODY, 5)


def test_who_worked_and_sold_nothing_is_one_of_the_team(made, team):
    found = watch(team, {**{f"a{n}": 60 for n in range(8)}, "idle": 60}, {}, made.terms(), made.ago(0))
    counts = {one.agent_id: (one.n, one.of) for one in found.figures if one.figure is GuardFigure.OPENINGS}
    assert counts["idle"] == (0, 60)


def test_young_sales_and_those_that_need_no_word_are_not_counted(made, team):
    young = watch(team, {}, {}, made.terms(early_days=200, grace_days=200), made.ago(0))
    assert {one.figure for one in young.figures} == {GuardFigure.PERIOD_END_SHARE}
    free = watched(made, [replace(sale, is_guarded=False, state=None) for sale in team])
    assert {(one.figure, one.n) for one in free.figures} == {(GuardFigure.OPENINGS, 0)}
    assert free.alarms == ()


def test_p_values_pay_for_every_agent_and_figure(made):
    chance = np.random.default_rng(3)
    found = watched(made, made.drawn_team(chance, members=8))
    smallest = min(one.p for one in found.figures)
    assert len(found.figures) == 32
    assert all(one.p <= 1 for one in found.figures)
    assert smallest > 0.05


def test_the_same_sales_in_any_order_say_the_same(made, team):
    assert watched(made, team) == watched(made, team[::-1])
