from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crosslift.decide.moments import Situation, checks_of, checks_of_place
from crosslift.domain.rule import Daypart, Moment

HERE = Situation(
    "cart", "web", interrupts=False, is_assisted=False, market="KR", device="mobile",
    local=datetime(2026, 12, 24, 9, 30, tzinfo=UTC), dwell_seconds=8.0, products=frozenset({"tea", "tea bag"}),
    categories=frozenset({"leaves", "leaves/green"}),
)  # fmt: skip


def fits(moment, here=HERE):
    return all(check(here) for check in checks_of(moment))


def test_a_moment_that_asks_nothing_always_holds():
    assert checks_of(Moment()) == ()


@pytest.mark.parametrize(
    ("holds", "does_not"),
    [
        ({"placements": ("cart", "product")}, {"placements": ("product",)}),
        ({"channels": ("web",)}, {"channels": ("email", "sms")}),
        ({"markets": ("KR", "JP")}, {"markets": ("US",)}),
        ({"devices": ("mobile",)}, {"devices": ("kiosk",)}),
        ({"dayparts": (Daypart.MORNING,)}, {"dayparts": (Daypart.EVENING, Daypart.NIGHT)}),
        ({"months": (11, 12)}, {"months": (1,)}),
        ({"weekdays": (4,)}, {"weekdays": (6, 7)}),
        ({"starts_on": "2026-12-24"}, {"starts_on": "2026-12-25"}),
        ({"ends_on": "2026-12-24"}, {"ends_on": "2026-12-23"}),
        ({"starts_on": "12-20", "ends_on": "01-06"}, {"starts_on": "01-06", "ends_on": "12-20"}),
        ({"starts_on": "12-01"}, {"ends_on": "12-01"}),
        ({"below_dwell_seconds": 10.0}, {"below_dwell_seconds": 8.0}),
        ({"interrupts": False}, {"interrupts": True}),
        ({"is_assisted": False}, {"is_assisted": True}),
        ({"cart_has": ("tea bag", "wine")}, {"cart_has": ("wine",)}),
        ({"cart_has": ("category:leaves",)}, {"cart_has": ("category:leaf",)}),
        ({"cart_lacks": ("wine", "category:glass")}, {"cart_lacks": ("wine", "category:leaves/green")}),
    ],
)
def test_each_field_asks_for_itself(holds, does_not):
    assert fits(Moment(**holds))
    assert not fits(Moment(**does_not))


def test_given_fields_must_all_hold():
    assert fits(Moment(placements=("cart",), markets=("KR",), months=(12,)))
    assert not fits(Moment(placements=("cart",), markets=("KR",), months=(11,)))


def test_a_dwell_nobody_tells_is_too_short():
    assert fits(Moment(below_dwell_seconds=10.0), replace(HERE, dwell_seconds=None))


def test_an_unknown_market_or_device_is_none_of_those_named():
    nowhere = replace(HERE, market=None, device=None)
    assert not fits(Moment(markets=("KR",)), nowhere)
    assert not fits(Moment(devices=("mobile",)), nowhere)


@pytest.mark.parametrize(
    ("day", "starts_on", "ends_on", "holds"),
    [
        ("2027-01-06", "12-20", "01-06", True),
        ("2026-12-19", "12-20", "01-06", False),
        ("2026-07-01", "06-01", "08-31", True),
        ("2026-09-01", "06-01", "08-31", False),
        ("2028-02-29", "02-29", "02-29", True),
        ("2026-12-31", "2026-11-01", "12-31", True),
        ("2025-12-31", "2026-11-01", "12-31", False),
    ],
)
def test_a_season_without_a_year_comes_every_year_and_may_pass_new_year(day, starts_on, ends_on, holds):
    here = replace(HERE, local=datetime.fromisoformat(day))
    assert fits(Moment(starts_on=starts_on, ends_on=ends_on), here) is holds


def test_what_a_request_answers_by_itself_is_asked_apart():
    moment = Moment(placements=("cart",), markets=("KR",), months=(1,), cart_has=("wine",), below_dwell_seconds=9.0)
    assert all(check(HERE) for check in checks_of_place(moment))
    assert not fits(moment)
