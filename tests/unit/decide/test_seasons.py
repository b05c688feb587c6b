import numpy as np
import pytest

from crosslift.decide.seasons import Condition, Conditions
from crosslift.decide.verdicts import NUMBERS
from crosslift.domain.decision import DropCode

WINTER, SUMMER = (12, 1, 2), (6, 7, 8)
MASK = 0b1000_0000_0011
KNOWN = frozenset({"KR", "JP", "AU"})
NOT_YET, WRONG_MARKET = NUMBERS[DropCode.NOT_YET], NUMBERS[DropCode.WRONG_MARKET]


@pytest.mark.parametrize(
    ("seasons", "mask", "market", "month", "holds"),
    [
        ({"KR": WINTER}, MASK, "KR", 1, True),
        ({"KR": WINTER}, MASK, "KR", 7, False),
        # where others have too little to say, their hemisphere's season is theirs
        ({"KR": WINTER}, MASK, "JP", 7, False),
        ({"KR": WINTER}, MASK, "DE", 1, True),
        ({"KR": WINTER}, MASK, "AU", 1, False),
        ({"KR": WINTER}, MASK, "AU", 7, True),
        ({"KR": WINTER}, MASK, "NZ", 7, True),
        ({"AU": SUMMER, "KR": WINTER}, -1, "NZ", 7, True),
        ({"AU": SUMMER, "KR": WINTER}, -1, "NZ", 1, False),
        ({"AU": SUMMER, "KR": WINTER}, -1, "US", 1, True),
        # the markets differ, and this one says nothing of a season
        ({"KR": WINTER}, -1, "JP", 7, True),
        # nobody says where
        ({"KR": WINTER}, MASK, None, 7, False),
        ({"KR": WINTER}, MASK, None, 12, True),
        ({"KR": WINTER, "AU": SUMMER}, -1, None, 4, True),
        # a shop that names no markets
        ({}, MASK, None, 7, False),
        ({}, MASK, "KR", 1, True),
    ],
)
def test_a_season_holds_in_its_months_and_market(seasons, mask, market, month, holds):
    assert Condition(None, tuple(seasons.items()), mask).is_now(market, month, KNOWN) is holds


@pytest.mark.parametrize(("market", "holds"), [("KR", True), ("JP", False), (None, True), ("DE", True)])
def test_a_relation_of_one_market_is_not_applied_in_another_that_has_orders(market, holds):
    assert Condition(frozenset({"KR"}), (), -1).is_here(market, KNOWN) is holds


@pytest.fixture
def conditions():
    told = [{}, {"seasons": {"KR": list(WINTER)}}, {"markets": ["KR"]}, {}, {"seasons": {"KR": list(WINTER)}}]
    return Conditions(np.array([-1, MASK, -1, MASK, MASK], np.int16), told, sorted(KNOWN))


def test_each_pair_has_its_verdict(conditions):
    rows = np.arange(5)
    assert conditions.verdicts(rows, "KR", 7).tolist() == [0, NOT_YET, 0, NOT_YET, NOT_YET]
    assert conditions.verdicts(rows, "JP", 1).tolist() == [0, 0, WRONG_MARKET, 0, 0]
    assert conditions.verdicts(rows, "NZ", 7).tolist() == [0, 0, 0, NOT_YET, 0]


def test_without_a_month_only_markets_are_asked(conditions):
    assert conditions.verdicts(np.arange(5), "JP", None).tolist() == [0, 0, WRONG_MARKET, 0, 0]


def test_pairs_that_hold_everywhere_and_always_cost_nothing(conditions):
    assert conditions.verdicts(np.array([0, 0]), "JP", 7) is None
    assert Conditions(np.array([-1, -1], np.int16), [{}, {}], []).verdicts(np.array([0, 1]), "KR", 1) is None


def test_equal_conditions_are_one(conditions):
    assert conditions.of_pair.tolist() == [0, 1, 2, 3, 1]


def test_markets_nobody_ordered_from_are_kept_by_hemisphere_only(conditions):
    for market in ("DE", "FR", "US", "NZ", "ZA"):
        conditions.verdicts(np.arange(5), market, 1)
    assert len(conditions._verdicts) == 2
