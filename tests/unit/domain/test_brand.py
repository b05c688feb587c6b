"""The brand's settings as they are written, and how far colors are apart."""

import pytest

from crosslift.domain.brand import (
    COLORS,
    DARK,
    LIGHT,
    PAIRS,
    TOKENS,
    Address,
    Brand,
    address_of,
    as_css,
    by_key,
    contrast,
    theme_of,
)
from crosslift.errors import BadInput


def test_words_are_read_by_language():
    assert by_key(" ko: 대박 , 꿀템 ; en: cheap;", "x") == {"ko": ("대박", "꿀템"), "en": ("cheap",)}
    assert by_key("", "x") == {}


@pytest.mark.parametrize("text", ["cheap", "ko:", ": cheap", "ko: ,"])
def test_what_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(BadInput, match="write such as 'ko: first, second; en: third'"):
        by_key(text, "brand.forbidden_words")


def test_a_form_of_address_is_one_of_three():
    assert address_of("ko: formal; ja: polite", "x") == {"ko": Address.FORMAL, "ja": Address.POLITE}
    with pytest.raises(BadInput, match="'rude' is none of formal, polite, plain"):
        address_of("ko: rude", "x")


def test_a_theme_stands_over_the_plain_one():
    theme = theme_of("accent: #0A7D55; radius: 4px; font: Pretendard, sans-serif", LIGHT, "x")
    assert (theme["accent"], theme["radius"], theme["font"], theme["ink"]) == (
        "#0a7d55",
        "4px",
        "Pretendard, sans-serif",
        LIGHT["ink"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "shade: #000",
        "accent: red",
        "accent: #12345",
        "radius: 4px;}body{display:none",
        "radius: calc(1px)",
        "font: a}b{c",
        "font: url(x)",
    ],
)
def test_nothing_but_colors_lengths_and_names_comes_into_a_style_sheet(text):
    with pytest.raises(BadInput):
        theme_of(text, LIGHT, "brand.theme")


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#fff", 4.54)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_plain_themes_can_be_read(theme):
    assert all(contrast(theme[front], theme[back]) >= least for front, back, least in PAIRS)


def test_the_style_sheet_names_every_color_in_both_schemes():
    text = as_css(Brand())
    assert len(TOKENS) == 10
    assert all(text.count(f"--crosslift-{token}:") == 2 for token in COLORS)
