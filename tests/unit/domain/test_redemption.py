"""What a coupon takes off a cart, to the cent, and the first reason why nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosslift.domain.coupon import Campaign, CouponKind, CouponRefusal
from crosslift.domain.money import Money
from crosslift.domain.redemption import Cart, CartLine, Granted, Held, Standing, judge

NOW = datetime(2026, 11, 1, tzinfo=UTC)
END = NOW + timedelta(days=30)


def usd(amount):
    return Money(Decimal(amount), "USD")


TEN = Campaign(
    "ten",
    1,
    CouponKind.PERCENT_OFF,
    {"en": "Ten"},
    usd(50),
    END,
    "mina",
    "test",
    NOW,
    value=Decimal("0.1"),
    most=usd(20),
)
FIVE = replace(TEN, campaign_id="five", kind=CouponKind.AMOUNT_OFF, value=Decimal(5), most=None)
FREE = replace(TEN, campaign_id="free", kind=CouponKind.FREE_DELIVERY, value=None, most=usd(6))
TEA = CartLine("green", 2, Decimal("9.99"), Decimal(6), category="Tea/Green")
CUP = CartLine("cup-red", 1, Decimal(20), None, "cup", "Cups")
CART = Cart("USD", Decimal("39.98"), (TEA, CUP), Decimal(4))


def ask(terms, cart=CART, now=NOW, personal=True, **given):
    held = Held(terms, terms.value, terms.ends_at, personal)
    standing = Standing(held, terms, is_theirs=True, n_uses=0, n_of_person=0, committed=Decimal(0))
    return judge(cart, replace(standing, **given), now)


@pytest.mark.parametrize(
    ("terms", "off"),
    [
        (TEN, "3.99"), (replace(TEN, most=usd("1.50")), "1.50"), (FIVE, "5.00"), (FREE, "4.00"),
        (replace(FREE, most=usd(3)), "3.00"), (replace(TEN, products=("category:Tea",)), "1.99"),
        (replace(TEN, products=("cup",)), "2.00"), (replace(FIVE, products=("nothing", "green")), "5.00"),
    ],
)  # fmt: skip
def test_the_discount_is_exact_and_never_rounded_up(terms, off):
    assert ask(terms) == Granted(usd(off), 1)


def test_won_have_no_cents():
    won = replace(TEN, budget=Money(Decimal(9999), "KRW"), most=Money(Decimal(9999), "KRW"))
    assert ask(won, Cart("KRW", Decimal(12_345))) == Granted(Money(Decimal(1234), "KRW"), 1)


def test_no_more_is_taken_off_than_is_left_to_be_paid():
    assert ask(FIVE, Cart("USD", Decimal(3))).discount == usd("3.00")
    stacking = replace(FIVE, stacks_with=("ten",))
    other = replace(TEN, stacks_with=("five",))
    assert ask(stacking, on_order=[(other, Decimal(36))]).discount == usd("3.98")
    assert ask(stacking, on_order=[(other, Decimal("39.98"))]) is CouponRefusal.NOTHING_OFF


@pytest.mark.parametrize(
    ("terms", "given", "refusal"),
    [
        (TEN, {"is_theirs": False}, CouponRefusal.OTHER_PERSON),
        (TEN, {"newest": replace(TEN, is_active=False), "personal": False}, CouponRefusal.TAKEN_BACK),
        (replace(TEN, starts_at=END - timedelta(days=1)), {}, CouponRefusal.NOT_YET),
        (TEN, {"now": END}, CouponRefusal.EXPIRED),
        (TEN, {"n_uses": 1}, CouponRefusal.USED_UP),
        (replace(TEN, code="SPRING", max_uses=3), {"n_uses": 3, "personal": False}, CouponRefusal.USED_UP),
        (replace(TEN, code="SPRING"), {"n_of_person": 1, "personal": False}, CouponRefusal.USED_UP),
        (TEN, {"cart": replace(CART, currency="EUR")}, CouponRefusal.OTHER_CURRENCY),
        (replace(TEN, minimum=usd("39.99")), {}, CouponRefusal.BELOW_MINIMUM),
        (replace(TEN, products=("pot", "category:Te")), {}, CouponRefusal.NOT_FOR_PRODUCTS),
        (replace(TEN, products=("green",)), {"cart": replace(CART, lines=())}, CouponRefusal.NOT_FOR_PRODUCTS),
        (TEN, {"on_order": [(FIVE, Decimal(5))]}, CouponRefusal.DOES_NOT_STACK),
        (FREE, {"cart": replace(CART, delivery=Decimal(0))}, CouponRefusal.NOTHING_OFF),
        (TEN, {"committed": Decimal("46.02")}, CouponRefusal.BUDGET_SPENT),
    ],
)
def test_the_first_reason_against_it_is_given(terms, given, refusal):
    assert ask(terms, **given) is refusal


def test_what_was_given_holds_when_the_campaign_is_taken_back():
    assert isinstance(ask(TEN, newest=replace(TEN, is_active=False)), Granted)


def test_the_budget_pays_to_the_last_cent():
    assert ask(TEN, committed=Decimal("46.01")).discount == usd("3.99")


@pytest.mark.parametrize(("floor", "is_kept"), [("0.33", True), ("0.34", False)])
def test_lines_with_a_known_cost_keep_their_margin(floor, is_kept):
    """Tea alone is known: 19.98 less its half of 3.99, 17.986, against a cost of 12 leaves 33.28 %."""
    found = ask(replace(TEN, margin_floor=Decimal(floor)))
    assert found == Granted(usd("3.99"), 1) if is_kept else found is CouponRefusal.BELOW_MARGIN


def test_where_no_cost_is_known_the_coupon_passes_and_is_counted():
    strict = replace(TEN, margin_floor=Decimal("0.9"))
    assert ask(strict, replace(CART, lines=(CUP,), total=Decimal(20))) == Granted(usd("2.00"), 1)
    assert ask(strict, replace(CART, lines=())) == Granted(usd("3.99"), 1)


def test_the_floor_of_a_coupon_on_the_order_already_counts_too():
    strict = replace(FIVE, stacks_with=("ten",), margin_floor=Decimal("0.3"))
    assert ask(replace(TEN, stacks_with=("five",)), on_order=[(strict, Decimal(5))]) is CouponRefusal.BELOW_MARGIN


def test_what_a_free_delivery_costs_is_taken_from_the_margin():
    assert ask(replace(FREE, margin_floor=Decimal("0.34"))) is CouponRefusal.BELOW_MARGIN
    assert isinstance(ask(replace(FREE, margin_floor=Decimal("0.33"))), Granted)
