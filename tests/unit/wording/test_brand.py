"""The lint of voice and look: each rule finds what it is for, says what to do, and leaves good texts alone."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crosslift.domain.brand import LIGHT, Address, Brand
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.wording.brand import of_image, of_offer, of_text, of_theme

VOICE = Brand(
    forbidden={"en": ("cheap",), "ko": ("대박",), "ja": ("激安",)},
    required={"en": ("Moru",), "ko": ("모루",)},
    address={"ko": Address.FORMAL, "ja": Address.POLITE},
    image_flags={"JP": frozenset({"alcohol"}), "*": frozenset({"gore"})},
)
CARE = Offer(
    "care",
    1,
    OfferKind.SERVICE,
    {"en": "Moru care", "ko": "모루 관리"},
    "mina",
    "asked for",
    datetime(2026, 1, 1, tzinfo=UTC),
    prices=(PriceLine(Money(Decimal(1), "KRW")),),
)


def rules(found):
    return [one.rule_id for one in found]


@pytest.mark.parametrize(
    ("text", "language", "rule"),
    [
        ("So cheap", "en", "brand_word.en"),
        ("대박 상품", "ko", "brand_word.ko"),
        ("激安です。", "ja", "brand_word.ja"),
        ("함께 쓰시면 좋아요.", "ko", "brand_address.ko"),
        ("지금 써 봐.", "ko", "brand_address.ko"),
        ("すぐ使える。", "ja", "brand_address.ja"),
    ],
)
def test_a_text_the_brand_does_not_say_is_found_by_rule(text, language, rule):
    (found,) = of_text(text, language, "offer care.title", VOICE)
    assert found.rule_id == rule
    assert found.is_severe
    assert found.instead


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cheaply made? Never.", "en"),
        ("함께 쓰시면 좋습니다.", "ko"),
        ("필요하십니까?", "ko"),
        ("お役に立ちます。", "ja"),
        ("종이 필터", "ko"),
        ("", "ko"),
    ],
)
def test_a_text_the_brand_would_say_passes(text, language):
    assert of_text(text, language, "x", VOICE) == []


def test_required_words_are_asked_of_each_language_an_offer_speaks():
    assert of_offer(CARE, VOICE) == []
    found = of_offer(replace(CARE, titles={"en": "Care", "ja": "お手入れ"}), VOICE)
    assert [(one.rule_id, one.words) for one in found] == [("brand_missing.en", "Moru")]
    assert of_offer(replace(CARE, titles={"en": "Care"}, benefits={"en": ("by Moru",)}), VOICE) == []


def test_a_picture_is_held_against_the_markets_it_is_for():
    assert rules(of_image("a.png", ["alcohol"], ["JP"], "x", VOICE)) == ["image_flag.JP"]
    assert rules(of_image("a.png", ["alcohol"], [], "x", VOICE)) == ["image_flag.JP"]
    assert rules(of_image("a.png", ["alcohol"], ["KR"], "x", VOICE)) == []
    assert rules(of_image("a.png", ["gore"], ["KR"], "x", VOICE)) == ["image_flag.*"]
    assert rules(of_offer(replace(CARE, markets=("JP",)), VOICE, {"a.png": ["alcohol"]})) == ["image_flag.JP"]


def test_with_a_list_only_what_is_on_it_may_be_published():
    brand = Brand(approved=frozenset({"Moru care", "ok.png"}))
    found = of_offer(CARE, brand, {"ok.png": (), "new.png": ()})
    assert [(one.rule_id, one.words) for one in found] == [("not_approved", "모루 관리"), ("not_approved", "new.png")]


def test_colors_nobody_can_tell_apart_are_found_with_what_to_do():
    assert of_theme(Brand()) == []
    (found,) = of_theme(Brand(light={**LIGHT, "line": "#dddddd"}))
    assert found.rule_id == "theme_contrast"
    assert found.where == "brand.theme.line"
    assert "make it 3:1: a darker line or a lighter surface" in str(found)
