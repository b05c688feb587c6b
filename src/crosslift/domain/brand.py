"""How a shop wants to look and to sound: words, form of address, pictures by market, what was approved, and its theme."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crosslift.errors import BadInput

TOKENS = ("ink", "muted", "surface", "surface-2", "line", "accent", "on-accent", "focus", "radius", "font")
"""The ten values of a theme; a page of the shop reads each as the CSS variable `--crosslift-<token>`."""
COLORS = TOKENS[:8]
LIGHT = {
    "ink": "#1b2430", "muted": "#55606e", "surface": "#ffffff", "surface-2": "#f5f6f8", "line": "#848e9b",
    "accent": "#1d5fbf", "on-accent": "#ffffff", "focus": "#1d5fbf",
}  # fmt: skip
DARK = {
    "ink": "#e6eaf0", "muted": "#a3aebd", "surface": "#12161c", "surface-2": "#1b2129", "line": "#848e9b",
    "accent": "#7db0ff", "on-accent": "#12161c", "focus": "#7db0ff",
}  # fmt: skip
"""What stands where the shop names none."""
TEXT, EDGE = 4.5, 3.0
"""Least contrast of text, and of what only marks an edge or the focus (WCAG 2.2, 1.4.3 and 1.4.11)."""
PAIRS = (
    ("ink", "surface", TEXT), ("ink", "surface-2", TEXT), ("muted", "surface", TEXT), ("muted", "surface-2", TEXT),
    ("accent", "surface", TEXT), ("accent", "surface-2", TEXT), ("on-accent", "accent", TEXT), ("line", "surface", EDGE),
    ("focus", "surface", EDGE),
)  # fmt: skip
"""Which color is read on which, and how far apart they have to be at least."""
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_RADIUS = re.compile(r"\d{1,2}(?:\.\d)?(?:px|rem|em)|0")
_FONT = re.compile(r"[A-Za-z0-9 ,'\"-]{1,200}")


class Address(StrEnum):
    """How a sentence addresses its reader, by the ending it has in the language."""

    FORMAL = "formal"
    """Korean 니다/니까; Japanese です/ます as well, no plain form."""
    POLITE = "polite"
    """Korean 요 or 니다; Japanese です/ます."""
    PLAIN = "plain"
    """Any."""


@dataclass(frozen=True, slots=True)
class Brand:
    """What the texts and pictures of a shop are held against.

    Attributes
    ----------
    forbidden, required : mapping of language to words
        Never to be said; to be said somewhere in every offer that speaks the language.
    address : mapping of language to Address
    image_flags : mapping of market to flags
        What a picture must not show there; `*` is every market.
    approved : frozenset of str or None
        The only texts and picture addresses that may be published; None where nothing has to be approved.
    light, dark : mapping of token to value
        The theme, complete.
    """

    forbidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: Mapping[str, Address] = field(default_factory=dict)
    image_flags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    approved: frozenset[str] | None = None
    light: Mapping[str, str] = field(default_factory=lambda: dict(LIGHT))
    dark: Mapping[str, str] = field(default_factory=lambda: dict(DARK))


def by_key(text: str, where: str) -> dict[str, tuple[str, ...]]:
    """Read a setting such as ``ko: 대박, 꿀템; en: cheap``.

    Raises
    ------
    BadInput
        For a part without a key or without words.

    Examples
    --------
    >>> by_key("ko: 대박, 꿀템; en: cheap", "brand.forbidden_words")
    {'ko': ('대박', '꿀템'), 'en': ('cheap',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        key, colon, listed = part.partition(":")
        words = tuple(word.strip() for word in listed.split(",") if word.strip())
        if not colon or not key.strip() or not words:
            raise BadInput(
                f"{part.strip()!r} cannot be read; write such as 'ko: first, second; en: third'", where=where
            )
        found[key.strip()] = words
    return found


def address_of(text: str, where: str) -> dict[str, Address]:
    """Read the form of address by language, such as ``ko: formal; ja: polite``.

    Raises
    ------
    BadInput
        For a form there is not.
    """
    found = {}
    for language, words in by_key(text, where).items():
        if len(words) != 1 or words[0] not in tuple(Address):
            raise BadInput(f"{', '.join(words)!r} is none of {', '.join(Address)}", where=where)
        found[language] = Address(words[0])
    return found


def theme_of(text: str, plain: Mapping[str, str], where: str) -> dict[str, str]:
    """Read a theme such as ``accent: #0a7d55; radius: 4px``, over what stands without it.

    Raises
    ------
    BadInput
        For a token there is not, or a value that is no color, radius or font: nothing else comes into a style sheet.

    Examples
    --------
    >>> theme_of("accent: #0A7D55; radius: 4px", LIGHT, "brand.theme")["accent"]
    '#0a7d55'
    """
    theme = dict(plain)
    for token, values in by_key(text, where).items():
        value = ", ".join(values)
        if token not in TOKENS:
            raise BadInput(f"{token!r} is none of {', '.join(TOKENS)}", where=where)
        form, what = (_HEX, "a color such as #1d5fbf") if token in COLORS else _FORMS[token]
        if not form.fullmatch(value):
            raise BadInput(f"{token} {value!r} is not {what}", where=where)
        theme[token] = value.lower() if token in COLORS else value
    return theme


_FORMS = {"radius": (_RADIUS, "a length such as 6px"), "font": (_FONT, "a list of font names")}


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colors, 1 to 21 (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> round(contrast("#000", "#ffffff"), 2), round(contrast("#1d5fbf", "#ffffff"), 1)
    (21.0, 6.1)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def as_css(brand: Brand) -> str:
    """Write the theme as a style sheet.

    Examples
    --------
    >>> as_css(Brand())[:40]
    ':root{--crosslift-ink:#1b2430;--crosslif'
    """
    light, dark = (
        "".join(f"--crosslift-{token}:{theme[token]};" for token in TOKENS if token in theme)
        for theme in (brand.light, brand.dark)
    )
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
