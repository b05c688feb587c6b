from decimal import Decimal

import pytest

from crosslift.domain.bundle import Bundle, BundleKind, Part, SetOffer, SetPart, keeps_margin, sum_of
from crosslift.domain.money import Money
from crosslift.errors import BadInput

PARTS = (Part("dress", "dress"), Part("shoes", "shoes"), Part("boots", "shoes"))


def krw(amount):
    return Money(Decimal(amount), "KRW")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parts": (*PARTS, Part("dress"))}, "a product is in it twice"),
        ({"parts": PARTS[:1]}, "1 part; a set needs two"),
        ({"parts": PARTS[1:], "kind": BundleKind.LOOK, "min_parts": 2}, "1 part; a set needs two, of different roles"),
        ({"parts": (*PARTS[:2], Part("bag", quantity=0))}, "a quantity is below 1"),
        ({"min_parts": 2}, "2 of 3 parts; it holds all its parts"),
        ({"kind": BundleKind.MIX, "min_parts": 4}, "4 of 3 parts; choose from 2 to 3"),
        ({"kind": BundleKind.LOOK}, "3 of 2 parts; choose from 2 to 2"),
        ({"price": krw(10), "discount_percent": Decimal(10)}, "it has a price and a discount"),
        ({"price": krw(-1)}, "a price is 0 or more"),
        ({"discount_percent": Decimal(101)}, "its discount is 101 %"),
    ],
)
def test_what_cannot_be_a_set_is_refused_with_what_to_do(changes, message):
    given = {"bundle_id": "look-1", "kind": BundleKind.FIXED, "parts": PARTS, "min_parts": 3, **changes}
    with pytest.raises(BadInput, match=message):
        Bundle(**given)


def test_a_price_of_its_own_or_percent_off_or_neither():
    def priced(**price):
        return Bundle("b", BundleKind.FIXED, PARTS, 3, **price).price_of(krw(33_330))

    assert priced(price=krw(30_000)) == krw(30_000)
    assert priced(discount_percent=Decimal("12.5")) == krw(29_164)  # 29,163.75: won have no decimals
    assert priced() == krw(33_330)


def test_roles_are_named_once_in_order():
    assert Bundle("b", BundleKind.LOOK, (*PARTS, Part("bag")), 3).roles == ("dress", "shoes", "bag")


def test_a_set_offer_says_what_is_missing_and_what_is_saved():
    parts = (SetPart("cup", "cup-red", "", 2, 1, krw(5_000)), SetPart("tea", "tea", "", 1, 1, krw(9_000)))
    offer = SetOffer("b", BundleKind.FIXED, {"": "Tea time"}, parts, krw(17_000), krw(19_000), None)
    assert (offer.missing, offer.in_cart) == (parts[:1], parts[1:])
    assert (offer.missing[0].n_missing, offer.saving, offer.currency) == (1, krw(2_000), "KRW")


def test_currencies_are_never_added():
    with pytest.raises(BadInput, match="never added"):
        sum_of((krw(1), Money(Decimal(1), "JPY")))


@pytest.mark.parametrize(("cost", "keeps"), [(900, True), (901, False), (1001, False)])
def test_the_margin_floor_is_a_share_of_the_price(cost, keeps):
    assert keeps_margin(krw(1000), krw(cost), Decimal("0.1")) is keeps
