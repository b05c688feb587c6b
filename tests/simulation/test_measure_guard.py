"""How often the guard asks about a team in which nobody is odd, and how often it finds somebody who is."""

from dataclasses import replace

import numpy as np
import pytest

from crosslift.measure.guard import watch
from crosslift.measure.guard_sale import SaleState
from crosslift.measure.guard_sales import time_worked

TEAMS, QUARTERS, WEEKS, REPEATS = 120, 20, 13, 30
LEVEL = 0.05
KINDS = {
    "a desk of twelve": {"members": 12},
    "a call center of thirty, very unlike one another": {"members": 30, "spread": 0.5, "rho": 0.1},
    "eight who sell little": {"members": 8, "rate": 0.4, "spread": 0.1},
    "twelve who are all alike": {"members": 12, "spread": 0.0, "rho": 0.0},
}


@pytest.fixture(scope="session")
def made(load_script):
    return load_script("tests/unit/measure/assisted.py")


@pytest.fixture
def look(made):
    """Look at the sales of 13 weeks before a day, as the guard does by default, thirty days later."""
    terms = made.terms()

    def alarms(sales, until=91):
        begin, end = (made.sale(0, "", day).sold_at for day in (until - 91, until))
        inside = [sale for sale in sales if begin <= sale.sold_at < end]
        return watch(inside, time_worked(inside, (), terms), {}, terms, end + 30 * made.DAY).alarms

    return alarms


@pytest.mark.parametrize("kind", KINDS)
def test_of_honest_teams_hardly_any_is_asked(made, look, kind, capsys):
    """Nobody is odd, so any alarm is false: as often as `guard.max_q_value` says, and what 120 teams can blur (3 errors)."""
    asked = sum(bool(look(made.drawn_team(np.random.default_rng([17, team]), **KINDS[kind]))) for team in range(TEAMS))
    with capsys.disabled():
        print(f"\n{kind}: a false alarm in {asked} of {TEAMS} quarters")
    assert asked / TEAMS <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / TEAMS)


def test_looking_every_week_of_a_quarter_asks_more_often(made, look, capsys):
    """Thirteen looks at windows that overlap: each is as good as one, all of them together are not; the page says so."""
    looks = teams = 0
    for team in range(QUARTERS):
        sales = made.drawn_team(np.random.default_rng([18, team]), days=91 + 7 * (WEEKS - 1))
        found = [bool(look(sales, 91 + 7 * week)) for week in range(WEEKS)]
        looks, teams = looks + sum(found), teams + any(found)
    n = QUARTERS * WEEKS
    with capsys.disabled():
        print(f"\nevery week: a false alarm in {looks} of {n} looks, in {teams} of {QUARTERS} quarters")
    assert looks / n <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / QUARTERS)
    assert teams / QUARTERS <= 0.3


ROGUES = {
    "openings": lambda chance, sale: sale,
    "early_share": lambda chance, sale: replace(sale, is_early=bool(chance.random() < 2 / 3)),
    "unconfirmed_share": lambda chance, sale: replace(
        sale, state=SaleState.MISSING if chance.random() < 0.5 else SaleState.CONFIRMED
    ),
    "period_end_share": lambda chance, sale: sale,
}


@pytest.mark.parametrize("figure", ROGUES)
def test_who_opens_far_more_or_leaves_most_of_it_behind_is_found(made, look, figure, capsys):
    """Among 24; among 12 who differ as widely it is seen less often, which the page says."""
    found = {24: 0, 12: 0}
    for members in found:
        for team in range(REPEATS):
            chance = np.random.default_rng([19, team])
            sales = made.drawn_team(chance, members=members)
            sales = [ROGUES[figure](chance, one) if one.agent_id == "agent 00" else one for one in sales]
            if figure == "openings":
                sales += [made.sale(10**6 + n, "agent 00", chance.integers(0, 91)) for n in range(400)]
            if figure == "period_end_share":
                sales += [made.sale(10**6 + n, "agent 00", (28, 29, 59, 60, 90)[n % 5]) for n in range(60)]
            found[members] += ("agent 00", figure) in {(alarm.agent_id, alarm.figure) for alarm in look(sales)}
    with capsys.disabled():
        print(f"\n{figure}: found in {found[24]} of {REPEATS} teams of 24, in {found[12]} of 12")
    assert found[24] / REPEATS >= 0.75
