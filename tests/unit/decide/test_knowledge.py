import threading
from decimal import Decimal

import numpy as np
import pytest

from crosslift.decide.knowledge import LIVE_CODES
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.domain.decision import DropCode
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine


def code(known, live, name):
    """Give why a product cannot be offered, None where it can."""
    return LIVE_CODES[live.codes(np.array([known.index[name]]))[0]]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"stock": 1}, None),
        ({"stock": None}, None),  # unknown stock counts as in stock
        ({"stock": 0}, DropCode.OUT_OF_STOCK),
        ({"stock": -3}, DropCode.OUT_OF_STOCK),
        ({"price_micros": None}, DropCode.PRICE_MISSING),
        ({"price_micros": 0}, None),
        ({"is_active": False}, DropCode.INACTIVE),
        ({"is_sellable": False}, DropCode.NOT_SELLABLE),
        ({"is_sellable": False, "is_active": False, "stock": 0}, DropCode.NOT_SELLABLE),
        ({"stock": 0, "price_micros": None}, DropCode.OUT_OF_STOCK),
    ],
)
def test_why_a_product_cannot_be_offered(little, tea_known, changed, why):
    assert code(tea_known, little.overlay(tea_known, little.live("honey", **changed)), "honey") == why


def test_a_product_that_left_the_catalog_is_not_offered(tea_known):
    live = Overlay(tea_known, 1, {})
    assert code(tea_known, live, "honey") == DropCode.INACTIVE
    assert live.is_known("honey")  # the snapshot still knows it
    assert not live.is_known("no such thing")


def variants(little, **by_name):
    return [little.live(name, parent_id="cup", **changed) for name, changed in by_name.items()]


def test_the_cheapest_variant_that_can_be_sold_is_offered(little, tea_known):
    rows = variants(little, blue={"price_micros": 9_000_000}, red={"price_micros": 7_000_000}, tiny={"stock": 0})
    live = little.overlay(tea_known, *rows)
    assert code(tea_known, live, "cup") is None
    assert live.offered_as(tea_known.index["cup"]) == "red"
    assert live.parent_of("red") == "cup"
    assert live.parent_of("cup") == "cup"


def test_variants_of_one_price_are_offered_by_id(little, tea_known):
    live = little.overlay(tea_known, *variants(little, red={}, blue={}))
    assert live.offered_as(tea_known.index["cup"]) == "blue"


def test_a_product_none_of_whose_variants_can_be_sold_says_the_best_ones_reason(little, tea_known):
    rows = variants(little, red={"stock": 0}, blue={"price_micros": None})
    assert code(tea_known, little.overlay(tea_known, *rows), "cup") == DropCode.OUT_OF_STOCK


@pytest.mark.parametrize(
    ("changed", "why"), [({"is_active": False}, DropCode.INACTIVE), ({"is_sellable": False}, DropCode.NOT_SELLABLE)]
)
def test_a_withdrawn_product_takes_its_variants_along(little, tea_known, changed, why):
    live = little.overlay(tea_known, little.live("cup", **changed), *variants(little, red={}))
    assert code(tea_known, live, "cup") == why


def test_stock_and_price_are_asked_of_the_variants_not_of_their_product(little, tea_known):
    live = little.overlay(tea_known, little.live("cup", stock=0, price_micros=None), *variants(little, red={}))
    assert code(tea_known, live, "cup") is None


def test_a_product_that_exists_through_its_variants_only_is_offered_as_one(little, tea_known):
    # a feed of variants with a group id names no product of that id
    live = Overlay(tea_known, 1, {row.product_id: row for row in variants(little, red={}, blue={"stock": 0})})
    assert code(tea_known, live, "cup") is None
    assert live.offered_as(tea_known.index["cup"]) == "red"


def test_a_product_without_variants_is_offered_as_itself(little, tea_known):
    assert little.overlay(tea_known).offered_as(tea_known.index["tea"]) == "tea"


def test_a_change_leaves_the_overlay_of_decisions_under_way_as_it_was(little, tea_known):
    before = little.overlay(tea_known)
    after = before.with_changes(2, [little.live("honey", stock=0)])
    assert (before.change_number, after.change_number) == (1, 2)
    assert code(tea_known, before, "honey") is None
    assert code(tea_known, after, "honey") == DropCode.OUT_OF_STOCK
    assert after.row("honey").stock == 0


def test_selling_out_one_variant_offers_the_next(little, tea_known):
    live = little.overlay(tea_known, *variants(little, red={}, blue={"price_micros": 9_000_000}))
    live = live.with_changes(2, variants(little, red={"stock": 0}))
    assert live.offered_as(tea_known.index["cup"]) == "blue"
    live = live.with_changes(3, variants(little, blue={"stock": 0}))
    assert code(tea_known, live, "cup") == DropCode.OUT_OF_STOCK


def test_a_product_that_became_a_variant_leaves_the_offer_to_its_product(little, tea_known):
    # the snapshot was learned while spoon stood for itself; the catalog has put it under cup since
    live = little.overlay(tea_known).with_changes(2, [little.live("spoon", parent_id="cup")])
    assert code(tea_known, live, "spoon") == DropCode.SAME_PRODUCT
    assert live.offered_as(tea_known.index["cup"]) == "spoon"


def test_a_product_that_became_a_variant_of_a_new_one_keeps_its_own_stock(little, tea_known):
    moved = little.overlay(tea_known).with_changes(2, [little.live("spoon", parent_id="cutlery")])
    assert code(tea_known, moved, "spoon") is None
    sold_out = moved.with_changes(3, [little.live("spoon", parent_id="cutlery", stock=0)])
    assert code(tea_known, sold_out, "spoon") == DropCode.OUT_OF_STOCK


def test_a_new_product_joins_with_the_next_snapshot(little, tea_known):
    live = little.overlay(tea_known).with_changes(2, [little.live("brand new")])
    assert live.is_known("brand new")
    assert "brand new" not in tea_known.index


def test_edges_lead_to_complements_best_first(tea_known):
    others, rows = tea_known.edges_of(tea_known.index["tea"])
    lows = tea_known.pair_lows[rows]
    assert {tea_known.products[i] for i in others} == {"honey", "cup", "spoon"}
    assert (np.diff(lows) <= 0).all()
    assert tea_known.edges_of(tea_known.index["n00"])[0].tolist() == []


def test_an_anchor_is_named_in_every_language_the_catalog_has(tea_known):
    named = tea_known.named(tea_known.index["tea"])
    assert named == {
        "anchor": "tea", "anchor_title": "Tea", "anchor_titles": {"": "Tea", "ja": "紅茶", "ko": "홍차"}
    }  # fmt: skip


def test_products_without_a_category_have_each_one_of_their_own(tea_known):
    category = dict(zip(tea_known.products, tea_known.categories.tolist(), strict=True))
    assert category["cup"] == category["saucer"] == category["spoon"]
    assert category["tea"] != category["honey"]
    loners = [category[f"n{i:02}"] for i in range(20)]
    assert len(set(loners)) == 20
    assert not set(loners) & {category["cup"], category["tea"], category["honey"]}


def test_each_thread_has_scratch_memory_of_its_own(tea_known):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(tea_known.merger))
    thread.start()
    thread.join()
    assert tea_known.merger is tea_known.merger
    assert seen[0] is not tea_known.merger


@pytest.fixture
def visit(little):
    line = PriceLine(Money(Decimal(30), "USD"))
    return Offer("visit", 1, OfferKind.SERVICE, {"en": "Visit"}, "mina", "asked for", little.NOW, prices=(line,))


def test_offers_have_live_values_and_products_keep_theirs(little, tea_known, visit):
    plain = little.overlay(tea_known, little.live("cup", stock=0))
    known = tea_known.with_library(Library([visit]))
    live = plain.over(known)
    place = known.index["visit"]
    assert (live.price_of(place), live.can_offer(place), live.part("visit").price.amount) == (30_000_000, True, 30)
    assert live.flags[:place].tolist() == plain.flags.tolist()
    assert live.is_known("visit")
    gone = live.over(tea_known)
    assert not gone.is_known("visit")
    assert gone.flags.tolist() == plain.flags.tolist()


def test_a_product_that_takes_the_id_of_an_offer_goes_before_it(little, tea_known, visit):
    live = little.overlay(tea_known).over(tea_known.with_library(Library([visit])))
    taken = live.with_changes(2, [little.live("visit", price_micros=7_000_000)])
    assert taken.part("visit").price.amount == 7
    assert taken.over(tea_known).row("visit").price_micros == 7_000_000


def test_a_price_of_nobody_knows_which_currency_is_none(little, tea_known):
    live = little.overlay(tea_known, little.live("cup", currency=None))
    assert LIVE_CODES[live.flags[tea_known.index["cup"]]] == "price_missing"
