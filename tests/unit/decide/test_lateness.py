from dataclasses import replace

import numpy as np
import pytest

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.lateness import needs_of
from crosslift.domain.policy import HELPFUL
from crosslift.domain.profile import ReturnVisits

DAY = 86_400_000_000
NOW = 1_000 * DAY
HOUSE = replace(HELPFUL, closed_days=30.0, returning_days=21.0)


def ago(days):
    return NOW - int(days * DAY)


@pytest.fixture
def needs(tea_known):
    """Say what is closed and what is returned to among cup, saucer, spoon (one shelf) and honey (a consumable)."""

    def needs(lately=(), returning=(), policy=HOUSE, source="upgrade"):
        names = ("cup", "saucer", "spoon", "honey")
        items = np.array([tea_known.index[name] for name in names], dtype=np.int32)
        none, ones = np.full(4, -1), np.ones(4)
        found = Candidates(items, ones, np.zeros(4, np.int8), none, none, ones, (source,))
        told = needs_of(tea_known, found, Context(now=NOW), policy, lately, returning)
        closed, back = (
            {name for name, is_in in zip(names, mask.tolist(), strict=True) if is_in}
            for mask in (told.closed, told.returned_to)
        )
        return closed, back, told

    return needs


def test_a_need_that_was_met_not_long_ago_is_closed_to_alternatives(needs):
    assert needs([("cup", ago(3))])[0] == {"cup", "saucer", "spoon"}
    assert needs([("cup", ago(29.9))])[0] == {"cup", "saucer", "spoon"}
    assert needs([("cup", ago(30))])[0] == set()
    assert needs([("tea", ago(3))])[0] == set()


@pytest.mark.parametrize("source", ["complement", "sequence", "held", "stand_in", "refill", "bestseller"])
def test_what_goes_with_it_is_not_too_late(needs, source):
    assert needs([("cup", ago(3))], source=source)[0] == set()


@pytest.mark.parametrize("source", ["upgrade", "substitute", "alike"])
def test_what_is_used_up_closes_nothing_and_is_never_closed(needs, source):
    assert needs([("honey", ago(1))], source=source)[0] == set()
    assert "honey" not in needs([("cup", ago(1)), ("honey", ago(1))], source=source)[0]


def test_a_policy_may_close_nothing(needs):
    assert needs([("cup", ago(1))], policy=replace(HOUSE, closed_days=0.0))[0] == set()


def test_two_visits_since_the_purchase_open_the_category_again_and_put_it_forward(needs):
    closed, back, told = needs([("cup", ago(10))], [ReturnVisits("table", 2, ago(1))])
    assert (closed, back) == (set(), {"cup", "saucer", "spoon"})
    assert (told.lately, told.returning) == ((("cup", ago(10)),), (ReturnVisits("table", 2, ago(1)),))


def test_one_visit_opens_nothing(needs):
    assert needs([("cup", ago(10))], [ReturnVisits("table", 1, ago(1))])[:2] == ({"cup", "saucer", "spoon"}, set())


def test_the_window_closes_again_with_time_and_with_the_next_purchase(needs):
    assert needs([], [ReturnVisits("table", 3, ago(21))])[1] == {"cup", "saucer", "spoon"}
    assert needs([], [ReturnVisits("table", 3, ago(21.1))])[1] == set()
    bought_again = [("spoon", ago(1))]
    assert needs(bought_again, [ReturnVisits("table", 3, ago(2))])[:2] == ({"cup", "saucer", "spoon"}, set())


def test_only_what_counted_is_told(needs):
    told = needs([("cup", ago(3)), ("tea", ago(3)), ("gone", ago(3))], [ReturnVisits("wine", 4, ago(1))])[2]
    assert (told.lately, told.returning) == ((("cup", ago(3)),), ())


def test_a_purchase_of_tomorrow_has_not_happened(needs):
    assert needs([("cup", NOW + DAY)])[0] == set()
