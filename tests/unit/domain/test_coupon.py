"""A campaign refuses what could not be honored exactly."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosslift.domain.coupon import Campaign, CouponKind, Tier
from crosslift.domain.money import Money
from crosslift.errors import BadInput

NOW = datetime(2026, 11, 1, tzinfo=UTC)
END = NOW + timedelta(days=30)


def usd(amount):
    return Money(Decimal(amount), "USD")


TEN = Campaign(
    "ten", 1, CouponKind.PERCENT_OFF, {"en": "Ten"}, usd(50), END, "mina", "test", NOW,
    value=Decimal("0.1"), most=usd(20),
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"campaign_id": "a b"}, "campaign_id"), ({"titles": {"en": " "}}, "titles"), ({"author": ""}, "author"),
        ({"value": None}, "value"), ({"value": Decimal(10)}, "ten percent is 0.1"), ({"value": Decimal(0)}, "more than 0"),
        ({"most": None}, "most"), ({"most": usd("1.001")}, "cannot be paid in USD"), ({"budget": usd(0)}, "budget"),
        ({"minimum": Money(Decimal(1), "KRW")}, "several currencies"), ({"margin_floor": Decimal(1)}, "margin_floor"),
        ({"code": "spring"}, "code"), ({"max_uses": 0}, "max_uses"), ({"per_person": 0}, "per_person"),
        ({"code": "SPRING", "valid_days": 3}, "valid_days"), ({"valid_days": 0}, "valid_days"),
        ({"starts_at": NOW + timedelta(days=40)}, "ends before it starts"), ({"ends_at": END.replace(tzinfo=None)}, "zone"),
        ({"audience": "orders >>> 3"}, "cannot be read"), ({"tiers": (Tier("nonsense", Decimal("0.2")),)}, "cannot be read"),
        ({"kind": CouponKind.FREE_DELIVERY}, "free delivery has no value"),
    ],
)  # fmt: skip
def test_what_cannot_be_honored_is_refused_by_its_field(given, what):
    with pytest.raises(BadInput, match=what):
        replace(TEN, **given)


def test_the_highest_tier_that_holds_counts():
    tiered = replace(TEN, tiers=(Tier("orders >= 9", Decimal("0.2")), Tier("orders >= 5", Decimal("0.15"))))
    values = [tiered.value_for(holding) for holding in ((False, False), (False, True), (True, True))]
    assert values == [Decimal("0.1"), Decimal("0.15"), Decimal("0.2")]
    assert replace(TEN, kind=CouponKind.FREE_DELIVERY, value=None).value_for(()) is None


def test_one_use_holds_what_it_can_take_off_at_most():
    assert TEN.most_off(TEN.value) == usd(20)
    fixed = replace(TEN, kind=CouponKind.AMOUNT_OFF, value=Decimal(5), most=None)
    assert fixed.most_off(Decimal(8)) == usd(8)
    assert replace(fixed, most=usd(6)).most_off(Decimal(8)) == usd(6)


def test_two_stack_only_where_each_names_the_other():
    one, two = replace(TEN, campaign_id="one", stacks_with=("two",)), replace(TEN, campaign_id="two")
    assert not one.stacks(two)
    assert one.stacks(replace(two, stacks_with=("one",)))
    assert not one.stacks(one)


def test_two_versions_that_say_the_same_have_the_same_content():
    assert TEN.content == replace(TEN, version=2, author="jo", reason="again").content
    assert TEN.content != replace(TEN, value=Decimal("0.2")).content
