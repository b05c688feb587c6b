from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosslift.decide.sets import LivePart, sets_for
from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.money import Money

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PRICES = {"burger": "6.00", "fries": "3.00", "drink": "2.50", "dress": "80", "shoes": "60", "boots": "90", "bag": "40"}


def eur(amount):
    return Money(Decimal(amount), "EUR")


def row(product, **changes):
    return replace(LivePart(product, eur(PRICES[product]), cost=eur(PRICES[product]) * Decimal("0.4")), **changes)


@pytest.fixture
def ask():
    """Ask for the sets of a cart; `rows` overwrite what the shop knows, `barred` names what may not be offered."""

    def ask(cart, *bundles, k=5, now=NOW, min_margin=0.1, barred=(), **rows):
        shop = {product: row(product) for product in PRICES} | rows
        return sets_for(cart, bundles, shop.get, set(barred).__contains__, k, now, min_margin)

    return ask


def bundle(*products, kind=BundleKind.FIXED, price=None, percent=None, **more):
    parts = tuple(part if isinstance(part, Part) else Part(part) for part in products)
    more = {"min_parts": len(parts), **more}
    return Bundle(
        "meal", kind, parts, price=price and eur(price), discount_percent=percent and Decimal(percent), **more
    )


MEAL = bundle("burger", "fries", "drink", price="9.90", titles={"": "Burger meal"})
DRESSED = bundle(
    Part("dress", "dress"), Part("shoes", "shoes"), Part("boots", "shoes"), Part("bag", "bag"),
    kind=BundleKind.LOOK, min_parts=3,
)  # fmt: skip


def ids(parts):
    return [part.product_id for part in parts]


def test_a_burger_is_made_a_set_that_is_cheaper(ask):
    [offer] = ask({"burger"}, MEAL)
    assert (ids(offer.in_cart), ids(offer.missing)) == (["burger"], ["fries", "drink"])
    assert (offer.single, offer.price, offer.saving) == (eur("11.50"), eur("9.90"), eur("1.60"))
    assert offer.margin == eur("9.90") - eur("4.600")
    assert [part.price for part in offer.missing] == [eur("3.00"), eur("2.50")]  # each can be bought alone


@pytest.mark.parametrize("cart", [{"bag"}, set(), {"burger", "fries", "drink"}])
def test_no_set_where_none_is_begun_or_it_is_complete(ask, cart):
    assert ask(cart, MEAL) == ()


@pytest.mark.parametrize(
    "changes",
    [{"stock": 0}, {"price": None}, {"can_be_sold": False}, {"price": Money(Decimal(3), "USD")}],
)
@pytest.mark.parametrize("product", ["burger", "fries"])
def test_every_part_must_be_sellable_now_also_the_one_in_the_cart(ask, product, changes):
    assert ask({"burger"}, MEAL, **{product: row(product, **changes)}) == ()


def test_a_barred_part_or_one_nobody_knows_stops_the_set(ask):
    assert ask({"burger"}, MEAL, barred=["drink"]) == ()
    assert ask({"burger"}, MEAL, drink=None) == ()


def test_a_price_that_is_no_longer_cheaper_is_no_offer(ask):
    assert ask({"burger"}, MEAL, burger=row("burger", price=eur("4.40"))) == ()  # 4.40 + 3.00 + 2.50 = 9.90
    assert ask({"burger"}, MEAL, burger=row("burger", price=eur("4.41")))[0].saving == eur("0.01")


def test_the_margin_floor_holds_at_todays_costs(ask):
    dear = row("burger", cost=eur("6.71"))  # 9.90 − 6.71 − 1.20 − 1.00 = .99, a tenth of 9.90
    assert ask({"burger"}, MEAL, burger=dear)[0].margin == eur("0.990")
    assert ask({"burger"}, MEAL, burger=replace(dear, cost=eur("6.72"))) == ()


def test_an_unknown_cost_leaves_the_margin_unknown_and_the_merchants_set_in_place(ask):
    [offer] = ask({"burger"}, MEAL, drink=row("drink", cost=None))
    assert offer.margin is None


def test_pieces_count(ask):
    pair = bundle(Part("burger", quantity=2), "drink", percent=10)
    [offer] = ask({"burger": 1}, pair)
    assert [(part.product_id, part.n_missing) for part in offer.missing] == [("burger", 1), ("drink", 1)]
    assert (offer.single, offer.price) == (eur("14.50"), eur("13.05"))
    assert ids(ask({"burger": 3}, pair)[0].missing) == ["drink"]
    assert ask({"burger": 1}, pair, burger=row("burger", stock=1)) == ()


def test_a_mix_is_offered_when_one_choice_is_left(ask):
    mix = bundle("burger", "fries", "drink", "bag", kind=BundleKind.MIX, min_parts=3, percent=20)
    assert ask({"burger"}, mix) == ()
    [offer] = ask({"drink", "burger"}, mix)
    assert (ids(offer.in_cart), ids(offer.missing)) == (["burger", "drink"], ["fries"])
    assert ids(offer.alternatives) == ["bag"]
    assert (offer.single, offer.saving) == (eur("11.50"), eur("2.30"))
    assert ask({"drink", "burger", "bag"}, mix) == ()
    [without_fries] = ask({"drink", "burger"}, mix, fries=row("fries", stock=0))
    assert ids(without_fries.missing) == ["bag"]


def test_a_look_has_one_part_a_role_and_skips_roles_the_cart_fills(ask):
    [offer] = ask({"boots"}, DRESSED)
    assert (ids(offer.in_cart), ids(offer.missing)) == (["boots"], ["dress", "bag"])
    assert (offer.saving, offer.price) == (eur("0"), eur("210"))  # no price of its own: an idea, not a bargain
    assert offer.alternatives == ()


def test_a_look_names_what_else_could_fill_its_open_role(ask):
    [offer] = ask({"dress"}, DRESSED)
    assert (ids(offer.missing), ids(offer.alternatives)) == (["shoes", "bag"], ["boots"])
    [offer] = ask({"dress"}, DRESSED, shoes=row("shoes", stock=0))
    assert (ids(offer.missing), offer.alternatives) == (["boots", "bag"], ())


def test_a_look_with_a_role_nobody_can_fill_waits_unless_the_merchant_allows_fewer(ask):
    assert ask({"dress"}, DRESSED, bag=row("bag", stock=0)) == ()
    [offer] = ask({"dress"}, replace(DRESSED, min_parts=2), bag=row("bag", stock=0))
    assert ids(offer.parts) == ["dress", "shoes"]


def test_a_mined_set_without_a_discount_is_shown_at_its_single_prices(ask):
    [offer] = ask({"burger"}, bundle("burger", "drink", kind=BundleKind.MINED))
    assert (offer.price, offer.saving) == (eur("8.50"), eur("0.00"))


def test_the_largest_saving_goes_first_ties_by_id_at_most_k(ask):
    sets = [
        replace(bundle("burger", product, percent=10), bundle_id=name)
        for name, product in (("b", "fries"), ("c", "bag"), ("a", "drink"))
    ]
    assert [offer.bundle_id for offer in ask({"burger"}, *sets)] == ["c", "b", "a"]
    assert [offer.bundle_id for offer in ask({"burger"}, *sets, k=1)] == ["c"]
    assert ask({"burger"}, *sets, k=0) == ()


def test_of_two_sets_with_the_same_products_the_cheaper_is_shown(ask):
    sets = [
        replace(bundle("burger", "fries", percent=percent), bundle_id=name) for name, percent in (("a", 5), ("b", 10))
    ]
    assert [offer.bundle_id for offer in ask({"burger"}, *sets)] == ["b"]


def test_an_expired_set_is_not_offered(ask):
    until = replace(MEAL, expires_at=NOW + timedelta(hours=1))
    assert len(ask({"burger"}, until)) == 1
    assert ask({"burger"}, until, now=NOW + timedelta(hours=1)) == ()


def test_the_variant_that_would_be_bought_is_named(ask):
    [offer] = ask({"burger"}, MEAL, drink=row("drink", offered_as="drink-0.5l"))
    assert [part.offered_as for part in offer.missing] == ["fries", "drink-0.5l"]


def test_of_sets_with_the_same_products_the_merchants_word_goes_first(ask):
    mined = replace(bundle("burger", "fries", "drink", percent=15, kind=BundleKind.MINED), bundle_id="mined")
    written = replace(bundle("burger", "fries", "drink", percent=5), evidence={"basis": "curated"})
    assert [offer.bundle_id for offer in ask({"burger"}, mined, written)] == ["meal"]
