"""The catalog is a shop's: 220 products and four plans, told in three languages, with the faults that were planted."""

import re

import pytest

from crosslift.domain.catalog import ProductKind
from crosslift.testing.demo import CATALOG, SHOP_NAME, get_item, svg_of
from crosslift.testing.demo.catalog import (
    CATEGORIES,
    SLOW_STOCK,
    SOLD_OUT,
    WITHDRAWN,
    WITHOUT_COST,
    WITHOUT_PICTURE,
    WITHOUT_PRICE,
    local_prices,
)
from crosslift.testing.demo.relations import PATHS, REFILLS, VIEWED_INSTEAD, WRONG_FITS, goes_with, needs

IDS = {item.product_id for item in CATALOG}
HANGUL, KANA = re.compile("[가-힣]"), re.compile("[ぁ-ヿ一-鿿]")


def test_there_are_220_products_and_four_plans_with_readable_ids() -> None:
    assert len(CATALOG) == len(IDS) == 224
    assert [item.kind == "plan" for item in CATALOG] == [False] * 220 + [True] * 4
    assert all(re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", product_id) and len(product_id) <= 20 for product_id in IDS)
    variants = [f"{item.product_id}-{variant.code}" for item in CATALOG for variant in item.variants]
    assert len(variants) == len(set(variants)) >= 60
    assert not IDS & set(variants)


def test_titles_are_in_three_languages_and_differ() -> None:
    assert set(SHOP_NAME) == {"en", "ko", "ja"}
    for language in ("en", "ko", "ja"):
        assert len({item.title_in(language) for item in CATALOG}) == 224
    for item in CATALOG:
        assert HANGUL.search(item.title_ko), item
        assert KANA.search(item.title_ja), item
        assert not HANGUL.search(item.title + item.title_ja), item
        assert not KANA.search(item.title + item.title_ko), item


def test_every_kind_is_known_and_every_category_has_a_heading() -> None:
    kinds = {str(ProductKind(item.kind)) for item in CATALOG}
    assert kinds == {"goods", "service", "warranty", "plan", "gift_card", "shipping", "fee"}
    assert {item.category.partition("/")[0] for item in CATALOG} == set(CATEGORIES)
    assert get_item("GIFT-WRAP").kind == "goods"


def test_faults_are_the_planted_ones() -> None:
    assert {item.product_id for item in CATALOG if item.cost is None} == WITHOUT_COST
    assert {item.product_id for item in CATALOG if not item.has_price} == WITHOUT_PRICE
    assert {item.product_id for item in CATALOG if not item.image} == WITHOUT_PICTURE
    assert {item.product_id for item in CATALOG if item.stock == 0} == SOLD_OUT
    assert {item.product_id for item in CATALOG if not item.is_active} == WITHDRAWN
    most = sorted((item for item in CATALOG if item.kind == "goods"), key=lambda item: -item.stock)
    assert {item.product_id for item in most[:4]} == set(SLOW_STOCK)


def test_prices_are_round_won_above_cost() -> None:
    for item in CATALOG:
        assert item.price % 100 == 0, item
        assert item.cost is None or 0 < item.cost < item.price, item
    assert local_prices(119_000) == {"price_JPY": 12_880, "price_USD": "88.90"}


def test_relations_speak_of_products_of_the_shop() -> None:
    pairs = [pair[:2] for pair in goes_with()] + [*needs(), *WRONG_FITS, *VIEWED_INSTEAD]
    pairs += [(path.first, path.then) for path in PATHS]
    assert {product_id for pair in pairs for product_id in pair} <= IDS
    assert {refill.product_id for refill in REFILLS} <= IDS
    assert ("DRP-V60-02", "FLT-02") in needs()
    assert ("DRP-V60-02", "FLT-01") not in needs()
    assert not set(WRONG_FITS) & set(needs())
    assert {refill.interval_days for refill in REFILLS if refill.product_id.startswith("FLT-")} == {38}


def test_rivals_share_a_need_so_that_nobody_takes_both() -> None:
    for one, other in VIEWED_INSTEAD:
        assert get_item(one).need == get_item(other).need is not None


@pytest.mark.parametrize("item", CATALOG, ids=lambda item: item.product_id)
def test_picture_is_a_self_contained_titled_svg(item) -> None:
    svg = svg_of(item)
    assert svg == svg_of(item)
    assert re.fullmatch(r'<svg [^>]*role="img"><title>[^<]+</title>.*</svg>\n', svg)
    assert not re.search(r"<text|href|\$", svg)
    assert len(svg) < 6_000
